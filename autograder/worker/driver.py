"""libcuda by ctypes: the few calls that timing on a GPU needs, on either side of the boundary.

The judge makes memory on the device and gives its descriptor away; a worker attaches it. Nothing
is sent to a process but that descriptor, which holds one block and nothing else of the judge's.
Layouts and numbers are those of cuda.h 13.0.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from ctypes import byref, c_float, c_int, c_size_t, c_uint, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Protocol

MEMORY_CLOCK, BUS_WIDTH, L2_SIZE = 36, 37, 38
VIRTUAL_MEMORY, POSIX_DESCRIPTORS = 102, 103
"""Attributes of a device: kHz, bits, bytes; whether memory can be shared by descriptor."""

POSIX_DESCRIPTOR = 1
"""The kind of handle by which a block is shared."""
_PINNED, _DEVICE, _READ_WRITE = 1, 1, 3


class MemoryLocation(ctypes.Structure):
    """CUmemLocation"""

    _fields_ = [("type", c_int), ("id", c_int)]


class AllocationProperties(ctypes.Structure):
    """CUmemAllocationProp"""

    _fields_ = [("type", c_int), ("handles", c_int), ("location", MemoryLocation),
                ("win32", c_void_p), ("flags", ctypes.c_ubyte * 8)]


class MemoryAccess(ctypes.Structure):
    """CUmemAccessDesc"""

    _fields_ = [("location", MemoryLocation), ("flags", c_int)]


def shareable(device: int) -> AllocationProperties:
    """Of memory on the device with this number that another process can attach."""
    return AllocationProperties(type=_PINNED, handles=POSIX_DESCRIPTOR,
                                location=MemoryLocation(_DEVICE, device))


def read_and_written(device: int) -> MemoryAccess:
    """What a process may do with memory that it has mapped."""
    return MemoryAccess(MemoryLocation(_DEVICE, device), _READ_WRITE)


UNKNOWN = 999  # CUDA_ERROR_UNKNOWN


class CudaError(Exception):
    """The driver refused a call, or a kernel failed: ``code`` is its CUresult."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call} answered {code}")
        self.call = call
        self.code = code


@dataclass(frozen=True)
class SharedBlock:
    """Memory on the device that another process can attach by its descriptor."""

    pointer: int
    size: int  # bytes, a multiple of what the device hands out
    descriptor: int


class Driver(Protocol):
    """One GPU, as one process sees it. Every method raises CudaError; all but ``copy`` have
    happened when they return, and ``copy`` when ``synchronize`` does."""

    @property
    def uuid(self) -> str:
        """Of the device: ``GPU-…``."""
        ...

    def attribute(self, number: int) -> int: ...

    def allocate(self, size: int) -> int:
        """A pointer to ``size`` bytes of this process's own."""
        ...

    def free(self, pointer: int) -> None: ...

    def share(self, size: int) -> SharedBlock:
        """At least ``size`` bytes that another process can attach."""
        ...

    def unshare(self, block: SharedBlock) -> None: ...

    def attach(self, descriptor: int, size: int) -> int:
        """A pointer to a block of another process; the descriptor is closed."""
        ...

    def fill(self, pointer: int, word: int, count: int) -> float:
        """Write ``word`` into ``count`` places of 32 bits; seconds by the device's clock."""
        ...

    def upload(self, pointer: int, address: int, size: int) -> None:
        """From this process's memory at ``address`` to the device."""
        ...

    def download(self, address: int, pointer: int, size: int) -> None: ...

    def copy(self, to: int, source: int, size: int) -> None:
        """Within the device."""
        ...

    def synchronize(self) -> None:
        """Wait for what this process has begun. No call waits for another process's work."""
        ...

    def launch(self, program: bytes, kernel: str, arguments: Sequence[int]) -> None:
        """One thread of a kernel of ``program`` (PTX), with 64-bit arguments."""
        ...

    def drop_set_aside(self) -> None:
        """Give back to everybody the part of the cache that some lines were kept in."""
        ...

    def close(self) -> None: ...


