"""The retired GitHub Classroom's runner results, for forks of its autograding reporter.

A runner hands them to the reporter in base64. The reporter adds up the scores of all tests, so a
penalty is a test of its own; and where ``max_score`` is 0 it reports no points at all, which is
how a submission without a score is said.
"""

from __future__ import annotations

from typing import Any

from autograder.course import Assignment
from autograder.exchange.format import PerStudent, as_json
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.report.words import late_sentence, one_line
from autograder.result import Status


def render(grade: Grade, assignment: Assignment) -> str:
    seen, prose = for_student(grade), Prose(assignment)
    if seen.is_graded:
        tests = [_question(question, prose) for question in seen.questions]
        if seen.penalty and (late := late_sentence(seen)):
            tests.append(_test("late", "fail", -seen.penalty, prose.text(late)))
        max_score = seen.max_score
    else:
        said = "\n".join(prose.why_not_graded(seen.result))
        tests, max_score = [_test("submission", "error", 0.0, said)], 0.0
    statuses = {test["status"] for test in tests}
    status = next((each for each in ("fail", "error") if each in statuses), "pass")
    return as_json({"version": 1, "status": status, "max_score": max_score, "tests": tests})


def _question(question: QuestionGrade, prose: Prose) -> dict[str, Any]:
    name, said = prose.text(question.title), prose.checklist(question)
    if question.result.status.is_undecided:
        return _test(f"{name} ({prose.pending})", "error", 0.0, f"{prose.pending}\n{said}")
    passed = question.result.status is Status.PASSED
    return _test(name, "pass" if passed else "fail", question.score, said)


def _test(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    # On one line each, because the reporter prints them into a log where GitHub takes a line that
    # begins with `::` for a command. A line number that is not 0, or not there, is printed too.
    return {"name": one_line(name), "status": status, "score": score,
            "message": one_line(message), "line_no": 0}


GITHUB_CLASSROOM = PerStudent(
    "github-classroom", "Runner results for forks of GitHub Classroom's autograding reporter",
    ".github-classroom.json", render)
