"""A hand-in: where it is in the queue, its receipt, its files, its result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from anyio.to_thread import run_sync
from fastapi.responses import HTMLResponse, Response

from autograder.intake import KeptFiles
from autograder.intake.files import KeptFile
from autograder.intake.receiving import receipt_of
from autograder.report import pages
from autograder.report.class_list import ClassList
from autograder.report.pages import Way, student_page
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import AsksAtHandIn, AtHandIn
from autograder.web.endpoint import Endpoints
from autograder.web.standing import grade_of, result_of, total_of
from autograder.web.turned_away import not_there

endpoints = Endpoints(include_in_schema=False)

_OF_A_REPORT = (f"default-src 'none'; style-src {pages.STYLE.hash}; base-uri 'none'; "
                "form-action 'none'; frame-ancestors 'none'")


@endpoints.get("/handins/{number}")
def handin(asks: AtHandIn) -> Response:
    arrival = asks.arrival
    return answers.page(
        "handin.html.j2", asks, title=sentence("Hand-in {number}", number=arrival.number),
        arrival=arrival, student=asks.student, assignment=asks.assignment, total=total_of(asks),
        place=asks.door.waiting.before(arrival), files=asks.door.names(arrival.digest))


@endpoints.get("/handins/{number}/result")
def result(asks: AtHandIn) -> Response:
    """The page that reports write for students."""
    place = f"/handins/{asks.arrival.number}"
    return report(asks, [
        Way(f"/assignments/{asks.assignment.name}", sentence("All hand-ins, and the next one")),
        Way(place, sentence("Files, receipt, a second look"))]) or answers.see(place)


def report(asks: AsksAtHandIn, ways: Sequence[Way] = ()) -> Response | None:
    """The page of what a hand-in brought; None where it is not graded."""
    decisions = asks.store.decisions()

    def made() -> str:
        return student_page(grade_of(asks), asks.assignment, ClassList(decisions.roster), ways,
                            asks.language)

    if (of := result_of(asks)) is None:
        return None
    page = made() if asks.course.late.bank else asks.door.made.find(  # days are spent elsewhere
        asks.course, decisions, (of, asks.language, *(way.href for way in ways)), made)
    return answers.remembering(HTMLResponse(page, headers={
        "content-security-policy": _OF_A_REPORT}), asks)


@endpoints.get("/handins/{number}/receipt")
def receipt(asks: AtHandIn) -> Response:
    if not asks.is_told_of(asks.arrival.student):  # whose name is in it
        raise not_there()
    found = receipt_of(asks.arrival, asks.course, asks.door.secret)
    return answers.attachment(found.written(), f"receipt-{found.assignment}-{found.number}.json",
                              "application/json")


@endpoints.get("/handins/{number}/files/{place}")
async def file(asks: AtHandIn, place: int) -> Response:
    """One of the files, by its place among their names: no name from outside is looked up. Who of
    the staff looked at it is in the log."""
    reading = partial(run_sync, limiter=asks.door.reading)
    found = await reading(_opened, asks, place)
    if found is None:
        raise not_there()

    async def pieces() -> AsyncIterator[bytes]:  # no more of it is in memory than is being sent
        while (piece := await reading(next, found.pieces, b"")):
            yield piece

    return answers.attachment(pieces(), found.name, size=found.size)


def _opened(asks: AsksAtHandIn, place: int) -> KeptFile | None:
    arrival = asks.arrival
    found = KeptFiles(asks.course).file(arrival.digest, place)
    if found is not None and asks.student != asks.person.id:
        asks.store.events.add("show file", " · ".join(
            [arrival.assignment, asks.student, arrival.digest[:8]]),
            student=asks.student, by=asks.person.id)
    return found
