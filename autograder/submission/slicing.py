"""The statements that grading needs: those that define graded names, and what these depend on.

Exploration, plots and training then cost nothing. The slice is static and generous: every name
that a needed statement reads is needed, and so is every one that binds or may change it, itself or
by a function that it calls. Whoever uses it falls back to all where a name turns out to be
undefined. Works on whole cells as well, where they are not divided.
"""

from __future__ import annotations

import ast
import symtable
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from autograder.submission.cells import NotPython, parse
from autograder.submission.model import Notebook

# What can bind or change names without naming them.
_OPAQUE = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__",
           "run_line_magic", "run_cell_magic"}
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_LONG = 1 << 14  # characters of a cell that is not worth remembering
_MOST_CHANGED = 200  # names, by one function
_ANYTHING = "*"  # in the place of more
_CALLS = 3  # of functions within functions that are followed
_WORTH_IT = 400_000  # characters of code: looked into in two or three seconds at worst


@dataclass(frozen=True)
class _Names:
    """What one statement, or one cell, does to the notebook's names."""

    bound: frozenset[str] = frozenset()  # binds, or changes by an assignment to a part
    given: frozenset[str] = frozenset()  # may change, by a call: layers.append(…), fill(table)
    defined: frozenset[str] = frozenset()  # functions and classes
    inside: frozenset[str] = frozenset()  # changes when a function that it defines is called
    outer: frozenset[str] = frozenset()  # reads while it runs, not only in functions it defines
    imported: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()  # reads, in functions that it defines too
    attributes: frozenset[str] = frozenset()  # d2l.corr2d may be the student's own corr2d
    always: bool = False  # imports, and what cannot be told


def needed(notebook: Notebook, graded: Collection[str]) -> Notebook:
    """``notebook`` with only those of its statements that ``graded`` names depend on, in their
    order; with all of them where it has more code than is worth looking into."""
    if is_long(notebook):
        return notebook
    cells = [_remembered(cell.source.lstrip("\n")) for cell in notebook.cells]
    # plt.show() and torch.manual_seed(0) change nothing that a graded function is made of.
    modules = {name for names in cells for name in names.imported}
    functions = {name for names in cells for name in names.defined}
    effects = _effects(cells)
    changing: defaultdict[str, list[int]] = defaultdict(list)  # name -> cells that may change it
    for place, names in enumerate(cells):
        called = {changed for name in names.outer for changed in effects.get(name, ())}
        given = names.given - functions  # a function is no object that a call changes
        for name in names.bound | ((given | called) - modules):
            changing[name].append(place)
    own = set(graded)
    chosen: set[int] = set()
    waiting = [place for place, names in enumerate(cells) if names.always]
    waiting += changing.pop(_ANYTHING, ())
    waiting += [place for name in own for place in changing.pop(name, ())]
    while waiting:
        place = waiting.pop()
        if place not in chosen:
            chosen.add(place)
            names = cells[place]
            waiting += [more for name in names.used | (names.attributes & own)
                        for more in changing.pop(name, ())]  # each name is followed once
    return replace(notebook, cells=tuple(
        cell for place, cell in enumerate(notebook.cells) if place in chosen))


def _effects(cells: Sequence[_Names]) -> dict[str, frozenset[str]]:
    """Function -> the names whose objects change when it is called, by what it calls as well."""
    found: dict[str, frozenset[str]] = {}
    uses: dict[str, frozenset[str]] = {}
    for names in cells:
        for name in names.defined:
            found[name] = _few(found.get(name, frozenset()) | names.inside)
            uses[name] = uses.get(name, frozenset()) | names.used
    for _ in range(_CALLS):
        for name, used in uses.items():
            found[name] = _few(found[name].union(*(found[other] for other in used & found.keys())))
    return {name: changed for name, changed in found.items() if changed}


def _few(names: frozenset[str]) -> frozenset[str]:
    """These names; of a function that changes more than some, that it may change anything."""
    return names if len(names) <= _MOST_CHANGED else frozenset({_ANYTHING})


def is_long(notebook: Notebook) -> bool:
    """Whether to look into its syntax would take longer than to run it: some seconds."""
    return sum(len(cell.source.lstrip("\n")) for cell in notebook.cells) > _WORTH_IT


