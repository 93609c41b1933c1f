"""From pairs of times to a ratio, and when enough of them are known.

The figure is the median of the pairs' ratios, taken as logarithms. Its interval comes from order
statistics: whatever the distribution of times is, the number of pairs below the true median is
binomial, so that two of the sorted ratios enclose it with known probability (David and Nagaraja,
Order Statistics, §7.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LEAST_PAIRS, MOST_PAIRS = 15, 60
_CONFIDENCE = 0.95
_NARROW = math.log(1.03)  # half an interval: precise enough wherever it lies
_WIDE = math.log(1.15)  # half an interval: too vague to decide anything
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
    the confidence asked for: below six, no two of them enclose the median 19 times in 20."""
    logs = sorted(math.log(ratio) for ratio in ratios)
    rank = enclosing_rank(len(logs), _CONFIDENCE)
    low, high = logs[rank], logs[-1 - rank]
    return Ratio(math.exp(median(logs)), math.exp(low), math.exp(high))


def enclosing_rank(count: int, confidence: float = _CONFIDENCE) -> int:
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


def is_settled(ratio: Ratio, pairs: int, thresholds: Sequence[float]) -> bool:
    """Whether more pairs would change nothing: the interval is narrow, or no threshold lies in
    it."""
    if pairs < LEAST_PAIRS:
        return False
    return ratio.spread <= _NARROW or not any(
        ratio.low <= each < ratio.high for each in thresholds)


def is_conclusive(ratio: Ratio, pairs: int, disturbed: int, thresholds: Sequence[float]) -> bool:
    """Whether what was measured may decide points, when there is no time for more pairs."""
    if disturbed > _LARGEST_DISTURBED_SHARE * (pairs + disturbed):
        return False
    return is_settled(ratio, pairs, thresholds) or (pairs >= LEAST_PAIRS and ratio.spread <= _WIDE)


def share(ratio: Ratio, tiers: Sequence[tuple[float, float]]) -> tuple[float | None, float]:
    """The tier's limit, None beyond the last, and the share of the points it is worth: by the
    bound that favours the student."""
    return next(((limit, worth) for limit, worth in tiers if ratio.low <= limit), (None, 0.0))
