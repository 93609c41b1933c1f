"""What rules mean here, by name: both sides must know what may have been called against them."""

from __future__ import annotations

import importlib
import types
from functools import cache

import torch

from autograder.rules import Rule, matches, means

AUTOGRAD = "autograd"
UNCOUNTED = ("sys.settrace", "_thread.start_new_thread")
"""Refused while loops are counted: what would have lines run that are not."""

_MOVED = {"im2col": "unfold", "col2im": "fold"}  # operator -> function of torch.nn.functional
_NAMESPACES = ("aten", "mkldnn", "mkldnn_prepacked", "onednn", "quantized", "_quantized")


@cache
def _schemas() -> tuple[tuple[str, str], ...]:
    """Every operator that can be taken away: its name with its namespace, and overload."""
    return tuple(sorted({
        (schema.name, schema.overload_name) for schema in torch._C._jit_get_all_schemas()
        if schema.name.split("::")[0] in _NAMESPACES}))


def _names(operator: str) -> tuple[str, str]:
    """An operator's name with its namespace and without."""
    return operator, operator.split("::")[1]


@cache
def operators(rule: Rule) -> tuple[str, ...]:
    """Qualified names (``aten::conv2d.padding``) of the operators that ``rule`` means."""
    if not rule.operators:
        return ()
    meant = {name for name in dict.fromkeys(name for name, _ in _schemas())
             if means(_names(name), rule.operators)}
    return tuple(f"{name}.{overload}".removesuffix(".") for name, overload in _schemas()
                 if name in meant)


@cache
def as_called(name: str) -> str:
    """What students call the operator of that qualified name: ``torch.conv2d``, and of those that
    torch has a function of its own for, that. The name itself where no public function is called
    so."""
    namespace, _, rest = name.partition("::")
    base = rest.partition(".")[0]
    if namespace != "aten" or base.startswith("_"):
        return name
    module, _, inner = base.partition("_")
    for place, where, called in (
            ("torch", torch, base),
            ("torch.nn.functional", torch.nn.functional, _MOVED.get(base, base)),
            ("torch.Tensor", torch.Tensor, base),
            (f"torch.{module}", getattr(torch, module, None), inner)):
        if callable(getattr(where, called, None)):
            return f"{place}.{called}"
    return name


@cache
def functions(rule: Rule) -> tuple[str, ...]:
    """Qualified names (``numpy.linalg.inv``) of the functions of packages that ``rule`` means, as
    far as these packages are here."""
    modules = {pattern.removeprefix("!").rpartition(".")[0] for pattern in rule.calls}
    return tuple(name for module in sorted(modules) for name in _functions(module)
                 if means([name], rule.calls))


@cache
def _functions(module: str) -> tuple[str, ...]:
    try:
        values = vars(importlib.import_module(module))
    except ImportError:
        return ()
    return tuple(sorted(f"{module}.{name}" for name, value in values.items()
                        if callable(value) and not isinstance(value, type | types.ModuleType)))


@cache
def names(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Everything that can be called under ``rules`` and is forbidden by them."""
    found = [name for rule in rules for name in (*operators(rule), *functions(rule))]
    return (*found, *[AUTOGRAD] * any(rule.autograd for rule in rules),
            *UNCOUNTED * any(rule.loops for rule in rules))


def meaningless(rule: Rule) -> list[tuple[str, str]]:
    """(key, pattern) for every pattern that means nothing here."""
    nothing = [("operators", pattern) for pattern in rule.operators
               if not any(matches(_names(name), pattern) for name, _ in _schemas())]
    for pattern in rule.calls:
        module = pattern.removeprefix("!").rpartition(".")[0]
        if not any(matches([name], pattern) for name in _functions(module)):
            nothing.append(("calls", pattern))
    return nothing
