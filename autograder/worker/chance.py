"""Chance that is the same each time: torch's, NumPy's and Python's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from autograder.protocol.numbers import np

_LARGEST = 1 << 32  # seed of NumPy's


def settle(seed: int) -> None:
    """Begin anew from ``seed``."""
    torch.default_generator.manual_seed(seed)
    if hasattr(np, "random"):
        np.random.seed(seed % _LARGEST)
    random.seed(seed)


@contextmanager
def settled(seed: int) -> Iterator[None]:
    """Chance from ``seed`` in here, and outside as if nothing had been."""
    before = np.random.get_state(), random.getstate()
    with torch.random.fork_rng(devices=[]):
        settle(seed)
        try:
            yield
        finally:
            np.random.set_state(before[0])
            random.setstate(before[1])
