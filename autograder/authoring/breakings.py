"""What breaks each kind of promise, whatever the function computes; and the promises that can be
broken at no cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from autograder.authoring import promises
from autograder.authoring.faults import (
    AnyFunction,
    Fault,
    changes_argument,
    ignores_strides,
    is_tensor,
    wrong,
)
from autograder.authoring.mutants import Calls
from autograder.authoring.promises import Argument, Promise, PromiseKind
from autograder.course import Question
from autograder.judge.examiner import Examiner
from autograder.judge.implementation import Local
from autograder.judge.suite import Check
from autograder.protocol import leaves, map_leaves
from autograder.result import Status

_NO_ANSWER = 0  # what a mutant answers that accepts everything


@dataclass(frozen=True)
class _TestedQuestion:
    """One question with its references, and what its checks prove."""

    examiner: Examiner
    table: Question
    references: dict[str, AnyFunction]
    proven: dict[Check, list[Promise]]

    def passes(self, check: Check, name: str, function: AnyFunction) -> bool:
        outcome = self.examiner.check(
            Local(self.references | {name: function}), self.table, check)
        return outcome.status is Status.PASSED

    def heard(self, checks: Sequence[Check]) -> dict[str, Calls]:
        """What these checks ask of each name."""
        heard = {name: Calls(self.references[name]) for name in self.table.names}
        listening = Local(self.references | {name: calls.listening()
                                             for name, calls in heard.items()})
        for check in checks:
            self.examiner.check(listening, self.table, check)
        return heard


def broken(examiner: Examiner, table: Question, master: Path) -> Iterator[str]:
    """What is wrong with the promises of a question: one that no check proves, or that breaks at no
    cost; and every check of the contract that proves none. Where the docstrings list no promises,
    it is left alone."""
    listed = promises.promises(master)
    mine = [promise for name in table.names for promise in listed.get(name, [])]
    checks = examiner.suite.checks.get(table.name, [])
    if not mine or not checks:
        return
    found = list(promises.unproven(checks, mine, examiner.suite.source))
    yield from found
    if not found:
        references = {name: getattr(examiner.staff.reference, name)
                      for name in examiner.assignment.names}
        question = _TestedQuestion(examiner, table, references, promises.proven(checks, mine))
        yield from _costs_nothing(question, mine, promises.ints_or_pairs(master))


def _costs_nothing(
    question: _TestedQuestion, mine: Sequence[Promise], either: Sequence[Argument]
) -> Iterator[str]:
    heard = question.heard(list(question.proven))
    for promise in mine:
        checks = [check for check, proves in question.proven.items() if promise in proves]
        if promise.kind is PromiseKind.REFUSAL:
            if not any(_refused(question, check, promise) for check in checks):
                yield (f"{', '.join(check.id for check in checks)} asks for fewer refusals than it "
                       f"proves, or for none: {promise.name}, {promise.text}")
            continue
        right = question.references[promise.name]
        for said, fault in _breakings(promise, heard[promise.name]):
            if all(question.passes(check, promise.name, wrong(right, fault)) for check in checks):
                yield (f"a version of {promise.name} that {said} fails no check that proves: "
                       f"{promise.text}")
    for argument in either:
        sizes = heard[argument.name].places(lambda value: isinstance(value, int | tuple)) \
            if argument.name in heard else []
        if argument.place in sizes:
            right = question.references[argument.name]
            for said, type_ in (("int", int), ("pair", tuple)):
                fault = partial(_takes_no, place=argument.place, type_=type_)
                if all(question.passes(check, argument.name, wrong(right, fault))
                       for check in question.proven):
                    yield (f"a version of {argument.name} that takes no {said} as "
                           f"{argument.argument} fails no check, though its docstring "
                           "says that it may be one")


def _refused(question: _TestedQuestion, check: Check, promise: Promise) -> bool:
    """Whether a check asks for as many refusals as it proves of this name, and fails on a function
    that refuses nothing."""
    count = 0

    def counting(right: AnyFunction) -> AnyFunction:
        def counted(*arguments: Any) -> Any:
            nonlocal count
            try:
                return right(*arguments)
            except Exception:  # whatever a reference refuses by
                count += 1
                raise

        return counted

    right = question.references[promise.name]
    wanted = [each for each in question.proven[check]
              if each.kind is PromiseKind.REFUSAL and each.name == promise.name]
    return (question.passes(check, promise.name, wrong(right, counting))
            and count >= len(wanted)
            and not question.passes(check, promise.name, wrong(right, _accepting)))


def _breakings(promise: Promise, calls: Calls) -> Iterator[tuple[str, Fault]]:
    """What breaks a promise, by the words that it is said with."""
    tensors = calls.places(is_tensor)
    for words, said, fault in _FAULTS:
        if re.search(words, promise.text):
            yield said, fault
    if "unchanged" in promise.text:
        for place in tensors:
            yield f"changes its argument {place + 1}", changes_argument(place)
    if re.search("contiguous|memory layout", promise.text):
        for place in tensors:
            yield f"ignores the strides of its argument {place + 1}", ignores_strides(place)


# ---------------------------------------------------------------- breakings


def _of_leaves(change: Callable[[Any], Any], right: AnyFunction) -> AnyFunction:
    """A function of which each part of the answer is changed."""
    return lambda *arguments: map_leaves(change, right(*arguments))


def _refusing(refuses: Callable[[Any], bool], right: AnyFunction) -> AnyFunction:
    """A function that refuses calls in which a tensor is such."""

    def refusing(*arguments: Any) -> Any:
        if any(is_tensor(leaf) and refuses(leaf) for leaf in leaves(arguments)):
            raise ValueError("not this one")
        return right(*arguments)

    return refusing


def _accepting(right: AnyFunction) -> AnyFunction:
    def accepting(*arguments: Any) -> Any:
        try:
            return right(*arguments)
        except Exception:
            return _NO_ANSWER

    return accepting


def _takes_no(right: AnyFunction, *, place: int, type_: type) -> AnyFunction:
    def taking(*arguments: Any) -> Any:
        if place < len(arguments) and isinstance(arguments[place], type_):
            raise TypeError(f"no {type_.__name__}")
        return right(*arguments)

    return taking


def _single(leaf: Any) -> Any:
    is_other = is_tensor(leaf) and leaf.dtype != torch.float32
    return leaf.float() if is_other else leaf


def _on_the_cpu(leaf: Any) -> Any:
    return torch.zeros(leaf.shape, dtype=leaf.dtype) if is_tensor(leaf) and leaf.is_meta else leaf


def _cut(leaf: Any) -> Any:
    return leaf.detach() if is_tensor(leaf) else leaf


def _float(leaf: Any) -> Any:
    return float(leaf) if type(leaf) is int else leaf


def _tensor(leaf: Any) -> Any:
    return torch.tensor(leaf) if type(leaf) in (int, float) else leaf


_FAULTS: tuple[tuple[str, str, Fault], ...] = (
    (r"\bdtype\b", "answers in float32", partial(_of_leaves, _single)),
    (r"\bdevice\b", "makes its answer on the CPU", partial(_of_leaves, _on_the_cpu)),
    (r"int64|[Ww]hole numbers", "takes no whole numbers",
     partial(_refusing, lambda leaf: not leaf.is_floating_point())),
    (r"^[Dd]ifferentiable", "cuts the graph", partial(_of_leaves, _cut)),
    (r"mpty batch", "takes no empty batch",
     partial(_refusing, lambda leaf: leaf.dim() > 0 and len(leaf) == 0)),
    (r"\bis an int\b(?! or)|\bare ints\b(?! or)", "answers floats", partial(_of_leaves, _float)),
    (r"\bis an int\b(?! or)|plain Python floats", "answers tensors", partial(_of_leaves, _tensor)),
)
