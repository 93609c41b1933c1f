"""Whether a GPU is quiet: two measurements that somebody else's work would spoil.

It imports the standard library and the driver alone, so that ``probes.py`` can run it where nothing
else is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from ctypes import addressof, c_uint64, sizeof
from functools import cache
from pathlib import Path
from statistics import median

from autograder.worker.driver import L2_SIZE, Driver

LOOK_NS = 5_000_000  # several slices of a millisecond
LARGEST_GAP_NS = 50_000
_LEAST_FLUSH = 1 << 30  # bytes: some hundred microseconds, so that starting it does not count
_ITEM = 4  # bytes of what is written at once
_FLUSHES, _WARM_SECONDS, _TRIES = 9, 0.5, 3
_CALIBRATIONS = 20  # medians
# More than alone it ever was on an H200 (1.010), less than beside copies over its bus (1.020).
_SLOWER, _MORE_THAN_SEEN = 0.015, 1.5


class Canary:
    """Looks at one device, from a context that no student's code is in."""

    def __init__(self, driver: Driver, clock: Callable[[], float] = time.perf_counter) -> None:
        """Warm the device up, and learn what is usual. Raises CudaError, as all here."""
        self._driver = driver
        self._size = max(_LEAST_FLUSH, 2 * driver.attribute(L2_SIZE))
        self._block = driver.allocate(self._size)
        self._notes = driver.allocate(16)
        begun = clock()
        while clock() - begun < _WARM_SECONDS:
            self.flush()
        groups = [self.flushes() for _ in range(_CALIBRATIONS)]
        self.usual = median(groups)
        scatter = max(groups) - self.usual
        self.slowest = self.usual + max(_SLOWER * self.usual, _MORE_THAN_SEEN * scatter)

    def is_quiet(self) -> bool:
        """Whether nobody else's work runs. To be asked while every worker is frozen."""
        self._driver.drop_set_aside()
        if self.largest_gap() > LARGEST_GAP_NS:
            return False
        # An idle device takes a moment to get up to its clock: that is nobody's work.
        return any(self.flushes() <= self.slowest for _ in range(_TRIES))

    def largest_gap(self) -> int:
        """Nanoseconds for which a kernel of one thread stood still: somebody else's slice."""
        self._driver.launch(_program(), "largest_gap", [LOOK_NS, self._notes])
        notes = (c_uint64 * 2)()
        self._driver.download(addressof(notes), self._notes, sizeof(notes))
        gap, reads = notes
        return gap if reads > 1 else LOOK_NS

    def flush(self) -> float:
        """Seconds to overwrite more than the cache holds: longer, where copies are under way."""
        return self._driver.fill(self._block, 0, self._size // _ITEM)

    def flushes(self) -> float:
        """Seconds of a flush, as the median of some: alone that varies by less than 1 % (H200)."""
        return median(self.flush() for _ in range(_FLUSHES))

    def close(self) -> None:
        self._driver.free(self._block)
        self._driver.free(self._notes)


@cache
def _program() -> bytes:
    """For every GPU since 2017: the driver assembles it."""
    return Path(__file__).with_name("canary.ptx").read_bytes()
