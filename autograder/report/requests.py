"""Requests for another look, for staff at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.dates import clock
from autograder.course.roster import Roster
from autograder.report.words import one_line, visible
from autograder.store.requests import SecondLook


def requests_table(requests: Sequence[SecondLook], roster: Roster, zone: tzinfo | None
                   ) -> Table | Text:
    """A line for each, with times of the course's zone."""
    if not requests:
        return Text("no requests")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("number", "opened", "student", "assignment", "question", "outcome"):
        table.add_column(heading, no_wrap=heading != "outcome", overflow="fold",
                         justify="right" if heading == "number" else "left")
    for each in requests:
        table.add_row(
            str(each.number), clock(each.opened, zone),
            Text(one_line(roster.person(each.student).shown)), each.assignment,
            each.question or "total",
            Text("open" if each.closed is None else one_line(each.outcome or "")))
    return table


def thread(request: SecondLook, roster: Roster, zone: tzinfo | None) -> Text:
    """A request with all that was said, when in the course's zone, and what was decided."""
    return Text("\n").join(_lines(request, roster, zone))


def _lines(request: SecondLook, roster: Roster, zone: tzinfo | None) -> Iterator[Text]:
    about = f"{request.assignment}, {request.question or 'the total'}"
    student = one_line(roster.person(request.student).shown)
    yield Text(f"Request {request.number}: {student} on {about}", style="bold")
    for message in request.messages:
        by = one_line(roster.person(message.by).shown)
        yield Text(f"  {clock(message.at, zone)}  {by}", style="dim")
        yield from (Text(f"    {line}") for line in visible(message.text).splitlines())
    if request.closed is None:
        yield Text("  open")
    else:
        yield Text(f"  {clock(request.closed, zone)}  closed: {one_line(request.outcome or '')}")
        if request.is_taken_back:
            yield Text("  what was decided then was taken back since")
