"""How whoever asks stands at an assignment, and what a hand-in brought them."""

from __future__ import annotations

from autograder.course import Assignment
from autograder.gradebook import Book, Grade
from autograder.intake.standing import Standing
from autograder.intake.standing import standing as of_person
from autograder.store import State
from autograder.web.asking import AsksAsMember, AsksAtHandIn


def standing(asks: AsksAsMember, assignment: Assignment, book: Book) -> Standing:
    """How who asks stands at an assignment."""
    return of_person(asks.course, asks.store, asks.people, asks.person, assignment, book)


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
