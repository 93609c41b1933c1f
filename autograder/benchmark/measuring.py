"""What grading costs, against nbgrader, otter-grader and bare pytest, on the same notebooks.

Every way of grading is a whole command in a process of its own. CPU is the process's own and that
of all its descendants, as the kernel counts them for whoever waits for it; memory is that of the
largest one among them. Rounds are interleaved, so that a machine that slows down slows down all.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from autograder.authoring import build
from autograder.course import Course, load
from autograder.exchange import nbgrader as marks
from autograder.submission import Submission

SHORT = 4  # submissions of the run whose cost is taken off, so that start-up does not count
SECONDS = {"nbgrader": (1, 4), "otter": (1, 4)}  # both runs of those that take seconds for each


class BenchmarkError(Exception):
    """What is to be compared with cannot be run."""


@dataclass(frozen=True)
class Cost:
    """Of a command and all its descendants."""

    wall: float  # seconds
    cpu: float  # seconds
    memory: float  # MiB, of the largest process

    def less(self, other: Cost, submissions: int) -> Cost:
        """For one submission, between a short run and this one."""
        return Cost((self.wall - other.wall) / submissions, (self.cpu - other.cpu) / submissions,
                    self.memory)


@dataclass(frozen=True)
class Way:
    """One way of grading: what one submission costs, in every round."""

    name: str
    costs: tuple[Cost, ...]

    def median(self, of: Callable[[Cost], float]) -> float:
        return statistics.median(map(of, self.costs))


@dataclass(frozen=True)
class Size:
    """A whole run over a class of this size."""

    submissions: int
    cost: Cost


def compared(
    course: Course, assignment: str, *, count: int, rounds: int, against: Sequence[str]
) -> list[Way]:
    """The cost of one right submission, ours first, then ``against`` by name (see ``WAYS``).

    Raises:
        BenchmarkError: one of the commands fails, or gives a right notebook no points.
    """
    found: dict[str, list[Cost]] = {name: [] for name in ("autograder", *against)}
    with _workshop(course, assignment) as shop:
        for _ in range(rounds):
            for name, costs in found.items():
                few, many = SECONDS.get(name, (SHORT, count))
                short, long = WAYS[name](shop, few), WAYS[name](shop, many)
                costs.append(long.less(short, many - few))
    return [Way(name, tuple(costs)) for name, costs in found.items()]


def growth(course: Course, assignment: str, sizes: Sequence[int]) -> Iterator[Size]:
    """Whole runs of ours over classes of right submissions, start-up and reports included."""
    with _workshop(course, assignment) as shop:
        for size in sizes:
            yield Size(size, _ours(shop, size))


def split(course: Course, assignment: str, count: int = 20) -> dict[str, float]:
    """Where the time of one right submission goes, one after the other in this process: wall-clock
    milliseconds by part. Meant for a machine with nothing else to do."""
    from autograder.judge import Judge
    from autograder.judge.implementation import Local, Student
    from autograder.report.pages import student_page
    from autograder.store import Store
    from autograder.submission import needed, read

    seconds: dict[str, float] = {}

    @contextmanager
    def clocked(part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        seconds[part] = seconds.get(part, 0.0) + time.perf_counter() - started

    with _workshop(course, assignment) as shop, Store(shop.course) as store, \
            Judge(shop.course, assignment, secret=b"benchmark") as judge:
        run = store.begin(assignment, "benchmark")
        local = Local({name: getattr(judge.examiner.staff.reference, name)
                       for name in judge.assignment.names})
        for submission in shop.submissions(count):
            with clocked("read"):
                notebook = needed(read(submission), judge.assignment.names)
            with clocked("worker and cells"):
                student = judge.session(notebook)
            for whose, part in ((local, "checks alone"), (student, "checks with boundary")):
                with clocked(part):
                    for question in judge.assignment.questions:
                        judge.examiner.question(whose, question)
            with clocked("end of worker"):
                assert isinstance(student, Student)
                student.close()
            result = judge.grade(submission)
            with clocked("store"):
                store.add(run, result)
            with clocked("report"):
                student_page(result, judge.assignment)
    boundary = seconds.pop("checks with boundary") - seconds["checks alone"]
    return {part: 1000 * value / count
            for part, value in {**seconds, "calls across the boundary": boundary}.items()}


# The notebooks --------------------------------------------------------------------------------

@dataclass(frozen=True)
class _Workshop:
    """A copy of the course without anybody's grades, and its model solution to hand in."""

    root: Path
    course: Course
    assignment: str
    solution: bytes

    def submissions(self, count: int) -> Iterator[Submission]:
        """No two are equal, or one result would do for both."""
        for number in range(count):
            notebook = nbformat.reads(self.solution.decode(), as_version=4)
            notebook.cells.append(v4.new_code_cell(f"# {number} {time.time_ns()}"))
            yield Submission(
                student=f"student{number:05}", assignment=self.assignment, submitted_at=None,
                files={f"{self.assignment}.ipynb": nbformat.writes(notebook).encode()})

    @contextmanager
    def folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.root) as name:
            yield Path(name)


