"""CTRF, the Common Test Report Format: JSON for tools that show test reports.

A check that has not run yet is ``pending``; what we could not grade, or not read, is ``other``.
Points stand in ``extra``, the one place where the format allows more keys.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograder.course import Assignment
from autograder.exchange.format import PerStudent, as_json
from autograder.gradebook import CheckGrade, Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.report.words import visible
from autograder.result import Status

SPECIFICATION = "0.1.0"
_STATUSES = {Status.PASSED: "passed", Status.DEFERRED: "pending", Status.INTERNAL: "other"}
_ALL = ("passed", "failed", "skipped", "pending", "other")


def render(grade: Grade, assignment: Assignment) -> str:
    seen, prose = for_student(grade), Prose(assignment)
    extra: dict[str, Any] = {"student": visible(seen.student), "status": seen.result.status.value}
    if seen.is_graded:
        tests = [_test(check, question, prose)
                 for question in seen.questions for check in question.checks]
        extra |= {
            "score": seen.score, "max_score": seen.max_score, "raw_score": seen.raw_score,
            "penalty": seen.penalty, "questions": [_question(each) for each in seen.questions]}
    else:
        tests = [{"name": "submission", "status": "other", "duration": 0,
                  "suite": [assignment.name], "rawStatus": seen.result.status.value,
                  "message": "\n".join(prose.why_not_graded(seen.result))}]
    return as_json({
        "reportFormat": "CTRF", "specVersion": SPECIFICATION,
        "generatedBy": "autograder",
        "results": {
            "tool": {"name": "autograder", "version": seen.result.environment.autograder},
            "summary": _summary(tests),
            "tests": tests, "extra": extra,
        },
    })


def _summary(tests: list[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(test["status"] for test in tests)
    return {
        "tests": len(tests),
        **{status: counts[status] for status in _ALL},
        # How long it took would tell of secret inputs; the fields are required.
        "start": 0, "stop": 0, "duration": 0,
    }


def _test(graded: CheckGrade, question: QuestionGrade, prose: Prose) -> dict[str, Any]:
    check = graded.result
    test: dict[str, Any] = {
        "name": prose.text(check.title),
        "status": _STATUSES.get(check.status, "failed"), "rawStatus": check.status.value,
        "duration": 0,  # not measured for each check
        "suite": [prose.assignment.name, question.name],
        "extra": _points(graded),
    }
    lines = prose.explain(check, prose.titles(question))
    return test | ({"message": "\n".join(lines)} if lines else {})


def _question(question: QuestionGrade) -> dict[str, Any]:
    return {"name": question.name, "status": question.result.status.value, **_points(question),
            "bonus": question.bonus}


def _points(of: CheckGrade | QuestionGrade) -> dict[str, float]:
    known = {} if of.result.status.is_undecided else {"score": of.score}
    return known | {"max_score": of.max_score}


CTRF = PerStudent("ctrf", "Common Test Report Format (JSON); a file for each student",
                  ".ctrf.json", render)
