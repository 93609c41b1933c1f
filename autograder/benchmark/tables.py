"""What grading costs, for people: tables, JSON, a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich import box
from rich.table import Table

from autograder import __version__
from autograder.benchmark.measuring import Size, Way


@dataclass
class Figures:
    """Everything measured for one assignment."""

    assignment: str
    ways: list[Way] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)
    sizes: list[Size] = field(default_factory=list)


def by_assignment(found: Mapping[str, Sequence[Way]]) -> Table:
    table = _table("One right submission", "assignment", "CPU ms", "from", "to")
    for name, [way] in found.items():
        cpu = [1000 * cost.cpu for cost in way.costs]
        table.add_row(name, f"{1000 * way.median(lambda cost: cost.cpu):.0f}",
                      f"{min(cpu):.0f}", f"{max(cpu):.0f}")
    return table


def ways(found: Sequence[Way]) -> Table:
    """Costs, and their ratios to ours, of the same round each."""
    table = _table("One right submission, without start-up", "graded by", "CPU s", "wall s",
                   "largest process MiB", "CPU ratio", "wall ratio")
    ours = found[0].costs
    for way in found:
        pairs = list(zip(way.costs, ours, strict=True))
        table.add_row(
            way.name, f"{way.median(lambda cost: cost.cpu):.3f}",
            f"{way.median(lambda cost: cost.wall):.3f}",
            f"{way.median(lambda cost: cost.memory):.0f}",
            _span([theirs.cpu / own.cpu for theirs, own in pairs]),
            _span([theirs.wall / own.wall for theirs, own in pairs]))
    return table


def parts(found: Mapping[str, float]) -> Table:
    table = _table("Where the time goes, one after the other", "part", "wall ms")
    for name, milliseconds in found.items():
        table.add_row(name, f"{milliseconds:.1f}")
    return table


def sizes(found: Sequence[Size]) -> Table:
    """Whole runs; a core's submissions in a minute are by CPU time."""
    table = _table("Whole classes", "submissions", "wall s", "CPU s", "CPU ms for each",
                   "for each core and minute", "largest process MiB")
    for size in found:
        cost = size.cost
        table.add_row(
            str(size.submissions), f"{cost.wall:.1f}", f"{cost.cpu:.1f}",
            f"{1000 * cost.cpu / size.submissions:.0f}",
            f"{60 * size.submissions / cost.cpu:.0f}", f"{cost.memory:.0f}")
    return table


def as_json(figures: Figures) -> str:
    machine = {"autograder": __version__, "cores": os.cpu_count(),
               "platform": platform.platform(), "python": platform.python_version()}
    return json.dumps({"machine": machine, **asdict(figures)}, indent=2) + "\n"


def draw(found: Sequence[Size], file: Path) -> None:
    """How the cost of a whole run grows with the class.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    counts = [size.submissions for size in found]
    for label, values, marker in (("wall", [size.cost.wall for size in found], "o"),
                                  ("CPU", [size.cost.cpu for size in found], "s")):
        axes.plot(counts, values, marker=marker, label=label)
    memory = axes.twinx()
    memory.plot(counts, [size.cost.memory for size in found], color="gray", linestyle=":",
                marker="^", label="largest process")
    axes.set(xscale="log", yscale="log", xlabel="submissions", ylabel="seconds")
    memory.set(ylabel="MiB", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file)


def _table(title: str, first: str, *figures: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title)
    table.add_column(first)
    for heading in figures:
        table.add_column(heading, justify="right")
    return table


def _span(ratios: Sequence[float]) -> str:
    low, high = min(ratios), max(ratios)
    return f"{low:.1f}" if round(low, 1) == round(high, 1) else f"{low:.1f}–{high:.1f}"
