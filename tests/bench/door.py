"""What an answer costs the door's own process, by kind: milliseconds of CPU.

    .venv/bin/python tests/bench/door.py --rounds 3 --count 200

Graders are at work for the first hand-ins only, so that there are results to read, and a queue to
wait in; then no other process takes part but this client, on a few connections. CPU is counted by
the kernel, so that neighbours matter little.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
import psutil
from deadline import laid_out, notebook

_AT_ONCE = 8  # connections
_RESULTS = 8
_LOOKS = 5  # of each who waits
Asked = Callable[[int], Awaitable[httpx.Response]]


@contextmanager
def door(folder: Path, graders: int) -> Iterator[tuple[str, psutil.Process]]:
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder", "serve", "--port", "0", "--graders",
             str(graders), "--course", folder / "grader.toml"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            yield (process.stdout.readline().rpartition(" ")[2].strip(),
                   psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait()


async def all_of(asked: Asked, students: Iterable[int]) -> list[httpx.Response]:
    """The answers to all, a few at a time."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(student: int) -> httpx.Response:
        async with turn:
            return await asked(student)

    return await asyncio.gather(*map(one, students))


class Client:
    """Asks as students; knows which hand-in is whose."""

    def __init__(self, http: httpx.AsyncClient, tokens: list[str], handins: dict[int, int]) -> None:
        self._http = http
        self._tokens = tokens
        self._handins = handins

    async def hand_in(self, student: int) -> httpx.Response:
        answer = await self._http.post(
            "/api/assignments/correlation/handins", headers=self._headers(student),
            files=[("files", ("correlation.ipynb", notebook(student)))])
        self._handins[student] = answer.json()["number"]
        return answer

    def get(self, path: str) -> Asked:
        """Of somebody's own hand-in."""
        return lambda student: self._http.get(
            path.format(self._handins.get(student)), headers=self._headers(student))

    def _headers(self, student: int) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[student]}"}


async def graded(url: str, tokens: list[str], handins: dict[int, int]) -> None:
    """Some have results."""
    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        client = Client(http, tokens, handins)
        await all_of(client.hand_in, range(_RESULTS))
        for student in range(_RESULTS):
            while (await client.get("/api/handins/{}")(student)).json()["before"] is not None:
                await asyncio.sleep(0.5)


async def costs(url: str, process: psutil.Process, tokens: list[str], handins: dict[int, int],
                many: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds for each answer of a kind, in each round."""
    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        client = Client(http, tokens, handins)
        kinds: dict[str, Asked] = {
            "hand in": client.hand_in,
            "a look at the queue": client.get("/api/handins/{}"),
            "a hand-in's page": client.get("/handins/{}"),
            "a result's page": client.get("/handins/{}/result"),
            "an assignment's page": client.get("/assignments/correlation"),
            "my assignments": client.get("/"),
            "style": client.get("/static/style.css"),
        }
        found: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(rounds):
            new = range(_RESULTS + many * number, _RESULTS + many * (number + 1))
            for kind, asked in kinds.items():
                students = [each % _RESULTS for each in new] if "result" in kind else list(new)
                if "look" in kind:
                    students = students[:many // _LOOKS] * _LOOKS
                before = sum(process.cpu_times()[:2])
                answers = await all_of(asked, students)
                spent = sum(process.cpu_times()[:2]) - before
                assert all(each.is_success for each in answers), answers[0].text
                found[kind].append(1000 * spent / len(students))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200, help="answers of each kind in a round")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the door ends with us
    with tempfile.TemporaryDirectory() as temporary:
        folder, handins = Path(temporary), dict[int, int]()
        tokens = laid_out(folder, _RESULTS + options.rounds * options.count)
        with door(folder, 1) as (url, _):
            asyncio.run(graded(url, tokens, handins))
        with door(folder, 0) as (url, process):
            found = asyncio.run(costs(url, process, tokens, handins, options.count,
                                      options.rounds))
    for kind, times in found.items():
        print(f"{kind}: {median(times):.1f} ms ({min(times):.1f} to {max(times):.1f})")


if __name__ == "__main__":
    main()
