"""The one walk over values."""

from __future__ import annotations

from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.protocol import Iterated, alike, fold, leaves, map_leaves, pairs
from autograder.protocol.values import Unlike

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3)
                      | st.lists(inner, max_size=3).map(tuple)
                      | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3),
                      max_leaves=10)
NESTED = {"a": [1, (2, {"b": 3})], 4: ()}


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


@given(values)
def test_the_same_leaves_make_the_same_value(value: Any) -> None:
    copied = map_leaves(lambda leaf: leaf, value)
    assert copied == value and alike(copied, value, same, exact=True)


@given(values)
def test_leaves_are_the_ones_that_are_mapped(value: Any) -> None:
    seen: list[Any] = []
    map_leaves(seen.append, value)
    assert seen == list(leaves(value)) == [one for one, _ in pairs(value, value)]


def test_the_kinds_of_containers_stay_what_they_are() -> None:
    assert map_leaves(lambda leaf: 10 * leaf, NESTED) == {"a": [10, (20, {"b": 30})], 4: ()}
    assert type(map_leaves(str, torch.Size([1, 2]))) is tuple
    assert map_leaves(str, MappingProxyType({"a": OrderedDict(b=1)})) == {"a": {"b": "1"}}


@pytest.mark.parametrize("leaf", [
    "text", b"bytes", torch.ones(2), torch.nn.Parameter(torch.ones(2)), np.ones(2),
    np.float32(1), range(3)], ids=str)
def test_what_has_no_parts_for_us_is_a_leaf(leaf: object) -> None:
    [found] = leaves([leaf])
    assert found is leaf


def test_a_fold_is_told_depths_from_the_top_and_may_be_stopped() -> None:
    depths: list[int] = []
    assert fold(NESTED, lambda leaf: leaf, lambda kind, parts: kind, depths.append) == "dict"
    assert depths == [0, 1, 2, 2, 3, 3, 4, 1]

    def stop(depth: int) -> None:
        if depth > 100:
            raise OverflowError

    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(OverflowError):
        fold(endless, lambda leaf: leaf, lambda kind, parts: parts, stop)


def test_sets_slices_and_what_was_iterated_have_parts_too() -> None:
    value = [{3, 1}, frozenset({"a"}), slice(1, None, 2), Iterated("generator", [1, 2], True)]
    assert list(leaves(value)) == [1, 3, "a", 1, None, 2, "generator", 1, 2, True]
    assert map_leaves(lambda leaf: leaf, value) == value
    assert alike({1, 2}, frozenset({2, 1}), same) and not alike({1}, {1, 2}, same)
    assert not alike({1}, [1], same) and not alike({1}, frozenset({1}), same, exact=True)


@pytest.mark.parametrize(("one", "other"), [
    ([1], [1, 2]), ([1], 1), (1, [1]), ({"a": 1}, {"b": 1}), ({"a": 1}, [1]), ((), {}),
    ({"a": 1}, {"a": [1]}), ([torch.ones(2)], [[torch.ones(2)]])])
def test_other_parts_are_unlike(one: Any, other: Any) -> None:
    with pytest.raises(Unlike):
        list(pairs(one, other))
    assert not alike(one, other, lambda one, other: True)


def test_a_tuple_is_as_good_as_a_list_unless_it_must_be_exact() -> None:
    assert alike([1, (2,)], (1, [2]), same)
    assert not alike([1, (2,)], (1, [2]), same, exact=True)
    assert alike({"a": 1, "b": 2}, {"b": 2, "a": 1}, same, exact=True)
    assert not alike([1, 2], [1, 3], same)
