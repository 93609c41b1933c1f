"""Workers have torch without its compiler: what trains does as it did, and imports nothing more."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from workers import PATIENCE, answer, call, load

from autograder.protocol import CallFunction
from autograder.sandbox.client import Worker
from autograder.worker import lean

TRAINING = """
import sys, torch
from torch import nn

def late():
    return sorted(name for name in ("torch._dynamo", "sympy", "torch.utils._sympy",
                                    "torch.distributed.tensor")
                  if name in sys.modules and name not in BEFORE)

BEFORE = set(sys.modules)

def steps(kind):
    w = torch.ones(2, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([w], lr=0.5)
    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss
    if kind != "LBFGS":
        closure()
        optimizer.step()
        assert not torch.is_grad_enabled() or w.grad_fn is None
    optimizer.step(closure)
    optimizer.load_state_dict(optimizer.state_dict())
    return w.detach(), late()

def through_a_step():
    w = torch.ones(2, requires_grad=True)
    inner = (w * 1)
    optimizer = torch.optim.SGD([inner], lr=0.5, differentiable=True)
    inner.grad = w * 3
    optimizer.step()
    inner.sum().backward()
    return w.grad, late()

def upstream_and_meta():
    w = torch.ones(2, requires_grad=True)
    (w * 2).backward(torch.tensor([1.0, 5.0]))
    shape = torch.stack([torch.ones(3, device="meta") * torch.ones(1, device="meta")] * 2).shape
    X, W = torch.ones(2, 3, 9, 8, device="meta"), torch.ones(4, 3, 3, 3, device="meta")
    nn.functional.max_pool2d(nn.functional.conv2d(X, W), 2).softmax(1) @ X.new_ones(3, 5)
    return w.grad, tuple(shape), late()

def upstream_of_another_shape():
    w = torch.ones(2, requires_grad=True)
    (w * 2).backward(torch.ones(3))

def compared():
    torch.testing.assert_close(torch.ones(2), torch.ones(2))
    try:
        torch.testing.assert_close(torch.ones(2), torch.zeros(2))
    except AssertionError as error:
        return str(error), late()

def sizes_that_are_no_numbers():
    from torch.fx.experimental.proxy_tensor import make_fx
    rows = torch.nested.nested_tensor([torch.ones(2, 1), torch.ones(3, 1)], layout=torch.jagged,
                                      requires_grad=True)
    (rows * 2).backward(torch.ones_like(rows))
    traced = make_fx(lambda x: x.flatten() + 1, tracing_mode="symbolic")(torch.ones(2, 3))
    return [float(each) for each in rows.grad.values()], traced(torch.ones(5, 7)).shape[0], late()

def compiled():
    return torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2)), late()

def spoil(X, rows):
    rows.append(1)
    return X

def leave(X, rows):
    return X.sum()
