"""Tests that run only where nobody has been answered like that, beside ones that always run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import repeat, takewhile
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.judge.dialogues import Dialogues
from autograder.protocol import Inquiry, Opaque
from autograder.sandbox.client import WorkerLost

Ask = Callable[[int], Any]
PLACES = st.integers(0, 3)


def inquiry(number: int) -> Inquiry:
    return Inquiry("f", (number,), {}, None)


def asking(asked: Callable[[Inquiry, float], Any]) -> Ask:
    """As tests ask: a refusal is something to go on from."""

    def ask(number: int) -> Any:
        try:
            return asked(inquiry(number), 1.0)
        except ValueError:
            return "refused"

    return ask


class Answers:
    """An implementation by a table, that refuses what is not in it; or one that counts as well."""

    def __init__(self, table: Mapping[int, int], *, remembers: bool = False) -> None:
        self._table = table
        self._remembers = remembers
        self._asked = 0

    def __call__(self, inquiry: Inquiry, seconds: float) -> int:
        [number] = inquiry.arguments
        self._asked += self._remembers
        if number not in self._table:
            raise ValueError("it refuses")
        return self._table[number] + self._asked


def program(steps: Mapping[tuple[Any, ...], int], most: int) -> Callable[[Ask], tuple[Any, ...]]:
    """Tests that ask next what ``steps`` says of all that was answered, and end with it."""

    def run(ask: Ask) -> tuple[Any, ...]:
        heard: tuple[Any, ...] = ()
        while heard in steps and len(heard) < most:
            heard = (*heard, ask(steps[heard]))
        return heard

    return run


@given(tables=st.lists(st.tuples(st.dictionaries(PLACES, PLACES), st.booleans()), max_size=12),
       steps=st.dictionaries(st.lists(PLACES | st.just("refused"), max_size=3).map(tuple), PLACES))
def test_what_is_known_is_what_would_have_come(
    tables: list[tuple[dict[int, int], bool]], steps: dict[tuple[Any, ...], int]
) -> None:
    tests = program(steps, most=4)
    dialogues: Dialogues[tuple[Any, ...]] = Dialogues()
    ran: list[tuple[Any, ...]] = []
    for table, remembers in tables:
        alone = tests(asking(Answers(table, remembers=remembers)))
        dialogue = dialogues.begin(Answers(table, remembers=remembers))
        found = dialogue.known(1.0)
        if found is None:
            found = tests(asking(dialogue))
            dialogue.ended(found)
            ran.append(found)
        assert found == alone
    assert len(ran) == len(set(ran))  # none ran twice to the same end


def test_tests_that_ask_something_else_each_time_hear_what_is_right_for_that() -> None:
    dialogues: Dialogues[str] = Dialogues()
    first = dialogues.begin(Answers({1: 1}))
    assert first.known(1.0) is None and asking(first)(1) == 1
    first.ended("one")
    another = Answers({1: 5, 2: 6}, remembers=True)
    second = dialogues.begin(another)
    assert second.known(1.0) is None  # it was asked for 1, which these tests do not ask any more
    assert [asking(second)(number) for number in (2, 1)] == [8, 8]
    second.ended("two")
    assert dialogues.begin(Answers({1: 1})).known(1.0) == "one"
    assert dialogues.begin(Answers({1: 6})).known(1.0) is None


def test_answers_are_told_apart_by_their_last_bit_and_their_kind() -> None:
    dialogues: Dialogues[int] = Dialogues()
    values = [1, 1.0, True, torch.tensor(1.0), torch.tensor(1.0, dtype=torch.float64),
              torch.tensor([1.0]), torch.tensor(1.0) + torch.finfo(torch.float32).eps,
              torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 3.0], [2.0, 4.0]]).T]
    for place, value in enumerate(values):
        dialogue = dialogues.begin(lambda *_, value=value: value)
        assert dialogue.known(1.0) is None
        asking(dialogue)(1)
        dialogue.ended(place)
    assert [dialogues.begin(lambda *_, value=value: value).known(1.0) for value in values] == [
        *range(len(values))]


def test_what_breaks_off_is_known_of_nobody() -> None:
    dialogues: Dialogues[str] = Dialogues()

    def lost(inquiry: Inquiry, seconds: float) -> Any:
        raise WorkerLost("timeout", "too late")

    with pytest.raises(WorkerLost):
        asking(dialogues.begin(lost))(1)
    dialogue = dialogues.begin(Answers({1: 1}))
    assert dialogue.known(1.0) is None
    asking(dialogue)(1)
    dialogue.ended("well")
    with pytest.raises(WorkerLost):
        dialogues.begin(lost).known(1.0)
    with pytest.raises(WorkerLost, match="in time"):
        dialogues.begin(Answers({1: 1})).known(0.0)
    assert dialogues.begin(Answers({1: 1})).known(1.0) == "well"


def test_what_is_too_large_to_be_kept_is_asked_each_time() -> None:
    dialogues: Dialogues[str] = Dialogues()
    large = Inquiry("f", (torch.zeros(1 << 24, 2),), {}, None)
    for _ in range(2):
        dialogue = dialogues.begin(lambda *_: 1)
        assert dialogue.known(1.0) is None
        dialogue(large, 1.0)
        dialogue.ended("well")


PARTS: list[Any] = [torch.empty(0), np.empty(0), set(), 10**290, Opaque("odd"), {"a" * 9999: 1}]


def test_what_is_many_and_empty_is_large() -> None:
    """No byte of it is a number's."""
    for part in PARTS:
        dialogues: Dialogues[str] = Dialogues()
        many = Inquiry("f", [[part] * 4_000], {}, None)
        kept = sum(1 for _ in takewhile(dialogues.keeps, repeat(many, 3_000)))
        key = max((len(each) for each in part), default=0) if type(part) is dict else 0
        assert 0 < kept * 4_000 * (key + sys.getsizeof(part) // 2) <= 1 << 26


def test_what_is_answered_is_bounded_as_well() -> None:
    dialogues: Dialogues[int] = Dialogues()
    for place in range(100):
        dialogue = dialogues.begin(lambda *_, place=place: torch.full((1 << 18,), place))
        assert dialogue.known(1.0) is None
        asking(dialogue)(1)
        dialogue.ended(place)
    assert 1 < len(dialogues.first.answered) < 40
