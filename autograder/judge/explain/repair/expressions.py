"""Edits of expressions: a number, a name, an order, a step, an operation like it."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from autograder.judge.explain.repair.definitions import Definition, names_in, parameters
from autograder.judge.explain.repair.editing import Edit, Swap, expression, listed, put
from autograder.result import RepairKind as Kind

MODULES = {"torch": "import torch", "nn": "from torch import nn",
           "F": "import torch.nn.functional as F", "np": "import numpy as np",
           "math": "import math"}
"""What notebooks call modules -> the line that imports each."""

_FAMILIES = tuple(map(str.split, (
    "mean sum max amax min amin prod median", "argmax argmin", "stack cat",
    "zeros ones empty randn", "zeros_like ones_like", "floor ceil round trunc", "view reshape",
    "any all", "expand repeat", "AvgPool2d MaxPool2d", "avg_pool2d max_pool2d",
    "ReLU Sigmoid Tanh", "relu sigmoid tanh", "softmax log_softmax", "zip product", "div mul add",
    "add_ add", "append extend", "Parameter parameter", "register_buffer register_parameter",
    "mul matmul", "sqrt square abs", "Linear LazyLinear", "Conv2d LazyConv2d")))
_TWINS = {one: list(dict.fromkeys(other for family in _FAMILIES if one in family
                                  for other in family if other != one))
          for families in _FAMILIES for one in families}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult, ast.Pow), ast.Div: (ast.FloorDiv, ast.Mult),
    ast.FloorDiv: (ast.Div, ast.Mult, ast.Mod), ast.MatMult: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,)}
_ALONG = frozenset((
    "dim", "axis", "dims", "sum", "mean", "max", "min", "amax", "amin", "argmax", "argmin", "flip",
    "unsqueeze", "squeeze", "transpose", "permute", "stack", "cat", "softmax", "size", "unfold",
    "cumsum", "prod"))
"""Keywords, and operations, whose numbers are axes."""

_OTHER_AXIS = {0: 1, 1: 0, 2: 3, 3: 2}
_MOST_NAMES = 10  # others that one name is exchanged for
_LARGEST = 64  # numbers beyond are sizes of something, and no slips
_LONGEST_NAME = 100  # characters; to compare long ones takes the cube of their length
_MOST_KNOWN = 500  # names among which one is looked for that is like an undefined one


def near(one: str, other: str) -> bool:
    """Whether one name is easily written for the other: ``h`` and ``w``, ``p_h`` and ``p_w``."""
    if len(one) == len(other):
        return len(one) == 1 or sum(a != b for a, b in zip(one, other, strict=True)) == 1
    if max(len(one), len(other)) > _LONGEST_NAME:
        return False
    return difflib.SequenceMatcher(None, one, other).ratio() > 0.6


def of_expressions(definition: Definition, is_over: Callable[[], bool]) -> Iterator[Edit]:
    """``is_over`` is asked before each: of most nothing comes, which may take its time, too."""
    scopes = {function: names_in(function) for function in definition.functions}
    attributes = own_attributes(definition)
    for node in definition.nodes:
        if is_over():
            return
        function = definition.function(node)
        scope = scopes.get(function, []) if isinstance(function, ast.FunctionDef) else []
        if node in definition.conditions:
            if isinstance(node, ast.Name):
                yield from _undefined(definition, node, scope)
            continue
        match node:
            case ast.Constant(value=int(number)) if abs(number) <= _LARGEST:
                yield from _numbers(definition, node, number)
            case ast.Name(ctx=ast.Load()):
                yield from _names(definition, node, scope)
            case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Load()):
                for other in attributes:
                    if other != node.attr:
                        yield Edit(Kind.NAME, 1 if near(node.attr, other) else 2.5, definition,
                                   (node,), (Swap(node, "attr", node.attr, other),))
            case ast.Tuple() | ast.List():
                yield from _order(definition, node, "elts", node.elts)
            case ast.BinOp():
                yield from _operators(definition, node)
            case ast.UnaryOp(op=ast.USub()):
                yield Edit(Kind.OPERATOR, 1.8, definition, (node,),
                           (put(definition, node, node.operand),))
            case ast.Subscript():
                yield from _windows(definition, node, scope)
            case ast.Call():
                yield from _calls(definition, node, function)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield from _attributes(definition, node)


def own_attributes(definition: Definition) -> list[str]:
    """What the class's methods call ``self.…``, in order."""
    return list(dict.fromkeys(
        node.attr for node in definition.nodes if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name) and node.value.id == "self"))


