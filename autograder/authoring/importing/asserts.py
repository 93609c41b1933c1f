"""Statements of tests as statements of checks, where they can be said exactly.

Of an assertion the student's part is asked of their worker, and the rest is said of the answer:
``assert f(2) == 4`` is ``check.f(2)``, and ``assert len(f(2)) == 4`` a condition on
``student.f(2)``. What this does not reach is left to a person, with its source.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

REFUSALS = frozenset({"ValueError", "RuntimeError", "TypeError", "IndexError", "KeyError",
                      "AssertionError"})
"""What the framework takes for a refusal, whichever of them it is."""

_SAID = "What this check asks does not hold."
_SHOWN = "It has to hold: {condition}"


class _Inexact(Exception):
    """This statement cannot be said exactly."""


@dataclass
class Translated:
    """What became of the statements of one test."""

    body: list[str] = field(default_factory=list)  # lines of a check
    left: list[str] = field(default_factory=list)  # the source of each statement that is left
    exact: int = 0  # assertions that are said exactly
    asks: bool = False  # whether the body asks the student's code anything


@dataclass(frozen=True)
class Vocabulary:
    """What the notebook's own code defines."""

    functions: frozenset[str]
    classes: frozenset[str]
    variables: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        return self.functions | self.classes | self.variables

    def without(self, names: Collection[str]) -> Vocabulary:
        """The same without some functions, which are not only the notebook's."""
        return replace(self, functions=self.functions - set(names))

    @classmethod
    def of(cls, sources: Sequence[str]) -> Vocabulary:
        found: dict[type, set[str]] = {ast.FunctionDef: set(), ast.ClassDef: set(), ast.Name: set()}
        for node in (node for source in sources for node in ast.parse(source).body):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[type(node)].add(node.name)
            elif isinstance(node, ast.Assign):
                found[ast.Name] |= {each.id for target in node.targets
                                    for each in ast.walk(target) if isinstance(each, ast.Name)}
        functions, classes = found[ast.FunctionDef], found[ast.ClassDef]
        return cls(frozenset(functions), frozenset(classes),
                   frozenset(found[ast.Name] - functions - classes))


def translated(
    source: str, known: Vocabulary, graded: Collection[str], is_hidden: bool
) -> Translated:
    """The statements of a test as a check's. Students read the conditions of those that are not
    hidden."""
    try:
        statements = ast.parse(textwrap.dedent(source)).body
    except SyntaxError:
        return Translated(left=[source])
    return _AssertTranslator(known, frozenset(graded), is_hidden).all(_unwrapped(statements))


