"""Edits of statements and of whole functions: what is missing, what stands in the wrong place."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from itertools import combinations

from autograder.judge.explain.repair.definitions import Definition, names_in, parameters
from autograder.judge.explain.repair.editing import (
    Edit,
    Swap,
    assignment,
    expression,
    listed,
    put,
    statement,
)
from autograder.judge.explain.repair.expressions import MODULES, called, near, own_attributes
from autograder.result import RepairKind as Kind

_MOST_RETURNED = 4


def of_definition(definition: Definition) -> Iterator[Edit]:
    """What the definition as a whole lacks."""
    missing = [name for name in definition.undefined if name in MODULES]
    if missing:
        used = next(node for node in definition.nodes
                    if isinstance(node, ast.Name) and node.id == missing[0])
        yield Edit(Kind.IMPORT, 0, definition, (used,),
                   above="\n".join(MODULES[name] for name in missing))
    for function in definition.functions:
        yield from _returns(definition, function)
        yield from _parameters(definition, function)
        yield from _numpy(definition, function)
        if isinstance(definition.node, ast.ClassDef) and function in definition.node.body:
            yield from _methods(definition, function)
            yield from _unused(definition, function, _set_only(definition))
        elif function is definition.node:
            yield from _unused(definition, function, [
                name for name in parameters(function) if not _reads(function, name)])


def of_statements(definition: Definition) -> Iterator[Edit]:
    """Edits of each statement; none takes a whole block away."""
    for function in definition.functions:
        scope = names_in(function)
        loops = [node for node in ast.walk(function) if isinstance(node, ast.For)]
        tensors = [node.targets[0].id for node in ast.walk(function)
                   if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
                   and called(node.value) in ("zeros", "ones", "empty", "new_zeros")]
        for loop in loops:
            yield from _sources(definition, loop, loops, tensors)
        for node in ast.walk(function):
            if isinstance(node, ast.stmt) and node is not function:
                yield from _exchanged(definition, node, scope)
                yield from _kept(definition, node, scope)
                yield from _moved(definition, node)


def _returns(definition: Definition, function: ast.FunctionDef) -> Iterator[Edit]:
    nodes = list(ast.walk(function))
    if function.name == "__init__" or any(
            isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) for node in nodes):
        return
    last = function.body[-1]
    if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant):
        yield Edit(Kind.RETURN, 0.2, definition, (last,),
                   (put(definition, last, ast.Return(last.value)),), at_end=True)
    stored = [node.id for node in nodes
              if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    stored += [node.value.id for node in nodes  # out[i, j] = …, where out is an argument
               if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
               and isinstance(node.value, ast.Name)]
    for name in list(dict.fromkeys(reversed(stored)))[:_MOST_RETURNED]:
        body = [*function.body, ast.Return(ast.Name(name, ast.Load()))]
        yield Edit(Kind.RETURN, 0.2, definition, (last,), (listed(function, "body", body),),
                   at_end=True)


def _parameters(definition: Definition, function: ast.FunctionDef) -> Iterator[Edit]:
    """A default for the last parameter that has none, and one number for a pair."""
    given = function.args.args
    if len(given) > len(function.args.defaults) and given[-1 - len(function.args.defaults)].arg \
            not in ("self", "cls"):
        last = given[-1 - len(function.args.defaults)]
        compared = [each.value for node in ast.walk(function) if isinstance(node, ast.Compare)
                    and isinstance(node.left, ast.Name) and node.left.id == last.arg
                    for each in node.comparators if isinstance(each, ast.Constant)]
        for value in dict.fromkeys([*compared, None, 0, 1]):
            yield Edit(Kind.DEFAULT, 1.5, definition, (last,), (listed(
                function.args, "defaults", [ast.Constant(value), *function.args.defaults]),))
    asked = {ast.unparse(node.args[0]) for node in ast.walk(function)
             if isinstance(node, ast.Call) and called(node) == "isinstance" and node.args}
    for name in parameters(function):
        if name not in asked and _reads(function, name):
            guard = statement(f"if isinstance({name}, int):\n    {name} = ({name}, {name})")
            yield Edit(Kind.PAIR, 2.5, definition, (function,),
                       (listed(function, "body", [guard, *function.body]),))


def _numpy(definition: Definition, function: ast.FunctionDef) -> Iterator[Edit]:
    """Arrays for tensors, and a tensor for the array that is answered."""
    if function is not definition.node or not _reads(function, "np"):
        return
    heads = [statement(f"{name} = {name}.detach().numpy() if hasattr({name}, 'detach') else {name}")
             for name in parameters(function)]
    answers = [Swap(node, "value", node.value, ast.Call(
        expression("__import__('torch').as_tensor"), [node.value], []))
        for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    yield Edit(Kind.NUMPY, 0.6, definition, (function,),
               (*answers, listed(function, "body", [*heads, *function.body])))


def _methods(definition: Definition, function: ast.FunctionDef) -> Iterator[Edit]:
    for right in ("__init__", "forward"):
        if function.name != right \
                and difflib.SequenceMatcher(None, function.name, right).ratio() > 0.7:
            yield Edit(Kind.NAME, 0.1, definition, (function,),
                       (Swap(function, "name", function.name, right),))
    if function.name != "__init__":
        return
    said = [each for each in function.body if "super" in ast.unparse(each)]
    call = statement("super().__init__()")
    if not said:
        yield Edit(Kind.SUPER, 0.1, definition, (function,),
                   (listed(function, "body", [call, *function.body]),))
    elif ast.dump(said[0]) != ast.dump(call) or said[0] is not function.body[0]:
        others = [each for each in function.body if each is not said[0]]
        yield Edit(Kind.SUPER, 0.1, definition, (said[0],),
                   (listed(function, "body", [call, *others]),))
    for node in function.body:
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"))], value=value) \
                    if called(value) != "Parameter":
                parameter = "nn.Parameter" if "nn" in definition.outside else \
                    "__import__('torch').nn.Parameter"
                yield Edit(Kind.PARAMETER, 1, definition, (node,), (Swap(
                    node, "value", value, ast.Call(expression(parameter), [value], [])),),
                    slip=("parameter",))


def _set_only(definition: Definition) -> list[str]:
    """``self.…`` that is set and never read."""
    read = {node.attr for node in definition.nodes
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    return [f"self.{name}" for name in own_attributes(definition) if name not in read]


def _unused(
    definition: Definition, function: ast.FunctionDef, unused: Sequence[str]
) -> Iterator[Edit]:
    """What is given or set, and used nowhere, added to the answer."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None and function.name != "__init__":
            for name in unused:
                yield Edit(Kind.UNUSED, 1, definition, (node,), (Swap(
                    node, "value", node.value,
                    ast.BinOp(node.value, ast.Add(), expression(name))),))


