"""Marking a text at a desk: whose turn it is, and what is written down of a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Question
from autograder.exchange.marks import Answer, shown_items, written
from autograder.exchange.marks_given import MarkMistake, given
from autograder.gradebook import TextMark
from autograder.result import sentence
from autograder.store import Store


@dataclass(frozen=True)
class Pile:
    """Whose answers to a question somebody may mark, in order, and the marks that stand."""

    marks: Mapping[str, TextMark | None]

    @classmethod
    def of(cls, store: Store, assignment: str, question: str, sees: Callable[[str], bool]) -> Pile:
        """The answers of those whom ``sees`` is true of."""
        decisions = store.decisions()
        return cls({student: decisions.mark(assignment, student, question)
                    for student in sorted(store.counting_numbers(assignment)) if sees(student)})

    @property
    def waiting(self) -> list[str]:
        return [student for student, mark in self.marks.items() if mark is None]

    def beside(self, student: str) -> tuple[str | None, str | None]:
        """Who comes before, and who after."""
        order: list[str | None] = [None, *self.marks, None]
        place = order.index(student)
        return order[place - 1], order[place + 1]

    def next(self, student: str) -> str | None:
        """Who comes next of those who wait; after the last one, the first again."""
        waiting = [each for each in self.waiting if each != student]
        return next((each for each in waiting if each > student), waiting[0] if waiting else None)


@dataclass(frozen=True)
class Entered:
    """What somebody has written down, or finds written: points for the whole, a comment, and points
    for each line of the rubric."""

    points: str
    comment: str
    items: Sequence[str]

    @classmethod
    def of(cls, question: Question, answer: Answer) -> Entered:
        """The mark that stands."""
        items, mark = shown_items(question, answer.mark), answer.mark
        return cls(written(mark.points) if mark and not items else "", mark.comment if mark else "",
                   [written(items.get(each.text)) for each in question.rubric])

    def fits(self, question: Question, lines: Sequence[str]) -> bool:
        """Whether it was written down for a rubric of these lines, and that is the question's."""
        return [*lines] == [each.text for each in question.rubric] and len(lines) == len(self.items)

    def mark(self, assignment: str, question: Question, answer: Answer, digest: str) -> TextMark:
        """The mark that it is for an answer, which was shown with ``digest``.

        Raises:
            MarkMistake: it is none, or was given for another text.
        """
        if digest != answer.digest:
            raise MarkMistake(sentence(
                "the student has handed in another text since; this is the new one"))
        cells = {line.text: cell.strip()
                 for line, cell in zip(question.rubric, self.items, strict=True)}
        found = given(question, self.points.strip(), cells)
        if found is None:
            raise MarkMistake(sentence("no points were given; give 0 where there are none"))
        return TextMark(
            assignment=assignment, student=answer.student, question=question.name,
            points=found.points, items=found.items, comment=self.comment, reason="",
            answer=digest)
