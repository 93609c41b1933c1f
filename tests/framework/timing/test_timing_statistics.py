"""From pairs of times to a ratio, and from a ratio to points."""

from __future__ import annotations

import math
import random
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as some

from autograder.timing.statistics import (
    LEAST_PAIRS,
    MOST_PAIRS,
    Pairs,
    Ratio,
    combined,
    enclosing_rank,
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
    assert enclosing_rank(count, 0.95) == kth - 1


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


def ever_missing(*confidence: float) -> float:
    """How probable it is that the interval of some look, one after every pair, does not enclose the
    true median: the number of pairs below it, which a coin decides each time, is so small, or so
    large, that one of the two ranks lies beyond it."""
    below, missed = {0: 1.0}, 0.0
    for pairs in range(1, MOST_PAIRS + 1):
        after: dict[int, float] = {}
        for count, chance in below.items():
            for more in (count, count + 1):
                after[more] = after.get(more, 0.0) + chance / 2
        rank = enclosing_rank(pairs, *confidence)
        below = {count: chance for count, chance in after.items()
                 if pairs < LEAST_PAIRS or rank < count < pairs - rank}
        missed += sum(after.values()) - sum(below.values())
    return missed


def test_however_often_it_looks_an_interval_misses_the_median_once_in_twenty_at_most() -> None:
    assert ever_missing() <= 0.05
    assert ever_missing(0.95) > 0.1  # the control: what each look alone would be content with


def test_timing_that_stops_as_soon_as_it_may_misses_the_median_once_in_twenty_at_most() -> None:
    """At a limit, where it stops when a limit lies in its interval no more, as often as not; with
    times that have long tails."""
    source = random.Random(0)
    misses = 0
    for _ in range(2000):
        pairs = Pairs()
        while len(pairs.ratios) < MOST_PAIRS and not pairs.are_enough([1.0]):
            pairs.ratios.append(math.exp(source.gauss(0, 0.6) ** 3))
        found = ratio_of(pairs.ratios)
        misses += not found.low <= 1 <= found.high
    assert misses / 2000 <= 0.05


def test_one_wild_pair_changes_nothing() -> None:
    calm = [1.0 + 0.001 * number for number in range(15)]
    assert ratio_of([*calm[:-1], 1000.0]) == ratio_of(calm)


def test_problems_come_together_as_their_geometric_mean() -> None:
    found = combined([Ratio(0.5, 0.25, 1.0), Ratio(2.0, 1.0, 4.0)])
    assert (found.median, found.low, found.high) == pytest.approx((1.0, 0.5, 2.0))


@pytest.mark.parametrize(("ratio", "settled"), [
    (Ratio(2.0, 1.8, 2.9), True),  # inside a tier, however wide
    (Ratio(1.25, 1.22, 1.28), True),  # within 3 %, across a limit
    (Ratio(1.25, 1.20, 1.30), False),
    (Ratio(20.0, 11.0, 40.0), True),  # beyond the last tier
])
def test_a_ratio_is_settled_where_more_pairs_would_change_nothing(
    ratio: Ratio, settled: bool
) -> None:
    assert is_settled(ratio, LIMITS) is settled


QUIET = [0.010, 0.0101, 0.0102, 0.0099, 0.0098]
NOISY = [0.010, 0.0095, 0.011, 0.0085, 0.012]


def measured(
    ratios: list[float], count: int, *, staff: list[float] = QUIET, waiting: int = 0, busy: int = 0
) -> Pairs:
    """``count`` undisturbed pairs with these ratios, in turns."""
    usable = count + waiting
    return Pairs(staff=list(islice(cycle(staff), usable)),
                 ratios=list(islice(cycle(ratios), count)), waiting=[20.0] * waiting, busy=busy)


CALM, WILD = [2.0, 1.95, 2.05], [1.0, 2.0]


@pytest.mark.parametrize(("pairs", "enough"), [
    (measured(CALM, LEAST_PAIRS), True),
    (measured(CALM, LEAST_PAIRS - 1), False),  # too few, however alike
    (measured(WILD, LEAST_PAIRS), False),
    (measured([*CALM, 3.5], LEAST_PAIRS), False),  # all of few have to lie in one tier
    # Too much was left out: more pairs may be quieter.
    (measured(CALM, LEAST_PAIRS, busy=4), True),
    (measured(CALM, LEAST_PAIRS, busy=5), False),
    (measured(CALM, LEAST_PAIRS, waiting=5), False),
])
def test_when_pairs_are_enough(pairs: Pairs, enough: bool) -> None:
    assert pairs.are_enough(LIMITS) is enough


@pytest.mark.parametrize(("pairs", "bound"), [
    (measured(CALM, 42, busy=18), "low"),
    (measured([1.2, 1.25, 1.3], 60), "low"),  # vague, and the favourable bound decides
    (measured(CALM, 42, waiting=18), "low"),
    (measured(CALM, 41, busy=19), None),  # more than 30 % disturbed by the machine
    (measured(WILD, 41, busy=19), None),
    (measured(CALM, LEAST_PAIRS - 1), None),
    # Only the student's calls vary, or had no core, by threads that take it from each other.
    (measured(WILD, 60), "high"),
    (measured(CALM, 10, waiting=19), "high"),
    (measured([], 0, waiting=19), "high"),
    (measured(WILD, 48, busy=12), "high"),
    # The staff's vary as well, or had no core: the machine was busy, whatever else there is.
    (measured(WILD, 42, busy=18), None),
    (measured(WILD, 60, staff=NOISY), None),
    (measured(CALM, 10, waiting=19, staff=NOISY), None),
])
def test_what_the_machine_disturbs_decides_nothing_and_what_the_student_varies_does(
    pairs: Pairs, bound: str | None
) -> None:
    found = pairs.decide(LIMITS)
    assert found.bound == (bound and getattr(found.ratio, bound))
    assert found.varies is (bound == "high" and found.ratio.high > found.ratio.low)


def test_time_that_a_student_spends_on_waiting_counts_where_it_is_the_students() -> None:
    assert measured(CALM, 10, waiting=19).decide(LIMITS).bound == pytest.approx(20.0)


def test_right_functions_beside_a_noisy_neighbour_never_pay_for_it() -> None:
    """Noise of every kind that hits both calls of a pair alike, and a function near a tier's limit:
    it has the tier, or is timed again."""
    source = random.Random(7)
    decided = 0
    for _ in range(2000):
        strength, often = source.uniform(0, 0.6), source.uniform(0, 0.6)

        def call(strength: float = strength, often: float = often) -> float:
            slow = source.random() < often
            return math.exp(source.gauss(0, 0.02) + slow * source.uniform(0, 2 * strength))

        staff = [call() for _ in range(60)]
        pairs = Pairs(staff=staff, ratios=[1.2 * call() / seconds for seconds in staff])
        found = pairs.decide(LIMITS)
        decided += found.bound is not None
        assert found.bound is None or share(found.bound, TIERS) == 1.0
    assert decided > 200


@pytest.mark.parametrize(("bound", "worth"), [
    (0.9, 1.0), (1.24, 1.0), (1.25, 1.0), (1.26, 0.9), (10.0, 0.2), (10.5, 0.0),
])
def test_a_tier_goes_up_to_its_limit(bound: float, worth: float) -> None:
    assert share(bound, TIERS) == worth
