"""A check taken out for everybody: who would gain by it, then the decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.gradebook import Waiver
from autograder.report.decisions import effects, in_force
from autograder.report.waivable import waivable
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import StaffAtAssignment
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import written
from autograder.web.endpoints.people import Reason
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/staff/assignments/{name}/waivers", include_in_schema=False)


@endpoints.get("")
def waivers(asks: StaffAtAssignment, question: str = "", check: str = "") -> Response:
    """The checks, how many do not pass each and, of the one that is named, who would gain."""
    name, before = asks.assignment.name, asks.store.book()
    chosen = None
    if question or check:
        if check not in before.checks(name).get(question, {}):
            raise not_there()
        chosen = Waiver(assignment=name, reason="", question=question, check=check)
    after = before if chosen is None else replace(before, decisions=before.decisions.having(chosen))
    return answers.page(
        "waivers.html.j2", asks, title=sentence("Waive a check"), assignment=asks.assignment,
        questions=waivable(asks.store, before, name), chosen=chosen, people=asks.people,
        effects=effects(before, after, [name]),
        decided=[each for each in in_force(before.decisions, name) if each.kind == "waiver"])


@endpoints.post("")
def waive(asks: StaffAtAssignment, question: Annotated[str, Form()], check: Annotated[str, Form()],
          why: Reason) -> Response:
    """Each student's question is worth the better of with and without it. Nothing is run."""
    name = asks.assignment.name
    if check not in asks.store.book().checks(name).get(question, {}):
        raise not_there()
    asks.store.acts.add(Waiver(assignment=name, reason=written(why), question=question,
                               check=check), by=asks.person.id)
    return answers.see(f"/staff/assignments/{name}/waivers")
