"""For students who hand in from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import LanguageCode
from autograder.errors import ExitStatus

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder submit correlation.ipynb --to https://grader.example.org\n\n"
                    "autograder submit lab.ipynb helpers.py --assignment correlation\n\n"
                    "autograder submit correlation.ipynb --token-file token --no-wait")
def submit(
    notebook: options.NotebookArgument,
    modules: Annotated[
        list[Path] | None,
        typer.Argument(metavar="MODULE", show_default=False,
                       help="Modules of your own that it imports.")] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", "-t", metavar="URL", show_default=False,
                     help="The door: https://… Default: what AUTOGRADER_DOOR names, or the one "
                          "for which you typed your token.")] = None,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", "-a", metavar="NAME", show_default=False,
                     help="Default: the one that the notebook is called like.")] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", show_default=False,
                     help="The file with your token. Default: AUTOGRADER_TOKEN, or the one that is "
                          "kept; else you are asked.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the result.")] = True,
    spoken: Annotated[
        LanguageCode | None,
        typer.Option("--language", "-l", show_default=False,
                     help="What to answer in. Default: English.")] = None,
) -> None:
    """Hand in to the course's door. The receipt is saved beside the notebook; then the result is
    waited for, and shown.

    Exits with 0 when it was received, and graded unless --no-wait, whatever the points; 2 when it
    was not received; 3 when the grader failed, or nobody can read the notebook.
    """
    from autograder.handing_in import telling
    from autograder.handing_in.handing import hand_in, offer, waited
    from autograder.report import words
    from autograder.report.translations import language
    from autograder.result import Sentence

    here = language(spoken or "en")

    def said(text: Sentence) -> str:
        return words.one_line(words.say(text, here))

    received = hand_in([notebook, *(modules or [])], to=to, assignment=assignment,
                       token_file=token_file, spoken=here.code)
    for line in telling.received(received):
        console.output.print(Text(said(line)), soft_wrap=True)
    if not wait:
        return
    with console.messages.status("") as status:
        for how_far in waited(received):
            status.update(Text(said(telling.waiting(how_far))))
    if not how_far.has_result:
        console.say(said(telling.waiting(how_far)), alarm=True)
        raise typer.Exit(ExitStatus.ATTENTION)
    worth = received.door.worth(received.receipt.number)
    console.output.print(telling.outcome(worth, here))
    if not worth.is_graded:
        console.say(said(telling.counts(offer(received))), alarm=True)
    console.output.print(console.plain(how_far.page, "dim"), soft_wrap=True)
    if not worth.is_graded:
        raise typer.Exit(ExitStatus.ATTENTION)
