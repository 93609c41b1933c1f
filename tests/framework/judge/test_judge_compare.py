"""When two answers count as one: type, shape, values, dtype, in this order; values as close as
rounding can bring them, and no closer than it has to."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from fuzzing import fuzzed
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judge import scoring, tolerance
from autograder.judge.check_run import Verdict, raised_verdict, refuses
from autograder.judge.compare import compare
from autograder.judge.explain.diagnosis import same_answers
from autograder.judge.scoring import Outcome, excuses, summary
from autograder.judge.showing import show
from autograder.judge.suite import Check
from autograder.protocol import Handle, Opaque, Raised
from autograder.result import (
    Array,
    Evidence,
    Mismatch,
    MismatchKind,
    Part,
    Status,
    Visibility,
)

Kind = MismatchKind
NAN, INF = math.nan, math.inf


def tensor(*numbers: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.tensor(numbers, dtype=dtype)


def kind(expected: Any, actual: Any, **options: Any) -> MismatchKind | None:
    mismatch = compare(expected, actual, **options)
    return None if mismatch is None else mismatch.kind


# ---------------------------------------------------------------- compare


@pytest.mark.parametrize(("expected", "actual", "found"), [
    (tensor(1, 2), tensor(1, 2), None),
    (tensor(1, 2), [1.0, 2.0], Kind.TYPE),
    (tensor(1, 2), None, Kind.TYPE),
    (tensor(1, 2), Opaque("ndarray"), Kind.TYPE),
    (tensor(1, 2), Handle(0, "Conv2D"), Kind.TYPE),
    (tensor(1, 2), tensor(1, 2, 3), Kind.SHAPE),
    (tensor(1), torch.tensor(1.0), Kind.SHAPE),
    (tensor(1, 2), tensor(1, 2).to("meta"), Kind.DEVICE),
    (tensor(1, 2), tensor(1, 3), Kind.VALUES),
    (tensor(1, 2), tensor(1, NAN), Kind.NAN),
    (tensor(1, NAN), tensor(1, NAN), None),
    (tensor(1, NAN), tensor(1, 2), Kind.VALUES),
    (tensor(INF, 1), tensor(INF, 1), None),
    (tensor(INF, 1), tensor(-INF, 1), Kind.VALUES),
    (tensor(1, 2), tensor(1, 2, dtype=torch.float64), Kind.DTYPE),
    (tensor(1, 2), tensor(1, 2, dtype=torch.int64), Kind.DTYPE),
    (tensor(1, 0), tensor(1, 0, dtype=torch.bool), Kind.DTYPE),
    (tensor(1, 2), tensor(1, 3, dtype=torch.float64), Kind.VALUES),
    (tensor(1, 2), torch.tensor([1 + 1j, 2]), Kind.VALUES),
    (tensor(1, 2), torch.tensor([1 + 0j, 2]), Kind.DTYPE),
    (tensor(1, dtype=torch.int64), tensor(1.5), Kind.VALUES),
    (tensor(2**53 + 1, dtype=torch.int64) * 0 + 2**53 + 1,
     tensor(0, dtype=torch.int64) + 2**53, Kind.VALUES),
    (torch.empty(0, 3), torch.empty(0, 3), None),
    (3, 3, None), (3, 4, Kind.VALUES), (3, 3.0, Kind.DTYPE), (3, torch.tensor(3), Kind.DTYPE),
    (3, True, Kind.TYPE), (1, True, Kind.TYPE), (3, "3", Kind.TYPE), (3, None, Kind.TYPE),
    (3, NAN, Kind.NAN), (3, 10**4000, Kind.VALUES), (3.0, 10**4000, Kind.VALUES),
    (3, torch.ones(2), Kind.TYPE), (3, torch.tensor(3).to("meta"), Kind.TYPE),
    (2.5, 2.5, None), (2.0, 2, None), (2.5, 2.5 + 1e-12, None), (2.5, 2.5001, Kind.VALUES),
    (2.5, torch.tensor(2.5, dtype=torch.float64), Kind.DTYPE), (0.0, 1e-12, Kind.VALUES),
    (INF, INF, None),
    (True, True, None), (True, 1, Kind.TYPE), (True, False, Kind.VALUES),
    ("a", "a", None), ("a", "b", Kind.VALUES), (None, None, None), (None, 0, Kind.TYPE),
    ((1, 2), [1, 2], None), ((1, 2), (1, 2, 3), Kind.SHAPE), ((1, 2), 1, Kind.TYPE),
    ((1, 2), torch.tensor([1, 2]), None), ((1, 2), (1, 3.5), Kind.VALUES),
    ((1, 2), (1.0, 5), Kind.VALUES), ((1, 2), (1.0, 2), Kind.DTYPE),
    ((tensor(1), 2), (tensor(1), 3), Kind.VALUES), ((1, 2), {0: 1, 1: 2}, Kind.TYPE),
], ids=repr)
def test_the_first_respect_in_which_answers_differ(
    expected: Any, actual: Any, found: MismatchKind | None
) -> None:
    assert kind(expected, actual) is found


def test_a_mismatch_says_where_and_how_much() -> None:
    expected, actual = torch.zeros(2, 3), torch.zeros(2, 3)
    actual[0, 2], actual[1, 1] = 0.5, -4
    found = compare(expected, actual, where=Part(index=(1,)))
    assert found == Mismatch(
        kind=Kind.VALUES, expected_shape=[2, 3], actual_shape=[2, 3], expected_dtype="float32",
        actual_dtype="float32", first_wrong=[0, 2], wrong_count=2, total_count=6,
        largest_error=4.0, where=Part(index=(1,)))
    inside = compare((1, (2, 3)), (1, (2, 4)))
    assert inside is not None and inside.where == Part(index=(1, 1))


def test_a_reference_that_answers_what_cannot_be_compared_is_staffs_fault() -> None:
    with pytest.raises(TypeError, match="a reference answered range"):
        compare(range(1), range(1))


@pytest.mark.parametrize(("value", "shown"), [
    (tensor(1, NAN, INF), Array(shape=[3], dtype="float32", values=[1.0, None, None])),
    (torch.ones(20, 20), Array(shape=[20, 20], dtype="float32")),
    (torch.ones(2).to("meta"), Array(shape=[2], dtype="float32")),
    (torch.ones(1, dtype=torch.complex64), Array(shape=[1], dtype="complex64")),
    (Opaque("Odd"), "<Odd>"), (Handle(3, "Conv2D"), "<Conv2D>"), ("a", "'a'"), (None, "None"),
    ("x" * 9_000, "'" + "x" * 499 + "…"),
], ids=lambda value: repr(value)[:40])
def test_what_people_see_is_short_and_says_what_is_no_number(value: Any, shown: Any) -> None:
    assert show(value) == shown


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=8) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4), max_leaves=30)


@fuzzed(100)
@given(SMALL)
def test_what_is_shown_is_the_beginning_of_what_python_shows(value: Any) -> None:
    whole = repr(value)
    assert show(value) == (whole if len(whole) <= 500 else whole[:500] + "…")


@pytest.mark.parametrize("wrapped", [
    list, tuple, lambda parts: dict(enumerate(parts)), lambda parts: [[parts]]])
def test_of_a_long_answer_no_more_is_looked_at_than_is_shown(
    wrapped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To show fifty thousand tensors takes torch a minute, outside all limits."""
    looked: list[int] = []
    monkeypatch.setattr(torch.Tensor, "__repr__", lambda self: looked.append(1) or "tensor(1.)")
    text = show(wrapped([torch.ones(())] * 50_000))
    assert isinstance(text, str) and len(text) == 501 and len(looked) < 60


