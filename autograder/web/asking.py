"""Who asks. Each type here is a request that somebody may make, with what that gives them: an
endpoint takes one of them as its first argument, and so says who may call it.

======================= ==========================================================================
``Anybody``             whoever comes: the page to log in, whether the machine is well
``Watching``            a program of this machine, or of the staff: figures
``Member``              who is logged in; by a token, who reads
``Changing``            a member whose key may change something
``AtAssignment``        a member, at an assignment of the course
``HandingIn``           the same, by a key that may hand in
``AtHandIn``            at a hand-in that is the member's or the member's team's, or, of staff,
                        any; of a marker, those of students whom she sees and of their teams
``AtRequest``           the same as ``Changing``, at a request for a second look: the member's own
                        or, of staff, any
``StaffAtRequest``      the same, of the staff
``StaffMember``         of the course's staff
``StaffChanging``       of the staff, by a key that may change something
``StaffAtAssignment``   the same, at an assignment
``StaffAtPerson``       the same, at a person
``MarkingMember``       of the staff, or a marker, who ``sees`` those of her sections
``MarkingAtPerson``     the same, at a person whom they see
``MarkingAtText``       the same, at a question in free text
``MarkingAtAnswer``     the same, by a key that may change something, at what a person whom they
                        see wrote there
======================= ==========================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from autograder.addresses import is_loopback
from autograder.course import Assignment, Course, LanguageCode, Question
from autograder.course.roster import Person, Role, Roster
from autograder.exchange.marks import Answer, answer
from autograder.identity import pipelines
from autograder.intake.whose import whose
from autograder.report.translations import FOREIGN
from autograder.store import Arrival, Store
from autograder.store.keys import Key, KeyKind, KeyScope
from autograder.store.requests import RequestError, SecondLook
from autograder.web.door import Door
from autograder.web.turned_away import no_assignment, nobody, not_by_token, not_for_you, not_there

_BEARER = "Bearer "
PIPELINES = re.compile(r"/api/assignments/(\w+)/handins")
"""All that a pipeline's identity is good for."""
_LOOKS = re.compile(r"/api/handins/([0-9]{1,9})")


@dataclass(frozen=True)
class Asks:
    """Base of all: whoever asks, of which door, in which language."""

    request: Request
    door: Door
    course: Course
    store: Store
    language: LanguageCode

    @property
    def accepted(self) -> LanguageCode:
        """The language that a program asks for; else English."""
        return language_of(self.request, "en")


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
    def marks(self) -> bool:
        """Whether there is a desk for them: of the staff, or a marker."""
        return self.role != "student"

    def sees(self, student: str) -> bool:
        """Whether somebody's work is theirs to look at by their role: of the staff everybody's,
        of a marker that of the students in her sections."""
        person = self.people.person(student)
        return self.is_staff or (self.role == "marker" and person.role == "student"
                                 and not set(person.sections).isdisjoint(self.person.sections))

    def is_told_of(self, student: str) -> bool:
        """Whether they are told who that is of a team: a marker, of those whom she sees."""
        return self.role != "marker" or self.sees(student) or student == self.person.id


@dataclass(frozen=True)
class AsksAtAssignment(AsksAsMember):
    assignment: Assignment


@dataclass(frozen=True)
class AsksAtHandIn(AsksAtAssignment):
    arrival: Arrival
    student: str  # as whose it is shown: a team's is every member's


@dataclass(frozen=True)
class AsksAtRequest(AsksAsMember):
    second_look: SecondLook


@dataclass(frozen=True)
class AsksAtPerson(AsksAsMember):
    student: str


@dataclass(frozen=True)
class AsksAtText(AsksAtAssignment):
    question: Question


@dataclass(frozen=True)
class AsksAtAnswer(AsksAtText):
    answer: Answer


def anybody(request: Request) -> Asks:
    """Whoever asks."""
    door: Door = request.app.state.door
    opened = door.opened
    return Asks(request, door, opened.course, opened.store,
                language_of(request, opened.course.language))


def member(asks: Asks) -> AsksAsMember:
    """Who is of the course. Raises TurnedAway."""
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


