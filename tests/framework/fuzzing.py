"""How many cases a property is tried on: a few each time, and many by ``make fuzz``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

_TIMES = int(os.environ.get("FUZZ", "1"))


def fuzzed(cases: int) -> Callable[[Any], Any]:
    """Mark a property of what comes from outside; ``cases`` are tried, times ``FUZZ``."""
    def mark(test: Any) -> Any:
        return pytest.mark.fuzz(settings(max_examples=cases * _TIMES, deadline=None)(test))

    return mark