def test_large_tensors_in_an_answer_are_shown_by_shape_and_names_of_types_are_cut() -> None:
    assert show([torch.ones(300, 2)]) == "[tensor(shape=(300, 2), dtype=float32)]"
    assert show([torch.ones(2, 1, device="meta")]) == "[tensor(shape=(2, 1), dtype=float32)]"
    assert show([Opaque("a" * 1_000)]) == f"[<{'a' * 200}>]" == f"[{show(Opaque('a' * 1_000))}]"
    assert show(Opaque("a" * 1_000)) == f"<{'a' * 200}>"


def test_a_vector_that_is_too_long_is_never_made_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.Tensor, "tolist", None)
    mismatch = compare([1, 2], torch.ones(1000))
    assert mismatch is not None and mismatch.actual_shape == [1000]


# ---------------------------------------------------------------- tolerance


@tolerance.sums_of_products
def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    return F.conv2d(X[None, None], K[None, None])[0, 0]


def near(X: torch.Tensor, K: torch.Tensor, actual: torch.Tensor) -> MismatchKind | None:
    """How ``actual`` fares as an answer for corr2d(X, K)."""
    return kind(corr2d(X, K), actual, precise=corr2d(X.double(), K.double()),
                bound=tolerance.bound(corr2d, (X, K)))


def images(seed: int, size: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, size + 3, generator=generator), torch.randn(3, 4, generator=generator)


