"""How well readers of the capstone read, over alphabets: the model solution, right solutions unlike
it, and networks that lack what the contest teaches.

Every number draws another alphabet, other pictures and weights, as another course secret would. It
is the suite's own measurement, by the judge, of staff's code in this process.

    python tests/bench/reading.py --alphabets 12 --only "model solution"
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from autograder import course
from autograder.judge import staff
from autograder.judge.check_run import drawing_key
from autograder.judge.examiner import Examiner
from autograder.judge.implementation import Local
from autograder.judge.suite import Suite

REPOSITORY = Path(__file__).resolve().parents[2]
ALPHABETS = 12
STEPS = (20, 57, 80, 84)

Make = Callable[[], nn.Module]


def layer(c_in: int, c_out: int, stride: int = 1, *, normed: bool) -> list[nn.Module]:
    found: list[nn.Module] = [nn.Conv2d(c_in, c_out, 3, stride, padding=1)]
    return [*found, *([nn.BatchNorm2d(c_out)] if normed else []), nn.ReLU()]


def stack(normed: bool) -> nn.Module:
    return nn.Sequential(
        *layer(3, 16, 2, normed=normed), *layer(16, 20, normed=normed), nn.MaxPool2d(2),
        *layer(20, 32, normed=normed), *layer(32, 32, normed=normed), nn.AdaptiveMaxPool2d(1),
        nn.Flatten(), nn.Linear(32, 10))


def lenet(normed: bool) -> nn.Module:
    norms: list[nn.Module] = [nn.BatchNorm2d(6), nn.BatchNorm2d(16)] if normed \
        else [nn.Identity(), nn.Identity()]
    return nn.Sequential(
        nn.Conv2d(3, 6, 5, padding=2), norms[0], nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), norms[1], nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(144, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def plainly(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
    """Adam at one rate, on the images as they are."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for _ in range(12):
        for batch in torch.randperm(len(images)).split(64):
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


WEAKER: Mapping[str, dict[str, Any]] = {
    "one dense layer": {"make_reader": lambda: nn.Sequential(nn.Flatten(), nn.Linear(1200, 10)),
                        "train": plainly},
    "LeNet": {"make_reader": lambda: lenet(False), "train": plainly},
    "LeNet, normalised": {"make_reader": lambda: lenet(True), "train": plainly},
    "convolutions": {"make_reader": lambda: stack(False), "train": plainly},
    "convolutions, normalised": {"make_reader": lambda: stack(True), "train": plainly},
    "model solution, not varied": {"train": plainly},
}


def measured(examiner: Examiner, values: Mapping[str, Any], alphabets: int) -> Iterator[int]:
    """What readers read, in percent, of each alphabet."""
    question = examiner.assignment.question("reader")
    [check] = [each for each in examiner.suite.checks["reader"]
               if each.id == f"test_reads_{STEPS[0]}_percent"]
    for number in range(alphabets):
        secret = drawing_key(str(number).encode(), "capstone")
        outcome = examiner.with_key(secret).check(Local(values), question, check)
        yield outcome.measured.percent if outcome.measured else -1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--alphabets", type=int, default=ALPHABETS)
    parser.add_argument("--only", action="append", metavar="NAME")
    options = parser.parse_args()
    alphabets: int = options.alphabets
    torch.set_num_threads(1)
    toml = course.load(REPOSITORY / "grader.toml")
    assignment, people = toml.assignment("capstone"), staff.load(toml, "capstone")
    examiner = Examiner(assignment, Suite(toml.suite("capstone"), assignment), people, b"")
    right = {name: getattr(people.reference, name) for name in assignment.names}
    every: dict[str, dict[str, Any]] = {"model solution": {}} | {
        each.id: {each.name: each.implementation} for each in people.alternatives
        if each.name in ("make_reader", "train")} | dict(WEAKER)
    print(f"{alphabets} alphabets. Percent read: lowest, median, highest; how many reach "
          f"{', '.join(map(str, STEPS))} %; seconds of CPU for one.")
    for name, changed in every.items():
        if options.only and name not in options.only:
            continue
        started = time.process_time()
        found = list(measured(examiner, right | changed, alphabets))
        cpu = (time.process_time() - started) / alphabets
        reached = " ".join(f"{sum(each >= step for each in found):3}" for step in STEPS)
        print(f"  {name:28} {min(found):3} {statistics.median(found):5.1f} {max(found):3}   "
              f"{reached}   {cpu:5.1f} s   {found}", flush=True)


if __name__ == "__main__":
    main()
