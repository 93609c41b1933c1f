"""Holes in a zygote's heap, filled before it is forked.

What was freed lies here and there, between objects that stay. A worker would put each of its own
into another of these holes, and have a whole page copied for it. So they are given away, and what
workers allocate lies side by side, in pages that nothing else is in.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

from autograder.worker import linux

_POOL = 1 << 14  # bytes, of Python's allocator, for objects of one size
_LARGEST, _STEP = 512, 16  # objects in pools, and by how much their sizes differ
_CHUNKS = (1 << 16, 1 << 14, 1 << 12, 1 << 11, *range(1 << 10, 0, -16))  # the C library's, bytes
_MOST = 1 << 17  # of one size, should an allocator do otherwise

_kept: list[object] = []


def fill() -> None:
    """Fill them, of Python's allocator and of the C library's."""
    empty = b"".__sizeof__()
    makers: dict[int, Callable[[], object]] = {16: object, 32: lambda: complex(1, 1)}
    for size in range(_STEP, _LARGEST + 1, _STEP):
        _fill_pools(size, makers.get(size) or partial(bytes, size - empty))
    allocate = linux.libc.malloc
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    for size in _CHUNKS:
        _fill_chunks(size, allocate)


def _fill_pools(size: int, make: Callable[[], object]) -> None:
    """Until a pool has been filled that was as good as empty."""
    in_row = last = 0
    for _ in range(_MOST):
        made = make()
        pool = id(made) // _POOL
        in_row = in_row + 1 if pool == last else 0
        last = pool
        _kept.append(made)
        if in_row > _POOL // size - 8:
            return


def _fill_chunks(size: int, allocate: Callable[[int], int]) -> None:
    """Until some follow each other, at the end of the heap."""
    in_row = last = 0
    for _ in range(_MOST):
        made = allocate(size)
        in_row = in_row + 1 if 0 < made - last <= size + 2 * _STEP else 0
        last = made
        if in_row == 3:
            return
