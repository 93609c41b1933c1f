"""Points: exact shares of what grader.toml gives, rounded once; what inherits, and what adds up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from example_results import a_result, verdicts
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course, Question
from autograder.gradebook import grade, question_grade
from autograder.gradebook.points import rounded
from autograder.result import CheckResult, QuestionResult, Status, SubmissionStatus

SHARES = st.fractions(0, 1, max_denominator=60)
POINTS = st.decimals(Decimal("0.01"), 100, places=2)


def a_question(*points: Decimal, bonus: Sequence[bool] = ()) -> list[Question]:
    return [Question(name=f"q{number}", title=f"Question {number}", points=worth,
                     bonus=bool(bonus) and bonus[number]) for number, worth in enumerate(points)]


def a_course(questions: list[Question], follow_through: float = 0.75) -> Course:
    return Course(name="Convolution", assignments={"correlation": Assignment(
        title="Lab", follow_through=follow_through, questions=questions)})


def checks(weights: Sequence[Fraction], earned: Sequence[Fraction]) -> list[CheckResult]:
    return [CheckResult(id=f"c{number}", title="A check.", status=Status.FAILED, weight=weight,
                        earned=share)
            for number, (weight, share) in enumerate(zip(weights, earned, strict=True))]


def to_cents(exact: Fraction) -> float:
    """Half up, by whole numbers only."""
    return int(exact * 100 + Fraction(1, 2)) / 100


# By hand --------------------------------------------------------------------------------------

@pytest.mark.parametrize(("points", "written"), [
    (Fraction(1, 3), 0.33), (Fraction(2, 3), 0.67), (Fraction(1, 200), 0.01),
    (Fraction(3, 200), 0.02), (Fraction(-0), 0.0), (Fraction(12345, 1000), 12.35),
])
def test_grades_are_rounded_half_up(points: Fraction, written: float) -> None:
    assert float(rounded(points)) == written


def test_a_check_has_its_weights_part_of_the_points_to_four_decimals() -> None:
    course = a_course(a_question(Decimal(2)))
    table = course.assignment("correlation")
    result = QuestionResult(name="q0", status=Status.FAILED, checks=checks(
        [Fraction(1, 2), Fraction(1)], [Fraction(1), Fraction(0)]))
    found = question_grade(result, table.questions[0], table)
    assert [(check.score, check.max_score) for check in found.checks] == [
        (0.6667, 0.6667), (0, 1.3333)]
    assert (found.score, found.max_score) == (0.67, 2)


def test_what_is_forbidden_earns_nothing() -> None:
    course = a_course(a_question(Decimal(2)))
    result = a_result("ann", verdicts(1, "q0", status=Status.FORBIDDEN))
    found = grade(course, result)
    assert (found.score, found.questions[0].score) == (0, 0)


@pytest.mark.parametrize(("own", "corrected", "score", "through"), [
    (Fraction(0), Fraction(1), 3, 3), (Fraction(1, 2), Fraction(1), 3, 3),
    (Fraction(3, 4), Fraction(1), 3, None),  # it decides where it earns more, and not as much
    (Fraction(1, 2), Fraction(0), 2, None), (Fraction(1, 2), None, 2, None),
])
def test_a_run_on_corrected_helpers_decides_where_it_earns_more(
    own: Fraction, corrected: Fraction | None, score: float, through: float | None
) -> None:
    course = a_course(a_question(Decimal(4)))
    result = a_result("ann", verdicts(own, "q0", corrected=corrected))
    [found] = grade(course, result).questions
    assert (found.score, found.follow_through) == (score, through)


def test_bonus_adds_to_the_score_and_not_to_the_maximum() -> None:
    course = a_course(a_question(Decimal(4), Decimal(1), bonus=[False, True]))
    found = grade(course, a_result("ann", verdicts(1, "q0"), verdicts(1, "q1")))
    assert (found.score, found.raw_score, found.max_score) == (5, 5, 4)
    assert [question.bonus for question in found.questions] == [False, True]


def test_questions_stand_in_grader_tomls_order_and_those_it_has_no_more_are_left_out() -> None:
    course = a_course(a_question(Decimal(4), Decimal(1)))
    result = a_result("ann", verdicts(1, "gone"), verdicts(1, "q1"), verdicts(1, "q0"))
    found = grade(course, result)
    assert [question.name for question in found.questions] == ["q0", "q1"]
    assert found.score == found.max_score == 5
    assert found.result == result


def test_what_is_not_decided_yet_is_open_and_so_is_what_nobody_has_looked_at() -> None:
    course = a_course(a_question(*[Decimal(1)] * 4))
    waiting = QuestionResult(name="q1", status=Status.DEFERRED)
    ours = QuestionResult(name="q2", status=Status.INTERNAL)
    found = grade(course, a_result("ann", verdicts(1, "q0"), waiting, ours))
    assert (found.open, found.score) == (["q1", "q2", "q3"], 1)
    unreadable = a_result("ann", status=SubmissionStatus.UNREADABLE)
    assert grade(course, unreadable).open == []


# Against a plain model ------------------------------------------------------------------------

@given(pairs=st.lists(st.tuples(st.fractions(Fraction(1, 9), 9), SHARES), min_size=1, max_size=12),
       points=POINTS)
def test_the_checks_of_a_question_share_its_points_exactly(
    pairs: list[tuple[Fraction, Fraction]], points: Decimal
) -> None:
    weights, earned = zip(*pairs, strict=True)
    table = a_course(a_question(points)).assignment("correlation")
    result = QuestionResult(name="q0", status=Status.FAILED, checks=checks(weights, earned))
    found = question_grade(result, table.questions[0], table)
    exact = Fraction(points) * sum(
        (weight * share for weight, share in pairs), Fraction(0)) / sum(weights)
    assert (found.score, found.max_score) == (to_cents(exact), float(points))
    assert sum(check.score for check in found.checks) == pytest.approx(float(exact), abs=1e-3)


@given(own=SHARES, corrected=st.none() | SHARES, points=POINTS, percent=st.integers(0, 100))
def test_follow_through_is_the_better_of_two_runs(
    own: Fraction, corrected: Fraction | None, points: Decimal, percent: int
) -> None:
    course = a_course(a_question(points), follow_through=percent / 100)
    result = a_result("ann", verdicts(own, "q0", corrected=corrected))
    [found] = grade(course, result).questions
    again = Fraction(percent, 100) * (corrected or 0)
    assert found.score == to_cents(Fraction(points) * max(own, again))
    assert (found.follow_through is not None) == (again > own)


@given(data=st.lists(st.tuples(POINTS, SHARES, st.booleans()), min_size=1, max_size=8))
def test_the_total_is_the_sum_of_what_stands_at_its_questions(
    data: list[tuple[Decimal, Fraction, bool]]
) -> None:
    points, shares, bonus = zip(*data, strict=True)
    course = a_course(a_question(*points, bonus=bonus))
    result = a_result("ann", *(verdicts(share, f"q{number}")
                               for number, share in enumerate(shares)))
    found = grade(course, result)
    cents = sum(round(100 * question.score) for question in found.questions)
    assert found.score == found.raw_score == cents / 100
    assert found.max_score == float(sum(
        (worth for worth, extra in zip(points, bonus, strict=True) if not extra), Decimal(0)))
    assert 0 <= found.score <= float(sum(points))
