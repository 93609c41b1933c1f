"""What definitions read of the module that they stand in."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_WRAPPED = 5  # decorators around each other that are looked through


def names(definitions: Iterable[Any], values: Mapping[str, Any]) -> set[str]:
    """The names that functions and classes use, and that the module's own functions and classes of
    these names use in turn; some that are attributes' only are among them."""
    found: set[str] = set()
    seen: set[types.CodeType] = set()
    waiting = [code for each in definitions for code in _codes(each)]
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
        new = set(code.co_names) - found
        found |= new
        waiting += [each for name in new for each in _codes(values.get(name))]
    return found


def _codes(value: Any) -> Iterator[types.CodeType]:
    """Of a function, with what it wraps, and of the functions that stand in a class."""
    for each in vars(value).values() if isinstance(value, type) else [value]:
        inner = each.__func__ if isinstance(each, staticmethod | classmethod) else each
        for _ in range(_WRAPPED):
            if isinstance(inner, types.FunctionType):
                yield inner.__code__
            inner = getattr(inner, "__dict__", {}).get("__wrapped__")
