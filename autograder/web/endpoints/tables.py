"""Tables of platforms: uploaded as they were downloaded there, and given back with grades."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import File, Form, UploadFile
from fastapi.responses import Response

from autograder.exchange import FORMATS, ExchangeError
from autograder.exchange.filling import fill_in
from autograder.exchange.format import Filled, PerClass
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import AsksAtAssignment, StaffAtAssignment
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/staff/assignments/{name}/tables", include_in_schema=False)

_TABLES = {each.name: each for each in FORMATS if isinstance(each, PerClass)}


@endpoints.get("")
def tables(asks: StaffAtAssignment) -> Response:
    return _page(asks)


@endpoints.post("")
def fill(asks: StaffAtAssignment, platform: Annotated[str, Form()],
         table: Annotated[UploadFile, File()], overwrite: Annotated[bool, Form()] = False
         ) -> Response:
    """The page holds the table: it is kept nowhere."""
    if platform not in _TABLES:
        raise not_there()
    try:
        found = fill_in(asks.store, asks.course, asks.assignment.name, _TABLES[platform],
                        table.file.read(), table.filename or "", overwrite=overwrite,
                        by=asks.person.id)
    except ExchangeError as error:
        response = _page(asks, platform, refused=str(error))
        response.status_code = 422
        return response
    return _page(asks, platform, found)


def _page(asks: AsksAtAssignment, platform: str = "", filled: Filled | None = None,
          refused: str | None = None) -> Response:
    return answers.page(
        "tables.html.j2", asks, title=sentence("Tables of Canvas and Moodle"),
        assignment=asks.assignment, tables=_TABLES.values(), platform=platform, refused=refused,
        filled=filled, content=filled and base64.b64encode(filled.text.encode()).decode())
