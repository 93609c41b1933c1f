"""The command line. Light to import: a command may be started again before it has begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from autograder import safe_path


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the verb that ``arguments`` (default: the command line) name, and exit.

    A command has a safe path before anything else. Who gives ``arguments`` has started Python, and
    it stays as it is.

    The exit status is one of ``ExitStatus``; ``docs/instructors.md`` says what each means.
    """
    if arguments is None:
        safe_path.ensure()
    from autograder.cli.verbs import run

    run(arguments)
