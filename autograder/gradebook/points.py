"""Makes grades: a total, and the verdicts that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from autograder.course import Assignment, Course, Question
from autograder.gradebook.decisions import NOTHING, Decisions, TextMark
from autograder.gradebook.model import (
    AdjustmentGrade,
    CheckGrade,
    Grade,
    QuestionGrade,
    RubricGrade,
)
from autograder.gradebook.totals import Earned, QuestionTotal, Total, earned, rounded, total, worth
from autograder.gradebook.verdicts import Verdicts
from autograder.result import QuestionResult, Result, Status, sentence


def grade(course: Course, result: Result, decisions: Decisions = NOTHING, slip_days: int = 0
          ) -> Grade:
    """What the verdicts of ``result`` are worth by grader.toml as it is now, and by what staff
    decided.

    Args:
        slip_days: late days that cost nothing; of a whole term, ``Book`` knows how many.

    Raises:
        KeyError: the course has no such assignment.
    """
    own = earned(course, Verdicts.of(result), decisions)
    whole = total(course, own, slip_days)
    return Grade(
        score=float(whole.score), max_score=float(own.full), raw_score=float(own.raw),
        penalty=float(whole.penalty), late_days=own.late_days, slip_days=slip_days,
        due=own.due, open=whole.open, adjustments=_adjustments(whole),
        questions=list(_questions(own, result)), is_graded=whole.is_decided,
        result=result)


def question_grade(
    result: QuestionResult, question: Question, assignment: Assignment
) -> QuestionGrade:
    """What the verdicts on one question are worth, whatever staff decided."""
    score, through = worth(
        question.points, result.earned, result.corrected, assignment.follow_through)
    return _graded(result, question, score, score if through else None)


def _questions(own: Earned, result: Result) -> Iterable[QuestionGrade]:
    for name, each in own.questions.items():
        found = result.question(name)
        if each.question.kind == "text":
            yield _marked(each, found.text if found else None, result.is_graded)
        elif found is not None:
            yield _graded(found, each.question, each.score, each.follow_through, each.waived)


def _marked(found: QuestionTotal, text: str | None, is_graded: bool) -> QuestionGrade:
    """What is said of a free text, on which there is no verdict but somebody's mark: it waits, or
    it is marked, and never wrong."""
    asked, mark = found.question, found.mark
    waits = found.is_open or not (mark or is_graded)
    said = sentence("{comment}", comment=mark.comment) if mark and mark.comment else None
    verdict = QuestionResult(
        name=asked.name, status=Status.DEFERRED if waits else Status.PASSED, text=text,
        message=sentence("Not marked yet.") if waits else said)
    graded = _graded(verdict, asked, found.score, None)
    return graded.model_copy(update={"rubric": list(_rubric(asked, mark))})


def _rubric(asked: Question, mark: TextMark | None) -> Iterable[RubricGrade]:
    """The lines of the rubric, and those of an earlier one by which it was marked."""
    given, possible = dict(mark.items) if mark else {}, {
        item.text: item.points for item in asked.rubric}
    for text in dict.fromkeys([*possible, *given]):
        points = given.get(text)
        yield RubricGrade(text=text, score=None if points is None else float(points),
                          max_score=float(possible.get(text, points or 0)))


def _graded(
    result: QuestionResult, question: Question, score: Decimal, through: Decimal | None,
    waived: Iterable[str] = (),
) -> QuestionGrade:
    return QuestionGrade(
        name=question.name, title=question.title, kind=question.kind, bonus=question.bonus,
        score=float(score), max_score=float(question.points),
        follow_through=None if through is None else float(through), waived=list(waived),
        result=result, checks=list(_checks(result, Fraction(question.points))))


def _checks(result: QuestionResult, points: Fraction) -> Iterable[CheckGrade]:
    whole = sum((check.weight for check in result.checks), Fraction(0))
    for check in result.checks:
        possible = points * check.weight / whole
        yield CheckGrade(id=check.id, score=float(rounded(possible * check.earned, 4)),
                         max_score=float(rounded(possible, 4)), result=check)


def _adjustments(whole: Total) -> list[AdjustmentGrade]:
    return [AdjustmentGrade(
        question=each.adjustment.question, kind=each.adjustment.kind,
        change=float(each.change), comment=each.adjustment.comment,
        number=each.adjustment.number, by=each.adjustment.by, reason=each.adjustment.reason)
        for each in whole.adjusted]
