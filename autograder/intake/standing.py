"""Where somebody stands with an assignment: when it is due, what may still be handed in, what
counts; and where a class does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.course import Assignment, Course
from autograder.course.roster import Person, Roster
from autograder.gradebook import Book, lateness
from autograder.gradebook.totals import Total
from autograder.intake.receiving import Left, left
from autograder.intake.whose import newest, own
from autograder.store import Arrival, Store


@dataclass(frozen=True)
class Standing:
    """A person at an assignment. ``total`` is what counts; None where nothing does yet."""

    assignment: Assignment
    due: datetime | None
    is_extended: bool
    is_past: bool  # what is handed in now is late
    left: Left
    total: Total | None
    arrivals: Sequence[Arrival]  # one's own, the newest first

    @property
    def score(self) -> float | None:
        """The points that count; None where nothing does yet."""
        return float(self.total.score) if self.total and self.total.is_decided else None

    @property
    def newest(self) -> Arrival | None:
        return self.arrivals[0] if self.arrivals else None


def standing(course: Course, store: Store, people: Roster, person: Person, assignment: Assignment,
             book: Book) -> Standing:
    """How ``person`` stands at an assignment."""
    now, due = datetime.now(UTC), book.due(assignment.name, person.id)
    arrivals = own(store, people, person, assignment.name)
    return Standing(
        assignment, due, bool(due and assignment.due and due > assignment.due),
        due is not None and lateness.is_late(course.late, now, due),
        left(course, store, people, person, assignment.name, now,
             before=None if people.has_teams else arrivals),
        book.totals(person.id).get(assignment.name), arrivals)


@dataclass(frozen=True)
class ClassLine:
    """Somebody at an assignment: the newest hand-in, one's own or the team's, and what counts."""

    person: Person
    newest: Arrival | None
    total: Total | None

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing of them."""
        return self.newest is None and self.total is None

    def is_found(self, word: str, section: str) -> bool:
        """Whether they are in the section, and their id, name or address has the word in it, in
        whatever letter case; nothing is anybody's."""
        person = self.person
        return section in ("", *person.sections) and any(
            word.strip().casefold() in each.casefold()
            for each in (person.id, person.name, person.email))


def class_lines(store: Store, people: Roster, assignment: str) -> list[ClassLine]:
    """Everybody who is a student, has handed in, or was given points, by their ids."""
    book, handed_in = store.book(), newest(store, people, assignment)
    known = {*handed_in, *book.students, *(each.id for each in people.students)}
    return [ClassLine(people.person(student), handed_in.get(student),
                      book.totals(student).get(assignment)) for student in sorted(known)]
