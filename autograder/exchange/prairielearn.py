"""PrairieLearn's results.json of external graders.

A submission that is not graded is not ``gradable``: it costs the student no attempt.
"""

from __future__ import annotations

from typing import Any

from autograder.course import Assignment
from autograder.exchange.format import PerStudent, as_json
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.result import sentence

LARGEST = 1_000_000
"""Bytes; PrairieLearn takes no larger result."""


def render(grade: Grade, assignment: Assignment) -> str:
    seen, prose = for_student(grade), Prose(assignment)
    if not seen.is_graded:
        return as_json({"gradable": False, "message": "\n".join(prose.why_not_graded(seen.result))})
    share = seen.score / seen.max_score if seen.max_score else 0.0
    document: dict[str, Any] = {
        "gradable": True,
        "score": min(share, 1.0),  # bonus questions can bring more, which PrairieLearn refuses
        "message": "\n".join(prose.about_the_whole(seen)),
        "tests": [_test(question, prose) for question in seen.questions],
    }
    if len(as_json(document)) > LARGEST:
        for test in document["tests"]:
            test["output"] = prose.text(sentence("too long to show"))
    return as_json(document)


def _test(question: QuestionGrade, prose: Prose) -> dict[str, Any]:
    test = {"name": prose.text(question.title), "description": question.name,
            "output": prose.checklist(question)}
    if question.result.status.is_undecided:
        return test | {"message": prose.pending}
    return test | {"points": question.score, "max_points": question.max_score}


PRAIRIELEARN = PerStudent(
    "prairielearn", "PrairieLearn's results.json; a file for each student",
    ".prairielearn.json", render)
