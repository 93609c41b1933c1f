"""Second looks at the desk: what is asked for, and how it ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.gradebook import Adjustment, Whom
from autograder.result import sentence
from autograder.store.requests import RequestError, reason_of
from autograder.web import answers
from autograder.web.asking import MarkingMember, StaffAtRequest
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import is_closed, written

endpoints = Endpoints(prefix="/staff/requests", include_in_schema=False)


@endpoints.get("")
def requests(asks: MarkingMember) -> Response:
    found = [each for each in asks.store.requests.all()
             if each.assignment in asks.course.assignments and asks.sees(each.student)]
    return answers.page("requests.html.j2", asks, title=sentence("Second looks"),
                        requests=sorted(found, key=lambda each: each.closed is not None),
                        assignments=asks.course.assignments)


@endpoints.post("/{number}/close")
def close(asks: StaffAtRequest, outcome: Annotated[str, Form(min_length=1, max_length=1000)],
          add: Annotated[Decimal, Form(ge=-1000, le=1000, decimal_places=2)] = Decimal(0)
          ) -> Response:
    """End it, with or without points on its question."""
    found, said = asks.second_look, written(outcome)
    decided = None if not add else Adjustment(
        assignment=found.assignment, reason=reason_of(found.number),
        whom=Whom("person", found.student), question=found.question, kind="add", points=add,
        comment=said)
    try:
        asks.store.requests.close(found.number, said, decided, by=asks.person.id)
    except RequestError:
        raise is_closed() from None
    return answers.see(f"/requests/{found.number}")
