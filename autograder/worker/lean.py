"""torch without its compiler, until somebody compiles.

Each step of an optimizer, and operations on the meta device, import ``torch._dynamo``: a second of
CPU in every process, and memory that every fork copies the entries of, to tell a compiler that is
not there to leave them alone. Gradients of an upstream one, and the meta device again, import sympy
(0.4 s, 35 MB) to ask whether two sizes are alike that a compiler might not know yet, and whether a
number is one of its expressions. Whoever compares by ``torch.testing`` imports it, too, and what is
distributed (1.4 s), to ask whether a tensor lies on several machines.
"""

from __future__ import annotations

import functools
import gc
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import torch
from torch import _prims_common
from torch.testing import _comparison

_SYMBOLIC = "torch.fx.experimental.symbolic_shapes"
_ALGEBRA, _NO_ALGEBRA = "sympy", "sympy, if it was imported"
_DISTRIBUTED = "torch.distributed.tensor"
_local = getattr(_comparison, "_unwrap_dtensor_for_comparison", None)


def leave_out_the_compiler() -> None:
    """From now on, in this process. Code that compiles imports the compiler as ever."""
    _leave_out_symbols()
    _leave_out_algebra()
    _leave_out_other_machines()
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


def _leave_out_symbols() -> None:
    """Sizes are numbers, until somebody has others."""
    if _SYMBOLIC not in sys.modules:
        parent, _, name = _SYMBOLIC.rpartition(".")
        sys.modules[_SYMBOLIC] = sizes = _Sizes(_SYMBOLIC)
        setattr(importlib.import_module(parent), name, sizes)


def _leave_out_algebra() -> None:
    """What an operation on numbers and tensors gives is asked without: nothing is an expression
    of a module that nobody has imported."""
    asks = _prims_common.elementwise_dtypes.__code__
    sys.modules.setdefault(_NO_ALGEBRA, _Algebra(_NO_ALGEBRA))
    _prims_common.elementwise_dtypes.__code__ = asks.replace(co_names=tuple(
        _NO_ALGEBRA if name == _ALGEBRA else name for name in asks.co_names))


class _Algebra(ModuleType):
    """In the place of sympy, for who asks of what is there already whether it is an expression."""

    @property
    def Basic(self) -> Any:  # noqa: N802 -- sympy's name
        return getattr(sys.modules.get(_ALGEBRA), "Basic", ())  # nothing is an instance of none


def _leave_out_other_machines() -> None:
    """Nobody has a tensor of several machines whose module nobody has imported."""
    if _local is not None:  # this torch asks
        _comparison._unwrap_dtensor_for_comparison = (
            lambda *compared: _local(*compared) if _DISTRIBUTED in sys.modules else compared)


class _Sizes(ModuleType):
    """In the place of torch's module of sizes that are symbols. Of numbers it says what that would;
    when it is asked anything else, that is imported, and answers."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # who goes through all modules asks where each is from
            raise AttributeError(name)
        rule = _OF_NUMBERS.get(name)
        return getattr(_symbolic(), name) if rule is None else partial(_asked, name, rule)


def _asked(name: str, rule: Callable[..., Any], *values: Any, **named: Any) -> Any:
    if named or not all(map(_is_plain, values)):
        return getattr(_symbolic(), name)(*values, **named)
    return rule(*values)


def _is_plain(value: object) -> bool:
    return type(value) in (bool, int) or (
        isinstance(value, (list, tuple)) and all(map(_is_plain, value)))


def _as_it_is(value: Any, skip: int = 0) -> Any:
    return value


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


_OF_NUMBERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("expect_true", "guard_or_false", "guard_or_true", "guard_size_oblivious",
                     "guarding_hint_or_throw", "statically_known_true"), _as_it_is),
    "has_guarding_hint": lambda value: True, "is_nested_int": lambda value: False,
    "sym_and": lambda *values: all(values), "sym_or": lambda *values: any(values),
    "sym_eq": _alike,
}


def _symbolic() -> ModuleType:
    """The real one, from now on for everybody."""
    if isinstance(sys.modules.get(_SYMBOLIC), _Sizes):
        del sys.modules[_SYMBOLIC]
    return importlib.import_module(_SYMBOLIC)
