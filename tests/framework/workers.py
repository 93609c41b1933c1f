"""What the tests of the sandbox say to a real worker, in a word each."""

from __future__ import annotations

from typing import Any

from autograder.course import Limits
from autograder.protocol import CallFunction, Reply, RunCell, Substitute
from autograder.rules import SHIPPED, Rule
from autograder.sandbox.client import Asked, Worker

LIMITS = Limits(memory_mb=512, scratch_mb=2, output_kb=4, answer_mb=8)
PATIENCE = 30.0  # seconds for what ends by itself; far more than it takes


def load(
    worker: Worker, source: str, *graded: str, cell: int = 0, seconds: float = PATIENCE
) -> Reply:
    """Run ``source`` as one cell of the student's."""
    return worker.request(RunCell(cell, source, graded), seconds=seconds)


def stand_in(worker: Worker, *names: str) -> Reply:
    """From now on the judge answers for these functions."""
    return worker.request(Substitute(names), seconds=PATIENCE)


def call(
    worker: Worker, name: str, *arguments: Any, seconds: float = PATIENCE,
    deny: tuple[str | Rule, ...] = (), seed: int | None = None, asked: Asked | None = None,
) -> Reply:
    """Call the student's ``name``. What is denied is a rule, or the name of one that is shipped."""
    rules = tuple(SHIPPED[each] if isinstance(each, str) else each for each in deny)
    return worker.request(CallFunction(name, arguments), seconds=seconds, deny=rules, seed=seed,
                          asked=asked)


def answer(worker: Worker, name: str, *arguments: Any) -> Any:
    """The answer of a call that must not raise."""
    reply = call(worker, name, *arguments)
    assert reply.raised is None, reply.raised
    return reply.answer
