"""What the worker of a GPU holds, looked at by its supervisor: no limit of the kernel counts it.

Its address space has no limit, for CUDA reserves as much of it as all memory has. So what counts is
looked at ten times a second: memory that it made its own or shares with nobody else, tables of
pages, and memory on the device. Host memory that a driver has pinned for it belongs to no process
and no control group: only the machine has less. A worker is ended before the machine has none, and
is to blame if its end gives back more than it was allowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autograder.worker.nvml import Nvml, NvmlError

CUDA_HOST = 1 << 30  # bytes of the machine's memory that CUDA itself and its kernels take
_CUDA_DEVICE = 1 << 30  # bytes of the device's: a context, and the kernels that are used
_RESERVE, _SHARE_OF_ALL = 2 << 30, 16  # of the machine: so many bytes, or the sixteenth part
_COUNTED = ("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")  # of /proc/PID/status
_GIVING_BACK = 40, 0.05  # looks, and seconds between them, until a driver has given all back

DeviceMemory = Callable[[int], int]
"""Process -> bytes that it holds on the device."""


class DeviceWatch:
    """Watches one worker of a GPU."""

    def __init__(
        self, pid: int, memory: int, device_memory: int, on_device: DeviceMemory | None
    ) -> None:
        """
        Args:
            memory: bytes that it may take, beyond what it has now and what CUDA takes by itself.
            device_memory: the same, of the device's.
        """
        self._pid = pid
        self._memory = memory
        self._device_memory = device_memory
        self._allowed = _held(pid) + memory + CUDA_HOST
        self._on_device = on_device
        self._starved_at: int | None = None

    def exceeded(self) -> bool:
        """Whether it has to be ended."""
        if _held(self._pid) > self._allowed:
            return True
        if self._on_device is not None:
            with suppress(NvmlError):
                if self._on_device(self._pid) > self._device_memory + _CUDA_DEVICE:
                    return True
        left, total = available()
        if left >= min(_RESERVE, total // _SHARE_OF_ALL):
            return False
        self._starved_at = left
        return True

    def to_blame(self) -> bool:
        """Whether it was the worker, now that it has ended, and not the machine that is short of
        memory: then its end gave back more than it was allowed."""
        if self._starved_at is None:
            return True
        looks, seconds = _GIVING_BACK
        for _ in range(looks):
            if available()[0] - self._starved_at > self._memory + CUDA_HOST:
                return True
            time.sleep(seconds)
        return False


def on_device(name: str) -> DeviceMemory | None:
    """How NVML counts memory on the GPU with this UUID; None where there is no NVML."""
    try:
        device = Nvml(name)
    except NvmlError:
        return None
    return lambda pid: device.processes().get(pid, 0)


def available() -> tuple[int, int]:
    """Bytes of the machine's memory that are available, and all of them."""
    counts = _counts(Path("/proc/meminfo"))
    return counts.get("MemAvailable:", 0), counts.get("MemTotal:", 0)


def _held(pid: int) -> int:
    counts = _counts(Path(f"/proc/{pid}/status"))
    return sum(counts.get(name, 0) for name in _COUNTED)


def _counts(file: Path) -> dict[str, int]:
    """Bytes, by the names of lines such as ``RssAnon:  12 kB``."""
    try:
        lines = file.read_text().splitlines()
    except OSError:  # it has ended
        return {}
    return {fields[0]: int(fields[1]) << 10
            for line in lines if len(fields := line.split()) == 3 and fields[2] == "kB"}
