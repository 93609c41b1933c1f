"""What a statement, or a whole cell, does to the notebook's names, as its text tells: which it
binds, reads and changes, and what it passes on under other names (``sharing``)."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.submission.cells import NotPython, parse
from autograder.submission.remembered import remembered
from autograder.submission.sharing import (
    How,
    Passed,
    called_name,
    own_variables,
    passed,
    renamed,
    shared,
    sources_of,
    unchangeable,
)

# What can bind or change names without naming them.
_OPAQUE = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__"}
_CELL_MAGIC = "run_cell_magic"  # %%writefile makes a module, which another cell imports
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_TEXTBOOK = "d2l"  # see worker/textbook.py
_TELLING = {  # nodes; most others are constants, operators, contexts
    ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Expr, ast.Assign, ast.AnnAssign,
    ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension, ast.withitem, ast.Match,
    ast.Global, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Return,
    ast.Yield, ast.YieldFrom, ast.Import, ast.ImportFrom}
_LEAVES = {ast.Constant, ast.Load, ast.Store, ast.Del, *ast.operator.__subclasses__()}
_CHANGING = {"pop", "popitem", "setdefault"}  # whatever becomes of their answer; and K.fill_(0)
_STEPS = 8  # from a name to a method of what it leads to: x.a[0].b_()

# How surely something changes an object, from "may be".
GIVEN = 0  # given to a call, or something is called on it: layers.append(…), fill(table)
CALLED = 1  # and for what the call does, not for its answer
METHOD = 2  # and it is a method of it
SET = 3  # a part of it is assigned to


@dataclass(frozen=True)
class Effects:
    """What one statement, or one cell, does to the notebook's names."""

    bound: frozenset[str] = frozenset()
    changed: frozenset[tuple[str, int]] = frozenset()  # while it runs; how surely
    passed: tuple[Passed, ...] = ()
    unchangeable: frozenset[str] = frozenset()  # binds to numbers and the like
    renamed: tuple[tuple[str, str, bool], ...] = ()  # F = nn.functional: F, nn, of a part
    defined: frozenset[str] = frozenset()  # functions and classes
    inside: frozenset[tuple[str, int]] = frozenset()  # changes when what it defines is called
    makes: bool = False  # what it defines may answer with what does the same: instances, closures
    outer: frozenset[str] = frozenset()  # reads while it runs, not only in functions it defines
    imported: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()  # reads, in functions that it defines too
    attributes: frozenset[str] = frozenset()  # d2l.corr2d may be the student's own corr2d
    always: bool = False  # imports, and what cannot be told


@remembered(4096)
def effects(source: str) -> Effects:
    """What ``source``, a statement or a cell, does. What cannot be analysed may do anything."""
    try:
        return _analysed(source)
    except (NotPython, SyntaxError, ValueError, RecursionError, MemoryError):
        return Effects(always=True)


def _analysed(source: str) -> Effects:
    body = parse(source).body
    tables = list(_tables(symtable.symtable(source, "cell", "exec")))
    module = tables[0].get_symbols()
    bound = frozenset(_bound(tables))
    defined = frozenset(symbol.get_name() for symbol in module if symbol.is_namespace())
    parts = [_parts(statement) for statement in body]
    now = [node for nodes, _ in parts for node in nodes]
    definitions = [one for _, found in parts for one in found if one.name in defined]
    used = frozenset(_used(tables)) | frozenset(_added_to(now))
    if _TEXTBOOK in source:
        used |= frozenset(_of_textbook(body))
    later = [(one, _telling(one)) for one in definitions]
    every = [*now, *(node for _, nodes in later for node in nodes)]
    handed = [(one, nodes, list(passed(nodes))) for one, nodes in later]
    attributes = frozenset(node.attr for node in every if isinstance(node, ast.Attribute))
    known = used | bound
    return Effects(
        bound=bound,
        changed=frozenset(change for statement, (nodes, _) in zip(body, parts, strict=True)
                          for change in _changed_now(statement, nodes)),
        passed=(*passed(node for node in now if not isinstance(node, ast.comprehension)),
                *(each for one, nodes, given in handed for each in (
                    *_held(one), *_kept(given, used), *_answered(one, nodes, given, used)))),
        unchangeable=frozenset(unchangeable(now) - defined - {
            name for node in every if isinstance(node, ast.Global) for name in node.names}),
        renamed=tuple(renamed(now)),
        defined=defined,
        inside=frozenset((name, surely) for _, nodes, given in handed
                         for name, surely in _changed_inside(nodes, given)
                         if name in known or name.startswith(".")),
        makes=any(_makes(one, nodes) for one, nodes in later),
        outer=frozenset(_read(now)),
        imported=frozenset(symbol.get_name() for symbol in module if symbol.is_imported()),
        used=used,
        attributes=attributes,
        always=bool(used & _OPAQUE) or _CELL_MAGIC in attributes or any(
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


def _of_textbook(body: Sequence[ast.stmt]) -> Iterator[str]:
    """What is asked of the textbook's package: a definition of the notebook's own comes first."""
    for node in (node for statement in body for node in ast.walk(statement)):
        match node:
            case ast.Attribute(  # d2l.corr2d, d2l.torch.corr2d
                    value=ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)), attr=asked) \
                    if name == _TEXTBOOK:
                yield asked
            case ast.ImportFrom(module=str(module), names=aliases) \
                    if module.partition(".")[0] == _TEXTBOOK:
                yield from (alias.name for alias in aliases)


