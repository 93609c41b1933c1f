"""What stands in for an object that a grade never needs: it takes everything, and does nothing."""

from __future__ import annotations

import opcode
import sys
import types
from collections.abc import Generator, Iterator
from typing import Any

_UNPACK, _UNPACK_STARRED, _EXTENDED = (
    opcode.opmap[name] for name in ("UNPACK_SEQUENCE", "UNPACK_EX", "EXTENDED_ARG"))
_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul", "and",
           "or", "xor", "lshift", "rshift")
_OPERATORS = (*_BINARY, *(f"r{name}" for name in _BINARY), "neg", "pos", "abs", "invert")
_ORDERS = ("lt", "le", "gt", "ge")


class Derived:
    """What a class is derived from that is derived from something inert."""

    def __init__(self, *arguments: object, **keywords: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return getattr(INERT, name)


class Inert:
    """Answers every attribute, call, item and operator with itself, and is empty: but where it is
    unpacked, it has as many items as there are names for them."""

    def __init__(self, *arguments: object, **keywords: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: object, **keywords: object) -> Any:
        # As a decorator it must give back what it decorates: @interact, @widgets.interact(x=…).
        if len(arguments) == 1 and not keywords \
                and isinstance(arguments[0], types.FunctionType | type):
            return arguments[0]
        return self

    def __getitem__(self, key: object) -> Inert:
        return self

    def __setitem__(self, key: object, value: object) -> None: ...

    def __delitem__(self, key: object) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter([self] * _names_waiting(sys._getframe(1)))

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __index__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __format__(self, specification: str) -> str:
        return ""

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def __await__(self) -> Generator[None, None, Inert]:
        yield from ()
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (type("Inert", (Derived,), {}),)

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: object) -> bool:
        return False


def _itself(self: Inert, *operands: object) -> Inert:
    return self


def _no(self: Inert, other: object) -> bool:
    return False


for _name in _OPERATORS:
    setattr(Inert, f"__{_name}__", _itself)
for _name in _ORDERS:
    setattr(Inert, f"__{_name}__", _no)

INERT = Inert()


def inert(package: str) -> Inert:
    """What stands in for the objects of one package, whose name every message has that Python makes
    of it."""
    kind = type(f"stand_in_for_{package.replace('.', '_')}", (Inert,), {})
    return kind()  # type: ignore[no-any-return]


def _names_waiting(frame: types.FrameType) -> int:
    """How many names the running instruction unpacks something into; 0 where it does not."""
    code, at = frame.f_code.co_code, frame.f_lasti
    argument = code[at + 1]
    if code[at] == _UNPACK:
        return argument
    if code[at] == _UNPACK_STARRED:  # a, *rest, z = …: those before and those behind the star
        return argument + (code[at - 1] if at and code[at - 2] == _EXTENDED else 0)
    return 0
