"""Lateness: days begun, grace, the share they take, the cap, and whose deadline counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from example_results import a_result, verdicts
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course, LatePolicy, Question
from autograder.course.roster import Person, Roster
from autograder.gradebook import Book, Decisions, grade, lateness
from autograder.gradebook.term import term

DUE = datetime(2026, 10, 12, 21, 59, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LATER = DUE + 8 * DAY


def a_course(due: datetime | None = DUE, **late: float) -> Course:
    """One question of 4 points; ann has an extension."""
    question = Question(name="corr2d", title="Cross-correlation", points=Decimal(4))
    return Course(
        name="Convolution", late=LatePolicy(**{"per_day": 0.1} | late),
        extensions={"ann": {"correlation": LATER}},
        assignments={"correlation": Assignment(title="Lab", due=due, questions=[question])})


@pytest.mark.parametrize(("late", "days"), [
    (-DAY, 0), (timedelta(0), 0), (30 * MINUTE, 0), (31 * MINUTE, 1), (DAY, 1),
    (DAY + timedelta(microseconds=1), 2), (9 * DAY, 9),
])
def test_a_day_counts_once_it_has_begun_and_grace_is_over(late: timedelta, days: int) -> None:
    policy = LatePolicy(grace_minutes=30, per_day=0.1, cap=0.5)
    assert lateness.days(policy, DUE + late, DUE) == days


def test_lateness_takes_its_share_for_each_day_up_to_the_cap() -> None:
    policy = LatePolicy(per_day=0.1, cap=0.25)
    assert [lateness.share(policy, days) for days in (0, 1, 2, 3, 99)] == [
        0, Decimal("0.1"), Decimal("0.2"), Decimal("0.25"), Decimal("0.25")]


@pytest.mark.parametrize(("late", "earned", "days", "penalty", "score"), [
    (30 * MINUTE, 1, 0, 0, 4),  # within the grace period
    (31 * MINUTE, 1, 1, 0.4, 3.6),
    (25 * HOUR, 1, 2, 0.8, 3.2),
    (9 * DAY, 1, 9, 1, 3),  # the cap
    (HOUR, Fraction(9, 16), 1, 0.23, 2.02),  # half a cent goes up, in decimals
    (HOUR, 0, 1, 0, 0),
])
def test_lateness_takes_its_share_of_what_was_earned(
    late: timedelta, earned: Fraction, days: int, penalty: float, score: float
) -> None:
    course = a_course(grace_minutes=30, cap=0.25)
    result = a_result("bob", verdicts(earned), submitted_at=DUE + late)
    found = grade(course, result)
    assert (found.late_days, found.penalty, found.score) == (days, penalty, score)
    assert found.raw_score == 4 * earned and found.due == DUE


@pytest.mark.parametrize(("late", "is_missing", "score"), [
    (30 * MINUTE, False, None), (31 * MINUTE, True, 0)])
def test_nothing_is_missing_that_would_not_be_late(
    late: timedelta, is_missing: bool, score: int | None
) -> None:
    book = Book(a_course(grace_minutes=30), Decisions(Roster({"bob": Person("bob")})))
    [found] = term(book, DUE + late)
    one = found.assignments["correlation"]
    assert (one.is_missing, one.score, found.percent) == (is_missing, score, score)


def test_an_extension_moves_the_deadline_of_its_student_only() -> None:
    found = {student: grade(a_course(), a_result(
        student, verdicts(1), submitted_at=LATER)) for student in ("ann", "bob")}
    assert (found["ann"].late_days, found["ann"].score, found["ann"].due) == (0, 4, LATER)
    assert (found["bob"].late_days, found["bob"].score) == (8, 0.8)


def test_a_deadline_that_came_with_the_submission_counts_and_no_other() -> None:
    for student, due, days in (("ann", DUE, 8), ("bob", LATER, 0)):
        result = a_result(student, verdicts(1), submitted_at=LATER, due=due)
        found = grade(a_course(), result)
        assert (found.late_days, found.due) == (days, due)


def test_nothing_is_late_without_a_deadline_or_a_time_of_handing_in() -> None:
    unknown = grade(a_course(), a_result("bob", verdicts(1)))
    never = grade(a_course(due=None), a_result("bob", verdicts(1), submitted_at=DUE + 9 * DAY))
    assert (unknown.late_days, unknown.penalty) == (never.late_days, never.penalty) == (0, 0)
    assert never.due is None


# Against a plain model ------------------------------------------------------------------------

def plainly(minutes: int, grace: int, per_day: Fraction, cap: Fraction, cents: int) -> int:
    """Cents that are left, by counting."""
    days, left = 0, minutes
    while minutes > grace and left > 0:
        days, left = days + 1, left - 24 * 60
    taken = min(days * per_day, cap) * cents
    whole = int(taken)
    return cents - whole - (1 if taken - whole >= Fraction(1, 2) else 0)


HUNDREDTHS = st.integers(0, 100).map(lambda number: Fraction(number, 100))


@given(minutes=st.integers(-3000, 30_000), grace=st.integers(0, 3000), per_day=HUNDREDTHS,
       cap=HUNDREDTHS, cents=st.integers(0, 400))
def test_what_is_left_is_what_counting_leaves(
    minutes: int, grace: int, per_day: Fraction, cap: Fraction, cents: int
) -> None:
    course = a_course(grace_minutes=grace, per_day=float(per_day), cap=float(cap))
    result = a_result("bob", verdicts(Fraction(cents, 400)), submitted_at=DUE + minutes * MINUTE)
    found = grade(course, result)
    left = plainly(minutes, grace, per_day, cap, cents)
    assert (found.raw_score, found.score) == (cents / 100, left / 100)
    assert Decimal(str(found.score)) + Decimal(str(found.penalty)) == Decimal(str(found.raw_score))


@given(late=st.timedeltas(timedelta(0), 30 * DAY), more=st.timedeltas(timedelta(0), 30 * DAY),
       grace=st.integers(0, 3000))
def test_whoever_is_later_never_loses_less(late: timedelta, more: timedelta, grace: int) -> None:
    policy = LatePolicy(grace_minutes=grace, per_day=0.1, cap=0.5)
    one, other = (lateness.days(policy, DUE + each, DUE) for each in (late, late + more))
    assert one <= other
    assert lateness.share(policy, one) <= lateness.share(policy, other) <= Decimal("0.5")


# Where clocks change --------------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")
POLICY = LatePolicy(per_day=0.1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(("due", "submitted", "days"), [
    ("2026-10-24T20:00", "2026-10-25T19:59", 1), ("2026-10-24T20:00", "2026-10-25T20:00", 1),
    ("2026-10-24T20:00", "2026-10-25T20:01", 2), ("2026-10-20T20:00", "2026-10-26T20:00", 6),
    ("2026-03-28T20:00", "2026-03-29T20:00", 1), ("2026-03-28T20:00", "2026-03-29T20:01", 2),
    ("2026-03-28T02:30", "2026-03-29T01:59", 1)])
def test_a_day_ends_when_clocks_show_the_same_time(due: str, submitted: str, days: int) -> None:
    """The night of 25 October has an hour more, which cost a day; that of 29 March one less."""
    fixed = datetime.fromisoformat(local(due).isoformat())
    assert lateness.days(POLICY, local(submitted).astimezone(UTC), fixed, BERLIN) == days


def test_a_course_that_says_no_zone_has_days_of_24_hours() -> None:
    due, submitted = (local(f"2026-10-{day}T20:00").astimezone(UTC) for day in (24, 25))
    assert lateness.days(POLICY, submitted, due) == 2


@given(due=st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(
           lambda time: time.replace(tzinfo=UTC)),
       late=st.timedeltas(timedelta(0), 40 * DAY), more=st.timedeltas(timedelta(0), 2 * DAY))
def test_days_of_a_zone_are_days_of_24_hours_but_for_the_clocks(
    due: datetime, late: timedelta, more: timedelta
) -> None:
    one, other = (lateness.days(POLICY, due + each, due, BERLIN) for each in (late, late + more))
    assert one <= other
    assert lateness.days(POLICY, due + late - HOUR, due) <= one \
        <= lateness.days(POLICY, due + late + HOUR, due)
