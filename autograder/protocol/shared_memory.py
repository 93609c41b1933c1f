"""Memory that the judge shares with one worker, for timing: both sides lay it out alike."""

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
