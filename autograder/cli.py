"""The verbs of the command line: parse, call, print.

Rooms are imported inside the verbs that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, NoReturn

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from autograder import __version__, cli_formats
from autograder.console import CourseOption, UsageError, say_why
from autograder.console import course_file as _course_file
from autograder.console import known as _known
from autograder.console import messages as _messages
from autograder.console import output as _output
from autograder.console import plain as _plain
from autograder.course import Course, Device, Tier
from autograder.course import load as load_course

if TYPE_CHECKING:
    from autograder.result import Result
    from autograder.run import Part, Progress
    from autograder.store import Store
    from autograder.submission import Submission

app = typer.Typer(
    name="autograder", no_args_is_help=True, add_completion=False, rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Grade notebooks on convolutional neural networks. Student code runs confined, apart "
         "from hidden tests and scores.",
)

# What a person can mend: said in a line, without a traceback. By name, because importing the
# rooms would load torch to report a slip of the keyboard.
_MISTAKES = {"UsageError", "CourseError", "SubmissionError", "SecretError", "StoreError",
             "JudgeError", "BuildError", "SandboxError", "ExchangeError", "OSError"}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the verb that ``arguments`` (default: the command line) name, and exit.

    Exit codes: 0 all went well; 1 `build --check` found a difference, or `ci` is below its
    threshold; 2 usage or configuration;
    3 some submissions are unreadable, the grader failed on them, or an export has to be looked at;
    130 Ctrl-C.
    """
    try:
        app(args=arguments, prog_name="autograder")
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "Interrupted" in kinds:
            _messages.print(Text(str(error), style="yellow"), soft_wrap=True)
            sys.exit(130)
        if not kinds & _MISTAKES:
            raise
        say_why(error)
        sys.exit(2)
    sys.exit(0)


@app.callback(invoke_without_command=True)
def autograder(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        _output.print(f"autograder {__version__}")
        raise typer.Exit


@app.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder grade correlation submissions/ -o results\n\n"
                    "autograder grade correlation ann.ipynb bob.zip --force\n\n"
                    "autograder grade --all examples/submissions -o results\n\n"
                    "autograder grade correlation --nbgrader ~/course101")
def grade(
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", show_default=False, help="Which assignment.")] = None,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", show_default=False,
                       help="Notebooks, folders or archives that were handed in.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", show_default=False,
                     help="Where the reports go. Default: results/ beside grader.toml.")] = None,
    everything: Annotated[
        Path | None,
        typer.Option("--all", metavar="ROOT", show_default=False,
                     help="Grade each assignment that has a folder ROOT/<assignment>/.")] = None,
    nbgrader: Annotated[
        Path | None,
        typer.Option(metavar="COURSE_DIR", show_default=False,
                     help="Grade submitted/ of this nbgrader course, one ASSIGNMENT or all, and "
                          "enter scores, notebooks and feedback there.")] = None,
    course_file: CourseOption = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-j", min=1, show_default=False,
                     help="Submissions graded at the same time. Default: one for each core."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
    only: Annotated[
        Literal["correctness", "performance"] | None,
        typer.Option(show_default=False,
                     help="Leave out what is timed; or time what is graded and not timed yet.")
    ] = None,
    device: Annotated[
        Device | None,
        typer.Option(show_default=False,
                     help="Time on this device only. Default: all that the machine has.")] = None,
    sandbox: Annotated[
        Tier | None,
        typer.Option(show_default=False,
                     help="Use this tier. Default: the strongest that the machine gives.")] = None,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option("--allow-unsandboxed",
                     help="Accept tier none, where student code can do what you can do.")] = False,
) -> None:
    """Grade submissions: a table here, and a page for each student and for the class.

    What is graded already is not graded again, so a run that was cut off is continued by the
    same command. Exits with 3 when some submissions could not be graded.
    """
    from autograder import run
    from autograder.performance.devices import lacks
    from autograder.store import Store

    course = load_course(_course_file(course_file))
    if not allow_unsandboxed:
        if sandbox == "none":
            raise UsageError("tier none runs student code without any protection; "
                             "if you want that, add --allow-unsandboxed")
        course = run.confined(course)
    if nbgrader is None:
        tasks = _tasks(course, _targets(course, assignment, paths or [], everything))
    else:
        tasks = _nbgrader_tasks(course, nbgrader, assignment, paths or [], everything)
    directory = output or course.root / "results"
    if device is not None and (why := lacks(device)) is not None:
        _messages.print(Text(f"nothing is timed on {device}, and stays deferred: {why}",
                             style="yellow"))
    results: list[Result] = []
    notes: list[str] = []
    with Store(course) as store:
        for task in tasks:
            results += _grade_one(task, directory, store=store, tier=sandbox, workers=workers,
                                  force=force, only=only, device=device)
            notes += task.notes
    if any(result.environment.sandbox == "none" for result in results):
        _messages.print(Text("WARNING: graded without a sandbox. Student code could read and "
                             "change everything that you can, these grades too.",
                             style="bold white on red"))
    for note in notes:
        _messages.print(_plain(note, "yellow"), soft_wrap=True)
    _output.print(Text(f"Reports: {directory}"), soft_wrap=True)
    if notes or any(result.status.value != "graded" for result in results):
        raise typer.Exit(3)


