"""The suites of the seven assignments here ask each student of each course something else."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from labs import REPOSITORY, Bench

from autograder import course
from autograder.judge.implementation import Local
from autograder.protocol import CallFunction, Handle, Opaque, Reply, Request
from autograder.result import Visibility
from autograder.rules import Rule
from autograder.sandbox.client import Zygote

COURSE = course.load(REPOSITORY / "grader.toml")

# Hidden checks that ask the same under every key, and why: who fails one reads its title alone.
THREE_WORDS = "there are three words to ask, and their answers are the model solution"
NOTES = "the notes are the same for everybody"
FIXED = {
    "correlation": {
        "edge_kernel.test_horizontal_edges": THREE_WORDS,
        "edge_kernel.test_diagonal_edges": THREE_WORDS,
        "edge_kernel.test_constant_images_give_nothing": THREE_WORDS,
        "edge_kernel.test_kernels_are_float32": THREE_WORDS,
    },
    "geometry": {f"notes.test_{check}": NOTES for check in (
        "every_line_has_a_verdict", "sizes", "uses", "parameters", "shifts_and_pooling", "code",
        "line_b", "line_f", "line_i", "line_q", "line_r", "line_s", "rounding_up_is_refuted",
        "dividing_by_the_stride_is_refuted", "layers_until_nothing_is_left",
        "equal_use_is_refuted", "counting_kernels_is_refuted", "one_window_for_all_is_refuted",
        "a_complaint_is_refuted")},
}


@contextmanager
def judging(assignment: str, zygote: Zygote) -> Iterator[Bench]:
    bench = Bench(COURSE, assignment, zygote)
    try:
        yield bench
    finally:
        bench.close()


@pytest.mark.parametrize("assignment", COURSE.assignments)
def test_hidden_checks_draw_what_they_ask(assignment: str, zygote: Zygote) -> None:
    with judging(assignment, zygote) as bench:
        examiner = bench.panel.explaining
        fixed = {f"{question.name}.{check.id}" for question in examiner.assignment.questions
                 for check in examiner.suite.checks[question.name]
                 if check.visibility is Visibility.HIDDEN and not examiner.draws(question, check)}
    assert fixed == FIXED.get(assignment, {}).keys()


# ------------------------------------------------- whatever is answered, the suite is not at fault

TRIES, SECONDS = 60, 0.5  # of each check, and of CPU
ODD: list[Any] = [
    None, True, 0, 2**999, -1.0, math.nan, math.inf, 1j, "", b"x", Handle(7, "Net"), Opaque("Odd"),
    torch.ones(2), torch.empty(0), torch.ones(2, 3).to("meta"), torch.full((), math.nan),
    torch.ones(3, dtype=torch.complex64), np.ones(3), np.empty(0), [], [1], (),
    {}, {1: torch.ones(1), None: 2}]


@dataclass
class Odd:
    """Right answers, of which some are spoiled somewhere."""

    right: Local
    chance: random.Random
    missing: frozenset[str] = frozenset()

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (), seed: int = 0
    ) -> Reply:
        reply = self.right.request(request, seconds=seconds, deny=deny, seed=seed)
        is_kept = isinstance(request, CallFunction) and request.keep
        if reply.raised is not None or is_kept or self.chance.random() < 0.4:
            return reply
        return replace(reply, answer=self.spoiled(reply.answer))

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        return self.right.apart(program, request, seconds=seconds)

    def spoiled(self, value: Any) -> Any:
        if value == {} and isinstance(value, dict):
            return {self.chance.choice(["a", 1, None]): torch.ones(1)}
        if isinstance(value, dict) and self.chance.random() < 0.9:
            key = self.chance.choice(list(value))
            match self.chance.randrange(4):
                case 0:
                    return {name: each for name, each in value.items() if name != key}
                case 1:
                    return value | {self.chance.choice([1, None, (1, 2), b"x"]): value[key]}
            return value | {key: self.spoiled(value[key])}
        if isinstance(value, list | tuple) and value and self.chance.random() < 0.9:
            place = self.chance.randrange(len(value))
            return type(value)([*value[:place], self.spoiled(value[place]), *value[place + 1:]])
        return self.chance.choice(ODD)


@pytest.mark.parametrize("assignment", COURSE.assignments)
def test_no_answer_is_a_fault_of_the_suite(assignment: str, zygote: Zygote) -> None:
    """Else a student's fault would be the grader's, and whoever likes could hand in for nothing."""
    with judging(assignment, zygote) as bench:
        examiner = bench.panel.explaining
        values = {name: getattr(examiner.staff.reference, name)
                  for name in examiner.assignment.names}
        faults = set()
        for question in examiner.assignment.questions:
            for check in examiner.suite.checks[question.name]:
                ends = time.process_time() + SECONDS
                for number in range(TRIES if not check.measures else 0):
                    odd = Odd(Local(values), random.Random(f"{check.id} {number}"))
                    if fault := examiner.check(odd, question, check).internal:
                        faults.add(f"{check.id}: {fault}")
                    if time.process_time() > ends:
                        break
    assert not faults
