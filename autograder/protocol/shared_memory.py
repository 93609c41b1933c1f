"""Memory that the judge shares with one worker, for timing: both sides lay it out alike, on the
machine and on a device."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence

import torch

_ALIGNMENT = mmap.PAGESIZE
_ITEM = torch.float32.itemsize


def size(shapes: Sequence[Sequence[int]]) -> int:
    """Bytes that ``views`` of these shapes take."""
    return sum(map(_extent, shapes))


def views(
    memory: mmap.mmap | torch.Tensor, shapes: Sequence[Sequence[int]]
) -> list[torch.Tensor]:
    """float32 tensors of these shapes, one after the other in ``memory``, each on its own page.
    Memory of a device is a tensor of all its numbers."""
    numbers = memory if isinstance(memory, torch.Tensor) else torch.frombuffer(
        memory, dtype=torch.float32)
    found, offset = [], 0
    for shape in shapes:
        place = offset // _ITEM
        found.append(numbers[place : place + math.prod(shape)].reshape(list(shape)))
        offset += _extent(shape)
    return found


def _extent(shape: Sequence[int]) -> int:
    return -(-math.prod(shape) * _ITEM // _ALIGNMENT) * _ALIGNMENT
