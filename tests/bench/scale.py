"""How cost grows with a class: time, CPU and peak memory at three sizes each.

    .venv/bin/python tests/bench/scale.py                       # all: half an hour of a quiet core
    .venv/bin/python tests/bench/scale.py class --sizes 500 2000 5000
    .venv/bin/python tests/bench/scale.py store --sizes 5000 10000 20000
    .venv/bin/python tests/bench/scale.py similar --sizes 500 1000 2000

Every row is a command in a process of its own: CPU is its and its descendants', memory that of the
largest. What judges a class answers at once (``tests/framework/fake_judge.py``), so that finding,
planning, keeping and reports are all that is measured. The store's people have one result each.
The column at the right is the CPU of one more, between the size above and this one: where it stays
as it is, growth is linear.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import nbformat
from nbformat import v4
from rich.console import Console

from autograder.authoring import build
from autograder.authoring.cost import Cost, run
from autograder.cli.findings import figures_table
from autograder.course import Course, load
from autograder.judge import staff
from autograder.store import Store
from autograder.store.records import row_of

REPOSITORY = Path(__file__).resolve().parents[2]
FRAMEWORK = REPOSITORY / "tests" / "framework"
sys.path.insert(0, str(FRAMEWORK))

import databases  # noqa: E402  # of the tests: PostgreSQL on a socket
from browser import chromium  # noqa: E402
from fake_judge import FakeJudge  # noqa: E402

HANDED_IN = REPOSITORY / "examples/submissions/correlation/ada.ipynb"
CHOICES = 12  # answers to each question that a generated class picks from
Rows = Iterator[tuple[str, Cost]]


def of_class(size: int, folder: Path) -> Rows:
    """A class that hands in: graded, planned again, graded again, compared, shown."""
    databases.a_course(folder, f"sqlite:///{folder}/kept/grades.db")
    (folder / "handed-in").mkdir()
    for number in range(size):
        document = json.loads(HANDED_IN.read_text())
        document["cells"].append({"cell_type": "markdown", "metadata": {}, "source": f"{number}"})
        (folder / "handed-in" / f"s{number:05}.ipynb").write_text(json.dumps(document))
    grade = ("grade", "correlation", folder / "handed-in", "-o", folder / "results", "-j", "1")
    yield "grade a class", _command(folder, *grade)
    yield "the same, all known", _command(folder, *grade)
    yield "the same, --force", _command(folder, *grade, "--force")
    yield "diff of both runs", _command(folder, "diff", "--csv", folder / "diff.csv")
    yield "class page in Chromium", _page(folder / "results" / "correlation" / "index.html")


def of_store(size: int, folder: Path) -> Rows:
    """People with a result each, in both kinds of database."""
    with databases.running() as server:
        for kind, url in (("SQLite", f"sqlite:///{folder}/kept/grades.db"),
                          ("PostgreSQL", server.new())):
            course = databases.a_course(folder, url)
            _fill(course, size)
            yield f"gradebook, {kind}", _command(
                folder, "gradebook", "--csv", folder / f"{kind}.csv")
            yield f"show one person, {kind}", _command(folder, "show", "s00007")


def of_similar(size: int, folder: Path) -> Rows:
    """A class of which everybody picks one of a few answers to each question."""
    course = load(REPOSITORY / "grader.toml")
    known = staff.load(course, "correlation")
    choices: dict[str, list[str]] = {}
    for variant in (*known.misconceptions, *known.alternatives):
        choices.setdefault(variant.name, []).append(variant.program)
    solution = build.solution_notebook(course, "correlation").decode()
    chance = random.Random(0)
    (folder / "handed-in").mkdir()
    for number in range(size):
        notebook = nbformat.reads(solution, as_version=4)
        notebook.cells += [v4.new_code_cell(chance.choice(programs[:CHOICES]))
                           for programs in choices.values()]
        (folder / "handed-in" / f"s{number:05}.ipynb").write_text(nbformat.writes(notebook))
    yield "similar", run([sys.executable, "-P", "-m", "autograder", "similar", "correlation",
                          folder / "handed-in", "--course", REPOSITORY / "grader.toml"], folder)


KINDS: dict[str, tuple[Callable[[int, Path], Rows], list[int]]] = {
    "class": (of_class, [500, 2000, 5000]),
    "store": (of_store, [5000, 10_000, 20_000]),
    "similar": (of_similar, [500, 1000, 2000]),
}


def _command(folder: Path, *arguments: str | Path) -> Cost:
    """The real command line, with a judge that answers at once."""
    beside = folder / "beside"  # the judge notes whom it graded in a file called log, as run does
    beside.mkdir(exist_ok=True)
    return run([sys.executable, "-P", FRAMEWORK / "fake_judge.py", *arguments,
                "--course", folder / "grader.toml"], beside)


def _fill(course: Course, size: int) -> None:
    from autograder.submission import Submission

    judge, now = FakeJudge(course.root), datetime.now(UTC)
    with Store(course) as store:
        number = store.begin("correlation", "bench")
        with store._database.session() as session:
            session.add_all(
                row_of(number, judge.grade(Submission(
                    f"s{each:05}", "correlation", {"a.ipynb": str(each).encode()}, now)), now)
                for each in range(size))
            session.commit()
        store.finish(number)


def _page(file: Path) -> Cost:
    """From the page's beginning until it answers a search; memory is JavaScript's heap."""
    with chromium() as browser:
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        began = time.monotonic()
        page.goto(file.as_uri())
        page.locator("#search").fill("s00007")
        page.wait_for_function("document.querySelector('.search output').textContent")
        seconds = time.monotonic() - began
        found = {each["name"]: each["value"]
                 for each in session.send("Performance.getMetrics")["metrics"]}
        return Cost(seconds, found["TaskDuration"], found["JSHeapUsedSize"] / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND")
    parser.add_argument("--sizes", nargs="+", type=int)
    asked = parser.parse_args()
    console = Console(width=110)
    console.print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for kind in asked.kinds or KINDS:
        measure, sizes = KINDS[kind]
        found: dict[str, list[tuple[int, Cost]]] = {}
        for size in asked.sizes or sizes:
            with tempfile.TemporaryDirectory(prefix="autograder-scale-") as folder:
                for name, cost in measure(size, Path(folder)):
                    found.setdefault(name, []).append((size, cost))
                    console.print(f"{name}, {size}: {cost}", style="dim")
        table = figures_table(kind, "what", "size", "wall s", "CPU s", "MiB", "ms for one more")
        for name, costs in found.items():
            before = chain([None], costs)
            for (size, cost), last in zip(costs, before, strict=False):
                more = "" if last is None else \
                    f"{1000 * (cost.cpu - last[1].cpu) / (size - last[0]):.2f}"
                table.add_row(name, str(size), f"{cost.wall:.1f}", f"{cost.cpu:.2f}",
                              f"{cost.memory:.0f}", more)
        console.print(table)
    console.print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
