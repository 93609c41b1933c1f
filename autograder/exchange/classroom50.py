"""Classroom 50's result.json, as its runner asks it of an autograder.py.

The runner says in the environment whose submission this is, and adds the repository's owner.
Scores are whole numbers there, so they are hundredths of points.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from autograder.course import Assignment
from autograder.exchange.format import ExchangeError, PerStudent, as_json
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.result import Status

_FIELDS = {"classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG",
           "commit": "COMMIT_URL", "release": "RELEASE_URL"}


def render(grade: Grade, assignment: Assignment) -> str | None:
    """None when it is not graded: without a file the runner itself records an error."""
    if not grade.is_graded:
        return None
    seen = for_student(grade)  # the runner publishes the file
    prose = Prose(assignment)
    handed_in = seen.result.submission.submitted_at or datetime.now(UTC)
    return as_json({
        "schema": "classroom50/result/v1",
        **_circumstances(os.environ),
        "datetime": f"{handed_in.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **_scores(seen.score, seen.max_score),
        "tests": [_test(question, prose) for question in seen.questions if not _waits(question)],
    })


def _circumstances(environment: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in _FIELDS.values() if not environment.get(name)]
    if missing:
        raise ExchangeError(
            f"classroom50 needs {', '.join(missing)} in the environment; "
            "run it in an autograder.py of Classroom 50, whose runner sets them")
    found = {field: environment[name] for field, name in _FIELDS.items()}
    return found | {"review": environment.get("REVIEW_URL") or found["commit"]}


def _waits(question: QuestionGrade) -> bool:
    """Whether a text is not marked yet. A test has passed or failed there, and it has done neither.
    """
    return question.kind == "text" and question.result.status.is_undecided


def _test(question: QuestionGrade, prose: Prose) -> dict[str, Any]:
    pending = f" ({prose.pending})" if question.result.status.is_undecided else ""
    return {"test-name": prose.text(question.title) + pending,
            "passed": question.result.status is Status.PASSED,
            **_scores(question.score, question.max_score)}


def _scores(score: float, max_score: float) -> dict[str, int]:
    """A score over its maximum is refused, so what bonus questions add beyond it is lost."""
    return {"score": min(_hundredths(score), _hundredths(max_score)),
            "max-score": _hundredths(max_score)}


def _hundredths(points: float) -> int:
    return int((Decimal(str(points)) * 100).to_integral_value(ROUND_HALF_UP))


CLASSROOM50 = PerStudent(
    "classroom50", "Classroom 50's result.json, from inside its runner",
    ".classroom50.json", render)
