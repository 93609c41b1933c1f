"""The application: every endpoint, and what is around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from autograder import __version__
from autograder.errors import AutograderError
from autograder.identity.tokens import NotProven
from autograder.result import sentence
from autograder.web import answers
from autograder.web.door import Door
from autograder.web.endpoints import (
    api,
    asking_again,
    assignments,
    deep_linking,
    entering,
    feedback,
    handins,
    logging_in,
    machine,
    marking,
    people,
    records,
    regrading,
    staff,
    staff_requests,
    tables,
    waiving,
)
from autograder.web.guards import Guards
from autograder.web.turned_away import TurnedAway, not_now, not_proven, not_there

PARTS = (api, handins, assignments, entering, logging_in, deep_linking, asking_again, staff,
         marking, people, regrading, waiving, tables, feedback, records, staff_requests, machine)
"""Each has ``endpoints``; what is asked most often is looked for first."""


def application(door: Door) -> FastAPI:
    """The door of a course. It is closed with the application."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        door.close()

    app = FastAPI(title=door.opened.course.name, version=__version__, lifespan=life,
                  openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.state.door = door
    for part in PARTS:
        app.include_router(part.endpoints)
    app.mount("/static", StaticFiles(
        directory=str(resources.files(__package__ or "") / "static")), name="static")
    app.add_middleware(Guards, door=door)
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


async def _refused(request: Request, error: Any) -> Response:
    return answers.refusal(request, error)


async def _not_proven(request: Request, error: Any) -> Response:
    return answers.refusal(request, not_proven(error))


async def _invalid(request: Request, error: Any) -> Response:
    parts = {str(each["loc"][:2][-1]) for each in error.errors()}
    return answers.refusal(request, TurnedAway(422, "invalid", sentence(
        "These parts of the request are missing, or not as they have to be: {parts}.",
        parts=", ".join(sorted(parts)))))


async def _of_http(request: Request, error: Any) -> Response:
    if error.status_code == 404:
        return answers.refusal(request, not_there())
    if error.status_code == 400:
        return answers.refusal(request, TurnedAway(422, "invalid", sentence(
            "What came is not a form.")))
    return answers.refusal(request, TurnedAway(error.status_code, "http", sentence(
        "This cannot be asked for in this way.")))


async def _ours(request: Request, error: Any) -> Response:
    return answers.refusal(request, not_now(error))


_HANDLERS: dict[type[Exception], Any] = {
    TurnedAway: _refused, NotProven: _not_proven, RequestValidationError: _invalid,
    HTTPException: _of_http, AutograderError: _ours}
