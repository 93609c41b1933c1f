"""Who asks. Each type here is a request that somebody may make, with what that gives them: an
endpoint takes one of them as its first argument, and so says who may call it.

======================= ==========================================================================
``Anybody``             whoever comes: the page to log in, what programs ask of a machine
``Member``              who is logged in; by a token, who reads
``Changing``            a member who changes something
``AtAssignment``        a member, at an assignment of the course
``HandingIn``           the same, with the right to hand in
``AtHandIn``            at a hand-in that is the member's or the member's team's, or, of staff, any
``AtRequest``           at a request for a second look: the member's own or, of staff, any
``StaffAtRequest``      at any request, of the staff
``StaffMember``         of the course's staff
``StaffChanging``       of the staff, who changes something
======================= ==========================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from autograder.course import Assignment, Course, LanguageCode
from autograder.course.roster import Person, Role, Roster
from autograder.identity import pipelines
from autograder.report.translations import FOREIGN
from autograder.store import Arrival, Store
from autograder.store.keys import Key, KeyKind, KeyScope
from autograder.store.requests import Request as SecondLook
from autograder.store.requests import RequestError
from autograder.web.door import Door
from autograder.web.turned_away import nobody, not_for_you, not_there

COOKIE = "session"
_BEARER = "Bearer "
PIPELINES = re.compile(r"/api/assignments/(\w+)/handins")
"""All that a pipeline's identity is good for."""


@dataclass(frozen=True)
class Asks:
    """Base of all: whoever asks, of which door, in which language."""

    request: Request
    door: Door
    course: Course
    store: Store
    language: LanguageCode


@dataclass(frozen=True)
class AsksAsMember(Asks):
    """Somebody of the course."""

    key: Key
    person: Person
    role: Role
    people: Roster

    @property
    def is_staff(self) -> bool:
        return self.role == "staff"

    @property
    def team(self) -> list[str]:
        """Whose hand-ins one may see as one's own."""
        found = [each.id for each in self.people.team(self.person.team)] \
            if self.role == "student" else []
        return found or [self.person.id]


@dataclass(frozen=True)
class AsksAtAssignment(AsksAsMember):
    assignment: Assignment


@dataclass(frozen=True)
class AsksAtHandIn(AsksAtAssignment):
    arrival: Arrival


@dataclass(frozen=True)
class AsksAtRequest(AsksAsMember):
    second_look: SecondLook


def _anybody(request: Request) -> Asks:
    door: Door = request.app.state.door
    opened = door.opened
    return Asks(request, door, opened.course, opened.store,
                language_of(request, opened.course.language))


def _member(asks: Annotated[Asks, Depends(_anybody)]) -> AsksAsMember:
    key = key_of(asks.request, asks.door)
    if key is None:
        raise nobody()
    people = asks.door.people
    known = people.people.get(key.student)
    role = known.role if known is not None else key.role
    if role is None:  # somebody who is in the course no more
        raise nobody()
    person = known or Person(key.student, role=role)
    return AsksAsMember(**vars(asks), key=key, person=person, role=role, people=people)


def _changing(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    if asks.key.scope is not KeyScope.ALL:
        raise not_for_you()
    return asks


def _at_assignment(name: str, asks: Annotated[AsksAsMember, Depends(_member)]
                   ) -> AsksAtAssignment:
    if name not in asks.course.assignments:
        raise not_there()
    return AsksAtAssignment(**vars(asks), assignment=asks.course.assignments[name])


def _handing_in(asks: Annotated[AsksAtAssignment, Depends(_at_assignment)]) -> AsksAtAssignment:
    if asks.key.scope is KeyScope.READ:
        raise not_for_you()
    return asks


def _at_hand_in(number: int, asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAtHandIn:
    arrival = asks.store.arrivals.find(number) if 0 < number < 1 << 31 else None
    if arrival is None or arrival.assignment not in asks.course.assignments \
            or not (asks.is_staff or arrival.student in asks.team):
        raise not_there()
    return AsksAtHandIn(**vars(asks), arrival=arrival,
                        assignment=asks.course.assignments[arrival.assignment])


def _at_request(number: int, asks: Annotated[AsksAsMember, Depends(_changing)]) -> AsksAtRequest:
    try:
        found = asks.store.requests.find(number if 0 < number < 1 << 31 else 0)
    except RequestError:
        raise not_there() from None
    if found.assignment not in asks.course.assignments \
            or not (asks.is_staff or found.student == asks.person.id):
        raise not_there()
    return AsksAtRequest(**vars(asks), second_look=found)


def _staff(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    if not asks.is_staff:
        raise not_for_you()
    return asks


def _staff_at_request(asks: Annotated[AsksAtRequest, Depends(_at_request)]) -> AsksAtRequest:
    if not asks.is_staff:
        raise not_for_you()
    return asks


def _staff_changing(asks: Annotated[AsksAsMember, Depends(_changing)]) -> AsksAsMember:
    return _staff(asks)


Anybody = Annotated[Asks, Depends(_anybody)]
Member = Annotated[AsksAsMember, Depends(_member)]
Changing = Annotated[AsksAsMember, Depends(_changing)]
AtAssignment = Annotated[AsksAtAssignment, Depends(_at_assignment)]
HandingIn = Annotated[AsksAtAssignment, Depends(_handing_in)]
AtHandIn = Annotated[AsksAtHandIn, Depends(_at_hand_in)]
AtRequest = Annotated[AsksAtRequest, Depends(_at_request)]
StaffAtRequest = Annotated[AsksAtRequest, Depends(_staff_at_request)]
StaffMember = Annotated[AsksAsMember, Depends(_staff)]
StaffChanging = Annotated[AsksAsMember, Depends(_staff_changing)]

READING = (Anybody, Member, AtAssignment, AtHandIn, AtRequest, StaffMember)
CHANGING = (Anybody, Changing, HandingIn, AtRequest, StaffAtRequest, StaffChanging)
"""What an endpoint may take that reads, and one that changes something."""


def bearer(request: Request) -> str | None:
    """The token of a program; None where the request has none."""
    said = request.headers.get("authorization", "")
    return said.removeprefix(_BEARER) if said.startswith(_BEARER) else None


def key_of(request: Request, door: Door) -> Key | None:
    """The key that a request comes with; None where it has none that is good for anything.

    Raises:
        NotProven: a pipeline's, and nobody's of the course.
    """
    keys, token = door.opened.store.keys, bearer(request)
    if token is None:
        return keys.find(request.cookies.get(door.cookie(COOKIE), ""), KeyKind.SESSION)
    if not pipelines.is_identity(token):
        return keys.find(token, KeyKind.TOKEN)
    hands_in = PIPELINES.fullmatch(request.url.path)
    if request.method != "POST" or not hands_in:
        return None
    course = door.opened.course
    person = pipelines.whose(token, course.door, door.url, door.published, door.people, hands_in[1])
    return Key.of_pipeline(person.id)


def language_of(request: Request, usual: LanguageCode) -> LanguageCode:
    """What the reader has chosen; else the first that the browser asks for and there is."""
    wanted = [request.query_params.get("language", ""), request.cookies.get("language", ""),
              *(part.partition(";")[0].strip().partition("-")[0]
                for part in request.headers.get("accept-language", "").split(",")[:10])]
    known: list[LanguageCode] = ["en", *FOREIGN]
    return next((code for each in wanted for code in known if code == each), usual)
