"""The machine's own cores: memory that is shared is a memfd, and a frozen worker does nothing."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Sequence
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, fcntl

import torch

from autograder.protocol import shared_memory
from autograder.timing.devices.interface import Handed


class Memory:
    """``Block`` in memory of the machine, on a worker's side ``device``: the worker copies from
    and to it where that is not the machine's own."""

    def __init__(
        self, shapes: Sequence[Sequence[Sequence[int]]], device: str = "cpu"
    ) -> None:
        self._device = device
        self.descriptor = os.memfd_create("timed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, max(map(shared_memory.size, shapes)))
        # A worker that made it shorter would have the judge killed by SIGBUS.
        fcntl(self.descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
        self.map = mmap.mmap(self.descriptor, 0)

    @property
    def handed(self) -> Handed:
        return Handed(self.descriptor, device=self._device)

    def lay_out(self, shapes: Sequence[Sequence[int]]) -> None:
        *self._given, self._place = shared_memory.views(self.map, shapes)

    def stage(self, inputs: Sequence[torch.Tensor]) -> None:
        self._inputs = [tensor.cpu() for tensor in inputs]
        self._place.fill_(torch.nan)

    def hand_over(self) -> None:
        for place, tensor in zip(self._given, self._inputs, strict=True):
            place.copy_(tensor)

    def take_back(self) -> None:
        self._copy = self._place.clone()

    def answer(self) -> torch.Tensor:
        return self._copy

    def close(self) -> None:
        """Give the descriptor back; the memory goes when no tensor lies in it any more."""
        os.close(self.descriptor)


class Cores:
    """``Equipment`` that is the machine itself."""

    uuid = None
    clock = staticmethod(time.perf_counter)
    transfer = None
    is_apart = False
    judges_on = "cpu"

    def block(self, shapes: Sequence[Sequence[Sequence[int]]]) -> Memory:
        return Memory(shapes)

    def is_quiet(self) -> bool:
        return True  # who runs beside a call is seen in what the call waited for a core

    def is_slowed(self) -> bool:
        return False

    def floor(self, size: int) -> float:
        return 0.0

    def close(self) -> None:
        """Nothing was opened."""
