"""One timed call: fresh inputs, every number looked at, and a worker that is frozen otherwise."""

from __future__ import annotations

import fcntl
import os

import pytest
import torch
from timed import BASELINE, LIMITS, PATIENCE, TASK, runner

from autograder.course import TIERS, Tier
from autograder.protocol import RunCell
from autograder.protocol.shared_memory import size, views
from autograder.sandbox.client import WorkerLost, Zygote
from autograder.sandbox.patience import Usage
from autograder.timing.devices.cpu import Memory
from autograder.timing.disturbance import Machine, Reading, between
from autograder.timing.protocol import CallEnded

SPINNING = BASELINE + """
import threading

def spin():
    while True:
        pass

threading.Thread(target=spin, daemon=True).start()
"""


@pytest.fixture
def strongest(lacking: dict[Tier, str]) -> Tier:
    return next(tier for tier in TIERS if tier not in lacking)


def test_a_right_function_is_right_in_every_call(zygote: Zygote, tier: Tier) -> None:
    with runner(zygote, tier, BASELINE) as staff:
        assert all(staff.call(PATIENCE).is_right for _ in range(5))


def test_a_worker_uses_no_time_between_its_calls(zygote: Zygote, tier: Tier) -> None:
    with runner(zygote, tier, SPINNING) as student:
        student.call(PATIENCE)
        worker = student._working
        first = worker.thaw()
        while worker.freeze().cpu <= first.cpu:  # the thread does run when it may
            worker.thaw()
        before = worker.freeze()
        with runner(zygote, tier, BASELINE) as staff:  # all the while another one works
            assert staff.call(PATIENCE).is_right
        assert worker.freeze().cpu == before.cpu


def test_a_frozen_worker_can_be_ended(zygote: Zygote, tier: Tier) -> None:
    with runner(zygote, tier, SPINNING) as student:
        assert student._working.stop().reason == "killed"


# A thread that waits for its child as vfork does cannot be stopped, and neither can a process that
# is told to go on all the time.
WAITING = BASELINE + """
import ctypes, threading

libc = ctypes.CDLL(None, use_errno=True)
stack = ctypes.create_string_buffer(1 << 16)

def wait():
    top = ctypes.c_void_p(ctypes.addressof(stack) + (1 << 16) - 64)
    flags = 0x3D0F00 & ~0x380000 | 0x4000  # without TLS and TIDs, with CLONE_VFORK
    libc.clone(ctypes.cast(libc.pause, ctypes.c_void_p), top, flags, None)

threading.Thread(target=wait, daemon=True).start()
"""
GOING_ON = BASELINE + """
import os, signal, threading

def go_on():
    while True:
        os.kill(os.getpid(), signal.SIGCONT)

for _ in range(3):
    threading.Thread(target=go_on, daemon=True).start()
"""


@pytest.mark.parametrize("source", [WAITING, GOING_ON], ids=["vfork", "SIGCONT"])
def test_who_cannot_be_frozen_is_ended_and_has_only_oneself_to_blame(
    zygote: Zygote, source: str
) -> None:
    """The control: in tier none, both are possible."""
    with pytest.raises(WorkerLost, match="could not be stopped"), \
            runner(zygote, "none", source) as student:
        while True:
            student.call(PATIENCE)


@pytest.mark.parametrize("source", [WAITING, GOING_ON], ids=["vfork", "SIGCONT"])
def test_confined_nobody_can_keep_from_being_frozen(
    zygote: Zygote, strongest: Tier, source: str
) -> None:
    with runner(zygote, strongest, source) as student:
        assert all(student.call(PATIENCE).is_right for _ in range(5))


def test_a_worker_that_ended_cannot_be_frozen(zygote: Zygote, strongest: Tier) -> None:
    worker = zygote.spawn(strongest, LIMITS)
    with pytest.raises(WorkerLost, match="exit code 3"):
        worker.request(RunCell(0, "import os; os._exit(3)"), seconds=PATIENCE)
    for order in (worker.freeze, worker.thaw):
        with pytest.raises(WorkerLost):
            order()
    worker = zygote.spawn(strongest, LIMITS)
    worker.request(
        RunCell(0, "import os, threading\nthreading.Timer(0.1, os._exit, [4]).start()"),
        seconds=PATIENCE)
    with pytest.raises(WorkerLost, match="exit code 4"):
        while True:
            worker.thaw()


def test_a_worker_keeps_to_its_core(zygote: Zygote, strongest: Tier) -> None:
    source = BASELINE + """
import os
assert os.sched_getaffinity(0) == {0}
try:
    os.sched_setaffinity(0, range(64))
except PermissionError:
    pass
else:
    raise AssertionError
"""
    with runner(zygote, strongest, source) as student:
        assert student.load.errors == []


