"""grades.csv: one row for each student, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course import Assignment
from autograder.course.roster import Person
from autograder.course.spreadsheets import as_csv
from autograder.gradebook import Grade, QuestionGrade
from autograder.report.cells import safe_cell
from autograder.report.class_list import NOBODY, ClassList
from autograder.report.words import newer_note, points, say
from autograder.whole_files import write_whole


def write_csv(grades: Sequence[Grade], assignment: Assignment, path: Path,
              people: ClassList = NOBODY) -> None:
    """Write the class's grades, sorted by student, to ``path`` (UTF-8, comma-separated).

    Scores of submissions that are not graded, and of questions that have to be graded again,
    are left empty: they are unknown, not 0. So are those of people who handed in nothing.
    """
    questions = [question.name for question in assignment.questions]
    figures = (*questions, "raw score", "late days", "penalty", "score")
    write_whole(path, as_csv([
        ["student", "name", "section", "team", "assignment", "status", *figures, "max score",
         "message"],
        *([*_who(people.roster.person(grade.student)), *_row(grade, questions)]
          for grade in sorted(grades, key=lambda grade: grade.student)),
        *([*_who(person), safe_cell(assignment.name), "missing", *("" for _ in figures),
           points(assignment.points), ""] for person in people.missing)]))


def _who(person: Person) -> list[str]:
    return [safe_cell(each) for each in (person.id, person.name, person.section, person.team)]


def _row(grade: Grade, questions: Sequence[str]) -> list[str]:
    is_graded, message = grade.is_graded, grade.result.message
    return [
        safe_cell(grade.assignment),
        grade.status_word,
        *(_score(grade.question(name)) if is_graded else "" for name in questions),
        points(grade.raw_score) if is_graded else "",
        str(grade.late_days),
        points(grade.penalty) if is_graded else "",
        points(grade.score) if is_graded else "",
        points(grade.max_score),
        safe_cell(say(message) if message else newer_note(grade.newer)),
    ]


def _score(answer: QuestionGrade | None) -> str:
    if answer is None or answer.result.status.is_undecided:
        return ""
    return points(answer.score)
