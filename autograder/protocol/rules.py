"""What a question may forbid, by name: both sides must know what a name stands for."""

from __future__ import annotations

import re
from functools import cache

import torch

OPERATORS = {
    "convolution operators": r"conv(?!ert)",
    "pooling operators": r"pool(?!$)|pool$",
    "unfold operators": r"^aten::(im2col|col2im)",
}
"""Rule of grader.toml -> pattern of operator names. ``Tensor.unfold`` is a view, and welcome."""

AUTOGRAD = "autograd"
LOOPS = "loops"
UNCOUNTED = ("sys.settrace", "_thread.start_new_thread")
"""Refused while loops are counted: what would have lines run that are not."""

_NAMESPACES = ("aten", "mkldnn", "mkldnn_prepacked", "onednn", "quantized", "_quantized")


@cache
def operators(rule: str) -> tuple[str, ...]:
    """Qualified names (``aten::conv2d.padding``) of the operators that ``rule`` means."""
    pattern = re.compile(OPERATORS[rule])
    return tuple(
        sorted(
            {
                f"{schema.name}.{schema.overload_name}".removesuffix(".")
                for schema in torch._C._jit_get_all_schemas()
                if pattern.search(schema.name) and schema.name.split("::")[0] in _NAMESPACES
            }
        )
    )


@cache
def names(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that can be called under ``rules`` and is forbidden by them."""
    found = [name for rule in rules if rule in OPERATORS for name in operators(rule)]
    return (*found, *[AUTOGRAD] * (AUTOGRAD in rules), *UNCOUNTED * (LOOPS in rules))
