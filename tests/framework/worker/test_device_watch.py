"""What the worker of a GPU holds is counted, and who is to blame where the machine runs short."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.worker import device_watch, nvml
from autograder.worker.device_watch import CUDA_HOST, DeviceWatch
from autograder.worker.nvml import Nvml, NvmlError

MEGABYTE = 1 << 20


class FakeLibrary:
    """As much of NVML as is used: two processes, one of which it knows nothing of."""

    def __init__(self, used: int = 5 * MEGABYTE, extra: int = 0) -> None:
        self.processes = [(os.getpid(), used), (7, nvml._NOT_AVAILABLE),
                          *((number + 100, 1) for number in range(extra))]

    def nvmlInit_v2(self) -> int:  # noqa: N802
        return 0

    def nvmlDeviceGetHandleByUUID(self, name: Any, device: Any) -> int:  # noqa: N802
        return 0 if name.value == b"GPU-a" else 6

    def nvmlDeviceGetComputeRunningProcesses_v3(  # noqa: N802
        self, device: Any, count: Any, found: Any
    ) -> int:
        room, count._obj.value = count._obj.value, len(self.processes)
        if room < len(self.processes):
            return 7
        for place, (pid, used) in zip(found, self.processes, strict=False):
            place.pid, place.used = pid, used
        return 0


def test_structures_are_as_large_as_nvmls() -> None:
    assert ctypes.sizeof(nvml._ProcessInfo) == 24 and nvml._ProcessInfo.used.offset == 8
    assert ctypes.sizeof(nvml._NvmlMemory) == 24


@pytest.mark.parametrize("extra", [0, 40])
def test_memory_on_the_device_is_counted_by_process(extra: int) -> None:
    found = Nvml("GPU-a", FakeLibrary(extra=extra)).processes()
    assert len(found) == 2 + extra
    assert found[os.getpid()] == 5 * MEGABYTE and found[7] == 0


def test_what_nvml_refuses_it_says() -> None:
    with pytest.raises(NvmlError, match="nvmlDeviceGetHandleByUUID: NVML says 6"):
        Nvml("GPU-b", FakeLibrary())
    with pytest.raises(NvmlError, match="libnvidia-ml"):
        Nvml("GPU-b")
    assert device_watch.on_device("GPU-b") is None, "a machine without it watches the rest"


def watch(on_device: int = 0, memory: int = 64 * MEGABYTE) -> DeviceWatch:
    return DeviceWatch(os.getpid(), memory, memory, lambda pid: on_device)


def test_a_worker_within_its_limits_goes_on() -> None:
    assert not watch(on_device=1 << 30).exceeded(), "CUDA takes as much by itself"


def test_memory_on_the_device_has_a_limit() -> None:
    too_much = watch(on_device=(1 << 30) + 65 * MEGABYTE)
    assert too_much.exceeded() and too_much.to_blame()


def test_where_nvml_fails_the_rest_is_watched() -> None:
    def fails(pid: int) -> int:
        raise NvmlError("gone")

    assert not DeviceWatch(os.getpid(), MEGABYTE, MEGABYTE, fails).exceeded()


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Bytes that the machine has left, at each look; the last stays."""
    looks: list[int] = []
    monkeypatch.setattr(device_watch, "available", lambda: (
        looks.pop(0) if len(looks) > 1 else looks[0], 64 << 30))
    monkeypatch.setattr(device_watch, "_GIVING_BACK", (3, 0.0))
    yield looks


def test_pinned_memory_is_missed_by_the_machine_only_and_given_back_at_the_end(
    left: list[int]
) -> None:
    one = watch()
    left += [3 << 30, 1 << 30, 1 << 30, (1 << 30) + CUDA_HOST + 65 * MEGABYTE]
    assert not one.exceeded(), "there is enough"
    assert one.exceeded() and one.to_blame()


def test_what_others_hold_is_no_workers_fault(left: list[int]) -> None:
    """Nothing comes back when it has ended: the grader's own fault, then, and graded again."""
    one = watch()
    left += [1 << 30, 1 << 30, (1 << 30) + CUDA_HOST]
    assert one.exceeded() and not one.to_blame()
