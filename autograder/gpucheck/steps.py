"""What CUDA does, step by step, as a worker would have it done: by its driver alone, by torch, and
rehearsed without a device.

Signatures and values are those of ``cuda.h``; nothing of them is set for anybody but the process.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint, c_ulonglong, c_void_p
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.gpucheck.children import Tell, described
from autograder.worker import device, rehearsal
from autograder.worker.driver import POSIX_DESCRIPTOR, read_and_written, shareable

NamedSteps = dict[str, Callable[[], object]]
"""Name -> what is done, in this order and in one process; what it returns is for the report."""
OF_ANOTHER = "map a block of another process"
DRIVER_BEGINS, TORCH_BEGINS = 4, 1  # steps before the filter of system calls

_BLOCK = 2 << 20
_MEGABYTES = 64
_ATTRIBUTES = {"multiprocessors": 16, "L2 bytes": 38, "virtual memory": 102, "descriptors": 103}
_KERNEL = b""".version 7.0
.target sm_70
.address_size 64
.visible .entry nothing() { ret; }
"""


class DriverRefused(Exception):
    """A function of the driver's has failed."""


class DriverSteps:
    """The driver by itself, in one process that never used it before."""

    def __init__(self, name: str, shared: int | None) -> None:
        """
        Args:
            name: the GPU's UUID.
            shared: descriptor of a block that another process has made.
        """
        self._name = name
        self._shared = shared
        self._context = c_void_p()
        self._cuda: Any = None

    def steps(self) -> NamedSteps:
        return {
            "find libcuda": self._find,
            "cuInit": lambda: self._call("cuInit", c_uint(0)),
            "look at the device": self._look,
            "open a context": self._open,
            f"fill {_MEGABYTES} MB and read them": self._fill,
            "run a kernel": self._run,
            "make a block to share": self.make_block,
            "say what is used": used,
            OF_ANOTHER: self._map_block,
        }

    def _find(self) -> None:
        device.make_visible(self._name)
        self._cuda = ctypes.CDLL("libcuda.so.1")

    def _look(self) -> dict[str, int]:
        found = {}
        for name, number in _ATTRIBUTES.items():
            value = c_int()
            self._call("cuDeviceGetAttribute", byref(value), c_int(number), c_int(0))
            found[name] = value.value
        return found

    def _open(self) -> None:
        self._call("cuDevicePrimaryCtxRetain", byref(self._context), c_int(0))
        self._call("cuCtxSetCurrent", self._context)

    def _fill(self) -> None:
        address, size = c_ulonglong(), _MEGABYTES << 20
        self._call("cuMemAlloc_v2", byref(address), c_size_t(size))
        self._call("cuMemsetD32_v2", address, c_uint(0x01020304), c_size_t(size // 4))
        read = (ctypes.c_uint32 * 4)()
        self._call("cuMemcpyDtoH_v2", read, c_ulonglong(address.value + size - 16), c_size_t(16))
        self._call("cuMemFree_v2", address)
        if list(read) != [0x01020304] * 4:
            raise DriverRefused(f"read {list(read)}")

    def _run(self) -> None:
        module, function = c_void_p(), c_void_p()
        self._call("cuModuleLoadData", byref(module), c_char_p(_KERNEL))
        self._call("cuModuleGetFunction", byref(function), module, c_char_p(b"nothing"))
        self._call("cuLaunchKernel", function, *[c_uint(1)] * 6, c_uint(0), None, None, None)
        self._call("cuCtxSynchronize")

    def make_block(self) -> int:
        """Its descriptor; the block lasts as long as that, or this process."""
        wanted = shareable(0)
        handle, descriptor = c_ulonglong(), c_int()
        self._call("cuMemCreate", byref(handle), c_size_t(_BLOCK), byref(wanted), c_ulonglong(0))
        self._call("cuMemExportToShareableHandle", byref(descriptor), handle,
                   c_int(POSIX_DESCRIPTOR), c_ulonglong(0))
        return descriptor.value

    def _map_block(self) -> None:
        if self._shared is None:
            raise DriverRefused("there is none")
        handle, address = c_ulonglong(), c_ulonglong()
        self._call("cuMemImportFromShareableHandle", byref(handle), c_void_p(self._shared),
                   c_int(POSIX_DESCRIPTOR))
        self._call("cuMemAddressReserve", byref(address), c_size_t(_BLOCK), c_size_t(0),
                   c_ulonglong(0), c_ulonglong(0))
        self._call("cuMemMap", address, c_size_t(_BLOCK), c_size_t(0), handle, c_ulonglong(0))
        access = read_and_written(0)
        self._call("cuMemSetAccess", address, c_size_t(_BLOCK), byref(access), c_size_t(1))
        self._call("cuMemsetD32_v2", address, c_uint(7), c_size_t(_BLOCK // 4))
        self._call("cuCtxSynchronize")

    def _call(self, function: str, *arguments: Any) -> None:
        result = getattr(self._cuda, function)(*arguments)
        if result:
            name = c_char_p()
            self._cuda.cuGetErrorName(c_int(result), byref(name))
            raise DriverRefused(f"{function}: {result} {(name.value or b'').decode()}")


def hold_a_block(name: str, tell: Callable[[int], object]) -> None:
    """In a process of its own: make a block, tell its descriptor, and stay.

    Raises:
        OSError: there is no libcuda.
        DriverRefused: the driver cannot.
    """
    driver = DriverSteps(name, None)
    for name, step in driver.steps().items():
        if name == "make a block to share":
            tell(driver.make_block())
            return
        step()


def torch_steps(name: str) -> NamedSteps:
    """As the worker of the GPU ``name`` begins, and what students' functions use."""
    import torch

    from autograder.worker import cuda, lean

    lean.leave_out_the_compiler()

    def train() -> None:
        weight = torch.ones(4, device="cuda", requires_grad=True)
        (weight * weight).sum().backward()
        torch.optim.Adam([weight]).step()

    def convolve() -> None:
        image = torch.ones(1, 1, 8, 8, device="cuda")
        torch.nn.functional.conv2d(image, torch.ones(1, 1, 3, 3, device="cuda"))

    def finished(step: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            step()
            torch.cuda.synchronize()

        return run

    square = torch.eye(64)
    return {
        "begin": lambda: cuda.begin(name),
        "zeros": finished(lambda: torch.zeros(1, device="cuda")),
        "matrix product": finished(lambda: square.cuda() @ square.cuda()),
        "convolution": finished(convolve),
        "Fourier transform": finished(lambda: torch.fft.irfft2(torch.fft.rfft2(square.cuda()))),
        "gradient and Adam": finished(train),
        "say what is used": used,
    }


def rehearsal_steps(nodes: rehearsal.Nodes) -> NamedSteps:
    return {name: partial(step, nodes) for name, step in rehearsal.STEPS.items()}


def take_steps(
    steps: NamedSteps, tell: Tell,
    before: Mapping[int, Callable[[], object]] = MappingProxyType({}), each_alone: bool = False,
) -> None:
    """Take one after the other until one fails, and tell of each before and after it.

    Args:
        before: what is done before the step with this number, the first is 0.
        each_alone: none needs another, and all are taken.
    """
    for number, (name, step) in enumerate(steps.items()):
        if number in before:
            before[number]()
        tell({"begun": name})
        try:
            answer, milliseconds = timed(step)
        except Exception as error:
            tell({"step": name, "error": described(error)})
            if not each_alone:
                return
        else:
            tell({"step": name, "ms": milliseconds, "answer": answer})


def timed(step: Callable[[], object]) -> tuple[object, float]:
    """What it returns, and milliseconds."""
    began = time.perf_counter()
    answer = step()
    return answer, round((time.perf_counter() - began) * 1e3, 2)


def used() -> dict[str, list[str]]:
    """Files that this process has mapped or open, and its threads, as far as it may know: of one
    that has succeeded, what it needed."""
    found: dict[str, list[str]] = {"mapped": [], "open": [], "threads": []}
    with suppress(OSError):
        lines = Path("/proc/self/maps").read_text().splitlines()
        found["mapped"] = sorted({fields[5] for line in lines if len(fields := line.split()) > 5})
    with suppress(OSError):
        for link in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found["open"].append(str(link.readlink()))
    with suppress(OSError):
        found["threads"] = [file.read_text().strip()
                            for file in Path("/proc/self/task").glob("*/comm")]
    return found