def _reads(function: ast.AST, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
               for node in ast.walk(function))


def _sources(
    definition: Definition, loop: ast.For, loops: Sequence[ast.For], tensors: Sequence[str]
) -> Iterator[Edit]:
    """What a loop runs over."""
    for other in {ast.unparse(each.iter): each.iter for each in loops}.values():
        if other is not loop.iter:
            yield Edit(Kind.LOOP, 1.5, definition, (loop,), (Swap(loop, "iter", loop.iter, other),))
    inner = next((node for node in ast.walk(loop)
                  if isinstance(node, ast.For) and node is not loop), None)
    for name in tensors:
        for axis in (0, 1):
            yield Edit(Kind.LOOP, 1.6, definition, (loop,), (
                Swap(loop, "iter", loop.iter, expression(f"range({name}.shape[{axis}])")),))
        if inner is not None:
            yield Edit(Kind.LOOP, 1.4, definition, (loop,), tuple(
                Swap(each, "iter", each.iter, expression(f"range({name}.shape[{axis}])"))
                for axis, each in enumerate((loop, inner))))


def _exchanged(definition: Definition, node: ast.stmt, scope: Sequence[str]) -> Iterator[Edit]:
    """Two names in each other's place, or one for another, in one statement; of a compound one, in
    its head."""
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.For):
        parts = [node.iter]
    elif isinstance(node, ast.While):
        parts = [node.test]
    elif hasattr(node, "body"):
        return
    used = [each for part in parts for each in ast.walk(part)
            if isinstance(each, ast.Name) and each.id in scope
            and each not in definition.conditions]
    for one, other in combinations(dict.fromkeys(each.id for each in used), 2):
        yield Edit(Kind.ORDER, 1.1 if near(one, other) else 2.5, definition, (node,), tuple(
            Swap(each, "id", each.id, other if each.id == one else one)
            for each in used if each.id in (one, other)))
    for one in dict.fromkeys(each.id for each in used if isinstance(each.ctx, ast.Load)):
        places = [each for each in used if each.id == one and isinstance(each.ctx, ast.Load)]
        for other in scope if len(places) > 1 else ():
            if other != one and near(one, other):
                yield Edit(Kind.NAME, 1.3, definition, (node,),
                           tuple(Swap(each, "id", one, other) for each in places))


