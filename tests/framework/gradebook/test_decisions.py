"""What staff decided, in grades: points changed, checks waived, more time, slip days, marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from example_results import a_result
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course, LatePolicy, Question
from autograder.course.roster import Person, Roster
from autograder.gradebook import (
    Adjustment,
    Book,
    Decisions,
    Extension,
    TextMark,
    Verdicts,
    Waiver,
    Whom,
    grade,
)
from autograder.result import (
    CheckResult,
    QuestionResult,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
)

DUE = datetime(2026, 10, 12, 22, tzinfo=UTC)
ALL = Whom("all")
DAY = timedelta(days=1)


def a_course(late: LatePolicy | None = None, assignments: int = 1) -> Course:
    course = Course(name="Convolution", late=late or LatePolicy(), assignments={
        f"lab{number}": Assignment(title="Lab", due=DUE + number * 7 * DAY, questions=[
            Question(name="q0", title="First", points=Decimal(4)),
            Question(name="q1", title="Second", points=Decimal(2)),
            Question(name="essay", title="Why", points=Decimal(3), kind="text")])
        for number in range(assignments)})
    for name, assignment in course.assignments.items():
        assignment._name = name
    return course


def checks(*earned: Fraction | int) -> list[CheckResult]:
    return [CheckResult(id=f"c{number}", title="A check.", earned=Fraction(share),
                        status=Status.PASSED if share == 1 else Status.FAILED)
            for number, share in enumerate(earned)]


def result_of(*questions: QuestionResult, student: str = "ann", assignment: str = "lab0",
              submitted: datetime | None = None) -> Result:
    return a_result(student, *questions).model_copy(update={
        "assignment": assignment, "student": student,
        "submission": SubmissionRecord(digest="d" * 64, submitted_at=submitted)})


def question(name: str, *earned: Fraction | int, corrected: Fraction | None = None
             ) -> QuestionResult:
    status = Status.PASSED if all(share == 1 for share in earned) else Status.FAILED
    return QuestionResult(name=name, status=status, checks=checks(*earned), corrected=corrected)


def adjustment(kind: str, points: object = None, of: str | None = "q0", whom: Whom = ALL
               ) -> Adjustment:
    return Adjustment(assignment="lab0", reason="", whom=whom, question=of,
                      kind=kind,  # type: ignore[arg-type]
                      points=None if points is None else Decimal(str(points)))


HALF = (question("q0", 1, 0), question("q1", 1))


@pytest.mark.parametrize(("kind", "points", "of", "score"), [
    ("add", 1, "q0", 5.0), ("add", -5, "q0", 2.0), ("set", 3.5, "q0", 5.5),
    ("full", None, "q0", 6.0), ("add", 1.25, None, 5.25), ("set", 7, None, 7.0),
    ("full", None, None, 9.0),
    ("add", -9, None, 0.0),
])
def test_points_are_changed_by_hand(
    kind: str, points: object, of: str | None, score: float
) -> None:
    decided = Decisions(adjustments=[adjustment(kind, points, of)])
    found = grade(a_course(), result_of(*HALF), decided)
    assert found.score == score
    [changed] = found.adjustments
    assert changed.question == of and changed.change == pytest.approx(score - 4.0)


def test_adjustments_follow_one_another_in_the_order_in_which_they_were_made() -> None:
    decided = Decisions(adjustments=[adjustment("set", 1), adjustment("add", 2)])
    assert grade(a_course(), result_of(*HALF), decided).questions[0].score == 3.0
    decided = Decisions(adjustments=[adjustment("add", 2), adjustment("set", 1)])
    assert grade(a_course(), result_of(*HALF), decided).questions[0].score == 1.0


def test_an_adjustment_is_of_a_person_a_section_a_team_or_all() -> None:
    roster = Roster({"ann": Person("ann", section="A; C", team="x"), "bob": Person("bob")})
    for whom, changed in ((Whom("person", "ann"), True), (Whom("person", "bob"), False),
                          (Whom("section", "A"), True), (Whom("section", "B"), False),
                          (Whom("section", "C"), True), (Whom("section", "A; C"), False),
                          (Whom("team", "x"), True), (ALL, True)):
        decided = Decisions(roster=roster, adjustments=[adjustment("full", whom=whom)])
        found = grade(a_course(), result_of(*HALF), decided)
        assert bool(found.adjustments) is whom.covers("ann", roster) is changed, whom


def test_points_on_a_question_are_made_late_and_those_on_the_total_are_not() -> None:
    course = a_course(LatePolicy(per_day=0.5))
    late = result_of(*HALF, submitted=DUE + DAY)
    assert grade(course, late).score == 2.0
    on_question = Decisions(adjustments=[adjustment("full")])
    assert grade(course, late, on_question).score == 3.0
    on_total = Decisions(adjustments=[adjustment("add", 1, None)])
    assert grade(course, late, on_total).score == 3.0


def test_a_total_that_is_set_counts_where_nothing_could_be_graded() -> None:
    unreadable = a_result("ann").model_copy(update={
        "assignment": "lab0", "status": SubmissionStatus.UNREADABLE, "questions": []})
    assert not grade(a_course(), unreadable).is_graded
    decided = Decisions(adjustments=[adjustment("set", 6, None)])
    found = grade(a_course(), unreadable, decided)
    assert (found.is_graded, found.score) == (True, 6.0)


def test_a_question_whose_points_are_set_is_open_no_more() -> None:
    waiting = result_of(QuestionResult(name="q0", status=Status.INTERNAL), question("q1", 1))
    assert grade(a_course(), waiting).open == ["q0", "essay"]
    decided = Decisions(adjustments=[adjustment("set", 2)])
    assert grade(a_course(), waiting, decided).open == ["essay"]


# Waivers --------------------------------------------------------------------------------------

def waived(*names: str, question: str = "q0") -> Decisions:
    return Decisions(waivers=[Waiver(assignment="lab0", reason="", question=question, check=name)
                              for name in names])


def test_a_waived_check_costs_nobody_anything() -> None:
    failed, passed = result_of(question("q0", 1, 0)), result_of(question("q0", 0, 1))
    assert [grade(a_course(), each, waived("c1")).score for each in (failed, passed)] \
        == [4.0, 2.0]
    assert grade(a_course(), failed, waived("c1")).questions[0].waived == ["c1"]
    assert grade(a_course(), passed, waived("c1")).questions[0].waived == []
    assert grade(a_course(), failed, waived("c0", "c1")).score == 4.0


SHARES = st.fractions(0, 1, max_denominator=12)
EARNED = st.lists(SHARES, min_size=1, max_size=5)


@given(EARNED, EARNED, st.none() | SHARES, st.lists(st.sampled_from(["c0", "c1", "c2"])),
       st.integers(0, 6))
def test_a_waiver_lowers_nobody(
    first: list[Fraction], second: list[Fraction], corrected: Fraction | None,
    names: list[str], late: int
) -> None:
    course = a_course(LatePolicy(per_day=0.1, cap=0.5))
    handed_in = result_of(question("q0", *first), question("q1", *second, corrected=corrected),
                          submitted=DUE + late * DAY)
    for of in ("q0", "q1"):
        assert grade(course, handed_in, waived(*names, question=of)).score \
            >= grade(course, handed_in).score


ADJUSTMENTS = st.lists(st.builds(
    adjustment, st.sampled_from(["add", "set", "full"]),
    st.decimals(-5, 9, places=2), st.sampled_from(["q0", "q1", None])), max_size=4)


@given(EARNED, EARNED, ADJUSTMENTS, st.integers(0, 6), st.integers(0, 3))
def test_the_parts_of_a_grade_are_its_total(
    first: list[Fraction], second: list[Fraction], adjustments: list[Adjustment], late: int,
    slip_days: int
) -> None:
    course = a_course(LatePolicy(per_day=0.1, cap=0.5))
    handed_in = result_of(question("q0", *first), question("q1", *second),
                          submitted=DUE + late * DAY)
    found = grade(course, handed_in, Decisions(adjustments=adjustments), slip_days)
    assert found.raw_score == pytest.approx(sum(each.score for each in found.questions))
    of_total = sum(each.change for each in found.adjustments if each.question is None)
    assert found.score == pytest.approx(found.raw_score - found.penalty + of_total)
    assert found.score >= 0


@given(EARNED, EARNED, EARNED, ADJUSTMENTS)
def test_what_is_set_by_hand_stays_through_a_regrade(
    before: list[Fraction], after: list[Fraction], other: list[Fraction],
    adjustments: list[Adjustment]
) -> None:
    decided = Decisions(adjustments=[*adjustments, adjustment("set", 3), adjustment("add", 1)])
    scores = {grade(a_course(), result_of(question("q0", *earned), question("q1", *other)),
                    decided).questions[0].score for earned in (before, after)}
    assert scores == {4.0}


# Time -----------------------------------------------------------------------------------------

def extended(to: datetime, whom: Whom = ALL, assignment: str = "lab0") -> Decisions:
    return Decisions(extensions=[Extension(assignment=assignment, reason="ill", whom=whom, due=to)])


def test_an_extension_gives_more_time_and_never_less() -> None:
    course = a_course(LatePolicy(per_day=0.5))
    late = result_of(*HALF, submitted=DUE + DAY)
    assert grade(course, late, extended(DUE + DAY)).score == 4.0
    assert grade(course, late, extended(DUE - 9 * DAY)).due == DUE
    own = result_of(*HALF, submitted=DUE + 2 * DAY)  # with a deadline that came with it
    own = own.model_copy(update={"submission": own.submission.model_copy(
        update={"due": DUE + DAY})})
    assert grade(course, own, extended(DUE + 2 * DAY)).late_days == 0
    assert grade(course, own, extended(DUE)).late_days == 1


def term(course: Course, late: Sequence[int], earned: Sequence[Fraction],
         decisions: Decisions | None = None) -> Book:
    handed_in = [Verdicts.of(result_of(
        question("q0", share), assignment=f"lab{number}",
        submitted=DUE + (number * 7 + days) * DAY))
        for number, (days, share) in enumerate(zip(late, earned, strict=True))]
    return Book(course, decisions or Decisions(), handed_in)


def test_slip_days_are_spent_where_they_bring_most() -> None:
    course = a_course(LatePolicy(per_day=0.1, bank=2, at_most=2), assignments=3)
    found = term(course, [1, 2, 1], [Fraction(1, 2), Fraction(1), Fraction(0)]).totals("ann")
    assert [found[f"lab{number}"].slip_days for number in range(3)] == [0, 2, 0]
    assert [float(found[f"lab{number}"].score) for number in range(3)] == [1.8, 4.0, 0.0]
    # Of ways that bring as much, what came first has them.
    found = term(course, [1, 1, 1], [Fraction(1)] * 3).totals("ann")
    assert [found[f"lab{number}"].slip_days for number in range(3)] == [1, 1, 0]


TERMS = st.tuples(st.lists(st.integers(0, 9), min_size=3, max_size=3),
                  st.lists(SHARES, min_size=3, max_size=3))
POLICIES = st.builds(
    LatePolicy, per_day=st.sampled_from([0.05, 0.1, 0.3]), cap=st.sampled_from([0.2, 0.5, 1]),
    bank=st.integers(0, 5), at_most=st.none() | st.integers(1, 3))


@given(POLICIES, TERMS)
def test_no_way_to_spend_slip_days_brings_more(
    policy: LatePolicy, handed_in: tuple[list[int], list[Fraction]]
) -> None:
    course = a_course(policy, assignments=3)
    found = term(course, *handed_in).totals("ann")
    spent = [found[f"lab{number}"].slip_days for number in range(3)]
    assert sum(spent) <= policy.bank
    assert all(days <= min(late, policy.at_most or 9)
               for days, late in zip(spent, handed_in[0], strict=True))
    best = Decimal(0)
    for way in product(range(policy.bank + 1), repeat=3):
        if sum(way) <= policy.bank and all(
                days <= min(late, policy.at_most or 9)
                for days, late in zip(way, handed_in[0], strict=True)):
            best = max(best, sum(
                Decimal(str(grade(course, result_of(
                    question("q0", share), assignment=f"lab{number}",
                    submitted=DUE + (number * 7 + late) * DAY), slip_days=days).score))
                for number, (late, share, days) in enumerate(zip(*handed_in, way, strict=True))))
    assert sum(each.score for each in found.values()) == best


@given(POLICIES, TERMS)
def test_slip_days_are_never_spent_where_they_bring_nothing(
    policy: LatePolicy, handed_in: tuple[list[int], list[Fraction]]
) -> None:
    course = a_course(policy, assignments=3)
    book = term(course, *handed_in)
    for name, each in book.totals("ann").items():
        if each.slip_days:
            [verdicts] = [one for one in book.verdicts if one.assignment == name]
            fewer = grade(course, result_of(question("q0", verdicts.questions["q0"].earned),
                                                  assignment=name, submitted=verdicts.submitted),
                          slip_days=each.slip_days - 1)
            assert float(each.score) > fewer.score


@given(POLICIES, TERMS, st.integers(0, 2), st.integers(0, 9))
def test_more_time_lowers_nobody(
    policy: LatePolicy, handed_in: tuple[list[int], list[Fraction]], number: int, more: int
) -> None:
    course = a_course(policy, assignments=3)
    given_time = extended(DUE + (number * 7 + more) * DAY, assignment=f"lab{number}")
    before, after = (sum(each.score for each in term(course, *handed_in, decisions).totals(
        "ann").values()) for decisions in (Decisions(), given_time))
    assert after >= before


# Free text ------------------------------------------------------------------------------------

def test_a_text_is_open_until_somebody_marks_it() -> None:
    handed_in = result_of(*HALF)
    found = grade(a_course(), handed_in)
    essay = found.question("essay")
    assert essay is not None and essay.result.status is Status.DEFERRED
    assert (found.score, found.max_score, found.open) == (4.0, 9.0, ["essay"])
    mark = TextMark(assignment="lab0", reason="", student="ann", question="essay",
                    points=Decimal("2.5"), comment="Say why.")
    decided = Decisions(marks=[replace(mark, points=Decimal(1)), mark])
    found = grade(a_course(), handed_in, decided)
    essay = found.question("essay")
    assert essay is not None and str(essay.result.message) == "Say why."
    assert (found.score, found.open) == (6.5, [])
