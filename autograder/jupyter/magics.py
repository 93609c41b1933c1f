"""``%check``, ``%%check`` and ``%submit``."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from autograder.errors import AutograderError
from autograder.jupyter import stopped


@magics_class
class StudentMagics(Magics):
    """Visible checks on the functions of the session, and the notebook handed in."""

    @magic_arguments()
    @argument("names", nargs="*", help="Questions or functions. Default: all.")
    @argument("--checks", "-c", help="The folder checks/ of the assignment. Default: beside the "
                                     "notebook, or above it.")
    @argument("--language", "-l", choices=("en", "zh"),
              help="What to answer in. Default: the notebook's language, as its name says it, "
                   "or the course's.")
    @line_cell_magic
    def check(self, line: str, cell: str | None = None) -> None:
        """Run the visible checks of your functions as they are now: what is wrong, and which
        mistake it looks like.

        ``%check`` checks everything, ``%check corr2d`` one question; ``%%check corr2d`` above a
        cell runs the cell first.
        """
        asked = parse_argstring(self.check, line)
        assert self.shell is not None
        # The line of the magic stays a line, so that others keep their numbers.
        if cell is not None and not self.shell.run_cell(f"#\n{cell}").success:
            return
        with _without_collection():
            from autograder.jupyter.checking import checked
            from autograder.jupyter.session import current
        try:
            display(checked(current(), asked.names, spoken=asked.language,
                            checks=Path(asked.checks) if asked.checks else None))
        except AutograderError as error:
            raise UsageError(str(error)) from None

    @magic_arguments()
    @argument("modules", nargs="*", help="Modules of your own that the notebook imports.")
    @argument("--to", "-t", help="The door: https://… Default: what AUTOGRADER_DOOR names, or the "
                                 "one for which you typed your token.")
    @argument("--assignment", "-a", help="Default: the one that the notebook is called like.")
    @argument("--notebook", "-n", help="The notebook's file. Default: what the notebook is open in "
                                       "says.")
    @argument("--token-file", help="The file with your token. Default: AUTOGRADER_TOKEN, or the "
                                   "one that is kept; else you are asked.")
    @argument("--no-wait", action="store_true", help="Do not wait for the result.")
    @argument("--language", "-l", choices=("en", "zh"), help="What to answer in. Default: "
              "the notebook's language, as its name says it.")
    @line_magic
    def submit(self, line: str) -> None:
        """Hand in this notebook, as it was saved, to the course's door: the receipt stands below
        the cell, and then the result."""
        asked = parse_argstring(self.submit, line)
        assert self.shell is not None
        with _without_collection():
            from autograder.jupyter.submitting import submitted
        try:
            below: Any = None
            for shown in submitted(
                    self.shell, list(map(Path, asked.modules)), waits=not asked.no_wait,
                    notebook=Path(asked.notebook) if asked.notebook else None,
                    token_file=Path(asked.token_file) if asked.token_file else None,
                    to=asked.to, assignment=asked.assignment, spoken=asked.language):
                if below is None:
                    below = display(shown, display_id=True)
                else:
                    below.update(shown)
        except (AutograderError, OSError) as error:
            raise UsageError(str(error)) from None


@contextmanager
def _without_collection() -> Iterator[None]:
    """Modules are made of many small objects, and torch's heap is not to be walked for each of
    them: that takes longer than the modules themselves."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def load(shell: Any) -> None:
    """Have the magics in this shell."""
    stopped.watch(shell)
    shell.register_magics(StudentMagics)