"""


def test_training_is_as_ever_and_imports_no_compiler(worker: Worker) -> None:
    assert load(worker, TRAINING).raised is None
    weights, late = answer(worker, "steps", "SGD")
    assert torch.equal(weights, torch.zeros(2)) and late == []  # 1 - 0.5 · 2 · 1, and then 0
    for kind in ("Adam", "AdamW", "RMSprop", "LBFGS"):
        weights, late = answer(worker, "steps", kind)
        assert weights.max() < 1 and late == [], kind
    gradient, late = answer(worker, "through_a_step")
    assert gradient.tolist() == [-0.5, -0.5] and late == []  # of w - 0.5 · 3 w
    gradient, *others = answer(worker, "upstream_and_meta")
    assert gradient.tolist() == [2.0, 10.0] and others == [(2, 3), []]
    said, late = answer(worker, "compared")
    assert "Mismatched elements: 2 / 2" in said and late == []
    raised = call(worker, "upstream_of_another_shape").raised
    assert raised is not None and "Mismatch in shape" in raised.message
    value, late = answer(worker, "compiled")
    assert value.tolist() == [2.0, 2.0] and late == [], "nothing is compiled"


def test_sizes_that_are_symbols_are_as_ever(worker: Worker) -> None:
    assert load(worker, TRAINING).raised is None
    gradient, numbers, late = answer(worker, "sizes_that_are_no_numbers")
    assert (gradient, numbers) == ([2.0] * 5, 35) and "torch.utils._sympy" in late


SIZES = torch.Size([2, 3])
RULES = [
    *((name, [value]) for value in (True, False) for name in (
        "expect_true", "guard_or_false", "guard_or_true", "guard_size_oblivious",
        "guarding_hint_or_throw", "statically_known_true")),
    ("expect_true", [True, 1]),
    *((name, [7]) for name in ("guarding_hint_or_throw", "has_guarding_hint", "is_nested_int")),
    *((name, list(values)) for name in ("sym_and", "sym_or")
      for values in ([True], [False], [True, False], [False, False], [True, True, True])),
    *(("sym_eq", [SIZES, other]) for other in (SIZES, [2, 3], (2, 4), (2,), (2, 3, 1))),
    ("sym_eq", [2, 2]), ("sym_eq", [2, 3]), ("sym_eq", [[(1, 2), 3], [[1, 2], 3]]),
]


@pytest.mark.filterwarnings("ignore:guard_size_oblivious will be removed")
@pytest.mark.parametrize(("name", "values"), RULES)
def test_what_is_said_of_numbers_torch_says_too(name: str, values: list[Any]) -> None:
    said, told = (rule(*values) for rule in (
        lean._OF_NUMBERS[name], getattr(lean._symbolic(), name)))
    assert (said, type(said)) == (told, type(told))


def test_what_is_asked_by_names_torch_answers() -> None:
    sizes = lean._Sizes(lean._SYMBOLIC)
    assert sizes.statically_known_true(x=True) and not sizes.guard_or_false(a=False)
    assert sizes.expect_true(True, skip=1) and sizes.sym_eq(x=(2, 3), y=[2, 3])


def test_every_rule_is_compared() -> None:
    assert {name for name, _ in RULES} == set(lean._OF_NUMBERS)


COLD = """
import sys, torch
if sys.argv[1] == "lean":
    from autograder.worker.lean import leave_out_the_compiler
    leave_out_the_compiler()
exec(sys.argv[2])
print(not {"sympy", "torch.distributed.tensor"}.isdisjoint(sys.modules))
"""
GRADIENT = """w = torch.ones(2, requires_grad=True)
print(*torch.autograd.grad(w * 2, [w], torch.tensor([1.0, 5.0])))"""
META = "print(torch.stack([torch.ones(2, device='meta'), torch.ones(2, device='meta') / 2]).dtype)"
COMPARED = "print(torch.testing.assert_close(torch.ones(2), torch.ones(2)))"


@pytest.mark.parametrize(("code", "said"), [
    (GRADIENT, "tensor([ 2., 10.])"), (META, "torch.float32"), (COMPARED, "None"),
], ids=["gradient", "meta", "compared"])
@pytest.mark.parametrize(("how", "imported"), [("lean", False), ("as it is", True)])
def test_a_judge_needs_no_algebra(how: str, imported: bool, code: str, said: str) -> None:
    done = subprocess.run([sys.executable, "-P", "-c", COLD, how, code], capture_output=True,
                          text=True, check=True)
    assert done.stdout == f"{said}\n{imported}\n"


EXPRESSION = """
import sys, torch
from torch._prims_common import ELEMENTWISE_TYPE_PROMOTION_KIND as KINDS, elementwise_dtypes
from autograder.worker.lean import leave_out_the_compiler
leave_out_the_compiler()
print(*elementwise_dtypes(1, torch.ones(1).double(), type_promotion_kind=KINDS.DEFAULT))
assert "sympy" not in sys.modules
import sympy
print(*elementwise_dtypes(sympy.Symbol("n", integer=True), type_promotion_kind=KINDS.DEFAULT))
"""


def test_an_expression_is_one_for_who_has_algebra() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", EXPRESSION], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "torch.float64 torch.float64\ntorch.int64 torch.int64\n"


def test_arguments_travel_back_only_where_something_changed(worker: Worker) -> None:
    assert load(worker, TRAINING).raised is None
    asked = torch.tensor([1.0, float("nan")]), [2]
    assert call(worker, "leave", torch.ones(2), [2]).after is None
    x, rows = worker.request(CallFunction("spoil", asked), seconds=PATIENCE).after or ((), ())
    assert torch.equal(x, asked[0]) is False and rows == [2, 1]  # not a number is unlike itself
