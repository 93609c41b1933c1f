"""The summary of a class in a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment, Question
from autograder.report.figures import ClassFigures, answers, class_figures
from autograder.report.words import PENDING, one_line, points, say
from autograder.result import QuestionResult, Result, SubmissionStatus

_QUESTIONS_WIDTH = 62  # columns for all questions together, of a terminal of 100


def summary(results: Sequence[Result], assignment: Assignment) -> RenderableType:
    """A table with a row for each student, and below it what it says about the class."""
    width = max(5, min(11, _QUESTIONS_WIDTH // len(assignment.questions) - 1))
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=Text(one_line(assignment.title)))
    table.add_column("student", min_width=7, max_width=24, overflow="fold", vertical="bottom")
    # One column holds all questions, so that a row without points has room for its reason.
    headings = [Text(_heading(question, width)) for question in assignment.questions]
    table.add_column(_cells(headings, width), min_width=len(headings) * (width + 1))
    table.add_column("status", min_width=6, overflow="fold", vertical="bottom")
    table.add_column(f"total\n/{points(assignment.points)}", justify="right", vertical="bottom")
    for result in sorted(results, key=lambda result: result.student):
        table.add_row(*_row(result, assignment, width))
    return Group(table, *_below(class_figures(results, assignment), results))


def _row(result: Result, assignment: Assignment, width: int) -> list[RenderableType]:
    student = Text(one_line(result.student))
    if result.status is not SubmissionStatus.GRADED:
        reason = one_line(say(result.message)) if result.message else "no reason recorded"
        return [student, Text(reason, style="yellow"), Text(result.status.value, style="yellow"),
                Text("—")]
    given = answers(result)
    cells = [_score(given.get(question.name)) for question in assignment.questions]
    late = result.submission.late_days
    status = f"graded, {late} d late" if late else "graded"
    return [student, _cells(cells, width), Text(status),
            Text(points(result.score), style="bold")]


def _cells(cells: Sequence[Text], width: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for _ in cells:
        grid.add_column(width=width, justify="right", overflow="fold", vertical="bottom")
    grid.add_row(*cells)
    return grid


def _heading(question: Question, width: int) -> str:
    """The question's name, broken after underscores, above its points."""
    lines = [""]
    for part in re.findall(r"[^_]*_|[^_]+", question.name):
        if len(lines[-1] + part) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    bonus = "+" if question.bonus else ""
    return "\n".join([*filter(None, lines), bonus + points(question.points)])


def _score(answer: QuestionResult | None) -> Text:
    if answer is None:
        return Text("—", style="dim")
    if answer.status in PENDING:
        return Text("?", style="yellow")
    full = answer.score >= answer.max_score
    return Text(points(answer.score), style="green" if full else "red" if answer.score <= 0 else "")


def _below(figures: ClassFigures, results: Sequence[Result]) -> list[Text]:
    lines = [f"{figures.graded} graded"]
    if figures.mean is not None and figures.median is not None:
        lines[0] += f", mean {points(figures.mean)}, median {points(figures.median)}"
    hardest = figures.hardest
    if hardest is not None and hardest.mean_share is not None:
        lines.append(f"hardest question: {hardest.question.name} "
                     f"(mean {hardest.mean_share:.0%} of its points)")
    if figures.unreadable:
        lines.append(f"{figures.unreadable} unreadable")
    if figures.internal:
        lines.append(f"{figures.internal} internal: grade these again")
    if any(question.status in PENDING for result in results for question in result.questions):
        lines.append("? = deferred, or to be graded again")
    return [Text(line) for line in lines]
