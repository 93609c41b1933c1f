"""Requests for another look, for staff at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.roster import Roster
from autograder.report.words import one_line, visible
from autograder.store.requests import SecondLook


def requests_table(requests: Sequence[SecondLook], roster: Roster) -> Table | Text:
    """A line for each."""
    if not requests:
        return Text("no requests")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("number", "opened", "student", "assignment", "question", "outcome"):
        table.add_column(heading, no_wrap=heading != "outcome", overflow="fold",
                         justify="right" if heading == "number" else "left")
    for each in requests:
        table.add_row(
            str(each.number), f"{each.opened.astimezone():%Y-%m-%d %H:%M}",
            Text(one_line(roster.person(each.student).shown)), each.assignment,
            each.question or "total",
            Text("open" if each.closed is None else one_line(each.outcome or "")))
    return table


def thread(request: SecondLook, roster: Roster) -> Text:
    """A request with all that was said, and what was decided."""
    return Text("\n").join(_lines(request, roster))


def _lines(request: SecondLook, roster: Roster) -> Iterator[Text]:
    about = f"{request.assignment}, {request.question or 'the total'}"
    student = one_line(roster.person(request.student).shown)
    yield Text(f"Request {request.number}: {student} on {about}", style="bold")
    for message in request.messages:
        by = one_line(roster.person(message.by).shown)
        yield Text(f"  {message.at.astimezone():%Y-%m-%d %H:%M}  {by}", style="dim")
        yield from (Text(f"    {line}") for line in visible(message.text).splitlines())
    if request.closed is None:
        yield Text("  open")
    else:
        yield Text(f"  {request.closed.astimezone():%Y-%m-%d %H:%M}  closed: "
                   f"{one_line(request.outcome or '')}")
        if request.is_taken_back:
            yield Text("  what was decided then was taken back since")
