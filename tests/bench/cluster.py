"""What a second worker is worth: one and two Dask workers grade the same submissions.

``python tests/bench/cluster.py --submissions 600``. Scheduler and workers are processes
of this machine, which wants two free cores. Rounds of one and of two workers take turns, each with
new workers; a judge's start counts, a worker's does not. Prints each time, and the ratio of the
medians; exits with 1 when that is above the aim.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from distributed import Client

from autograder import course
from autograder.grading import jury
from autograder.grading.executors import Judged, ToJudge, cluster
from autograder.result import SubmissionStatus
from autograder.submission import Submission, find

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples" / "submissions" / "correlation"
# Right, wrong in parts and hostile; none that only waits for a time limit.
CLASS = ["ada.ipynb", "dana.ipynb", "goran.ipynb", "hana.ipynb", "kofi.ipynb", "mika.ipynb",
         "rosa.ipynb", "sam.ipynb", "tia.py", "uma.ipynb"]
AIM = 0.6


@contextmanager
def workers(count: int) -> Iterator[Client]:
    """A cluster of so many workers, which are there."""
    dask = [sys.executable, "-P", "-m", "dask"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")
        common = ["--scheduler-file", str(file), "--no-dashboard"]
        processes = [
            subprocess.Popen([*dask, *command, *common], stderr=subprocess.DEVNULL)
            for command in (
                ["scheduler", "--host", "127.0.0.1", "--port", "0"],
                ["worker", "--nworkers", str(count), "--nthreads", "1", "--memory-limit", "0"])]
        try:
            with Client(scheduler_file=str(file)) as client:
                client.wait_for_workers(count)
                yield client
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()


def seconds(count: int, submissions: list[Submission]) -> float:
    """How long ``count`` workers take to grade ``submissions``."""
    lab = course.load(REPOSITORY / "grader.toml")
    with workers(count) as client:
        ours = jury.of_course(lab, "correlation", secret=b"bench")
        executor = cluster.of_course(client, lab, "correlation", ours, secret=b"bench")
        started = time.monotonic()
        outcomes = list(executor.run(map(ToJudge, submissions)))
        taken = time.monotonic() - started
    assert len(outcomes) == len(submissions)
    assert all(isinstance(outcome, Judged) and outcome.result.status is SubmissionStatus.GRADED
               for outcome in outcomes)
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--submissions", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    count: int = options.submissions
    assignment = course.load(REPOSITORY / "grader.toml").assignment("correlation")
    found = find([EXAMPLES / name for name in CLASS], assignment)
    submissions = [replace(submission, student=f"s{number}")
                   for number, submission in enumerate(islice(cycle(found), count))]
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for size, taken in times.items():
            taken.append(seconds(size, submissions))
            print(f"{size} worker{'s'[:size - 1]}: {count} submissions in {taken[-1]:.1f} s",
                  flush=True)
    ratio = statistics.median(times[2]) / statistics.median(times[1])
    print(f"two workers / one worker: {ratio:.2f} (aim: at most {AIM})")
    return int(ratio > AIM)


if __name__ == "__main__":
    sys.exit(main())
