"""Holes in a zygote's heap, filled before it is forked.

What was freed lies here and there, between objects that stay. A worker would put each of its own
into another of these holes, and have the whole page copied for it. So they are given away, and
what workers allocate lies side by side, in pages that nothing else has.
"""

from __future__ import annotations

import ctypes

from autograder.worker import linux

_POOL = 1 << 14  # of Python's allocator: objects of one size
_LARGEST = 512  # that it takes
_STEP = 16
_SIZES = (1 << 16, 1 << 14, 1 << 12, 1 << 11, *range(1 << 10, 0, -16))  # the C library's, bytes

_kept: list[object] = []


def fill() -> None:
    """Fill them, of Python's allocator and of the C library's."""
    for size in range(48, _LARGEST + 1, _STEP):
        _fill_pools(size)
    allocate = linux.libc.malloc
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    for size in _SIZES:
        _fill_chunks(allocate, size)


def _fill_pools(size: int) -> None:
    """Until a pool that was empty has been filled: its objects follow each other."""
    overhead = bytes().__sizeof__()
    in_row, last = 0, 0
    while in_row < _POOL // size - 2:
        made = bytes(size - overhead)
        in_row = in_row + 1 if id(made) == last + size else 0
        last = id(made)
        _kept.append(made)


def _fill_chunks(allocate: ctypes._FuncPointer, size: int) -> None:
    """Until what is allocated comes from the end of the heap: it follows what came before."""
    last, in_row = 0, 0
    while in_row < 3:
        made = allocate(size)
        in_row = in_row + 1 if 0 < made - last <= size + 32 else 0
        last = made