def _unwrapped(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Of a test that is a function, as otter's are, its body."""
    functions = [node for node in statements if isinstance(node, ast.FunctionDef)]
    if len(functions) == 1 and functions[0].name.startswith("test"):
        calls = [node for node in statements if isinstance(node, ast.Expr) and isinstance(
            node.value, ast.Call) and ast.unparse(node.value.func) == functions[0].name]
        return [*(node for node in statements if node not in (functions[0], *calls)),
                *functions[0].body]
    return statements


class _AssertTranslator:
    def __init__(self, known: Vocabulary, graded: frozenset[str], is_hidden: bool) -> None:
        self._known = known
        self._graded = graded
        self._is_hidden = is_hidden
        self._local: dict[str, bool] = {}  # name that the test sets -> whether it is an answer
        self.done = Translated()

    def all(self, statements: list[ast.stmt]) -> Translated:
        self.done.body = list(self._lines(statements))
        return self.done

    def _lines(self, statements: list[ast.stmt]) -> Iterator[str]:
        for node in statements:
            try:
                yield from self._statement(node)
            except _Inexact:
                self.done.left.append(ast.unparse(node))

    def _statement(self, node: ast.stmt) -> Iterator[str]:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return
            case ast.Expr(value=ast.Call(func=ast.Name(id="print" | "display"))):
                return
            case ast.Assert():
                yield from self._assertion(node.test)
            case ast.Expr(value=ast.Call() as call) if _is_assertion(call):
                yield from self._asserting_call(call)
            case ast.Try():
                yield from self._refusal(*_tried(node))
            case ast.With(items=[ast.withitem(context_expr=ast.Call() as call)], body=[tried]) \
                    if ast.unparse(call.func).endswith(("raises", "assertRaises")) and call.args:
                yield from self._refusal(call.args[0], tried)
            case ast.Import() | ast.ImportFrom():
                yield ast.unparse(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield from self._assignment(name, value)
            case ast.For(target=target, iter=over, body=body, orelse=[]) if self._is_ours(over):
                for each in ast.walk(target):
                    if isinstance(each, ast.Name):
                        self._local[each.id] = False
                before = self.done.exact
                inside = list(self._lines(body))
                if inside and self.done.exact > before:
                    yield f"for {ast.unparse(target)} in {ast.unparse(over)}:"
                    yield from (f"    {line}" for line in inside)
            case ast.FunctionDef() if self._is_ours(node):
                self._local[node.name] = False
                yield from ast.unparse(node).split("\n")
            case _:
                raise _Inexact

    def _assignment(self, name: str, value: ast.expr) -> Iterator[str]:
        if self._is_ours(value):
            self._local[name] = False
            yield f"{name} = {ast.unparse(value)}"
        else:
            asked = self._asked(value)
            self._local[name] = True
            yield f"{name} = {asked}"

    def _assertion(self, test: ast.expr) -> Iterator[str]:
        match test:
            case ast.Compare(left=one, ops=[ast.Eq()], comparators=[other]):
                for asked, right in ((one, other), (other, one)):
                    if (line := self._checked(asked)) is not None and self._is_ours(right):
                        self.done.exact += 1
                        yield line
                        return
        yield from self._condition(test)

    def _asserting_call(self, call: ast.Call) -> Iterator[str]:
        """``np.testing.assert_allclose(f(x), v)``: it raises, or answers None."""
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in ("assert_raises", "assertRaises") and len(call.args) > 1:
            yield from self._refusal(call.args[0], ast.Expr(ast.Call(
                call.args[1], call.args[2:], call.keywords)))
            return
        yield from self._condition(ast.Compare(call, [ast.Is()], [ast.Constant(None)]), call)

    def _refusal(self, kind: ast.expr | None, tried: ast.stmt) -> Iterator[str]:
        kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind] if kind is not None else []
        value = tried.value if isinstance(tried, ast.Expr | ast.Assign) else None
        if not kinds or not all(isinstance(each, ast.Name) and each.id in REFUSALS
                                for each in kinds):
            raise _Inexact
        match value:
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named) \
                    if name in self._graded & self._known.functions and all(map(self._is_ours, [
                        *given, *(each.value for each in named)])):
                self.done.exact += 1
                self.done.asks = True
                yield f"refuses.{ast.unparse(value)}"
            case _:
                raise _Inexact

    def _checked(self, node: ast.expr) -> str | None:
        """``check.f(…)`` where ``node`` calls what is graded with what is the test's own; or the
        value of a graded variable."""
        match node:
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named) \
                    if name in self._graded & self._known.functions and all(map(self._is_ours, [
                        *given, *(each.value for each in named)])):
                self.done.asks = True
                return f"check.{ast.unparse(node)}"
            case ast.Name(id=name) if name in self._graded & self._known.variables \
                    and name not in self._local:
                self.done.asks = True
                return f"check.{name}.value()"
        return None

    def _condition(self, test: ast.expr, shown: ast.expr | None = None) -> Iterator[str]:
        """``expect.holds(lambda …: …, …)``: the test, said of what the student's code answers."""
        text = ast.unparse(shown or test)
        asked: dict[str, str] = {}  # how it is asked -> what the condition calls it
        said = _Replacing(self, asked).visit(test)
        if not asked:
            raise _Inexact
        self.done.exact += 1
        self.done.asks = True
        yield f"expect.holds(lambda {', '.join(asked.values())}: {ast.unparse(said)},"
        yield from (f"             {how}," for how in asked)
        yield "             message=" + (f"sentence({_SAID!r}))" if self._is_hidden else
                                           f"sentence({_SHOWN!r}, condition={text!r}))")

    def _asked(self, node: ast.expr) -> str:
        """How the student's code is asked for a value. Raises _Inexact where it cannot be."""
        self.done.asks = True
        match node:
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named) \
                    if name in self._graded & self._known.functions:
                words = [*map(self._given, given), *(
                    f"{each.arg}={self._given(each.value)}" for each in named if each.arg)]
                if len(words) == len(given) + len(named):
                    return f"student.{name}({', '.join(words)})"
            case ast.Name(id=name) if name in self._local:
                return name
            case ast.Name(id=name) if name in self._graded & self._known.variables:
                return f"student.{name}.value()"
        raise _Inexact

    def _given(self, node: ast.expr) -> str:
        return ast.unparse(node) if self._is_ours(node) else self._asked(node)

    def _is_ours(self, node: ast.AST) -> bool:
        """Whether it reads nothing of the student's, nor what they answered."""
        read = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        answers = {name for name, is_answer in self._local.items() if is_answer}
        return not read & ((self._known.names - set(self._local)) | answers)


class _Replacing(ast.NodeTransformer):
    """Puts names in the places of what is asked of the student's code."""

    def __init__(self, translator: _AssertTranslator, asked: dict[str, str]) -> None:
        self._translator = translator
        self._asked = asked

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and not self._translator._is_ours(node):
            if isinstance(node, ast.Call | ast.Name):
                try:
                    how = self._translator._asked(node)
                except _Inexact:
                    if isinstance(node, ast.Name) or (isinstance(node.func, ast.Name)
                            and node.func.id in self._translator._known.names):
                        raise
                else:
                    name = self._asked.setdefault(how, how if how.isidentifier()
                                                  else f"answer{len(self._asked) or ''}")
                    return ast.Name(name, ast.Load())
            if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
                          | ast.Lambda):
                return self._within(node)
        return self.generic_visit(node)


    def _within(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp | ast.Lambda
    ) -> ast.AST:
        """A loop may run over what was asked before it. What would be asked in it is left."""
        if isinstance(node, ast.Lambda) or len(node.generators) != 1:
            raise _Inexact
        [loop] = node.generators
        inside = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if not all(map(self._translator._is_ours, [*inside, *loop.ifs])):
            raise _Inexact
        loop.iter = cast(ast.expr, self.visit(loop.iter))
        return node


def _is_assertion(call: ast.Call) -> bool:
    return ast.unparse(call.func).rpartition(".")[2].startswith("assert")


def _tried(node: ast.Try) -> tuple[ast.expr | None, ast.stmt]:
    """Of a ``try`` that wants an exception: which, and of what. Raises _Inexact for any other."""
    if len(node.handlers) != 1 or node.finalbody:
        raise _Inexact
    [handler], body = node.handlers, node.body
    tried, failing = (body, node.orelse) if node.orelse else (body[:1], body[1:])
    passes = all(isinstance(each, ast.Pass | ast.Expr | ast.Return) for each in handler.body)
    if len(tried) != 1 or len(failing) != 1 or not passes \
            or not isinstance(failing[0], ast.Raise | ast.Assert):
        raise _Inexact
    return handler.type, tried[0]