def by_loops(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    rows, columns = X.shape[0] - 2, X.shape[1] - 3
    return sum((X[a:a + rows, b:b + columns] * K[a, b] for a in range(3) for b in range(4)),
               torch.zeros(rows, columns))


def by_fft(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    size = (X.shape[0] + 2, X.shape[1] + 3)
    product = torch.fft.rfft2(X, s=size) * torch.fft.rfft2(K.flip(0, 1), s=size)
    return torch.fft.irfft2(product, s=size)[2:X.shape[0], 3:X.shape[1]]


@given(st.integers(0, 2**32), st.sampled_from([1e-20, 1.0, 1e12]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_every_right_way_to_compute_it_is_near(seed: int, scale: float) -> None:
    X, K = images(seed)
    X = X * scale
    doubled = corr2d(X.double(), K.double()).float()
    for actual in (by_loops(X, K), by_fft(X, K), corr2d(X, K), doubled):
        assert near(X, K, actual) is None


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_fewer_digits_than_the_input_has_are_not_near(seed: int) -> None:
    """bfloat16 inside, TF32 inside (10 bits of mantissa), and one wrong product."""
    X, K = images(seed)
    cut = (X.view(torch.int32) & ~0x1FFF).view(torch.float32)
    wrong = corr2d(X, K)
    wrong[3, 3] += 1e-3
    for actual in (corr2d(X.bfloat16().float(), K), corr2d(cut, K), wrong):
        assert near(X, K, actual) is Kind.VALUES


def test_a_float32_answer_to_float64_inputs_lacks_the_dtype_and_nothing_else() -> None:
    X, K = (t.double() for t in images(1))
    assert near(X, K, corr2d(X.float(), K.float())) is Kind.DTYPE


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_coarser_dtype_than_anybody_asked_for_does_not_buy_tolerance(dtype: torch.dtype) -> None:
    X, K = images(1, size=60)
    for actual in (corr2d(X, K).to(dtype), torch.zeros(58, 60, dtype=dtype)):
        assert near(X, K, actual) is Kind.VALUES


def test_without_a_bound_it_is_compared_exactly() -> None:
    assert kind(tensor(1.0), tensor(1.0000001)) is Kind.VALUES


# ---------------------------------------------------------------- refusals


def raised(*bases: str) -> Raised:
    return Raised(bases[0], (*bases, "Exception", "BaseException"), "", 0, 1)


@pytest.mark.parametrize(("bases", "refused"), [
    (("ValueError",), True), (("RuntimeError",), True), (("KeyError", "LookupError"), True),
    (("AssertionError",), True), (("Odd", "IndexError", "LookupError"), True),
    (("NotImplementedError", "RuntimeError"), False), (("NameError",), False),
    (("UnboundLocalError", "NameError"), False), (("AttributeError",), False),
    (("ZeroDivisionError", "ArithmeticError"), False), (("SystemExit",), False),
    (("MemoryError",), False),
])
def test_a_refusal_is_an_exception_that_says_no_to_the_arguments(
    bases: tuple[str, ...], refused: bool
) -> None:
    assert refuses(raised(*bases)) is refused


def test_running_out_of_stack_is_no_refusal() -> None:
    assert not refuses(raised("RecursionError", "RuntimeError"))


@pytest.mark.parametrize(("bases", "message"), [
    (("Tell", "ZeroDivisionError", "ArithmeticError"),
     "It raised ZeroDivisionError at line 1 of code cell 1."),
    (("ValueError2", "Strange"), "It raised Exception at line 1 of code cell 1."),
    (("NotImplementedError", "RuntimeError"),
     "It raised NotImplementedError at line 1 of code cell 1."),
])
def test_an_exception_is_called_by_its_nearest_built_in_name(
    bases: tuple[str, ...], message: str
) -> None:
    assert str(raised_verdict(raised(*bases), Evidence(function="f")).message) == message


# ---------------------------------------------------------------- diagnosis


@pytest.mark.parametrize(("one", "other", "same"), [
    (tensor(1, 2), tensor(1, 2, dtype=torch.float64), True),
    (tensor(1, 2), tensor(1, 2.00001), True), (tensor(1, 2), tensor(1, 2.01), False),
    (tensor(1, 2), tensor(1, 2, 3), False), (tensor(NAN), tensor(NAN), True),
    (tensor(INF), tensor(INF), True), (torch.ones(2).to("meta"), torch.ones(2), False),
    (1, 1.0, True), (1, 2, False), (10**4000, 1.0, False), (10**4000, 10**4000, True),
    ([tensor(1), 2], (tensor(1), 2), True),
    ({"a": 1}, {"a": 1.0}, True), ({"a": 1}, {"b": 1}, False),
    ("refused", "refused", True), ("refused", None, False), (None, None, True),
    (Opaque("x"), Opaque("x"), True), (tensor(1), 1.0, False),
], ids=repr)
def test_two_answers_are_one_but_for_dtype_and_rounding(one: Any, other: Any, same: bool) -> None:
    assert same_answers([one], [other]) is same
    assert same_answers([other], [one]) is same


# ---------------------------------------------------------------- points


def outcome(
    name: str, fault: MismatchKind | Status | None = None, weight: str = "1",
    follows: tuple[str, ...] = (),
) -> Outcome:
    """A check that passed, that failed by a mismatch, or that ended in another status."""
    check = Check(id=name, question="q", title=name, weight=Fraction(weight),
                  visibility=Visibility.HIDDEN, follows=follows, seconds=None, proves=(),
                  measures=False)
    if fault is None:
        return Outcome(check, None)
    if isinstance(fault, Status):
        return Outcome(check, Verdict(fault))
    return Outcome(check, Verdict(Status.FAILED, mismatch=Mismatch(kind=fault)))


RIGHT = outcome("right")


def test_one_fault_of_the_contract_is_charged_once_at_its_lightest_check() -> None:
    outcomes = [RIGHT, outcome("heavy", Kind.DTYPE, "3"), outcome("light", Kind.DTYPE),
                outcome("grad", Kind.GRADIENT), outcome("wrong", Kind.VALUES)]
    assert excuses(outcomes, {}) == {"heavy": "light"}


def test_every_bad_argument_that_is_accepted_costs_its_own_check() -> None:
    assert excuses([RIGHT, outcome("a", Kind.ACCEPTED), outcome("b", Kind.ACCEPTED)], {}) == {}


def test_a_fault_of_a_helper_is_not_charged_again() -> None:
    outcomes = [RIGHT, outcome("dtype", Kind.DTYPE), outcome("accepts", Kind.ACCEPTED)]
    inherited = {Kind.DTYPE: "helper.dtype", Kind.ACCEPTED: "helper.accepts"}
    assert excuses(outcomes, inherited) == {"dtype": "helper.dtype", "accepts": "helper.accepts"}


def test_what_the_author_says_follows_costs_nothing_while_its_cause_is_charged() -> None:
    after = outcome("device", Kind.DEVICE, follows=("dtype",))
    assert excuses([RIGHT, after, outcome("dtype", Kind.DTYPE)], {}) == {"device": "dtype"}
    assert excuses([RIGHT, after, outcome("dtype")], {}) == {}
    assert excuses([RIGHT, after, outcome("dtype", Kind.VALUES)], {}) == {}


@pytest.mark.parametrize("fault", [
    Kind.VALUES, Kind.SHAPE, Kind.TYPE, Kind.NAN, Kind.OTHER, Status.ERROR, Status.TIMEOUT,
    Status.CRASHED, Status.MISSING,
])
def test_what_is_wrong_or_does_not_answer_is_excused_by_nothing(fault: Any) -> None:
    outcomes = [RIGHT, outcome("one", fault, follows=("two",)), outcome("two", Kind.DTYPE),
                outcome("three", fault)]
    assert excuses(outcomes, {Kind.DTYPE: "helper"}) == {"two": "helper"}


def test_where_nothing_passes_nothing_is_excused() -> None:
    outcomes = [outcome("one", Kind.DTYPE), outcome("two", Kind.DTYPE)]
    assert excuses(outcomes, {Kind.DTYPE: "helper"}) == {}


@pytest.mark.parametrize(("faults", "status"), [
    ([None, None], "passed"), ([None, Kind.VALUES], "failed"), ([Status.ERROR] * 2, "error"),
    ([Status.ERROR, Status.TIMEOUT], "failed"), ([Status.TIMEOUT] * 3, "timeout"),
    ([Status.MISSING] * 2, "missing"), ([None, Status.FORBIDDEN], "forbidden"),
    ([Status.DEFERRED, None], "deferred"),
])
def test_a_question_has_one_status(faults: list[Any], status: str) -> None:
    assert summary([outcome(f"c{n}", fault) for n, fault in enumerate(faults)]) == status


def test_a_fault_of_ours_stands_above_all() -> None:
    ours = Outcome(RIGHT.check, None, internal="KeyError")
    assert scoring.summary([outcome("a", Status.FORBIDDEN), ours]) is Status.INTERNAL
