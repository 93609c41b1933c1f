"""What a command costs that is run once: before its first verdict, everything has to be loaded.

    python tests/bench/cold.py [ASSIGNMENT] [--rounds N] [-o FILE]

Each command grades one right notebook in a process of its own. CPU is that of the process and all
its descendants, as the kernel counts them. Seconds differ between machines, and on one from minute
to minute: what is told is the ratio to ``import torch``, measured in the same round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from autograder.authoring import build
from autograder.authoring.cost import Cost, Workshop, run, workshop
from autograder.cli.findings import figures_table
from autograder.course import load
from autograder.exchange import bundles

Command = Sequence[str | Path]
_TORCH: Command = [sys.executable, "-I", "-c", "import torch"]
_OURS: Command = [sys.executable, "-P", "-m", "autograder"]


@dataclass(frozen=True)
class Cold:
    """A command's cost: medians of all rounds, and of the rounds' ratios to ``import torch``."""

    command: str
    cpu: float  # seconds
    wall: float  # seconds
    cpu_ratio: float
    wall_ratio: float


def costs(shop: Workshop, rounds: int) -> Iterator[tuple[str, Cost]]:
    """What each command costs, one after the other. ``import torch`` comes first in every round.
    Before the first, each runs once, for what is installed has its bytecode."""
    with _commands(shop) as commands:
        for number in range(-1, rounds):
            for name, command in commands.items():
                with shop.folder() as folder:
                    cost = run([str(part).format(folder=folder) for part in command], folder)
                if number >= 0:
                    yield name, cost


def measured(shop: Workshop, rounds: int) -> list[Cold]:
    """What each command costs, in the middle of all rounds."""
    found: dict[str, list[Cost]] = {}
    for name, cost in costs(shop, rounds):
        found.setdefault(name, []).append(cost)
    torch = found["import torch"]
    return [Cold(name, statistics.median(cost.cpu for cost in kept),
                 statistics.median(cost.wall for cost in kept),
                 _ratio([cost.cpu for cost in kept], [cost.cpu for cost in torch]),
                 _ratio([cost.wall for cost in kept], [cost.wall for cost in torch]))
            for name, kept in found.items()]


def _ratio(kept: Sequence[float], torch: Sequence[float]) -> float:
    return statistics.median(
        cost / base for cost, base in zip(kept, torch, strict=True))


@contextmanager
def _commands(shop: Workshop) -> Iterator[Mapping[str, Command]]:
    """By name; ``{folder}`` in one is a folder of its own in every round."""
    course: Command = ["--course", shop.root / "grader.toml"]
    with shop.folder() as given:
        notebook = given / f"{shop.assignment}.ipynb"
        notebook.write_bytes(shop.solution)
        for name, content in build.build(shop.course, shop.assignment).files.items():
            if name.startswith("checks/"):
                (given / name).parent.mkdir(parents=True, exist_ok=True)
                (given / name).write_bytes(content)
        for name, content in bundles.gradescope(shop.course, shop.assignment, b"x" * 32).items():
            file = given / "gradescope" / "source" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        handed_in = given / "gradescope" / "submission" / notebook.name
        handed_in.parent.mkdir()
        handed_in.write_bytes(shop.solution)
        (given / "gradescope" / "submission_metadata.json").write_text("{}")
        yield {
            "import torch": _TORCH,
            "autograder --help": [*_OURS, "--help"],
            "autograder grade": [*_OURS, "grade", shop.assignment, notebook, *course, "--force",
                                 "-o", "{folder}/results"],
            "autograder check": [*_OURS, "check", notebook],
            "autograder ci": [*_OURS, "ci", given, "--assignment", shop.assignment, *course,
                              "-o", "{folder}/reports"],
            "Gradescope's run_autograder": [
                sys.executable, "-P", "-m", "autograder.exchange.gradescope_container",
                given / "gradescope", "768"],
        }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("assignment", nargs="?", default="correlation")
    parser.add_argument("--course", type=Path, default=Path("grader.toml"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-o", "--output", type=Path, help="also write the figures as JSON")
    asked = parser.parse_args(arguments)
    with workshop(load(asked.course), asked.assignment) as shop:
        found = measured(shop, asked.rounds)
    table = figures_table("A command that is run once", "command", "CPU s", "wall s",
                          "CPU, times import torch", "wall, times import torch")
    for each in found:
        table.add_row(each.command, f"{each.cpu:.2f}", f"{each.wall:.2f}",
                      f"{each.cpu_ratio:.2f}", f"{each.wall_ratio:.2f}")
    Console().print(table)
    if asked.output is not None:
        asked.output.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n",
                                encoding="utf-8")


if __name__ == "__main__":
    main()
