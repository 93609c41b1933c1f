"""How repeatable the timed tier is on this machine, and where usual implementations land.

    python tests/bench/timing.py [--trials 16] [--part ladder|quiet|noisy|boundary|seconds|all]
                                 [--device cpu|cuda]

Every trial is a whole measurement as a submission gets it: fresh workers, pairs until they are
enough. ``noisy`` runs a process beside it that keeps one core busy with matrix products.
``boundary`` times the staff's solution with a loop added that leaves it 4 % below the limit of a
tier, and counts how often a worse tier is given. ``seconds`` says where the seconds of a fast
submission go: how often each step is taken, and how long it takes by the clock and by the judge's
own CPU; what is left of the clock's is the workers', or waiting for them.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from autograder.timing.probes.problems import FUNCTIONS

REPOSITORY = Path(__file__).resolve().parents[2]
BOUNDARY, MARGIN = 1.25, 0.04

HEAD = "import torch\nimport torch.nn.functional as F\n\n"
LADDER = {
    "six loops": """
def conv2d_fast(X, W, b, s, p):
    X = F.pad(X, (p, p, p, p))
    N, C, H, V = X.shape
    O, _, h, w = W.shape
    Y = X.new_zeros(N, O, (H - h) // s + 1, (V - w) // s + 1)
    for n in range(N):
        for o in range(O):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    for c in range(C):
                        for a in range(h):
                            Y[n, o, i, j] += (X[n, c, i*s + a, j*s : j*s + w] * W[o, c, a]).sum()
    return Y + b.view(1, -1, 1, 1)
""",
    "two loops": """
def conv2d_fast(X, W, b, s, p):
    X = F.pad(X, (p, p, p, p))
    h, w = W.shape[2:]
    Y = X.new_zeros(len(X), len(W), (X.shape[2] - h) // s + 1, (X.shape[3] - w) // s + 1)
    for i in range(Y.shape[2]):
        for j in range(Y.shape[3]):
            window = X[:, :, i*s : i*s + h, j*s : j*s + w]
            Y[:, :, i, j] = window.flatten(1) @ W.flatten(1).T + b
    return Y
""",
    "multiply per tap": """
def conv2d_fast(X, W, b, s, p):
    X = F.pad(X, (p, p, p, p))
    h, w = W.shape[2:]
    H, V = (X.shape[2] - h) // s + 1, (X.shape[3] - w) // s + 1
    Y = b.view(1, -1, 1, 1) + X.new_zeros(len(X), len(W), H, V)
    for c in range(X.shape[1]):
        for i in range(h):
            for j in range(w):
                tap = X[:, c : c + 1, i : i + (H - 1)*s + 1 : s, j : j + (V - 1)*s + 1 : s]
                Y += tap * W[:, c, i, j].view(1, -1, 1, 1)
    return Y
""",
    **{name: source.replace("def f(", "def conv2d_fast(") for name, source in FUNCTIONS.items()
       if "TF32" not in name},
}


class Track:
    """The course's own problems for a device, and its own staff solution."""

    def __init__(self, device: Literal["cpu", "cuda"]) -> None:
        from autograder import course
        from autograder.sandbox.client import best_tier
        from autograder.timing.devices import lacks
        from autograder.timing.tasks import Task
        from autograder.timing.timekeeper import Timekeeper

        if why := lacks(device):
            raise SystemExit(why)
        found = course.load(REPOSITORY / "grader.toml")
        self.keeper = Timekeeper(found, "fast_conv")
        assignment = found.assignment("fast_conv")
        self.table = next(q.performance for q in assignment.questions
                          if q.performance and q.performance.device == device)
        owner = assignment.owner(self.table.of)
        assert owner is not None, f"{self.table.of} is of no question"
        self.owner = owner
        reference = self.keeper._reference.conv2d_fast
        self.tasks = [Task(problem, reference) for problem in self.table.problems]
        self.tier = best_tier(self.keeper._zygote_for(device), assignment.limits)

    def measure(self, source: str, task: int):  # type: ignore[no-untyped-def]
        from autograder.submission import Cell, Notebook

        notebook = Notebook((Cell(0, source),), ())
        return self.keeper._problem(self.tasks[task], self.table, notebook, self.tier, self.owner)


def ladder(track: Track) -> None:
    from autograder.timing.protocol import CallEnded
    from autograder.timing.statistics import share

    for name, source in LADDER.items():
        cells = []
        for task in range(len(track.tasks)):
            try:
                found = track.measure(HEAD + source, task)
            except CallEnded as raised:
                cells.append(f"forbidden ({raised.reply.denied[0]})")
                break
            if found is None:
                cells.append(f"> {track.table.tiers[-1][0]:g}: 0 %")
            else:
                bound = found.decision.bound
                said = "deferred" if bound is None else f"{share(bound, track.table.tiers):.0%}"
                cells.append(f"{found.decision.ratio.median:5.2f}: {said}"
                             + (" (varies)" if found.decision.varies else ""))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def repeatability(track: Track, trials: int, name: str) -> None:
    source = HEAD + LADDER["as_strided and einsum"]
    for task in range(len(track.tasks)):
        found = [track.measure(source, task) for _ in range(trials)]
        kept = [each for each in found if each is not None and each.decision.bound is not None]
        ratios = [each.decision.ratio.median for each in kept]
        if len(ratios) < 2:
            print(f"{name}, problem {task + 1}: {len(kept)} of {trials} conclusive", flush=True)
            continue
        cv = statistics.stdev(ratios) / statistics.mean(ratios)
        print(f"{name}, problem {task + 1}: ratio {statistics.mean(ratios):.3f}, CV {cv:.2%} over "
              f"{len(kept)} of {trials} trials, "
              f"{statistics.mean(each.pairs for each in kept):.0f} pairs, "
              f"{statistics.mean(each.disturbed for each in kept):.1f} disturbed, staff "
              f"{1000 * statistics.median(each.staff_seconds for each in kept):.1f} ms", flush=True)


def boundary(track: Track, trials: int) -> None:
    """A solution 4 % below a limit: what it takes more than the staff's is spent in a loop."""
    from autograder.timing.statistics import share

    first = track.measure(HEAD + LADDER["unfold and matmul"], 0)
    more = (BOUNDARY * (1 - MARGIN) - 1) * first.staff_seconds
    source = HEAD + "import time\n" + LADDER["unfold and matmul"].replace(
        "    H =", f"    ends = time.thread_time() + {more}\n"
        "    while time.thread_time() < ends:\n        pass\n    H =", 1)
    found = [track.measure(source, 0) for _ in range(trials)]
    kept = [each for each in found if each is not None and each.decision.bound is not None]
    worse = sum(share(each.decision.bound, track.table.tiers) < 1 for each in kept)
    ratios = [each.decision.ratio.median for each in kept]
    print(f"boundary: aimed at {BOUNDARY * (1 - MARGIN):.3f}, found "
          f"{statistics.mean(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), "
          f"{worse} of {len(kept)} in a worse tier, {trials - len(kept)} deferred", flush=True)


def seconds(track: Track, trials: int) -> None:
    """Each step's share in timing a fast submission, the staff's solution being warm."""
    from autograder.sandbox.client import Worker
    from autograder.timing.devices.cpu import Memory
    from autograder.timing.disturbance import Machine
    from autograder.timing.protocol import Runner
    from autograder.timing.tasks import Task, Verifier
    from autograder.timing.timekeeper import Timekeeper

    steps: dict[str, Callable[..., object]] = {
        "all of it": Timekeeper._problem,
        "a worker begins, and loads": Timekeeper._runner, "inputs are drawn": Task.draw,
        "inputs are got ready": Memory.stage, "the worker goes on": Worker.thaw,
        "counters are read": Machine.read, "inputs are handed over": Memory.hand_over,
        "the worker works": Runner._say, "the answer is copied": Memory.take_back,
        "the worker is stopped": Worker.freeze, "the answer is verified": Verifier.is_right,
        "the worker ends": Runner.close}
    codes = [step.__code__ for step in steps.values()]
    source = HEAD + LADDER["as_strided and einsum"]
    pairs = [track.measure(source, task).pairs for task in range(len(track.tasks))]
    found = []
    for clock in (time.perf_counter, time.process_time):
        profile = cProfile.Profile(clock)
        for _ in range(trials):
            for task in range(len(track.tasks)):
                pairs.append(profile.runcall(track.measure, source, task).pairs)
        entries = {each.code: each for each in profile.getstats()}
        found.append([entries[code] for code in codes])
    print(f"{trials} fast submissions, {statistics.mean(pairs):.1f} pairs for a problem; of each:")
    for name, wall, cpu in zip(steps, *found, strict=True):
        print(f"{name:28} {wall.callcount / trials:4.0f} times, "
              f"{wall.totaltime / trials:6.3f} s by the clock, "
              f"{cpu.totaltime / trials:6.3f} s of the judge's CPU", flush=True)


@contextmanager
def neighbour() -> Iterator[None]:
    code = "import torch\ntorch.set_num_threads(1)\nX = torch.randn(700, 700)\nwhile True: X @ X"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--part", default="all",
                        choices=["ladder", "quiet", "noisy", "boundary", "seconds", "all"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = parser.parse_args()
    track = Track(given.device)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if given.part in ("ladder", "all"):
        ladder(track)
    if given.part in ("quiet", "all"):
        repeatability(track, given.trials, "quiet")
    if given.part in ("noisy", "all"):
        with neighbour():
            repeatability(track, given.trials, "noisy")
    if given.part in ("boundary", "all"):
        boundary(track, given.trials)
    if given.part in ("seconds", "all") and given.device == "cpu":
        seconds(track, min(given.trials, 4))
    track.keeper.close()
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
