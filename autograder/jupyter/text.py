"""The text that stands for an answer where no page can be shown: in a terminal, in a saved file."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


def as_text(*parts: RenderableType) -> str:
    """In colours where a terminal shows them."""
    from rich.console import Console

    in_colour = sys.stdout.isatty() and "ipykernel" not in sys.modules
    console = Console(file=io.StringIO(), width=100, force_terminal=in_colour,
                      force_jupyter=False)  # it would show it by itself, and empty
    with console.capture() as text:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, str), markup=False, highlight=False)
    return printable(text.get().rstrip())


def printable(text: str) -> str:
    """A question mark for what standard output cannot say: a file on Windows knows no ✓."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
