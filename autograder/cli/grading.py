"""Grading what was handed in."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autograder import extras
from autograder.cli import console, options, tasks
from autograder.course import Course, Device, LayoutName, Tier
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import counted
from autograder.telemetry.log import LogFormat, RunLog
from autograder.telemetry.run_metrics import Tally, exposition

if TYPE_CHECKING:
    from distributed import Client

    from autograder.gradebook import Grade
    from autograder.grading.executors import Executor
    from autograder.grading.jury import Jury
    from autograder.grading.plan import Only
    from autograder.result import Result
    from autograder.store import Store

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
    output: options.ReportsOption = None,
    everything: Annotated[
        Path | None,
        typer.Option("--all", metavar="ROOT", show_default=False,
                     help="Grade each assignment that has a folder ROOT/<assignment>/.")] = None,
    nbgrader: Annotated[
        Path | None,
        typer.Option(metavar="COURSE_DIR", show_default=False,
                     help="Grade submitted/ of this nbgrader course, one ASSIGNMENT or all, and "
                          "enter scores, notebooks and feedback there.")] = None,
    layout: options.LayoutOption = None,
    times: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", show_default=False,
                     help="When each hand-in came, where the layout does not say: a table with the "
                          "columns student and submitted_at, times with their zone or in the "
                          "course's.")] = None,
    course_file: options.CourseOption = None,
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
    sandbox: options.SandboxOption = None,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option("--allow-unsandboxed",
                     help="Accept tier none, where student code can do what you can do.")] = False,
    anonymous: options.AnonymousOption = False,
    log_format: options.LogOption = None,
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Write the run's figures there at its end, for node exporter's textfile "
                          "collector, which reads *.prom.")] = None,
) -> None:
    """Grade submissions: a table here, and a page for each student and for the class.

    What is graded already is not graded again, so a run that was cut off is continued by the
    same command. Exits with 3 when some submissions could not be graded.
    """
    from autograder.grading import jury
    from autograder.store import Store
    from autograder.timing.devices import lacks

    log = _log(log_format)
    paths = paths or []
    places = [*paths, *([everything] if everything else []),
              *([nbgrader / "submitted"] if nbgrader else [])]
    course = load_course(console.course_file(course_file, places))
    if not allow_unsandboxed:
        if sandbox == "none":
            raise console.UsageError("tier none runs student code without any protection; "
                                     "if you want that, add --allow-unsandboxed")
        course = jury.confined(course)
    to_grade = _of_nbgrader(course, nbgrader, assignment, paths, everything, layout, times) \
        if nbgrader else _of_paths(course, assignment, paths, everything, layout, times, force)
    elsewhere = cluster is not None or slurm is not None
    if elsewhere and (workers is not None or None not in (cluster, slurm)):
        raise console.UsageError("--workers, --cluster and --slurm each say who grades; "
                                 "leave all but one out")
    if device is not None and (why := lacks(device)) is not None:
        console.warn(f"nothing is timed on {device}, and stays deferred: {why}")
    grades: list[Grade] = []
    notes: list[str] = []
    graded: list[str] = []
    with _watched(metrics) as tallies, \
            _cluster(slurm if cluster is None else cluster) as client, Store(course) as store:
        how = HowToGrade(
            directory=output or course.root / "results", tier=sandbox, workers=workers,
            client=client, force=force, only=only, device=device,
            anonymous=anonymous or course.people.anonymous, log=log)
        for task in to_grade(store):
            tallies.append(Tally(task.name, len(task.submissions)))
            grades += _grade_one(task, how, store, tallies[-1])
            tallies[-1].end()
            notes += task.notes
            graded.append(task.name)
        _too_old(course, store)
    if any(grade.result.environment.sandbox == "none" for grade in grades):
        console.say("WARNING: graded without a sandbox. Student code could read and change "
                    "everything that you can, these grades too.", alarm=True)
    for note in notes:
        console.warn(note)
    console.reported(how.directory, graded, anonymous=how.anonymous)
    if notes or not all(grade.is_graded and not grade.newer for grade in grades):
        raise typer.Exit(ExitStatus.ATTENTION)


@dataclass(frozen=True)
class HowToGrade:
    """What a command says of every assignment that it grades."""

    directory: Path  # where reports go
    tier: Tier | None  # None: the strongest that the machine gives
    workers: int | None  # None: one for each core
    client: Client | None  # of a cluster, where one grades
    force: bool
    only: Only | None
    device: Device | None
    anonymous: bool
    log: RunLog | None


def _of_paths(
    course: Course, assignment: str | None, paths: Sequence[Path], everything: Path | None,
    layout: LayoutName | None, times: Path | None, force: bool,
) -> Callable[[Store], Iterator[tasks.Grading]]:
    targets = tasks.targets(course, assignment, paths, everything)
    if times is not None and everything is not None:
        raise console.UsageError("--times is of one assignment; leave --all out")
    return partial(tasks.of_paths, course, targets, layout, times, force)


def _of_nbgrader(
    course: Course, root: Path, assignment: str | None, paths: Sequence[Path],
    everything: Path | None, layout: LayoutName | None, times: Path | None,
) -> Callable[[Store], Iterator[tasks.Grading]]:
    if layout is not None or times is not None:
        raise console.UsageError("--nbgrader says where hand-ins lie, and nbgrader when they "
                                 "came; leave --layout and --times out")
    return partial(tasks.of_nbgrader, course, root, assignment, paths, everything)


def _too_old(course: Course, store: Store) -> None:
    """Warn of people of whom more is kept than the course wants."""
    from autograder.intake.giving import old

    if found := old(course, store):
        console.warn(f"{counted(len(found), 'person', 'people')} of whom nothing in the store is "
                     f"newer than {counted(f'{course.store.keep_years:g}', 'year')}; "
                     "`autograder person old` lists them")


def _grade_one(task: tasks.Grading, how: HowToGrade, store: Store, tally: Tally) -> list[Grade]:
    """Grade one assignment, write its reports, print its table. The grades come without checks."""
    from autograder.course import secret
    from autograder.grading import jury, run
    from autograder.report.class_list import ClassList, Mask
    from autograder.report.pages import Reports
    from autograder.report.terminal import summary

    course, name, submissions = task.course, task.name, task.submissions
    assignment = course.assignment(name)
    key = secret.load(course)
    seated = jury.of_course(course, name, secret=key, tier=how.tier)
    executor = _executor(task, how, seated, key)
    hand_ins = Counter(each.student for each in submissions)
    task.before(store)
    desk = replace(store.desk(), course=course)
    there = {*hand_ins, *store.counting_numbers(name)}
    there |= {each.student for each in desk.without_files(name, there)}
    reports = Reports(
        hand_ins, assignment, how.directory, mask=Mask(key) if how.anonymous else None,
        people=ClassList.of(desk.decisions.roster, there))
    with console.Meter() as meter:
        meter.tell(0, len(submissions), name)

        def report(result: Result, fresh: bool) -> None:
            if hand_ins[result.student] == 1:
                grade = desk.grade(result)
                reports.add(grade)
                task.told(grade, fresh)
            tally.count(result, fresh)
            meter.tell(tally.kept.total(), len(submissions), name)

        run.grade(course, name, submissions, seated, executor, store=store, force=how.force,
                  only=how.only, device=how.device, command=shlex.join(sys.argv), progress=report)
    several = {student for student, count in hand_ins.items() if count > 1}
    for student, chosen in store.chosen(name).items() if several else ():
        if student in several:  # what counts of all that a student's team handed in
            reports.add(desk.grade(store.result(chosen.number), chosen.status))
    reports.finish()
    if how.only == "performance" and len(reports.grades) < len(hand_ins):
        console.warn(f"{counted(len(hand_ins) - len(reports.grades), 'submission')} left "
                     "out: grade them first, without --only")
    console.output.print(summary(reports.grades, assignment, reports.people))
    return reports.grades


def _executor(task: tasks.Grading, how: HowToGrade, seated: Jury, key: bytes) -> Executor:
    """Judges of this machine, or of a cluster."""
    from autograder.grading import executors

    if how.client is None:
        make_judge = executors.Logged(seated.make_judge, how.log) if how.log else seated.make_judge
        return executors.local(make_judge, len(task.submissions), how.workers)
    from autograder.grading.executors import cluster

    return cluster.of_course(how.client, task.course, task.name, seated, secret=key,
                             tier=how.tier, log=how.log)


def _log(format: LogFormat | None) -> RunLog | None:
    """The log of this run, begun; None where nobody wants one."""
    if format is None:
        return None
    log = RunLog.fresh(format)
    log.begin()
    return log


@contextmanager
def _watched(file: Path | None) -> Iterator[list[Tally]]:
    """What is put into this list is written as figures at the end, however the run ends.

    Raises:
        UsageError: the file has no folder: better known before a class is graded.
    """
    from autograder.whole_files import write_whole

    if file is not None and not file.absolute().parent.is_dir():
        raise console.UsageError(f"--metrics {file}: there is no folder {file.parent}")
    tallies: list[Tally] = []
    try:
        yield tallies
    finally:
        if file is not None:
            # Another account reads it, and nobody's grade is in it.
            write_whole(file, exposition(tallies), mode=0o644)


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
                                 f"{extras.advice('distributed')}") from None
    with ExitStack() as open_:
        with console.messages.status("waiting for the first worker"):
            client = open_.enter_context(
                cluster.slurm(where) if isinstance(where, int) else cluster.connected(where))
        yield client