# What is asynchronous here waits for nothing, for the key was looked up already: to have a thread
# do it would take longer than it does. What is asked by the hundred goes no way of FastAPI's from
# one of these to the next, which takes longer still.

async def _anybody(request: Request) -> Asks:
    return anybody(request)


async def _member(request: Request) -> AsksAsMember:
    return member(anybody(request))


def _watching(asks: Annotated[Asks, Depends(_anybody)]) -> Asks:
    """A proxy on this machine says for whom it asks."""
    client, headers = asks.request.client, asks.request.headers
    is_near = client is not None and is_loopback(client.host) \
        and not any(each in headers for each in ("forwarded", "x-forwarded-for", "via"))
    return asks if is_near else _staff(member(asks))


def _changing(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    if asks.key.scope is not KeyScope.ALL:
        raise not_by_token(asks.key.scope)
    return asks


def at_assignment(name: str, asks: AsksAsMember) -> AsksAtAssignment:
    """At an assignment of the course. Raises TurnedAway."""
    if name not in asks.course.assignments:
        raise no_assignment(name, asks.course.assignments)
    return AsksAtAssignment(**vars(asks), assignment=asks.course.assignments[name])


async def _at_assignment(name: str, request: Request) -> AsksAtAssignment:
    return at_assignment(name, member(anybody(request)))


def may_hand_in(asks: AsksAtAssignment) -> AsksAtAssignment:
    """At an assignment, with the right to hand in. Raises TurnedAway."""
    if asks.key.scope is KeyScope.READ:
        raise not_by_token(asks.key.scope)
    return asks


async def _handing_in(name: str, request: Request) -> AsksAtAssignment:
    return handing_in(request, name)


async def _at_hand_in(number: int, request: Request) -> AsksAtHandIn:
    asks = member(anybody(request))
    found = asks.door.waiting.find(number) if looks_at(request) == number else None
    if found is not None and found[1].submission is None:  # whose it is, is known without a store
        return _of_hand_in(found[1], asks)
    return await run_sync(lambda: _of_hand_in(
        asks.store.arrivals.find(number) if 0 < number < 1 << 31 else None, asks))


def _of_hand_in(arrival: Arrival | None, asks: AsksAsMember) -> AsksAtHandIn:
    if arrival is None or arrival.assignment not in asks.course.assignments:
        raise not_there()
    for student in whose(asks.store, asks.people, arrival):
        if asks.sees(student) or student == asks.person.id:
            return AsksAtHandIn(**vars(asks), arrival=arrival, student=student,
                                assignment=asks.course.assignments[arrival.assignment])
    raise not_there()


def _at_request(number: int, asks: Annotated[AsksAsMember, Depends(_changing)]) -> AsksAtRequest:
    try:
        found = asks.store.requests.find(number if 0 < number < 1 << 31 else 0)
    except RequestError:
        raise not_there() from None
    if found.assignment not in asks.course.assignments \
            or not (asks.sees(found.student) or found.student == asks.person.id):
        raise not_there()
    return AsksAtRequest(**vars(asks), second_look=found)


def _staff(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    if not asks.is_staff:
        raise not_for_you()
    return asks


def _staff_at_request(asks: Annotated[AsksAtRequest, Depends(_at_request)]) -> AsksAtRequest:
    _staff(asks)
    return asks


def _staff_changing(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    return _changing(_staff(asks))


def _marking(asks: Annotated[AsksAsMember, Depends(_member)]) -> AsksAsMember:
    if not asks.marks:
        raise not_for_you()
    return asks


def _marking_at_person(student: str, asks: Annotated[AsksAsMember, Depends(_marking)]
                       ) -> AsksAtPerson:
    if not asks.sees(student) or not (
            student in asks.people.people or student in asks.store.persons.names()):
        raise not_there()
    return AsksAtPerson(**vars(asks), student=student)


def _staff_at_person(asks: Annotated[AsksAtPerson, Depends(_marking_at_person)]) -> AsksAtPerson:
    _staff_changing(asks)
    return asks


def _staff_at_assignment(asks: Annotated[AsksAtAssignment, Depends(_at_assignment)]
                         ) -> AsksAtAssignment:
    _staff_changing(asks)
    return asks


def _marking_at_text(question: str, asks: Annotated[AsksAtAssignment, Depends(_at_assignment)]
                     ) -> AsksAtText:
    _marking(asks)
    found = [each for each in asks.assignment.questions
             if each.kind == "text" and each.name == question]
    if not found:
        raise not_there()
    return AsksAtText(**vars(asks), question=found[0])


def _marking_at_answer(student: str, asks: Annotated[AsksAtText, Depends(_marking_at_text)]
                       ) -> AsksAtAnswer:
    found = answer(asks.store, asks.assignment, asks.question, student) \
        if asks.sees(student) else None
    if found is None:
        raise not_there()
    _changing(asks)
    return AsksAtAnswer(**vars(asks), answer=found)


def handing_in(request: Request, assignment: str) -> AsksAtAssignment:
    """Who wants to hand in, before an endpoint's body is read. Raises TurnedAway."""
    return may_hand_in(at_assignment(assignment, member(anybody(request))))


def changing_as_staff(request: Request) -> AsksAsMember:
    """Who of the staff changes something, before a body is read. Raises TurnedAway."""
    return _staff_changing(member(anybody(request)))


Anybody = Annotated[Asks, Depends(_anybody)]
Watching = Annotated[Asks, Depends(_watching)]
Member = Annotated[AsksAsMember, Depends(_member)]
Changing = Annotated[AsksAsMember, Depends(_changing)]
AtAssignment = Annotated[AsksAtAssignment, Depends(_at_assignment)]
HandingIn = Annotated[AsksAtAssignment, Depends(_handing_in)]
AtHandIn = Annotated[AsksAtHandIn, Depends(_at_hand_in)]
AtRequest = Annotated[AsksAtRequest, Depends(_at_request)]
StaffAtRequest = Annotated[AsksAtRequest, Depends(_staff_at_request)]
StaffMember = Annotated[AsksAsMember, Depends(_staff)]
StaffChanging = Annotated[AsksAsMember, Depends(_staff_changing)]
StaffAtPerson = Annotated[AsksAtPerson, Depends(_staff_at_person)]
StaffAtAssignment = Annotated[AsksAtAssignment, Depends(_staff_at_assignment)]
MarkingMember = Annotated[AsksAsMember, Depends(_marking)]
MarkingAtPerson = Annotated[AsksAtPerson, Depends(_marking_at_person)]
MarkingAtText = Annotated[AsksAtText, Depends(_marking_at_text)]
MarkingAtAnswer = Annotated[AsksAtAnswer, Depends(_marking_at_answer)]

READING = (Anybody, Watching, Member, AtAssignment, AtHandIn, AtRequest, StaffMember,
           StaffAtAssignment, MarkingMember, MarkingAtPerson, MarkingAtText, MarkingAtAnswer)
CHANGING = (Anybody, Changing, HandingIn, AtRequest, StaffAtRequest, StaffChanging,
            StaffAtPerson, StaffAtAssignment, MarkingAtAnswer)
"""What an endpoint may take that reads, and one that changes something."""


def looks_at(request: Request) -> int | None:
    """The hand-in of which a request asks how far it is, as pages do that wait; None of others."""
    found = _LOOKS.fullmatch(request.scope["path"]) if request.method == "GET" else None
    return int(found[1]) if found else None


def bearer(request: Request) -> str | None:
    """The token of a program; None where the request has none."""
    said = request.headers.get("authorization", "")
    return said.removeprefix(_BEARER) if said.startswith(_BEARER) else None


def key_of(request: Request, door: Door) -> Key | None:
    """The key that a request comes with; None where it has none that is good for anything. It is
    looked up once.

    Raises:
        NotProven: a pipeline's, and nobody's of the course.
    """
    if not hasattr(request.state, "key"):
        request.state.key = _found(request, door)
    found: Key | None = request.state.key
    return found


def _found(request: Request, door: Door) -> Key | None:
    keys, token = door.opened.store.keys, bearer(request)
    if token is None:
        session = request.cookies.get(door.cookie)
        return keys.find(session, KeyKind.SESSION) if session else None
    if not pipelines.is_identity(token):
        return keys.find(token, KeyKind.TOKEN)
    hands_in = PIPELINES.fullmatch(request.scope["path"])
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
