"""The convolution that tests time: small, because it matters to none of them how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch.nn.functional as F

from autograder.course import Course, Limits, Problem, Tier, load
from autograder.rules import SHIPPED
from autograder.sandbox.client import Zygote
from autograder.submission import Cell, Notebook
from autograder.suite import sums_of_products
from autograder.timing.devices.cpu import Cores
from autograder.timing.protocol import Runner
from autograder.timing.tasks import Task

REPOSITORY = Path(__file__).resolve().parents[2]
EXPLOITS = Path(__file__).parent / "timing" / "exploits"
LIMITS = Limits(memory_mb=512)
PATIENCE = 30.0

REFERENCE = "from autograder.suite import sums_of_products\n" \
            "import torch.nn.functional as F\n\n@sums_of_products\n" \
            "def conv2d_fast(X, W, b=None, stride=1, padding=0):\n" \
            "    return F.conv2d(X, W, b, stride, padding)\n"
BASELINE = (REPOSITORY / "solutions/fast_conv/baseline.py").read_text(encoding="utf-8")


@sums_of_products
def convolution(X, W, b=None, stride=1, padding=0):  # type: ignore[no-untyped-def]
    return F.conv2d(X, W, b, stride, padding)


# The same shapes as in naive.py.
TASK = Task(Problem(tensors=[[2, 3, 9, 8], [4, 3, 3, 3], [4]], numbers=[1, 1]), convolution)


def timed_course(folder: Path, toml: str) -> Course:
    """One with the assignment ``fast``, whose ``conv2d_fast`` is timed as ``toml`` says."""
    solutions = folder / "solutions" / "fast"
    solutions.mkdir(parents=True, exist_ok=True)
    (solutions / "reference.py").write_text(REFERENCE)
    (solutions / "baseline.py").write_text(BASELINE)
    (folder / "grader.toml").write_text(toml)
    return load(folder / "grader.toml")


@contextmanager
def runner(
    zygote: Zygote, tier: Tier, source: str, kind: type[Runner] = Runner
) -> Iterator[Runner]:
    """``source`` in a worker, ready to be timed."""
    found = kind(zygote, tier, LIMITS, Notebook((Cell(0, source),), ()), "conv2d_fast",
                 equipment=Cores(), shapes=[TASK.shapes], cores=[0],
                 deny=(SHIPPED["convolution operators"],))
    try:
        found.prepare(TASK)
        yield found
    finally:
        found.close()
