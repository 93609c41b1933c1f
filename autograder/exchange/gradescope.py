"""Gradescope's results.json.

A question is a test with points, and its checks are tests without, numbered below it. Silent
checks are left out and not sent as ``hidden``: Gradescope shows a student no total at all while
any test is hidden. Everything is ``text``, which Gradescope escapes.
"""

from __future__ import annotations

from typing import Any

from autograder.course import Assignment
from autograder.exchange import prose
from autograder.exchange.format import PerStudent, as_json
from autograder.report.words import PENDING, late_sentence
from autograder.result import CheckResult, QuestionResult, Result, Status, for_student


def render(result: Result, assignment: Assignment) -> str:
    seen = for_student(result)
    late = late_sentence(seen)
    document: dict[str, Any] = {
        "output": "\n".join(prose.why_not_graded(seen) or ([prose.text(late)] if late else [])),
        "output_format": "text", "test_output_format": "text", "test_name_format": "text",
        "visibility": "visible", "stdout_visibility": "hidden",
        "execution_time": round(seen.seconds),
        "extra_data": {"status": seen.status.value, "submission": seen.submission.digest,
                       "suite": seen.environment.suite},
    }
    if prose.is_graded(seen):
        # Without a score of its own Gradescope would add up the tests, and forget the penalty.
        # A submission that is not graded has neither: Gradescope then says that grading failed.
        document |= {"score": seen.score, "tests": [
            test for number, question in enumerate(seen.questions, 1)
            for test in _tests(question, number, assignment)]}
    return as_json(document)


def _tests(question: QuestionResult, number: int, assignment: Assignment) -> list[dict[str, Any]]:
    whole = _test(str(number), question.title, prose.about(question, assignment))
    if question.status in PENDING:
        whole["output"] = "\n".join([prose.text("pending"), whole["output"]]).strip()
    else:
        whole |= {"score": question.score, "max_score": question.max_score}
        whole["status"] = "passed" if question.status is Status.PASSED else "failed"
    titles = prose.titles(question)
    return [whole, *(_check(check, f"{number}.{index}", titles)
                     for index, check in enumerate(question.checks, 1))]


def _check(check: CheckResult, number: str, titles: dict[str, str]) -> dict[str, Any]:
    test = _test(number, check.title, [prose.verdict(check), *prose.explain(check, titles)])
    if check.status not in PENDING:
        test["status"] = "passed" if check.status is Status.PASSED else "failed"
    return test


def _test(number: str, name: str, lines: list[str]) -> dict[str, Any]:
    return {"number": number, "name": prose.text(name), "output": "\n".join(lines),
            "visibility": "visible"}


GRADESCOPE = PerStudent("gradescope", "Gradescope's results.json; a file for each student",
                        ".gradescope.json", render)
