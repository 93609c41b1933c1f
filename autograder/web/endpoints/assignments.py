"""A student's assignments: what there is, how one stands, and where one hands in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import File, UploadFile
from fastapi.responses import Response

from autograder.intake.receipts import Receipt
from autograder.intake.receiving import MAX_BYTES, Refusal, receive
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import AsksAtAssignment, AtAssignment, HandingIn, Member
from autograder.web.endpoint import Endpoints
from autograder.web.standing import standing
from autograder.web.turned_away import of_refusal

endpoints = Endpoints(include_in_schema=False)


@endpoints.get("/")
def home(asks: Member) -> Response:
    if asks.marks:
        return answers.see("/staff")
    book = asks.store.book(student=asks.person.id)
    return answers.page(
        "home.html.j2", asks, title=sentence("My assignments"), bank=asks.course.late.bank,
        spent=sum(each.slip_days for each in book.totals(asks.person.id).values()),
        standings=[standing(asks, each, book) for each in asks.course.assignments.values()])


@endpoints.get("/assignments/{name}")
def assignment(asks: AtAssignment) -> Response:
    return answers.page(
        "assignment.html.j2", asks, about=asks.assignment, assignment=asks.assignment,
        standing=standing(asks, asks.assignment, asks.store.book(student=asks.person.id)),
        worth=asks.store.totals_of_hand_ins(asks.person.id, asks.assignment.name),
        megabytes=MAX_BYTES // 2**20, requests=asks.store.requests.all(
            student=asks.person.id, assignment=asks.assignment.name))


@endpoints.post("/assignments/{name}")
async def hand_in(asks: HandingIn, files: Annotated[list[UploadFile], File()]) -> Response:
    return answers.see(f"/handins/{(await taken(asks, files, 'page')).number}")


async def taken(asks: AsksAtAssignment, files: list[UploadFile], way: str) -> Receipt:
    """What came, received. Who waits to be read holds no thread. Raises TurnedAway."""
    answer = await run_sync(_received, asks, files, way, limiter=asks.door.reading)
    if isinstance(answer, Refusal):
        asks.door.metrics.refused.labels(answer.kind).inc()
        raise of_refusal(answer)
    asks.door.metrics.received.labels(asks.assignment.name, way).inc()
    return answer


def _received(asks: AsksAtAssignment, files: list[UploadFile], way: str) -> Receipt | Refusal:
    came: dict[str, bytes] = {}
    for number, each in enumerate(files):
        name = each.filename or ""
        while name in came:
            name = f"{number} {name}"
        came[name] = each.file.read()
    return receive(asks.course, asks.store, asks.door.secret, asks.people, asks.person,
                   asks.assignment.name, came, datetime.now(UTC), way)