def test_a_slow_call_is_given_up(zygote: Zygote, strongest: Tier) -> None:
    source = "def conv2d_fast(*arguments):\n    while True: pass"
    with runner(zygote, strongest, source) as student, pytest.raises(WorkerLost) as lost:
        student.call(0.2)
    assert lost.value.why == "timeout"


@pytest.mark.parametrize("answer", [
    "X", "None", "0.0", "torch.zeros(2, 4, 9, 8)", "torch.full((2, 4, 9, 8), torch.nan)",
    "torch.full((2, 4, 9, 8), torch.inf)", "torch.zeros(0)",
])
def test_no_other_answer_is_right(zygote: Zygote, strongest: Tier, answer: str) -> None:
    source = f"import torch\ndef conv2d_fast(X, W, b, stride, padding):\n    return {answer}"
    with runner(zygote, strongest, source) as student:
        try:
            assert not student.call(PATIENCE).is_right
        except CallEnded as raised:
            assert raised.reply.raised is not None


def test_inputs_of_two_calls_differ() -> None:
    one, other = TASK.draw(), TASK.draw()
    assert not any(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("dtype", "right"), [(torch.float32, True), (torch.bfloat16, False),
                                              (torch.float16, False)])
def test_less_precision_than_float32_is_wrong(dtype: torch.dtype, right: bool) -> None:
    given = TASK.draw()
    X, W, b = (tensor.to(dtype) for tensor in given)
    columns = torch.nn.functional.unfold(X, (3, 3), padding=1)
    answer = (W.flatten(1) @ columns + b[:, None]).reshape(2, 4, 9, 8)
    assert TASK.is_right(answer.float(), given) is right


def test_shared_memory_keeps_its_size() -> None:
    shapes = [[3, 5], [1000], [2, 2]]
    memory = Memory([shapes])
    for change in (0, size(shapes) * 2):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.descriptor, change)
    with pytest.raises(PermissionError):
        fcntl.fcntl(memory.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    first, second, third = views(memory.map, shapes)
    for value, tensor in enumerate((first, second, third)):
        tensor.fill_(value)
    assert [tensor.unique().tolist() for tensor in (first, second, third)] == [[0], [1], [2]]
    memory.close()


def disturbed(seconds: float, cpu: float, waited: float, **taken: float) -> tuple[object, bool]:
    """Seconds that count, and whether the call counts, of one that waited for its core."""
    none = Reading(judge_waited=0, stolen=0, throttled=0)
    after = Reading(**{"judge_waited": 0, "stolen": 0, "throttled": 0, **taken})
    found = between(none, after, took=seconds, worked=seconds, thawed=Usage(5, 7),
                    frozen=Usage(5 + cpu, 7 + waited))
    return seconds - found.waited, found.starves(seconds) or found.interrupts(seconds)


def test_time_without_a_core_is_taken_off() -> None:
    assert disturbed(1.0, cpu=0.6, waited=0.4) == (pytest.approx(0.6), False)
    assert disturbed(1.0, cpu=0.8, waited=0.0, judge_waited=0.1) == (pytest.approx(0.9), False)


def test_threads_that_wait_for_each_other_take_nothing_off() -> None:
    assert disturbed(1.0, cpu=1.0, waited=30.0) == (pytest.approx(1.0), False)
    assert disturbed(1.0, cpu=0.9, waited=30.0)[0] == pytest.approx(0.9)


def test_no_call_gets_below_the_time_it_used() -> None:
    assert disturbed(1.0, cpu=0.4, waited=0.9, judge_waited=0.9)[0] == pytest.approx(0.4)


def test_sleep_takes_nothing_off() -> None:
    assert disturbed(1.0, cpu=0.1, waited=0.0) == (1.0, False)


def test_a_call_without_a_core_for_most_of_its_time_does_not_count() -> None:
    assert disturbed(1.0, cpu=0.1, waited=0.9)[1]


def test_a_call_that_the_host_or_a_quota_interrupted_does_not_count() -> None:
    assert disturbed(1.0, cpu=0.9, waited=0, stolen=0.1)[1]
    assert disturbed(1.0, cpu=0.9, waited=0, throttled=0.1)[1]


def test_this_machine_has_the_counters() -> None:
    one, other = Machine([0]).read(), Machine([0]).read()
    assert 0 <= one.judge_waited <= other.judge_waited
    assert 0 <= one.stolen <= other.stolen
