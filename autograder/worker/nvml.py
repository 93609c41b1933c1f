"""NVML, NVIDIA's library that looks at devices and opens none for computing: only what a supervisor
has to know of its worker, and a diagnosis of its machine. Nothing is ever set by it.

Functions, structures and values are those of ``nvml.h``.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_uint, c_ulonglong, c_void_p, create_string_buffer
from typing import Any

_LIBRARY = "libnvidia-ml.so.1"
_INSUFFICIENT_SIZE = 7
_NOT_AVAILABLE = (1 << 64) - 1  # of a process's memory
_MOST_PROCESSES = 256
_TEXT = 96
_PROCESSORS = 1  # NVML_CLOCK_SM


class NvmlError(OSError):
    """The library is not there, or refuses: it says why."""


class _ProcessInfo(ctypes.Structure):
    _fields_ = [("pid", c_uint), ("used", c_ulonglong),
                ("gpu_instance", c_uint), ("compute_instance", c_uint)]


class _NvmlMemory(ctypes.Structure):
    _fields_ = [("total", c_ulonglong), ("free", c_ulonglong), ("used", c_ulonglong)]


class Nvml:
    """One GPU, looked at."""

    def __init__(self, name: str | int, library: Any = None) -> None:
        """
        Args:
            name: the UUID of a GPU, or its number.
            library: another one, for tests.

        Raises:
            NvmlError: there is no library, no driver, or no such GPU.
        """
        try:
            self._library = library or ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise NvmlError(str(error)) from None
        self._call("nvmlInit_v2")
        self._device = c_void_p()
        if isinstance(name, int):
            self._call("nvmlDeviceGetHandleByIndex_v2", c_uint(name), byref(self._device))
        else:
            self._call("nvmlDeviceGetHandleByUUID", c_char_p(name.encode()), byref(self._device))

    def processes(self) -> dict[int, int]:
        """Bytes of device memory by process, as this one's PID namespace numbers them. A process of
        which NVML does not know it has none."""
        room, count = 16, c_uint()
        while room <= _MOST_PROCESSES:
            found, count = (_ProcessInfo * room)(), c_uint(room)
            result = self._library.nvmlDeviceGetComputeRunningProcesses_v3(
                self._device, byref(count), found)
            if result != _INSUFFICIENT_SIZE:
                self._check(result, "nvmlDeviceGetComputeRunningProcesses_v3")
                return {each.pid: each.used if each.used != _NOT_AVAILABLE else 0
                        for each in found[:count.value]}
            room *= 4
        raise NvmlError(f"more than {_MOST_PROCESSES} processes use the device")

    def memory(self) -> tuple[int, int]:
        """Bytes of the device's memory that are free, and all of them."""
        found = _NvmlMemory()
        self._call("nvmlDeviceGetMemoryInfo", self._device, byref(found))
        return found.free, found.total

    def reasons(self) -> int:
        """Bits for what keeps its clocks down now."""
        found = c_ulonglong()
        self._call("nvmlDeviceGetCurrentClocksThrottleReasons", self._device, byref(found))
        return found.value

    def clocks(self) -> tuple[int, int]:
        """MHz of its processors: now, and at most."""
        now, most = c_uint(), c_uint()
        self._call("nvmlDeviceGetClockInfo", self._device, c_uint(_PROCESSORS), byref(now))
        self._call("nvmlDeviceGetMaxClockInfo", self._device, c_uint(_PROCESSORS), byref(most))
        return now.value, most.value

    def facts(self) -> dict[str, str | int]:
        """What a person wants to know of the device; what it does not say is left out."""
        found: dict[str, str | int] = {}
        for name, function in (("name", "nvmlDeviceGetName"), ("uuid", "nvmlDeviceGetUUID")):
            text = create_string_buffer(_TEXT)
            if self._asked(function, self._device, text, c_uint(_TEXT)):
                found[name] = text.value.decode(errors="replace")
        text = create_string_buffer(_TEXT)
        if self._asked("nvmlSystemGetDriverVersion", text, c_uint(_TEXT)):
            found["driver"] = text.value.decode(errors="replace")
        number = c_uint()
        for name, function in (
            ("minor", "nvmlDeviceGetMinorNumber"), ("compute mode", "nvmlDeviceGetComputeMode"),
            ("persistence", "nvmlDeviceGetPersistenceMode"),
        ):
            if self._asked(function, self._device, byref(number)):
                found[name] = number.value
        pending = c_uint()
        if self._asked("nvmlDeviceGetMigMode", self._device, byref(number), byref(pending)):
            found["divided (MIG)"] = number.value
        reasons = c_ulonglong()
        for function in ("nvmlDeviceGetCurrentClocksEventReasons",
                         "nvmlDeviceGetCurrentClocksThrottleReasons"):
            if self._asked(function, self._device, byref(reasons)):
                found["clocks event reasons"] = f"{reasons.value:#x}"
                break
        return found

    def close(self) -> None:
        self._library.nvmlShutdown()

    def _asked(self, function: str, *arguments: Any) -> bool:
        try:
            self._call(function, *arguments)
        except (NvmlError, AttributeError):  # an older library has fewer functions
            return False
        return True

    def _call(self, function: str, *arguments: Any) -> None:
        self._check(getattr(self._library, function)(*arguments), function)

    def _check(self, result: int, function: str) -> None:
        if result:
            raise NvmlError(f"{function}: NVML says {result}")
