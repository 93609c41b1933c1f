"""``d2l``, the package of *Dive into Deep Learning*, without what the exercises ask for.

What it calls differently than torch, what classes of the book derive from, and everything that
loads, trains, shows or measures, which does nothing here. What computes is for the student to
write: that is said, and not answered by something inert.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.worker.inert import INERT

_IDLE = re.compile(r"(?:load|train|show|plot|set|use|evaluate|predict|annotate|download|get|read|"
                   r"extract|tokenize|build|copyfile|reorg)(?:_|$)|plt|display|[A-Z]")
_RENAMED = {
    "concat": torch.cat, "batch_matmul": torch.bmm, "reduce_sum": torch.sum,
    "reduce_mean": torch.mean, "expand_dims": torch.unsqueeze, "transpose": torch.t,
    "astype": torch.Tensor.to, "to": torch.Tensor.to, "repeat": torch.Tensor.repeat,
    "numpy": lambda x: x.detach().cpu().numpy(),
    "size": lambda x: x.numel(), "np": np, "nn": nn, "nn_Module": nn.Module,
}


class HyperParameters:
    """The book's base of classes that keep their arguments."""

    def save_hyperparameters(self, ignore: Any = ()) -> None:
        """Keep the arguments of the method that calls this as attributes."""
        given = sys._getframe(1).f_locals
        for name, value in given.items():
            if name not in (*ignore, "self") and not name.startswith("_"):
                setattr(self, name, value)


class Module(nn.Module, HyperParameters):
    """The book's base of models: ``forward`` is that of ``net``."""

    def __init__(self, *arguments: object, **keywords: object) -> None:
        super().__init__()

    net: nn.Module  # what a model of the book sets

    def forward(self, X: Any) -> Any:
        return self.net(X)

    def layer_summary(self, X_shape: tuple[int, ...]) -> None: ...

    def apply_init(self, inputs: Any, init: Callable[[nn.Module], None] | None = None) -> None:
        self.forward(*inputs)
        if init is not None:
            self.net.apply(init)


class Textbook(types.ModuleType):
    """``d2l`` and ``d2l.torch``. A definition of the student's own comes first."""

    __path__: list[str] = []

    def __init__(self, name: str, namespace: dict[str, Any]) -> None:
        super().__init__(name)
        self._namespace: dict[str, Any] = namespace

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "torch":  # from d2l import torch as d2l
            return self
        if name in self._namespace:
            return self._namespace[name]
        if name in _HELPERS:
            return _HELPERS[name]
        if name == "plt" and "matplotlib.pyplot" in sys.modules:
            return sys.modules["matplotlib.pyplot"]
        if _IDLE.match(name):
            return INERT
        if name in _RENAMED:
            return _RENAMED[name]
        if hasattr(torch, name):
            return getattr(torch, name)
        raise AttributeError(f"d2l.{name} is not available here: write it yourself, or define "
                             f"{name} in this notebook")


def _add_to_class(owner: type) -> Callable[[Callable[..., Any]], None]:
    def attach(method: Callable[..., Any]) -> None:
        setattr(owner, method.__name__, method)

    return attach


def _here(*numbers: object) -> torch.device:
    return torch.device("cpu")


_HELPERS: dict[str, Any] = {
    "Module": Module, "Classifier": Module, "HyperParameters": HyperParameters,
    "add_to_class": _add_to_class, "try_gpu": _here, "cpu": _here, "gpu": _here,
    "try_all_gpus": lambda: [_here()], "num_gpus": lambda: 0,
}