def called(node: ast.AST) -> str:
    """The last name of what a call calls; empty for anything else."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def _numbers(definition: Definition, node: ast.Constant, number: int) -> Iterator[Edit]:
    if isinstance(node.value, bool):
        yield Edit(Kind.NUMBER, 1.2, definition, (node,),
                   (Swap(node, "value", number, not number),))
        return
    is_axis = _is_axis(definition, node)
    other = _OTHER_AXIS.get(number, number + 1)
    costs = {other: 0.8 if is_axis else 1.2, number + 1: 1.5, number - 1: 1.5, -number: 2.0}
    for new, cost in {other: costs[other], **costs}.items():
        if new != number:
            yield Edit(Kind.AXIS if is_axis else Kind.NUMBER, cost, definition, (node,),
                       (Swap(node, "value", number, new),),
                       slip=("number", is_axis, number, new))


def _is_axis(definition: Definition, node: ast.AST) -> bool:
    """Whether a number says which axis, or which part of a size."""
    inner, (outer, field) = node, definition.parents[node]
    while isinstance(outer, ast.Tuple | ast.List | ast.UnaryOp):
        inner, (outer, field) = outer, definition.parents[outer]
    match outer:
        case ast.Subscript(slice=index):
            return index is inner
        case ast.keyword(arg=str(name)):
            return name in _ALONG
        case ast.Call():
            return field == "args" and called(outer) in _ALONG
    return False


def _names(definition: Definition, node: ast.Name, scope: Sequence[str]) -> Iterator[Edit]:
    outer, field = definition.parents.get(node, (node, ""))
    is_called = isinstance(outer, ast.Call) and field == "func"
    if node.id in definition.undefined:
        yield from _undefined(definition, node, scope)
    elif is_called:
        for other in _TWINS.get(node.id, ()):
            yield Edit(Kind.TWIN, 1.5, definition, (node,), (Swap(node, "id", node.id, other),))
    elif node.id in scope:
        others = sorted((other for other in scope if other != node.id),
                        key=lambda other: not near(node.id, other))
        for other in others[:_MOST_NAMES]:
            yield Edit(Kind.NAME, 1 if near(node.id, other) else 2.5, definition, (node,),
                       (Swap(node, "id", node.id, other),),
                       slip=("name", definition.function(node), node.id, other))


def _undefined(definition: Definition, node: ast.Name, scope: Sequence[str]) -> Iterator[Edit]:
    if node.id in definition.undefined and node.id not in MODULES:
        known = [*scope, *sorted(definition.outside)]
        alike = [name for name in known if name.lower() == node.id.lower()]
        alike += _close(node.id, known)
        for other in dict.fromkeys(alike):
            yield Edit(Kind.NAME, 0.5, definition, (node,), (Swap(node, "id", node.id, other),),
                       slip=("undefined", node.id, other))
        if node.id in own_attributes(definition):
            yield Edit(Kind.NAME, 0.4, definition, (node,),
                       (put(definition, node, expression(f"self.{node.id}")),),
                       slip=("self", node.id))


def _close(name: str, known: Sequence[str]) -> list[str]:
    short = [each for each in known if len(each) <= _LONGEST_NAME][:_MOST_KNOWN]
    return difflib.get_close_matches(name, short, 4, 0.4) if len(name) <= _LONGEST_NAME else []


def _order(
    definition: Definition, node: ast.AST, field: str, elements: Sequence[ast.expr]
) -> Iterator[Edit]:
    for one, other in combinations(range(len(elements)), 2):
        if other - one <= 2 and ast.dump(elements[one]) != ast.dump(elements[other]):
            changed = list(elements)
            changed[one], changed[other] = changed[other], changed[one]
            yield Edit(Kind.ORDER, 1 if other == one + 1 else 2, definition, (node,),
                       (listed(node, field, changed),))
    if len(elements) == 4:  # left, right, top, bottom
        yield Edit(Kind.ORDER, 1.2, definition, (node,),
                   (listed(node, field, [*elements[2:], *elements[:2]]),))


def _operators(definition: Definition, node: ast.BinOp) -> Iterator[Edit]:
    for new in _OPERATORS.get(type(node.op), ()):
        yield Edit(Kind.OPERATOR, 1.8, definition, (node,), (Swap(node, "op", node.op, new()),))
    yield Edit(Kind.STEP, 2, definition, (node,), (put(definition, node, node.left),))
    yield Edit(Kind.STEP, 2.2, definition, (node,), (put(definition, node, node.right),))
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.MatMult | ast.Mod):
        yield Edit(Kind.ORDER, 2, definition, (node,), (
            Swap(node, "left", node.left, node.right), Swap(node, "right", node.right, node.left)))


def _windows(
    definition: Definition, node: ast.Subscript, scope: Sequence[str]
) -> Iterator[Edit]:
    """Where slices begin and end, and a slice where one number stands."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        match part:
            case ast.Slice(lower=lower, upper=upper):
                yield from _renamed(definition, part, scope)
                if isinstance(lower, ast.Name) and upper is not None:  # j:w for j:j + w
                    sum_ = ast.BinOp(ast.Name(lower.id, ast.Load()), ast.Add(), upper)
                    yield Edit(Kind.WINDOW, 1, definition, (part,),
                               (Swap(part, "upper", upper, sum_),), slip=("window", "sum"))
                for side, bound in (("lower", lower), ("upper", upper)):
                    if bound is not None:
                        for by in (1, -1):
                            yield Edit(Kind.WINDOW, 1.6, definition, (part,),
                                       (Swap(part, side, bound, _moved(bound, by)),),
                                       slip=("window", side, by))
            case ast.BinOp(left=ast.Name(id=name)):  # j + w for j:j + w
                yield Edit(Kind.WINDOW, 1.3, definition, (part,), (
                    put(definition, part, ast.Slice(ast.Name(name, ast.Load()), part)),),
                    slip=("window", "slice"))


