"""The verb ``check``, by which students check their own notebooks."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from autograder.cli import console, options
from autograder.course import LanguageCode
from autograder.errors import ExitStatus

if TYPE_CHECKING:
    from autograder.selfcheck import Checker

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder check correlation.ipynb\n\n"
                    "autograder check correlation.ipynb --question corr2d --language zh\n\n"
                    "autograder check ~/Downloads/lab.ipynb --checks correlation/checks\n\n"
                    "autograder check correlation.ipynb --watch")
def check(
    notebook: options.NotebookArgument,
    question: Annotated[
        str | None,
        typer.Option("--question", "-q", metavar="NAME", show_default=False,
                     help="Only this question.")] = None,
    checks: Annotated[
        Path | None,
        typer.Option("--checks", metavar="DIR", show_default=False,
                     help="The folder checks/ of the assignment. Default: beside the notebook, "
                          "or in the course around it.")] = None,
    spoken: Annotated[
        LanguageCode | None,
        typer.Option("--language", "-l", show_default=False,
                     help="What to answer in. Default: the course's language.")] = None,
    as_json: options.JsonOption = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check it again whenever it is saved, until "
                                                 "Ctrl-C.")] = False,
) -> None:
    """Run the visible checks of your notebook: what is wrong, and which mistake it looks like.

    Exits with 0 when all visible checks pass, 1 when some do not, 2 when it cannot be run, and 3
    when the grader failed.
    """
    from autograder.sandbox.launch import launch

    is_linux = sys.platform.startswith("linux")
    # It becomes warm while torch is imported here.
    named = _names(notebook) if is_linux and not watch else None
    launched = launch(plots=named is None or "matplotlib" in named) if is_linux else None
    from autograder import selfcheck
    from autograder.report.checking import checked
    from autograder.report.translations import language
    from autograder.sandbox.bare import Bare
    from autograder.sandbox.client import Zygote

    checker = partial(selfcheck.Checker, notebook, checks=checks, question=question,
                      start=partial(Zygote, launched) if is_linux else Bare)
    if watch:
        _watch(notebook, checker, spoken)
    with console.messages.status("checking"), checker() as warm:
        found = warm.check()
    result = found.grade.result
    if result.environment.sandbox == "none" and not as_json:
        console.warn(_NO_SANDBOX)
    if as_json:
        console.output.print_json(found.grade.model_dump_json(by_alias=True))
    else:
        assignment = found.assignment
        console.output.print(checked(
            result, assignment, language(spoken or assignment.language, assignment)))
    if result.status.value == "internal":
        raise typer.Exit(ExitStatus.ATTENTION)
    if not found.passed:
        raise typer.Exit(ExitStatus.SHORT)


_NO_SANDBOX = "no sandbox on this machine: your notebook ran with all your own rights"


def _watch(
    notebook: Path, checker: Callable[[], Checker], spoken: LanguageCode | None
) -> NoReturn:
    """Check it at once, and whenever it is saved. Ends by Ctrl-C."""
    from autograder.report.checking import watched
    from autograder.report.translations import language
    from autograder.selfcheck.watching import Progress, progress, saved

    before: Progress | None = None
    with checker() as warm:
        for _ in saved(notebook):
            found = warm.check()
            if before is None and found.grade.result.environment.sandbox == "none":
                console.warn(_NO_SANDBOX)
            assignment = found.assignment
            now = progress(found.grade.result, assignment, before)
            console.output.print(watched(
                found.grade.result, assignment,
                language(spoken or assignment.language, assignment), now.gained, now.lost,
                now.next))
            before = now
    raise AssertionError("it is watched for ever")


def _names(notebook: Path) -> set[str] | None:
    """The names in its code; None where that cannot be told."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        trees = [ast.parse("".join(cell["source"])) for cell in cells
                 if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError, SyntaxError, RecursionError):
        return None
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        found |= {getattr(node, "attr", ""), getattr(node, "id", "")}
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(re.findall(r"\w+", ast.unparse(node)))
    return found
