"""Timing, on the worker's side: a function works from and into memory that the judge shares.

The worker knows no clock: it is told to go, and says when it is done. All that happens here is the
student's to change, and nothing of it is believed: the judge times from outside and looks at every
number.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.protocol import shared_memory
from autograder.worker import linux

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _NEVER = -1, -3, 1 << 30  # glibc's malloc.h


class Track:
    """What one function is timed on. The same for the staff's function and a student's."""

    def __init__(
        self, memory: mmap.mmap, function: Callable[..., Any], shapes: Sequence[Sequence[int]],
        numbers: Sequence[Any], threads: int,
    ) -> None:
        """``shapes``: of the tensors that ``function`` is given, before ``numbers``, and, last,
        of its answer."""
        # Memory that is given back to the kernel costs page faults to get again, as many as the
        # kernel feels like: keep it, so that calls are alike.
        linux.libc.mallopt(_M_MMAP_THRESHOLD, _NEVER)
        linux.libc.mallopt(_M_TRIM_THRESHOLD, _NEVER)
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision("highest")
        *self._given, self._answer = shared_memory.views(memory, shapes)
        self._function = function
        self._numbers = numbers

    def go(self) -> None:
        """One call: its answer is in the shared memory when this returns."""
        with torch.no_grad():
            self._answer.copy_(self._function(*self._given, *self._numbers))
