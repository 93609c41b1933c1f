"""What grading costs on this machine: processor and wall-clock time of right submissions.

A class is graded by the real command, in a process of its own. CPU is that process's and all its
descendants', as the kernel counts them for whoever waits for it; memory is that of the largest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import v4

from autograder.authoring import build
from autograder.course import Course, load
from autograder.errors import AutograderError
from autograder.submission import Submission

SHORT = 4  # submissions of the run whose cost is taken off, so that start-up does not count


class BenchmarkError(AutograderError):
    """A command whose cost is to be measured fails, or gives a right notebook no points."""


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
class RunCost:
    """A whole run over a class of this size."""

    submissions: int
    cost: Cost


def per_submission(course: Course, assignment: str, *, count: int, rounds: int) -> list[Cost]:
    """What one right submission costs, without start-up, in every round.

    Args:
        count: submissions of one run; more than ``SHORT``.

    Raises:
        BenchmarkError: grading fails, or gives the model solution less than all points.
    """
    with workshop(course, assignment) as shop:
        return [grade_class(shop, count).less(grade_class(shop, SHORT), count - SHORT)
                for _ in range(rounds)]


def growth(course: Course, assignment: str, sizes: Sequence[int]) -> Iterator[RunCost]:
    """Whole runs over classes of right submissions, start-up and reports included."""
    with workshop(course, assignment) as shop:
        for size in sizes:
            yield RunCost(size, grade_class(shop, size))


@dataclass(frozen=True)
class Workshop:
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
def workshop(course: Course, assignment: str) -> Iterator[Workshop]:
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        root = Path(name)
        shutil.copy(course.root / "grader.toml", root)
        for folder in ("solutions", "tests"):
            (root / folder).symlink_to(course.root / folder)
        copied = load(root / "grader.toml")
        yield Workshop(root, copied, assignment, build.solution_notebook(copied, assignment))


def grade_class(shop: Workshop, count: int, *options: str) -> Cost:
    """What `autograder grade` with these options costs."""
    with shop.folder() as folder:
        handed_in = folder / "handed-in"
        handed_in.mkdir()
        for each in shop.submissions(count):
            (handed_in / f"{each.student}.ipynb").write_bytes(*each.files.values())
        cost = run([sys.executable, "-P", "-m", "autograder", "grade", shop.assignment, handed_in,
                    "--course", shop.root / "grader.toml", "-o", folder / "results", *options],
                   folder)
        _full_marks(shop, folder / "results" / shop.assignment / "student00000.json")
        return cost


# Between a program and its cost: the kernel would count the memory of who starts it as its own.
_MEASURE = """
import json, resource, subprocess, sys, time
began = time.monotonic()
with open(sys.argv[1], "wb") as log:
    status = subprocess.call(sys.argv[2:], stdout=log, stderr=subprocess.STDOUT)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, time.monotonic() - began, used.ru_utime + used.ru_stime,
                  used.ru_maxrss / 1024]))
"""


def run(arguments: Sequence[str | Path], folder: Path) -> Cost:
    """The cost of a command; its programs are looked for beside this Python first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    log = folder / "log"
    program = shutil.which(str(arguments[0]), path=path)
    if program is None:
        raise BenchmarkError(f"{arguments[0]} is not installed; leave it out, or install it "
                             "beside autograder")
    environment = {**os.environ, "PATH": path}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # who grades reads bytecode
    measured = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, log, program, *arguments[1:]], cwd=folder,
        stdout=subprocess.PIPE, check=True, env=environment)
    status, *figures = json.loads(measured.stdout)
    if status != 0:
        said = log.read_text(errors="replace")[-1000:]
        raise BenchmarkError(f"{' '.join(map(str, arguments))} ended with {status}: {said}")
    return Cost(*figures)


def _full_marks(shop: Workshop, file: Path) -> None:
    result = json.loads(file.read_text())
    if result["raw_score"] < result["max_score"]:
        raise BenchmarkError(f"the model solution of {shop.assignment} gets {result['raw_score']} "
                             f"of {result['max_score']}; see: autograder audit {shop.assignment}")
