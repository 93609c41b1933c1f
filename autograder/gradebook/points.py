"""From verdicts to points: exact fractions, rounded once, at the end.

What a check is worth stands in the result as fractions, so that other points in grader.toml need
nobody's code to run again.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from autograder.course import Assignment, Course, Question
from autograder.gradebook import lateness
from autograder.gradebook.model import CheckGrade, Grade, QuestionGrade
from autograder.result import QuestionResult, Result, SubmissionStatus


def rounded(points: Fraction, places: int = 2) -> float:
    """Half up, as people round grades."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def grade(course: Course, assignment: str, result: Result) -> Grade:
    """What the verdicts of ``result`` are worth by grader.toml as it is now.

    Questions that grader.toml does not have any more are worth nothing.

    Raises:
        KeyError: the course has no such assignment.
    """
    table = course.assignment(assignment)
    questions = [question_grade(found, asked, table) for asked in table.questions
                 if (found := result.question(asked.name)) is not None]
    raw = sum((Decimal(str(question.score)) for question in questions), Decimal(0))
    due = lateness.due(course, result)
    days = lateness.days(course.late, result.submission.submitted_at, due, course.zone)
    penalty = lateness.penalty(course.late, days, raw)
    return Grade(
        score=float(raw - penalty), max_score=float(table.points), raw_score=float(raw),
        penalty=float(penalty), late_days=days, due=due, open=_open(result, table),
        questions=questions, result=result)


def grades(course: Course, assignment: str, results: Iterable[Result]) -> list[Grade]:
    """The grades of several submissions of one assignment, in their order."""
    return [grade(course, assignment, result) for result in results]


def question_grade(
    result: QuestionResult, question: Question, assignment: Assignment
) -> QuestionGrade:
    """What the verdicts on one question are worth.

    A run on corrected helpers decides where it earns more, at its share of the points.
    """
    points = Fraction(question.points)
    earned, through = points * result.earned, None
    if result.corrected is not None:
        again = points * Fraction(str(assignment.follow_through)) * result.corrected
        if again > earned:
            earned, through = again, rounded(again)
    return QuestionGrade(
        name=question.name, title=question.title, bonus=question.bonus, score=rounded(earned),
        max_score=float(question.points), follow_through=through, result=result,
        checks=list(_check_grades(result, points)))


def _check_grades(result: QuestionResult, points: Fraction) -> Iterable[CheckGrade]:
    total = sum((check.weight for check in result.checks), Fraction(0))
    for check in result.checks:
        possible = points * check.weight / total
        yield CheckGrade(id=check.id, score=rounded(possible * check.earned, 4),
                         max_score=rounded(possible, 4), result=check)


def _open(result: Result, assignment: Assignment) -> list[str]:
    """The questions that no verdict decides yet; none where there is nothing to decide on."""
    if result.status is SubmissionStatus.UNREADABLE:
        return []
    return [asked.name for asked in assignment.questions
            if (found := result.question(asked.name)) is None or found.status.is_undecided]
