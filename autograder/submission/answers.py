"""What a student wrote for questions in free text, found again in whatever was handed in.

A cell of the handout says in its metadata which question it answers, and again in a comment at its
top, which Markdown does not show: Colab, jupytext and nbconvert lose the one or the other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from autograder.course import Assignment
from autograder.submission.document import is_script, text_of, written
from autograder.submission.model import Unreadable
from autograder.submission.scripts import prose

KEY = "autograder"
"""Of a cell's metadata: ``{"text": "<question>"}``."""
LONGEST = 30_000  # characters; a spreadsheet's cell takes no more

_COMMENT = re.compile(r"<!--[ \t]*answer:[ \t]*(?P<question>\w+)[ \t]*-->[ \t]*\n?")
_TITLE = re.compile(r'\bautograder={"text": ?"(?P<question>\w+)"}')  # as jupytext writes metadata
_UNKEPT = re.compile("[\0\ud800-\udfff]")  # which databases and files refuse


def commented(question: str, source: str) -> str:
    """The source of a cell that answers ``question``, with the comment that says so."""
    return f"<!-- answer: {question} -->\n{source}"


def keepable(text: str) -> str:
    """The text in letters that databases and files take."""
    return _UNKEPT.sub("\N{REPLACEMENT CHARACTER}", text)


def uncommented(source: str) -> str:
    """The source without such comments."""
    return _COMMENT.sub("", source)


def question_of(metadata: object, source: str) -> str | None:
    """The question that a cell answers; None where it says none."""
    said = metadata.get(KEY) if isinstance(metadata, Mapping) else None
    name = said.get("text") if isinstance(said, Mapping) else None
    if isinstance(name, str):
        return name
    found = _COMMENT.search(source)
    return found and found["question"]


def texts(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, str | None]:
    """Question in free text -> what the student wrote: "" where nothing was added to the handout,
    None where no cell is left that answers it. Of several cells all count that differ from it."""
    asked = [question.name for question in assignment.questions if question.kind == "text"]
    if not asked or not files:
        return dict.fromkeys(asked)
    [(name, content)] = files.items()
    found, given = _by_question(name, content), _given(assignment)
    return {question: _answer(found[question], given.get(question, []))
            if question in found else None for question in asked}


def fingerprint(text: str | None) -> str:
    """By which one knows whether a text is still the one that was marked. No spreadsheet takes it
    for a number: it begins with a letter that no number has."""
    return f"t{hashlib.sha256((text or '').encode()).hexdigest()[:15]}"


def _answer(cells: list[str], given: list[str]) -> str:
    known = {_plain(text) for text in ["", *given]}
    text = "\n\n".join(dict.fromkeys(text for text in cells if _plain(text) not in known))
    return text if len(text) <= LONGEST else f"{text[:LONGEST - 1]}…"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _by_question(name: str, content: bytes) -> dict[str, list[str]]:
    """Question -> the texts of the cells that say they answer it; none of a file that nobody can
    read."""
    found: dict[str, list[str]] = {}
    try:
        for question, source in _claims(name, content):
            text = keepable(uncommented(source))
            found.setdefault(question, []).append("\n".join(text.splitlines()).strip())
    except Unreadable:
        return {}
    return found


def _claims(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    if is_script(name):
        for title, source in prose(text_of(name, content)):
            said = _TITLE.search(title)
            if question := said["question"] if said else question_of(None, source):
                yield question, source
    else:
        for cell in written(name, content):
            if question := question_of(cell.fields.get("metadata"), cell.source):
                yield question, cell.source


def _given(assignment: Assignment) -> dict[str, list[str]]:
    """Question -> what students were given in the place of an answer."""
    found: dict[str, list[str]] = {}
    for handout in assignment.handouts:
        with suppress(OSError):
            for question, given in _handed_out(handout, handout.stat().st_mtime_ns).items():
                found.setdefault(question, []).extend(given)
    return found


@lru_cache(maxsize=8)
def _handed_out(file: Path, mtime: int) -> dict[str, list[str]]:
    """Of a handout, which is read once for all students. Raises OSError."""
    return _by_question(file.name, file.read_bytes())
