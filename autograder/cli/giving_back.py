"""The verb ``feedback``, by which staff give students their notebooks back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import load as load_course
from autograder.errors import ExitStatus

if TYPE_CHECKING:
    from autograder.submission import Submission

verbs = typer.Typer()


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
    assignment: options.AssignmentArgument,
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
    layout: options.LayoutOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Write each student's notebook with feedback below their own code, and a page of it.

    Grades nothing: it says what was graded last. Exits with 3 when somebody's files are not graded
    yet, and says whose.
    """
    from autograder import intake
    from autograder.exchange.feedback import give
    from autograder.exchange.packs import PACKS, give_back
    from autograder.intake import whose
    from autograder.store import Store

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
            handed_in, there = whose.found_at(
                paths, course.assignment(assignment), store, store.decisions().roster,
                layout=layout or (how.layout if how else None))
            console.tell(handed_in.layouts)
            found = there.submissions
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
