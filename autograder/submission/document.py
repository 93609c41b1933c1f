"""Reads a file that was handed in into its cells. Whatever else looks into such a file begins here.

What the grader runs, what feedback shows and what is compared with classmates' code are made from
this. Not by nbformat's own reader: it refuses a notebook for a missing field that grading never
looks at, and validates megabytes of outputs against a schema. But a notebook is read where its
declared format keeps its cells, as Jupyter reads it, and nowhere else.
"""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.course import spreadsheets
from autograder.result import sentence
from autograder.submission.model import Unreadable
from autograder.submission.scripts import divided, unprosed

MAX_NOTEBOOK = 64 * 2**20  # bytes; nearly all of large ones are pictures in outputs
_MAX_PARTS = 10_000_000  # lists and tables: the smallest takes 64 bytes of the grader's memory
MAX_CELLS = 5_000
MAX_CODE = 2 * 2**20  # characters in all cells of code together

_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})\b")
_LFS = "version https://git-lfs.github.com/spec/"
_NO_CELLS = sentence(
    "The file is JSON but not a notebook: it has no cells. Hand in the .ipynb file that "
    "Jupyter saves.")
_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)  # Git writes it at the margin
_CODE_KEYS = {1: "code", 2: "input", 3: "input", 4: "source"}  # format -> where code stands


@dataclass(frozen=True)
class Written:
    """One cell as its student wrote it."""

    kind: Literal["code", "markdown", "raw"]
    source: str
    offset: int = 0  # lines of the script that come before it
    fields: Mapping[str, Any] = field(default_factory=dict)  # what else a notebook says of it


class _Twice(dict[str, Any]):
    """An object in which a name stands twice. Readers differ on which of the two counts."""


def is_script(name: str) -> bool:
    return name.rstrip().lower().endswith(".py")


def written(name: str, content: bytes) -> list[Written]:
    """Every cell of a file, in its order. Raises Unreadable."""
    text = text_of(name, content)
    if is_script(name):
        _bound(len(text))  # before it is parsed
        cells = [Written("code", source, offset) for source, offset in divided(text)]
    else:
        cells = _notebook(text)
        _bound(sum(len(cell.source) for cell in cells if cell.kind == "code"))
    if len(cells) > MAX_CELLS:
        raise _too_many_cells()
    return cells


def coded(name: str, content: bytes) -> str:
    """The code of a file as one text, for whoever looks for words in it: a script is not parsed,
    which may take longer than to read it a hundred times. Raises Unreadable."""
    if not is_script(name):
        return "\n".join(cell.source for cell in written(name, content) if cell.kind == "code")
    text = text_of(name, content)
    _bound(len(text))
    return unprosed(text)


def python_of(content: bytes) -> tuple[int, int] | None:
    """The version of Python that a notebook says it was run by last; None where it says none."""
    with suppress(Unreadable, ValueError, RecursionError, KeyError, TypeError):
        said = json.loads(text_of("", content))["metadata"]["language_info"]
        if said["name"] == "python" and (found := _VERSION.match(said["version"])):
            return int(found[1]), int(found[2])
    return None


