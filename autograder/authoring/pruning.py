"""The visible part of a suite's file: its visible checks and what they need, and nothing else."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterable, Iterator

_MARKS = "pytestmark"


def visible_part(source: str) -> str | None:
    """The program that is left of a suite's file when everything goes that no visible check needs:
    other checks, their helpers, methods and constants, comments, and all docstrings but titles.

    None where no check is visible. A check is visible by a decorator of its own, and not where
    another skips it.
    """
    tree = ast.parse(source)
    statements = [part for statement in tree.body for part in _apart(statement)]
    visible = {node.name: node for node in statements
               if isinstance(node, ast.FunctionDef) and _is_visible(node)}
    if not visible:
        return None
    needed = _Needed(visible)
    kept = needed.of(statements)
    for node in kept:
        if isinstance(node, ast.FunctionDef) and node.name in visible:
            _title_only(node)
            _marks_for_students(node, visible)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            _without_docstrings(node)
    return ast.unparse(ast.Module(kept, type_ignores=[])) + "\n"


class _Needed:
    """Names and attributes that are mentioned by what is kept, until nothing is added any more."""

    def __init__(self, roots: Iterable[str]) -> None:
        self._names = {_MARKS, *roots}
        self._attributes: set[str] = set()

    def of(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        while True:
            kept = [self._pruned(node) for node in statements if self._names & set(_binds(node))]
            before = len(self._names) + len(self._attributes)
            for node in kept:
                for part in ast.walk(node):
                    self._mention(part)
            if len(self._names) + len(self._attributes) == before:
                return kept

    def _mention(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            self._names.add(node.id)
        elif isinstance(node, ast.arg):  # a fixture
            self._names.add(node.arg)
        elif isinstance(node, ast.Attribute):
            self._attributes.add(node.attr)

    def _pruned(self, node: ast.stmt) -> ast.stmt:
        """Of a class only its own special methods and what is mentioned; of an import, too."""
        node = copy.copy(node)
        if isinstance(node, ast.ClassDef):
            node.body = [part for part in node.body if _is_special(part)
                         or self._attributes & set(_binds(part))] or [ast.Pass()]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if _bound(alias) in self._names]
        return node


def _apart(statement: ast.stmt) -> Iterator[ast.stmt]:
    """``A, B = 1, 2`` as two assignments: one of them may be a hidden check's."""
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple) \
            and isinstance(target := statement.targets[0], ast.Tuple) \
            and len(target.elts) == len(statement.value.elts):
        for name, value in zip(target.elts, statement.value.elts, strict=True):
            yield ast.Assign([name], value, lineno=statement.lineno)
    else:
        yield statement


def _binds(node: ast.stmt) -> list[str]:
    """The names that a statement gives a value to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [_bound(alias) for alias in node.names]
    return [part.id for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _bound(alias: ast.alias) -> str:
    return (alias.asname or alias.name).split(".")[0]


def _is_special(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("__")


def _is_visible(node: ast.FunctionDef) -> bool:
    if any(_mark(decorator) == "skip" for decorator in node.decorator_list):
        return False
    return node.name.startswith("test") and any(
        _mark(decorator) == "visibility" and isinstance(decorator, ast.Call)
        and any(isinstance(value, ast.Constant) and value.value == "visible"
                for value in decorator.args)
        for decorator in node.decorator_list)


def _mark(decorator: ast.expr) -> str | None:
    """``weight`` of ``@pytest.mark.weight(2)``."""
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return call.attr if isinstance(call, ast.Attribute) else None


def _title_only(node: ast.FunctionDef) -> None:
    title = (ast.get_docstring(node) or "").partition("\n")[0]
    _without_docstrings(node)
    node.body.insert(0, ast.Expr(ast.Constant(title)))


def _marks_for_students(node: ast.FunctionDef, visible: Collection[str]) -> None:
    """A visible check may follow from hidden ones, whose names stay secret. What it proves is the
    audit's to know."""
    node.decorator_list = [each for each in node.decorator_list if _mark(each) != "proves"]
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _mark(decorator) == "follows":
            decorator.args = [value for value in decorator.args
                              if isinstance(value, ast.Constant) and str(value.value) in visible]


def _without_docstrings(node: ast.FunctionDef | ast.ClassDef) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part) is not None:
            part.body = part.body[1:] or [ast.Pass()]
