"""Answers: pages by templates, in the reader's language, and refusals as a page or as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from autograder.course import Assignment, LanguageCode
from autograder.identity.lti import places
from autograder.names import saved_as
from autograder.report import pages
from autograder.report.translations import FOREIGN, Language, language
from autograder.report.words import say, visible
from autograder.result import Sentence
from autograder.web.asking import Asks, AsksAsMember, language_of
from autograder.web.turned_away import NO_TOKEN, TurnedAway

_PAGES = pages.environment(__package__)
_YEAR = 365 * 24 * 3600
_LTI = "/lti/"
API = "/api/"
_CHOICES = [language(code) for code in ("en", *FOREIGN)]


def page(template: str, asks: Asks, *, title: Sentence | str = "",
         about: Assignment | None = None, asked: str | None = None, **values: Any) -> Response:
    """A page for who asks. Its title is ``title``, or what the assignment is called that it is
    about, or the question of it."""
    member = asks if isinstance(asks, AsksAsMember) else None
    return remembering(_rendered(
        template, asks.request, language(asks.language), status=200, member=member,
        course=asks.course, title=title, about=about, asked=asked, **values), asks)


def remembering(response: Response, asks: Asks) -> Response:
    """The answer, with the language in a cookie where it was chosen just now."""
    if asks.request.query_params.get("language") == asks.language:
        response.set_cookie("language", asks.language, max_age=_YEAR, samesite="lax",
                            secure=asks.door.is_https, httponly=True)
    return response


def policy(sends_to: str = "'self'", framed_by: str = "'none'") -> str:
    """What a page may load, and where its forms may go."""
    return ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            f"form-action {sends_to}; base-uri 'none'; frame-ancestors {framed_by}")


def see(place: str) -> Response:
    """Another page, to be asked for by GET."""
    return RedirectResponse(place, 303)


def attachment(content: str | AsyncIterator[bytes], name: str,
               kind: str = "application/octet-stream", *, size: int | None = None) -> Response:
    """A file to be saved, and never shown: what students wrote could be a page. Of one that comes
    in pieces, ``size`` is in bytes."""
    headers = {"content-disposition": saved_as(name)}
    if isinstance(content, str):
        return Response(content, media_type=kind, headers=headers)
    return StreamingResponse(content, media_type=kind, headers=headers | {
        "content-length": str(size)})


def refusal(request: Request, refused: TurnedAway) -> Response:
    """A refusal: JSON where programs ask, else a page."""
    if request.scope["path"].startswith(API):
        asked = language(language_of(request, "en"))
        reason = NO_TOKEN if refused.kind == "nobody" else refused.reason
        said: dict[str, Any] = {"kind": refused.kind, "reason": say(reason, asked)}
        if refused.again is not None:
            said["again"] = refused.again.isoformat()
        return JSONResponse(said, refused.status)
    course = request.scope["app"].state.door.opened.course
    # Of who comes by a platform, in a frame of it, there is nothing to click on, nor anybody's.
    table = course.door.lti if request.scope["path"].startswith(_LTI) else None
    response = _rendered("refused.html.j2", request, language(language_of(
        request, course.language)), status=refused.status, refused=refused, member=None,
        course=None, title=refused.title, is_framed=table is not None)
    if table is not None:
        response.headers["content-security-policy"] = policy(
            framed_by=" ".join(sorted(places(table).values())))
    return response


def _rendered(template: str, request: Request, reader: Language, *, status: int,
              about: Assignment | None = None, asked: str | None = None,
              **values: Any) -> HTMLResponse:
    text = _PAGES.get_template(template).render(
        language=reader, lang=reader.code, path=_path(request), choices=_CHOICES,
        about=about and called(reader.code, about, asked), _=partial(pages.said_in, reader),
        called=partial(called, reader.code), **values)
    return HTMLResponse(text, status)


def _path(request: Request) -> str:
    """For a link to this page: two strokes at the beginning would lead to another host."""
    return "/" + quote(request.scope["path"].lstrip("/"))


def called(code: LanguageCode, assignment: Assignment, question: str | None = None) -> str:
    """What an assignment is called, or a question of it, in its own catalogue's words."""
    title = assignment.title if question is None else next(
        (each.title for each in assignment.questions if each.name == question), question)
    return visible(say(title, language(code, assignment)))
