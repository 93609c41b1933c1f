"""Whether a notebook writes a function, or leaves the stub that was handed out."""

from __future__ import annotations

import ast
import re

from autograder.submission.model import Notebook

_STAR = re.compile(r"\bimport\s*\(?\s*\*")  # can bind what no text says
_BY_TEXT = ("exec", "eval", "globals", "locals", "setattr", "vars")  # can bind what a text says


def may_define(notebook: Notebook, name: str) -> bool:
    """Whether anything in it can bind ``name``."""
    return any(name in cell.source or _STAR.search(cell.source) for cell in notebook.cells)


def is_stub(notebook: Notebook, name: str) -> bool:
    """Whether all that binds ``name`` is the stub that was handed out. False where in doubt."""
    try:
        trees = [ast.parse(cell.source) for cell in notebook.cells
                 if name in cell.source or "*" in cell.source]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if any(_binds(node, name) for node in nodes):
        return False
    defined = [node for node in nodes if isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name]
    if len(defined) != 1 or defined[0].decorator_list:
        return False
    *before, last = defined[0].body
    return isinstance(last, ast.Raise) and isinstance(last.exc, ast.Call) \
        and isinstance(last.exc.func, ast.Name) and last.exc.func.id == "NotImplementedError" \
        and all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                for each in before)


def _binds(node: ast.AST, name: str) -> bool:
    """Whether it may give ``name`` another meaning, as a definition does."""
    match node:
        case ast.Name(id=id, ctx=context):
            return id in _BY_TEXT or (id == name and not isinstance(context, ast.Load))
        case ast.alias(name=imported, asname=known):
            return name in (imported, known) or imported == "*"
    return False
