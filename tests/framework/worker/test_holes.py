"""What a child of a zygote allocates lies in few pages, and not in holes all over the heap."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Holes of one kind in each of many pages; then, in a child, objects that would fit into them. It
# says how many pages were copied, or new.
CHILD = """
import ctypes, gc, os, resource, sys
from autograder.worker import holes

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
make, drop = {
    "python": (lambda: bytes(31), lambda made: None),
    "c": (lambda: libc.malloc(2000), libc.free),
}[sys.argv[1]]
objects = [make() for _ in range(60_000)]
for place in range(0, len(objects), 64):
    drop(objects[place])
    objects[place] = None
if sys.argv[2] == "filled":
    holes.fill()
gc.collect()
gc.freeze()
kept = [None] * 900
if os.fork() == 0:
    for place in range(len(kept)):
        kept[place] = make()
    os._exit(0)
os.wait()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt)
"""


def pages(allocator: str, state: str) -> int:
    done = subprocess.run([sys.executable, "-P", "-c", CHILD, allocator, state],
                          capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("allocator", ["python", "c"])
def test_what_a_child_allocates_lies_side_by_side(allocator: str) -> None:
    """And the control: without, nearly each of 900 objects is in another page."""
    left, filled = pages(allocator, "left"), pages(allocator, "filled")
    assert left > filled + 300, f"{left} pages with holes, {filled} without"
