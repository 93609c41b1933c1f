"""A GPU that is none: its driver keeps memory in memfds, and its time passes by what is done on it.

Contexts of processes have the device by turns, a slice each, whether their processes are stopped or
not; copies run beside kernels and slow what else moves memory. That is what cuda.h and the driver's
source say of the real one. So exploits can be played by the millisecond, without one.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.worker.driver import (
    BUS_WIDTH,
    L2_SIZE,
    MEMORY_CLOCK,
    POSIX_DESCRIPTORS,
    VIRTUAL_MEMORY,
    CudaError,
    SharedBlock,
)

OUT_OF_MEMORY, ILLEGAL_ADDRESS, NOT_SUPPORTED = 2, 700, 801
_SLICE, _READ = 1e-3, 1e-6
_BANDWIDTH, _BUS = 4e9, 25e9  # bytes a second
_GRANULARITY = 1 << 16
_LARGE = 64 << 20  # what is larger is filled in name only


@dataclass
class Work:
    """What a process gave the device: it goes on without it."""

    left: float
    then: Callable[[], None] = lambda: None
    copies: bool = False  # beside kernels, not by turns with them
    waits: Callable[[], bool] = lambda: False  # for a number in memory to change


@dataclass
class World:
    """The device, for all processes."""

    shares: bool = True
    capacity: int = 8 << 30
    contagious: bool = False  # one context's fault strikes others
    reset_reaches: bool = True  # other contexts' lines that are kept in the cache
    now: float = 0.0
    queues: dict[str, list[Work]] = field(default_factory=dict)
    slices: dict[str, float] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    set_aside: str = ""  # the context for which a part of the cache is kept
    next_pointer: int = 1 << 32

    def clock(self) -> float:
        return self.now

    def give(self, context: str, work: Work) -> None:
        self.queues.setdefault(context, []).append(work)

    def kill(self, context: str) -> None:
        for known in (self.queues, self.slices, self.used):
            known.pop(context, None)
        if self.set_aside == context:
            self.set_aside = ""

    def run(self, context: str, seconds: float, *, timer: bool = False) -> float:
        """A kernel of ``context``, to its end; the longest time that it stood still. With
        ``timer`` it ends when so much time has passed, and not so much of its own."""
        began, left, gap = self.now, seconds, _READ
        while left > 1e-12 and not (timer and self.now - began >= seconds):
            rivals = [name for name in self.queues if name != context and self._runnable(name)]
            step = min(left, _SLICE) if rivals else left
            left -= step
            self._pass(step)
            stood = 0.0
            for name in rivals:
                turn = self.slices.get(name, _SLICE)
                stood += self._turn(name, turn)
            gap = max(gap, stood) if left > 1e-12 else gap
        return gap

    def moved(self, context: str, size: int, rate: float = _BANDWIDTH) -> float:
        """Seconds that it takes to move so many bytes."""
        began, seconds = self.now, size / rate * (1.3 if self.set_aside else 1.0)
        beside = sum(work.left for queue in self.queues.values() for work in queue if work.copies)
        self.run(context, seconds + min(seconds, beside))
        return self.now - began

    def _runnable(self, name: str) -> bool:
        return any(not work.copies and not work.waits() for work in self.queues.get(name, []))

    def _turn(self, name: str, most: float) -> float:
        used = 0.0
        for work in [*self.queues.get(name, [])]:
            if work.copies or work.waits() or used >= most:
                continue
            step = min(work.left, most - used)
            used += step
            self._pass(step)
            self._progress(name, work, step)
        return used

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        for name, queue in [*self.queues.items()]:
            for work in [*queue]:
                if work.copies:
                    self._progress(name, work, seconds)

    def _progress(self, name: str, work: Work, seconds: float) -> None:
        work.left -= seconds
        if work.left <= 1e-12:
            self.queues[name].remove(work)
            work.then()


class FakeDriver:
    """``Driver`` of one process, whose context has this name."""

    def __init__(self, world: World, context: str) -> None:
        self.world = world
        self.context = context
        self._memory: dict[int, mmap.mmap] = {}
        self._handles: dict[int, int] = {}

    @property
    def uuid(self) -> str:
        return "GPU-fake"

    def attribute(self, number: int) -> int:
        self._call("cuDeviceGetAttribute")
        return {MEMORY_CLOCK: 2_000_000, BUS_WIDTH: 8, L2_SIZE: 0,
                VIRTUAL_MEMORY: int(self.world.shares), POSIX_DESCRIPTORS: 1}[number]

    def allocate(self, size: int) -> int:
        self._call("cuMemAlloc_v2")
        self._take(size)
        descriptor = os.memfd_create("fake")
        os.ftruncate(descriptor, size)
        pointer = self._mapped(descriptor, size)
        os.close(descriptor)
        return pointer

    def free(self, pointer: int) -> None:
        self._call("cuMemFree_v2")
        self.world.used[self.context] -= len(self._memory.pop(pointer))

    def share(self, size: int) -> SharedBlock:
        self._call("cuMemCreate")
        if not self.world.shares:
            raise CudaError("cuMemExportToShareableHandle", NOT_SUPPORTED)
        size += -size % _GRANULARITY
        self._take(size)
        descriptor = os.memfd_create("fake")
        os.ftruncate(descriptor, size)
        return SharedBlock(self._mapped(descriptor, size), size, descriptor)

    def unshare(self, block: SharedBlock) -> None:
        os.close(block.descriptor)
        self.free(block.pointer)

    def attach(self, descriptor: int, size: int) -> int:
        self._call("cuMemImportFromShareableHandle")
        pointer = self._mapped(descriptor, size)
        os.close(descriptor)
        return pointer

    def fill(self, pointer: int, word: int, count: int) -> float:
        self._call("cuMemsetD32Async")
        if 4 * count < _LARGE:
            memory, offset = self._at(pointer)
            memory[offset : offset + 4 * count] = struct.pack("I", word) * count
        return self.world.moved(self.context, 4 * count)

    def upload(self, pointer: int, address: int, size: int) -> None:
        self._call("cuMemcpyHtoD_v2")
        memory, offset = self._at(pointer)
        memory[offset : offset + size] = ctypes.string_at(address, size)
        self.world.moved(self.context, size, _BUS)

    def download(self, address: int, pointer: int, size: int) -> None:
        self._call("cuMemcpyDtoH_v2")
        memory, offset = self._at(pointer)
        ctypes.memmove(address, memory[offset : offset + size], size)
        self.world.moved(self.context, size, _BUS)

    def copy(self, to: int, source: int, size: int) -> None:
        self._call("cuMemcpyDtoDAsync_v2")
        memory, offset = self._at(source)
        piece = memory[offset : offset + size]
        self.world.moved(self.context, 2 * size)
        memory, offset = self._at(to)
        memory[offset : offset + size] = piece

    def synchronize(self) -> None:
        self._call("cuCtxSynchronize")

    def launch(self, program: bytes, kernel: str, arguments: Sequence[int]) -> None:
        self._call("cuLaunchKernel")
        assert f".visible .entry {kernel}(" in program.decode()
        nanoseconds, place = arguments
        gap = self.world.run(self.context, nanoseconds / 1e9, timer=True)
        memory, offset = self._at(place)
        memory[offset : offset + 16] = struct.pack("QQ", round(gap * 1e9), 1000)

    def drop_set_aside(self) -> None:
        self._call("cuCtxResetPersistingL2Cache")
        if self.world.reset_reaches:
            self.world.set_aside = ""

    def close(self) -> None:
        self.world.kill(self.context)

    def numbers(self, pointer: int) -> mmap.mmap:
        """A block's memory, as a worker's torch would see it."""
        return self._memory[pointer]

    def _call(self, name: str) -> None:
        if self.context in self.world.faulty or (self.world.contagious and self.world.faulty):
            raise CudaError(name, ILLEGAL_ADDRESS)

    def _take(self, size: int) -> None:
        if sum(self.world.used.values()) + size > self.world.capacity:
            raise CudaError("cuMemAlloc_v2", OUT_OF_MEMORY)
        self.world.used[self.context] = self.world.used.get(self.context, 0) + size

    def _mapped(self, descriptor: int, size: int) -> int:
        pointer = self.world.next_pointer
        self.world.next_pointer += size + _GRANULARITY
        self._memory[pointer] = mmap.mmap(descriptor, size)
        return pointer

    def _at(self, pointer: int) -> tuple[mmap.mmap, int]:
        for first, memory in self._memory.items():
            if first <= pointer < first + len(memory):
                return memory, pointer - first
        raise CudaError("cuMemcpy", 1)


@dataclass
class FakeSensors:
    """What NVML would say."""

    slowing: int = 0
    clock: int = 1980

    def reasons(self) -> int:
        return self.slowing

    def clocks(self) -> tuple[int, int]:
        return self.clock, 1980
