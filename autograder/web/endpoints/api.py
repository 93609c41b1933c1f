"""The same for programs, as JSON: hand in, ask how far it is, read the result.

With ``Authorization: Bearer <token>``; ``autograder access token`` makes one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import File, UploadFile
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from autograder.gradebook import Total, for_student
from autograder.intake import KeptFiles
from autograder.intake.files import is_digest
from autograder.intake.receipts import Receipt
from autograder.report.words import titled
from autograder.store import State
from autograder.web.answers import called
from autograder.web.asking import AsksAtHandIn, AtHandIn, HandingIn, Member, StaffMember, bearer
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.assignments import taken
from autograder.web.endpoints.handins import report
from autograder.web.standing import grade_of, standing, total_of
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/api", tags=["api"])


_EACH = 0.3  # seconds that a hand-in before one takes, about
_SOONEST, _LATEST = 1.0, 30.0  # seconds: a class that waits asks no more than the door can answer


class Unmade(BaseModel):
    """Why a request was not done."""

    kind: str = Field(description="for programs")
    reason: str = Field(description="a sentence for people, in the language that the "
                        "request accepts; else in English")
    again: datetime | None = Field(None, description="when it may be asked again, if that is known")


class Offered(BaseModel):
    """An assignment, and how one stands at it."""

    name: str
    title: str
    due: datetime | None
    attempts_left: int | None = Field(description="null: as many as one likes")
    again: datetime | None = Field(description="when one may hand in; null: now")
    score: float | None = Field(description="what counts; null: nothing yet")
    max_score: float
    newest: State | None = Field(description="of the newest hand-in, which counts if it is graded")


class Progressed(BaseModel):
    """How far a hand-in is."""

    number: int
    assignment: str
    at: datetime
    state: State
    before: int | None = Field(description="hand-ins that are graded first; null: it does not wait")
    look_again: float = Field(description="seconds until it is worth asking again")
    score: float | None = Field(description="null: not graded, or it does not count")
    page: str = Field(description="where its result is read")


_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Unmade} for status in (401, 403, 404, 409, 415, 421, 422, 429, 503)}


@endpoints.get("/assignments", responses=_REFUSALS)
def assignments(asks: Member) -> list[Offered]:
    """The course's assignments."""
    book = asks.store.book(student=asks.person.id)
    found = [standing(asks, each, book) for each in asks.course.assignments.values()]
    return [Offered(
        name=each.assignment.name, due=each.due,
        title=called(asks.accepted, each.assignment),
        attempts_left=each.left.attempts, again=each.left.again,
        score=each.score, max_score=float(each.assignment.points),
        newest=each.newest and each.newest.state) for each in found]


@endpoints.post("/assignments/{name}/handins", status_code=201,
                responses=_REFUSALS | {413: {"model": Unmade}})
async def hand_in(asks: HandingIn, files: Annotated[list[UploadFile], File()]) -> Receipt:
    """Hand in, as multipart/form-data: each file as a part called `files`."""
    return await taken(asks, files, "api")


@endpoints.get("/handins/{number}", responses=_REFUSALS)
async def handin(asks: AtHandIn) -> Progressed:
    """How far a hand-in is."""
    waits = asks.door.waiting.find(asks.arrival.number)
    if waits is not None and waits[1] is asks.arrival:  # the store was not asked
        return _progressed(asks, waits[0], None)
    return await run_sync(lambda: _progressed(
        asks, asks.door.waiting.before(asks.arrival), total_of(asks)))


@endpoints.get("/handins/{number}/result", responses=_REFUSALS)
def result(asks: AtHandIn) -> dict[str, Any]:
    """The result as its student may see it: `docs/grade.schema.json` and, in `result`,
    `docs/result.schema.json`. Titles are in the language that the request accepts."""
    return titled(for_student(grade_of(asks)), asks.assignment, asks.accepted).model_dump(
        mode="json", by_alias=True)


@endpoints.get("/kept/{digest}", include_in_schema=False)
def kept(asks: StaffMember, digest: str) -> Response:
    """What was handed in, as it is kept: for graders of other machines. Who of the staff takes it
    by a browser is in the log."""
    place = KeptFiles(asks.course).place(digest) if is_digest(digest) else None
    if place is None or not place.exists():
        raise not_there()
    if bearer(asks.request) is None:
        asks.store.events.add("show file", digest[:8], by=asks.person.id)
    return FileResponse(place, media_type="application/zstd", filename=place.name)


@endpoints.get("/handins/{number}/page", response_class=Response, responses={
    **_REFUSALS, 200: {"content": {"text/html": {"schema": {"type": "string"}}}}})
def page(asks: AtHandIn) -> Response:
    """The result as a page that stands alone, without links: to be shown below a cell."""
    if (found := report(asks)) is None:
        raise not_there()
    return found


def _progressed(asks: AsksAtHandIn, before: int | None, total: Total | None) -> Progressed:
    arrival = asks.arrival
    return Progressed(
        number=arrival.number, assignment=arrival.assignment, at=arrival.at, state=arrival.state,
        before=before, look_again=min(max(_EACH * (before or 0), _SOONEST), _LATEST),
        score=float(total.score) if total and total.is_decided else None,
        page=f"{asks.door.url.rstrip('/')}/handins/{arrival.number}/result")
