"""The desk: the class of an assignment, one person, more time, a regrade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.course.dates import placed
from autograder.course.roster import Person
from autograder.gradebook import Extension, Whom
from autograder.gradebook.totals import Total
from autograder.result import sentence
from autograder.store import Arrival
from autograder.web import answers
from autograder.web.asking import StaffChanging, StaffMember
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import written
from autograder.web.turned_away import TurnedAway, not_there

endpoints = Endpoints(prefix="/staff", include_in_schema=False)

Reason = Annotated[str, Form(min_length=1, max_length=500)]


@dataclass(frozen=True)
class ClassLine:
    """Somebody at an assignment: the newest hand-in, and what counts."""

    person: Person
    newest: Arrival | None
    total: Total | None


@endpoints.get("")
def desk(asks: StaffMember) -> Response:
    arrivals = asks.store.arrivals.all()
    many = {name: len({each.student for each in arrivals if each.assignment == name})
            for name in asks.course.assignments}
    return answers.page(
        "desk.html.j2", asks, title=sentence("The desk"), many=many,
        queue=asks.store.arrivals.queue(), students=len(asks.people.students),
        open=[each for each in asks.store.requests.all() if each.closed is None])


@endpoints.get("/assignments/{name}")
def class_of(asks: StaffMember, name: str) -> Response:
    if name not in asks.course.assignments:
        raise not_there()
    book = asks.store.book()
    newest: dict[str, Arrival] = {}
    for each in asks.store.arrivals.all(assignment=name):
        newest.setdefault(each.student, each)
    known = {*newest, *book.students, *(each.id for each in asks.people.students)}
    lines = [ClassLine(asks.people.person(student), newest.get(student),
                       book.totals(student).get(name)) for student in sorted(known)]
    return answers.page(
        "class_of.html.j2", asks, about=asks.course.assignments[name],
        assignment=asks.course.assignments[name],
        lines=[each for each in lines if each.newest or each.total],
        missing=[each.person for each in lines if not (each.newest or each.total)])


@endpoints.get("/people/{student}")
def person(asks: StaffMember, student: str) -> Response:
    book = asks.store.book()
    arrivals = asks.store.arrivals.all(students=[student])
    if student not in asks.people.people and student not in book.students and not arrivals:
        raise not_there()
    totals = book.totals(student)
    return answers.page(
        "person.html.j2", asks, title=asks.people.person(student).shown,
        person=asks.people.person(student), arrivals=arrivals,
        assignments=asks.course.assignments, totals=totals,
        due={name: book.due(name, student) for name in asks.course.assignments},
        requests=asks.store.requests.all(student=student))


@endpoints.post("/people/{student}/extensions")
def extend(asks: StaffChanging, student: str, name: Annotated[str, Form()],
           until: Annotated[datetime, Form()], why: Reason) -> Response:
    """More time, until a time as clocks in the course show it."""
    book = asks.store.book()
    if name not in asks.course.assignments or not (
            student in asks.people.people or student in book.students):
        raise not_there()
    due = book.due(name, student)
    later = until if until.tzinfo else placed(until, asks.course.zone or UTC)
    if due is None or later <= due:
        raise TurnedAway(409, "due", sentence("That is not later than when it is due already."))
    asks.store.acts.add(Extension(assignment=name, reason=written(why),
                                  whom=Whom("person", student), due=later), by=asks.person.id)
    return answers.see(f"/staff/people/{student}")


@endpoints.post("/assignments/{name}/regrade")
def regrade(asks: StaffChanging, name: str, why: Reason,
            student: Annotated[str, Form()] = "") -> Response:
    """Everybody's newest hand-in once more, or one person's. What has not changed is not run."""
    if name not in asks.course.assignments:
        raise not_there()
    newest: dict[str, int] = {}
    for each in asks.store.arrivals.all(students=[student] if student else None, assignment=name):
        newest.setdefault(each.student, each.number)
    asks.store.arrivals.again(list(newest.values()), written(why), by=asks.person.id)
    return answers.see(f"/staff/people/{student}" if student else f"/staff/assignments/{name}")