def text_of(name: str, content: bytes) -> str:
    """The text of a file. Raises Unreadable."""
    if len(content) > MAX_NOTEBOOK:
        raise Unreadable(sentence(
            "The file is larger than {megabytes} MB. Clear the notebook's outputs, save it, and "
            "hand it in again.", megabytes=MAX_NOTEBOOK // 2**20))
    try:
        text = spreadsheets.text(content)
    except UnicodeDecodeError as error:
        if is_script(name) and (declared := _declared(content)) is not None:
            return declared
        raise Unreadable(sentence(
            "The file is not text in UTF-8: byte {position} is wrong. Hand in the .ipynb file "
            "that Jupyter saves.", position=error.start)) from None
    if not text.strip():
        raise Unreadable(sentence("The file is empty. Save the notebook and hand it in again."))
    if text.startswith(_LFS):
        raise Unreadable(sentence(
            "The file is only the pointer that Git LFS leaves in a repository, and not what it "
            "points to. Whoever cloned the repository runs `git lfs pull` in it; whoever handed it "
            "in can take it out of Git LFS (`git lfs untrack`) and commit it once more."))
    if "\0" in text:
        raise Unreadable(sentence(
            "The file holds NUL characters, so it is damaged or not a notebook. Hand in the "
            ".ipynb file that Jupyter saves."))
    return text


def _declared(content: bytes) -> str | None:
    """The text of a script that is in another encoding and says so (PEP 263)."""
    with suppress(SyntaxError, LookupError, ValueError):
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        return None if "\0" in text else text
    return None


def _bound(characters: int) -> None:
    if characters > MAX_CODE:
        raise Unreadable(sentence(
            "The code is longer than {limit} million characters. Load data from files instead "
            "of writing it into cells.", limit=MAX_CODE // 2**20))


def _notebook(text: str) -> list[Written]:
    if text.count("[") + text.count("{") > _MAX_PARTS:
        raise Unreadable(sentence(
            "The notebook is made of more parts than anybody's is. Clear its outputs, save it, and "
            "hand it in again."))
    try:
        document = json.loads(text, parse_int=_whole, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
            raise Unreadable(sentence(
                "The file is a web page and not a notebook: what was saved is a page that shows "
                "it. Download the .ipynb file itself, and hand that in.")) from None
        if (merged := _CONFLICT.search(text)) is not None:
            raise Unreadable(sentence(
                "Git could not merge two versions of the notebook, and wrote both into it, the "
                "first at line {line}. Take one of the two (`git checkout --ours` or `--theirs`), "
                "open it in Jupyter, and hand it in again.",
                line=text.count("\n", 0, merged.start()) + 1)) from None
        raise Unreadable(sentence(
            "The file is not a notebook, or was cut off: its JSON breaks at line {line}, "
            "column {column}.", line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise Unreadable(sentence(
            "The file is nested too deeply to be a notebook.")) from None
    if not isinstance(document, dict):
        raise Unreadable(_NO_CELLS)
    layout = _layout(document)
    cells = list(_cells(document, layout))
    if len(cells) > MAX_CELLS:
        raise _too_many_cells()
    return [_cell(cell, layout) for cell in cells if isinstance(cell, dict)]


def _whole(digits: str) -> float:
    """A number. int() raises for thousands of digits, and float() does not."""
    return int(digits) if len(digits) < 20 else float(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(pairs)


def _once(found: dict[str, Any]) -> dict[str, Any]:
    """An object of which something is read. Raises Unreadable where a name stands in it twice."""
    if isinstance(found, _Twice):
        raise Unreadable(sentence(
            "The notebook says something twice: a cell, or the notebook itself, has two fields of "
            "one name. Open it in Jupyter, save it, and hand it in again."))
    return found


def _layout(document: dict[str, Any]) -> int:
    """The format by which it is read, 1 to 4: the declared one. Only where none is declared does
    what there is say it. Raises Unreadable where that says two things."""
    declared = _once(document).get("nbformat")
    if isinstance(declared, int) and not isinstance(declared, bool) and declared >= 1:
        return min(declared, 4)
    if "cells" in document and "worksheets" in document:
        raise Unreadable(sentence(
            "The notebook has its cells in two places, and does not say which of them counts. "
            "Open it in Jupyter, save it, and hand it in again."))
    if "cells" not in document:
        return 3
    listed = document["cells"] if isinstance(document["cells"], list) else []
    old = any(isinstance(cell, dict) and "code" in cell and "source" not in cell
              for cell in listed)
    return 1 if old else 4


def _cells(document: dict[str, Any], layout: int) -> Iterator[Any]:
    """Formats 4 and 1 keep cells at the top, 3 and 2 in worksheets. Raises Unreadable."""
    if layout in (1, 4):
        sheets = [document]
    else:
        found = document.get("worksheets")
        if not isinstance(found, list):
            raise Unreadable(_NO_CELLS)
        sheets = [_once(sheet) for sheet in found if isinstance(sheet, dict)]
    for sheet in sheets:
        if isinstance(sheet.get("cells"), list):
            yield from sheet["cells"]
        elif layout in (1, 4):
            raise Unreadable(_NO_CELLS)


def _cell(cell: dict[str, Any], layout: int) -> Written:
    kind = _kind(_once(cell))
    if isinstance(cell.get("metadata"), dict):
        _once(cell["metadata"])
    source = _source(cell.get(_CODE_KEYS[layout] if kind == "code" else "source", ""))
    return Written(kind, source, fields=cell)


def _kind(cell: Mapping[str, Any]) -> Literal["code", "markdown", "raw"]:
    """What the cell says it is; where that is lost, what only code cells have tells."""
    said = cell.get("cell_type")
    if isinstance(said, str):
        return "code" if said == "code" else \
            "markdown" if said in ("markdown", "heading") else "raw"
    is_code = any(key in cell for key in ("outputs", "execution_count", "input", "prompt_number"))
    return "code" if is_code else "raw"


def _source(source: Any) -> str:
    """A string, or a list of lines."""
    if isinstance(source, str):
        return source
    if not isinstance(source, list):
        return ""
    lines: Sequence[str] = [line for line in source if isinstance(line, str)]
    ended = any(line.endswith(("\n", "\r")) for line in lines)  # some programs leave all ends out
    return ("" if ended else "\n").join(lines)


def _too_many_cells() -> Unreadable:
    return Unreadable(sentence(
        "The notebook has more than {limit} cells. Hand in the notebook of this assignment "
        "alone.", limit=MAX_CELLS))
