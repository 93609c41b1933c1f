"""Generic mutants: which are made of a function, which a suite kills, and which are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from labs import Lab

from autograder.authoring.mutants import mutants
from autograder.judge import staff
from autograder.judge.examiner import Examiner
from autograder.judge.implementation import Local
from autograder.judge.suite import Suite
from autograder.protocol import CallFunction

KEY = b"a key of the tests"


def made(lab: Lab) -> dict[str, bool]:
    """The mutants of ``twice``: what each does, and whether it is killed."""
    course = lab.write()
    assignment = course.assignment("lab")
    examiner = Examiner(assignment, Suite(course.suite("lab"), assignment),
                        staff.load(course, "lab"), KEY)
    return {each.fault: each.killed
            for each in mutants(examiner, assignment.question("twice"))}


@pytest.fixture
def lab(tmp_path: Path) -> Callable[..., dict[str, bool]]:
    def of(body: str, reference: str = "    return x + x\n", before: str = "") -> dict[str, bool]:
        twice = f"def test_any(check, draw):\n    '''Twice anything.'''\n    {body}\n"
        text = f"{before}def twice(x):\n{reference}\n\ndef thrice(x):\n    return 3 * x\n"
        return made(replace(Lab(tmp_path), twice=twice, reference=text))

    return of


KEEPING = {"keeps its answers by the shapes of its arguments", "keeps its answers by shapes and "
           "numbers", "writes every answer of one shape into one buffer"}
OTHERS = {"changes its argument 1", "ignores the strides of its argument 1",
          "ignores where the memory of its argument 1 begins"}


def test_a_single_call_lets_answers_be_kept(lab: Callable[..., dict[str, bool]]) -> None:
    found = lab("check.twice(draw.view(3, 4))")
    assert {fault for fault, killed in found.items() if not killed} >= KEEPING
    assert {fault for fault, killed in found.items() if killed} == OTHERS


def test_two_calls_of_views_kill_all_but_what_needs_double_precision(
    lab: Callable[..., dict[str, bool]]
) -> None:
    two = "check.twice.in_turn([draw.view(3, 4)], [draw.view(3, 4)], where='the first')"
    found = lab(two)
    assert {fault for fault, killed in found.items() if killed} == KEEPING | OTHERS
    found = lab(f"import torch\n    {two}\n    check.twice(draw.normal(3, dtype=torch.float64))")
    assert all(found.values()) and len(found) == 7


def test_plain_tensors_say_nothing_of_memory(lab: Callable[..., dict[str, bool]]) -> None:
    found = lab("check.twice(draw.normal(3, 4))")
    assert not found["ignores the strides of its argument 1"]
    assert not found["ignores where the memory of its argument 1 begins"]


def test_what_cannot_differ_is_no_mutant(lab: Callable[..., dict[str, bool]]) -> None:
    """An answer that depends on shapes alone may be kept by them, and looks at no memory."""
    found = lab("check.twice(draw.normal(3, 4))", "    return 2 * x.shape[0]\n")
    assert set(found) == {"changes its argument 1"}


def test_a_generator_is_held_by_what_it_gives(lab: Callable[..., dict[str, bool]]) -> None:
    """Two generators are never equal; what they give can be."""
    reference = "    for n in x:\n        yield n.upper()\n"
    found = lab("check.twice(['a', 'b'])\n    check.twice(['c', 'd'])", reference)
    assert set(found) == {"keeps its answers by the shapes of its arguments",
                          "keeps its answers by shapes and numbers",
                          "takes an element from its argument 1", "turns its argument 1 around"}
    assert all(found.values())


def test_a_class_that_is_no_module_has_no_mutants(tmp_path: Path) -> None:
    reference = ("class twice:\n    def of(self, x):\n        return 2 * x\n\n\n"
                 "def thrice(x):\n    return 3 * x\n")
    twice = ("def test_any(student, expect, draw):\n    '''Twice anything.'''\n"
             "    x = draw.number(1, 9)\n"
             "    expect.equal(student.twice.new().method('of', x), 2 * x)\n")
    assert made(replace(Lab(tmp_path), twice=twice, reference=reference)) == {}


def test_a_list_that_is_given(lab: Callable[..., dict[str, bool]]) -> None:
    """It may not be changed, and its length does not say what is in it."""
    reference = "    return sum(2**place * n for place, n in enumerate(x))\n"
    found = lab("check.twice([draw.number(1, 9), draw.number(10, 19), 20])", reference)
    assert found == {"keeps its answers by the shapes of its arguments": False,
                     "keeps its answers by shapes and numbers": False,
                     "takes an element from its argument 1": True,
                     "turns its argument 1 around": True}


def test_a_list_that_is_answered_is_looked_at_again(lab: Callable[..., dict[str, bool]]) -> None:
    reference = "    return list(range(x))\n"
    buffer = "writes every answer of one shape into one buffer"
    assert lab("check.twice(draw.number(2, 9))", reference) == {buffer: False}
    assert lab("check.twice.in_turn([2], [draw.number(3, 9)], where='the first')",
               reference) == {buffer: True}


def test_a_module_has_its_own_fault_in_each_object(lab: Callable[..., dict[str, bool]]) -> None:
    before = "from torch import nn\n\n\n"
    reference = "    pass\n\n\nclass twice(nn.Linear):\n    pass\n"
    body = ("layer = check.twice.new(3, 1)\n"
            "    layer.load(weight=draw.normal(1, 3), bias=draw.normal(1))\n"
            "    layer({})")
    once = lab(body.format("draw.view(2, 3) + 0"), reference, before)
    assert not once["keeps its answers by the shapes of its arguments"]
    again = lab(body.format("draw.view(2, 3))\n    layer(draw.view(2, 3)"), reference, before)
    assert again["keeps its answers by the shapes of its arguments"]
    assert again["ignores the strides of its argument 1"]
    assert not again["writes every answer of one shape into one buffer"]


def test_what_the_reference_fails_kills_nothing(lab: Callable[..., dict[str, bool]]) -> None:
    found = lab("check.twice(draw.view(3))\n    check.twice(1, 2)")
    assert set(found) >= OTHERS and not any(found.values())


def test_trusted_code_gets_memory_as_a_worker_does() -> None:
    """Strides, offsets, and lists of its own."""
    X, numbers = torch.arange(24.0).reshape(4, 6)[1:, ::2].t(), [1, [2]]
    seen: list[object] = []

    def look(tensor: torch.Tensor, given: list[list[int]]) -> None:
        seen.extend((tensor.equal(X), tensor.stride(), tensor.storage_offset()))
        given[1].clear()

    reply = Local({"look": look}).request(CallFunction("look", (X, numbers)), seconds=1)
    assert seen == [True, X.stride(), X.storage_offset()]
    assert numbers == [1, [2]]
    assert reply.after[1] == [1, []]
