"""A running notebook, handed in: its file, and below the cell the receipt and then the result."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.handing_in import telling
from autograder.handing_in.door import DoorError
from autograder.handing_in.handing import HandedIn, HandingInError, hand_in, offer, waited
from autograder.handing_in.said import Worth
from autograder.jupyter import place
from autograder.jupyter.text import as_text
from autograder.report import words
from autograder.report.translations import Language, language
from autograder.result import Sentence, sentence


@dataclass(frozen=True)
class HandInShown:
    """A hand-in below its cell, as far as it is known. Notebooks and terminals show it."""

    lines: Sequence[Sentence]
    spoken: Language
    worth: Worth | None = None
    page: str = ""

    def __repr__(self) -> str:
        return as_text(
            *(words.one_line(words.say(line, self.spoken)) for line in self.lines),
            *([telling.outcome(self.worth, self.spoken)] if self.worth else []))

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from autograder.report.notebook import handed_in

        return {"text/plain": repr(self),
                "text/html": handed_in(self.lines, self.spoken, self.page)}


def submitted(
    shell: Any, modules: Sequence[Path], *, notebook: Path | None = None, waits: bool = True,
    spoken: str | None = None, **how: Any,
) -> Iterator[HandInShown]:
    """Hand in the notebook of a session; what there is to show, one in the place of the other.

    Args:
        modules: what the notebook imports beside it.
        notebook: its file; None is to find it.
        waits: until the result is there.
        how: as ``hand_in`` takes it.

    Raises:
        HandingInError, DoorError, TokenError: it was not handed in.
        OSError: a file cannot be read.
    """
    file = notebook or place.file(shell.user_ns)
    if file is None:
        raise HandingInError("which file is this notebook? Nothing here says so; name it: "
                             "%submit --notebook FILE.ipynb")
    spoken = spoken or place.spoken(shell.user_ns)
    spoken_here = language("zh" if spoken == "zh" else "en")
    lines: list[Sentence] = []
    if other := unsaved(file, shell.history_manager.input_hist_raw):
        lines.append(sentence(
            "What runs here is not what was in the file: {names}. Save the notebook, run it, and "
            "hand it in again.", names=", ".join(other)))
    received = hand_in([file, *modules], spoken=spoken or "en", **how)
    lines += telling.received(received)
    yield HandInShown(lines, spoken_here)
    if waits:
        yield from _followed(received, lines, spoken_here)


def _followed(received: HandedIn, lines: Sequence[Sentence], spoken: Language
              ) -> Iterator[HandInShown]:
    try:
        for how_far in waited(received):
            if not how_far.has_result:
                yield HandInShown([*lines, telling.waiting(how_far)], spoken)
        if how_far.has_result:
            number = received.receipt.number
            worth = received.door.worth(number)
            if not worth.is_graded:
                lines = [*lines, telling.counts(offer(received))]
            yield HandInShown(lines, spoken, worth, received.door.page(number))
    except DoorError as error:  # it is received all the same
        yield HandInShown([*lines, Sentence(text="{why}", values={"why": str(error)})], spoken)


def unsaved(file: Path, inputs: Sequence[str]) -> list[str]:
    """Names of functions and classes that were last defined by a cell that the file does not have,
    or not so: it was not saved since, or not run.

    Args:
        inputs: the session's, as they were typed.
    """
    try:
        cells = json.loads(file.read_bytes())["cells"]
        saved = {_same("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"}
    except (OSError, ValueError, LookupError, TypeError):
        return []  # a script, or what the door will say
    last: dict[str, str] = {}
    for source in inputs:
        last |= dict.fromkeys(_defined(source), source)
    return [name for name, source in last.items() if _same(source) not in saved]


def _same(source: str) -> str:
    return source.strip()


def _defined(source: str) -> Iterator[str]:
    # Magics are no Python: lines that begin as one are left out.
    lines = ["" if line.startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from (node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
