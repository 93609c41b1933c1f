"""Assignments of other programs, made ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from autograder.cli import console, options
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import counted

if TYPE_CHECKING:
    from autograder.authoring.importing.source import Imported
    from autograder.authoring.importing.writing import Made

verbs = typer.Typer()
group = typer.Typer(no_args_is_help=True)
verbs.add_typer(group, name="import", help="Take over assignments of nbgrader's or otter's.")

_FolderArgument = Annotated[Path, typer.Argument(
    metavar="DIR", help="Where they lie: a course, or one assignment.")]


@group.command(epilog="[bold]Examples[/bold]\n\nautograder import nbgrader ~/course101")
def nbgrader(folder: _FolderArgument, course_file: options.CourseOption = None) -> None:
    """Take over what lies in source/: notebooks, tests, hidden tests, points, texts.

    Nothing of it is run. What could not be translated is marked TODO(import), with its source.
    """
    from autograder.authoring.importing import nbgrader

    _import(nbgrader.assignments, folder, course_file)


@group.command(epilog="[bold]Examples[/bold]\n\nautograder import otter ~/homework/hw01")
def otter(folder: _FolderArgument, course_file: options.CourseOption = None) -> None:
    """Take over masters of `otter assign`: questions, solutions, tests, hidden tests, texts.

    Nothing of it is run. What could not be translated is marked TODO(import), with its source.
    """
    from autograder.authoring.importing import otter

    _import(otter.assignments, folder, course_file)


def _import(
    read: Callable[[Path], Iterator[Imported]], folder: Path, course_file: Path | None
) -> None:
    from autograder.authoring.importing.source import ImportFailed
    from autograder.authoring.importing.writing import TODO, write

    started = time.monotonic()
    file = console.course_file(course_file)
    found = list(read(folder))
    empty = [f"{each.notebook}: nothing of it would be graded, and it is left out: no test names "
             "what a cell of a solution defines, and no text has points. Were its cells' metadata "
             "or its markers lost, or is it of another language?"
             for each in found if not each.questions]
    if len(empty) == len(found):
        raise ImportFailed("\n".join(empty))
    made = [write(load_course(file), file, each) for each in found if each.questions]
    for each in made:
        for path in each.files:
            console.output.print(Text(str(path)), soft_wrap=True)
        console.output.print(_shares(each))
    exact = sum(share.exact for each in made for share in each.shares)
    left = sum(share.left for each in made for share in each.shares)
    console.output.print(
        f"{counted(len(made), 'assignment')} in {time.monotonic() - started:.1f} s; "
        f"said exactly: {exact} of {exact + left}")
    console.output.print(f"Now: read what is marked {TODO}, write misconceptions, and: autograder "
                         f"build && autograder audit {' '.join(each.assignment for each in made)}")
    console.tell(empty)
    if empty:
        raise typer.Exit(ExitStatus.ATTENTION)


def _shares(made: Made) -> Table:
    table = Table(title=made.assignment, box=None, title_justify="left", title_style="bold")
    table.add_column("question")
    for title in ("points", "said exactly", "left"):
        table.add_column(title, justify="right")
    for share in made.shares:
        said = "a text" if share.kind == "text" else f"{share.exact} of {share.exact + share.left}"
        table.add_row(share.question, f"{share.points:g}", said, str(share.left))
    return table
