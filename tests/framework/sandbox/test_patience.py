"""A worker that the machine kept from running is waited for longer, within bounds; one that sleeps,
or whose own threads keep it from running, is not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from workers import LIMITS, answer, call, load

from autograder.protocol import LOOK, USAGE
from autograder.sandbox import client
from autograder.sandbox.client import SandboxError, Worker, WorkerLost, Zygote
from autograder.sandbox.patience import Patience, Usage

LIMIT, MOST = 10.0, 40.0


class Machine:
    """A clock that goes only when it is waited, and what the kernel says of a worker meanwhile."""

    def __init__(self, during: Callable[[float], Usage | None]) -> None:
        self.during = during
        self.clock = 1000.0

    def waited_for(self) -> float:
        """Seconds after which a worker is given up that never answers."""
        patience = Patience(LIMIT, lambda: self.during(self.clock - 1000.0), lambda: self.clock)
        self.clock = patience.until
        while patience.moved():
            self.clock = patience.until
        return self.clock - 1000.0


@pytest.mark.parametrize(("said", "seconds"), [
    # Half of the time it had no core: what it gets is as much CPU as it would have got.
    (lambda t: Usage(t / 2, t / 2, t / 2), 2 * LIMIT),
    (lambda t: Usage(t * 0.05, t * 0.95, t * 0.95), MOST),  # bounded
    # The controls, all as before: nobody can say; it runs; it sleeps.
    (lambda t: None, LIMIT),
    (lambda t: Usage(t, 0.0, 0.0), LIMIT),
    (lambda t: Usage(0.0, 0.0, 0.0), LIMIT),
    # Its own threads take the core from each other, or only they are ready.
    (lambda t: Usage(t, 9 * t, t * 0.9), LIMIT),
    (lambda t: Usage(t / 10, 90 * t, 0.0), LIMIT),
    # It sleeps, after a time in which its threads did: it has no more CPU time for it.
    (lambda t: Usage(min(t, 5.0), 9 * min(t, 5.0), 0.9 * min(t, 5.0)), LIMIT + 0.9 * (5.0 - 1.0)),
])
def test_how_long_it_is_waited_for(said: Callable[[float], Usage | None], seconds: float) -> None:
    waited = Machine(said).waited_for()
    assert seconds * 0.9 <= waited <= seconds * 1.001


def test_no_way_of_using_the_core_gives_more_than_the_limit_of_it() -> None:
    """Whatever a worker says of itself by what it does: CPU time within the limit, the wall clock
    within the bound. One core; steps in which it runs, waits, or sleeps, in any order."""
    for pattern in range(3 ** 6):
        steps = [pattern // 3 ** each % 3 for each in range(6)]

        def said(t: float, steps: list[int] = steps) -> Usage:
            parts = [max(0.0, min(t - 4 * n, 4.0)) for n in range(6)]
            cpu = sum(part for part, what in zip(parts, steps, strict=True) if what == 0)
            waited = sum(part for part, what in zip(parts, steps, strict=True) if what < 2)
            return Usage(cpu, waited, waited)

        waited = Machine(said).waited_for()
        assert LIMIT <= waited <= MOST
        assert said(waited).cpu <= LIMIT + 1e-6


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What supervisors would have been ordered."""
    found: list[bytes] = []
    monkeypatch.setattr(Worker, "_ordered", lambda self, order: found.append(order))
    return found


def test_a_fast_answer_costs_no_look(orders: list[bytes], zygote: Zygote) -> None:
    worker = zygote.spawn("none", LIMITS)
    load(worker, "def twice(x): return 2 * x")
    assert answer(worker, "twice", 21) == 42
    worker.stop()
    assert orders == []


def test_the_kernel_says_what_a_worker_waited_for_a_core(zygote: Zygote) -> None:
    """Beside four that want its core, it waits while it runs; stopped, it does not wait."""
    core = min(os.sched_getaffinity(0))
    worker = zygote.spawn("none", LIMITS, cores=[core])
    load(worker, "import time\ndef busy(seconds):\n    end = time.process_time() + seconds\n"
         "    while time.process_time() < end: pass\n")
    with ExitStack() as stack:
        for _ in range(4):
            rival = stack.enter_context(subprocess.Popen(
                [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{core}])\n"
                 "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE))
            stack.callback(rival.kill)
            assert rival.stdout is not None
            rival.stdout.readline()
        before = worker._ordered(LOOK)
        answer(worker, "busy", 0.2)
        after = worker._ordered(LOOK)
        assert before is not None
        assert after is not None
        assert after.cpu - before.cpu > 0.1
        assert after.first_waited > before.first_waited

        frozen = worker.freeze()
        answered = [worker._ordered(LOOK) for _ in range(3)]
        assert {each.first_waited for each in answered if each} == {frozen.first_waited}
        worker.thaw()
    worker.stop()


def test_who_sleeps_has_no_more_time_than_before(zygote: Zygote) -> None:
    worker = zygote.spawn("none", LIMITS)
    load(worker, "import time\ndef sleep(): time.sleep(1000)")
    with pytest.raises(WorkerLost) as caught:
        call(worker, "sleep", seconds=0.3)
    assert caught.value.why == "timeout"


def test_what_a_supervisor_says_too_late_answers_no_other_order(
    zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = zygote.spawn("none", LIMITS)
    ours, theirs = socket.socketpair()
    with monkeypatch.context() as patch, theirs:
        patch.setattr(client, "_END_SECONDS", 0.01)
        patch.setattr(worker, "_control", ours)
        assert worker._look() is None
        theirs.sendall(USAGE.pack(1, 2, 3))  # of a look; nobody has frozen the worker
        with pytest.raises(SandboxError):
            worker.freeze()
    worker._control.close()
