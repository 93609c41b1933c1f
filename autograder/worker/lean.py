"""torch without its compiler, until somebody compiles.

Each step of an optimizer, and operations on the meta device, import ``torch._dynamo``: a second of
CPU in every process, and memory that every fork copies the entries of, to tell a compiler that is
not there to leave them alone.
"""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import torch


def leave_out_the_compiler() -> None:
    """From now on, in this process. Code that compiles imports the compiler as ever."""
    # What is not to be compiled is wrapped, and the wrapper looks here before it imports anything.
    wrapper = torch.optim.Optimizer.state_dict.__code__
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__ is wrapper:
            inner = inspect.getclosurevars(function).nonlocals.get("fn")
            if inner is not None:  # this torch wraps as others do
                inner.__dynamo_disable = inner
    for kind in _kinds(torch.optim.Optimizer):
        step = vars(kind).get("step")
        if isinstance(step, FunctionType) and "_dynamo" in step.__code__.co_names:
            kind.step = _step(vars(step)["__wrapped__"])  # type: ignore[method-assign]


def _kinds(kind: type[torch.optim.Optimizer]) -> Iterator[type[torch.optim.Optimizer]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


def _step(inner: Callable[..., Any]) -> Callable[..., Any]:
    """A step of an optimizer, with gradients as it was told, and without a break for compilers."""

    @functools.wraps(inner)
    def step(self: Any, *arguments: Any, **keywords: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return inner(self, *arguments, **keywords)

    return step
