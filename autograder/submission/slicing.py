"""The cells that grading needs: those that define graded names, and what these depend on.

Exploration, plots and training then cost nothing. The slice is static and generous: every name
that a needed cell reads is needed, and so is every cell that binds or may change it. Whoever uses
it falls back to all cells where a name turns out to be undefined.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autograder.submission.model import Notebook

# What can bind or change names without naming them.
_OPAQUE = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__",
           "run_line_magic", "run_cell_magic"}
_LONG = 1 << 14  # characters of a cell that is not worth remembering


@dataclass(frozen=True)
class _Names:
    """What one cell does to the notebook's names."""

    bound: frozenset[str]  # binds, or changes by an assignment to a part
    called_on: frozenset[str]  # may change, by a call: layers.append(…)
    imported: frozenset[str]
    used: frozenset[str]  # reads, in functions that it defines too
    attributes: frozenset[str]  # d2l.corr2d may be the student's own corr2d
    always: bool  # imports, and what cannot be told


def needed(notebook: Notebook, graded: Collection[str]) -> Notebook:
    """``notebook`` with the cells only that ``graded`` names depend on, in their order."""
    cells = [(cell, (_names if len(cell.source) < _LONG else _names.__wrapped__)(cell.source))
             for cell in notebook.cells]
    # plt.show() and torch.manual_seed(0) change nothing that a graded function is made of.
    modules = {name for _, names in cells for name in names.imported}
    own = set(graded)
    wanted = set(graded)
    chosen: set[int] = set()
    while True:
        more = [(cell, names) for cell, names in cells if cell.index not in chosen
                and (names.always or (names.bound | (names.called_on - modules)) & wanted)]
        if not more:
            break
        for cell, names in more:
            chosen.add(cell.index)
            wanted |= names.used | (names.attributes & own)
    return Notebook(tuple(cell for cell in notebook.cells if cell.index in chosen),
                    notebook.errors)


@lru_cache(maxsize=1024)  # most of a class's cells are alike
def _names(source: str) -> _Names:
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        nothing: frozenset[str] = frozenset()
        return _Names(nothing, nothing, nothing, nothing, nothing, always=True)
    nodes = list(ast.walk(tree))
    used = frozenset(_used(table))
    return _Names(
        bound=frozenset(_bound(table)) | frozenset(_mutated(tree.body)),
        called_on=frozenset(_called_on(tree.body)),
        imported=frozenset(s.get_name() for s in table.get_symbols() if s.is_imported()),
        used=used,
        attributes=frozenset(n.attr for n in nodes if isinstance(n, ast.Attribute)),
        always=bool(used & _OPAQUE) or any(
            isinstance(node, ast.Import | ast.ImportFrom) for node in nodes),
    )


def _bound(table: symtable.SymbolTable) -> Iterator[str]:
    """Names bound in the notebook's namespace; by ``global`` in a function too."""
    for symbol in table.get_symbols():
        if symbol.is_assigned() and (table.get_type() == "module" or symbol.is_declared_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _bound(child)


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    """Names read from the notebook's namespace, by functions too; their own variables are not."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _used(child)


def _mutated(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Names whose objects are changed outside functions."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in statement.decorator_list:  # @add_to_class(Conv2D)
                yield from _read(decorator)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute | ast.Subscript) \
                    and isinstance(node.ctx, ast.Store | ast.Del):
                yield from _read(node.value)  # Conv2D.forward = forward; cache[0] = 1


def _called_on(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Names of objects on which a method is called for what it does, not for its answer."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) \
                    and isinstance(node.value.func, ast.Attribute):
                yield from _read(node.value.func.value)


def _read(node: ast.AST) -> Iterator[str]:
    return (child.id for child in ast.walk(node) if isinstance(child, ast.Name))
