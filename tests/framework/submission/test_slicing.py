"""Which cells are needed: those that graded names depend on, found in one pass over names."""

from __future__ import annotations

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.similarity.fingerprints import program
from autograder.submission import Cell, Notebook, near_names, needed, slicing


def notebook(*sources: str) -> Notebook:
    return Notebook(tuple(Cell(index, source) for index, source in enumerate(sources)), ())


def chosen(sources: list[str], *graded: str) -> list[int]:
    return [cell.index for cell in needed(notebook(*sources), graded).cells]


def by_rounds(sources: list[str], graded: str) -> list[int]:
    """The control: what the definition says, round by round."""
    names = [slicing._names(source) for source in sources]
    modules = {name for each in names for name in each.imported}
    functions = {name for each in names for name in each.defined}
    wanted, found = {graded}, set[int]()

    def called(each: slicing._Names, depth: int = 0) -> set[str]:
        """What the functions change that it calls, and those that these call."""
        called_names = each.used if depth else each.outer
        called_ones = [other for other in names if other.defined & called_names]
        return {name for other in called_ones for name in other.inside} | {
            name for other in called_ones if depth < 3 for name in called(other, depth + 1)}

    while True:
        more = {place for place, each in enumerate(names) if place not in found and (
            each.always or (each.bound | (
                ((each.given - functions) | called(each)) - modules)) & wanted)}
        if not more:
            return sorted(found)
        found |= more
        for place in more:
            wanted |= names[place].used | (names[place].attributes & {graded})


STATEMENTS = st.sampled_from([
    "a = b", "b = c + 1", "c = 3", "def f(): return a", "f.x = b", "b.append(c)", "print(c)",
    "import m", "m.seed(c)", "d = m.f", "exec('a = 1')", "def g():\n    global c\n    c = 2",
    "g()", "x = k()", "def k(): g()", "def g(): b[0] = 1",
    "@f\ndef h(): pass", "[b for b in c]", "class A:\n    x = a"])


@fuzzed(200)
@given(st.lists(STATEMENTS, max_size=8))
def test_the_cells_are_those_of_the_definition(sources: list[str]) -> None:
    assert chosen(sources, "f") == by_rounds(sources, "f")


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


def test_exploration_with_a_graded_function_is_not_needed() -> None:
    assert chosen(["X = 1", "def f(x): return x", "Y = f(X)", "print(f(X), Y)",
                   "for i in range(9): Y = f(Y)"], "f") == [1]


def test_thousands_of_changes_by_thousands_of_calls_are_looked_into_in_no_time() -> None:
    body = "\n".join(f"    a{number}[0] = 1" for number in range(9_000))
    sources = [f"def g():\n{body}", *(f"def h{n}(): g()" for n in range(1_500)),
               *(f"h{n}()" for n in range(1_500)), "def f(): return 1"]
    # More than anybody's function changes: those that call it may change anything.
    assert chosen(sources, "f") == list(range(len(sources)))


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
