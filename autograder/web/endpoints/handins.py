"""A hand-in: where it is in the queue, its receipt, its files, its result."""

from __future__ import annotations

from fastapi.responses import HTMLResponse, Response

from autograder.intake import KeptFiles
from autograder.intake.receiving import receipt_of
from autograder.report import pages
from autograder.report.class_list import ClassList
from autograder.report.pages import Way, student_page
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import AtHandIn
from autograder.web.endpoint import Endpoints
from autograder.web.standing import grade_of
from autograder.web.turned_away import not_there

endpoints = Endpoints(include_in_schema=False)

_OF_A_REPORT = (f"default-src 'none'; style-src {pages.STYLE.hash}; base-uri 'none'; "
                "form-action 'none'; frame-ancestors 'none'")


@endpoints.get("/handins/{number}")
def handin(asks: AtHandIn) -> Response:
    arrival = asks.arrival
    return answers.page(
        "handin.html.j2", asks, title=sentence("Hand-in {number}", number=arrival.number),
        arrival=arrival, assignment=asks.assignment, grade=grade_of(asks),
        place=asks.door.before(arrival),
        files=sorted(KeptFiles(asks.course).find(arrival.digest) or {}))


@endpoints.get("/handins/{number}/result")
def result(asks: AtHandIn) -> Response:
    """The page that reports write for students."""
    grade = grade_of(asks)
    if grade is None:
        return answers.see(f"/handins/{asks.arrival.number}")
    text = student_page(grade, asks.assignment, ClassList(asks.people), [
        Way(f"/assignments/{asks.assignment.name}", sentence("All hand-ins, and the next one")),
        Way(f"/handins/{asks.arrival.number}", sentence("Files, receipt, a second look"))])
    return HTMLResponse(text, headers={"content-security-policy": _OF_A_REPORT})


@endpoints.get("/handins/{number}/receipt")
def receipt(asks: AtHandIn) -> Response:
    found = receipt_of(asks.arrival, asks.course, asks.door.secret)
    return answers.attachment(found.written(), f"receipt-{found.assignment}-{found.number}.json",
                              "application/json")


@endpoints.get("/handins/{number}/files/{place}")
def file(asks: AtHandIn, place: int) -> Response:
    """One of the files, by its place among their names: no name from outside is looked up. Who of
    the staff looked at it is in the log."""
    files = sorted((KeptFiles(asks.course).find(asks.arrival.digest) or {}).items())
    if not 0 <= place < len(files):
        raise not_there()
    name, content = files[place]
    arrival = asks.arrival
    if asks.sees(arrival.student) and arrival.student != asks.person.id:
        asks.store.events.add("show file", " · ".join(
            [arrival.assignment, arrival.student, arrival.digest[:8]]),
            student=arrival.student, by=asks.person.id)
    return answers.attachment(content, name)