def _parts(statement: ast.stmt) -> tuple[list[ast.AST], list[_DEFINITIONS]]:
    """What of a statement runs at once, the bodies of classes too; and the outermost functions and
    classes in it."""
    now: list[ast.AST] = []
    definitions: list[_DEFINITIONS] = []
    waiting: list[tuple[ast.AST, bool]] = [(statement, False)]
    while waiting:
        node, in_class = waiting.pop()
        children: Iterable[ast.AST] = _children(node)
        if type(node) in _TELLING:
            now.append(node)
            if isinstance(node, _DEFINITIONS):
                if not in_class:
                    definitions.append(node)
                if isinstance(node, ast.ClassDef):
                    in_class = True
                else:
                    children = (*node.decorator_list, node.args)
        waiting += [(child, in_class) for child in children]
    return now, definitions


def _telling(definition: ast.AST) -> list[ast.AST]:
    """Those of all nodes in a definition that tell something."""
    found: list[ast.AST] = []
    waiting = [definition]
    while waiting:
        node = waiting.pop()
        if type(node) in _TELLING:
            found.append(node)
        waiting += _children(node)
    return found


def _children(node: ast.AST) -> list[ast.AST]:
    """As ``ast.iter_child_nodes``, without constants, operators and the like; in half the time."""
    found: list[ast.AST] = []
    if type(node) is not ast.Name:
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                found += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                found.append(value)
    return found


