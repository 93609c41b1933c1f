"""A function on a GPU, by the judge's side of it: one that is played, for there is none here."""

from __future__ import annotations

from ctypes import sizeof
from typing import Any

import pytest
import torch
from fake_gpu import OUT_OF_MEMORY, FakeDriver, Work, World
from played import HONEST, Hands, Played, Program, Stage, both, honest, stage
from timed import TASK, convolution

from autograder.protocol import PrepareTiming, TimedCall, shared_memory
from autograder.timing.devices import lacks, opened_gpu
from autograder.timing.measuring import Measured, measure, warm
from autograder.timing.protocol import Restless
from autograder.worker import handlers
from autograder.worker.driver import (
    AllocationProperties,
    CudaError,
    MemoryAccess,
    MemoryLocation,
)
from autograder.worker.loading import Namespace
from autograder.worker.nvml import NvmlError

THRESHOLDS = [1.25, 3.0, 10.0]


def measured(on: Stage, student: Program, staff: Program = honest, **how: Any) -> Measured:
    with both(on, student, staff, **how) as (ours, theirs):
        return measure(ours, theirs, TASK, warm(ours, TASK), THRESHOLDS, seconds=60)


def slower(times: float) -> Program:
    def program(hands: Hands) -> None:
        hands.compute((times - 1) * HONEST)
        honest(hands)

    return program


@pytest.mark.parametrize("shares", [True, False], ids=["shared", "timed"])
def test_a_ratio_is_that_of_the_devices_times(shares: bool) -> None:
    on = stage(World(shares=shares))
    assert on.gpu.transfer == ("shared" if shares else "timed")
    for times in (1.0, 2.0):
        found = measured(on, slower(times)).decision
        assert found.ratio.median == pytest.approx(times, rel=0.03)
        assert found.bound == found.ratio.low


def test_memory_is_given_back() -> None:
    on = stage()
    before = dict(on.world.used)
    measured(on, honest)
    assert on.world.used == before


def test_sensors_that_fail_are_the_graders_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    on = stage()

    def fails() -> int:
        raise NvmlError("the driver is gone")

    monkeypatch.setattr(on.sensors, "reasons", fails)
    with pytest.raises(CudaError, match="the driver is gone"):
        on.gpu.is_slowed()


def test_one_worker_does_not_have_the_others_memory() -> None:
    on = stage()
    with both(on, honest) as (ours, theirs):
        warm(ours, TASK)
        theirs.prepare(TASK)
        theirs.hands.answer.fill_(7)
        assert not (ours.hands.answer == 7).any()


def test_somebody_elses_work_is_a_busy_machine() -> None:
    on = stage()
    with both(on, honest) as (ours, theirs):
        times = warm(ours, TASK)
        on.world.give("neighbour", Work(left=1e6))
        with pytest.raises(Restless):
            measure(ours, theirs, TASK, times, THRESHOLDS, seconds=60)
    with pytest.raises(Restless), both(on, honest) as (ours, _):
        warm(ours, TASK)


def test_somebody_elses_short_work_leaves_pairs_out() -> None:
    on = stage()

    def visited(hands: Hands) -> None:  # whoever calls, a neighbour begins something meanwhile
        honest(hands)
        on.world.give("neighbour", Work(left=0.010))

    assert measured(on, visited, visited).decision.bound is None


@pytest.mark.parametrize("change", [{"slowing": 0x20}, {"slowing": 0x4}, {"clock": 1200}])
def test_heat_and_power_leave_pairs_out(change: dict[str, int]) -> None:
    on = stage()
    for name, value in change.items():
        setattr(on.sensors, name, value)
    assert measured(on, honest).decision.bound is None


def test_an_idle_device_is_not_slowed() -> None:
    on = stage()
    on.sensors.slowing = 0x1
    assert measured(on, honest).decision.bound is not None


