"""For students, who check themselves, and for those who give their notebooks back."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.text import Text

from autograder.cli import console
from autograder.course import LanguageCode
from autograder.course import load as load_course
from autograder.errors import ExitStatus

if TYPE_CHECKING:
    from autograder.selfcheck import Checker
    from autograder.submission import Submission

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder check correlation.ipynb\n\n"
                    "autograder check correlation.ipynb --question corr2d --language zh\n\n"
                    "autograder check ~/Downloads/lab.ipynb --checks correlation/checks\n\n"
                    "autograder check correlation.ipynb --watch")
def check(
    notebook: Annotated[
        Path, typer.Argument(metavar="NOTEBOOK", help="Your notebook (.ipynb), or a script.")],
    question: Annotated[
        str | None,
        typer.Option("--question", "-q", metavar="NAME", show_default=False,
                     help="Only this question.")] = None,
    checks: Annotated[
        Path | None,
        typer.Option("--checks", metavar="DIR", show_default=False,
                     help="The folder checks/ of the assignment. Default: beside the notebook, "
                          "or in the course around it.")] = None,
    spoken: Annotated[
        LanguageCode | None,
        typer.Option("--language", "-l", show_default=False,
                     help="What to answer in. Default: the course's language.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check it again whenever it is saved, until "
                                                 "Ctrl-C.")] = False,
) -> None:
    """Run the visible checks of your notebook: what is wrong, and which mistake it looks like.

    Exits with 0 when all visible checks pass, 1 when some do not, 2 when it cannot be run, and 3
    when the grader failed.
    """
    from autograder.sandbox.launch import launch

    is_linux = sys.platform.startswith("linux")
    # It becomes warm while torch is imported here.
    named = _names(notebook) if is_linux and not watch else None
    launched = launch(plots=named is None or "matplotlib" in named) if is_linux else None
    from autograder import selfcheck
    from autograder.report.checking import checked
    from autograder.report.translations import language
    from autograder.sandbox.bare import Bare
    from autograder.sandbox.client import Zygote

    checker = partial(selfcheck.Checker, notebook, checks=checks, question=question,
                      start=partial(Zygote, launched) if is_linux else Bare)
    if watch:
        _watch(notebook, checker, spoken)
    with console.messages.status("checking"), checker() as warm:
        found = warm.check()
    result = found.grade.result
    if result.environment.sandbox == "none" and not as_json:
        console.warn(_NO_SANDBOX)
    if as_json:
        console.output.print_json(found.grade.model_dump_json(by_alias=True))
    else:
        assignment = found.assignment
        console.output.print(checked(
            result, assignment, language(spoken or assignment.language, assignment)))
    if result.status.value == "internal":
        raise typer.Exit(ExitStatus.ATTENTION)
    if not found.passed:
        raise typer.Exit(ExitStatus.SHORT)


_NO_SANDBOX = "no sandbox on this machine: your notebook ran with all your own rights"


def _watch(
    notebook: Path, checker: Callable[[], Checker], spoken: LanguageCode | None
) -> NoReturn:
    """Check it at once, and whenever it is saved. Ends by Ctrl-C."""
    from autograder.report.checking import watched
    from autograder.report.translations import language
    from autograder.selfcheck.watching import Progress, progress, saved

    before: Progress | None = None
    with checker() as warm:
        for _ in saved(notebook):
            found = warm.check()
            if before is None and found.grade.result.environment.sandbox == "none":
                console.warn(_NO_SANDBOX)
            assignment = found.assignment
            now = progress(found.grade.result, assignment, before)
            console.output.print(watched(
                found.grade.result, assignment,
                language(spoken or assignment.language, assignment), now.gained, now.lost,
                now.next))
            before = now
    raise AssertionError("it is watched for ever")


def _names(notebook: Path) -> set[str] | None:
    """The names in its code; None where that cannot be told."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        trees = [ast.parse("".join(cell["source"])) for cell in cells
                 if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError, SyntaxError, RecursionError):
        return None
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        found |= {getattr(node, "attr", ""), getattr(node, "id", "")}
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(re.findall(r"\w+", ast.unparse(node)))
    return found


