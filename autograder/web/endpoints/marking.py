"""Marking a text: everybody's answers to one question, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import Response

from autograder.exchange.marking import Entered, Pile
from autograder.exchange.marks import answers
from autograder.exchange.marks_given import MarkMistake
from autograder.result import Sentence, sentence
from autograder.store.acts import MarkedMeanwhile
from autograder.web import answers as pages
from autograder.web.asking import AsksAtAnswer, AsksAtText, MarkingAtAnswer, MarkingAtText
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import written

endpoints = Endpoints(prefix="/staff/texts/{name}/{question}", include_in_schema=False)


@endpoints.get("")
def pile(asks: MarkingAtText) -> Response:
    """What is marked, and what is left."""
    found, notes = answers(asks.store, asks.assignment, asks.question)
    seen = [each for each in found if asks.sees(each.student)]
    return pages.page(
        "pile.html.j2", asks, about=asks.assignment, asked=asks.question.name,
        assignment=asks.assignment, question=asks.question, answers=seen, people=asks.people,
        notes=notes if asks.is_staff else [],
        waiting=[each.student for each in seen if each.mark is None])


@endpoints.get("/{student}")
def one(asks: MarkingAtAnswer) -> Response:
    return _form(asks, Entered.of(asks.question, asks.answer))


@endpoints.post("/{student}")
def mark(asks: MarkingAtAnswer, digest: Annotated[str, Form(max_length=100)],
         stands: Annotated[int | None, Form()] = None,
         points: Annotated[str, Form(max_length=20)] = "",
         comment: Annotated[str, Form(max_length=4000)] = "",
         lines: Annotated[Sequence[str], Form(max_length=200)] = (),
         items: Annotated[Sequence[str], Form(max_length=200)] = ()) -> Response:
    """Give points for the text that the form was shown with, in the place of the mark that stood
    then; and go on to the next who waits."""
    filled = Entered(points, written(comment, nothing=""), items)
    if not filled.fits(asks.question, lines):
        return _form(asks, Entered.of(asks.question, asks.answer), sentence(
            "the rubric has changed since"))
    try:
        asks.store.acts.mark(filled.mark(asks.assignment.name, asks.question, asks.answer, digest),
                             stands, by=asks.person.id)
    except MarkMistake as mistake:
        return _form(asks, filled, mistake.reason)
    except MarkedMeanwhile:
        return _form(asks, filled, sentence(
            "somebody else has marked this meanwhile, as is told below; save again to put yours in "
            "the place of theirs"))
    return pages.see(_place(asks, _pile(asks).next(asks.answer.student)))


def _form(asks: AsksAtAnswer, filled: Entered, refused: Sentence | None = None) -> Response:
    """One answer with its form. What was not saved is still in it."""
    pile, student, decisions = _pile(asks), asks.answer.student, asks.store.decisions()
    before, after = pile.beside(student)
    response = pages.page(
        "marking.html.j2", asks, about=asks.assignment, asked=asks.question.name,
        assignment=asks.assignment, question=asks.question, answer=asks.answer, pile=pile,
        filled=filled, refused=refused, person=asks.people.person(student),
        place=list(pile.marks).index(student) + 1,
        adjustments=decisions.adjusting(asks.assignment.name, student, asks.question.name),
        stands=decisions.last_adjusted(asks.assignment.name, student),
        before=before and _place(asks, before), after=after and _place(asks, after),
        whole=_place(asks, None))
    response.status_code = 200 if refused is None else 409
    return response


def _pile(asks: AsksAtText) -> Pile:
    return Pile.of(asks.store, asks.assignment.name, asks.question.name, asks.sees)


def _place(asks: AsksAtText, student: str | None) -> str:
    return f"/staff/texts/{asks.assignment.name}/{asks.question.name}" \
        + ("" if student is None else f"/{quote(student, safe='')}")