def _renamed(
    definition: Definition, part: ast.Slice, scope: Sequence[str]
) -> Iterator[Edit]:
    """j:j + w for i:i + w."""
    used = [each for each in ast.walk(part) if isinstance(each, ast.Name)]
    for one in dict.fromkeys(each.id for each in used):
        places = [each for each in used if each.id == one]
        for other in scope if len(places) > 1 else ():
            if other != one and near(one, other):
                yield Edit(Kind.NAME, 1.2, definition, (part,),
                           tuple(Swap(each, "id", one, other) for each in places))


def _moved(bound: ast.expr, by: int) -> ast.BinOp:
    return ast.BinOp(bound, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _calls(
    definition: Definition, node: ast.Call, function: ast.AST | None
) -> Iterator[Edit]:
    name = called(node)
    if name in ("isinstance", "super", "hasattr"):
        return
    yield from _order(definition, node, "args", node.args)
    is_method = isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES) \
        and called(node.func.value) != "super"
    if isinstance(node.func, ast.Attribute) and is_method:
        yield Edit(Kind.STEP, 1.8, definition, (node,),
                   (put(definition, node, node.func.value),), slip=("step", name))
    elif node.args and not isinstance(node.args[0], ast.Starred) and name != "range":
        yield Edit(Kind.STEP, 2, definition, (node,), (put(definition, node, node.args[0]),),
                   slip=("step", name))
    for keyword in node.keywords:
        kept = [each for each in node.keywords if each is not keyword]
        yield Edit(Kind.STEP, 2, definition, (node,), (listed(node, "keywords", kept),))
    for argument in node.args if name == "range" or "zeros" in name else ():
        in_loop = isinstance(definition.statement(node), ast.For)
        for by in (1, -1):
            yield Edit(Kind.LOOP if in_loop else Kind.NUMBER, 1.9, definition, (node,),
                       (put(definition, argument, _moved(argument, by)),), slip=("size", by))
    if isinstance(function, ast.FunctionDef):
        yield from _tensors(definition, node, name, parameters(function)[:2])


def _tensors(
    definition: Definition, node: ast.Call, name: str, given: Sequence[str]
) -> Iterator[Edit]:
    """Tensors that are made like the input."""
    for parameter in given:
        if name in ("zeros", "ones", "empty", "full"):
            yield Edit(Kind.TENSOR, 1.5, definition, (node,), (
                Swap(node, "func", node.func, expression(f"{parameter}.new_{name}")),
                listed(node, "keywords", [])), slip=("tensor", parameter))
        elif name in ("arange", "tensor", "as_tensor", "eye", "linspace", "rand", "randn"):
            wanted = ("device",) if name == "arange" else ("dtype", "device")
            kept = [each for each in node.keywords if each.arg not in wanted]
            added = [ast.keyword(each, expression(f"{parameter}.{each}")) for each in wanted]
            yield Edit(Kind.TENSOR, 1.5, definition, (node,),
                       (listed(node, "keywords", [*kept, *added]),), slip=("tensor", parameter))


def _attributes(definition: Definition, node: ast.Attribute) -> Iterator[Edit]:
    outer, field = definition.parents[node]
    for other in _TWINS.get(node.attr, ()):
        yield Edit(Kind.TWIN, 1.5, definition, (node,), (Swap(node, "attr", node.attr, other),),
                   slip=("twin", node.attr, other))
    if node.attr in ("T", "mT", "H", "data", "real") and not (
            isinstance(outer, ast.Call) and field == "func"):
        yield Edit(Kind.STEP, 1.8, definition, (node,), (put(definition, node, node.value),),
                   slip=("step", node.attr))
