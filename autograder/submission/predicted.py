"""What a notebook predicts: what stands in its calls of ``predict``, read and never run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from autograder.result import Prediction
from autograder.submission.answers import keepable
from autograder.submission.cells import NotPython, parse
from autograder.submission.model import Notebook

_MOST = 100  # of one notebook
_LONGEST = 100  # characters
_MOST_PARTS = 200  # of one answer: of numbers by the thousand sets can be made that take minutes
_QUICK = "predict("
_NONE: Mapping[str, str] = MappingProxyType({})


def predicted(notebook: Notebook, by_word: Mapping[str, str] = _NONE) -> list[Prediction]:
    """Each prediction that was made, the last of those that have one name.

    Args:
        by_word: answers by other words for them: see ``names.answers_by_word``.
    """
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
                    if (said := _said(answer, by_word)) is not None:
                        found[keepable(name[:_LONGEST])] = keepable(said[:_LONGEST])
    return [Prediction(name=name, answer=answer) for name, answer in list(found.items())[:_MOST]]


def _said(answer: ast.expr, by_word: Mapping[str, str]) -> str | None:
    """An answer as it is counted; None where there is none, or it is no literal, or a long one."""
    if next(islice(ast.walk(answer), _MOST_PARTS, None), None) is not None:
        return None
    try:
        value = ast.literal_eval(answer)
        return None if value is ... else _counted(value, by_word)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None  # Python does not write a number of thousands of digits either


def _counted(value: Any, by_word: Mapping[str, str]) -> str:
    if isinstance(value, set | frozenset | tuple | list):
        parts = [_counted(each, by_word) for each in value]
        return f"({', '.join(parts if isinstance(value, tuple | list) else sorted(parts))})"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        text = value.strip().casefold()
        return by_word.get(text, text).casefold()
    return repr(value)
