"""What a question forbids, taken away from the whole process while it is being graded.

Operators: the kernels themselves are replaced in torch's dispatcher, so that no other name,
thread, script or private entry point leads around them. What to replace is read from torch's own
operator schemas at run time. Autograd: its engine is. Loops are not taken away but counted, as
steps of the student's own code, for the judge to see whether they grow with the image.
"""

from __future__ import annotations

import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from types import FrameType
from typing import Any, NoReturn

import torch

OPERATORS = {
    "convolution operators": r"conv(?!ert)",
    "pooling operators": r"pool(?!$)|pool$",
    "unfold operators": r"^aten::(im2col|col2im)",
}
"""Rule of grader.toml -> pattern of operator names. ``Tensor.unfold`` is a view, and welcome."""

AUTOGRAD = "autograd"
LOOPS = "loops"

_NAMESPACES = ("aten", "mkldnn", "mkldnn_prepacked", "onednn", "quantized", "_quantized")
_INSTALLED = (sys.prefix, sys.base_prefix, "<frozen")
_KEYS = ("CPU", "MkldnnCPU", "QuantizedCPU")


class ForbiddenOperator(RuntimeError):
    """The question does not allow this operator."""


_libraries: list[torch.library.Library] = []
_engine = torch.autograd.graph._engine_run_backward
_denied: tuple[str, ...] = ()
_taken: list[str] = []


def deny(rules: Iterable[str]) -> None:
    """Deny exactly what ``rules`` name from now on; everything else works again."""
    global _denied
    wanted = tuple(rules)
    _taken.clear()
    if wanted == _denied:
        return
    while _libraries:
        _libraries.pop()._destroy()
    for rule in wanted:
        if rule in OPERATORS:
            _replace(operators(rule))
    engine = _refusal("autograd") if AUTOGRAD in wanted else _engine
    for module in (torch.autograd, torch.autograd.graph):
        vars(module)["_engine_run_backward"] = engine
    _denied = wanted


def taken() -> list[str]:
    """What was denied and called all the same since the last ``deny``."""
    return sorted(set(_taken))[:10]


class Steps:
    """Counts the lines that code outside the installed packages runs, if loops are denied::

        with Steps() as steps:
            ...
        steps.count
    """

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Steps:
        if LOOPS in _denied:
            threading.settrace(self._trace)
            sys.settrace(self._trace)
        return self

    def __exit__(self, *exception: object) -> None:
        if LOOPS in _denied:
            sys.settrace(None)
            threading.settrace(None)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename.startswith(_INSTALLED):
            return None
        self.count += 1
        return self._trace


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