def _kept(definition: Definition, node: ast.stmt, scope: Sequence[str]) -> Iterator[Edit]:
    """Whether a result is added to what is there, takes its place, or should not be."""
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Name() as target], value=value):
            added = ast.AugAssign(target, ast.Add(), value)
            yield Edit(Kind.SUM, 1.5, definition, (node,), (put(definition, node, added),))
            if isinstance(target, ast.Name) and _reads(value, target.id):
                yield from _dropped(definition, node)
        case ast.AugAssign(target=target, value=value):
            assigned = assignment(target, value)
            yield Edit(Kind.SUM, 1.5, definition, (node,), (put(definition, node, assigned),))
            if isinstance(target, ast.Name):
                made_anew = assignment(target, ast.BinOp(
                    ast.Name(target.id, ast.Load()), node.op, value))
                yield Edit(Kind.INPLACE, 1.4, definition, (node,),
                           (put(definition, node, made_anew),))
            yield from _dropped(definition, node)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))) as value) \
                if name in scope:
            kept = assignment(ast.Name(name, ast.Store()), value)
            yield Edit(Kind.UNKEPT, 0.8, definition, (node,), (put(definition, node, kept),))
            yield from _dropped(definition, node)


def _dropped(definition: Definition, node: ast.stmt) -> Iterator[Edit]:
    owner, field, block = _block(definition, node)
    if len(block) > 1:
        yield Edit(Kind.STEP, 2.2, definition, (node,),
                   (listed(owner, field, [each for each in block if each is not node]),))


def _moved(definition: Definition, node: ast.stmt) -> Iterator[Edit]:
    """The last statement of a loop or branch behind it, and one behind a loop into it. No statement
    goes where only a refusal stands."""
    owner, field, block = _block(definition, node)
    place = block.index(node)
    if isinstance(owner, ast.For | ast.While | ast.If) and field in ("body", "orelse") \
            and place == len(block) - 1 > 0:
        outer, outer_field, around = _block(definition, owner)
        at = around.index(owner) + 1
        yield Edit(Kind.PLACE, 1.2, definition, (node,), (
            listed(owner, field, block[:-1]),
            listed(outer, outer_field, [*around[:at], node, *around[at:]])))
    if place and isinstance(block[place - 1], ast.For | ast.While):
        loop = block[place - 1]
        assert isinstance(loop, ast.For | ast.While)
        if not isinstance(node, ast.Return):
            yield Edit(Kind.PLACE, 1.5, definition, (node,), (
                listed(owner, field, [each for each in block if each is not node]),
                listed(loop, "body", [*loop.body, node])))


def _block(definition: Definition, node: ast.stmt) -> tuple[ast.AST, str, list[ast.stmt]]:
    owner, field = definition.parents[node]
    return owner, field, getattr(owner, field)
