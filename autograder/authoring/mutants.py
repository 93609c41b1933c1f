"""Generic mutants: wrong in what any function can get wrong, whatever it computes.

Each is the reference of a graded name with one of the ``faults``. A suite kills it by one check
that fails on a mutant which nobody has called before: what an earlier check has left behind does
not count.

Not every fault is one for every function: an answer that depends on shapes alone may be kept by
them. A mutant is a mutant where it answers otherwise than the reference, for the suite's own
arguments or for others of their shapes. Of a class that is no module there is none: what its
objects keep is their purpose.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import torch

from autograder.authoring.faults import AnyFunction, Fault, faults, is_module, is_tensor, wrong
from autograder.course import Question
from autograder.judge.examiner import Examiner
from autograder.judge.expected import total_bytes
from autograder.judge.implementation import Local, copied
from autograder.judge.suite import Check
from autograder.protocol import alike, kind_of, leaves, map_leaves
from autograder.protocol.values import as_tensor, is_known_array
from autograder.result import Status
from autograder.worker.handlers import drained

_MOST_CALLS = 24  # of one name, that a mutant is held against the reference by
_LARGEST_CALL = 1 << 20  # bytes of its arguments


@dataclass(frozen=True)
class Mutant:
    """A graded name with one generic fault, and whether the checks of its question kill it."""

    name: str
    fault: str  # as in "a version of corr2d that …"
    killed: bool


def mutants(examiner: Examiner, question: Question) -> Iterator[Mutant]:
    """Every generic mutant of every name that a question grades.

    Most are killed by the quickest check. One that is not may be none: that is looked at last."""
    references = {name: getattr(examiner.staff.reference, name)
                  for name in examiner.assignment.names}
    heard = {name: Calls(references[name]) for name in question.names
             if is_module(references[name]) or not isinstance(references[name], type)}
    listening = Local(references | {name: calls.listening() for name, calls in heard.items()})
    seconds = {}
    for check in examiner.suite.checks[question.name]:
        started = time.perf_counter()
        if examiner.check(listening, question, check).status is Status.PASSED:
            seconds[check] = time.perf_counter() - started
    for name, calls in heard.items():
        for said, fault in faults(calls.places):
            killed = any(
                _fails(examiner, question, check, references | {
                    name: wrong(references[name], fault)})
                for check in sorted(seconds, key=lambda check: seconds[check]))
            if killed or calls.tell_apart(fault):
                yield Mutant(name, said, killed)


def _fails(
    examiner: Examiner, question: Question, check: Check, values: dict[str, AnyFunction]
) -> bool:
    status = examiner.check(Local(values), question, check).status
    return status not in (Status.PASSED, Status.INTERNAL)


@dataclass
class Calls:
    """What the checks of a question ask of one graded name."""

    right: AnyFunction
    made: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=list)
    """(arguments of the class, arguments of the call); a function has none of the first."""

    def listening(self) -> AnyFunction:
        """The reference, which notes how it is called."""
        if not is_module(self.right):
            return self._noting(self.right, ())
        calls = self

        class Listening(self.right):  # type: ignore[name-defined,misc]
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                self.answers = calls._noting(super().forward, arguments)

            def forward(self, *arguments: Any) -> Any:
                return self.answers(*arguments)

        return Listening

    def _noting(self, function: AnyFunction, before: tuple[Any, ...]) -> AnyFunction:
        def noting(*arguments: Any) -> Any:
            if total_bytes(arguments) <= _LARGEST_CALL and not _on_meta(arguments):
                self.made.append((before, _copied(arguments)))
            return function(*arguments)

        return noting

    def places(self, kind: Callable[[Any], bool]) -> list[int]:
        """Where arguments of this kind come, in any call."""
        return sorted({place for _, given in self.made for place, value in enumerate(given)
                       if kind(value)})

    def tell_apart(self, fault: Fault) -> bool:
        """Whether this fault ever shows: in an answer, at once or after another call, or in the
        arguments. Asked are the suite's own calls, each followed by the next, and by others like
        it."""
        return any(not alike(right, _outcome(wrong(self.right, fault), before, two), _close)
                   for before, two, right in self._asked)

    @cached_property
    def _asked(self) -> list[tuple[tuple[Any, ...], Sequence[Any], Any]]:
        """(arguments of the class, two calls, what they come to), where they are not refused."""
        chance = torch.Generator().manual_seed(0)
        step = -(-len(self.made) // _MOST_CALLS) or 1
        asked: list[tuple[tuple[Any, ...], Sequence[Any], Any]] = []
        for place, (before, given) in list(enumerate(self.made))[::step]:
            others = [following for _, following in self.made[place + 1 : place + 2]]
            for other in [*others, *(change(given, chance) for change in _CHANGES)]:
                two = [given, other]
                if (right := _outcome(self.right, before, two)) is not None:
                    asked.append((before, two, right))
        return asked


def _outcome(function: AnyFunction, before: tuple[Any, ...], calls: Sequence[Any]) -> Any:
    """The answers to these calls, and the arguments, as they are after all of them; None where a
    call is refused."""
    calls = [_copied(call) for call in calls]
    with torch.random.fork_rng(devices=[]):
        try:
            torch.manual_seed(0)
            answering = function(*before) if is_module(function) else function
            answers = []
            for call in calls:
                torch.manual_seed(0)
                answers.append(drained(answering(*call)))
            return answers, calls
        except Exception:  # whatever a reference refuses by, or a mutant fails by
            return None


# ---------------------------------------------------------------- calls like a suite's


def _with_other_tensors(given: tuple[Any, ...], chance: torch.Generator) -> tuple[Any, ...]:
    """The same shapes and options; other values, laid out otherwise, and other lists of numbers."""
    return tuple(_other_numbers(value, chance) if kind_of(value) == "list"
                 else map_leaves(partial(_other_tensor, chance=chance), value) for value in given)


def _with_other_numbers(given: tuple[Any, ...], chance: torch.Generator) -> tuple[Any, ...]:
    return tuple(_other_numbers(value, chance) for value in _with_other_tensors(given, chance))


def _in_double_precision(given: tuple[Any, ...], chance: torch.Generator) -> tuple[Any, ...]:
    return tuple(value.double() if is_tensor(value) and value.is_floating_point() else value
                 for value in _with_other_tensors(given, chance))


# Other numbers more than once: some go with no others, as groups and channels do.
_CHANGES = (_with_other_tensors, _in_double_precision, *[_with_other_numbers] * 4)


def _other_tensor(leaf: Any, chance: torch.Generator) -> Any:
    """Of other numbers, in every second element of its memory, with the axes the other way."""
    if not isinstance(leaf, torch.Tensor) or not leaf.numel():
        return leaf
    flat = leaf.detach().flatten()
    other = flat[torch.randperm(len(flat), generator=chance)].reshape(leaf.shape)
    if leaf.is_floating_point():
        other = torch.randn(leaf.shape, generator=chance).to(leaf.dtype)
    sizes = [2 * size for size in reversed(leaf.shape)]
    memory = torch.zeros(sizes, dtype=leaf.dtype)[tuple([slice(1, None, 2)] * len(sizes))]
    return memory.permute(*reversed(range(len(sizes)))).copy_(other)


def _other_numbers(value: Any, chance: torch.Generator) -> Any:
    return map_leaves(
        lambda leaf: leaf + int(torch.randint(0, 3, (), generator=chance))
        if type(leaf) is int else leaf, value)


def _close(one: Any, other: Any) -> bool:
    """Equal but for rounding."""
    if is_known_array(one) and is_known_array(other):
        one, other = as_tensor(one), as_tensor(other)
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if not one.is_floating_point():
            return torch.equal(one, other)
        scale = float(one.detach().abs().max()) if one.numel() else 0.0
        within = 100 * torch.finfo(one.dtype).eps * scale
        return torch.allclose(one, other, rtol=0, atol=within, equal_nan=True)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-4)
    if isinstance(one, torch.nn.Module):  # trained or not: the suite's to look at
        return True
    return type(one) is type(other) and bool(one == other)


def _copied(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments as they are now, with networks of ours among them."""
    return tuple(copy.deepcopy(value) if isinstance(value, torch.nn.Module) else copied(value)
                 for value in arguments)


def _on_meta(arguments: Sequence[Any]) -> bool:
    return any(leaf.is_meta for leaf in leaves(arguments) if isinstance(leaf, torch.Tensor))
