"""What a student handed in, opened as a notebook that is safe to hand on, of a bounded size.

It is a stranger's file: what is taken over of it can be written in UTF-8 and read by everybody, and
the work is done in a process of its own.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbformat.v4.rwbase import rejoin_lines

from autograder.exchange.bounded import Bounded
from autograder.submission import Unreadable, Written, answers, is_script, text_of, written

TAG = "autograder-feedback"
"""Of cells that are ours."""
LEFT_OUT = "autograder_left_out"
"""Of the opened notebook's metadata: the numbers, from 1, of the cells whose outputs or attachments
were left out because there are too many."""

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_KEPT = {"code": ("outputs",), "markdown": ("attachments",), "raw": ("attachments",)}
_NBGRADERS: dict[str, tuple[type, ...]] = {
    "grade_id": (str,), "schema_version": (int,), "points": (int, float), "cell_type": (str,),
    "checksum": (str,), "grade": (bool,), "solution": (bool,), "locked": (bool,), "task": (bool,)}
_BEGINNING = 10_000  # bytes that are shown of a file that is no notebook
_MOST_OUTPUTS = 1_000  # of a cell; nbformat looks at each for long
_MOST_PARTS = 20_000  # lists and tables in a cell's outputs
_DEEPEST = 50  # of these in one another; some libraries go down by recursion
_SECONDS, _MEMORY = 20, 4096  # of the processor, and MB: what one notebook may take

Opener = Callable[[Mapping[str, bytes]], NotebookNode | None]


def opener() -> Bounded[Mapping[str, bytes], NotebookNode]:
    """``opened`` in a process of its own: what takes more than anybody's notebook is None. Use it
    as a context manager."""
    return Bounded(opened, seconds=_SECONDS, memory_mb=_MEMORY)


def opened(files: Mapping[str, bytes]) -> NotebookNode:
    """The notebook in ``files``, made of the very cells that the grader reads.

    A script, or what nobody can read, is one cell that holds its text. Of what a notebook says
    beside its cells only outputs and attachments are taken over, where they are well-formed and not
    too many, and what says which question a cell answers: other metadata can hide a cell.
    """
    [(name, content)] = files.items()
    try:
        cells = ([Written("code", text_of(name, content))] if is_script(name)
                 else written(name, content))
    except Unreadable:
        cells = [Written("code", content[:_BEGINNING].decode("utf-8", "replace"))]
    plain = [_plain(cell, f"cell-{number}") for number, cell in enumerate(cells)]
    kept = [_kept(cell) for cell in cells]
    notebook: NotebookNode = v4.new_notebook(
        cells=[_with(cell, fields or {}) for cell, fields in zip(plain, kept, strict=True)],
        metadata={"kernelspec": _KERNEL})
    if left_out := [number for number, fields in enumerate(kept, 1) if fields is None]:
        notebook.metadata[LEFT_OUT] = left_out
    return notebook


def _plain(cell: Written, name: str) -> NotebookNode:
    """A cell, with its source and what says whose answer it is."""
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    plain: NotebookNode = make[cell.kind](_encodable(cell.source), id=name)
    says = cell.fields.get("metadata")
    if not isinstance(says, dict):
        return plain
    if cell.kind == "markdown" and says.get("tags") == [TAG]:
        plain.metadata["tags"] = [TAG]
        return plain
    if isinstance(nbgraders := says.get("nbgrader"), dict):
        plain.metadata["nbgrader"] = NotebookNode({
            key: _clean(nbgraders[key]) for key, kinds in _NBGRADERS.items()
            if type(nbgraders.get(key)) in kinds})
    if question := answers.question_of(says, ""):
        plain.metadata[answers.KEY] = NotebookNode(text=_encodable(question))
    return plain


def _kept(cell: Written) -> dict[str, Any] | None:
    """What else is taken over of a cell, if it is well-formed; None where it is too much."""
    kept = {key: cell.fields[key] for key in _KEPT[cell.kind] if key in cell.fields}
    if any(len(each) > _MOST_OUTPUTS for each in kept.values() if isinstance(each, list | dict)):
        return None
    return kept if _parts(kept) <= _MOST_PARTS else None


def _with(plain: NotebookNode, kept: Mapping[str, Any]) -> NotebookNode:
    """A cell with what it kept; without it where that is not well-formed."""
    # A stranger's file: nbformat raises whatever its contents lead to.
    with suppress(Exception), warnings.catch_warnings(action="ignore"):
        full: NotebookNode = nbformat.from_dict({**plain, **_clean(kept)})
        nbformat.validate(full, ref=f"{plain.cell_type}_cell", version=nbformat.current_nbformat,
                          version_minor=nbformat.current_nbformat_minor)
        rejoin_lines(v4.new_notebook(cells=[full]))
        return full
    return plain


def _parts(value: Any) -> int:
    """How many lists and tables it is made of."""
    found, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict | list):
            found += 1
            left += each.values() if isinstance(each, dict) else each
    return found


def _clean(value: Any, deepest: int = _DEEPEST) -> Any:
    """The same, of what JSON in UTF-8 can hold. Raises ValueError where it is too deep."""
    if deepest < 0:
        raise ValueError("too deep")
    match value:
        case str():
            return _encodable(value)
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {_encodable(key): _clean(each, deepest - 1) for key, each in value.items()}
        case list():
            return [_clean(each, deepest - 1) for each in value]
    return value


def _encodable(text: str) -> str:
    """``text`` without halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode()
