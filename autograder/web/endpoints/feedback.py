"""Feedback packed as platforms take it back: asked for, made elsewhere, and saved."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, UploadFile
from fastapi.responses import FileResponse, Response

from autograder.exchange import ExchangeError
from autograder.exchange.feedback_job import PLATFORMS, FeedbackJob
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import AsksAtAssignment, StaffAtAssignment
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/staff/assignments/{name}/feedback", include_in_schema=False)


@endpoints.get("")
def feedback(asks: StaffAtAssignment) -> Response:
    return _page(asks)


@endpoints.post("")
def ask(asks: StaffAtAssignment, platform: Annotated[str, Form()],
        download: Annotated[UploadFile | None, File()] = None) -> Response:
    """Have a zip made."""
    if platform not in PLATFORMS:
        raise not_there()
    try:
        asks.door.feedback.begin(asks.assignment.name, platform, asks.person.id,
                                 download.file if download and download.size else None)
    except ExchangeError as error:
        response = _page(asks, refused=str(error))
        response.status_code = 409
        return response
    return answers.see(asks.request.scope["path"])


@endpoints.get("/{job}")
def save(asks: StaffAtAssignment, job: str) -> Response:
    """The zip. Who took it is in the log."""
    found = _found(asks, job)
    if not found.is_there:
        raise not_there()
    asks.store.events.add("export", f"{found.assignment} · {found.name} · the desk",
                          by=asks.person.id)
    return FileResponse(asks.door.feedback.folder.zip(found), filename=found.name,
                        media_type="application/zip")


@endpoints.post("/{job}/drop")
def drop(asks: StaffAtAssignment, job: str) -> Response:
    asks.door.feedback.drop(_found(asks, job))
    return answers.see(f"/staff/assignments/{asks.assignment.name}/feedback")


def _found(asks: AsksAtAssignment, id: str) -> FeedbackJob:
    job = asks.door.feedback.folder.find(id)
    if job is None or job.assignment != asks.assignment.name:
        raise not_there()
    return job


def _page(asks: AsksAtAssignment, refused: str | None = None) -> Response:
    jobs = asks.door.feedback
    at_work = jobs.folder.at_work()  # before it is read how far they are: it may end meanwhile
    found = [each for each in jobs.folder.all() if each.assignment == asks.assignment.name]
    return answers.page(
        "feedback.html.j2", asks, title=sentence("Feedback for a platform"), refused=refused,
        assignment=asks.assignment, platforms=PLATFORMS, people=asks.people, jobs=found,
        working=[each for each in found if each.id in at_work and not each.ended])
