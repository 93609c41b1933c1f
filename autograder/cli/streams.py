"""The two streams that people read. A reader that leaves (``| head``), or an encoding that lacks
our letters, does not end a command."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any

from rich.console import Console

# How our own signs are written where the stream's encoding lacks them.
_SPELLED = {"✓": "+", "✗": "x", "·": ".", "—": "-", "–": "-", "−": "-", "…": "...", "→": "->",
            "×": "x"}


class Stream(Console):
    """A console that goes on when nobody reads it any more: a run that is piped into ``head``
    has a class to grade, and its exit status says how that went."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, self.file.fileno())  # what is still buffered goes there at the end
        os.close(nobody)

    def print_json(self, *arguments: Any, **options: Any) -> None:
        """As JSON that every encoding can carry."""
        super().print_json(*arguments, ensure_ascii=not self.encoding.startswith("utf"), **options)

    def verbatim(self, text: str) -> None:
        """A line for programs: without colours, and never wrapped."""
        self.out(text, highlight=False)


def spell_out() -> None:
    """Let stdout take every text, whatever its encoding."""
    codecs.register_error("autograder", _spelled)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="autograder")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """An encoding's error handler: our signs by others, all else as JSON's escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelling, error.object[error.start : error.end])), error.end


def _spelling(character: str) -> str:
    if character in _SPELLED:
        return _SPELLED[character]
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
