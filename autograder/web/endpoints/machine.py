"""What is asked of nobody's: by programs that watch over the door, and by every page its look."""

from __future__ import annotations

from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from autograder.report import pages
from autograder.web.asking import Anybody, Watching
from autograder.web.endpoint import Endpoints

endpoints = Endpoints(include_in_schema=False)


@endpoints.get("/healthz")
def is_alive(asks: Anybody) -> Response:
    return PlainTextResponse("alive\n")


@endpoints.get("/readyz")
def is_ready(asks: Anybody) -> Response:
    """Whether the store answers."""
    asks.store.arrivals.queue()
    return PlainTextResponse("ready\n")


@endpoints.get("/metrics")
def metrics(asks: Watching) -> Response:
    asks.door.measure()
    return Response(generate_latest(asks.door.metrics.registry),
                    headers={"content-type": CONTENT_TYPE_LATEST})


@endpoints.get("/static/style.css")
def style(asks: Anybody) -> Response:
    """How pages look: as reports do."""
    return Response(str(pages.STYLE.source), media_type="text/css",
                    headers={"cache-control": "max-age=3600"})
