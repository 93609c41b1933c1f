"""A run's metrics, in a file that node exporter's textfile collector reads for Prometheus.

The format is https://prometheus.io/docs/instrumenting/exposition_formats/, without times of its
own, which the collector refuses.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder import __version__
from autograder.result import Result, SubmissionStatus


@dataclass
class Tally:
    """What became of the submissions to one assignment in a run."""

    assignment: str
    submissions: int
    kept: Counter[SubmissionStatus] = field(default_factory=Counter)
    judged: int = 0  # in this run, and not found in the store
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None  # None until it has ended

    def count(self, result: Result, fresh: bool) -> None:
        self.kept[result.status] += 1
        self.judged += fresh

    def end(self) -> None:
        self.seconds = time.monotonic() - self.began


def exposition(tallies: list[Tally]) -> str:
    """All figures of a run, one or several assignments, as the text of a file."""
    lines: list[str] = []
    for name, meaning, samples in (
        ("submissions", "Submissions of the last run, by what they are now.",
         [(f'assignment="{_escaped(each.assignment)}",status="{status}"', each.kept[status])
          for each in tallies for status in SubmissionStatus]),
        ("judged", "Submissions that were graded in the last run, and not before.",
         _of_each(tallies, [each.judged for each in tallies])),
        ("queue", "Submissions that the last run left ungraded, or others have in hand.",
         _of_each(tallies, [each.submissions - each.kept.total() for each in tallies])),
        ("internal_faults", "Submissions that the grader itself failed on.",
         _of_each(tallies, [each.kept[SubmissionStatus.INTERNAL] for each in tallies])),
        ("seconds", "How long the last run took, by the clock.",
         _of_each(tallies, [each.seconds or time.monotonic() - each.began for each in tallies])),
        ("complete", "1 where the last run came to its end, 0 where it was cut off.",
         _of_each(tallies, [int(each.seconds is not None) for each in tallies])),
        ("end_timestamp_seconds", "When the last run ended.", [("", round(time.time()))]),
        ("info", "Which autograder ran.", [(f'version="{__version__}"', 1)]),
    ):
        lines += _family(f"autograder_run_{name}", meaning, samples)
    return "\n".join([*lines, ""])


def _of_each(tallies: list[Tally], values: Sequence[float]) -> list[tuple[str, float]]:
    return [(f'assignment="{_escaped(each.assignment)}"', value)
            for each, value in zip(tallies, values, strict=True)]


def _family(name: str, meaning: str, samples: Sequence[tuple[str, float]]) -> Iterator[str]:
    yield from (f"# HELP {name} {meaning}", f"# TYPE {name} gauge")
    for labels, value in samples:
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