@verbs.command(epilog="[bold]Platforms[/bold]\n\n"
                    "canvas: a zip for the assignment's *Upload Submissions*; what was handed in "
                    "is Canvas's download.\n\n"
                    "moodle: a zip for *Upload multiple feedback files in a zip*; what was handed "
                    "in is Moodle's download.\n\n"
                    "nbgrader: PATH/feedback/STUDENT/ASSIGNMENT/, for `nbgrader release_feedback`."
                    "\n\n"
                    "folder: PATH/STUDENT/ASSIGNMENT.html and .ipynb.\n\n"
                    "[bold]Examples[/bold]\n\n"
                    "autograder feedback correlation submissions/ -o feedback\n\n"
                    "autograder feedback correlation submissions/ --student ann -o feedback\n\n"
                    "autograder feedback correlation -o feedback\n\n"
                    "autograder feedback correlation canvas.zip --for canvas -o back.zip")
def feedback(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Which assignment.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="PATH", show_default=False,
                     help="Where the notebooks go: PATH/ASSIGNMENT/STUDENT.ipynb and .html. With "
                          "--for, the zip or the folder.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", show_default=False,
                       help="What was handed in, as `autograder grade` takes it. Default: the kept "
                            "files of what counts.")] = None,
    platform: Annotated[
        Literal["canvas", "moodle", "nbgrader", "folder"] | None,
        typer.Option("--for", show_default=False,
                     help="Pack everybody's page and notebook as this platform takes them back.")
    ] = None,
    students: Annotated[
        list[str] | None,
        typer.Option("--student", metavar="ID", show_default=False,
                     help="Only this student's. May be given several times.")] = None,
    layout: console.LayoutOption = None,
    course_file: console.CourseOption = None,
) -> None:
    """Write each student's notebook with feedback below their own code, and a page of it.

    Grades nothing: it says what was graded last. Exits with 3 when somebody's files are not graded
    yet, and says whose.
    """
    from autograder import intake, submission
    from autograder.exchange.feedback import give
    from autograder.exchange.packs import PACKS, give_back
    from autograder.intake import whose
    from autograder.store import Store
    from autograder.submission import resolving

    if layout is not None and not paths:
        raise console.UsageError("--layout says how what is at PATH lies; name one")
    course = load_course(console.course_file(course_file, paths or []))
    console.known(course, assignment)
    how = PACKS.get(platform or "")
    if how and layout and how.layout not in (None, layout):
        raise console.UsageError(f"--for {how.name} wants that platform's own download; leave "
                                 "--layout out")
    if how and how.layout and not paths:
        raise console.UsageError(f"--for {how.name} packs by the names that {how.name} gave: name "
                                 "what was downloaded there")
    with Store(course) as store:
        grades = store.grades_of_people(assignment)
        found: Sequence[Submission]
        notes: list[str] = []
        if paths:
            handed_in = submission.find(paths, course.assignment(assignment),
                                        layout or (how.layout if how else None))
            console.tell(handed_in.layouts)
            everybody = store.decisions().roster
            found = resolving.resolved(handed_in, everybody, whose.graded_for(
                store, everybody, assignment)).submissions
            students_there = {each.student for each in found}
        else:
            students_there = {grade.student for grade in grades}
            found, notes = intake.submissions(intake.KeptFiles(course), (
                grade.result for grade in grades if not students or grade.student in students))
        for unknown in set(students or ()) - students_there:
            raise console.UsageError(f"nobody called {unknown!r} handed something in there")
        chosen = [each for each in found if not students or each.student in students]
        wanted = [each for each in grades if not students or each.student in students]
        if how is None:
            place = output / assignment
            notes += give(chosen, wanted, course.assignment(assignment), place)
        else:
            place = output
            notes += give_back(how, chosen, wanted, course.assignment(assignment), place, store,
                               output=str(output)).notes
    for note in notes:
        console.warn(note)
    console.output.print(Text(f"Feedback: {place}"), soft_wrap=True)
    if notes:
        raise typer.Exit(ExitStatus.ATTENTION)
