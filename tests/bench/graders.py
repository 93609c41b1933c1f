"""What grading costs, against nbgrader, otter-grader and bare pytest, on the same notebooks.

    python tests/bench/graders.py [ASSIGNMENT] [--against WAY] [--size N] [--plot FILE] [-o FILE]

Every way of grading is a whole command in a process of its own. CPU is the process's own and that
of all its descendants, as the kernel counts them for whoever waits for it; memory is that of the
largest one among them. Rounds are interleaved, so that a machine that slows down slows down all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4
from rich.console import Console
from rich.table import Table

from autograder import __version__
from autograder.authoring import build
from autograder.authoring.cost import (
    SHORT,
    Cost,
    RunCost,
    Workshop,
    grade_class,
    growth,
    run,
    workshop,
)
from autograder.cli.findings import figures_table, sizes_table
from autograder.course import Course, load
from autograder.exchange import nbgrader as marks

SECONDS = {"nbgrader": (1, 4), "otter": (1, 4)}  # both runs of those that take seconds for each


@dataclass(frozen=True)
class Way:
    """One way of grading: what one submission costs, in every round."""

    name: str
    costs: tuple[Cost, ...]

    def median(self, of: Callable[[Cost], float]) -> float:
        return statistics.median(map(of, self.costs))


def compared(
    course: Course, assignment: str, *, count: int, rounds: int, against: Sequence[str]
) -> list[Way]:
    """The cost of one right submission, ours first, then ``against`` by name (see ``WAYS``).

    Raises:
        BenchmarkError: one of the commands fails, or gives a right notebook no points.
    """
    found: dict[str, list[Cost]] = {name: [] for name in ("autograder", *against)}
    with workshop(course, assignment) as shop:
        for _ in range(rounds):
            for name, costs in found.items():
                few, many = SECONDS.get(name, (SHORT, count))
                short, long = WAYS[name](shop, few), WAYS[name](shop, many)
                costs.append(long.less(short, many - few))
    return [Way(name, tuple(costs)) for name, costs in found.items()]


def split(course: Course, assignment: str, count: int = 20) -> dict[str, float]:
    """Where the time of one right submission goes, one after the other in this process: wall-clock
    milliseconds by part. Meant for a machine with nothing else to do."""
    from autograder.gradebook import grade
    from autograder.judge import Judge
    from autograder.judge.implementation import Local
    from autograder.report.pages import student_page
    from autograder.store import Store
    from autograder.submission import needed, read

    seconds: dict[str, float] = {}

    @contextmanager
    def clocked(part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        seconds[part] = seconds.get(part, 0.0) + time.perf_counter() - started

    with workshop(course, assignment) as shop, Store(shop.course) as store, \
            Judge(shop.course, assignment, secret=b"benchmark") as judge:
        run = store.begin(assignment, "benchmark")
        local = Local({name: getattr(judge.examiner.staff.reference, name)
                       for name in judge.assignment.names})
        for submission in shop.submissions(count):
            with clocked("read"):
                notebook = needed(read(submission), judge.assignment.names)
            with clocked("worker and cells"):
                sessions = judge.sessions(notebook)
                sessions.secrets_come()
                student = sessions.deciding()
            for whose, part in ((local, "checks alone"), (student, "checks with boundary")):
                with clocked(part):
                    for question in judge.assignment.examined.questions:
                        judge.examiner.question(whose, question)
            with clocked("end of worker"):
                sessions.close()
            result = judge.grade(submission)
            with clocked("store"):
                store.add(run, result)
            with clocked("report"):
                student_page(grade(shop.course, result), judge.assignment)
    boundary = seconds.pop("checks with boundary") - seconds["checks alone"]
    return {part: 1000 * value / count
            for part, value in {**seconds, "calls across the boundary": boundary}.items()}


def _ours_alone(shop: Workshop, count: int) -> Cost:
    """One submission after the other, on one core."""
    return grade_class(shop, count, "--workers", "1")


def _nbgrader(shop: Workshop, count: int) -> Cost:
    """``nbgrader autograde``, of the visible examples alone: cells with assertions are its tests.
    """
    with shop.folder() as folder:
        (folder / "nbgrader_config.py").write_text('c = get_config()\n'
                                                   'c.CourseDirectory.course_id = "bench"\n')
        release = _with_tests(nbformat.reads(shop.solution.decode(), as_version=4))
        source = folder / "source" / shop.assignment
        source.mkdir(parents=True)
        nbformat.write(release, source / f"{shop.assignment}.ipynb")
        run(["nbgrader", "generate_assignment", shop.assignment], folder)
        made = folder / "release" / shop.assignment / f"{shop.assignment}.ipynb"
        for each in shop.submissions(count):
            submitted = folder / "submitted" / each.student / shop.assignment
            submitted.mkdir(parents=True)
            notebook = nbformat.read(made, as_version=4)
            notebook.cells.append(v4.new_code_cell(f"# {each.student}"))
            nbformat.write(notebook, submitted / made.name)
        return run(["nbgrader", "autograde", shop.assignment], folder)


def _with_tests(notebook: Any) -> Any:
    """A notebook whose cells with assertions nbgrader grades by."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop(marks.KEY, None)
        if cell.cell_type == "code" and cell.source.lstrip().startswith("assert"):
            cell.metadata[marks.KEY] = {
                "grade": True, "grade_id": f"test{index}", "locked": True, "points": 1,
                "schema_version": 3, "solution": False, "task": False, "cell_type": "code"}
    return notebook


