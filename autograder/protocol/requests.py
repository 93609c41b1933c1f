"""What the judge asks of a worker.

On the wire a request is ``[its name, its fields in order]``, without those at the end that are what
they are when nobody says so, in a header that also says its number, what is denied meanwhile, and
the seed of chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from functools import cache
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import torch

from autograder.protocol.coding import Decoder, Encoder, Json
from autograder.protocol.numbers import np
from autograder.protocol.values import Handle, ProtocolError, kind_of
from autograder.rules import Rule, read_rule


@dataclass(frozen=True)
class RunCell:
    """Run lines of one cell of the notebook, ``above`` of which come before them; it answers
    nothing. ``graded``: names whose definitions are remembered as they come by."""

    cell: int
    source: str
    graded: tuple[str, ...] = ()
    above: int = 0


@dataclass(frozen=True)
class Substitute:
    """From now on the judge answers for the student's functions of these names."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class CallFunction:
    """What the student's function or class answers. ``keep``: the answer stays, and a handle of it
    is answered. ``effect``: what is answered in its place, where that is what the call left behind:
    "printed", a text, or "drawn", figures (see ``autograder.worker.effects``)."""

    function: str
    arguments: tuple[Any, ...]
    keep: bool = False
    keywords: Mapping[str, Any] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True)
class CallMethod:
    """What a method of an object that stays in the worker answers; without the name of one, the
    object itself as it is by now."""

    target: Handle
    method: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadVariable:
    """What a variable of the student's holds."""

    name: str


@dataclass(frozen=True)
class CallTests:
    """Call the student's function ``tests`` with one that asks the judge in place of the function
    ``of``; it answers nothing."""

    tests: str
    of: str


@dataclass(frozen=True)
class LookUp:
    """What each of these names is: {name: "function", "class", "layer" of torch's, "object" or
    "missing"}."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Differentiate:
    """An answer of ``target``, and the gradients of ⟨answer, ``upstream``⟩: for the arguments at
    the places ``wanted``, and, where the target is a module, for its parameters by name.

    Answers (answer, [gradient or None], {parameter: gradient or None}); no gradients at all when
    the answer does not depend differentiably on anything, or has another shape than ``upstream``.
    """

    target: str | Handle
    arguments: tuple[Any, ...]
    wanted: tuple[int, ...]
    upstream: torch.Tensor
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleState:
    """Parameters, buffers, state and mode of a module, after loading ``load`` as a state_dict."""

    module: Handle
    load: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class PrepareTiming:
    """Get ready to be timed on tensors in the shared memory: see ``autograder.worker.timed``.
    ``device`` is where the function works, as torch calls it; ``block_size`` are the bytes of a
    shared block there, none where the worker copies there and back."""

    function: str
    shapes: tuple[tuple[int, ...], ...]
    numbers: tuple[Any, ...]
    threads: int
    device: str = "cpu"
    block_size: int = 0


@dataclass(frozen=True)
class TimedCall:
    """One call on what stands in the shared memory, its answer written there."""


@dataclass(frozen=True)
class Close:
    """End. It is answered by ending."""


Request: TypeAlias = (
    RunCell | Substitute | CallFunction | CallMethod | ReadVariable | CallTests | LookUp
    | Differentiate | ModuleState | PrepareTiming | TimedCall | Close
)
WithArguments: TypeAlias = CallFunction | CallMethod | Differentiate

_KINDS: dict[str, type[Request]] = {kind.__name__: kind for kind in get_args(Request)}
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS.values()}

def changeable(request: Request) -> tuple[Any, ...]:
    """The arguments that a request hands to the student's code and that can be changed there, in
    order, those by keyword last: tensors, arrays, and containers that are no tuples."""
    if not isinstance(request, WithArguments):
        return ()
    return tuple(value for value in (*request.arguments, *request.keywords.values())
                 if can_change(value))


_ARRAYS = (torch.Tensor, np.ndarray)


def can_change(argument: Any) -> bool:
    """Whether a function can change this argument of its caller's."""
    return isinstance(argument, _ARRAYS) \
        or kind_of(argument) in ("list", "dict", "set", "frame")


