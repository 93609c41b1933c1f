"""Whether every number of a timed answer is right: what float32 tells, and what float64 decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from timed import convolution

from autograder.course import Problem
from autograder.suite import sums_of_products
from autograder.timing.tasks import LARGEST_RELATIVE_ERROR, Task, Verifier

Change = Callable[[torch.Tensor, Task, list[torch.Tensor]], torch.Tensor]

TASK = Task(Problem(tensors=[[4, 8, 17, 19], [6, 8, 3, 3], [6]], numbers=[2, 1]), convolution)


def one_number(by: float) -> Change:
    """Wrong in one place, by so many times of what any number may be."""
    def change(answer: torch.Tensor, task: Task, given: list[torch.Tensor]) -> torch.Tensor:
        answer = answer.double()
        answer[1, 2, 3, 4] += by * task.least_bound(given)
        return answer

    return change


def all_numbers(by: float) -> Change:
    """Wrong everywhere, together by so many times of what they may be."""
    def change(answer: torch.Tensor, task: Task, given: list[torch.Tensor]) -> torch.Tensor:
        noise = torch.randn_like(answer)
        return answer + noise * by * LARGEST_RELATIVE_ERROR * answer.norm() / noise.norm()

    return change


def with_a(value: float) -> Change:
    def change(answer: torch.Tensor, task: Task, given: list[torch.Tensor]) -> torch.Tensor:
        answer[0, 0, 0, 0] = value
        return answer

    return change


CHANGES = [
    (one_number(0.0), True), (one_number(0.5), True), (one_number(-0.9), True),
    (one_number(3.0), False), (one_number(-3.0), False), (all_numbers(0.5), True),
    (all_numbers(0.95), True), (all_numbers(1.05), False), (all_numbers(15.0), False),
    (with_a(torch.nan), False), (with_a(torch.inf), False),
]


@pytest.mark.parametrize(("change", "right"), CHANGES)
def test_a_quick_verdict_is_that_of_float64(change: Change, right: bool) -> None:
    """The first answer, and those after it, which float32 decides where it can."""
    verifier = Verifier(TASK)
    for _ in range(3):
        given = TASK.draw()
        answer = change(TASK.exact(given), TASK, given).float()
        assert verifier.is_right(answer, given) is TASK.is_right(answer, given) is right


def test_right_answers_need_float64_once() -> None:
    kinds: list[torch.dtype] = []

    @sums_of_products
    def counting(X, W, b, stride, padding):  # type: ignore[no-untyped-def]
        kinds.append(X.dtype)
        return F.conv2d(X, W, b, stride, padding)

    task = replace(TASK, reference=counting)
    verifier = Verifier(task)
    for _ in range(5):
        given = task.draw()
        assert verifier.is_right(F.conv2d(*given, 2, 1), given)
    assert (kinds.count(torch.float64), kinds.count(torch.float32)) == (1, 5)


def test_a_judge_without_float32_falls_back_on_float64() -> None:
    """TF32 in the judge's own convolutions, say: then every answer is held against float64."""
    @sums_of_products
    def imprecise(X, W, b, stride, padding):  # type: ignore[no-untyped-def]
        if X.dtype == torch.float32:
            X, W = (tensor.bfloat16().float() for tensor in (X, W))
        return F.conv2d(X, W, b, stride, padding)

    verifier = Verifier(replace(TASK, reference=imprecise))
    for _ in range(3):
        given = TASK.draw()
        assert verifier.is_right(F.conv2d(*given, 2, 1), given)
        assert not verifier.is_right(imprecise(*given, 2, 1), given)


def test_answers_that_are_no_sums_of_products_are_held_together() -> None:
    task = replace(TASK, reference=lambda X, W, b, s, p: F.conv2d(X, W, b, s, p))
    verifier = Verifier(task)
    for _ in range(2):
        given = task.draw()
        assert verifier.is_right(F.conv2d(*given, 2, 1), given)
        assert not verifier.is_right(1.0001 * F.conv2d(*given, 2, 1), given)
