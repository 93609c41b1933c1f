"""From pairs of times to a ratio, and when enough of them are known.

The figure is the median of the pairs' ratios, taken as logarithms. Its interval comes from order
statistics: whatever the distribution of times is, the number of pairs below the true median is
binomial, so that two of the sorted ratios enclose it with known probability (David and Nagaraja,
Order Statistics, §7.1).

Timing looks after every pair whether it may stop, and each look is a chance to be misled. So of one
look more confidence is asked than all of them come to: that number is a walk, of which it can be
computed how often it ever leaves the bounds (``test_timing_statistics.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

LEAST_PAIRS, MOST_PAIRS = 10, 60
_OF_ONE_LOOK = 0.9875  # confidence; of all of them together 0.95
_NARROW = math.log(1.03)  # half an interval: precise enough wherever it lies
_WIDE = math.log(1.15)  # half an interval: too vague to decide in the student's favour
_ALIKE, _QUIET_SHARE = 0.1, 0.8  # where the machine is quiet, so many calls are within a tenth
_LARGEST_DISTURBED_SHARE = 0.3
MOST_DISTURBED = int(_LARGEST_DISTURBED_SHARE * MOST_PAIRS)


@dataclass(frozen=True)
class Ratio:
    """How many times as long the student's function takes, within ``low`` to ``high``."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Half of the interval, as a logarithm."""
        return math.log(self.high / self.low) / 2


def ratio_of(ratios: Sequence[float]) -> Ratio:
    """The median of ``ratios`` with its interval. Few of them give all their range, at less than
    the confidence asked for: below eight, no two of them enclose the median so surely."""
    logs = sorted(math.log(ratio) for ratio in ratios)
    rank = enclosing_rank(len(logs))
    low, high = logs[rank], logs[-1 - rank]
    return Ratio(math.exp(median(logs)), math.exp(low), math.exp(high))


def enclosing_rank(count: int, confidence: float = _OF_ONE_LOOK) -> int:
    """The largest k for which the k-th smallest and k-th largest of ``count`` values, counted from
    0, enclose the median with that probability."""
    tail, rank = 0.0, 0
    for k in range(count // 2):
        tail += math.comb(count, k) / 2**count  # P(at most k values lie below the median)
        if 2 * tail > 1 - confidence:
            break
        rank = k
    return rank


def combined(ratios: Sequence[Ratio]) -> Ratio:
    """The geometric mean over problems; its interval as if all bounds were met at once."""
    def mean(values: Sequence[float]) -> float:
        return math.exp(sum(map(math.log, values)) / len(values))

    return Ratio(mean([r.median for r in ratios]), mean([r.low for r in ratios]),
                 mean([r.high for r in ratios]))


def is_settled(ratio: Ratio, thresholds: Sequence[float]) -> bool:
    """Whether the interval is narrow, or no threshold lies in it."""
    return ratio.spread <= _NARROW or not any(
        ratio.low <= each < ratio.high for each in thresholds)


@dataclass
class Pairs:
    """Pairs of calls, one to the staff's function and one to the student's, as they come in."""

    staff: list[float] = field(default_factory=list)
    """Seconds of the staff's calls that nothing disturbed."""
    ratios: list[float] = field(default_factory=list)
    """Of pairs that nothing disturbed."""
    waiting: list[float] = field(default_factory=list)
    """Of pairs in which the student's call alone had no core for most of its time, all of which
    counts: threads that wait for each other look like that."""
    busy: int = 0
    """Pairs in which the machine disturbed one of the calls: no student can make it do so."""

    @property
    def disturbed(self) -> int:
        return self.busy + len(self.waiting)

    @property
    def count(self) -> int:
        return len(self.ratios) + self.disturbed

    @property
    def usable(self) -> int:
        return len(self.ratios) + len(self.waiting)

    @property
    def is_calm(self) -> bool:
        """Whether there are enough pairs that nothing disturbed, and not too many others."""
        return len(self.ratios) >= LEAST_PAIRS \
            and max(self.busy, len(self.waiting)) <= _LARGEST_DISTURBED_SHARE * self.count

    def are_enough(self, thresholds: Sequence[float]) -> bool:
        """Whether more of them would change nothing."""
        return self.is_calm and is_settled(ratio_of(self.ratios), thresholds)

    def decide(self, thresholds: Sequence[float]) -> Decision:
        """What these pairs say of points, when there is no time for more.

        Whether the machine was too busy is asked of the staff's calls, which no student can
        disturb. Where it was not, what varies is the student's function.
        """
        if self.busy > _LARGEST_DISTURBED_SHARE * self.count or self.usable < LEAST_PAIRS:
            return Decision(ratio_of(self.ratios or [1.0]), None)
        if self.is_calm:
            ratio = ratio_of(self.ratios)
            if is_settled(ratio, thresholds) or ratio.spread <= _WIDE:
                return Decision(ratio, ratio.low)
        ratio = ratio_of([*self.ratios, *self.waiting])
        return Decision(ratio, ratio.high if self._is_quiet() else None)

    def _is_quiet(self) -> bool:
        """Whether the staff's calls took as long as one another. Noise that makes a ratio vague
        strikes a third of calls and more, the staff's as well as the student's."""
        usual = median(self.staff)
        alike = sum(abs(seconds - usual) <= _ALIKE * usual for seconds in self.staff)
        return alike >= _QUIET_SHARE * self.count


@dataclass(frozen=True)
class Decision:
    """A ratio, and the bound of its interval that decides: the lower one, in the student's favour;
    the upper one, where only the student's times vary; None, where the machine was too busy."""

    ratio: Ratio
    bound: float | None

    @property
    def varies(self) -> bool:
        return self.bound is not None and self.bound > self.ratio.low


def share(bound: float, tiers: Sequence[tuple[float, float]]) -> float:
    """The share of the points that a ratio is worth: of its tier, and nothing beyond the last."""
    return next((worth for limit, worth in tiers if bound <= limit), 0.0)
