"""Reads what was handed in, a notebook of any version or a script, into cells of Python."""

from __future__ import annotations

import sys

from autograder.result import CellError, Sentence, sentence
from autograder.submission.cells import DEFINITION, NotPython, Translator
from autograder.submission.document import (
    MAX_NOTEBOOK,
    Written,
    is_script,
    python_of,
    written,
)
from autograder.submission.model import Cell, Notebook, Submission, Unreadable

__all__ = ["MAX_NOTEBOOK", "code_of", "read"]


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
    cells, errors, broken = [], [], []
    every = written(name, content)
    codes = [cell for cell in every if cell.kind == "code"]
    for index, code in enumerate(codes):
        try:
            cells.append(Cell(index, translator.python(code.source), code.offset))
        except NotPython as error:
            line = None if error.line is None else error.line + code.offset
            errors.append(CellError(
                cell=None if is_script(name) else index, type="SyntaxError", line=line,
                message=error.message, reason=error.reason))
            broken.append(Cell(index, code.source, code.offset))
    if errors and not is_script(name) and (newer := _newer(content)) is not None:
        errors = [error if error.reason else error.model_copy(update={"reason": newer})
                  for error in errors]
    asleep = {found for cell in every if cell.kind != "code"
              for found in DEFINITION.findall(cell.source)}
    return Notebook(tuple(cells), tuple(errors), tuple(broken), frozenset(asleep), is_script(name),
                    submission.beside)


def _newer(content: bytes) -> Sentence | None:
    """The reason of a cell that another Python may have read: the one that the student has."""
    theirs, ours = python_of(content), sys.version_info[:2]
    if theirs is None or theirs <= ours:
        return None
    return sentence(
        "The notebook was run by Python {theirs}, and is graded by Python {ours}, which may not "
        "know yet what stands there: write it in an older way.",
        theirs="{}.{}".format(*theirs), ours="{}.{}".format(*ours))


def code_of(name: str, content: bytes) -> list[Written]:
    """The code cells of a file, untouched. Raises Unreadable."""
    return [cell for cell in written(name, content) if cell.kind == "code"]
