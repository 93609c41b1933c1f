"""Looking at what is graded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from autograder.cli import console
from autograder.course import load as load_course

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder show ann\n\n"
                    "autograder show ann correlation")
def show(
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="The student's id.")],
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", show_default=False, help="Only this one.")] = None,
    course_file: console.CourseOption = None,
) -> None:
    """Show every result there is of one student, oldest first."""
    from autograder.report.words import one_line, points
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    with Store(course) as store:
        entries = store.history(student, assignment)
    if not entries:
        console.output.print(Text(f"no results of {one_line(student)}"))
        return
    table = Table(box=box.SIMPLE_HEAD, title=Text(one_line(student)))
    for heading in ("graded at", "assignment", "status", "score", "sandbox", "files", "suite"):
        table.add_column(heading, justify="right" if heading == "score" else "left",
                         overflow="fold", no_wrap=heading == "graded at")
    for entry in entries:
        table.add_row(
            f"{entry.created.astimezone():%Y-%m-%d %H:%M}", entry.assignment, entry.status.value,
            points(entry.score), entry.tier, entry.submission[:8], entry.suite[:8])
    console.output.print(table)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder leaderboard fast_conv\n\n"
                    "autograder leaderboard fast_conv --html leaderboard.html")
def leaderboard(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Which assignment.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False, help="Also write a page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    course_file: console.CourseOption = None,
) -> None:
    """Show how fast right solutions are, of students whom grader.toml's leaderboard table names.
    """
    from autograder.performance.leaderboard import entries
    from autograder.report import leaderboard as board
    from autograder.report.files import write_whole
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    with Store(course) as store:
        found = entries(store.latest(assignment), course, assignment)
    title = course.assignment(assignment).title
    if html is not None:
        write_whole(html, board.page(found, title))
    if as_json:
        console.output.print_json(board.as_json(found))
    else:
        console.output.print(board.table(found, title))
