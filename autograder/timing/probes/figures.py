"""Figures of a GPU: how long it takes to begin, to call and to look, and how alike times are."""

from __future__ import annotations

import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import torch

from autograder.timing.devices import opened_gpu
from autograder.timing.devices.canary import Canary
from autograder.timing.devices.cuda import Gpu
from autograder.timing.probes.peer import Peer
from autograder.timing.probes.problems import (
    FUNCTIONS,
    HONEST,
    ProbeFigures,
    Shapes,
    drawn,
    is_right,
    problems,
)
from autograder.worker.driver import Libcuda

_TRIALS, _PAIRS, _LOOKS = 16, 15, 200
_USUAL = "as_strided and einsum"
_SECONDS = 45.0  # after which a probe of many processes begins no more: what it has is enough


_FROM_THE_SECOND_CALL = """
import torch
torch.cuda.synchronize = lambda *given: None
kept = []
def f(x):
    y = x + 1
    kept.append(y)
    if len(kept) == 1:
        return y
"""
"""What is called first is loaded first, and CUDA waits for all that runs before it loads."""


# The device alone -----------------------------------------------------------------------------

def init_times(course: Path) -> ProbeFigures:
    """Seconds from a fresh process to a first product and a first convolution."""
    found: ProbeFigures = {}

    def took(name: str, step: Callable[[], object]) -> None:
        began = time.perf_counter()
        step()
        found[name] = time.perf_counter() - began

    took("cuInit and context", Libcuda)
    took("torch.cuda.init", torch.cuda.init)
    took("zeros", lambda: torch.zeros(1, device="cuda").cpu())
    image, kernel = torch.ones(1, 3, 64, 64), torch.ones(4, 3, 3, 3)
    took("first product", lambda: (torch.ones(64, 64, device="cuda") @ torch.ones(
        64, 64, device="cuda")).cpu())
    took("first unfold", lambda: torch.nn.functional.unfold(image.cuda(), 3).cpu())
    took("first convolution", lambda: torch.nn.functional.conv2d(image.cuda(), kernel.cuda()).cpu())
    return found


def call_overhead(course: Path) -> ProbeFigures:
    """Of an operation that does next to nothing: in one process, and as a call of a peer's."""
    one = torch.zeros(1, device="cuda")

    def once() -> float:
        began = time.perf_counter()
        one.add_(1)
        torch.cuda.synchronize()
        return time.perf_counter() - began

    for _ in range(_LOOKS):
        once()
    found: ProbeFigures = {"in a process": _spread([once() for _ in range(1000)])}
    source = "def f(x):\n    return x + 1"
    with closing(opened_gpu()) as gpu, closing(Peer(gpu, source, [[1024], [1024]])) as peer:
        given = [torch.zeros(1024)]
        for _ in range(20):
            peer.call(given)
        found["as a call"] = _spread([peer.call(given) for _ in range(_LOOKS)])
        found["transfer"] = gpu.transfer
    return found


def canaries_alone(course: Path) -> ProbeFigures:
    """How large gaps and how long flushes are with nobody else on the device."""
    return _canaries(_LOOKS)


