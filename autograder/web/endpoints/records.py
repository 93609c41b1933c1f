"""What the desk looks up and takes along: incidents, the log of events, tables."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi.responses import Response

from autograder.exchange import marks
from autograder.gradebook.term import term
from autograder.report.decisions import events_csv
from autograder.report.rows import incidents_of
from autograder.report.term import term_csv
from autograder.report.translations import language
from autograder.result import sentence
from autograder.store import State
from autograder.web import answers
from autograder.web.asking import MarkingAtText, StaffAtAssignment, StaffMember
from autograder.web.endpoint import Endpoints

endpoints = Endpoints(prefix="/staff", include_in_schema=False)

_NEWEST = 200  # lines of the log on a page


@endpoints.get("/assignments/{name}/incidents")
def incidents(asks: StaffAtAssignment) -> Response:
    """Hand-ins that a grader did not get through, and results that staff should look at."""
    name, spoken = asks.assignment.name, language(asks.language, asks.assignment)
    return answers.page(
        "incidents.html.j2", asks, title=sentence("Incidents"), assignment=asks.assignment,
        incidents=[found for grade in asks.store.grades(name)
                   for found in incidents_of(grade, spoken)],
        people=asks.people, arrivals=[
            each for each in asks.store.arrivals.all(assignment=name)
            if each.state is State.INTERNAL or each.graders_ended])


@endpoints.get("/events")
def events(asks: StaffMember, verb: str = "", about: str = "") -> Response:
    """The newest lines of the log: all, of a verb, about somebody or something."""
    everything = asks.store.events.all()
    found = [each for each in everything if verb in ("", each.verb) and each.is_about(about)]
    return answers.page(
        "events.html.j2", asks, title=sentence("Who did what"), verb=verb, word=about,
        verbs=sorted({each.verb for each in everything}), many=len(found),
        events=found[:-_NEWEST - 1:-1])


@endpoints.get("/events.csv")
def events_table(asks: StaffMember) -> Response:
    return answers.attachment(events_csv(asks.store.events.all()), "events.csv", "text/csv")


@endpoints.get("/gradebook.csv")
def gradebook(asks: StaffMember) -> Response:
    """The term, as `autograder gradebook --csv` writes it."""
    book = asks.store.book()
    asks.store.events.add("export", "gradebook · the desk", by=asks.person.id)
    return answers.attachment(term_csv(term(book, datetime.now(UTC)), asks.course, asks.people),
                              "gradebook.csv", "text/csv")


@endpoints.get("/marks/{name}/{question}.csv")
def marks_table(asks: MarkingAtText) -> Response:
    """Answers that one may mark, as `autograder marks export` writes them."""
    found, _ = marks.answers(asks.store, asks.assignment, asks.question)
    text = marks.table(asks.assignment, asks.question, [
        (each.student, each) for each in found if asks.sees(each.student)])
    asks.store.events.add("export", f"{asks.assignment.name} · {asks.question.name} · the desk",
                          by=asks.person.id)
    return answers.attachment(text, f"{asks.question.name}.csv", "text/csv")
