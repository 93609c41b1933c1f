"""The state of a GPU by NVML, the library that nvidia-smi reads it from. Nothing is set."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_uint, c_ulonglong, c_void_p

from autograder.worker.driver import CudaError

_SM = 1  # nvmlClockType_t


class NvmlSensors:
    """``Sensors`` of the device with this UUID."""

    def __init__(self, uuid: str) -> None:
        """Raises OSError where there is no NVML; CudaError, as all here, where it refuses."""
        self._library = ctypes.CDLL("libnvidia-ml.so.1")
        self._device = c_void_p()
        self._call("nvmlInit_v2")
        self._call("nvmlDeviceGetHandleByUUID", uuid.encode(), byref(self._device))

    def reasons(self) -> int:
        found = c_ulonglong()
        self._call("nvmlDeviceGetCurrentClocksThrottleReasons", self._device, byref(found))
        return found.value

    def clocks(self) -> tuple[int, int]:
        now, most = c_uint(), c_uint()
        self._call("nvmlDeviceGetClockInfo", self._device, c_uint(_SM), byref(now))
        self._call("nvmlDeviceGetMaxClockInfo", self._device, c_uint(_SM), byref(most))
        return now.value, most.value

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments)
        if code != 0:
            raise CudaError(name, code)