@contextmanager
def _workshop(course: Course, assignment: str) -> Iterator[_Workshop]:
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        root = Path(name)
        shutil.copy(course.root / "grader.toml", root)
        for folder in ("solutions", "tests"):
            (root / folder).symlink_to(course.root / folder)
        copied = load(root / "grader.toml")
        yield _Workshop(root, copied, assignment, build.solution_notebook(copied, assignment))


# Ways of grading ------------------------------------------------------------------------------

def _run(arguments: Sequence[str | Path], folder: Path) -> Cost:
    """The cost of a command; its programs are looked for beside this Python first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    log = folder / "log"
    started = time.monotonic()
    with log.open("wb") as file:
        try:
            process = subprocess.Popen(
                [shutil.which(str(arguments[0]), path=path) or arguments[0], *arguments[1:]],
                cwd=folder, stdout=file, stderr=subprocess.STDOUT,
                env={**os.environ, "PATH": path})
        except FileNotFoundError:
            raise BenchmarkError(f"{arguments[0]} is not installed; leave it out, or install it "
                                 "beside autograder") from None
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = log.read_text(errors="replace")[-1000:]
        raise BenchmarkError(f"{' '.join(map(str, arguments))} ended with {process.returncode}: "
                             f"{said}")
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss / 1024)


def _ours(shop: _Workshop, count: int, *options: str) -> Cost:
    with shop.folder() as folder:
        handed_in = folder / "handed-in"
        handed_in.mkdir()
        for each in shop.submissions(count):
            (handed_in / f"{each.student}.ipynb").write_bytes(*each.files.values())
        cost = _run([sys.executable, "-m", "autograder", "grade", shop.assignment, handed_in,
                     "--course", shop.root / "grader.toml", "-o", folder / "results", *options],
                    folder)
        _full_marks(shop, folder / "results" / shop.assignment / "student00000.json")
        return cost


def _ours_alone(shop: _Workshop, count: int) -> Cost:
    """One submission after the other, on one core."""
    return _ours(shop, count, "--workers", "1")


def _full_marks(shop: _Workshop, file: Path) -> None:
    result = json.loads(file.read_text())
    if result["raw_score"] < result["max_score"]:
        raise BenchmarkError(f"the model solution of {shop.assignment} gets {result['raw_score']} "
                             f"of {result['max_score']}; see: autograder audit {shop.assignment}")


def _nbgrader(shop: _Workshop, count: int) -> Cost:
    """``nbgrader autograde``, of the visible examples alone: cells with assertions are its tests.
    """
    with shop.folder() as folder:
        (folder / "nbgrader_config.py").write_text('c = get_config()\n'
                                                   'c.CourseDirectory.course_id = "bench"\n')
        release = _with_tests(nbformat.reads(shop.solution.decode(), as_version=4))
        source = folder / "source" / shop.assignment
        source.mkdir(parents=True)
        nbformat.write(release, source / f"{shop.assignment}.ipynb")
        _run(["nbgrader", "generate_assignment", shop.assignment], folder)
        made = folder / "release" / shop.assignment / f"{shop.assignment}.ipynb"
        for each in shop.submissions(count):
            submitted = folder / "submitted" / each.student / shop.assignment
            submitted.mkdir(parents=True)
            notebook = nbformat.read(made, as_version=4)
            notebook.cells.append(v4.new_code_cell(f"# {each.student}"))
            nbformat.write(notebook, submitted / made.name)
        return _run(["nbgrader", "autograde", shop.assignment], folder)


def _with_tests(notebook: Any) -> Any:
    """A notebook whose cells with assertions nbgrader grades by."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop(marks.KEY, None)
        if cell.cell_type == "code" and cell.source.lstrip().startswith("assert"):
            cell.metadata[marks.KEY] = {
                "grade": True, "grade_id": f"test{index}", "locked": True, "points": 1,
                "schema_version": 3, "solution": False, "task": False, "cell_type": "code"}
    return notebook


