"""From pairs of times to a ratio, and from a ratio to points."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from autograder.timing.statistics import (
    LEAST_PAIRS,
    Ratio,
    combined,
    enclosing_rank,
    is_conclusive,
    is_settled,
    ratio_of,
    share,
)

TIERS = [(1.25, 1.0), (1.75, 0.9), (3.0, 0.7), (6.0, 0.4), (10.0, 0.2)]
LIMITS = [limit for limit, _ in TIERS]
RATIOS = some.lists(some.floats(0.01, 100), min_size=1, max_size=80)


# Of the published table for a median's 95 % interval: the k-th smallest of n, counted from 1.
@pytest.mark.parametrize(("count", "kth"), [(6, 1), (9, 2), (12, 3), (15, 4), (20, 6), (25, 8),
                                            (30, 10), (40, 14), (60, 22)])
def test_ranks_are_those_of_the_table(count: int, kth: int) -> None:
    assert enclosing_rank(count) == kth - 1


@given(RATIOS)
def test_the_interval_encloses_the_median_and_lies_within_the_range(ratios: list[float]) -> None:
    found = ratio_of(ratios)
    assert min(ratios) * 0.999 <= found.low <= found.median * 1.001
    assert found.median * 0.999 <= found.high <= max(ratios) * 1.001


@given(RATIOS)
def test_exchanging_student_and_staff_inverts_the_ratio(ratios: list[float]) -> None:
    there, back = ratio_of(ratios), ratio_of([1 / ratio for ratio in ratios])
    assert back.median == pytest.approx(1 / there.median)
    assert (back.low, back.high) == pytest.approx((1 / there.high, 1 / there.low))


def test_the_interval_misses_the_true_median_once_in_twenty_at_most() -> None:
    source = random.Random(0)
    misses = 0
    for _ in range(2000):
        found = ratio_of([math.exp(source.gauss(0, 0.1) ** 3) for _ in range(LEAST_PAIRS)])
        misses += not found.low <= 1 <= found.high
    assert misses / 2000 <= 0.05


def test_one_wild_pair_changes_nothing() -> None:
    calm = [1.0 + 0.001 * number for number in range(15)]
    assert ratio_of([*calm[:-1], 1000.0]) == ratio_of(calm)


def test_problems_come_together_as_their_geometric_mean() -> None:
    found = combined([Ratio(0.5, 0.25, 1.0), Ratio(2.0, 1.0, 4.0)])
    assert (found.median, found.low, found.high) == pytest.approx((1.0, 0.5, 2.0))


@pytest.mark.parametrize(("ratio", "pairs", "settled"), [
    (Ratio(2.0, 1.99, 2.01), LEAST_PAIRS - 1, False),  # too few, however alike
    (Ratio(2.0, 1.8, 2.9), LEAST_PAIRS, True),  # inside a tier, however wide
    (Ratio(1.25, 1.22, 1.28), LEAST_PAIRS, True),  # within 3 %, across a limit
    (Ratio(1.25, 1.20, 1.30), LEAST_PAIRS, False),
    (Ratio(20.0, 11.0, 40.0), LEAST_PAIRS, True),  # beyond the last tier
])
def test_pairs_are_enough_when_more_would_change_nothing(
    ratio: Ratio, pairs: int, settled: bool
) -> None:
    assert is_settled(ratio, pairs, LIMITS) is settled


@pytest.mark.parametrize(("ratio", "pairs", "disturbed", "conclusive"), [
    (Ratio(2.0, 1.9, 2.1), 42, 18, True),
    (Ratio(2.0, 1.9, 2.1), 41, 19, False),  # more than 30 % disturbed
    (Ratio(1.25, 1.2, 1.3), 60, 0, True),  # vague, and the favourable bound decides
    (Ratio(1.25, 0.9, 1.6), 60, 0, False),  # too vague for that
    (Ratio(2.0, 2.0, 2.0), 14, 0, False),
])
def test_what_is_too_vague_or_too_disturbed_decides_nothing(
    ratio: Ratio, pairs: int, disturbed: int, conclusive: bool
) -> None:
    assert is_conclusive(ratio, pairs, disturbed, LIMITS) is conclusive


@pytest.mark.parametrize(("ratio", "tier"), [
    (Ratio(1.0, 0.9, 1.1), (1.25, 1.0)),
    (Ratio(1.30, 1.24, 1.36), (1.25, 1.0)),  # the bound that favours the student
    (Ratio(1.30, 1.26, 1.34), (1.75, 0.9)),
    (Ratio(10.4, 10.0, 10.8), (10.0, 0.2)),
    (Ratio(11.0, 10.5, 11.5), (None, 0.0)),
])
def test_a_tier_is_awarded_by_the_favourable_bound(
    ratio: Ratio, tier: tuple[float | None, float]
) -> None:
    assert share(ratio, TIERS) == tier
