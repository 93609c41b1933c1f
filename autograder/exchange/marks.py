"""Marks for one question in free text as a table: written for people who mark in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder.course import Assignment, Policy, Question
from autograder.course.assignment import RubricItem
from autograder.course.spreadsheets import as_csv
from autograder.exchange.format import ExchangeError
from autograder.gradebook import TextMark
from autograder.report.cells import safe_cell, safe_text
from autograder.store import Store
from autograder.submission.answers import fingerprint

BEFORE, AFTER = ("assignment", "question", "student", "text"), ("points", "maximum", "comment",
                                                                "digest")
"""Columns; between these stand those of the rubric."""
STANDS = "mark"
"""The last column, which older tables lack: the number of the mark that stood."""


@dataclass(frozen=True)
class Answer:
    """What a student wrote in the hand-in that counts, and the mark that stands."""

    student: str
    text: str | None  # None: no cell answers the question
    mark: TextMark | None

    @property
    def digest(self) -> str:
        return fingerprint(self.text)

    @property
    def is_outdated(self) -> bool:
        """Whether it was marked, and is another text since."""
        return self.mark is not None and self.mark.answer not in ("", self.digest)


def text_question(assignment: Assignment, name: str) -> Question:
    """Raises ExchangeError where the assignment has no such question in free text."""
    texts = {each.name: each for each in assignment.questions if each.kind == "text"}
    if name not in texts:
        there = f"there are: {', '.join(texts)}" if texts else "it has none"
        raise ExchangeError(f"{assignment.name} has no question {name!r} in free text; {there}")
    return texts[name]


def answers(
    store: Store, assignment: Assignment, question: Question, policy: Policy | None = None
) -> tuple[list[Answer], list[str]]:
    """Everybody's answer, and a line for staff about each hand-in that is graded and was not asked
    the question."""
    decisions, found, notes = store.decisions(), [], []
    for result in store.counting(assignment.name, policy):
        said = result.question(question.name)
        if said is not None:
            mark = decisions.mark(assignment.name, result.student, question.name)
            found.append(Answer(result.student, said.text, mark))
        elif result.is_graded:
            notes.append(f"{result.student}: was graded before {question.name} was asked; run "
                         f"`autograder grade {assignment.name}` again")
    return found, notes


def answer(store: Store, assignment: Assignment, question: Question, student: str
           ) -> Answer | None:
    """One student's; None where nothing of theirs counts, or they were not asked the question."""
    number = store.counting_numbers(assignment.name).get(student)
    said = None if number is None else store.result(number).question(question.name)
    if said is None:
        return None
    mark = store.decisions().mark(assignment.name, student, question.name)
    return Answer(student, said.text, mark)


def table(assignment: Assignment, question: Question, rows: Iterable[tuple[str, Answer]]) -> str:
    """The table of these answers, each with the name to show for its student."""
    return as_csv([
        [*BEFORE, *map(heading, question.rubric), *AFTER, STANDS],
        *(_row(assignment, question, name, answer)
          for name, answer in sorted(rows, key=lambda row: row[0]))])


def _row(assignment: Assignment, question: Question, name: str, answer: Answer) -> list[object]:
    mark, items = answer.mark, shown_items(question, answer.mark)
    return [
        assignment.name, question.name, safe_cell(name), safe_text(answer.text or ""),
        *(written(items.get(item.text)) for item in question.rubric),
        written(mark.points if mark else None), f"{question.points:f}",
        safe_text(mark.comment) if mark else "", answer.digest, mark.number if mark else ""]


def shown_items(question: Question, mark: TextMark | None) -> Mapping[str, Decimal]:
    """What a mark has for the lines of the rubric; nothing where it was given by another rubric."""
    lines = {item.text for item in question.rubric}
    return mark.items if mark and mark.items.keys() == lines else {}


def heading(item: RubricItem) -> str:
    """The title of a rubric item's column."""
    return safe_cell(f"{item.text} (of {item.points:f})")


def written(points: Decimal | None) -> str:
    return "" if points is None else f"{points:f}"


def open_texts(found: Sequence[Answer]) -> list[str]:
    """Whose text nobody has marked yet."""
    return [answer.student for answer in found if answer.mark is None]
