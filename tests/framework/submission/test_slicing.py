"""Which cells are needed: those that graded names depend on, found in one pass over names."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.similarity.fingerprints import program
from autograder.submission import Cell, Notebook, near_names, needed, slicing
from autograder.submission.effects import GIVEN, SET, Effects, effects
from autograder.submission.sharing import How


def notebook(*sources: str) -> Notebook:
    return Notebook(tuple(Cell(index, source) for index, source in enumerate(sources)), ())


def chosen(sources: list[str], *graded: str) -> list[int]:
    return [cell.index for cell in needed(notebook(*sources), graded).cells]


def by_rounds(sources: list[str], graded: str) -> list[int]:
    """The control: what the definition says, round by round."""
    every = [effects(source) for source in sources]
    least = slicing._least(every)

    def further(does: bool, how: How, level: int) -> int | None:
        return (slicing._does_so if does else slicing._shares_so)(how, level)

    def does(one: Effects, level: int) -> set[tuple[str, bool, int]]:
        return {(name, True, 0 if one.makes else level) for name in one.defined}

    wanted, reached, found = {graded}, set[tuple[str, bool, int]](), set[int]()
    while True:
        before = len(wanted), len(reached), len(found)
        reached |= {(name, False, least.get(name, GIVEN)) for name in wanted}
        for name, acts, level in list(reached):
            for each in every:
                reached |= {(target, acts, on) for given, targets in each.passed
                            for source, how in given if source == name
                            if (on := further(acts, how, level)) is not None
                            for target in targets}
                if acts and name in each.used:
                    reached |= does(each, min(level, 1))
                if not acts and any(name == one and how >= level for one, how in each.inside):
                    reached |= does(each, 1)
        found |= {place for place, each in enumerate(every) if each.always or each.bound & wanted
                  or any(not acts and (name, how) in each.changed for name, acts, level in reached
                         for how in range(level, SET + 1))
                  or any(acts and name in each.outer for name, acts, level in reached)}
        wanted |= {name for place in found
                   for name in every[place].used | (every[place].attributes & {graded})}
        if before == (len(wanted), len(reached), len(found)):
            return sorted(found)


STATEMENTS = st.sampled_from([
    "a = b", "b = c + 1", "c = 3", "def f(): return a", "f.x = b", "b.append(c)", "print(c)",
    "import m", "m.seed(c)", "d = m.f", "exec('a = 1')", "def g():\n    global c\n    c = 2",
    "g()", "x = k()", "def k(): g()", "def g(): b[0] = 1",
    "@f\ndef h(): pass", "[b for b in c]", "class A:\n    x = a", "d = [a, b]", "d[0][0] = 1",
    "c = d.view(1)", "c.fill_(0)", "h = lambda: b.pop()", "h()", "x = A()", "x.x = b", "x + 1",
    "c += 1", "def k(c=b): c.add(1)", "for c in d: c()", "x = h(b)", "def h(): return b", "c = A"])


@fuzzed(200)
@given(st.lists(STATEMENTS, max_size=8))
def test_the_cells_are_those_of_the_definition(sources: list[str]) -> None:
    assert chosen(sources, "f") == by_rounds(sources, "f")


@pytest.mark.parametrize("asked", [
    "def conv(X):\n    return d2l.corr2d(X)", "def conv(X):\n    return d2l.torch.corr2d(X)",
    "def conv(X):\n    from d2l.torch import corr2d\n    return corr2d(X)"])
def test_what_is_asked_of_the_textbook_may_be_the_notebooks_own(asked: str) -> None:
    sources = ["from d2l import torch as d2l", "k = 2", "def corr2d(X):\n    return X * k",
               "def show(X):\n    return other.corr2d(X)", asked]
    assert chosen(sources, "conv") == [0, 1, 2, 4]
    assert chosen(["k = 2", *sources[2:4]], "show") == [2]  # the control: not of any package


def test_a_statement_is_needed_for_what_its_functions_do() -> None:
    assert chosen(["cache = {}", "def fill():\n    cache[0] = 1", "def init():\n    fill()",
                   "init()", "print(3)", "def f(): return cache[0]"], "f") == [0, 1, 2, 3, 5]


CHANGES = {
    "given to a function": ["def put(table, n): table[n] = 1", "put(T, 0)"],
    "given to a function under a condition": [
        "try:\n    def put(table, n): table[n] = 1\nexcept ValueError: pass", "put(T, 0)"],
    "by a decorator": ["def kernel(g):\n    T[0] = g\n    return g", "@kernel\ndef g(): pass"],
    "its answer kept": ["_ = T.setdefault(0, 1)"],
    "by a library": ["import numpy as np", "np.fill_diagonal(T, 1)"],
    "as what is written to": ["import torch", "torch.mul(1, 2, out=T)"],
    "in a chain": ["def Bank(t): return t", "Bank(T).add(0).add(1)"],
}


@pytest.mark.parametrize("sources", CHANGES.values(), ids=CHANGES)
def test_what_may_change_an_object_is_needed(sources: list[str]) -> None:
    every = ["T = {}", *sources, "x = 3", "def f(): return T[0]"]
    assert chosen(every, "f") == [place for place in range(len(every)) if every[place] != "x = 3"]


SHARED = {
    "an alias": ["t = T", "t[0] = 1"],
    "an alias of an alias": ["t = T", "u = t", "u.update(a=1)"],
    "a part": ["R = {'k': [0]}", "t = R['k']", "t[0] = 1", "T = R"],
    "a part of a part": ["T['k'] = [[0]]", "row = T['k'][0]", "row.append(1)"],
    "two at once": ["a, b = T, {}", "a[0] = 1"],
    "two at once, from one": ["T['k'] = ({}, {})", "a, b = T['k']", "b['x'] = 1"],
    "in a list": ["rows = [T, {}]", "rows[0][0] = 1"],
    "in lists together": ["rows = [T] + [{}]", "rows[0][0] = 1"],
    "in a table": ["R = {}", "R['k'] = T", "R['k'][0] = 1"],
    "as an attribute": ["class N: pass", "n = N()", "n.t = T", "n.t[0] = 1"],
    "one of two": ["t = T if len(T) == 0 else {}", "t[0] = 1"],
    "or another": ["t = {} or T", "t[0] = 1"],
    "each of some": ["for t in [T]: t[0] = 1"],
    "each of some, with numbers": ["rows = [T]", "for n, t in enumerate(rows): t[n] = 1"],
    "the last of some": ["for t in [T]: pass", "t[0] = 1"],
    "a walrus": ["print(len(t := T))", "t[0] = 1"],
    "a with": ["from contextlib import nullcontext", "with nullcontext(T) as t: t[0] = 1"],
    "a match": ["match [T]:\n    case [t]:\n        t[0] = 1"],
    "a comprehension": ["rows = [t for t in [T]]", "rows[0][0] = 1"],
    "a comprehension for what it does": ["rows = [T]", "[t.update(a=1) for t in rows]"],
    "a view": ["from collections import ChainMap", "c = ChainMap(T)", "c[0] = 1"],
    "an iterator": ["T[0] = []", "it = iter(T.values())", "row = next(it)", "row.append(1)"],
    "added in place": ["T[0] = []", "t = T[0]", "t += [1]"],
    "deleted": ["T.update({0: 1, 1: 2})", "t = T", "del t[0]"],
    "given to a function": ["t = T", "def put(table, n): table[n] = 1", "put(t, 0)"],
    "given to a library": ["T['k'] = [2, 1]", "import heapq", "t = T['k']", "heapq.heapify(t)"],
    "a bound method": ["put = T.update", "put(a=1)"],
    "a bound method, its answer kept": ["put = T.setdefault", "_ = put(0, 1)"],
    "a lambda": ["put = lambda: T.update(a=1)", "put()"],
    "a lambda, its answer kept": ["put = lambda n: T.setdefault(n, 1)", "_ = put(0)"],
    "a partial": ["from functools import partial", "put = partial(T.update, a=1)", "put()"],
    "a default": ["def put(n, t=T): t[n] = 1", "put(0)"],
    "what a function answers": ["def table(): return T", "table()[0] = 1"],
    "what a function of another name answers": ["def table():\n    t = T\n    return t",
                                                "def inner(): return table()",
                                                "t = inner()", "t.update(a=1)"],
    "what a method answers": ["class A:\n    def table(self): return T", "a = A()",
                              "a.table()[0] = 1"],
    "what a function yields": ["def tables():\n    yield T", "for t in tables(): t[0] = 1"],
    "a class's": ["class A: t = T", "A.t[0] = 1"],
    "a class's, by its method": ["class A:\n    t = T\n    @classmethod\n"
                                 "    def put(cls): cls.t[0] = 1", "A.put()"],
    "kept by an instance": ["class A:\n    def __init__(self, t): self.t = t\n"
                            "    def put(self): self.t[0] = 1", "a = A(T)", "a.put()"],
}
DOING = {
    "a function, by an alias within": ["def put():\n    t = T\n    t[0] = 1", "put()"],
    "a function that gives it away": ["def put(t): t[0] = 1", "def init(): put(T)", "init()"],
    "a function that keeps an answer": ["def put():\n    x = T.setdefault(0, 1)", "put()"],
    "a function in a loop within": ["def put():\n    for t in [T]: t[0] = 1", "put()"],
    "a function of functions of functions": [
        "def a(): T[0] = 1", "def b(): a()", "def c(): b()", "def d(): c()", "def e(): d()",
        "def g(): e()", "g()"],
    "a function under a condition": ["if not T:\n    def put(): T[0] = 1", "put()"],
    "a function by another name": ["def put(): T[0] = 1", "p = put", "p()"],
    "a function in a table": ["def put(): T[0] = 1", "todo = {'a': put}",
                              "for do in todo.values(): do()"],
    "a function in a lambda": ["def put(n): T[n] = 1", "p = lambda: put(0)", "p()"],
    "a function in a partial": ["from functools import partial", "def put(n): T[n] = 1",
                                "p = partial(put, 0)", "p()"],
    "a function within": ["def make():\n    def put(): T[0] = 1\n    return put", "put = make()",
                          "put()"],
    "a function that yields": ["def rows():\n    T[0] = 1\n    yield 1", "r = rows()",
                               "for _ in r: pass"],
    "a decorator": ["def noted(g):\n    T[g.__name__] = 1\n    return g", "@noted\ndef g(): pass"],
    "a decorated function": ["def counted(g):\n    def h():\n        T['n'] = T.get('n', 0) + 1\n"
                             "        return g()\n    return h", "@counted\ndef g(): return 1",
                             "print(g())"],
    "a method": ["class A:\n    def put(self): T[0] = 1", "a = A()", "a.put()"],
    "a method that is inherited": ["class A:\n    def put(self): T[0] = 1", "class B(A): pass",
                                   "b = B()", "b.put()"],
    "a method of one that a function made": [
        "class A:\n    def put(self): T[0] = 1", "def make(): return A()", "a = make()", "a.put()"],
    "a method of one in a list": ["class A:\n    def put(self): T[0] = 1",
                                  "every = [A() for _ in range(2)]", "for a in every: a.put()"],
    "a method, by what an instance keeps": [
        "class A:\n    def __init__(self): self.t = T\n    def put(self): self.t[0] = 1", "a = A()",
        "a.put()"],
    "a method bound": ["class A:\n    def put(self): T[0] = 1", "put = A().put", "put()"],
    "a method within a function": ["class A:\n    def put(self): T[0] = 1", "a = A()",
                                   "def init(): a.put()", "init()"],
    "__init__": ["class A:\n    def __init__(self): T[0] = 1", "A()"],
    "__init_subclass__": ["class A:\n    def __init_subclass__(cls): T[cls.__name__] = 1",
                          "class B(A): pass", "class C(B): pass"],
    "a metaclass": ["class M(type):\n    def __init__(cls, *rest): T[0] = 1",
                    "class A(metaclass=M): pass"],
    "__enter__": ["class A:\n    def __enter__(self): T[0] = 1\n    def __exit__(self, *_): pass",
                  "a = A()", "with a: pass"],
    "a property": ["class A:\n    @property\n    def put(self): T[0] = 1", "a = A()", "a.put"],
    "an operator": ["class A:\n    def __add__(self, n): T[0] = n", "a = A()", "a + 1"],
    "__setitem__": ["class A:\n    def __setitem__(self, n, x): T[n] = x", "a = A()", "a[0] = 1"],
    "the body of a class": ["class A:\n    T[0] = 1"],
    "an operator kept": ["class A:\n    def __neg__(self): T[0] = 1", "a = A()", "x = -a"],
    "a default's own call": ["def put(): T[0] = 1", "def g(x=put()): pass"],
    "a register": ["class R:\n    def add(self, n): T[n] = 1\n    def __call__(self, g):\n"
                   "        self.add(0)\n        return g", "r = R()", "@r\ndef g(): pass"],
}


@pytest.mark.parametrize("sources", [*SHARED.values(), *DOING.values()], ids=[*SHARED, *DOING])
def test_what_changes_an_object_by_another_name_is_needed(sources: list[str]) -> None:
    every = ["T = {}", "x = 3", *sources, "def f(): return repr(T)"]
    kept = chosen(every, "f")
    assert 1 not in kept
    assert answer([every[place] for place in kept]) == answer(every) != "{}"


def answer(sources: list[str]) -> object:
    """What ``f`` answers after these statements, one failing for itself as in grading."""
    names: dict[str, object] = {"print": lambda *_: None}
    for source in sources:
        with suppress(Exception):
            exec(source, names)
    return re.sub(" at 0x[0-9a-f]+", "", names["f"]())  # type: ignore[operator]


ANY = st.sampled_from
DATA, CALLABLE, CLASS, INSTANCE = ANY("Tabc"), ANY("gh"), ANY("CD"), ANY("xy")
TEMPLATES = ANY([
    "{a} = {b}", "{a} = [{b}, {c}]", "{a} = {{'k': {b}}}", "{a} = {b}['k']", "{a} = {b}[0]",
    "{a}, {b} = {b}, {c}", "{a}, {b} = {c}", "{a} = {b} if {c} else {a}", "{a} = {b} or {c}",
    "{a} = list({b})", "{a} = list({b}.values())", "{a} = [each for each in {b}]", "{a} = {{}}",
    "{a}[0] = 1", "{a}['k'] = {b}", "{a}[0]['k'] = 2", "{a}.append({b})", "{a}.update(n=3)",
    "del {a}[0]", "{a} += [4]", "print({a}.pop())", "_ = {a}.setdefault('s', [])",
    "for {a} in {b}: {a}['x'] = 5", "for {a} in {b}: pass", "[each.append(6) for each in {b}]",
    "for n, each in enumerate({b}): each[n] = 7", "print(len({a} := {b}))",
    "with nullcontext({a}) as {b}: {b}['w'] = 8", "match {a}:\n    case [{b}, *{c}]: {b}[0] = 9",
    "{g} = {a}.append", "{g} = lambda n=0: {a}.append(10)", "{g} = partial({a}.append, 11)",
    "{g} = {h}", "{g}(12)", "{g}()", "{a} = {g}()", "{g} = {x}.put", "{g} = partial({x}.put, 13)",
    "def {g}(n=0): {a}['n'] = n", "def {g}(n=0):\n    t = {a}\n    t['t'] = n\n    return {b}",
    "def {g}(n=0): {h}(n)", "def {g}(t={a}): t.append(14)", "def {g}(n={a}):\n    yield n",
    "def {g}(n=0):\n    def inner(n=0): {a}.append(n)\n    return inner", "{g} = {h}()",
    "def {g}(n=0):\n    global {a}\n    {a} = [n]", "def {g}(n=0): return {C}()", "{x} = {g}()",
    "class {C}:\n    def put(self, n=0): {a}.append(n)",
    "class {C}:\n    t = {a}\n    def put(self, n=0): self.t.append(n)",
    "class {C}:\n    def __init__(self, t={a}): self.t = t\n"
    "    def put(self, n=0): self.t.append(n)",
    "class {C}:\n    def __init__(self): self.t = {a}\n    def put(self, n=0): self.t.append(n)",
    "class {C}:\n    def __enter__(self): {a}['e'] = 1\n    def __exit__(self, *_): pass",
    "class {C}({D}): pass", "{x} = {C}()", "{x} = {C}({a})", "{x}.put()", "{x}.put({a})",
    "{a} = {x}.t",
    "{x}.t = {a}", "{x}.t[0] = 15", "{C}.t.append(16)", "with {x}: pass", "{x} = {y}",
    "{x} = [{x}][0]",
    "@{g}\ndef {h}(n=0): {a}.append(n)"])


@fuzzed(400)
@given(st.lists(st.builds(
    str.format, TEMPLATES, a=DATA, b=DATA, c=DATA, g=CALLABLE, h=CALLABLE, C=CLASS, D=CLASS,
    x=INSTANCE, y=INSTANCE), max_size=9))
def test_a_graded_function_answers_alike_with_what_it_needs(sources: list[str]) -> None:
    every = ["from functools import partial\nfrom contextlib import nullcontext",
             "T = {'k': [], 0: {}}", "a, b, c = [{}, []], T, [[], T]", *sources,
             "def f(): return repr(T)"]
    kept = chosen(every, "f")
    assert answer([every[place] for place in kept]) == answer(every)


def test_exploration_with_a_graded_function_is_not_needed() -> None:
    assert chosen(["X = 1", "def f(x): return x", "Y = f(X)", "print(f(X), Y)",
                   "for i in range(9): Y = f(Y)"], "f") == [1]


EXPLORATION = {
    "answers": ["X = [1]", "K = [2]", "Y = f(X, K)", "Y[0] = 3", "Y.append(1)",
                "for y in Y: y[0] = 1"],
    "names of all notebooks": ["for n in range(9): print(len(str(n)), sum(range(n)))"],
    "tensors": ["x = torch.rand(3)", "x[0] = 1", "x.fill_(0)", "y = x.view(-1)", "y += 1"],
    "a training": ["net = LeNet()", "opt = torch.optim.SGD(net.parameters(), lr=LR)",
                   "X, Y = torch.rand(9, 9), torch.rand(9)",
                   "for n in range(9):\n    loss = net(X).sub(Y).sum()\n    loss.backward()\n"
                   "    opt.step()\n    opt.zero_grad()\n    losses.append(f(loss.item()))",
                   "net.eval()", "net.conv.weight.data.fill_(0)"],
    "on a device": ["net = LeNet().to(DEVICE)", "net.train()",
                    "for p in net.parameters(): p.zero_()",
                    "x = torch.rand(3, device=DEVICE)", "x[0] = 1"],
    "parameters of its own": ["net = LeNet(LR)", "net.step()", "print(DEVICE, LR, SIZE)"],
    "plots": ["plt.figure(figsize=SIZE)", "fig, ax = plt.subplots()", "ax.plot(f(LR))",
              "plt.show()"],
    "other names of functions": ["g = f", "print(g(1))", "for h in (f, LeNet): print(h(2))",
                                 "todo = {'f': f, 'g': g}", "todo['h'] = LeNet",
                                 "times = [timed(h, 3) for h in todo.values()]", "C = LeNet",
                                 "C(3)"],
    "other names of modules": ["rand = torch.rand", "rand(3)", "init = torch.nn.init",
                               "init.zeros_(rand(3))", "init.normal_(rand(3))"],
    "a loop of the same name": ["for k in range(3): print(k)", "k = 3"],
}


@pytest.mark.parametrize("sources", EXPLORATION.values(), ids=EXPLORATION)
def test_what_changes_nothing_that_is_graded_is_not_needed(sources: list[str]) -> None:
    every = ["import torch\nimport matplotlib.pyplot as plt", "LR = 1e-3",
             "DEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'", "SIZE = (3, 3)",
             "class LeNet(torch.nn.Module):\n    def __init__(self, lr=LR):\n"
             "        super().__init__()\n        self.lr, self.n = lr, [k for k in range(3)]",
             "def f(X, K=LR):\n    Y = torch.zeros(len(X), device=DEVICE).view(SIZE)\n"
             "    Y[0] = len(str(sum(X)))\n    k = LeNet()\n    return Y"]
    assert chosen([*every, *sources], "f", "LeNet") == list(range(len(every)))


def test_thousands_of_changes_by_thousands_of_calls_are_looked_into_in_no_time() -> None:
    body = "\n".join(f"    a{number}[0] = 1" for number in range(9_000))
    sources = [f"def g():\n{body}", *(f"def h{n}(): g()" for n in range(1_500)),
               *(f"h{n}()" for n in range(1_500)), "def f(): return 1", "def k(): return a8999"]
    assert chosen(sources, "f") == [3_001]
    assert chosen(sources, "k") == [*range(3_001), 3_002]


LONG = {
    "comprehensions in each other": "q = " + "[x for x in " * 60 + "z" + "]" * 60,
    "assignments in each other": "q = " + "(w := " * 60 + "z" + ")" * 60,
    "methods of methods": "q = z" + ".b_(0)" * 150,
    "loops in each other": "\n".join(" " * deep + "for a in b:" for deep in range(18))
                           + "\n" + " " * 19 + "a[0] = 1",
}


@pytest.mark.parametrize("source", LONG.values(), ids=LONG)
def test_each_part_is_looked_into_a_few_times_at_most(source: str) -> None:
    cell = "\n".join([source] * (200_000 // len(source)))
    begin = time.process_time()
    assert chosen([cell, "def f(): return q, a"], "f") == [0, 1]
    assert time.process_time() - begin < 10


@pytest.mark.parametrize("source", [
    " = ".join([*(f"a{n}" for n in range(9_000)), "[" + ", ".join(
        f"b{n}" for n in range(9_000)) + "]"]),
    "\n".join(f"def f{n}(): f{n + 1}(); T[0] = 1" for n in range(3_000)),
], ids=["many names for many", "many functions in a cell"])
def test_many_names_are_passed_on_to_many_in_no_time(source: str) -> None:
    begin = time.process_time()
    assert chosen([source, "def f(): return b1, T", "a1.x()"], "f")[-1] >= 1
    assert time.process_time() - begin < 10


def test_a_chain_of_many_cells_is_followed_once() -> None:
    """Each needs the one after it: a round over all cells for each takes a quarter of an hour."""
    sources = [f"a{number} = a{number + 1}" for number in range(20_000)]
    assert len(chosen(sources, "a10")) == 20_000 - 10


def test_where_looking_would_take_longer_than_running_all_is_run() -> None:
    long = [f"x{number} = '{'x' * 50_000}'" for number in range(9)]
    assert chosen([*long, "f = 1"], "f") == list(range(10))
    assert chosen([*long[:7], "f = 1"], "f") == [7]


def test_blank_lines_that_keep_a_scripts_numbers_are_no_code() -> None:
    assert chosen(["\n" * 300_000 + "x = 1", "\n" * 300_000 + "f = 1"], "f") == [1]


@pytest.mark.parametrize("source", ["-" * 5_000 + "1", "lambda: " * 3_000 + "1",
                                    "x" + ".a" * 50_000])
def test_what_is_too_deep_for_whoever_asks_ends_nothing(source: str) -> None:
    deep = notebook(source, "def corr_2d(): pass")
    assert chosen([source, "def corr2d(): pass"], "corr2d") == [0, 1]
    assert near_names(deep, ["corr2d"]) == {"corr2d": "corr_2d"}
    assert program(deep).places
