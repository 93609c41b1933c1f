"""Second looks: a student asks for one, and reads what is answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.intake.whose import own, that_counts
from autograder.result import sentence
from autograder.store import requests
from autograder.web import answers
from autograder.web.asking import AtRequest, Changing, at_assignment
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import TurnedAway, not_there

endpoints = Endpoints(include_in_schema=False)

Words = Annotated[str, Form(min_length=1, max_length=4000)]


@endpoints.post("/assignments/{name}/requests")
def ask(asks: Changing, name: str, words: Words,
        question: Annotated[str, Form(max_length=200)] = "") -> Response:
    assignment = at_assignment(name, asks).assignment
    if question and question not in {each.name for each in assignment.questions}:
        raise not_there()
    try:
        number = asks.store.requests.ask(asks.person.id, name, question or None, written(words))
    except requests.TooManyOpen:
        raise TurnedAway(429, "requests", sentence(
            "{many} of your requests are open. Wait for an answer first.", many=requests.MOST_OPEN)
        ) from None
    return answers.see(f"/requests/{number}")


@endpoints.get("/requests/{number}")
def thread(asks: AtRequest) -> Response:
    found = asks.second_look
    total = asks.store.book(student=found.student).totals(found.student).get(found.assignment)
    arrivals = own(asks.store, asks.people, asks.people.person(found.student), found.assignment)
    return answers.page(
        "request.html.j2", asks, title=sentence("Request {number}", number=found.number),
        found=found, total=total, counts=that_counts(arrivals, total),
        assignment=asks.course.assignments[found.assignment])


@endpoints.post("/requests/{number}")
def answer(asks: AtRequest, words: Words) -> Response:
    try:
        asks.store.requests.answer(asks.second_look.number, written(words), by=asks.person.id)
    except requests.TooManyLetters:
        raise TurnedAway(429, "letters", sentence(
            "You have written {many} letters to this request. Wait for an answer first.",
            many=requests.MOST_LETTERS)) from None
    except requests.RequestError:
        raise is_closed() from None
    return answers.see(f"/requests/{asks.second_look.number}")


def is_closed() -> TurnedAway:
    return TurnedAway(409, "closed", sentence("This request is closed. Open another one."))


def written(words: str, nothing: str = "…") -> str:
    """What somebody wrote, in letters that every database takes; else ``nothing``."""
    plain = words.replace("\0", "").replace("\r\n", "\n")
    return plain.encode(errors="replace").decode().strip() or nothing
