"""Whatever a worker answers, it is compared with whatever is expected: by a mismatch or none, and
never by an exception, which would be the grader's fault."""

from __future__ import annotations

import math
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from fuzzing import fuzzed
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.judge.check_run import CheckRun, Verdict
from autograder.judge.compare import compare, compare_text
from autograder.judge.expect import Expect
from autograder.judge.expected import ExpectedValues
from autograder.judge.explain.diagnosis import same_answers
from autograder.judge.figures import compare_figures
from autograder.judge.implementation import Implementation
from autograder.judge.showing import show
from autograder.judge.tolerance import Within
from autograder.protocol import CallFunction, Frame, Handle, Iterated, Opaque, Reply
from autograder.report.mismatches import mismatch_sentence
from autograder.result import Evidence, Mismatch

AXES = {"title": "T", "xlabel": "", "ylabel": "", "xscale": "linear", "yscale": "linear",
        "legend": ["a"], "lines": [{"x": np.ones(2), "y": np.ones(2), "label": "a"}],
        "bars": [{"x": 1.0, "y": 0.0, "width": 1.0, "height": 2.0}], "images": [np.ones((2, 2))],
        "points": []}
EXPECTED: list[Any] = [
    None, True, 3, 2.5, 1 + 2j, "a", b"a", slice(1, 2), torch.ones(2), torch.ones(2).int(),
    torch.ones(2, dtype=torch.uint16), torch.ones((), dtype=torch.complex64), np.ones(2),
    np.ones(()), np.float32(1), np.int64(1), np.bool_(True), np.ones(2, "uint64"), [1, [2]], (),
    {"a": [1], (1, 2): None}, {1, 2}, frozenset(), Frame("DataFrame", {"a": np.ones(1)}, [0]),
    Frame("Series", {None: [1]}, ["x"]), Iterated("map", [1], True), [[AXES]],
]
leaves = st.sampled_from([
    *EXPECTED, math.nan, math.inf, -math.inf, 10**300, -0.0, complex(math.nan, 1), "", b"",
    Opaque("Odd"), Handle(1, "Net"), torch.ones(1), torch.ones(2).to("meta"), torch.empty(0),
    torch.full((2,), math.nan), np.full(2, np.nan), np.empty((0, 3)), np.float64(math.inf),
    np.ones(2, "complex64"), np.array([True]), Frame("DataFrame", {}, []),
])
answers = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3)
                       | st.lists(inner, max_size=3).map(tuple)
                       | st.dictionaries(st.sampled_from([*AXES, "a", 0, (1, 2), None]), inner,
                                         max_size=4), max_leaves=8)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda each: repr(each)[:30])
def test_what_is_expected_is_equal_to_itself(expected: Any) -> None:
    assert compare(expected, expected) is None
    assert compare(expected, expected, bound=Within(1e-6, 0.0)) is None


@fuzzed(300)
@given(st.sampled_from(EXPECTED), answers)
def test_any_answer_is_judged_shown_and_told(expected: Any, actual: Any) -> None:
    for bound in (None, Within(1e-3, 1e-3)):
        mismatch = compare(expected, actual, bound=bound)
        assert mismatch is None or isinstance(mismatch, Mismatch)
        if mismatch is not None:
            assert Mismatch.model_validate_json(mismatch.model_dump_json()) == mismatch
            assert "{" not in str(mismatch_sentence(mismatch)).replace("{'", "")
    show(actual)
    assert same_answers([actual], [actual]) in (True, False)


@fuzzed(300)
@given(answers)
@example(Iterated("generator", [1.0, 2.0], True))
@example([torch.ones(1), 1.0])
def test_any_answer_is_what_a_suite_expects_or_has_a_verdict(actual: Any) -> None:
    expect = Expect(cast(CheckRun, None))
    for look in (
        lambda: expect.floats(actual, 2), lambda: expect.numbers(actual, 2),
        lambda: expect.sequence(actual, 2), lambda: expect.first(actual, 1),
        lambda: expect.tensor(actual, (2,)), lambda: expect.near(actual, torch.ones(2), 1e-3),
        lambda: expect.on_meta(actual, (2,)), lambda: expect.gradient(actual, of="f"),
        lambda: expect.equal(actual, torch.ones(2), within=(1e-3, 1e-3)),
    ):
        with suppress(Verdict):
            look()


@fuzzed(150)
@given(answers)
def test_any_figures_are_judged(actual: Any) -> None:
    assert compare_figures([[AXES]], [[AXES]], None) is None
    for figures in (actual, [actual], [[actual]], [[AXES | {"lines": actual}]], [[AXES], actual]):
        mismatch = compare_figures([[AXES]], figures, None)
        assert mismatch is None or isinstance(mismatch, Mismatch)


@fuzzed(100)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_judged(one: str, other: str) -> None:
    assert compare_text(one, one) is None
    mismatch = compare_text(one, other)
    assert mismatch is None or mismatch.expected_line != mismatch.actual_line


@pytest.mark.parametrize("part", [torch.empty(0), np.empty(0), set(), {}, {"a" * 1000: 1}],
                         ids=lambda each: type(each).__name__)
def test_what_is_many_and_empty_is_not_kept_for_the_diagnosis(part: Any) -> None:
    """49 000 empty tensors, as every answer, took 7 GB of a judge."""
    kept = []
    for many in (10, 20_000):
        implementation = cast(Implementation, SimpleNamespace(
            request=lambda *_, many=many, **__: Reply([part] * many, None, None, ())))
        run = CheckRun(implementation, ModuleType("reference"), "f", "test_f", 1.0, (), b"key",
                       ExpectedValues())
        run.ask(CallFunction("f", ()), Evidence(function="f"))
        kept += run.answers
    assert len(kept[0]) == 10 and kept[1] == "too large to keep"
