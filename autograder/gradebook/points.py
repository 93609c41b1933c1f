"""From verdicts to points: exact fractions, rounded once, at the end.

What a check is worth stands in the result as fractions, so that other points in grader.toml need
nobody's code to run again.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from autograder.course import Assignment, Question
from autograder.result import QuestionResult, Result, Status, SubmissionStatus


def rounded(points: Fraction, places: int = 2) -> float:
    """Half up, as people round grades."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def scored(
    result: QuestionResult, question: Question, assignment: Assignment
) -> QuestionResult:
    """``result`` with the points that ``question`` gives for its verdicts, whatever it had.

    A run on corrected helpers decides where it earns more, at its share of the points.
    """
    points = Fraction(question.points)
    total = sum((check.weight for check in result.checks), Fraction(0))
    checks, earned = [], Fraction(0)
    for check in result.checks:
        possible = points * check.weight / total
        earned += possible * check.earned
        checks.append(check.model_copy(update={
            "score": rounded(possible * check.earned, 4), "max_score": rounded(possible, 4)}))
    if result.status is Status.FORBIDDEN:
        earned = Fraction(0)
    through = None
    if result.corrected is not None:
        again = points * Fraction(str(assignment.follow_through)) * result.corrected
        if again > earned:
            earned, through = again, rounded(again)
    return result.model_copy(update={
        "title": question.title, "bonus": question.bonus, "checks": checks,
        "score": rounded(earned), "max_score": float(question.points), "follow_through": through})


def summed(result: Result, assignment: Assignment, questions: Iterable[QuestionResult]) -> Result:
    """``result`` with these questions, in the assignment's order, and with their sum."""
    known = {question.name: question for question in questions}
    ordered = [known[question.name] for question in assignment.questions if question.name in known]
    raw = float(sum((Decimal(str(question.score)) for question in ordered), Decimal(0)))
    return result.model_copy(update={
        "questions": ordered, "score": raw, "raw_score": raw,
        "max_score": float(assignment.points)})


def rescored(result: Result, assignment: Assignment) -> Result:
    """``result`` by the points that grader.toml gives now, before any penalty."""
    if result.status is not SubmissionStatus.GRADED:
        return result.model_copy(update={"max_score": float(assignment.points)})
    asked = {question.name: question for question in assignment.questions}
    return summed(result, assignment, [
        scored(question, asked[question.name], assignment) for question in result.questions])
