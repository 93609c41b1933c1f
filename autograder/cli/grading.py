"""Grading what was handed in."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer
from rich.text import Text

from autograder.cli import console
from autograder.course import Course, Device, LayoutName, Tier, people
from autograder.course import load as load_course
from autograder.errors import ExitStatus

if TYPE_CHECKING:
    from distributed import Client

    from autograder.gradebook import Grade
    from autograder.grading.plan import Only
    from autograder.result import Result
    from autograder.store import Store
    from autograder.submission import Submission

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
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
    layout: console.LayoutOption = None,
    times: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", show_default=False,
                     help="When each hand-in came, where the layout does not say: a table with the "
                          "columns student and submitted_at, times with their zone or in the "
                          "course's.")] = None,
    course_file: console.CourseOption = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-j", min=1, show_default=False,
                     help="Submissions graded at the same time. Default: one for each core."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", show_default=False,
                     help="Grade on the Dask cluster whose scheduler listens there: "
                          "tcp://host:8786, or tls://host:8786.")] = None,
    slurm: Annotated[
        int | None,
        typer.Option(metavar="JOBS", min=1, show_default=False,
                     help="Grade in this many Slurm jobs, as Dask's configuration describes "
                          "them.")] = None,
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
    from autograder.grading import jury
    from autograder.store import Store
    from autograder.timing.devices import lacks

    places = [*(paths or []), *([everything] if everything else []),
              *([nbgrader / "submitted"] if nbgrader else [])]
    course = load_course(console.course_file(course_file, places))
    if not allow_unsandboxed:
        if sandbox == "none":
            raise console.UsageError("tier none runs student code without any protection; "
                                     "if you want that, add --allow-unsandboxed")
        course = jury.confined(course)
    if nbgrader is None:
        targets = _targets(course, assignment, paths or [], everything)
        if times is not None and everything is not None:
            raise console.UsageError("--times is of one assignment; leave --all out")
        tasks = _tasks(course, targets, layout, times)
    else:
        if layout is not None or times is not None:
            raise console.UsageError("--nbgrader says where hand-ins lie, and nbgrader when they "
                                     "came; leave --layout and --times out")
        tasks = _nbgrader_tasks(course, nbgrader, assignment, paths or [], everything)
    directory = output or course.root / "results"
    elsewhere = cluster is not None or slurm is not None
    if elsewhere and (workers is not None or None not in (cluster, slurm)):
        raise console.UsageError("--workers, --cluster and --slurm each say who grades; "
                                 "leave all but one out")
    if device is not None and (why := lacks(device)) is not None:
        console.warn(f"nothing is timed on {device}, and stays deferred: {why}")
    grades: list[Grade] = []
    notes: list[str] = []
    with _cluster(slurm if cluster is None else cluster) as client, Store(course) as store:
        for task in tasks:
            grades += _grade_one(task, directory, store=store, tier=sandbox, workers=workers,
                                 client=client, force=force, only=only, device=device)
            notes += task.notes
    if any(grade.result.environment.sandbox == "none" for grade in grades):
        console.messages.print(Text(
            "WARNING: graded without a sandbox. Student code could read and change everything "
            "that you can, these grades too.", style="bold white on red"))
    for note in notes:
        console.warn(note)
    console.output.print(Text(f"Reports: {directory}"), soft_wrap=True)
    if notes or not all(grade.is_graded for grade in grades):
        raise typer.Exit(ExitStatus.ATTENTION)


class _Task(NamedTuple):
    """One assignment to grade, and who else is told of its grades."""

    course: Course
    name: str
    submissions: Sequence[Submission]
    notes: Sequence[str] = ()  # for staff, who have to do something
    told: Callable[[Grade, bool], None] = lambda grade, fresh: None
    before: Callable[[Store], None] = lambda store: None  # what others decided is taken over


def _tasks(course: Course, targets: Mapping[str, Sequence[Path]], layout: LayoutName | None,
           times: Path | None) -> Iterator[_Task]:
    from autograder import submission
    from autograder.submission.times import table

    known = {} if times is None else table(times, course.zone)
    for name, paths in targets.items():
        found = submission.find(paths, course.assignment(name), layout, known)
        console.tell(found.layouts)
        typed, idle = people.strangers(known, [each.student for each in found])
        if idle:
            console.warn(f"{times}: {len(idle)} of its students handed nothing in, {idle[0]!r} "
                         "is the first")
        late = [f"{each.student}: its name says late, and nothing says when it came, so nothing is "
                "taken off; say when by --times FILE.csv" for each in found
                if each.is_called_late and each.submitted_at is None
                and course.due(name, each.student) is not None]
        yield _Task(course, name, found, [
            *found.notes, *late, *(f"{times}: {line}" for line in typed),
            *_extensions(course, name, found)])


def _extensions(course: Course, name: str, found: Sequence[Submission]) -> Iterator[str]:
    """Lines for staff about extensions that help nobody."""
    yield from people.not_later(course.extensions, name, course.assignment(name).due)
    given = [student for student, dates in course.extensions.items() if name in dates]
    typed, idle = people.strangers(given, [each.student for each in found])
    yield from (f"grader.toml: the extension of {line}" for line in typed)
    if idle and len(found) > 1:
        console.warn(f"grader.toml: {len(idle)} students with an extension handed nothing in, "
                     f"{idle[0]!r} is the first")


def _nbgrader_tasks(course: Course, root: Path, name: str | None, paths: Sequence[Path],
                    everything: Path | None) -> Iterator[_Task]:
    from autograder.exchange.nbgrader_course import NbgraderCourse

    if paths or everything:
        raise console.UsageError(
            "--nbgrader COURSE_DIR says where submissions are; leave PATH and --all out")
    if name is not None:
        console.known(course, name)
    found = NbgraderCourse(root, course)
    names = [name] if name else found.assignments()
    if not names:
        raise console.UsageError(f"{root}: nobody handed in an assignment of this course "
                                 f"({', '.join(course.assignments)})")
    for each in names:
        opened = found.open(each)
        submissions = opened.submissions()
        opened.notes += _extensions(opened.course(), each, submissions)
        yield _Task(opened.course(), each, submissions, opened.notes, opened.record,
                    opened.take_marks)


def _grade_one(
    task: _Task, directory: Path, *, store: Store, tier: Tier | None, workers: int | None,
    client: Client | None, force: bool, only: Only | None, device: Device | None,
) -> list[Grade]:
    """Grade one assignment, write its reports, print its table. The grades come without checks."""
    from autograder.course import secret
    from autograder.grading import executors, jury, run
    from autograder.report.pages import Reports
    from autograder.report.terminal import summary

    course, name, submissions = task.course, task.name, task.submissions
    assignment = course.assignment(name)
    key = secret.load(course)
    seated = jury.of_course(course, name, secret=key, tier=tier)
    executor: executors.Executor
    if client is None:
        executor = executors.local(seated.make_judge, len(submissions), workers)
    else:
        from autograder.grading.executors import cluster

        executor = cluster.of_course(client, course, name, seated, secret=key, tier=tier)
    reports = Reports((each.student for each in submissions), assignment, directory)
    task.before(store)
    desk = replace(store.desk(), course=course)
    with _progress(name, len(submissions)) as advance:

        def report(result: Result, fresh: bool) -> None:
            grade = desk.grade(result)
            reports.add(grade)
            task.told(grade, fresh)
            advance()

        run.grade(course, name, submissions, seated, executor, store=store, force=force, only=only,
                  device=device, command=shlex.join(sys.argv), progress=report)
    reports.finish()
    if only == "performance" and len(reports.grades) < len(submissions):
        console.warn(f"{len(submissions) - len(reports.grades)} submissions left out: "
                     "grade them first, without --only")
    console.output.print(summary(reports.grades, assignment))
    return reports.grades


def _targets(course: Course, assignment: str | None, paths: Sequence[Path],
             root: Path | None) -> dict[str, Sequence[Path]]:
    """What to grade: assignment -> where its submissions lie."""
    if root is None:
        if assignment is None or not paths:
            raise console.UsageError("name an assignment and what was handed in for it, or a "
                                     "folder of both by --all; see: autograder grade --help")
        console.known(course, assignment)
        return {assignment: paths}
    if assignment is not None:
        raise console.UsageError(
            "--all ROOT grades every assignment; leave ASSIGNMENT and PATH out")
    if not root.is_dir():
        raise console.UsageError(
            f"{root}: not a folder; --all wants one with a folder for each assignment")
    folders = sorted(path.name for path in root.iterdir()
                     if path.is_dir() and not path.name.startswith("."))
    for name in folders:
        if name not in course.assignments:
            console.warn(f"skipped {root / name}: no assignment of this course")
    targets: dict[str, Sequence[Path]] = {
        name: [root / name] for name in course.assignments if name in folders}
    if not targets:
        raise console.UsageError(f"{root}: has no folder named like an assignment "
                                 f"({', '.join(course.assignments)})")
    return targets


@contextmanager
def _cluster(where: str | int | None) -> Iterator[Client | None]:
    """The cluster at an address, or in a number of Slurm jobs; None where there is neither."""
    if where is None:
        yield None
        return
    try:
        from autograder.grading.executors import cluster
    except ImportError as error:
        raise console.UsageError(f"{error}; clusters need more packages: "
                                 "pip install 'autograder[cluster]'") from None
    with cluster.slurm(where) if isinstance(where, int) else cluster.connected(where) as client:
        yield client


@contextmanager
def _progress(name: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, when that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
             TimeRemainingColumn(), console=console.messages, transient=True,
             disable=not console.messages.is_terminal) as bar:
        task = bar.add_task(name, total=total)

        yield lambda: bar.advance(task)
