"""How somebody stands at an assignment, put together from what intake and gradebook say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.course import Assignment
from autograder.gradebook import Book, Grade
from autograder.gradebook.totals import Total
from autograder.intake.receiving import Left, left
from autograder.intake.whose import own
from autograder.store import Arrival, State
from autograder.web.asking import AsksAsMember, AsksAtHandIn


@dataclass(frozen=True)
class Standing:
    """A person at an assignment. ``total`` is what counts; None where nothing does yet."""

    assignment: Assignment
    due: datetime | None
    is_extended: bool
    left: Left
    total: Total | None
    arrivals: Sequence[Arrival]  # one's own, the newest first

    @property
    def newest(self) -> Arrival | None:
        return self.arrivals[0] if self.arrivals else None

    @property
    def is_past(self) -> bool:
        """Whether what is handed in now is late."""
        return self.due is not None and datetime.now(UTC) > self.due


def standing(asks: AsksAsMember, assignment: Assignment, book: Book) -> Standing:
    """How who asks stands at an assignment."""
    student, now = asks.person.id, datetime.now(UTC)
    due = book.due(assignment.name, student)
    return Standing(
        assignment, due, bool(due and assignment.due and due > assignment.due),
        left(asks.course, asks.store, asks.people, asks.person, assignment.name, now),
        book.totals(student).get(assignment.name),
        own(asks.store, asks.people, asks.person, assignment.name))


def result_of(asks: AsksAtHandIn) -> tuple[str, int] | None:
    """Of whom a hand-in's result is, to whom asks, and its number; None where there is none."""
    arrival = asks.arrival
    if arrival.submission is None or arrival.state is State.WAITING:
        return None
    student = _whose(asks)
    number = asks.store.number_of_hand_in(student, arrival.assignment, arrival.submission)
    return None if number is None else (student, number)


def grade_of(asks: AsksAtHandIn) -> Grade | None:
    """What a hand-in is worth to whom it is of; None where it is not graded."""
    arrival, student = asks.arrival, _whose(asks)
    if arrival.submission is None or arrival.state is State.WAITING:
        return None
    result = asks.store.of_hand_in(student, arrival.assignment, arrival.submission)
    return None if result is None else asks.store.desk(student=student).grade(result)


def _whose(asks: AsksAtHandIn) -> str:
    return asks.arrival.student if asks.sees(asks.arrival.student) else asks.person.id
