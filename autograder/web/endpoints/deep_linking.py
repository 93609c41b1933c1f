"""Links to assignments that staff choose for the learning platform's course."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from autograder.course.door import LtiTable
from autograder.course.roster import Person
from autograder.exchange.deep_links import link
from autograder.identity.deep_linking import LinksAsked, answer, links_asked
from autograder.identity.tokens import TokenClaims
from autograder.identity.tool_key import tool_key
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import Anybody, Asks
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import TurnedAway, not_for_you, not_there

endpoints = Endpoints(include_in_schema=False)


def offered(asks: Asks, table: LtiTable, claims: TokenClaims, person: Person) -> Response:
    """A page of the course's assignments to choose from, for staff. It lets nobody in."""
    if person.role != "staff":
        raise not_for_you()
    asked = links_asked(table, claims)
    if not asked.takes_links:
        raise TurnedAway(422, "links", sentence(
            "The learning platform asks for something other than links, and the door has nothing "
            "else to give. Choose a place there that takes an external tool."))
    return _page("links.html.j2", asks, asked, "'self'", seal=asks.door.links.sealed(
        table, asked, person.id), assignments=asks.course.assignments.values())


@endpoints.post("/lti/links")
def choose(asks: Anybody, seal: Annotated[str, Form(max_length=2**15)],
           names: Annotated[list[str] | None, Form()] = None) -> Response:
    """The links, as a form for the platform: by the word of the page on which they were chosen for
    who it was."""
    chosen, course = [*dict.fromkeys(names or [])], asks.course
    if (table := course.door.lti) is None:
        raise not_there()
    asked, id = asks.door.links.opened(table, seal)
    if asks.door.people.person(id).role != "staff":
        raise not_for_you()
    if not set(chosen) <= {*course.assignments} or (len(chosen) > 1 and not asked.takes_several):
        raise not_there()
    items = [link(course.assignments[name], asks.door.url, with_column=asked.takes_columns)
             for name in chosen]
    asks.store.events.add("export", f"{' · '.join(chosen)} · links", by=id)
    response = _page("links_sent.html.j2", asks, asked, asked.sends_to, many=len(items),
                     jwt=answer(table, asked, items, tool_key(course)))
    response.headers["referrer-policy"] = "strict-origin"  # else the form comes from nowhere
    return response


def _page(template: str, asks: Asks, asked: LinksAsked, sends_to: str, **values: Any) -> Response:
    """Platforms show it in a frame."""
    response = answers.page(template, asks, title=sentence("Links for the learning platform"),
                            links=asked, **values)
    response.headers["content-security-policy"] = answers.policy(sends_to, asked.platform)
    return response
