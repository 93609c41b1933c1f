"""One person at the desk: the term, more time, points by hand, and what is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import Response

from autograder.course.dates import placed
from autograder.gradebook import Adjustment, AdjustmentKind, Extension, Whom
from autograder.gradebook.term import term
from autograder.intake.whose import own
from autograder.report.decisions import in_force
from autograder.result import sentence
from autograder.store.acts import KINDS, ActError, AdjustedMeanwhile
from autograder.web import answers
from autograder.web.asking import (
    AsksAtPerson,
    MarkingAtPerson,
    StaffAtPerson,
    StaffChanging,
    StaffMember,
)
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import written
from autograder.web.turned_away import TurnedAway, not_there

endpoints = Endpoints(prefix="/staff", include_in_schema=False)

Reason = Annotated[str, Form(min_length=1, max_length=500)]


@endpoints.get("/people")
def people(asks: StaffMember) -> Response:
    return answers.page("people.html.j2", asks, title=sentence("People"),
                        people=asks.people.people.values(), file=asks.course.people.file)


@endpoints.get("/people/{student}")
def person(asks: MarkingAtPerson) -> Response:
    student, book = asks.student, asks.store.book()
    found = term(book, datetime.now(UTC), [student])
    return answers.page(
        "person.html.j2", asks, title=asks.people.person(student).shown,
        person=asks.people.person(student), totals=book.totals(student),
        term=found[0] if found else None, decided=in_force(book.decisions, student=student),
        arrivals=own(asks.store, asks.people, asks.people.person(student)),
        assignments=asks.course.assignments, worth=asks.store.totals_of_hand_ins(student),
        due={name: book.due(name, student) for name in asks.course.assignments},
        stands={name: book.decisions.last_adjusted(name, student)
                for name in asks.course.assignments},
        requests=asks.store.requests.all(student=student))


@endpoints.post("/people/{student}/extensions")
def extend(asks: StaffAtPerson, name: Annotated[str, Form()],
           until: Annotated[datetime, Form()], why: Reason) -> Response:
    """More time, until a time as clocks in the course show it."""
    _known(asks, name)
    due = asks.store.book().due(name, asks.student)
    later = until if until.tzinfo else placed(until, asks.course.zone or UTC)
    if due is None or later <= due:
        raise TurnedAway(409, "due", sentence("That is not later than when it is due already."))
    asks.store.acts.add(Extension(assignment=name, reason=written(why),
                                  whom=Whom("person", asks.student), due=later), by=asks.person.id)
    return answers.see(_place(asks.student))


@endpoints.post("/people/{student}/adjustments")
def adjust(asks: StaffAtPerson, name: Annotated[str, Form()],
           kind: Annotated[AdjustmentKind, Form()], why: Reason,
           question: Annotated[str, Form()] = "",
           points: Annotated[Decimal | None, Form(ge=-1000, le=1000, decimal_places=2)] = None,
           comment: Annotated[str, Form(max_length=1000)] = "",
           stands: Annotated[int | None, Form()] = None,
           marking: Annotated[bool, Form()] = False) -> Response:
    """Change points by hand: of a question, or of the total. It stays through regrades, and counts
    once, however often the form comes."""
    _known(asks, name, question)
    if kind != "full" and (points is None or (kind == "set" and points < 0)):
        raise TurnedAway(422, "points", sentence(
            "Say how many points: to add or take off, or, to set, from 0."))
    try:
        asks.store.acts.adjust(Adjustment(
            assignment=name, reason=written(why), whom=Whom("person", asks.student),
            question=question or None, kind=kind, points=None if kind == "full" else points,
            comment=written(comment, nothing="")), stands, by=asks.person.id)
    except AdjustedMeanwhile:
        raise TurnedAway(409, "adjusted", sentence(
            "Points of this person were changed since the page was shown. Nothing was saved: look "
            "at it again.")) from None
    return answers.see(f"/staff/texts/{name}/{question}/{quote(asks.student, safe='')}"
                       if marking else _place(asks.student))


@endpoints.get("/decisions")
def decisions(asks: StaffMember) -> Response:
    """All that stands, of everybody."""
    return answers.page("decisions.html.j2", asks, title=sentence("What was decided"),
                        decided=in_force(asks.store.decisions()))


@endpoints.post("/decisions/{kind}/{number}/revoke")
def revoke(asks: StaffChanging, kind: str, number: int, why: Reason,
           student: Annotated[str, Form()] = "") -> Response:
    """Take a decision back. It stays on record."""
    if kind not in KINDS or not 0 < number < 1 << 31:
        raise not_there()
    try:
        asks.store.acts.revoke(KINDS[kind], number, reason=written(why), by=asks.person.id)
    except ActError:
        raise TurnedAway(409, "revoked", sentence(
            "There is no such decision, or it was taken back already.")) from None
    return answers.see(_place(student) if student else "/staff/decisions")


def _known(asks: AsksAtPerson, name: str, question: str = "") -> None:
    if name not in asks.course.assignments or question not in {
            "", *(each.name for each in asks.course.assignments[name].questions)}:
        raise not_there()


def _place(student: str) -> str:
    return f"/staff/people/{quote(student, safe='')}"