def encode_request(
    number: int, request: Request, deny: Sequence[Rule], seed: int | None
) -> tuple[dict[str, Json], list[bytes]]:
    """Header and body of the frame that ``Envelope`` reads."""
    encoder = Encoder(strided=True)
    kind = type(request)
    values = [getattr(request, name) for name in _NAMES[kind]]
    for usual in _USUAL[kind]:
        if type(values[-1]) is not type(usual) or values[-1] != usual:
            break
        values.pop()
    parts = list(map(encoder.encode, values))
    return {"id": number, "deny": [_form(rule) for rule in deny], "seed": seed,
            "request": [kind.__name__, *parts]}, encoder.body


@dataclass(frozen=True)
class Envelope:
    """A request as it arrived: its number, what is denied, the seed, and its fields' values."""

    number: int
    deny: tuple[Rule, ...]
    seed: int | None
    kind: type[Request]
    values: tuple[Any, ...]

    @classmethod
    def read(cls, header: Mapping[str, Json], body: memoryview) -> Envelope:
        """Raises ProtocolError for what ``encode_request`` cannot have made."""
        if set(header) != {"id", "deny", "seed", "request"}:
            raise ProtocolError("not a request")
        number, deny, seed, parts = (header[key] for key in ("id", "deny", "seed", "request"))
        if type(number) is not int or not _fits_seed(seed) or not isinstance(deny, list) \
                or not isinstance(parts, list) or not parts:
            raise ProtocolError("not a request")
        kind = _KINDS.get(parts[0]) if type(parts[0]) is str else None
        left_out = 1 + len(_FIT[kind]) - len(parts) if kind else -1
        if kind is None or not 0 <= left_out <= len(_USUAL[kind]):
            raise ProtocolError("not a request")
        decoder = Decoder(body, strided=True)
        values = (*map(decoder.decode, parts[1:]), *_USUAL[kind][:left_out][::-1])
        decoder.finish()
        return cls(number, _rules(deny), seed, kind, values)

    def request(self) -> Request:
        """The request itself.

        Raises:
            TypeError: a field is not what it must be. A value that could not travel has arrived as
                something opaque, say.
        """
        for value, fits, name in zip(self.values, _FIT[self.kind], _NAMES[self.kind], strict=True):
            if not fits(value):
                raise TypeError(f"{self.kind.__name__}.{name} is no {_HINTS[self.kind][name]}")
        return self.kind(*self.values)


@cache
def _form(rule: Rule) -> Json:
    return asdict(rule)


_last_read: tuple[Json, tuple[Rule, ...]] = [], ()  # most requests have the rules of the one before


def _rules(forms: list[Json]) -> tuple[Rule, ...]:
    global _last_read
    if forms != _last_read[0]:
        _last_read = forms, tuple(map(_rule, forms))
    return _last_read[1]


def _rule(form: Json) -> Rule:
    if not isinstance(form, dict) or set(form) != set(_RULE) or not all(
            _RULE[key](tuple(value) if isinstance(value, list) else value)
            for key, value in form.items()):
        raise ProtocolError("not a rule")
    return read_rule(form)


def _fitting(hint: Any) -> Callable[[Any], bool]:
    """Whether a decoded value is of the type that a field is annotated with, and of no other: a
    boolean is no number."""
    if hint is Any:
        return lambda value: True
    if isinstance(hint, type) and not get_args(hint):
        return lambda value: type(value) is hint
    inside = [_fitting(each) for each in get_args(hint) if each is not Ellipsis]
    if get_origin(hint) is tuple:
        return lambda value: type(value) is tuple and all(map(inside[0], value))
    if get_origin(hint) is Mapping:
        return lambda value: type(value) is dict and all(map(inside[0], value)) \
            and all(map(inside[1], value.values()))
    return lambda value: any(fits(value) for fits in inside)


def _usual(given: Sequence[Field[Any]]) -> tuple[Any, ...]:
    """The values of fields that need not be given, from the last one on."""
    found = []
    for each in reversed(given):
        if each.default_factory is not MISSING:
            found.append(each.default_factory())
        elif each.default is not MISSING:
            found.append(each.default)
    return tuple(found)


_USUAL = {kind: _usual(fields(kind)) for kind in _KINDS.values()}
_HINTS = {kind: get_type_hints(kind) for kind in _KINDS.values()}
_FIT = {kind: tuple(map(_fitting, hints.values())) for kind, hints in _HINTS.items()}
_RULE = {key: _fitting(hint) for key, hint in get_type_hints(Rule).items()}
_fits_seed = _fitting(int | None)
