"""What definitions read of the module that they stand in."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

_WRAPPED = 5  # decorators around each other that are looked through


def names(definitions: Iterable[Any], values: Mapping[str, Any]) -> dict[str, bool]:
    """The global names that functions and classes read, and that the module's own functions and
    classes of these names read in turn; and whether such a name is called somewhere."""
    found: dict[str, bool] = {}
    seen: set[types.CodeType] = set()
    waiting = [code for each in definitions for code in _codes(each)]
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
        for name, is_called in _globals(code):
            if name not in found:
                waiting += _codes(values.get(name))
            found[name] = found.get(name, False) or is_called
    return found


@cache
def _globals(code: types.CodeType) -> tuple[tuple[str, bool], ...]:
    """With each global name, whether it is read in order to be called."""
    return tuple((str(each.argval), bool((each.arg or 0) & 1))
                 for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL")


def _codes(value: Any) -> Iterator[types.CodeType]:
    """Of a function, with what it wraps, and of the functions that stand in a class."""
    for each in vars(value).values() if isinstance(value, type) else [value]:
        inner = each.__func__ if isinstance(each, staticmethod | classmethod) else each
        for _ in range(_WRAPPED):
            if isinstance(inner, types.FunctionType):
                yield inner.__code__
            inner = getattr(inner, "__dict__", {}).get("__wrapped__")