class Libcuda:
    """``Driver`` by the machine's libcuda.so.1, on the device's primary context: torch's own, if
    this process uses torch on it too."""

    def __init__(self, number: int = 0) -> None:
        """Open the device of this number.

        Raises:
            OSError: there is no libcuda.
            CudaError: it does not work here.
        """
        self._library = ctypes.CDLL("libcuda.so.1")
        self._device = c_int()
        self._context = c_void_p()
        self._kernels: dict[tuple[bytes, str], c_void_p] = {}
        self._mapped: dict[int, tuple[int, int]] = {}  # pointer -> size, handle
        self._call("cuInit", c_uint(0))
        self._call("cuDeviceGet", byref(self._device), c_int(number))
        self._call("cuDevicePrimaryCtxRetain", byref(self._context), self._device)
        self._bind()
        self._begin, self._end = c_void_p(), c_void_p()
        for event in (self._begin, self._end):
            self._call("cuEventCreate", byref(event), c_uint(0))

    @property
    def uuid(self) -> str:
        found = (ctypes.c_ubyte * 16)()
        self._call("cuDeviceGetUuid_v2", byref(found), self._device)
        digits = bytes(found).hex()
        return "GPU-" + "-".join(digits[a:b] for a, b in
                                 ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))

    def attribute(self, number: int) -> int:
        value = c_int()
        self._call("cuDeviceGetAttribute", byref(value), c_int(number), self._device)
        return value.value

    def allocate(self, size: int) -> int:
        self._bind()
        pointer = c_uint64()
        self._call("cuMemAlloc_v2", byref(pointer), c_size_t(size))
        return pointer.value

    def free(self, pointer: int) -> None:
        self._bind()
        self._call("cuMemFree_v2", c_uint64(pointer))

    def share(self, size: int) -> SharedBlock:
        self._bind()
        properties = shareable(self._device.value)
        step = c_size_t()
        self._call("cuMemGetAllocationGranularity", byref(step), byref(properties), c_int(0))
        size += -size % step.value
        handle, descriptor = c_uint64(), c_int(-1)
        self._call("cuMemCreate", byref(handle), c_size_t(size), byref(properties), c_uint64(0))
        try:
            self._call("cuMemExportToShareableHandle", byref(descriptor), handle,
                       c_int(POSIX_DESCRIPTOR), c_uint64(0))
            return SharedBlock(self._map(handle, size), size, descriptor.value)
        except CudaError:
            self._library.cuMemRelease(handle)
            if descriptor.value >= 0:
                os.close(descriptor.value)
            raise

    def unshare(self, block: SharedBlock) -> None:
        os.close(block.descriptor)
        self._bind()
        size, handle = self._mapped.pop(block.pointer)
        self._call("cuMemUnmap", c_uint64(block.pointer), c_size_t(size))
        self._call("cuMemAddressFree", c_uint64(block.pointer), c_size_t(size))
        self._call("cuMemRelease", c_uint64(handle))

    def attach(self, descriptor: int, size: int) -> int:
        self._bind()
        handle = c_uint64()
        try:
            self._call("cuMemImportFromShareableHandle", byref(handle), c_void_p(descriptor),
                       c_int(POSIX_DESCRIPTOR))
        finally:
            os.close(descriptor)
        return self._map(handle, size)

    def fill(self, pointer: int, word: int, count: int) -> float:
        self._bind()
        took = c_float()
        self._call("cuEventRecord", self._begin, None)
        self._call("cuMemsetD32Async", c_uint64(pointer), c_uint(word), c_size_t(count), None)
        self._call("cuEventRecord", self._end, None)
        self._call("cuEventSynchronize", self._end)
        self._call("cuEventElapsedTime", byref(took), self._begin, self._end)
        return took.value / 1e3

    def upload(self, pointer: int, address: int, size: int) -> None:
        self._bind()
        self._call("cuMemcpyHtoD_v2", c_uint64(pointer), c_void_p(address), c_size_t(size))
        self.synchronize()

    def download(self, address: int, pointer: int, size: int) -> None:
        self._bind()
        self._call("cuMemcpyDtoH_v2", c_void_p(address), c_uint64(pointer), c_size_t(size))

    def copy(self, to: int, source: int, size: int) -> None:
        self._bind()
        self._call("cuMemcpyDtoDAsync_v2", c_uint64(to), c_uint64(source), c_size_t(size), None)

    def synchronize(self) -> None:
        self._bind()
        self._call("cuCtxSynchronize")

    def launch(self, program: bytes, kernel: str, arguments: Sequence[int]) -> None:
        self._bind()
        function = self._kernels.get((program, kernel))
        if function is None:
            module, function = c_void_p(), c_void_p()
            self._call("cuModuleLoadData", byref(module), ctypes.c_char_p(program))
            self._call("cuModuleGetFunction", byref(function), module,
                       ctypes.c_char_p(kernel.encode()))
            self._kernels[program, kernel] = function
        values = [c_uint64(each) for each in arguments]
        places = (c_void_p * len(values))(*(ctypes.addressof(each) for each in values))
        one = c_uint(1)
        self._call("cuLaunchKernel", function, one, one, one, one, one, one, c_uint(0), None,
                   places, None)
        self.synchronize()

    def drop_set_aside(self) -> None:
        self._bind()
        self._call("cuCtxResetPersistingL2Cache")

    def close(self) -> None:
        self._call("cuDevicePrimaryCtxRelease_v2", self._device)

    def _map(self, handle: c_uint64, size: int) -> int:
        """Where a block of ``size`` bytes can be read and written from now on."""
        pointer = c_uint64()
        self._call("cuMemAddressReserve", byref(pointer), c_size_t(size), c_size_t(0),
                   c_uint64(0), c_uint64(0))
        self._call("cuMemMap", pointer, c_size_t(size), c_size_t(0), handle, c_uint64(0))
        access = read_and_written(self._device.value)
        self._call("cuMemSetAccess", pointer, c_size_t(size), byref(access), c_size_t(1))
        self._mapped[pointer.value] = size, handle.value
        return pointer.value

    def _bind(self) -> None:
        """Make the context this thread's: calls may come from any."""
        self._call("cuCtxSetCurrent", self._context)

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments)
        if code != 0:
            raise CudaError(name, code)


def shares(driver: Driver) -> bool:
    """Whether the device says that its memory can be shared by descriptor, and does it."""
    if not (driver.attribute(VIRTUAL_MEMORY) and driver.attribute(POSIX_DESCRIPTORS)):
        return False
    try:
        driver.unshare(driver.share(1))
    except CudaError:
        return False
    return True


def at(pointer: int, count: int) -> object:
    """float32 numbers on the device, as torch and others read them without a copy."""
    class Numbers:
        __cuda_array_interface__ = {
            "shape": (count,), "typestr": "<f4", "data": (pointer, False), "version": 3}

    return Numbers()
