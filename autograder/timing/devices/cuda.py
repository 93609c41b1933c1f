"""A GPU, which several processes use by turns.

No call waits for another process's work, and a process that is stopped leaves running what it gave
the device. So nothing here believes that a worker is done. The clock starts before the inputs are
copied to where the worker sees them, and stops when the answer lies in a copy of the judge's own.
And before each call, with every worker frozen, the judge looks whether the device is quiet:

* A kernel of one thread reads the device's timer all the time. Another process's kernels, which get
  the device by turns with it, leave a gap of a slice between two reads.
* A large block is overwritten, which empties the cache, too. Copies that are still under way share
  the memory with it, so that it takes longer than alone.

What is found then belongs to whoever ran before: ``turns.py`` draws the conclusion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import torch

from autograder.protocol import shared_memory
from autograder.timing.devices.canary import Canary
from autograder.timing.devices.cpu import Memory
from autograder.timing.devices.interface import Block, Handed, Transfer
from autograder.worker.driver import (
    BUS_WIDTH,
    L2_SIZE,
    MEMORY_CLOCK,
    UNKNOWN,
    CudaError,
    Driver,
    shares,
)
from autograder.worker.nvml import NvmlError

_NAN = 0x7FC00000
_ITEM = torch.float32.itemsize
_SLOWING = 0x4 | 0x8 | 0x20 | 0x40 | 0x80
"""Reasons for a lower clock: power, hardware, heat, heat of the hardware, the power supply."""
_LEAST_CLOCK = 0.75  # of the highest


class Sensors(Protocol):
    """What the driver says of the device's state. Nothing is ever set."""

    def reasons(self) -> int:
        """Why its clock is lower than it could be, as NVML's bits."""
        ...

    def clocks(self) -> tuple[int, int]:
        """Of its processors, now and at most, in MHz."""
        ...


class SharedMemory:
    """``Block`` in memory of the device. Nothing of another worker is on the same page, and it is
    touched in this worker's own turn only: work that waits for a number to change stays asleep."""

    def __init__(self, driver: Driver, shapes: Sequence[Sequence[Sequence[int]]]) -> None:
        self._driver = driver
        size = max(map(shared_memory.size, shapes))
        self._theirs = driver.share(size)
        self._ours = driver.allocate(size)

    @property
    def handed(self) -> Handed:
        return Handed(None, self._theirs.descriptor, self._theirs.size, "cuda")

    def lay_out(self, shapes: Sequence[Sequence[int]]) -> None:
        self._offsets = [shared_memory.size(shapes[:number]) for number in range(len(shapes))]
        self._shape = list(shapes[-1])
        self._count = torch.Size(self._shape).numel()

    def stage(self, inputs: Sequence[torch.Tensor]) -> None:
        for offset, tensor in zip(self._offsets[:-1], inputs, strict=True):
            flat, size = tensor.contiguous(), tensor.numel() * _ITEM
            if flat.is_cuda:
                self._driver.copy(self._ours + offset, flat.data_ptr(), size)
                self._driver.synchronize()
            else:
                self._driver.upload(self._ours + offset, flat.data_ptr(), size)
        for block in (self._ours, self._theirs.pointer):
            self._driver.fill(block + self._offsets[-1], _NAN, self._count)

    def hand_over(self) -> None:
        self._driver.copy(self._theirs.pointer, self._ours, self._offsets[-1])
        self._driver.synchronize()

    def take_back(self) -> None:
        self._driver.copy(self._ours + self._offsets[-1],
                          self._theirs.pointer + self._offsets[-1], self._count * _ITEM)
        self._driver.synchronize()

    def answer(self) -> torch.Tensor:
        found = torch.empty(self._shape)
        self._driver.download(found.data_ptr(), self._ours + self._offsets[-1],
                              self._count * _ITEM)
        return found

    def close(self) -> None:
        with suppress(CudaError):  # a context that failed has lost its memory anyway
            self._driver.free(self._ours)
            self._driver.unshare(self._theirs)


class Gpu:
    """``Equipment`` that is one GPU."""

    is_apart = True

    def __init__(
        self, driver: Driver, sensors: Sensors, *,
        clock: Callable[[], float] = time.perf_counter, judges_on: str = "cuda",
    ) -> None:
        """Raises CudaError where it does not work, as all that follows: in the judge that is no
        student's fault."""
        self.clock = clock
        self.judges_on = judges_on
        self._driver = driver
        self._sensors = sensors
        self.transfer: Transfer = "shared" if shares(driver) else "timed"
        self._cache = driver.attribute(L2_SIZE)
        self._bandwidth = 2e3 * driver.attribute(MEMORY_CLOCK) * driver.attribute(BUS_WIDTH) \
            / 8  # bytes a second, of two transfers for each clock and line
        self._canary = Canary(driver, clock)

    @property
    def uuid(self) -> str:
        return self._driver.uuid

    def block(self, shapes: Sequence[Sequence[Sequence[int]]]) -> Block:
        if self.transfer == "timed":
            return Memory(shapes, device="cuda")
        return SharedMemory(self._driver, shapes)

    def is_quiet(self) -> bool:
        return self._canary.is_quiet()

    def is_slowed(self) -> bool:
        try:
            now, most = self._sensors.clocks()
            reasons = self._sensors.reasons()
        except NvmlError as error:
            raise CudaError(str(error), UNKNOWN) from None
        return bool(reasons & _SLOWING) or now < _LEAST_CLOCK * most

    def floor(self, size: int) -> float:
        """What fits into the cache need not be moved at all."""
        return max(0, size - self._cache) / self._bandwidth if self._bandwidth else 0.0

    def close(self) -> None:
        with suppress(CudaError):
            self._canary.close()
            self._driver.close()
