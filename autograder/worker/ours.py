"""Our own modules among all that are imported."""

from __future__ import annotations

import sys

_PACKAGE = __name__.split(".")[0]
_seen: tuple[int, list[str]] = (0, [])  # how many there were of all, and the names of ours


def names() -> list[str]:
    """Their names.

    To ask each of three thousand modules writes to as many objects, for they are counted while they
    are held: a worker would copy the pages of all that it shares with its zygote. So the zygote
    asks, and a worker only where something was imported since.
    """
    global _seen
    if len(sys.modules) != _seen[0]:
        _seen = (len(sys.modules), [each for each in sys.modules if each.split(".")[0] == _PACKAGE])
    return _seen[1]
