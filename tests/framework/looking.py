"""Waits for what another process does: looks again and again until it is so."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

PATIENCE = 240.0  # seconds, for the slowest machine that tests run on


def until(true: Callable[[], bool]) -> None:
    """Raises AssertionError where it is not so before patience ends."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never was so"
        select.select([], [], [], 0.02)
