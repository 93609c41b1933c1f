"""How pages look: as reports do."""

from __future__ import annotations

from fastapi.responses import Response

from autograder.report import pages
from autograder.web.asking import Anybody
from autograder.web.endpoint import Endpoints

endpoints = Endpoints(include_in_schema=False)


@endpoints.get("/static/style.css")
def style(asks: Anybody) -> Response:
    return Response(str(pages.STYLE.source), media_type="text/css",
                    headers={"cache-control": "max-age=3600"})