def _remembered(source: str) -> _Names:
    return _names(source) if len(source) < _LONG else _names.__wrapped__(source)


@lru_cache(maxsize=4096)  # most of a class's statements are alike
def _names(source: str) -> _Names:
    try:
        return _analysed(source)
    except (NotPython, SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names(always=True)


def _analysed(source: str) -> _Names:
    statements = [(statement, list(ast.walk(statement))) for statement in parse(source).body]
    tables = list(_tables(symtable.symtable(source, "cell", "exec")))
    used = frozenset(_used(tables))
    every = [node for _, nodes in statements for node in nodes]
    return _Names(
        bound=frozenset(_bound(tables)) | frozenset(_mutated(statements)),
        given=frozenset(_given(statements)),
        defined=frozenset(s.name for s, _ in statements if isinstance(s, _DEFINITIONS)),
        inside=frozenset(_changed_inside(statements)),
        outer=frozenset(_outer(statements)),
        imported=frozenset(s.get_name() for s in tables[0].get_symbols() if s.is_imported()),
        used=used,
        attributes=frozenset(n.attr for n in every if isinstance(n, ast.Attribute)),
        always=bool(used & _OPAQUE) or any(
            isinstance(node, ast.Import | ast.ImportFrom) for node in every),
    )


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """The module's, and all within it; not by recursion: a student chose the depth."""
    waiting = [table]
    while waiting:
        yield (table := waiting.pop())
        waiting += table.get_children()


def _bound(tables: Iterable[symtable.SymbolTable]) -> Iterator[str]:
    """Names bound in the notebook's namespace; by ``global`` in a function too."""
    for table in tables:
        for symbol in table.get_symbols():
            if symbol.is_assigned() and (
                    table.get_type() == "module" or symbol.is_declared_global()):
                yield symbol.get_name()


def _used(tables: Iterable[symtable.SymbolTable]) -> Iterator[str]:
    """Names read from the notebook's namespace, by functions too; their own variables are not."""
    for table in tables:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
                yield symbol.get_name()


def _mutated(statements: Iterable[tuple[ast.stmt, list[ast.AST]]]) -> Iterator[str]:
    """Names whose objects are changed outside functions."""
    for statement, nodes in statements:
        if isinstance(statement, _DEFINITIONS):
            for decorator in statement.decorator_list:  # @add_to_class(Conv2D)
                yield from _read(decorator)
        else:
            yield from _set_on(nodes)


def _changed_inside(statements: Iterable[tuple[ast.stmt, list[ast.AST]]]) -> Iterator[str]:
    """Names whose objects a function changes when it is called; its own variables among them."""
    for statement, nodes in statements:
        if isinstance(statement, _DEFINITIONS):
            yield from _set_on(nodes)
            yield from _called_on(nodes)
            for node in nodes:
                if isinstance(node, ast.Global):
                    yield from node.names


def _set_on(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of objects that something is set on: Conv2D.forward = forward; cache[0] = 1."""
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Subscript) \
                and isinstance(node.ctx, ast.Store | ast.Del):
            yield from _read(node.value)


def _outer(statements: Iterable[tuple[ast.stmt, list[ast.AST]]]) -> Iterator[str]:
    """Names read while the statements run: of a definition, by its decorators and bases only."""
    for statement, nodes in statements:
        if isinstance(statement, _DEFINITIONS):
            for each in (*statement.decorator_list, *getattr(statement, "bases", ())):
                yield from _read(each)
        else:
            yield from (node.id for node in nodes if isinstance(node, ast.Name))


def _given(statements: Iterable[tuple[ast.stmt, list[ast.AST]]]) -> Iterator[str]:
    """Names that are given to a call, or that something is called on, outside functions."""
    for statement, nodes in statements:
        within = nodes if not isinstance(statement, _DEFINITIONS) else [
            node for each in statement.decorator_list for node in ast.walk(each)]
        if any(isinstance(node, ast.Call) for node in within):
            yield from (node.id for node in within if isinstance(node, ast.Name))


def _called_on(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of objects on which a method is called for what it does, not for its answer."""
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) \
                and isinstance(node.value.func, ast.Attribute):
            yield from _read(node.value.func.value)


def _read(node: ast.AST) -> Iterator[str]:
    return (child.id for child in ast.walk(node) if isinstance(child, ast.Name))
