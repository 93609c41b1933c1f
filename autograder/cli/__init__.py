"""The verbs of the command line: parse, call, print.

Rooms are imported inside the verbs that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from rich.text import Text

from autograder import __version__
from autograder.cli import (
    authoring,
    console,
    exchange,
    grading,
    learning,
    machine,
    results,
    similarity,
)

app = typer.Typer(
    name="autograder", no_args_is_help=True, add_completion=False, rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Grade notebooks on convolutional neural networks. Student code runs confined, apart "
         "from hidden tests and scores.",
)

# What a person can mend: said in a line, without a traceback. By name, because importing the
# rooms would load torch to report a slip of the keyboard.
_MISTAKES = {"BenchmarkError", "BuildError", "CourseError", "ExchangeError", "JudgeError",
             "OSError", "RunError", "SandboxError", "SecretError", "StoreError", "SubmissionError",
             "UsageError"}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the verb that ``arguments`` (default: the command line) name, and exit.

    Exit codes: 0 all went well; 1 `build --check` found a difference, `check` a fault, or `ci` is
    below its threshold; 2 usage or configuration;
    3 some submissions are unreadable, the grader failed on them, or an export has to be looked at;
    130 Ctrl-C or SIGTERM.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # which raises KeyboardInterrupt
    try:
        app(args=arguments, prog_name="autograder")
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "Interrupted" in kinds:
            console.messages.print(Text(str(error), style="yellow"), soft_wrap=True)
            sys.exit(130)
        if not kinds & _MISTAKES:
            raise
        console.say_why(error)
        sys.exit(2)
    sys.exit(0)


@app.callback(invoke_without_command=True)
def autograder(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        console.output.print(f"autograder {__version__}")
        raise typer.Exit


for room in (grading, learning, results, similarity, exchange, authoring, machine):
    app.add_typer(room.verbs)
