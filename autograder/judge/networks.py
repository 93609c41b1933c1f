"""A student's network as the judge's own: written down where it lives, and run here.

Whatever a worker says of a network may be false: how many products it takes, and, if it is asked
for answers, by what they were found. So it hands the network over. It runs it once, on images that
anybody may know, and writes down each operator of torch's that is called, with its arguments, and
each tensor that comes in from outside. What is written is a program without branches in a closed
vocabulary. The judge counts its products and runs it on images that the worker never sees. A
program that is not the student's network is another network, and is judged as that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.judge.check_run import Verdict
from autograder.judge.checks import StudentCode
from autograder.judge.objects import Object
from autograder.judge.vocabulary import (
    FREE,
    LOOKED_AT,
    MADE,
    PRODUCTS,
    RANDOM,
    SOUND,
    UNWRITTEN,
)
from autograder.result import Mismatch, MismatchKind, Sentence, Status, sentence

_MOST_STEPS = 2_000
_MOST_TENSORS = 1 << 14
_LARGEST = 1 << 24  # numbers in one tensor
_MOST_NUMBERS = 1 << 26  # in all tensors that are made on the way; or looked at by poolings
_MOST_PRODUCTS = 1 << 32  # of a network that is run
_LARGEST_NUMBER = 1 << 16  # of a size, a place, a padding
_MOST_DIMENSIONS = 8
_FORMATS = {each: getattr(torch, each)
            for each in ("contiguous_format", "preserve_format", "channels_last")}
_DTYPES = {each: getattr(torch, each)
           for each in ("float16", "bfloat16", "float32", "float64", "int64", "int32", "uint8",
                        "bool")}


def network(student: StudentCode, model: Object, X: torch.Tensor) -> Network:
    """What ``model`` computes of a batch, in evaluation mode, as a network of the judge's.

    Args:
        student: the fixture.
        model: a module of the student's.
        X: a batch, (N, …), float32, on which the worker runs it. Nothing of it is secret.

    Raises:
        Verdict: the model raised, or does what the judge cannot follow.
    """
    return Network(student.define(suite_recorder)(model, X), X.shape)


@dataclass
class Network:
    """A program in the vocabulary, found to be well-formed. It is called on batches of ``shape``.

    ``macs`` are what it takes for one image, on average: an operator that multiplies and adds up
    has as many as the products in it; one that adds up takes one for each number that goes in; any
    other that joins two tensors, or has weights, one for each number that it answers; the rest
    (activations, maxima, copies) is free. Numbers of 8 bytes count twice: there is room for two in
    one. Hold ``macs`` against a bound before you call it; ``answers`` is what it answers, the
    shape of a tensor of floating-point numbers.
    """

    said: Any  # by the worker
    shape: Sequence[int]
    macs: int = 0
    answers: tuple[int, ...] = ()  # shape
    _input: int = 0
    _output: int = 0
    _steps: list[_Step] = field(default_factory=list)
    _constants: dict[int, torch.Tensor] = field(default_factory=dict)
    _products: int = 0

    def __post_init__(self) -> None:
        match self.said:
            case {"steps": list(steps), "constants": list(constants),
                  "input": int(first), "output": int(last)} if len(steps) <= _MOST_STEPS:
                self._input, self._output = first, last
                self._constants = dict(map(_constant, constants))
                self._steps = list(map(_Step.read, steps))
            case _:
                raise _refused(_UNCLEAR)
        if sum(len(step.answers) for step in self._steps) > _MOST_TENSORS \
                or any(not _is_kept(each) for each in self._constants.values()):
            raise _refused(_LARGE)
        answer, counted = self._run(torch.empty(tuple(self.shape), device="meta"))
        if not answer.is_floating_point():
            raise _refused(sentence("The network answers numbers of type {dtype}, and not float32.",
                                    dtype=str(answer.dtype).removeprefix("torch.")))
        self._products = counted.products
        self.macs = math.ceil(counted.products / self.shape[0])
        self.answers = tuple(answer.shape)

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        """Its answers to a batch of ``shape``, which is unchanged."""
        if self._products > _MOST_PRODUCTS:
            raise _refused(_LARGE)
        with torch.no_grad():
            answer, _ = self._run(X.clone())
        return answer

    def _run(self, X: torch.Tensor) -> tuple[torch.Tensor, _Counted]:
        """Raises Verdict where an operator refuses what it is given."""
        counted = _Counted()
        values = {place: value.to("meta") if X.is_meta else value.clone()
                  for place, value in self._constants.items()}
        values[self._input] = X
        for step in self._steps:
            given = step.given(values)
            try:
                answered = step(given, X.device)
            except Exception:  # operators raise what they like
                raise _refused(sentence("The grader cannot follow the network: its {operator} "
                                        "failed.", operator=step.name)) from None
            counted.add(step, given, answered)
            values.update(zip(step.answers, answered, strict=False))
        answer = values.get(self._output)
        if answer is None:
            raise _refused(_UNCLEAR)
        return answer, counted


_UNCLEAR = sentence("The grader cannot follow the network: it answers no tensor, or is too long.")


@dataclass(frozen=True)
class _Tensor:
    place: int


@dataclass(frozen=True)
class _Step:
    """One operator, its arguments, and the places of what it answers."""

    name: str
    operator: Callable[..., Any]
    arguments: dict[str, Any]
    keywords: dict[str, Any]
    answers: Sequence[int]

    @classmethod
    def read(cls, said: Any) -> _Step:
        match said:
            case [str(name), list(arguments), dict(keywords), list(answers)] \
                    if all(type(place) is int for place in answers):
                pass
            case _:
                raise _refused(_UNCLEAR)
        if name in RANDOM:
            raise _refused(sentence("The network draws random numbers in evaluation mode, by "
                                    "{operator}.", operator=name))
        if name not in FREE | MADE | PRODUCTS.keys() | UNWRITTEN.keys():
            raise _refused(sentence("The network uses {operator}, which is none of the operators "
                                    "that the grader can follow.", operator=name[:100]))
        _, operator, overload = UNWRITTEN.get(name, name).split(".")
        called = getattr(getattr(torch.ops.aten, operator), overload)
        known = called._schema.arguments
        names = [each.name for each in known if not each.kwarg_only]
        if len(arguments) > len(names) or keywords.keys() - {each.name for each in known} \
                or keywords.keys() & set(names):  # products are counted by place
            raise _refused(_UNCLEAR)
        return cls(name, called, dict(zip(names, map(_argument, arguments), strict=False)), {
            key: _argument(value) for key, value in keywords.items()
            if name not in UNWRITTEN or key != "memory_format"}, answers)

    def given(self, values: dict[int, torch.Tensor]) -> dict[str, Any]:
        """Its arguments by name."""
        return {name: _filled(kept, values) for name, kept in self.arguments.items()}

    def __call__(self, given: dict[str, Any], device: torch.device) -> list[torch.Tensor]:
        """What it answers. Raises what the operator raises."""
        if self.name in SOUND and not SOUND[self.name](given, len(self.answers)):
            raise ValueError("torch would not look at that")
        where = {"device": device} if self.name in MADE else {}
        found = self.operator(*given.values(), **where, **self.keywords)
        several = list(found) if isinstance(found, tuple | list) else [found]
        return [each for each in several if isinstance(each, torch.Tensor)]


@dataclass
class _Counted:
    """What has been counted on the way."""

    products: int = 0
    numbers: int = 0

    def add(self, step: _Step, given: dict[str, Any], answered: Sequence[torch.Tensor]) -> None:
        if not answered or not all(map(_is_kept, answered)):
            raise _refused(_LARGE)
        self.numbers += sum(each.numel() for each in answered)
        if step.name in LOOKED_AT:
            self.numbers += LOOKED_AT[step.name](answered[0], given)
        if self.numbers > _MOST_NUMBERS:
            raise _refused(_LARGE)
        if step.name in PRODUCTS:
            width = max(each.element_size() for each in _tensors([answered[0], *given.values()]))
            self.products += PRODUCTS[step.name](answered[0], given) * max(1, width // 4)


def _is_kept(value: torch.Tensor) -> bool:
    """Whether a tensor is within bounds: an empty one may have long axes."""
    return value.dim() <= _MOST_DIMENSIONS and not value.is_complex() \
        and math.prod(max(size, 1) for size in value.shape) <= _LARGEST


_LARGE = sentence("The network makes more numbers on its way than the grader can keep, or "
                  "complex ones.")


def _constant(said: Any) -> tuple[int, torch.Tensor]:
    match said:
        case [int(place), torch.Tensor() as value] if not value.is_meta:
            return place, value
    raise _refused(_UNCLEAR)


def _argument(said: Any) -> Any:
    """An argument as it is kept: a tensor by its place, a number within bounds, a list of these."""
    match said:
        case None | bool() | float():
            return said
        case int() if abs(said) <= _LARGEST_NUMBER or abs(said) >= (1 << 63) - 1:
            return said  # a slice's end may be the largest number there is
        case str() if len(said) < 20:
            return said
        case list() if len(said) <= _MOST_STEPS:
            return [_argument(each) for each in said]
        case {"tensor": int(place)}:
            return _Tensor(place)
        case {"dtype": str(name)} if name in _DTYPES:
            return _DTYPES[name]
        case {"format": str(name)} if name in _FORMATS:
            return _FORMATS[name]
        case {"dtype": str(name)}:
            raise _refused(sentence("The grader cannot follow the network: it makes numbers of "
                                    "type {dtype}.", dtype=name[:20]))
    raise _refused(_UNCLEAR)


def _filled(kept: Any, values: dict[int, torch.Tensor]) -> Any:
    if isinstance(kept, _Tensor):
        if kept.place not in values:
            raise _refused(_UNCLEAR)
        return values[kept.place]
    return [_filled(each, values) for each in kept] if isinstance(kept, list) else kept


def _tensors(filled: Any) -> Iterator[torch.Tensor]:
    if isinstance(filled, torch.Tensor):
        yield filled
    elif isinstance(filled, list):
        for each in filled:
            yield from _tensors(each)


def _refused(message: Sentence) -> Verdict:
    return Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.OTHER), message=message)


def suite_recorder() -> object:
    """A function of a model and a batch: what the model computes. Its source is sent to workers."""
    from typing import Any  # noqa: F401, RUF100  # no import of this file's is there

    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    class OperatorRecorder(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.steps: list[Any] = []
            self.constants: list[Any] = []
            self.places: dict[int, int] = {}
            self.alive: list[Any] = []  # or another tensor could get the same id

        def made(self, tensor: Any) -> int:
            if id(tensor) not in self.places:
                self.places[id(tensor)] = len(self.alive)
                self.alive.append(tensor)
            return self.places[id(tensor)]

        def said(self, value: Any) -> Any:
            if isinstance(value, torch.Tensor):
                if id(value) not in self.places:
                    self.constants.append([self.made(value), value.detach().clone()])
                return {"tensor": self.places[id(value)]}
            if isinstance(value, list | tuple):
                return [self.said(each) for each in value]
            if isinstance(value, torch.dtype):
                return {"dtype": str(value).removeprefix("torch.")}
            if isinstance(value, torch.memory_format):
                return {"format": str(value).removeprefix("torch.")}
            return value

        def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (),
                               keywords: Any = None) -> Any:
            given = {key: value for key, value in (keywords or {}).items()
                     if key not in ("device", "layout", "pin_memory") and value is not None}
            step = [str(function), self.said(list(arguments)),
                    {key: self.said(value) for key, value in given.items()}]
            answer = function(*arguments, **(keywords or {}))
            several = answer if isinstance(answer, tuple | list) else [answer]
            self.steps.append([*step, [self.made(each) for each in several
                                       if isinstance(each, torch.Tensor)]])
            return answer

    def record(model: Any, X: Any) -> Any:
        if hasattr(model, "eval"):
            model.eval()
        recorder = OperatorRecorder()
        first = recorder.made(X)
        with torch.no_grad(), recorder:
            answer = model(X)
        if not isinstance(answer, torch.Tensor):
            return answer
        return {"steps": recorder.steps, "constants": recorder.constants, "input": first,
                "output": recorder.made(answer)}

    return record
