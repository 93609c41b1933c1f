"""A student's network as the judge's own: written down where it lives, and run elsewhere.

Whatever a worker says of a network may be false: how many products it takes, and, if it is asked
for answers, by what they were found. So it hands the network over. It runs it once, on images that
anybody may know, and writes down each operator of torch's that is called, with its arguments, and
each tensor that comes in from outside. What is written is a program without branches in a closed
vocabulary. The judge counts its products, on tensors of torch's meta device, which have shapes and
no numbers; a worker that holds nothing else runs it on images that the student's never sees, for
operators of torch's believe what they are told of memory, and the judge's has secrets in it. A
program that is not the student's network is another network, and is judged as that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
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

Apart = Callable[..., Any]
"""What a function of ours answers to arguments, where nothing else is: ``StudentCode.apart``."""

_MOST_STEPS = 2_000
_MOST_TENSORS = 1 << 14
_LARGEST = 1 << 24  # numbers in one tensor
_MOST_NUMBERS = 1 << 26  # in all tensors that are made on the way; or looked at by poolings
_LARGEST_NUMBER = 1 << 16  # of a size, a place, a padding
_MOST_DIMENSIONS = 8
_TORCHS = frozenset((
    "contiguous_format", "preserve_format", "channels_last",
    "float16", "bfloat16", "float32", "float64", "int64", "int32", "uint8", "bool"))


def network(student: StudentCode, model: Object, X: torch.Tensor) -> Network:
    """What ``model`` computes of a batch, in evaluation mode, as a network of the judge's.

    Args:
        student: the fixture.
        model: a module of the student's.
        X: a batch, (N, …), float32, on which the worker runs it. Nothing of it is secret.

    Raises:
        Verdict: the model raised, or does what the judge cannot follow.
    """
    return Network(student.define(suite_runs_network)(model, X), X.shape, student.apart)


@dataclass
class Network:
    """A program in the vocabulary, found to be well-formed. It is called on batches of ``shape``.

    ``macs`` are what it takes for one image, on average: an operator that multiplies and adds up
    has as many as the products in it; one that adds up takes one for each number that goes in; any
    other that joins two tensors, or has weights, one for each number that it answers; the rest
    (activations, maxima, copies) is free. Numbers of 8 bytes count twice: there is room for two in
    one. ``answers`` is what it answers, the shape of a tensor of floating-point numbers.
    """

    said: Any  # by the worker
    shape: Sequence[int]
    apart: Apart
    macs: int = 0
    answers: tuple[int, ...] = ()  # shape, of one batch
    _program: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        match self.said:
            case {"steps": list(steps), "constants": list(constants),
                  "input": int(first), "output": int(last)} if len(steps) <= _MOST_STEPS:
                self._program = {
                    "steps": list(map(_step, steps)), "constants": list(map(_constant, constants)),
                    "input": first, "output": last, "batch": self.shape[0]}
            case _:
                raise _refused(_UNCLEAR)
        if sum(len(places) for *_, places in self._program["steps"]) > _MOST_TENSORS \
                or not all(_is_kept(value) for _, value in self._program["constants"]):
            raise _refused(_LARGE)
        counted = _Counted()
        try:
            answer = suite_program(
                _on_meta(self._program), torch.empty(tuple(self.shape), device="meta"), counted)
        except Verdict:
            raise
        except Exception:  # operators raise what they like
            raise _refused(_UNCLEAR if counted.last is None else sentence(
                "The grader cannot follow the network: its {operator} failed.",
                operator=counted.last)) from None
        if not answer.is_floating_point():
            raise _refused(sentence("The network answers numbers of type {dtype}, and not float32.",
                                    dtype=str(answer.dtype).removeprefix("torch.")))
        self.macs = math.ceil(counted.products / self.shape[0])
        self.answers = tuple(answer.shape)

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        """Its answers to one or more batches of ``shape``, one behind the other, in float32.

        Raises:
            Verdict: it does not run there, or answers otherwise than was counted.
        """
        answer = self.apart(suite_program, self._program, X)
        wanted = (len(X) // self.shape[0] * self.answers[0], *self.answers[1:])
        if not isinstance(answer, torch.Tensor) or not answer.is_floating_point() \
                or tuple(answer.shape) != wanted:
            raise _refused(_UNCLEAR)
        return answer.float()


_UNCLEAR = sentence("The grader cannot follow the network: it answers no tensor, or is too long.")
_LARGE = sentence("The network makes more numbers on its way than the grader can keep, or "
                  "complex ones.")


def suite_program(program: Any, X: Any, told: Any = None) -> Any:
    """The answers of a program, as ``_step`` and ``_constant`` read it, batch by batch.

    Its source is sent to workers. ``told`` hears of each operator with its arguments, once before
    and once after, with its answers, too.
    """
    import torch

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(each) for each in value]
        if isinstance(value, dict):
            ((kind, name),) = value.items()
            return values[name] if kind == "tensor" else getattr(torch, name)
        return value

    found = []
    for batch in X.split(program["batch"]):
        values = {place: value.clone() for place, value in program["constants"]}
        values[program["input"]] = batch
        for name, arguments, keywords, answers in program["steps"]:
            _, operator, overload = name.split(".")
            given = filled(arguments)
            if told is not None:
                told.before(name, given, answers)
            with torch.no_grad():
                answer = getattr(getattr(torch.ops.aten, operator), overload)(
                    *given, **{key: filled(value) for key, value in keywords.items()})
            several = list(answer) if isinstance(answer, tuple | list) else [answer]
            tensors = [each for each in several if isinstance(each, torch.Tensor)]
            if told is not None:
                told.after(name, given, tensors)
            values.update(zip(answers, tensors, strict=False))
        found.append(values[program["output"]])
    return torch.cat(found)


def _on_meta(program: dict[str, Any]) -> dict[str, Any]:
    """The same program, of shapes alone."""
    return program | {
        "constants": [[place, value.to("meta")] for place, value in program["constants"]],
        "steps": [[name, arguments, keywords | ({"device": "meta"} if name in MADE else {}), places]
                  for name, arguments, keywords, places in program["steps"]]}


@dataclass
class _Counted:
    """What has been counted on the way, operator by operator."""

    products: int = 0
    numbers: int = 0
    last: str | None = None  # operator

    def before(self, name: str, arguments: list[Any], places: Sequence[int]) -> None:
        self.last = name
        if name in SOUND and not SOUND[name](_by_name(name, arguments), len(places)):
            raise ValueError("torch would not look at that")

    def after(self, name: str, arguments: list[Any], answered: Sequence[torch.Tensor]) -> None:
        if not answered or not all(map(_is_kept, answered)):
            raise _refused(_LARGE)
        given = _by_name(name, arguments)
        self.numbers += sum(each.numel() for each in answered)
        if name in LOOKED_AT:
            self.numbers += LOOKED_AT[name](answered[0], given)
        if self.numbers > _MOST_NUMBERS:
            raise _refused(_LARGE)
        if name in PRODUCTS:
            width = max(each.element_size() for each in _tensors([answered[0], *arguments]))
            self.products += PRODUCTS[name](answered[0], given) * max(1, width // 4)


def _is_kept(value: torch.Tensor) -> bool:
    """Whether a tensor is within bounds: an empty one may have long axes."""
    return value.dim() <= _MOST_DIMENSIONS and not value.is_complex() \
        and math.prod(max(size, 1) for size in value.shape) <= _LARGEST


def _by_name(name: str, arguments: list[Any]) -> dict[str, Any]:
    return dict(zip(_names(name), arguments, strict=False))


@cache
def _names(name: str) -> tuple[str, ...]:
    """Of an operator's arguments, without those that are given by keyword only."""
    _, operator, overload = name.split(".")
    known = getattr(getattr(torch.ops.aten, operator), overload)._schema.arguments
    return tuple(each.name for each in known if not each.kwarg_only)