def test_a_canary_sees_kernels_and_copies_and_nothing_alone() -> None:
    on = stage()
    assert all(on.gpu.is_quiet() for _ in range(5))
    for copies in (False, True):
        on.world.give("neighbour", Work(left=30.0, copies=copies))
        assert not on.gpu.is_quiet()
        on.world.kill("neighbour")
        assert on.gpu.is_quiet()


def test_what_fits_into_the_cache_need_not_be_moved() -> None:
    on = stage()
    assert on.gpu.floor(4_000_000) == pytest.approx(1e-3)  # 2 GHz, a byte at once, twice a clock
    on.gpu._cache = 4_000_000
    assert on.gpu.floor(4_000_000) == 0.0


def test_a_device_that_fails_is_nobodys_fault() -> None:
    on = stage()
    on.world.faulty.add("judge")
    with pytest.raises(CudaError):
        on.gpu.is_quiet()
    with pytest.raises(CudaError):
        stage(on.world)


def test_a_device_without_memory_left_is_the_judges_to_defer() -> None:
    driver = FakeDriver(World(capacity=1 << 20), "judge")
    with pytest.raises(CudaError) as error:
        driver.allocate(1 << 30)
    assert error.value.code == OUT_OF_MEMORY


def tf32(tensor: torch.Tensor) -> torch.Tensor:
    """Rounded to the 10 bits of TF32's mantissa."""
    bits = tensor.view(torch.int32)
    return ((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF).view(torch.float32)


def test_inputs_rounded_to_tf32_are_wrong() -> None:
    given = TASK.draw()
    assert TASK.is_right(convolution(*given, *TASK.numbers), given)
    X, W, b = given
    assert not TASK.is_right(convolution(tf32(X), tf32(W), b, *TASK.numbers), given)


def test_structures_lie_as_cuda_h_has_them() -> None:
    assert (sizeof(MemoryLocation), sizeof(AllocationProperties), sizeof(MemoryAccess)) == (
        8, 32, 12)
    places = {name: getattr(AllocationProperties, name).offset
              for name in ("type", "handles", "location", "win32", "flags")}
    assert places == {"type": 0, "handles": 4, "location": 8, "win32": 16, "flags": 24}
    assert (MemoryLocation.type.offset, MemoryLocation.id.offset) == (0, 4)
    assert (MemoryAccess.location.offset, MemoryAccess.flags.offset) == (0, 8)


@pytest.mark.skipif(lacks("cuda") is None, reason="this machine has a GPU")
def test_without_a_gpu_the_machine_says_so() -> None:
    assert lacks("cuda") == "this machine has no CUDA device, or no driver for it"
    with pytest.raises(OSError, match=r"libcuda\.so"):
        opened_gpu()


def test_a_played_worker_is_told_what_a_real_one_is() -> None:
    """The control of all tests here: a wrong answer is seen, and so is a missing one."""
    on = stage()

    def wrong(hands: Hands) -> None:
        honest(hands)
        hands.answer[0, 0, 0, 0] += 1

    for program in (wrong, lambda hands: None):
        runner = Played(on.gpu, on.world, "student", program)
        runner.prepare(TASK)
        assert not runner.call(60).is_right
        runner.close()


def test_a_worker_works_in_the_block_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    block = torch.zeros(shared_memory.size(TASK.shapes) // 4)
    asked: list[tuple[int, int]] = []

    def attached(descriptor: int, size: int) -> torch.Tensor:
        asked.append((descriptor, size))
        return block

    monkeypatch.setattr(handlers, "attached", attached)
    namespace = Namespace()
    namespace.values["f"] = convolution
    worker = handlers.Handlers(namespace, lambda *_: None, None, 17)
    shapes = tuple(map(tuple, TASK.shapes))
    worker.answer(PrepareTiming("f", shapes, tuple(TASK.numbers), 1, "cpu", 1 << 20))
    *given, answer = shared_memory.views(block, TASK.shapes)
    inputs = TASK.draw()
    for place, tensor in zip(given, inputs, strict=True):
        place.copy_(tensor)
    worker.answer(TimedCall())
    assert asked == [(17, 1 << 20)] and TASK.is_right(answer, inputs)
