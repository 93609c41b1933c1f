"""``expect`` and ``draw``: judge answers that no single reference value fits; make inputs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch

from autograder.judge.arrays import as_number, is_number, one_number
from autograder.judge.check_run import CheckRun, Verdict, changed, judge
from autograder.judge.compare import compare
from autograder.judge.showing import describe_type, show
from autograder.judge.tolerance import Within
from autograder.protocol import Iterated
from autograder.result import Evidence, Mismatch, MismatchKind, Part, Sentence, Status


class Expect:
    """Judges what ``student.<name>`` answered. Every method raises a Verdict, or gives back the
    answer as the type it has been found to be."""

    def __init__(self, run: CheckRun) -> None:
        self._run = run

    def equal(self, actual: Any, expected: Any, where: str | None = None, *,
              within: tuple[float, float] | None = None) -> None:
        """The same type, shape, values and dtype: exactly, or, ``within`` (rtol, atol), each
        floating-point number as near as atol + rtol·|expected|."""
        bound = None if within is None else Within(*within)
        judge(compare(expected, actual, bound=bound, where=_named(where)),
              Evidence(function=where or ""), expected, actual)

    def near(self, actual: Any, expected: torch.Tensor, within: float,
             where: str | None = None) -> None:
        """A tensor of the same shape with every element within ``within`` of the expected, and of
        whatever dtype."""
        value = self.tensor(actual, tuple(expected.shape), where)
        bound = torch.full(expected.shape, within, dtype=torch.float64)
        bound /= torch.finfo(torch.float64).eps
        judge(compare(expected.double(), value.double(), bound=bound, where=_named(where)),
              Evidence(function=where or ""), expected, actual)

    def tensor(self, actual: Any, shape: tuple[int, ...] | None = None,
               where: str | None = None) -> torch.Tensor:
        """A tensor (of ``shape``) of real numbers."""
        if not isinstance(actual, torch.Tensor):
            self._fail(MismatchKind.TYPE, actual, where, expected_type="Tensor",
                       actual_type=describe_type(actual))
        if actual.is_meta:
            self._fail(MismatchKind.DEVICE, actual, where)
        if actual.is_complex():
            self._fail(MismatchKind.TYPE, actual, where, expected_type="Tensor of real numbers",
                       actual_type="Tensor of complex numbers")
        if shape is not None and tuple(actual.shape) != shape:
            self._fail(MismatchKind.SHAPE, actual, where, expected_shape=list(shape),
                       actual_shape=list(actual.shape))
        return actual  # type: ignore[no-any-return]

    def on_meta(self, actual: Any, shape: tuple[int, ...], where: str | None = None) -> None:
        """A tensor of this shape on the meta device, where there are no numbers."""
        if not isinstance(actual, torch.Tensor) or not actual.is_meta:
            self._fail(MismatchKind.DEVICE, actual, where)
        if tuple(actual.shape) != shape:
            self._fail(MismatchKind.SHAPE, actual, where, expected_shape=list(shape),
                       actual_shape=list(actual.shape))

    def numbers(self, actual: Any, count: int, where: str | None = None) -> list[float]:
        """A list (or tuple) of ``count`` numbers; one-element tensors count as numbers here."""
        values = self.sequence(actual, count, where)
        for index, value in enumerate(values):
            if not is_number(value, 0):
                self._fail(MismatchKind.TYPE, actual, where, index,
                           expected_type="float", actual_type=describe_type(value))
            values[index] = value = one_number(value)
            if isinstance(value, int) and abs(value) > 1 << 256:  # beyond every float
                self._fail(MismatchKind.VALUES, actual, where, index)
        return values

    def floats(self, actual: Any, count: int, where: str | None = None) -> list[float]:
        """``count`` numbers, every one a plain Python float: a fault of the contract if not."""
        values = self.numbers(actual, count, where)
        things = actual.items if isinstance(actual, Iterated) else actual
        for index, value in enumerate(things):
            if type(as_number(value)) is not float:
                self._fail(MismatchKind.DTYPE, actual, where, index,
                           expected_dtype="float", actual_dtype=describe_type(value))
        return values

    def sequence(self, actual: Any, count: int, where: str | None = None) -> list[Any]:
        """A list, a tuple, a one-dimensional tensor or array of ``count`` things; or a generator,
        or another iterator, that gives ``count`` and ends."""
        return self._things(actual, count, where)

    def first(self, actual: Any, count: int, where: str | None = None) -> list[Any]:
        """The first ``count`` things of such a sequence, or of an iterator that need not end. At
        most 1 000 are asked of an iterator."""
        return self._things(actual, count, where, at_least=True)

    def _things(self, actual: Any, count: int, where: str | None, *,
                at_least: bool = False) -> list[Any]:
        is_vector = isinstance(actual, torch.Tensor | np.ndarray) and actual.ndim == 1 \
            and not (isinstance(actual, torch.Tensor) and actual.is_meta)
        things: Any = actual.items if isinstance(actual, Iterated) else actual
        if not is_vector and not isinstance(things, list | tuple):
            self._fail(MismatchKind.TYPE, actual, where, expected_type="list",
                       actual_type=describe_type(actual))
        goes_on = isinstance(actual, Iterated) and not actual.ended
        if len(things) < count or (not at_least and (len(things) > count or goes_on)):
            self._fail(MismatchKind.SHAPE, actual, where, expected_shape=[count],
                       actual_shape=[len(things)])
        return list(things[:count].tolist() if is_vector else things[:count])

    def that(self, condition: bool, message: Sentence) -> None:
        """A condition on answers that have been found well-formed. ``message`` says what a
        student may know about it."""
        if not condition:
            raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.OTHER),
                          message=message)

    def holds(self, condition: Callable[..., object], *answers: Any, message: Sentence) -> None:
        """``condition(*answers)`` is true; that it raises something is no fault of the suite's,
        for answers may be anything. ``message`` says what a student may know about it."""
        try:
            held = bool(condition(*answers))
        except Exception:
            held = False
        self.that(held, message)

    def shape(self, actual: tuple[int, ...], among: Collection[tuple[int, ...]], message: Sentence,
              where: str) -> None:
        """``actual``, the shape of a tensor that the student has named ``where``, is one of those
        ``among`` which it has to be. ``message`` says what a student may know about it."""
        if actual not in among:
            raise Verdict(Status.FAILED, message=message, mismatch=Mismatch(
                kind=MismatchKind.SHAPE, where=Part(name=where[:100]), actual_shape=list(actual)))

    def gradient(self, actual: Any, *, of: str) -> torch.Tensor:
        """A gradient that autograd has found; ``of``: the name of what was differentiated."""
        if not isinstance(actual, torch.Tensor):
            raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.GRADIENT),
                          evidence=Evidence(function=of))
        return actual

    def unchanged(self) -> None:
        """The arguments of the last function or method are as they were."""
        last = self._run.last
        if last is None:
            raise ValueError("expect.unchanged() looks at the last call, and there was none")
        judge(changed(last.given, last.reply.after), last.call, None, last.reply.answer)

    def diagnose_by(self, *answers: Any) -> None:
        """Let diagnosis compare ``answers``, and nothing that was answered before.

        Diagnosis names a misconception where it answers a check as the student does. What depends
        on chance or on what a student is free to choose (names and initial weights, an order, a
        trained network) would differ between any two who make the same mistake. Say here what
        does not: shapes, sorted sizes, what was computed from the answers; nothing, if there is
        nothing. Answers after it are compared as ever."""
        self._run.answers[:] = answers

    def _fail(self, kind: MismatchKind, actual: Any, where: str | None, index: int | None = None,
              **fields: Any) -> None:
        part = _named(where) if index is None else Part(name=where or "").at(index)
        function = where or "" if index is None else f"{where or ''}[{index}]"
        raise Verdict(Status.FAILED, mismatch=Mismatch(kind=kind, where=part, **fields),
                      evidence=Evidence(function=function, actual=show(actual)))


def _named(where: str | None) -> Part | None:
    """The part of an answer that a suite calls ``where``; None is the whole answer."""
    return Part(name=where) if where else None


class Draw:
    """Random inputs: the same for every student, unknown to all, reproducible by staff."""

    def __init__(self, run: CheckRun) -> None:
        self._generator = torch.Generator().manual_seed(run.seed("draw"))

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, generator=self._generator, dtype=dtype)

    def view(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Standard normal numbers in a view of a larger tensor: neither at the beginning of its
        memory nor side by side, and with the axes the other way round."""
        memory = self.normal(*(2 * size for size in reversed(shape)), dtype=dtype)
        return memory[(slice(1, None, 2),) * len(shape)].permute(*reversed(range(len(shape))))

    def integers(self, *shape: int, low: int = -9, high: int = 9,
                 dtype: torch.dtype = torch.int64) -> torch.Tensor:
        """Whole numbers from ``low`` to ``high``, both included, as ``dtype``."""
        return torch.randint(low, high + 1, shape, generator=self._generator).to(dtype)

    def array(self, *shape: int, dtype: str = "float64") -> np.ndarray[Any, Any]:
        """Standard normal numbers in an array of NumPy's."""
        return self.normal(*shape, dtype=torch.float64).numpy().astype(dtype)

    def number(self, low: int, high: int) -> int:
        """One whole number from ``low`` to ``high``, both included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator))
