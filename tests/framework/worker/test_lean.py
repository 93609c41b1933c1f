"""Workers have torch without its compiler: what trains does as it did, and imports nothing more."""

from __future__ import annotations

import torch
from workers import PATIENCE, answer, call, load

from autograder.protocol import CallFunction
from autograder.sandbox.client import Worker

TRAINING = """
import sys, torch
from torch import nn

def late():
    return sorted(name for name in ("torch._dynamo", "sympy") if name in sys.modules
                  and name not in BEFORE)

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
    return w.grad, tuple(shape), late()

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
    assert answer(worker, "upstream_and_meta")[1:] == ((2, 3), [])
    value, late = answer(worker, "compiled")
    assert value.tolist() == [2.0, 2.0] and "torch._dynamo" in late, "who compiles may"


def test_arguments_travel_back_only_where_something_changed(worker: Worker) -> None:
    assert load(worker, TRAINING).raised is None
    asked = torch.tensor([1.0, float("nan")]), [2]
    assert call(worker, "leave", torch.ones(2), [2]).after is None
    x, rows = worker.request(CallFunction("spoil", asked), seconds=PATIENCE).after or ((), ())
    assert torch.equal(x, asked[0]) is False and rows == [2, 1]  # not a number is unlike itself