def _read(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
    yield from _added_to(nodes)


def _added_to(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """``t`` of ``t += 1``, which is bound, but read and perhaps changed, too."""
    for node in nodes:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _changed_now(statement: ast.stmt, nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Names whose objects a statement changes, or may change, while it runs."""
    own = own_variables(statement)
    loops = [node for node in nodes if isinstance(node, ast.comprehension) or (
        node is statement and isinstance(node, ast.For))]
    changes = sources_of(_changed(nodes), passed(loops), CALLED)
    if any(isinstance(node, ast.Call) for node in nodes):
        changes |= {(name, GIVEN) for name in _read(nodes)}
    for node in nodes:
        if isinstance(node, _DEFINITIONS):
            for decorator in node.decorator_list:  # @add_to_class(Conv2D)
                changes |= {(name, SET) for name in _read([*ast.walk(decorator)])}
    return ((name, surely) for name, surely in changes if name not in own)


def _changed_inside(
    nodes: Sequence[ast.AST], given: Sequence[Passed]
) -> Iterator[tuple[str, int]]:
    """Names whose objects a function changes when it is called; its own variables among them."""
    yield from sources_of([*_changed(nodes), *_given_away(nodes)], given, CALLED)
    for node in nodes:
        if isinstance(node, ast.Global):
            yield from ((name, SET) for name in node.names)


def _changed(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Names of objects that something is set on, or that are called for what that does."""
    yield from ((name, SET) for name in _added_to(nodes))
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Subscript) \
                and isinstance(node.ctx, ast.Store | ast.Del):
            # Conv2D.forward = forward; cache[0] = 1
            yield from ((name, SET if how == How.ITSELF else CALLED)
                        for name, how in shared(node.value))
        elif isinstance(node, ast.Expr):
            for call in _for_what_it_does(node.value):
                yield from _called(call)
        elif isinstance(node, ast.Call) and _is_changing(node):
            yield from _called(node)


def _called(call: ast.Call) -> Iterator[tuple[str, int]]:
    """Names of what a call for what it does is made on."""
    if isinstance(call.func, ast.Attribute):
        is_own = call.func.attr.startswith("__")  # Base.__init__(self) does nothing to Base
        for name, how in shared(call.func.value):
            yield name, METHOD if how == How.ITSELF and not is_own else CALLED
    else:
        yield from ((name, CALLED) for name, _ in shared(call.func))


def _given_away(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Names of what is given to a call for what it does: fill(table)."""
    for node in nodes:
        if isinstance(node, ast.Expr):
            for call in _for_what_it_does(node.value):
                if called_name(call) != "print":
                    for argument in (*call.args, *(each.value for each in call.keywords)):
                        yield from ((name, CALLED) for name, _ in shared(argument))


def _for_what_it_does(expression: ast.expr) -> Iterator[ast.Call]:
    """The calls in an expression whose answer nobody keeps that are made for what they do."""
    waiting: list[ast.expr] = [expression]
    while waiting:
        match waiting.pop():
            case ast.Call() as call:
                yield call
            case ast.Await(value=value):
                waiting.append(value)
            case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
                waiting += values
            case ast.IfExp(body=body, orelse=orelse):
                waiting += [body, orelse]
            case ast.ListComp(elt=value) | ast.SetComp(elt=value):
                waiting.append(value)


def _is_changing(call: ast.Call) -> bool:
    """Whether its method changes what it is called on by its name, some steps from there."""
    name = called_name(call)
    if name not in _CHANGING and (name.startswith("_") or not name.endswith("_")):
        return False
    node: ast.expr = call.func
    for _ in range(_STEPS):
        match node:
            case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Call(func=value):
                node = value
    return isinstance(node, ast.Name)


def _held(definition: _DEFINITIONS) -> Iterator[Passed]:
    """What a function or a class keeps from its definition: defaults, what decorates it, and what
    the body of a class names."""
    held = [(name, How.ARGUMENT) for decorator in definition.decorator_list
            for name in _read([*ast.walk(decorator)])]
    functions: list[ast.stmt] = [definition]
    if isinstance(definition, ast.ClassDef):
        functions = definition.body
        held += [source for sources, _ in passed(functions) for source in sources]
    for each in functions:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in (*each.args.defaults, *each.args.kw_defaults):
                held += shared(default) if default else ()
    if held:
        yield tuple(held), (definition.name,)


def _kept(given: Iterable[Passed], used: Collection[str]) -> Iterator[Passed]:
    """What a function keeps of the notebook's objects in others: self.table = TABLE."""
    for sources, names in given:
        kept = tuple(name for name in names if name.startswith("."))
        if kept and (held := tuple(source for source in sources if source[0] in used)):
            yield held, kept


def _answered(
    definition: _DEFINITIONS, nodes: Iterable[ast.AST], given: Sequence[Passed],
    used: Collection[str],
) -> Iterator[Passed]:
    """What a function may answer with, or what shares with it: return TABLE."""
    answers = [(name, CALLED) for node in nodes
               if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value
               for name, how in shared(node.value) if how != How.ARGUMENT]
    if answers:
        yield tuple((name, How.METHOD) for name, _ in sources_of(answers, given, CALLED)
                    if name in used), (definition.name,)


def _makes(definition: _DEFINITIONS, nodes: Iterable[ast.AST]) -> bool:
    """Whether it may answer with what does the same as itself: an instance, a function in it."""
    return isinstance(definition, ast.ClassDef) or any(
        isinstance(node, _DEFINITIONS | ast.Lambda | ast.Yield | ast.YieldFrom)
        and node is not definition for node in nodes)