def _otter(shop: Workshop, count: int) -> Cost:
    """``otter run`` for one notebook after the other, by the tests in the student's notebook."""
    built = build.build(shop.course, shop.assignment)
    with shop.folder() as folder:
        (folder / "tests").mkdir()
        for name, content in built.files.items():
            if name.startswith("tests/"):
                (folder / name).write_bytes(content)
        run(["otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"],
             folder)
        costs = []
        for each in shop.submissions(count):
            file = folder / f"{shop.assignment}.ipynb"
            file.write_bytes(*each.files.values())
            costs.append(run(["otter", "run", "-a", "autograder.zip", file.name], folder))
        return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs),
                    max(cost.memory for cost in costs))


def _pytest(shop: Workshop, count: int, *, collect: str = "anew") -> Cost:
    """The hidden suite by pytest in one warm process, beside the student's code: no isolation."""
    with shop.folder() as folder:
        for each in shop.submissions(count):
            (folder / f"{each.student}.ipynb").write_bytes(*each.files.values())
        return run([sys.executable, __file__, "--bare", str(shop.root), shop.assignment, collect],
                    folder)


def _pytest_once(shop: Workshop, count: int) -> Cost:
    """The same, and the suite is collected once, as ours is."""
    return _pytest(shop, count, collect="once")


WAYS: Mapping[str, Callable[[Workshop, int], Cost]] = {
    "autograder": grade_class, "autograder, one process": _ours_alone, "nbgrader": _nbgrader,
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
        by_suite = judge.assignment.examined
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
                    suite = Suite(course.suite(assignment), by_suite)
                    stack.callback(suite.close)
                # Every student's answers are held against references asked anew, as in any suite.
                examiner = replace(judge.examiner, suite=suite, expected_values=ExpectedValues())
                for question in by_suite.questions:
                    outcomes = examiner.question(student, question)
                    assert all(outcome.status is Status.PASSED for outcome in outcomes), outcomes


@dataclass
class Figures:
    """Everything measured for one assignment."""

    assignment: str
    ways: list[Way] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)
    sizes: list[RunCost] = field(default_factory=list)


def ways_table(found: Sequence[Way]) -> Table:
    """Costs, and their ratios to ours, of the same round each."""
    table = figures_table("One right submission, without start-up", "graded by", "CPU s", "wall s",
                          "largest process MiB", "CPU ratio", "wall ratio")
    ours = found[0].costs
    for way in found:
        pairs = list(zip(way.costs, ours, strict=True))
        table.add_row(
            way.name, f"{way.median(lambda cost: cost.cpu):.3f}",
            f"{way.median(lambda cost: cost.wall):.3f}",
            f"{way.median(lambda cost: cost.memory):.0f}",
            _span([theirs.cpu / own.cpu for theirs, own in pairs]),
            _span([theirs.wall / own.wall for theirs, own in pairs]))
    return table


def parts_table(found: Mapping[str, float]) -> Table:
    table = figures_table("Where the time goes, one after the other", "part", "wall ms")
    for name, milliseconds in found.items():
        table.add_row(name, f"{milliseconds:.1f}")
    return table


def as_json(figures: Figures) -> str:
    machine = {"autograder": __version__, "cores": os.cpu_count(),
               "platform": platform.platform(), "python": platform.python_version()}
    return json.dumps({"machine": machine, **asdict(figures)}, indent=2) + "\n"


def draw(found: Sequence[RunCost], file: Path) -> None:
    """How the cost of a whole run grows with the class.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    counts = [size.submissions for size in found]
    for label, values, marker in (("wall", [size.cost.wall for size in found], "o"),
                                  ("CPU", [size.cost.cpu for size in found], "s")):
        axes.plot(counts, values, marker=marker, label=label)
    memory = axes.twinx()
    memory.plot(counts, [size.cost.memory for size in found], color="gray", linestyle=":",
                marker="^", label="largest process")
    axes.set(xscale="log", yscale="log", xlabel="submissions", ylabel="seconds")
    memory.set(ylabel="MiB", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file)


def _span(ratios: Sequence[float]) -> str:
    low, high = min(ratios), max(ratios)
    return f"{low:.1f}" if round(low, 1) == round(high, 1) else f"{low:.1f}–{high:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("assignment", nargs="?", default="correlation")
    parser.add_argument("--course", type=Path, default=Path("grader.toml"))
    parser.add_argument("--against", action="append", choices=[*WAYS][1:],
                        help="may be repeated; default: all")
    parser.add_argument("--size", type=int, action="append", default=[],
                        help="also grade a whole class of this size")
    parser.add_argument("--count", type=int, default=204, help="submissions in one measured run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way, interleaved")
    parser.add_argument("--plot", type=Path, help="also draw how cost grows with --size")
    parser.add_argument("-o", "--output", type=Path, help="also write the figures as JSON")
    asked = parser.parse_args(arguments)
    course, console, figures = load(asked.course), Console(), Figures(asked.assignment)
    figures.ways += compared(course, asked.assignment, count=asked.count, rounds=asked.rounds,
                             against=asked.against or [*WAYS][1:])
    console.print(ways_table(figures.ways))
    figures.parts |= split(course, asked.assignment)
    console.print(parts_table(figures.parts))
    figures.sizes += growth(course, asked.assignment, asked.size)
    if figures.sizes:
        console.print(sizes_table(figures.sizes))
    if asked.output is not None:
        asked.output.write_text(as_json(figures), encoding="utf-8")
    if asked.plot is not None:
        draw(figures.sizes, asked.plot)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        _bare(*sys.argv[2:])
    else:
        main()
