"""A deadline: so many students hand in within a minute, over HTTP, and watch what becomes of it.

    .venv/bin/python tests/bench/deadline.py --students 600 --seconds 60 --pages 2000

Door, graders and this client share the machine. Every hand-in has files of its own: a right
solution and three wrong ones by turns, each with a comment that no other has. Meanwhile pages are
open, some for each student, each on a connection of its own: the assignment's before the deadline
begins; then the hand-in's, which asks how far it is as door.js does; then the result's. Prints how
long receipts, results and looks took, what of it is within the bounds, and whose CPU it was.
Exits with 1 where something is out of bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import psutil

from autograder import course
from autograder.store import Store
from autograder.store.keys import KeyKind

REPOSITORY = Path(__file__).resolve().parents[2]
CLASS = REPOSITORY / "examples/submissions/correlation"
NAMES = ("ada", "kofi", "chen", "fatma")


RECEIPT, RESULT = 1.0, 60.0  # seconds: the bounds, for 99 % of receipts and for the last result


@dataclass
class Times:
    """Seconds, of each hand-in: until its receipt, until its result; and of each look at one."""

    receipts: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    refused: int = 0
    lost: int = 0  # looks and pages that were not answered as they should
    open: int = 0  # pages, at most at a time


class Page:
    """A page that somebody has open: one connection."""

    def __init__(self, url: str, token: str, times: Times) -> None:
        self._host, _, self._port = url.removeprefix("http://").partition(":")
        self._token = token
        self._times = times
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, times: list[float]) -> bytes:
        begun = time.perf_counter()
        for _ in range(2):  # once more, where the connection was idle for too long
            if self._stream is None:
                self._stream = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._stream
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n"
                             f"Authorization: Bearer {self._token}\r\n\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].split(b"\r")[0])
                body = await reader.readexactly(length)
                break
            except (asyncio.IncompleteReadError, ConnectionError):
                self._stream = None
        else:
            self._times.lost += 1
            return b""
        times.append(time.perf_counter() - begun)
        if not head.startswith(b"http/1.1 200"):
            self._times.lost += 1
            return b""
        return body

    async def watch(self, number: int) -> None:
        """Until the result is there, and read."""
        await self.get(f"/handins/{number}", self._times.pages)
        seconds = 0.5
        while True:
            await asyncio.sleep(seconds)
            found = json.loads(await self.get(f"/api/handins/{number}", self._times.looks) or "{}")
            if found and found["before"] is None:
                break
            seconds = found.get("look_again", 5)
        await self.get(f"/handins/{number}/result", self._times.pages)


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
                  pages: Sequence[Page], times: Times) -> None:
    await asyncio.sleep(at)
    begun = time.perf_counter()
    answer = await client.post("/api/assignments/correlation/handins", files=[
        ("files", ("correlation.ipynb", notebook(number)))], headers={
            "authorization": f"Bearer {token}"})
    times.receipts.append(time.perf_counter() - begun)
    if answer.status_code != 201:
        times.refused += 1
        return
    await asyncio.gather(*(page.watch(answer.json()["number"]) for page in pages))
    times.results.append(time.perf_counter() - begun)


async def deadline(url: str, tokens: list[str], seconds: float, many: int) -> tuple[Times, float]:
    """The times, and how long after the last hand-in the last result was there."""
    warm, times = Times(), Times()
    # One for all: the door sees as many connections, and this process makes no keys for each.
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=httpx.Limits(
            max_connections=None, max_keepalive_connections=None)) as client:
        # The graders have begun then.
        await student(client, tokens[0], len(tokens), 0, [Page(url, tokens[0], warm)], warm)
        pages = [Page(url, tokens[number % len(tokens)], times) for number in range(many)]
        for start in range(0, many, 50):  # people come one after the other
            await asyncio.gather(*(page.get("/assignments/correlation", times.pages)
                                   for page in pages[start:start + 50]))
        times.open = many
        begun = time.perf_counter()
        await asyncio.gather(*(
            student(client, token, number, seconds * number / len(tokens),
                    pages[number::len(tokens)], times)
            for number, token in enumerate(tokens)))
    return times, time.perf_counter() - begun - seconds


def used(process: psutil.Process) -> float:
    """Seconds of CPU, of a process and of its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def at(times: list[float], share: float) -> str:
    return f"{sorted(times)[min(int(share * len(times)), len(times) - 1)]:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--graders", type=int, default=2)
    parser.add_argument("--pages", type=int, default=2000)
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
                times, after = asyncio.run(deadline(url, tokens, options.seconds, options.pages))
                running = psutil.Process(door.pid)
                graders = sum(used(each) for child in running.children()
                              for each in (child, *child.children(recursive=True)))
                own = running.cpu_times()
            finally:
                door.terminate()
                door.wait()
        with Store(course.load(folder / "grader.toml")) as store:
            kept = len(store.counting_numbers("correlation"))
        report = [json.loads(line) for line in (folder / "log").read_text().splitlines()
                  if line.startswith("{")]
    spent = [each["seconds"] for each in report if each.get("event") == "graded"]
    print(f"{options.students} hand-ins in {options.seconds:g} s, {times.open} pages open: "
          f"{times.refused} refused, {times.lost} looks not answered, {kept} results kept")
    for what, found in (("receipt", times.receipts), ("result read", times.results),
                        (f"look ({len(times.looks)} of them)", times.looks),
                        (f"page ({len(times.pages)} of them)", times.pages)):
        if found:
            print(f"{what}: median {at(found, 0.5)}, 99 % {at(found, 0.99)}, longest "
                  f"{at(found, 1)}")
    print(f"the last result came {after:.0f} s after the last hand-in")
    client = sum(os.times()[:2])
    print(f"CPU: door {own.user + own.system:.0f} s, graders {graders:.0f} s, this client "
          f"{client:.0f} s; a hand-in was with a grader for {at(spent, 0.5)} (median)")
    print(f"{os.cpu_count()} cores could not be done before "
          f"{(own.user + own.system + graders) / (os.cpu_count() or 1):.0f} s: begun to ended, "
          f"{options.seconds + after:.0f} s")
    is_well = (times.refused == times.lost == 0 and kept == options.students
               and after <= RESULT and float(at(times.receipts, 0.99).split()[0]) <= RECEIPT)
    print("within bounds" if is_well else f"OUT OF BOUNDS: {RECEIPT:g} s for 99 % of receipts, "
          f"{RESULT:g} s for the last result, none lost")
    raise SystemExit(not is_well)


if __name__ == "__main__":
    main()
