"""Properties of comparing answers: every right way to add up products is near enough, arithmetic of
fewer digits is not, and each fault is called what it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judge import tolerance
from autograder.judge.compare import compare
from autograder.protocol import Handle, Opaque
from autograder.result import MismatchKind

Kind = MismatchKind

quickly = settings(max_examples=50)
few = settings(max_examples=12)  # of convolutions


def kind(expected: Any, actual: Any, **options: Any) -> MismatchKind | None:
    mismatch = compare(expected, actual, **options)
    return None if mismatch is None else mismatch.kind


# ---------------------------------------------------------------- sums of products


@tolerance.sums_of_products
def inner(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return (x * w).sum().reshape(1)


@tolerance.sums_of_products
def convolved(X: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    return F.conv2d(X, W)


def judged(function: Any, x: torch.Tensor, w: torch.Tensor, actual: torch.Tensor) -> Any:
    """How ``actual`` fares as the answer of ``function`` to x and w."""
    return kind(function(x, w), actual, precise=function(x.double(), w.double()),
                bound=tolerance.bound(function, (x, w)))


def one_by_one(x: torch.Tensor, w: torch.Tensor, order: list[int]) -> torch.Tensor:
    """The sum of products, rounded after every step, in this order."""
    products = (x * w)[order].numpy()
    return torch.from_numpy(np.add.accumulate(products)[-1:].copy())


DTYPES = st.sampled_from([torch.float32, torch.float64])
# Numbers whose products neither overflow nor lose digits at the lower end of float32.
NUMBERS = st.one_of(st.just(0.0), st.floats(1e-12, 1e12), st.floats(-1e12, -1e-12))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=14), DTYPES, st.data())
@quickly
def test_any_order_of_a_short_sum_is_near_whatever_the_numbers(
    pairs: list[tuple[float, float]], dtype: torch.dtype, data: st.DataObject
) -> None:
    """n products, added one by one, are off by n/2·eps·Σ|x||w| at most: for n < 16 less than the
    bound, also where the numbers are chosen to cancel."""
    x, w = torch.tensor(pairs, dtype=dtype).T
    order = data.draw(st.permutations(range(len(pairs))))
    assert judged(inner, x, w, one_by_one(x, w, order)) is None


@given(st.integers(0, 2**32), st.integers(1, 5_000), DTYPES, st.integers(-8, 8))
@quickly
def test_any_order_of_a_long_sum_is_near(
    seed: int, count: int, dtype: torch.dtype, exponent: int
) -> None:
    """Sums longer than those of any layer here: forwards, backwards, by size, in blocks."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, generator=generator, dtype=dtype) * 10.0 ** exponent
    w = torch.randn(count, generator=generator, dtype=dtype)
    forwards = list(range(count))
    by_size = (x * w).abs().argsort().tolist()
    for order in (forwards, forwards[::-1], by_size, by_size[::-1],
                  torch.randperm(count, generator=generator).tolist()):
        assert judged(inner, x, w, one_by_one(x, w, order)) is None
    blocks = torch.stack([part.sum() for part in (x * w).split(32)]).sum().reshape(1)
    assert judged(inner, x, w, blocks) is None


def with_bits(values: torch.Tensor, bits: int) -> torch.Tensor:
    """float32 rounded to so many bits of mantissa: 10 in TF32, 7 in bfloat16."""
    dropped = 23 - bits
    whole = values.view(torch.int32) + (1 << (dropped - 1))
    return (whole & ~((1 << dropped) - 1)).view(torch.float32)