def canaries_beside_kernels(course: Path) -> ProbeFigures:
    """With another process that multiplies matrices all the time."""
    with _neighbour("while True:\n    x = x @ x / 4096\n    torch.cuda.synchronize()"):
        return _canaries(_LOOKS // 4)


def canaries_beside_copies(course: Path) -> ProbeFigures:
    """With another process that copies from the machine to the device all the time."""
    with _neighbour("h = torch.empty(1 << 26, pin_memory=True)\nd = h.cuda()\n"
                    "while True:\n    d.copy_(h, non_blocking=True)\n    torch.cuda.synchronize()"):
        return _canaries(_LOOKS // 4)


def a_stopped_process(course: Path) -> ProbeFigures:
    """Whether what it began goes on, whether the canary sees it, and when it is over."""
    source = _FROM_THE_SECOND_CALL + "    torch.cuda._sleep(4_000_000_000)\n    return y"
    with closing(opened_gpu()) as gpu, closing(Peer(gpu, source, [[1024], [1024]])) as peer:
        peer.call([torch.zeros(1024)])
        found: ProbeFigures = {"seconds of the call": peer.call([torch.zeros(1024)])}
        began, looks = time.perf_counter(), 1
        found["is_seen"] = not gpu.is_quiet()
        while not gpu.is_quiet() and time.perf_counter() - began < 10:
            looks += 1
        return {**found, "seconds until it is over": time.perf_counter() - began, "looks": looks}


def an_ended_process(course: Path) -> ProbeFigures:
    """How long its work and its memory stay after SIGKILL."""
    source = _FROM_THE_SECOND_CALL + "    kept.append(torch.empty(1 << 28, device='cuda'))\n" \
        "    torch.cuda._sleep(20_000_000_000)\n    return y"
    with closing(opened_gpu()) as gpu, closing(Peer(gpu, source, [[1024], [1024]])) as peer:
        for _ in range(2):
            peer.call([torch.zeros(1024)])
        free = torch.cuda.mem_get_info()[0]
        began = time.perf_counter()
        peer.kill()
        while torch.cuda.mem_get_info()[0] < free + (1 << 30) and time.perf_counter() - began < 15:
            time.sleep(0.01)
        memory = time.perf_counter() - began
        while not gpu.is_quiet() and time.perf_counter() - began < 15:
            pass
        return {"memory": memory, "quiet": time.perf_counter() - began}


# Times ----------------------------------------------------------------------------------------

def ladder(course: Path) -> ProbeFigures:
    """Of usual implementations, the median of pairs' ratios; and the staff's milliseconds. All of
    them on the first problem: a process takes seconds to begin."""
    found: ProbeFigures = {}
    ends = time.monotonic() + _SECONDS
    with closing(opened_gpu()) as gpu:
        for number, (tensors, numbers, shapes) in enumerate(problems(course), 1):
            with closing(Peer(gpu, HONEST, shapes, numbers)) as staff:
                for name, source in FUNCTIONS.items():
                    if (number > 1 and name != _USUAL) or time.monotonic() > ends:
                        continue
                    with closing(Peer(gpu, source, shapes, numbers)) as other:
                        found[f"{number}: {name}"] = _ratio(
                            gpu, staff, other, tensors, numbers, 5)
        found["transfer"] = gpu.transfer
    return found


def repeatability(course: Path) -> ProbeFigures:
    """The coefficient of variation of the ratio over trials, each with fresh processes: 1 % is the
    aim."""
    tensors, numbers, shapes = next(problems(course))
    ratios: list[float] = []
    staffs: list[float] = []
    ends = time.monotonic() + _SECONDS
    with closing(opened_gpu()) as gpu:
        while len(ratios) < _TRIALS and (len(ratios) < 2 or time.monotonic() < ends):
            with closing(Peer(gpu, HONEST, shapes, numbers)) as staff, \
                    closing(Peer(gpu, FUNCTIONS[_USUAL], shapes,
                                 numbers)) as other:
                each = _ratio(gpu, staff, other, tensors, numbers, _PAIRS)
                ratios.append(each["ratio"])
                staffs.append(each["staff_ms"])
        return {"ratio": statistics.mean(ratios), "trials": len(ratios), "pairs": _PAIRS,
                "cv": statistics.stdev(ratios) / statistics.mean(ratios),
                "staff_ms": statistics.median(staffs), "transfer": gpu.transfer}


# What they share ------------------------------------------------------------------------------

def _spread(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50": cuts[49], "p99": cuts[98], "max": max(seconds)}


def _canaries(looks: int) -> ProbeFigures:
    canary = Canary(Libcuda())
    medians = [canary.flushes() for _ in range(looks)]
    return {"gap_ns": _spread([canary.largest_gap() for _ in range(looks)]),
            "flush": _spread([canary.flush() for _ in range(looks)]), "usual": canary.usual,
            "slowest": canary.slowest, "flushes": {**_spread(medians), "min": min(medians)},
            "quiet": sum(canary.is_quiet() for _ in range(looks)) / looks}


@contextmanager
def _neighbour(loop: str) -> Iterator[None]:
    source = "import torch\nfrom autograder.timing.probes.peer import end_with_parent\n" \
             "end_with_parent()\nx = torch.ones(4096, 4096, device='cuda')\n" \
             f"torch.cuda.synchronize()\nprint(flush=True)\n{loop}"
    process = subprocess.Popen([sys.executable, "-P", "-c", source], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait()


def _ratio(
    gpu: Gpu, staff: Peer, other: Peer, tensors: Shapes, numbers: Sequence[Any], pairs: int
) -> ProbeFigures:
    inputs = drawn(tensors)
    for peer in (staff, other):
        peer.ready()
    for peer in (staff, other):
        for _ in range(3):
            peer.call(inputs)
    right = is_right(other.block.answer(), inputs, numbers)
    ratios, ours, loud = [], [], 0
    for _ in range(pairs):
        times = {}
        for peer in (staff, other) if secrets.randbelow(2) else (other, staff):
            loud += not gpu.is_quiet()
            times[peer] = peer.call(drawn(tensors))
        ours.append(times[staff])
        ratios.append(times[other] / times[staff])
    return {"ratio": statistics.median(ratios), "staff_ms": 1000 * statistics.median(ours),
            "is_right": right, "not_quiet": loud}


ALL = (init_times, call_overhead, canaries_alone, canaries_beside_kernels, canaries_beside_copies,
       a_stopped_process, an_ended_process, ladder, repeatability)
