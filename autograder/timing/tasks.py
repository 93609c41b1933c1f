"""What is timed: problems with fresh inputs, and whether every number of an answer is right.

``Verifier`` does not compute the answer in float64 each time. It computes it in float32, in a small
part of that time, and compares every number: what is nearer to it than the limits, less the errors
of float32, is right. Whatever is not is held against float64, as the first answer is, by which
these errors are measured.

Why that is sound. Inputs are random, drawn after the answer to the call before, and unknown to the
worker until it is called: nobody chooses them, nor the judge's errors on them. The norm of many
errors is alike from draw to draw, and the largest of many grows slowly; four times what was
measured is taken for both, and only where that is a tenth of a limit. An answer that is wrong by
more than the limits is then too far from float32's, and nothing of the comparison is left to
chance.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from autograder.course import Problem
from autograder.judge import tolerance
from autograder.protocol import shared_memory

LARGEST_RELATIVE_ERROR = 2e-5
"""Of an answer as a whole, ‖y − ŷ‖₂ / ‖y‖₂: float32 in any order of summation stays below 1e-6,
TF32 is near 3e-4."""
_EPSILON = torch.finfo(torch.float32).eps
_MARGIN = 4.0
_WORTH_IT = 0.1  # of a limit: larger errors of float32 would leave too little of it


@dataclass(frozen=True)
class Task:
    """A problem of grader.toml, with the function that knows the right answers."""

    problem: Problem
    reference: Callable[..., Any]

    @cached_property
    def verifier(self) -> Verifier:
        """Of all answers to this problem, whoever gives them."""
        return Verifier(self)

    @property
    def numbers(self) -> list[Any]:
        return [tuple(n) if isinstance(n, list) else n for n in self.problem.numbers]

    @cached_property
    def shapes(self) -> list[list[int]]:
        """Of the tensors, and of the answer."""
        given = [torch.empty(shape, device="meta") for shape in self.problem.tensors]
        answer = self.reference(*given, *self.numbers)
        return [*self.problem.tensors, list(answer.shape)]

    @property
    def size(self) -> int:
        """Bytes of inputs and answer."""
        return shared_memory.size(self.shapes)

    def draw(self, device: str = "cpu") -> list[torch.Tensor]:
        """New random inputs, which no student can predict."""
        random = torch.Generator(device).manual_seed(secrets.randbits(63))
        return [torch.randn(shape, generator=random, device=device)
                for shape in self.problem.tensors]

    def exact(self, given: Sequence[torch.Tensor]) -> torch.Tensor:
        """The answer in float64."""
        answer = self.reference(*map(tolerance.exact, given), *self.numbers)
        assert isinstance(answer, torch.Tensor)
        return answer

    def least_bound(self, given: Sequence[torch.Tensor]) -> float:
        """An error that every single number may have. It takes no time to know."""
        return _EPSILON * tolerance.least(self.reference, (*given, *self.numbers))

    def is_right(
        self, answer: torch.Tensor, given: Sequence[torch.Tensor],
        exact: torch.Tensor | None = None,
    ) -> bool:
        """Whether every number of ``answer`` is right, and all together are as precise as float32.
        NaN is not. It is computed in float64, where ``given`` are, unless it is known."""
        exact = self.exact(given) if exact is None else exact
        error = (answer.to(exact.device).double() - exact).abs()
        if not float(error.norm()) <= LARGEST_RELATIVE_ERROR * float(exact.norm()):
            return False
        if float(error.max()) <= self.least_bound(given):
            return True
        bound = tolerance.bound(self.reference, (*given, *self.numbers))
        return not isinstance(bound, torch.Tensor) or bool((error <= _EPSILON * bound).all())


class Verifier:
    """Verifies the answers to one task, one after the other. What the judge's own errors in float32
    are is measured with the first."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._errors: tuple[float, float] | None = None

    def is_right(self, answer: torch.Tensor, given: Sequence[torch.Tensor]) -> bool:
        """As ``Task.is_right`` says."""
        answer = answer.to(given[0].device)
        near = self._task.reference(*given, *self._task.numbers)
        if self._errors is not None and self._is_surely_right(answer, near, given):
            return True
        exact = self._task.exact(given)
        if self._errors is None:
            error = near.double() - exact
            self._errors = float(error.norm() / exact.norm()), float(error.abs().max())
        return self._task.is_right(answer, given, exact)

    def _is_surely_right(
        self, answer: torch.Tensor, near: torch.Tensor, given: Sequence[torch.Tensor]
    ) -> bool:
        """Whether it is so near to the answer in float32 that float64 would say nothing else."""
        assert self._errors is not None
        relative, largest = (_MARGIN * each for each in self._errors)
        bound = self._task.least_bound(given)
        if not (relative <= _WORTH_IT * LARGEST_RELATIVE_ERROR and largest <= _WORTH_IT * bound):
            return False
        apart = answer - near
        norms = [float(torch.linalg.vector_norm(each, dtype=torch.float64))
                 for each in (apart, near)]
        return norms[0] <= (LARGEST_RELATIVE_ERROR - 2 * relative) * norms[1] \
            and float(apart.abs().max()) <= bound - largest
