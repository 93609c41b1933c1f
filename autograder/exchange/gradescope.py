"""Gradescope's results.json.

A question is a test with points, and its checks are tests without, numbered below it. Silent
checks are left out and not sent as ``hidden``: Gradescope shows a student no total at all while
any test is hidden. Outputs of tests are HTML and escaped here; everything else is ``text``, which
Gradescope escapes.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course
from autograder.exchange.format import PerStudent, as_json
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.gradebook.leaderboard import LeaderboardEntry
from autograder.names import shown, student_id
from autograder.report.prose import Prose
from autograder.report.words import visible
from autograder.result import CheckResult, Status, sentence

if TYPE_CHECKING:
    from autograder.submission import Submission


FAILED = sentence("Something went wrong on our side. Nothing of yours is lost, no points are taken "
                  "off, and you need not do anything.")


def render(grade: Grade, assignment: Assignment, board: Sequence[LeaderboardEntry] = ()) -> str:
    """results.json. ``board`` is what the student wants to show of what is timed or measured;
    Gradescope's leaderboard has a column for each, and shows the name that the student chose
    there."""
    seen, prose = for_student(grade), Prose(assignment)
    result = seen.result
    document: dict[str, Any] = {
        "output": "\n".join(prose.about_the_whole(seen)),
        "output_format": "text", "test_name_format": "text",
        "visibility": "visible", "stdout_visibility": "hidden",
        "extra_data": {"status": result.status.value, "sandbox": result.environment.sandbox,
                       "submission": result.submission.digest,
                       "suite": result.environment.suite},
    }
    if seen.is_graded:
        # Without a score of its own Gradescope would add up the tests, and forget the penalty.
        # A submission that is not graded has neither: Gradescope then says that grading failed.
        document |= {"score": seen.score, "tests": [
            test for number, question in enumerate(seen.questions, 1)
            for test in _tests(question, number, prose)]}
    if board:
        document["leaderboard"] = [_column(entry) for entry in board]
    return as_json(document)


def _column(entry: LeaderboardEntry) -> dict[str, Any]:
    if entry.ratio is None:
        return {"name": visible(entry.question), "value": entry.percent, "order": "desc"}
    return {"name": visible(f"{entry.question} ({entry.device})"),
            "value": round(entry.ratio, 3), "order": "asc"}


def _tests(question: QuestionGrade, number: int, prose: Prose) -> list[dict[str, Any]]:
    said, title = prose.about(question), prose.text(question.title)
    if question.result.status.is_undecided:
        whole = _test(str(number), title, [prose.pending, *said])
    else:
        whole = _test(str(number), title, said) | {
            "score": question.score, "max_score": question.max_score,
            "status": "passed" if question.result.status is Status.PASSED else "failed"}
    titles = prose.titles(question)
    return [whole, *(_check(check, f"{number}.{index}", titles, prose)
                     for index, check in enumerate(question.result.checks, 1))]


def _check(
    check: CheckResult, number: str, titles: dict[str, str], prose: Prose
) -> dict[str, Any]:
    lines = [prose.verdict(check), *prose.explain(check, titles)]
    test = _test(number, prose.text(check.title), lines)
    if not check.status.is_undecided:
        test["status"] = "passed" if check.status is Status.PASSED else "failed"
    return test


def _test(number: str, name: str, lines: list[str]) -> dict[str, Any]:
    return {"number": number, "name": name, "visibility": "visible",
            "output": "\n".join(map(_paragraph, lines)), "output_format": "html"}


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>"


GRADESCOPE = PerStudent("gradescope", "Gradescope's results.json; a file for each student",
                        ".gradescope.json", render)


# submission_metadata.json ---------------------------------------------------------------------

@dataclass(frozen=True)
class Circumstances:
    """Whose submission it is, and when it was handed in; None where Gradescope does not say."""

    student: str | None
    submitted_at: datetime | None
    extended_to: datetime | None  # the student's own due date, where it is not everybody's
    notes: tuple[str, ...] = ()  # for staff: times that are there, and not understood

    def applied(self, course: Course, submission: Submission) -> Submission:
        """``submission`` as theirs, with their extension: the later date counts."""
        student = submission.student if self.student is None else student_id(self.student)
        submission = replace(submission, student=student, submitted_at=self.submitted_at)
        due = course.due(submission.assignment, student)
        is_later = self.extended_to is not None and due is not None and self.extended_to > due
        return replace(submission, due=self.extended_to) if is_later else submission


def circumstances(metadata: Mapping[str, Any]) -> Circumstances:
    """What ``submission_metadata.json`` says. Of a group, the first member's due date counts.

    Students go by what Gradescope's export of submissions calls them, too: their student id,
    else their e-mail address, else their name.
    """
    from autograder.submission.times import moment  # slow to import, and formats are listed in help

    user: Mapping[str, Any] = next(iter(metadata.get("users") or []), {})
    student = next((str(user[key]) for key in ("sid", "email", "name") if user.get(key)), None)
    said = {"created_at": metadata.get("created_at"),
            "assignment.due_date": (metadata.get("assignment") or {}).get("due_date"),
            "users.assignment.due_date": (user.get("assignment") or {}).get("due_date")}
    times = {key: moment(text) for key, text in said.items() if text}
    own, everybodys = times.get("users.assignment.due_date"), times.get("assignment.due_date")
    return Circumstances(
        student, times.get("created_at"), own if own != everybodys else None,
        tuple(f"submission_metadata.json: {key} is no time with its zone: {shown(str(said[key]))!r}"
              for key, time in times.items() if time is None))
