"""What a submission can still carry out of the deciding session: counted from the schema and the
suites, and written in docs/security.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import get_args

import pytest
from labs import REPOSITORY

from autograder import course
from autograder.course import Question
from autograder.judge.suite import Check, Suite
from autograder.result import Record, Result, Visibility

# Fields of a record for students, by where their values come from. Those of models that are listed
# as a whole are not listed one by one.
BEFORE_ANY_INPUT = {
    "Result.schema_", "Result.assignment", "Result.student", "Result.status", "Result.message",
    "Result.submission", "Result.environment", "Result.load", "Result.predictions",
    "QuestionResult.name", "QuestionResult.suite", "QuestionResult.text",
    "CheckResult.id", "CheckResult.title", "CheckResult.weight", "CheckResult.visibility",
}
EXPLAINING = {
    "CheckResult.explained", "QuestionResult.message", "QuestionResult.diagnosis",
    "QuestionResult.wiring", "QuestionResult.repair", "QuestionResult.performance",
}
OUTCOMES = {
    "CheckResult.status", "CheckResult.earned", "QuestionResult.status",
    "QuestionResult.corrected", "QuestionResult.measured",
}
FOR_STAFF = {
    "CheckResult.decided", "CheckResult.fault", "QuestionResult.unexplained", "Result.seconds",
    "Result.suspicions", "QuestionResult.skipped",
}


def fields(model: type[Record]) -> Iterator[str]:
    """Every field below ``model`` that is no list of the next level."""
    for name, field in model.model_fields.items():
        inner = next((each for each in get_args(field.annotation)
                      if isinstance(each, type) and issubclass(each, Record)), None)
        if name in ("questions", "checks") and inner is not None:
            yield from fields(inner)
        else:
            yield f"{model.__name__}.{name}"


def test_of_every_field_it_is_known_where_it_comes_from() -> None:
    """A new one has to be put into one of the lists, and, where it is an outcome, counted."""
    lists = (BEFORE_ANY_INPUT, EXPLAINING, OUTCOMES, FOR_STAFF)
    assert sorted(fields(Result)) == sorted(name for known in lists for name in known)


def sums(weights: Iterable[Fraction]) -> int:
    """In how many ways shares of points can add up."""
    found = {Fraction(0)}
    for weight in weights:
        found |= {each + weight for each in found}
    return len(found)


def bits(question: Question, checks: Iterable[Check]) -> float:
    """Of one question: each hidden check passed, failed, or failed and costs nothing; what silent
    checks add to the points; what a run on corrected helpers earned; whether it is forbidden. Of
    checks that hold a number against steps, the number: no percent, 0 to 100, or none."""
    secret = [check for check in checks if check.visibility is not Visibility.VISIBLE]
    hidden = [check for check in secret if check.visibility is Visibility.HIDDEN]
    silent = [check for check in secret if check.visibility is Visibility.SILENT]
    plain = [check for check in hidden if not check.measures]
    ways = 3 ** len(plain) * (102 if len(plain) < len(hidden) else 1)
    ways *= sums(check.weight for check in silent)
    if question.uses:
        ways *= 1 + sums(check.weight for check in secret)
    if question.forbid:
        ways *= 2
    return math.log2(ways)


ALL_CELLS = 1  # whether all cells had to run: of the whole submission


@pytest.fixture(scope="module")
def counted() -> dict[str, tuple[int, int]]:
    """Assignment -> its hidden checks, and the bits of one submission."""
    found = {}
    toml = course.load(REPOSITORY / "grader.toml")
    for name in toml.assignments:
        assignment = toml.assignment(name).examined
        suite = Suite(toml.suite(name), assignment)
        suite.close()
        number = sum(check.visibility is Visibility.HIDDEN
                     for checks in suite.checks.values() for check in checks)
        found[name] = (number, math.ceil(ALL_CELLS + sum(
            bits(question, suite.checks[question.name]) for question in assignment.questions)))
    return found


def test_the_bits_are_those_of_the_document(counted: dict[str, tuple[int, int]]) -> None:
    text = (REPOSITORY / "docs/security.md").read_text(encoding="utf-8")
    table = text.partition("<!-- bits: begin -->\n")[2].partition("<!-- bits: end -->")[0]
    assert table.splitlines() == [
        "| assignment | hidden checks | bits |", "| --- | ---: | ---: |",
        *(f"| {name} | {number} | {most} |" for name, (number, most) in counted.items())]
