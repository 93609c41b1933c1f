"""What the objects of a notebook's names may have in common: ``t = d["k"]`` is a part of ``d``.

Told by the text, whatever the order of its statements. Besides names there are attributes: ".x"
stands for ``x`` of any object.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

# What only hands on what it is given, or parts of it.
_PASSING = {"list", "tuple", "dict", "set", "iter", "next", "enumerate", "zip", "reversed",
            "sorted", "values", "items", "get", "partial"}
# Attributes and answers that nothing can change.
_UNCHANGEABLE = {"shape", "dtype", "device", "ndim", "size", "numel", "dim", "item", "float32",
                 "float64", "len", "int", "float", "str", "bool", "range"}
_PLAIN = (ast.Constant, ast.JoinedStr, ast.UnaryOp, ast.BinOp, ast.Compare, ast.Tuple, ast.unaryop,
          ast.operator, ast.cmpop, ast.expr_context)
_DISPLAYS = ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.SetComp | ast.DictComp

# Each in another in another would be looked into for itself and for those around it.
_LOOKED_INTO_AGAIN = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)
_DEEPEST = 3
_PASSES_ON = {ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor,
              ast.comprehension, ast.withitem, ast.Match}


class How(IntEnum):
    """What an expression has of an object, from the object itself or a part of it."""

    ITSELF = 0
    HELD = 1  # a list, a table, an object that it is in
    METHOD = 2  # the answer of a method of it: a view, perhaps
    ARGUMENT = 3  # the answer of a call that it was given to
    CALLED = 4  # its own answer: an instance, where it is a class


Source = tuple[str, How]
Passed = tuple[tuple[Source, ...], tuple[str, ...]]  # what names are given, and these names


def shared(expression: ast.AST) -> Iterator[Source]:
    """Names whose objects the value of an expression may share."""
    waiting: list[tuple[ast.AST, How, int]] = [(expression, How.ITSELF, 0)]
    while waiting:
        node, how, depth = waiting.pop()
        if isinstance(node, _LOOKED_INTO_AGAIN):
            depth += 1
            if depth > _DEEPEST:
                continue
        match node:
            case ast.Name(id=name):
                yield name, how
            case ast.Attribute(value=value, attr=attribute):
                if attribute not in _UNCHANGEABLE:
                    yield f".{attribute}", how
                    waiting.append((value, how, depth))
            case ast.Lambda(args=arguments, body=body):  # it holds what it names
                own = {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}
                yield from ((each.id, how) for each in ast.walk(body)
                            if isinstance(each, ast.Name) and each.id not in own)
            case ast.Call():
                waiting += [(part, max(how, way), depth) for part, way in _of_call(node)]
            case _:
                way = max(how, How.HELD) if isinstance(node, _DISPLAYS) else how
                waiting += [(part, way, depth) for part in _within(node)]


def called_name(call: ast.Call) -> str:
    """Of a function or a method; nothing where it has none."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _of_call(call: ast.Call) -> Iterator[tuple[ast.AST, How]]:
    """What the answer of a call may share."""
    name = called_name(call)
    if name in _UNCHANGEABLE:
        return
    passes = name in _PASSING
    if isinstance(call.func, ast.Attribute):
        yield call.func.value, How.ITSELF if passes else How.METHOD
    else:
        yield call.func, How.CALLED
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield argument, How.HELD if passes else How.ARGUMENT


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions whose values, or parts of them, the value of this one may be or hold."""
    match node:
        case ast.Subscript(value=value) | ast.Starred(value=value) | ast.Await(value=value) \
                | ast.NamedExpr(value=value):
            yield value
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.BoolOp(values=values) | ast.Dict(values=values) | ast.List(elts=values) \
                | ast.Tuple(elts=values) | ast.Set(elts=values):
            yield from values
        case ast.BinOp(left=left, right=right):  # [K] + [V]; X + Y is new
            yield from (each for each in (left, right) if isinstance(each, _DISPLAYS))
        case ast.ListComp(elt=value, generators=loops) | ast.SetComp(elt=value, generators=loops) \
                | ast.GeneratorExp(elt=value, generators=loops) \
                | ast.DictComp(value=value, generators=loops):
            yield value
            yield from (loop.iter for loop in loops)


def passed(nodes: Iterable[ast.AST]) -> Iterator[Passed]:
    """What these nodes, not those within them, pass on, and to which names."""
    for node in nodes:
        if type(node) not in _PASSES_ON:  # most; patterns are slow
            continue
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _assigned(target, value)
            case ast.Assign(targets=targets, value=value):
                yield tuple(shared(value)), tuple(_targets(*targets))
            case ast.AnnAssign(target=target, value=ast.expr() as value) \
                    | ast.AugAssign(target=target, value=value) \
                    | ast.NamedExpr(target=target, value=value):
                yield from _assigned(target, value)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value) \
                    | ast.comprehension(target=target, iter=value) \
                    | ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
                yield tuple(shared(value)), tuple(_targets(target))
            case ast.Match(subject=value, cases=cases):
                yield tuple(shared(value)), tuple(_captured(cases))


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Passed]:
    """``a, b = K, V`` passes K on to a, and V to b."""
    waiting = [(target, value)]
    while waiting:
        match waiting.pop():
            case (ast.Tuple(elts=names) | ast.List(elts=names),
                  ast.Tuple(elts=values) | ast.List(elts=values)) \
                    if len(names) == len(values) and not any(
                        isinstance(each, ast.Starred) for each in (*names, *values)):
                waiting += zip(names, values, strict=True)
            case to, given:
                least = How.HELD if isinstance(to, ast.Attribute | ast.Subscript) else How.ITSELF
                if (sources := tuple((name, max(how, least)) for name, how in shared(given))):
                    yield sources, tuple(_targets(to))


def _targets(*targets: ast.expr) -> Iterator[str]:
    """Names that hold what is assigned to targets; not ``self``, which is too many."""
    waiting = list(targets)
    while waiting:
        match waiting.pop():
            case ast.Name(id=name):
                yield name
            case ast.Starred(value=value):
                waiting.append(value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                waiting += parts
            case ast.Attribute(value=value, attr=attribute):
                yield f".{attribute}"
                yield from (name for name, _ in shared(value) if name not in ("self", "cls"))
            case ast.Subscript(value=value):
                yield from (name for name, _ in shared(value) if name not in ("self", "cls"))


def _captured(cases: Iterable[ast.match_case]) -> Iterator[str]:
    for case in cases:
        for node in ast.walk(case.pattern):
            match node:
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) \
                        | ast.MatchMapping(rest=str(name)):
                    yield name


def own_variables(statement: ast.AST) -> set[str]:
    """Names that a statement only means as it binds them itself: those of the loop that it is."""
    if not isinstance(statement, ast.For):
        return set()
    return {*_targets(statement.target)} - {name for name, _ in shared(statement.iter)}


def sources_of(
    changes: Iterable[tuple[str, int]], given: Iterable[Passed], answer: int
) -> set[tuple[str, int]]:
    """``changes`` of names, how surely, and of what these names were given; ``answer``: how surely
    at most where that was an answer."""
    waiting = list(changes)
    if not waiting:
        return set()
    sources: defaultdict[str, list[tuple[Source, ...]]] = defaultdict(list)
    for held, names in given:
        for name in names:
            sources[name].append(held)
    found: set[tuple[str, int]] = set()
    followed: set[tuple[int, int]] = set()
    while waiting:
        change = name, surely = waiting.pop()
        if change in found:
            continue
        found.add(change)
        for held in sources[name]:
            if (id(held), surely) not in followed:
                followed.add((id(held), surely))
                waiting += [(source, surely if how <= How.HELD else min(surely, answer))
                            for source, how in held if how != How.ARGUMENT]
    return found


def unchangeable(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that these nodes bind only to numbers, texts and the like."""
    plain: set[str] = set()
    targets: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and _is_plain(node.value):
            names = [name for target in node.targets
                     for name in (target.elts if isinstance(target, ast.Tuple) else [target])
                     if isinstance(name, ast.Name)]
            plain |= {name.id for name in names}
            targets |= {id(name) for name in names}
    return plain - {node.id for node in nodes if isinstance(node, ast.Name)
                    and isinstance(node.ctx, ast.Store) and id(node) not in targets}


def renamed(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str, bool]]:
    """New names for others, or for parts of them, where these nodes bind them to nothing else."""
    bound = Counter(node.id for node in nodes if isinstance(node, ast.Name)
                    and isinstance(node.ctx, ast.Store))
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=new)], value=value) if bound[new] == 1:
                old = value
                while isinstance(old, ast.Attribute):
                    old = old.value
                if isinstance(old, ast.Name):
                    yield new, old.id, old is not value


def _is_plain(expression: ast.expr) -> bool:
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            if called_name(node) not in _UNCHANGEABLE:
                return False
        elif isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]
        elif isinstance(node, ast.Attribute):
            if node.attr not in _UNCHANGEABLE:
                return False
        elif isinstance(node, _PLAIN):
            waiting += ast.iter_child_nodes(node)
        else:
            return False
    return True
