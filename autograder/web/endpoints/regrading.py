"""Grading again: whose results are stale, what it will cost, and what has changed after it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.grading.stale import stale
from autograder.intake.whose import newest as newest_of
from autograder.intake.whose import to_repeat
from autograder.report.translations import language
from autograder.report.words import say
from autograder.result import sentence
from autograder.store import State, changes
from autograder.store.changes import RunError
from autograder.web import answers
from autograder.web.asking import StaffAtAssignment
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.asking_again import written
from autograder.web.endpoints.people import Reason

endpoints = Endpoints(prefix="/staff/assignments/{name}", include_in_schema=False)


@endpoints.get("/regrade")
def preview(asks: StaffAtAssignment) -> Response:
    """Whose results would be made anew, why, and what that takes."""
    newest = newest_of(asks.store, asks.people, asks.assignment.name)
    jury = asks.door.place.jury_of(asks.course, asks.assignment.name, asks.door.secret)
    found = list(stale(asks.assignment, jury, asks.store, newest))
    return answers.page(
        "regrade.html.j2", asks, title=sentence("Grade again"), assignment=asks.assignment,
        stale=found, many=len(newest), people=asks.people,
        seconds=round(sum(each.seconds for each in found)),
        reasons=Counter(say(each.why, language(asks.language)) for each in found).most_common())


@endpoints.post("/regrade")
def regrade(asks: StaffAtAssignment, why: Reason, student: Annotated[str, Form()] = "") -> Response:
    """All that may count once more, or one person's. What has not changed is not run."""
    name, store = asks.assignment.name, asks.store
    runs = store.runs(name)
    numbers = to_repeat(store, asks.people, name, asks.course.counts, student)
    store.arrivals.again(numbers, written(why), by=asks.person.id)
    return answers.see(f"/staff/assignments/{name}/changes?since={runs[-1].id if runs else 0}")


@endpoints.get("/changes")
def changed(asks: StaffAtAssignment, since: int = 0) -> Response:
    """Scores as they were after a run, and as they are now."""
    name, store, found = asks.assignment.name, asks.store, None
    with suppress(RunError):  # there are no two runs to compare
        found = changes.compare(asks.course, store, *changes.chosen(
            store.runs(name), str(since) if since > 0 else "last-1", "last", name))
    return answers.page(
        "changes_since.html.j2", asks, title=sentence("What has changed"), people=asks.people,
        assignment=asks.assignment, found=found, waiting=sum(
            each.state is State.AGAIN for each in store.arrivals.all(assignment=name)))