def _step(said: Any) -> list[Any]:
    """One operator, its arguments, and the places of what it answers."""
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
    run = UNWRITTEN.get(name, name)
    if len(arguments) > len(_names(run)) or keywords.keys() & set(_names(run)):
        raise _refused(_UNCLEAR)  # products are counted by place
    return [run, _argument(arguments),
            {str(key): _argument(value) for key, value in keywords.items()
             if name not in UNWRITTEN or key != "memory_format"}, answers]


def _constant(said: Any) -> list[Any]:
    match said:
        case [int(place), torch.Tensor() as value] if not value.is_meta:
            return [place, value]
    raise _refused(_UNCLEAR)


def _argument(said: Any) -> Any:
    """An argument: a number within bounds, a tensor by its place, torch's own by name, a list."""
    match said:
        case None | bool() | float():
            return said
        case int() if abs(said) <= _LARGEST_NUMBER or abs(said) >= (1 << 63) - 1:
            return said  # a slice's end may be the largest number there is
        case str() if len(said) < 20:
            return said
        case list() if len(said) <= _MOST_STEPS:
            return [_argument(each) for each in said]
        case {"tensor": int(place)} if len(said) == 1:
            return {"tensor": place}
        case {"torch": str(name)} if len(said) == 1 and name in _TORCHS:
            return {"torch": name}
        case {"torch": str(name)}:
            raise _refused(sentence("The grader cannot follow the network: it makes numbers of "
                                    "type {dtype}.", dtype=name[:20]))
    raise _refused(_UNCLEAR)


def _tensors(given: Any) -> list[torch.Tensor]:
    """Those among an operator's arguments, in their order."""
    if isinstance(given, torch.Tensor):
        return [given]
    return [found for each in given for found in _tensors(each)] if isinstance(given, list) else []


def _refused(message: Sentence) -> Verdict:
    return Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.OTHER), message=message)


def suite_runs_network() -> object:
    """A function of a model and a batch: what the model computes. Its source is sent to workers;
    its name is what a student reads of the call, where the network raises an exception."""
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
            if isinstance(value, torch.dtype | torch.memory_format):
                return {"torch": str(value).removeprefix("torch.")}
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
