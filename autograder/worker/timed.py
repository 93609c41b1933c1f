"""Timing, on the worker's side: a function works from and into memory that the judge shares.

Both sides lay the memory out alike, by ``views``. The worker knows no clock: it is told *go*, and
says when it is done. All that happens here is the student's to change, and nothing of it is
believed: the judge times from outside and looks at every number.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.worker import linux

_ALIGNMENT = mmap.PAGESIZE
_ITEM = torch.float32.itemsize
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _NEVER = -1, -3, 1 << 30  # glibc's malloc.h


def size(shapes: Sequence[Sequence[int]]) -> int:
    """Bytes that ``views`` of these shapes take."""
    return sum(map(_extent, shapes))


def views(memory: mmap.mmap, shapes: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    """float32 tensors of these shapes, one after the other in ``memory``, each on its own page."""
    found, offset = [], 0
    for shape in shapes:
        flat = torch.frombuffer(memory, dtype=torch.float32, count=math.prod(shape), offset=offset)
        found.append(flat.reshape(list(shape)))
        offset += _extent(shape)
    return found


def _extent(shape: Sequence[int]) -> int:
    return -(-math.prod(shape) * _ITEM // _ALIGNMENT) * _ALIGNMENT


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
        *self._given, self._answer = views(memory, shapes)
        self._function = function
        self._numbers = numbers

    def go(self) -> None:
        """One call: its answer is in the shared memory when this returns."""
        with torch.no_grad():
            self._answer.copy_(self._function(*self._given, *self._numbers))
