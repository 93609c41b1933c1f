"""The desk: how far everything is, and the class of an assignment."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from autograder.course.roster import Person
from autograder.gradebook.totals import Total
from autograder.result import sentence
from autograder.store import Arrival
from autograder.web import answers
from autograder.web.asking import MarkingMember
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/staff", include_in_schema=False)


@dataclass(frozen=True)
class ClassLine:
    """Somebody at an assignment: the newest hand-in, and what counts."""

    person: Person
    newest: Arrival | None
    total: Total | None


@endpoints.get("")
def desk(asks: MarkingMember) -> Response:
    arrivals = [each for each in asks.store.arrivals.all() if asks.sees(each.student)]
    many = {name: len({each.student for each in arrivals if each.assignment == name})
            for name in asks.course.assignments}
    return answers.page(
        "desk.html.j2", asks, title=sentence("The desk"), many=many,
        queue=asks.store.arrivals.queue(),
        students=len({each.id for each in asks.people.students if asks.sees(each.id)} | {
            each.student for each in arrivals
            if asks.people.person(each.student).role == "student"}),
        open=[each for each in asks.store.requests.all()
              if each.closed is None and asks.sees(each.student)])


@endpoints.get("/assignments/{name}")
def class_of(asks: MarkingMember, name: str) -> Response:
    if name not in asks.course.assignments:
        raise not_there()
    book = asks.store.book()
    newest = asks.store.arrivals.newest(name)
    known = {*newest, *book.students, *(each.id for each in asks.people.students)}
    lines = [ClassLine(asks.people.person(student), newest.get(student),
                       book.totals(student).get(name))
             for student in sorted(known) if asks.sees(student)]
    return answers.page(
        "class_of.html.j2", asks, about=asks.course.assignments[name],
        assignment=asks.course.assignments[name], left={
            each.name: sum(each.name in line.total.open for line in lines if line.total)
            for each in asks.course.assignments[name].questions if each.kind == "text"},
        lines=[each for each in lines if each.newest or each.total],
        missing=[each.person for each in lines if not (each.newest or each.total)])