@given(st.integers(0, 2**32), st.sampled_from([10, 7]), st.integers(1, 64), st.integers(1, 5))
@few
def test_arithmetic_of_fewer_digits_is_not_near(
    seed: int, bits: int, channels: int, size: int
) -> None:
    """A convolution as TF32 and bfloat16 units compute it: short factors, sums in float32."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(2, channels, 12, 9, generator=generator)
    W = torch.randn(4, channels, size, size, generator=generator)
    assert judged(convolved, X, W, convolved(X, W)) is None
    short = convolved(with_bits(X, bits), with_bits(W, bits))
    assert judged(convolved, X, W, short) is Kind.VALUES


@given(st.integers(0, 2**32), st.sampled_from([torch.float16, torch.bfloat16]))
@few
def test_an_answer_in_a_coarse_dtype_has_wrong_values(seed: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(2, 3, 12, 9, generator=generator)
    W = torch.randn(4, 3, 3, 3, generator=generator)
    assert judged(convolved, X, W, convolved(X, W).to(dtype)) is Kind.VALUES


@given(st.integers(0, 2**32), st.integers(0, 3), st.floats(0.01, 10))
@few
def test_one_wrong_weight_is_seen(seed: int, output: int, wrong: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(1, 3, 8, 7, generator=generator)
    W = torch.randn(4, 3, 3, 3, generator=generator)
    other = W.clone()
    other[output, 1, 2, 0] += wrong
    mismatch = compare(convolved(X, W), convolved(X, other), precise=convolved(
        X.double(), W.double()), bound=tolerance.bound(convolved, (X, W)))
    assert mismatch is not None and mismatch.kind is Kind.VALUES
    assert mismatch.first_wrong is not None and mismatch.first_wrong[1] == output


# ---------------------------------------------------------------- any answers

TENSORS = st.builds(
    lambda dtype, shape, seed: (torch.randn(shape, generator=torch.Generator().manual_seed(seed))
                                * 50).to(dtype),
    st.sampled_from([torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64,
                     torch.uint8, torch.bool, torch.complex64]),
    st.lists(st.integers(0, 4), max_size=3), st.integers(0, 2**32))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
ANSWERS = st.recursive(st.one_of(SCALARS, TENSORS),
                       lambda inside: st.lists(inside, max_size=4) | st.tuples(inside, inside))


@given(ANSWERS)
@settings(max_examples=150)
def test_every_answer_is_equal_to_itself(answer: Any) -> None:
    assert compare(answer, answer) is None


@given(st.lists(ANSWERS, max_size=4))
@quickly
def test_lists_and_tuples_are_equal(answers: list[Any]) -> None:
    assert compare(answers, tuple(answers)) is None
    assert compare(tuple(answers), answers) is None


@given(TENSORS, st.one_of(SCALARS, st.just(Opaque("ndarray")), st.just(Handle(0, "Conv2D"))))
@quickly
def test_what_is_no_tensor_has_the_wrong_type(expected: torch.Tensor, actual: Any) -> None:
    assert kind(expected, actual) is Kind.TYPE


@given(TENSORS, TENSORS)
@quickly
def test_another_shape_is_said_before_anything_else(
    expected: torch.Tensor, actual: torch.Tensor
) -> None:
    if expected.shape != actual.shape:
        assert kind(expected, actual) is Kind.SHAPE


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8), st.permutations(
    [torch.float32, torch.float64, torch.int64, torch.int32]))
@quickly
def test_right_numbers_in_another_dtype_have_the_wrong_dtype_alone(
    numbers: list[int], dtypes: list[torch.dtype]
) -> None:
    expected = torch.tensor(numbers, dtype=dtypes[0])
    assert kind(expected, expected.to(dtypes[1])) is Kind.DTYPE
    wrong = expected.to(dtypes[1]).clone()
    wrong[-1] += 1
    assert kind(expected, wrong) is Kind.VALUES


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=8),
       st.sampled_from([math.nan, math.inf, -math.inf]), st.data())
@quickly
def test_a_number_that_is_none_is_wrong_however_wide_the_bound(
    numbers: list[float], odd: float, data: st.DataObject
) -> None:
    expected = torch.tensor(numbers)
    actual = expected.clone()
    actual[data.draw(st.integers(0, len(numbers) - 1))] = odd
    found = kind(expected, actual, bound=torch.full(expected.shape, 1e30, dtype=torch.float64))
    assert found is (Kind.NAN if math.isnan(odd) else Kind.VALUES)


@given(st.integers(-2**60, 2**60))
def test_a_whole_number_as_a_float_or_a_tensor_has_the_wrong_dtype_alone(number: int) -> None:
    assert kind(number, torch.tensor(number)) is Kind.DTYPE
    assert kind(number, number + 1) is Kind.VALUES
    if abs(number) <= 2**53:
        assert kind(number, float(number)) is Kind.DTYPE


@pytest.mark.parametrize("value", [True, False])
@given(number=st.integers())
def test_a_truth_value_is_no_number_and_the_reverse(value: bool, number: int) -> None:
    assert kind(value, number) is Kind.TYPE
    assert kind(number, value) is Kind.TYPE
