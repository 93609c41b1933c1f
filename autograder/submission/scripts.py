"""A script as cells: by its markers, or else statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.sizes import MAX_TEXT
from autograder.submission.cells import NotPython, Translator, first_line, lines_of, parse

# A cell of a script: jupytext's percent format, or what nbconvert writes.
_MARKER = re.compile(r"#\s?(?:%%(?=$|[\s\[])|In ?\[[\d ]*\]:)(?P<title>.*)")
_PROSE = re.compile(r"[^\[]*\[(?:markdown|md|raw)\]")
_TEXT = ('"""', "'''")
_OPENS = re.compile("|".join((*_TEXT, "#")))
_QUOTED = re.compile(r"^[rR]?(?P<marks>\"{3}|'{3})(?P<text>.*?)(?P=marks)",
                     re.DOTALL | re.MULTILINE)
_HASH = re.compile(r"^# ?", re.MULTILINE)
_CONTINUES = re.compile(r"[\s#)\]}\"']|(?:elif|else|except|finally)\b|$")


def divided(text: str) -> list[tuple[str, int]]:
    """The cells of a script, each with the number of lines before it.

    Without markers each statement is a cell, so that one that fails costs no other. Where the
    script does not parse, each block that begins at the margin is."""
    lines = lines_of(text)
    marked = {index: found for index, line in enumerate(lines) if (found := _MARKER.match(line))}
    starts = list(marked) or _statement_starts("\n".join(lines)) or _block_starts(lines)
    starts = sorted({0, *starts})
    ends = [*starts[1:], len(lines)]
    return [
        ("\n".join(lines[start:end]).rstrip("\n"), start)
        for start, end in zip(starts, ends, strict=True)
        if not (start in marked and _PROSE.match(marked[start]["title"]))
        and any(line.strip() and not line.lstrip().startswith("#") for line in lines[start:end])
    ]


def unprosed(text: str) -> str:
    """A script without its cells of prose, by its markers alone."""
    kept, is_prose = [], False
    for line in lines_of(text):
        if found := _MARKER.match(line):
            is_prose = _PROSE.match(found["title"]) is not None
        if not is_prose:
            kept.append(line)
    return "\n".join(kept)


def prose(text: str) -> Iterator[tuple[str, str]]:
    """Where the cells of Markdown may be: the title of its marker, where it has one, and the text
    of each percent cell of prose, each block of comments (nbconvert), each text at the margin
    (Colab)."""
    title = ""
    block: list[str] = []
    for line in [*lines_of(text), "the end"]:
        found = _MARKER.match(line)
        if not found and (line.startswith("#") or (title and not line.strip())):
            block.append(line)
            continue
        if block:
            yield title, _HASH.sub("", "\n".join(block))
        block, title = [], found["title"] if found and _PROSE.match(found["title"]) else ""
    yield from (("", quoted["text"]) for quoted in _QUOTED.finditer(text))


def _statement_starts(text: str) -> list[int]:
    """Lines, 0-based, where a top-level statement begins; none where the text does not parse,
    or is so long that its syntax tree would take gigabytes."""
    if len(text) > MAX_TEXT:
        return []
    try:
        plain = Translator().python(text)
        # Magics become calls, in the same lines; but one that goes on by a backslash takes one.
        body = parse(plain).body if plain.count("\n") == text.count("\n") else []
    except NotPython:
        return []
    starts = []
    ended = 0  # the last line of the statement before
    for statement in body:
        first = first_line(statement)
        if first > ended:  # else it shares a line: a = 1; b = 2
            starts.append(first - 1)
        ended = statement.end_lineno or first
    return starts


def _block_starts(lines: Sequence[str]) -> list[int]:
    within = _within_texts(lines)
    starts = []
    decorated = False
    for index, line in enumerate(lines):
        if index in within:
            continue
        # A text that begins at the margin is a cell of prose, as Colab writes it.
        if not _CONTINUES.match(line) or (within and line.startswith(_TEXT)):
            if not decorated:
                starts.append(index)
            decorated = line.startswith("@")
    return starts


def _within_texts(lines: Sequence[str]) -> set[int]:
    """Lines that begin within a text of several lines. None where its end is missing: all the rest
    would be within it."""
    within: set[int] = set()
    around = ""  # the quotation marks that the text ends by
    for index, line in enumerate(lines):
        if around:
            within.add(index)
        rest = line
        while rest:
            if around:
                _, ended, rest = rest.partition(around)
                around = "" if ended else around
            else:
                found = _OPENS.search(rest)
                if found is None or found[0] == "#":
                    break
                around, rest = found[0], rest[found.end():]
    return within if not around else set()