class _Task(NamedTuple):
    """One assignment to grade, and who else is told of its results."""

    course: Course
    name: str
    submissions: Sequence[Submission]
    notes: Sequence[str] = ()  # for staff, who have to do something
    told: Progress = lambda result, fresh: None


def _tasks(course: Course, targets: Mapping[str, Sequence[Path]]) -> Iterator[_Task]:
    from autograder import submission

    for name, paths in targets.items():
        yield _Task(course, name, submission.find(paths, course.assignment(name)))


def _nbgrader_tasks(course: Course, root: Path, name: str | None, paths: Sequence[Path],
                    everything: Path | None) -> Iterator[_Task]:
    from autograder.exchange.nbgrader_course import NbgraderCourse

    if paths or everything:
        raise UsageError("--nbgrader COURSE_DIR says where submissions are; leave PATH and --all "
                         "out")
    if name is not None:
        _known(course, name)
    found = NbgraderCourse(root, course)
    names = [name] if name else found.assignments()
    if not names:
        raise UsageError(f"{root}: nobody handed in an assignment of this course "
                         f"({', '.join(course.assignments)})")
    for each in names:
        opened = found.open(each)
        submissions = opened.submissions()
        yield _Task(opened.course(), each, submissions, opened.notes, opened.record)


def _grade_one(
    task: _Task, directory: Path, *, store: Store, tier: Tier | None, workers: int | None,
    force: bool, only: Part | None, device: Device | None,
) -> list[Result]:
    """Grade one assignment, write its reports, print its table. The results come without checks."""
    from autograder import run, secret
    from autograder.report.pages import Reports
    from autograder.report.terminal import summary

    course, name, submissions = task.course, task.name, task.submissions
    assignment = course.assignment(name)
    bench = run.bench(course, name, secret=secret.load(course), tier=tier)
    reports = Reports((each.student for each in submissions), assignment, directory)
    with _progress(name, len(submissions)) as advance:

        def report(result: Result, fresh: bool) -> None:
            reports.add(result)
            task.told(result, fresh)
            advance()

        run.grade(course, name, submissions, bench, store=store, workers=workers, force=force,
                  only=only, device=device, command=shlex.join(sys.argv), progress=report)
    reports.finish()
    if only == "performance" and len(reports.results) < len(submissions):
        _messages.print(Text(f"{len(submissions) - len(reports.results)} submissions left out: "
                             "grade them first, without --only", style="yellow"))
    _output.print(summary(reports.results, assignment))
    return reports.results


@app.command(epilog="[bold]Examples[/bold]\n\nautograder build\n\n"
                    "autograder build correlation --check")
def build(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", show_default=False,
                       help="Assignments. Default: all.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where files differ.")] = False,
    course_file: CourseOption = None,
) -> None:
    """Make assignments/ from the master notebooks in solutions/."""
    from autograder.build import build as build_one
    from autograder.build import differences, write

    course = load_course(_course_file(course_file))
    stale = False
    for name in names or course.assignments:
        built = build_one(course, name)
        if check:
            for difference in differences(course, built):
                stale = True
                _output.print(Text(difference))
        else:
            for path in write(course, built):
                _output.print(Text(str(path)))
    if stale:
        _messages.print("run [bold]autograder build[/bold] and commit what it changes")
        raise typer.Exit(1)


@app.command(epilog="[bold]Examples[/bold]\n\nautograder show ann\n\n"
                    "autograder show ann correlation")
def show(
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="The student's id.")],
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", show_default=False, help="Only this one.")] = None,
    course_file: CourseOption = None,
) -> None:
    """Show every result there is of one student, oldest first."""
    from autograder.report.words import one_line, points
    from autograder.store import Store

    course = load_course(_course_file(course_file))
    if assignment is not None:
        _known(course, assignment)
    with Store(course) as store:
        entries = store.history(student, assignment)
    if not entries:
        _output.print(Text(f"no results of {one_line(student)}"))
        return
    table = Table(box=box.SIMPLE_HEAD, title=Text(one_line(student)))
    for heading in ("graded at", "assignment", "status", "score", "sandbox", "files", "suite"):
        table.add_column(heading, justify="right" if heading == "score" else "left",
                         overflow="fold", no_wrap=heading == "graded at")
    for entry in entries:
        table.add_row(
            f"{entry.created.astimezone():%Y-%m-%d %H:%M}", entry.assignment, entry.status.value,
            points(entry.score), entry.tier, entry.submission[:8], entry.suite[:8])
    _output.print(table)


@app.command(epilog="[bold]Examples[/bold]\n\nautograder leaderboard fast_conv\n\n"
                    "autograder leaderboard fast_conv --html leaderboard.html")
