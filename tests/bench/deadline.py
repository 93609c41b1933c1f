"""A deadline: so many students hand in within a minute, over HTTP, and watch what becomes of it.

    .venv/bin/python tests/bench/deadline.py --students 600 --seconds 60

Door, graders and this client share the machine. Every hand-in has files of its own: a right
solution and three wrong ones by turns, each with a comment that no other has. Each student asks for
the own hand-in as a page does. Prints how long receipts and results took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from autograder import course
from autograder.store import Store
from autograder.store.keys import KeyKind

REPOSITORY = Path(__file__).resolve().parents[2]
CLASS = REPOSITORY / "examples/submissions/correlation"
NAMES = ("ada", "kofi", "chen", "fatma")


@dataclass
class Times:
    """Seconds, of each hand-in: until its receipt, until its result; and of each look at one."""

    receipts: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    refused: int = 0


def laid_out(folder: Path, students: int) -> list[str]:
    """A course with so many students; their tokens."""
    for name in ("solutions/correlation", "tests/hidden/correlation"):
        shutil.copytree(REPOSITORY / name, folder / name)
    whole = (REPOSITORY / "grader.toml").read_text()
    (folder / "grader.toml").write_text(whole.partition("[assignments.geometry]")[0])
    ids = [f"student{number:04}" for number in range(students)]
    (folder / "people.csv").write_text("\n".join(["id", *ids]))
    with Store(course.load(folder / "grader.toml")) as store:
        return [store.keys.make(KeyKind.TOKEN, each, timedelta(hours=1)) for each in ids]


def notebook(number: int) -> bytes:
    document = json.loads((CLASS / f"{NAMES[number % len(NAMES)]}.ipynb").read_text())
    document["cells"].append({"cell_type": "markdown", "metadata": {}, "source": f"{number}"})
    return json.dumps(document).encode()


async def student(client: httpx.AsyncClient, token: str, number: int, at: float,
                  times: Times) -> None:
    await asyncio.sleep(at)
    headers = {"authorization": f"Bearer {token}"}
    begun = time.perf_counter()
    answer = await client.post("/api/assignments/correlation/handins", headers=headers, files=[
        ("files", ("correlation.ipynb", notebook(number)))])
    times.receipts.append(time.perf_counter() - begun)
    if answer.status_code != 201:
        times.refused += 1
        return
    while True:
        looked = time.perf_counter()
        found = (await client.get(f"/api/handins/{answer.json()['number']}",
                                  headers=headers)).json()
        times.looks.append(time.perf_counter() - looked)
        if found["before"] is None:
            break
        await asyncio.sleep(found["look_again"])
    times.results.append(time.perf_counter() - begun)


async def deadline(url: str, tokens: list[str], seconds: float) -> tuple[Times, float]:
    """The times, and how long after the last hand-in the last result was there."""
    warm, times = Times(), Times()
    # One for all: the door sees as many connections, and this process makes no keys for each.
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=httpx.Limits(
            max_connections=None, max_keepalive_connections=None)) as client:
        await student(client, tokens[0], len(tokens), 0, warm)  # the graders have begun then
        begun = time.perf_counter()
        await asyncio.gather(*(
            student(client, token, number, seconds * number / len(tokens), times)
            for number, token in enumerate(tokens)))
    return times, time.perf_counter() - begun - seconds


def at(times: list[float], share: float) -> str:
    return f"{sorted(times)[min(int(share * len(times)), len(times) - 1)]:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--graders", type=int, default=2)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the door ends with us
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tokens = laid_out(folder, options.students)
        with (folder / "log").open("w") as log:
            door = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder", "serve", "--port", "0", "--graders",
                 str(options.graders), "--course", folder / "grader.toml"],
                stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                assert door.stdout is not None
                url = door.stdout.readline().rpartition(" ")[2].strip()
                times, after = asyncio.run(deadline(url, tokens, options.seconds))
            finally:
                door.terminate()
                door.wait()
        with Store(course.load(folder / "grader.toml")) as store:
            kept = len(store.standing("correlation"))
    print(f"{options.students} hand-ins in {options.seconds:g} s: {times.refused} refused, "
          f"{kept} results kept")
    for what, found in (("receipt", times.receipts), ("result", times.results),
                        (f"look ({len(times.looks)} of them)", times.looks)):
        print(f"{what}: median {at(found, 0.5)}, 99 % {at(found, 0.99)}, longest {at(found, 1)}")
    print(f"the last result came {after:.0f} s after the last hand-in")


if __name__ == "__main__":
    main()
