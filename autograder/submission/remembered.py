"""Remembers what was found out about pieces of code: most of a class's are alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_LONG = 1 << 14  # characters of a piece that is not worth the memory

AnyFinding = TypeVar("AnyFinding")


def remembered(most: int) -> Callable[[Callable[[str], AnyFinding]], Callable[[str], AnyFinding]]:
    """Decorates a function of a piece's source: answers for the ``most`` that were asked last are
    kept, unless these are long."""

    def decorate(function: Callable[[str], AnyFinding]) -> Callable[[str], AnyFinding]:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def asked(source: str) -> AnyFinding:
            return kept(source) if len(source) < _LONG else function(source)

        return asked

    return decorate
