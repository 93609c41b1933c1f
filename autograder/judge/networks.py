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
from typing import Any

import torch

from autograder.judge.check_run import Verdict
from autograder.judge.checks import StudentCode
from autograder.judge.objects import Object
from autograder.judge.vocabulary import EACH, FREE, MADE, PRODUCTS, RANDOM, UNWRITTEN
from autograder.result import Mismatch, MismatchKind, Sentence, Status, sentence

Apart = Callable[..., Any]
"""What a function of ours answers to arguments, where nothing else is: ``StudentCode.apart``."""

_MOST_STEPS = 2_000
_LARGEST = 1 << 24  # numbers in one tensor
_MOST_NUMBERS = 1 << 28  # in all tensors that are made on the way
_LARGEST_NUMBER = 1 << 16  # of a size, a place, a padding
_MOST_DIMENSIONS = 8
_TORCHS = frozenset((
    "contiguous_format", "preserve_format", "channels_last",
    "float32", "float64", "int64", "int32", "uint8", "bool"))


def network(student: StudentCode, model: Object, X: torch.Tensor) -> Network:
    """What ``model`` computes of a batch, in evaluation mode, as a network of the judge's.

    Args:
        student: the fixture.
        model: a module of the student's.
        X: a batch, (N, …), float32, on which the worker runs it. Nothing of it is secret.

    Raises:
        Verdict: the model raised, or does what the judge cannot follow.
    """
    return Network(student.define(suite_recorder)(model, X), X.shape, student.apart)


@dataclass
class Network:
    """A program in the vocabulary, found to be well-formed. It is called on batches of ``shape``.

    ``macs`` are what it takes for one image, on average: an operator that multiplies and adds up
    has as many as the products in it; any other that joins two tensors, or has weights, takes one
    for each number that it answers; the rest (activations, pooling, copies) is free.
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
        counted = _Counted()
        try:
            answer = suite_program(
                _on_meta(self._program), torch.empty(tuple(self.shape), device="meta"), counted.add)
        except _UNFIT:
            raise _refused(_UNCLEAR if counted.last is None else sentence(
                "The grader cannot follow the network: its {operator} failed.",
                operator=counted.last)) from None
        self.macs = math.ceil(counted.products / self.shape[0])
        self.answers = tuple(answer.shape)

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        """Its answers to one or more batches of ``shape``, in float32.

        Raises:
            Verdict: it does not run there, or answers otherwise than was counted.
        """
        answer = self.apart(suite_program, self._program, X)
        if not isinstance(answer, torch.Tensor) or not answer.is_floating_point() \
                or tuple(answer.shape) != (len(X), *self.answers[1:]):
            raise _refused(_UNCLEAR)
        return answer.float()


_UNFIT = (RuntimeError, TypeError, ValueError, IndexError, KeyError, NotImplementedError,
          MemoryError)
"""What torch raises where an operator refuses what it is given, and Python of places not known."""
_UNCLEAR = sentence("The grader cannot follow the network: it answers no tensor, or is too long.")
_LARGE = sentence("The network makes more numbers on its way than the grader can keep.")


def suite_program(program: Any, X: Any, told: Any = None) -> Any:
    """The answers of a program, as ``_step`` and ``_constant`` read it, batch by batch.

    Its source is sent to workers. ``told`` hears of each operator: once before with its name alone,
    and once after with its tensors and its answers.
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
            if told is not None:
                told(name)
            _, operator, overload = name.split(".")
            given = filled(arguments)
            with torch.no_grad():
                answer = getattr(getattr(torch.ops.aten, operator), overload)(
                    *given, **{key: filled(value) for key, value in keywords.items()})
            several = list(answer) if isinstance(answer, tuple | list) else [answer]
            tensors = [each for each in several if isinstance(each, torch.Tensor)]
            if told is not None:
                told(name, given, tensors)
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
    """What has been counted on the way."""

    products: int = 0
    numbers: int = 0
    last: str | None = None  # operator

    def add(
        self, name: str, given: Any = None, answered: Sequence[torch.Tensor] | None = None
    ) -> None:
        self.last = name
        if answered is None:
            return
        if not answered or any(each.numel() > _LARGEST or each.dim() > _MOST_DIMENSIONS
                               for each in answered):
            raise _refused(_LARGE)
        self.numbers += sum(each.numel() for each in answered)
        if self.numbers > _MOST_NUMBERS:
            raise _refused(_LARGE)
        if name in EACH:
            self.products += answered[0].numel()
        elif name in PRODUCTS:
            self.products += PRODUCTS[name](answered[0], *_tensors(given))


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
    if name not in FREE | EACH | MADE | PRODUCTS.keys() | UNWRITTEN.keys():
        raise _refused(sentence("The network uses {operator}, which is none of the operators "
                                "that the grader can follow.", operator=name[:100]))
    return [UNWRITTEN.get(name, name), _argument(arguments),
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
        case list() if len(said) <= 64:
            return [_argument(each) for each in said]
        case {"tensor": int(place)} if len(said) == 1:
            return {"tensor": place}
        case {"torch": str(name)} if len(said) == 1 and name in _TORCHS:
            return {"torch": name}
    raise _refused(_UNCLEAR)


def _tensors(given: Any) -> list[torch.Tensor]:
    """Those among an operator's arguments, in their order."""
    if isinstance(given, torch.Tensor):
        return [given]
    return [found for each in given for found in _tensors(each)] if isinstance(given, list) else []


def _refused(message: Sentence) -> Verdict:
    return Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.OTHER), message=message)


def suite_recorder() -> object:
    """A function of a model and a batch: what the model computes. Its source is sent to workers."""
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
