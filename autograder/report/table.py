"""grades.csv: one row for each student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Assignment
from autograder.report.files import write_whole
from autograder.report.statistics import answers
from autograder.report.words import one_line, points, say
from autograder.result import QuestionResult, Result, Status, SubmissionStatus

# A spreadsheet computes a cell that starts so. It may also split a cell at another separator
# than ours, so that the middle of a cell becomes the start of one. Full-width signs count too.
_FORMULA = re.compile(r"""(^|[,;|"'])(\s*)(?=[=+\-@＝＋－＠])""")


def write_csv(results: Sequence[Result], assignment: Assignment, path: Path) -> None:
    """Write the class's grades, sorted by student, to ``path`` (UTF-8, comma-separated).

    Scores of submissions that are not graded, and of questions that have to be graded again,
    are left empty: they are unknown, not 0.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    questions = [question.name for question in assignment.questions]
    writer.writerow([
        "student", "assignment", "status", *questions,
        "raw score", "late days", "penalty", "score", "max score", "message",
    ])
    for result in sorted(results, key=lambda result: result.student):
        writer.writerow(_row(result, questions))
    write_whole(path, file.getvalue())


def _row(result: Result, questions: Sequence[str]) -> list[str]:
    is_graded = result.status is SubmissionStatus.GRADED
    given = answers(result) if is_graded else {}
    return [
        safe_cell(result.student),
        safe_cell(result.assignment),
        result.status.value,
        *(_score(given.get(question)) for question in questions),
        points(result.raw_score) if is_graded else "",
        str(result.submission.late_days),
        points(result.penalty) if is_graded else "",
        points(result.score) if is_graded else "",
        points(result.max_score),
        safe_cell(say(result.message)) if result.message else "",
    ]


def _score(answer: QuestionResult | None) -> str:
    return "" if answer is None or answer.status is Status.INTERNAL else points(answer.score)


def safe_cell(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1\2'", one_line(text))
