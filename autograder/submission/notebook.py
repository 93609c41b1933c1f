"""Reads what was handed in: a notebook of any version, or a script, into cells of Python.

Not by nbformat's own reader: it refuses a notebook for a missing field that grading never
looks at, and validates megabytes of outputs against a schema. Code cells are all that counts,
and they are plain to see in every version of the format.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.result import CellError, sentence
from autograder.submission.cells import MAX_CELL, NotPython, Translator, parse
from autograder.submission.model import Cell, Notebook, Submission, Unreadable

MAX_NOTEBOOK = 32 * 2**20  # bytes
MAX_CELLS = 5_000
MAX_CODE = 2 * 2**20  # characters in all cells together
_MAX_PADDING = 1_000_000  # line ends spent on keeping a script's line numbers

# A cell of a script: jupytext's percent format, or what nbconvert writes.
_MARKER = re.compile(r"#\s?(?:%%(?=$|[\s\[])|In ?\[[\d ]*\]:)(?P<title>.*)")
_PROSE = re.compile(r"[^\[]*\[(?:markdown|md|raw)\]")
_CONTINUES = re.compile(r"[\s#)\]}\"']|(?:elif|else|except|finally)\b|$")


@dataclass(frozen=True)
class Code:
    """The source of one code cell as the student wrote it."""

    source: str
    offset: int = 0  # lines of the script that come before it


def read(submission: Submission) -> Notebook:
    """The notebook's code cells as Python.

    Raises:
        Unreadable: the file is no notebook, or larger than anyone's notebook is.
    """
    if submission.problem is not None:
        raise Unreadable(submission.problem)
    if not submission.files:
        raise Unreadable(sentence("No notebook was handed in. Hand in the .ipynb file."))
    name, content = next(iter(submission.files.items()))
    translator = Translator()
    cells = []
    errors = []
    for index, code in enumerate(code_of(name, content)):
        try:
            source = translator.python(code.source)
            cells.append(Cell(index, "\n" * code.offset + source))
        except NotPython as error:
            line = None if error.line is None else error.line + code.offset
            errors.append(CellError(
                cell=index, type="SyntaxError", line=line, message=error.message))
    return Notebook(tuple(cells), tuple(errors))


def code_of(name: str, content: bytes) -> list[Code]:
    """The code cells of a file, untouched. Raises Unreadable."""
    if len(content) > MAX_NOTEBOOK:
        raise Unreadable(sentence(
            "The file is larger than {megabytes} MB. Clear the notebook's outputs, save it, and "
            "hand it in again.", megabytes=MAX_NOTEBOOK // 2**20))
    text = _text(content)
    if not name.lower().endswith(".py"):
        codes = _notebook(text)
        _bound(sum(len(code.source) for code in codes))
    else:
        _bound(len(text))  # before it is parsed
        codes = _script(text)
    if len(codes) > MAX_CELLS:
        raise _too_many_cells()
    return codes


def _bound(characters: int) -> None:
    if characters > MAX_CODE:
        raise Unreadable(sentence(
            "The code is longer than {limit} million characters. Load data from files instead "
            "of writing it into cells.", limit=MAX_CODE // 2**20))


def _text(content: bytes) -> str:
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(sentence(
            "The file is not text in UTF-8: byte {position} is wrong. Hand in the .ipynb file "
            "that Jupyter saves.", position=error.start)) from None
    if not text.strip():
        raise Unreadable(sentence("The file is empty. Save the notebook and hand it in again."))
    if "\0" in text:
        raise Unreadable(sentence(
            "The file holds NUL characters, so it is damaged or not a notebook. Hand in the "
            ".ipynb file that Jupyter saves."))
    return text


def _notebook(text: str) -> list[Code]:
    try:
        # Numbers do not matter here, and float() takes thousands of digits where int() raises.
        document = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise Unreadable(sentence(
            "The file is not a notebook, or was cut off: its JSON breaks at line {line}, "
            "column {column}.", line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise Unreadable(sentence(
            "The file is nested too deeply to be a notebook.")) from None
    cells = _cells(document)
    if cells is None:
        raise Unreadable(sentence(
            "The file is JSON but not a notebook: it has no cells. Hand in the .ipynb file that "
            "Jupyter saves."))
    if len(cells) > MAX_CELLS:
        raise _too_many_cells()
    return [Code(_source(cell)) for cell in cells if _is_code(cell)]


def _cells(document: Any) -> list[Any] | None:
    """A notebook's cells: format 4 and 1 keep them at the top, 2 and 3 in worksheets."""
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("cells"), list):
        return list(document["cells"])
    sheets = document.get("worksheets")
    if not isinstance(sheets, list):
        return None
    return [cell for sheet in sheets if isinstance(sheet, dict)
            and isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]


def _is_code(cell: Any) -> bool:
    """Whether it is a code cell; where its type is lost, what only code cells have tells."""
    if not isinstance(cell, dict):
        return False
    if isinstance(cell.get("cell_type"), str):
        return bool(cell["cell_type"] == "code")
    return any(key in cell for key in ("outputs", "execution_count", "input", "prompt_number"))


def _source(cell: Mapping[str, Any]) -> str:
    """Format 4 calls it source, 3 and 2 input, 1 code; a string, or a list of lines."""
    source = next((cell[key] for key in ("source", "input", "code") if key in cell), "")
    if isinstance(source, str):
        return source
    if not isinstance(source, list):
        return ""
    lines = [line for line in source if isinstance(line, str)]
    ended = not lines or lines[0].endswith(("\n", "\r"))  # old versions left the ends out
    return ("" if ended else "\n").join(lines)


def _script(text: str) -> list[Code]:
    """The cells of a script; without markers each statement is a cell, so that one that fails
    costs no other. Where the script does not parse, each block that begins at the margin is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marked = {index: found for index, line in enumerate(lines) if (found := _MARKER.match(line))}
    starts = list(marked) or _statement_starts("\n".join(lines)) or _block_starts(lines)
    starts = sorted({0, *starts})
    padded = sum(starts) <= _MAX_PADDING
    ends = [*starts[1:], len(lines)]
    return [
        Code("\n".join(lines[start:end]), start if padded else 0)
        for start, end in zip(starts, ends, strict=True)
        if not (start in marked and _PROSE.match(marked[start]["title"]))
        and any(line.strip() and not line.lstrip().startswith("#") for line in lines[start:end])
    ]


def _statement_starts(text: str) -> list[int]:
    """Lines, 0-based, where a top-level statement begins; none where the text does not parse,
    or is so long that its syntax tree would take gigabytes."""
    if len(text) > MAX_CELL:
        return []
    try:
        body = parse(text).body
    except NotPython:
        return []
    starts = []
    ended = 0  # the last line of the statement before
    for statement in body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        if first > ended:  # else it shares a line: a = 1; b = 2
            starts.append(first - 1)
        ended = statement.end_lineno or first
    return starts


def _block_starts(lines: Sequence[str]) -> list[int]:
    starts = []
    decorated = False
    for index, line in enumerate(lines):
        if not _CONTINUES.match(line):
            if not decorated:
                starts.append(index)
            decorated = line.startswith("@")
    return starts


def _too_many_cells() -> Unreadable:
    return Unreadable(sentence(
        "The notebook has more than {limit} cells. Hand in the notebook of this assignment "
        "alone.", limit=MAX_CELLS))
