"""What changed between two runs, and which runs there are: for a terminal, as a page, as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from statistics import fmean

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.course.dates import clock
from autograder.course.spreadsheets import as_csv
from autograder.report.cells import safe_cell
from autograder.report.pages import render
from autograder.report.words import one_line, points
from autograder.store import Run
from autograder.store.changes import Cause, Comparison

_CAUSES_SHOWN = 3  # of a student, in a terminal


def runs_table(runs: Sequence[Run], zone: tzinfo | None) -> Table:
    """One row for each run, in their order, with times of the course's zone. Only the command is
    ever broken into lines."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("run", "started", "assignment", "new\nresults", "state", "command"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "command",
                         justify="right" if heading in ("run", "new\nresults") else "left")
    for run in runs:
        table.add_row(str(run.id), clock(run.started, zone), run.assignment, str(run.results),
                      "unfinished" if run.finished is None else "finished",
                      Text(one_line(_shown(run.command))))
    return table


def comparison_table(comparison: Comparison) -> RenderableType:
    """One row for each student for whom something changed, and a summary."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("student", "before", "after", "change", "by"):
        table.add_column(heading, overflow="fold",
                         justify="left" if heading in ("student", "by") else "right")
    for change in comparison.changes:
        shown = [_line(cause) for cause in change.causes[:_CAUSES_SHOWN]]
        if more := len(change.causes) - len(shown):
            shown.append(f"and {more} more")
        table.add_row(Text(one_line(change.student)), _score(change.before), _score(change.after),
                      signed(change.points), Text("\n".join(shown)))
    return Group(*([table] if comparison.changes else []), Text(summary(comparison)))


def comparison_page(comparison: Comparison, title: str, zone: tzinfo | None) -> str:
    return render("changes.html.j2", comparison=comparison, title=title,
                  when=lambda run: clock(run.started, zone), score=_score, signed=signed,
                  summary=summary(comparison))


def comparison_csv(comparison: Comparison) -> str:
    """One row for each cause of each change."""
    heading = ("student", "score before", "score after", "change", "question", "what", "before",
               "after", "points")
    return as_csv([heading, *(
        [safe_cell(change.student),
         *map(_number, (change.before, change.after, change.points)),
         *map(safe_cell, (cause.question, cause.what, cause.before, cause.after)),
         _number(cause.points)]
        for change in comparison.changes for cause in change.causes)])


def summary(comparison: Comparison) -> str:
    """How many have more and fewer points, in a sentence."""
    moved = [change.points for change in comparison.changes if change.points]
    counts = {
        "More points": sum(each > 0 for each in moved),
        "fewer": sum(each < 0 for each in moved),
        "other changes": len(comparison.changes) - len(moved),
        "unchanged": comparison.students - len(comparison.changes),
    }
    said = ", ".join(f"{what}: {count}" for what, count in counts.items())
    mean = f". Mean change of their scores: {signed(fmean(moved))}" if moved else ""
    return f"Run {comparison.before.id} to {comparison.after.id}. {said}{mean}"


def signed(number: float | None) -> str:
    if number is None:
        return "—"
    text = points(abs(number))
    return text if text == "0" else f"{'+' if number > 0 else '−'}{text}"


def _line(cause: Cause) -> str:
    where = f"{cause.question}: " if cause.question else ""
    gained = "" if cause.points is None else f" ({signed(cause.points)})"
    return one_line(f"{where}{cause.what}: {cause.before} → {cause.after}{gained}")


def _score(score: float | None) -> str:
    return "—" if score is None else points(score)


def _number(number: float | None) -> str:
    return "" if number is None else points(number)


def _shown(command: str) -> str:
    """A command line as one types it: the program by its name."""
    program, _, arguments = command.partition(" ")
    name = program.removesuffix("/__main__.py").rpartition("/")[2]
    return f"{name} {arguments}".strip()
