"""Whether anything became slower since the last measurement that was kept.

    python tests/bench/watch.py [ASSIGNMENT] [--rounds N] [--keep]

Everything is told as a ratio to a loop of plain Python and torch, measured beside it, so that
machines can be compared, as far as two numbers can. Exits with 1 where something takes over a tenth
more than in the newest file of ``docs/bench/`` on the assignment; ``--keep`` adds a file there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import cold
import torch
from rich.console import Console

from autograder.authoring.cost import Cost, per_submission, workshop
from autograder.cli.findings import figures_table
from autograder.course import Course, load

KEPT = Path(__file__).resolve().parents[2] / "docs" / "bench"
SLOWER = 1.1  # times what it was
_PIECES = 15


@dataclass(frozen=True)
class Measurement:
    """CPU of each thing, in times of the loop's."""

    taken: str  # when, in UTC
    commit: str
    assignment: str
    machine: Mapping[str, str | int | None]
    loop: float  # seconds that the loop takes here
    ratios: Mapping[str, float]


def loop() -> float:
    """Seconds of CPU that a fixed piece of work takes, half of it Python's and half torch's: the
    median of many, for each takes a twentieth of a second only."""
    return statistics.median(_piece() for _ in range(_PIECES))


def _piece() -> float:
    started = time.process_time()
    total, tensor = 0, torch.ones(64, 64)
    for number in range(400_000):
        total += number % 7
    for _ in range(2_000):
        tensor = (tensor @ tensor).clamp(0, 1)
    return time.process_time() - started


def measure(course: Course, assignment: str, *, rounds: int, count: int) -> Measurement:
    """The loop is measured before and after each thing that is measured, for a machine's speed is
    another one a minute later. What is kept are medians of all rounds."""
    torch.set_num_threads(1)
    loops = [loop()]
    found: dict[str, list[float]] = {}
    for name, cost in _costs(course, assignment, rounds, count):
        loops.append(loop())
        found.setdefault(name, []).append(cost.cpu / statistics.mean(loops[-2:]))
    return Measurement(
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", _commit(), assignment,
        {"platform": platform.platform(), "python": platform.python_version(),
         "torch": torch.__version__, "cores": os.cpu_count()},
        round(statistics.median(loops), 4),
        {name: round(statistics.median(ratios), 1) for name, ratios in found.items()})


def _costs(course: Course, assignment: str, rounds: int, count: int) -> Iterator[tuple[str, Cost]]:
    with workshop(course, assignment) as shop:
        yield from cold.costs(shop, rounds)
    for _ in range(rounds):
        [warm] = per_submission(course, assignment, count=count, rounds=1)
        yield f"one more right submission of {assignment}", warm


def slower(before: Measurement, now: Measurement) -> dict[str, float]:
    """What takes over a tenth more than before -> how many times as much."""
    return {name: ratio / before.ratios[name] for name, ratio in now.ratios.items()
            if name in before.ratios and ratio > SLOWER * before.ratios[name]}


def newest(folder: Path, assignment: str) -> Measurement | None:
    """The last measurement on ``assignment`` that was kept."""
    kept = (Measurement(**json.loads(file.read_text(encoding="utf-8")))
            for file in sorted(folder.glob("*.json"), reverse=True))
    return next((each for each in kept if each.assignment == assignment), None)


def keep(folder: Path, measurement: Measurement) -> Path:
    """Write it to a file that sorts by its time."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{measurement.taken.replace(':', '')}-{measurement.commit}.json"
    file.write_text(json.dumps(asdict(measurement), indent=2) + "\n", encoding="utf-8")
    return file


def _commit() -> str:
    told = subprocess.run(["git", "-C", str(Path(__file__).parent), "describe", "--always",
                           "--dirty"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("assignment", nargs="?", default="correlation")
    parser.add_argument("--course", type=Path, default=Path("grader.toml"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=44, help="submissions of a class")
    parser.add_argument("--keep", action="store_true", help=f"add a file to {KEPT.name}/")
    asked = parser.parse_args(arguments)
    before = newest(KEPT, asked.assignment)
    now = measure(load(asked.course), asked.assignment, rounds=asked.rounds, count=asked.count)
    table = figures_table("CPU, times the loop's", "what", "before", "now")
    for name, ratio in now.ratios.items():
        was = None if before is None else before.ratios.get(name)
        table.add_row(name, "" if was is None else f"{was:.1f}", f"{ratio:.1f}")
    console = Console()
    console.print(table)
    if asked.keep:
        console.print(f"kept: {keep(KEPT, now)}")
    if before is None:
        return 0
    if before.machine != now.machine:
        console.print(f"before, it was another machine: {before.machine}")
    found = slower(before, now)
    for name, times in found.items():
        console.print(f"slower than in {before.commit}: {name}, {times:.2f} times")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