def leaderboard(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Which assignment.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False, help="Also write a page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    course_file: CourseOption = None,
) -> None:
    """Show how fast right solutions are, of the students whom grader.toml's [leaderboard] names.
    """
    from autograder.performance.leaderboard import entries
    from autograder.report import leaderboard as board
    from autograder.report.files import write_whole
    from autograder.store import Store

    course = load_course(_course_file(course_file))
    _known(course, assignment)
    with Store(course) as store:
        found = entries(store.latest(assignment), course, assignment)
    title = course.assignment(assignment).title
    if html is not None:
        write_whole(html, board.page(found, title))
    if as_json:
        _output.print_json(board.as_json(found))
    else:
        _output.print(board.table(found, title))


@app.command(epilog="[bold]Examples[/bold]\n\nautograder new attention")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The assignment's name.")],
    course_file: CourseOption = None,
) -> None:
    """Start an assignment: a table and all files, with one question that works."""
    from autograder.scaffold import create

    file = _course_file(course_file)
    for path in create(load_course(file), file, name):
        _output.print(Text(str(path)), soft_wrap=True)
    _output.print(f"Now: autograder build {name} && autograder audit {name}")


@app.command(epilog="[bold]Examples[/bold]\n\nautograder audit correlation\n\n"
                    "autograder audit --secrets 20 -o results/audit")
def audit(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", show_default=False,
                       help="Assignments. Default: all.")] = None,
    secrets: Annotated[
        int, typer.Option(min=1, help="Secrets over which verdicts must agree.")] = 20,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", show_default=False,
                     help="Also write audit.html and audit.json there.")] = None,
    course_file: CourseOption = None,
) -> None:
    """Prove the hidden suites: mutants killed, right solutions kept, nothing flaky. Exit 1 if not.
    """
    from autograder.audit import audit_all
    from autograder.report.files import write_whole
    from autograder.report.findings import audit_page, audit_table, audits_json

    course = load_course(_course_file(course_file))
    for name in names or ():
        _known(course, name)
    found = []
    with _messages.status("grading solutions, stubs, alternatives and misconceptions"):
        for each in audit_all(course, names or list(course.assignments), secrets=secrets):
            found.append(each)
            _output.print(audit_table(each))
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_whole(output / "audit.html", audit_page(found))
        write_whole(output / "audit.json", audits_json(found))
        _output.print(Text(f"Reports: {output}"), soft_wrap=True)
    if any(each.breaches for each in found):
        raise typer.Exit(1)


@app.command(epilog="[bold]Examples[/bold]\n\nautograder doctor\n\n"
                    "autograder doctor --require namespaces\n\nautograder doctor --json")
def doctor(
    require: Annotated[
        Tier | None,
        typer.Option(show_default=False, help="Exit 1 if the machine gives less.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Attack a real worker on this machine, and say promise by promise what holds."""
    from autograder import doctor as office
    from autograder.course import TIERS
    from autograder.report.findings import examination_table, examinations_json

    with _messages.status("attacking a worker in each tier"):
        found = list(office.examine())
    if as_json:
        _output.print_json(examinations_json(office.machine(), found))
    else:
        for fact, value in office.machine().items():
            _output.print(Text(f"{fact:12} {value}"))
        _output.print(examination_table(found))
    best = office.best(found)
    if not as_json:
        _output.print(Text(f"best tier here: {best}", style="bold"))
    if require is not None and TIERS.index(best) > TIERS.index(require):
        _messages.print(Text(f"error: this machine gives {best}, not {require}", style="bold red"))
        raise typer.Exit(1)


cli_formats.add_to(app)


# Parsing and printing -------------------------------------------------------------------------

def _targets(course: Course, assignment: str | None, paths: Sequence[Path],
             root: Path | None) -> dict[str, Sequence[Path]]:
    """What to grade: assignment -> where its submissions lie."""
    if root is None:
        if assignment is None or not paths:
            raise UsageError("name an assignment and what was handed in for it, "
                             "or a folder of both by --all; see: autograder grade --help")
        _known(course, assignment)
        return {assignment: paths}
    if assignment is not None:
        raise UsageError("--all ROOT grades every assignment; leave ASSIGNMENT and PATH out")
    if not root.is_dir():
        raise UsageError(f"{root}: not a folder; --all wants one with a folder for each assignment")
    folders = sorted(path.name for path in root.iterdir()
                     if path.is_dir() and not path.name.startswith("."))
    for name in folders:
        if name not in course.assignments:
            _messages.print(_plain(f"skipped {root / name}: no assignment of this course",
                                   "yellow"), soft_wrap=True)
    targets: dict[str, Sequence[Path]] = {
        name: [root / name] for name in course.assignments if name in folders}
    if not targets:
        raise UsageError(f"{root}: has no folder named like an assignment "
                         f"({', '.join(course.assignments)})")
    return targets


@contextmanager
def _progress(name: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, when that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
             TimeRemainingColumn(), console=_messages, transient=True,
             disable=not _messages.is_terminal) as bar:
        task = bar.add_task(name, total=total)

        yield lambda: bar.advance(task)
