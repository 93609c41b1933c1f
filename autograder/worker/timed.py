"""Timing, on the worker's side: a function works from and into memory that the judge shares.

The worker knows no clock: it is told to go, and says when it is done. All that happens here is the
student's to change, and nothing of it is believed: the judge times from outside and looks at every
number.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.protocol import PrepareTiming, shared_memory
from autograder.worker import linux
from autograder.worker.driver import Libcuda, at

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _NEVER = -1, -3, 1 << 30  # glibc's malloc.h


class Track:
    """What one function is timed on. The same for the staff's function and a student's."""

    def __init__(
        self, memory: mmap.mmap | torch.Tensor, function: Callable[..., Any],
        request: PrepareTiming,
    ) -> None:
        """``request.shapes``: of the tensors that ``function`` is given, before the numbers, and,
        last, of its answer."""
        # Memory that is given back to the kernel costs page faults to get again, as many as the
        # kernel feels like: keep it, so that calls are alike.
        linux.libc.mallopt(_M_MMAP_THRESHOLD, _NEVER)
        linux.libc.mallopt(_M_TRIM_THRESHOLD, _NEVER)
        torch.set_num_threads(request.threads)
        torch.set_float32_matmul_precision("highest")
        self._device = torch.device(request.device)
        *self._given, self._answer = shared_memory.views(memory, request.shapes)
        self._function = function
        self._numbers = request.numbers

    def go(self) -> None:
        """One call: its answer is in the shared memory when this returns."""
        with torch.no_grad():
            given: Sequence[torch.Tensor] = self._given
            if self._answer.device != self._device:
                given = [tensor.to(self._device) for tensor in given]
            answer = self._function(*given, *self._numbers)
            if self._device.type == "cuda":
                torch.cuda.synchronize()  # whatever streams it has used
            self._answer.copy_(answer)
            if self._answer.is_cuda:
                torch.cuda.synchronize()


def attached(descriptor: int, size: int) -> torch.Tensor:
    """All numbers of a block of the judge's on the device, which has ``size`` bytes."""
    pointer = Libcuda().attach(descriptor, size)
    return torch.as_tensor(at(pointer, size // torch.float32.itemsize), device="cuda")
