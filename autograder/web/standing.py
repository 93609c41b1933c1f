"""How whoever asks stands at an assignment, and what a hand-in brought them."""

from __future__ import annotations

from autograder.course import Assignment
from autograder.gradebook import Book, Grade, Total
from autograder.intake.standing import Standing
from autograder.intake.standing import standing as of_person
from autograder.store import State
from autograder.web.asking import AsksAsMember, AsksAtHandIn
from autograder.web.turned_away import not_read, not_there


def standing(asks: AsksAsMember, assignment: Assignment, book: Book) -> Standing:
    """How who asks stands at an assignment."""
    return of_person(asks.course, asks.store, asks.people, asks.person, assignment, book)


def result_of(asks: AsksAtHandIn) -> tuple[str, int, bool] | None:
    """A hand-in's result to whom asks: whose, its number, if they are told who handed it in."""
    number = None if (of := _found_by(asks)) is None else asks.store.number_of_hand_in(*of)
    return number if number is None else (
        asks.student, number, asks.is_told_of(asks.arrival.student))


def total_of(asks: AsksAtHandIn) -> Total | None:
    """What a hand-in is worth to whom it is of; None where it is not graded."""
    return None if (of := _found_by(asks)) is None else asks.store.total_of_hand_in(*of)


def grade_of(asks: AsksAtHandIn) -> Grade:
    """The same, with all that is said of it. Raises TurnedAway."""
    result = None if (of := _found_by(asks)) is None else asks.store.of_hand_in(*of)
    if result is None:
        raise not_there() if result_of(asks) is None else not_read()
    grade = asks.store.desk(student=result.student).grade(result)
    return grade if asks.is_told_of(asks.arrival.student) else grade.of_the_team()


def _found_by(asks: AsksAtHandIn) -> tuple[str, str, str] | None:
    """Student, assignment and digest of a hand-in's result; None where it is not graded."""
    arrival = asks.arrival
    if arrival.submission is None or arrival.state is State.WAITING:
        return None
    return asks.student, arrival.assignment, arrival.submission
