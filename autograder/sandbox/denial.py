"""Operators a question forbids, taken away from the whole process while it is being graded.

The kernels themselves are replaced in torch's dispatcher, so that no other name, thread, script
or private entry point leads around them. What to replace is read from torch's own operator
schemas at run time.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NoReturn

import torch

OPERATORS = {
    "convolution operators": r"conv(?!ert)",
    "pooling operators": r"pool(?!$)|pool$",
    "unfold operators": r"^aten::(im2col|col2im)",
}
"""Rule of grader.toml -> pattern of operator names. ``Tensor.unfold`` is a view, and welcome."""

_NAMESPACES = ("aten", "mkldnn", "mkldnn_prepacked", "onednn", "quantized", "_quantized")
_KEYS = ("CPU", "MkldnnCPU", "QuantizedCPU")


class ForbiddenOperator(RuntimeError):
    """The question does not allow this operator."""


_libraries: list[torch.library.Library] = []
_denied: tuple[str, ...] = ()
_taken: list[str] = []


def deny(rules: Iterable[str]) -> None:
    """Deny exactly the operators of ``rules`` from now on; the others work again."""
    global _denied
    wanted = tuple(rule for rule in rules if rule in OPERATORS)
    _taken.clear()
    if wanted == _denied:
        return
    while _libraries:
        _libraries.pop()._destroy()  # type: ignore[no-untyped-call]
    for rule in wanted:
        _replace(operators(rule))
    _denied = wanted


def taken() -> list[str]:
    """Denied operators that were called since the last ``deny``."""
    return sorted(set(_taken))[:10]


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


def _replace(names: Iterable[str]) -> None:
    libraries: dict[str, torch.library.Library] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of every override
        for qualified in names:
            namespace, name = qualified.split("::")
            if namespace not in libraries:
                libraries[namespace] = torch.library.Library(namespace, "IMPL")
            for key in _KEYS:
                libraries[namespace].impl(name, _refusal(qualified), key)
    _libraries.extend(libraries.values())


def _refusal(qualified: str) -> Callable[..., Any]:
    def refuse(*arguments: object, **keywords: object) -> NoReturn:
        _taken.append(qualified)
        raise ForbiddenOperator(f"{qualified} is not allowed in this question")

    return refuse
