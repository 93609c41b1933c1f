"""What a notebook predicts: what stands in its calls of ``predict``, read and never run."""

from __future__ import annotations

import ast
from typing import Any

from autograder.result import Prediction
from autograder.submission.answers import keepable
from autograder.submission.cells import NotPython, parse
from autograder.submission.model import Notebook

_MOST = 100  # of one notebook
_LONGEST = 100  # characters
_QUICK = "predict("


def predicted(notebook: Notebook) -> list[Prediction]:
    """Each prediction that was made, the last of those that have one name."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if _QUICK not in cell.source:
            continue
        try:
            tree = parse(cell.source)
        except NotPython:
            continue
        for statement in tree.body:
            match statement:
                case ast.Expr(value=ast.Call(
                        func=ast.Name(id="predict"),
                        args=[ast.Constant(value=str(name)), answer], keywords=[])):
                    if (said := _said(answer)) is not None:
                        found[keepable(name[:_LONGEST])] = keepable(said[:_LONGEST])
    return [Prediction(name=name, answer=answer) for name, answer in list(found.items())[:_MOST]]


def _said(answer: ast.expr) -> str | None:
    """An answer as it is counted; None where there is none, or it is no literal."""
    try:
        value = ast.literal_eval(answer)
        return None if value is ... else _counted(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None  # Python does not write a number of thousands of digits either


def _counted(value: Any) -> str:
    if isinstance(value, set | frozenset):
        return f"({', '.join(sorted(map(_counted, value)))})"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_counted, value))})"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).strip().casefold() if isinstance(value, str) else repr(value)
