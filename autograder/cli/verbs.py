"""The verbs of the command line: parse, call, print.

Wings are imported inside the verbs that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import inspect
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from autograder import __version__, systems
from autograder.cli import (
    authoring,
    checking,
    console,
    decided,
    deciding,
    door,
    exchange,
    giving_back,
    grading,
    handing_in,
    importing,
    keeping,
    lti,
    machine,
    marks,
    people,
    requests,
    results,
    similarity,
)
from autograder.cli.endings import end
from autograder.cli.streams import spell_out
from autograder.errors import ExitStatus

app = typer.Typer(
    name="autograder", no_args_is_help=True, rich_markup_mode="rich",
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
    help="Make courses of notebooks, and grade them. Student code runs confined, apart from hidden "
         "tests and scores.",
)

def run(arguments: Sequence[str] | None) -> NoReturn:
    """What ``autograder.cli.main`` does, in a process whose path is safe."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # which raises KeyboardInterrupt
    spell_out()
    try:
        app(args=arguments, prog_name="autograder")
    except Exception as error:
        sys.exit(end(error, sys.argv[1:] if arguments is None else arguments))
    sys.exit(ExitStatus.DONE)


@app.callback(invoke_without_command=True)
def autograder(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        console.output.print(f"autograder {__version__}")
        raise typer.Exit
    if systems.is_ruled_out():
        raise console.UsageError(systems.lacking())


for part in (grading, checking, giving_back, handing_in, results, people, lti, deciding, decided,
             marks, requests, keeping, similarity, exchange, authoring, importing, machine, door):
    app.add_typer(part.verbs)


def _flow(verbs: typer.Typer) -> None:
    """Have each paragraph of every verb's help as one line: typer breaks lines where docstrings
    do, and terminals break them once more."""
    for each in verbs.registered_commands:
        paragraphs = inspect.getdoc(each.callback) or ""
        each.help = each.help or "\n\n".join(
            " ".join(paragraph.split("\n")) for paragraph in paragraphs.split("\n\n"))
    for group in verbs.registered_groups:
        if group.typer_instance is not None:
            _flow(group.typer_instance)


_flow(app)