def _otter(shop: _Workshop, count: int) -> Cost:
    """``otter run`` for one notebook after the other, by the tests in the student's notebook."""
    built = build.build(shop.course, shop.assignment)
    with shop.folder() as folder:
        (folder / "tests").mkdir()
        for name, content in built.files.items():
            if name.startswith("tests/"):
                (folder / name).write_bytes(content)
        _run(["otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"],
             folder)
        costs = []
        for each in shop.submissions(count):
            file = folder / f"{shop.assignment}.ipynb"
            file.write_bytes(*each.files.values())
            costs.append(_run(["otter", "run", "-a", "autograder.zip", file.name], folder))
        return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs),
                    max(cost.memory for cost in costs))


def _pytest(shop: _Workshop, count: int, *, collect: str = "anew") -> Cost:
    """The hidden suite by pytest in one warm process, beside the student's code: no isolation."""
    with shop.folder() as folder:
        for each in shop.submissions(count):
            (folder / f"{each.student}.ipynb").write_bytes(*each.files.values())
        return _run([sys.executable, "-m", __name__, str(shop.root), shop.assignment, collect],
                    folder)


def _pytest_once(shop: _Workshop, count: int) -> Cost:
    """The same, and the suite is collected once, as ours is."""
    return _pytest(shop, count, collect="once")


WAYS: Mapping[str, Callable[[_Workshop, int], Cost]] = {
    "autograder": _ours, "autograder, one process": _ours_alone, "nbgrader": _nbgrader,
    "otter": _otter, "pytest": _pytest, "pytest, collected once": _pytest_once}
"""Name -> what grades so many submissions that way."""


def _bare(root: str, assignment: str, collect: str) -> None:
    """The notebooks of this folder, in this process: see ``_pytest``."""
    from autograder.judge import Judge
    from autograder.judge.expected import ExpectedValues
    from autograder.judge.implementation import Local
    from autograder.judge.suite import Suite
    from autograder.result import Status
    from autograder.submission import find, needed, read
    from autograder.worker.loading import Namespace

    course = load(Path(root) / "grader.toml")
    with Judge(course, assignment, secret=b"benchmark") as judge:
        for submission in find([Path.cwd()], judge.assignment):
            notebook = needed(read(submission), judge.assignment.names)
            namespace = Namespace()
            namespace.install()
            for cell in notebook.cells:
                namespace.run(cell.index, cell.source, judge.assignment.names)
            student = Local({name: namespace.find(name) for name in judge.assignment.names})
            with ExitStack() as stack:
                suite = judge.examiner.suite
                if collect == "anew":
                    suite = Suite(course.suite(assignment), judge.assignment)
                    stack.callback(suite.close)
                # Every student's answers are held against references asked anew, as in any suite.
                examiner = replace(judge.examiner, suite=suite, expected_values=ExpectedValues())
                for question in judge.assignment.questions:
                    outcomes = examiner.question(student, question)
                    assert all(outcome.status is Status.PASSED for outcome in outcomes), outcomes


if __name__ == "__main__":
    _bare(*sys.argv[1:])
