"""Stub modules for what learners' notebooks import but a grade never needs.

Plots, progress bars, Jupyter itself and the textbook's package ``d2l``: imports of these succeed
and do nothing, so that the cells which define graded functions run on.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

_INERT = (
    "matplotlib", "seaborn", "plotly", "bokeh", "ipywidgets", "IPython", "matplotlib_inline",
    "google.colab", "torchvision", "torchaudio", "torchinfo", "torchsummary", "tensorboard",
    "otter", "nbgrader", "cv2", "PIL", "requests", "wandb", "torch.utils.tensorboard",
)


class Inert:
    """Answers every attribute, call, item and iteration with itself or nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _subplots if name == "subplots" else self

    def __call__(self, *arguments: object, **keywords: object) -> Any:
        # As a decorator it must give the function back: @interact, @widgets.interact(x=…).
        if len(arguments) == 1 and not keywords and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        return self

    def __getitem__(self, key: object) -> Inert:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


INERT = Inert()


class _Progress(Inert):
    """``tqdm(iterable)``: the iterable, and a bar that nobody sees."""

    def __init__(self, iterable: Iterable[Any] = (), *_: object, **__: object) -> None:
        self._iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]  # as tqdm does, or raises

    def __bool__(self) -> bool:
        return True

    @staticmethod
    def write(*_: object, **__: object) -> None: ...


class _ProgressModule(types.ModuleType):
    __path__: list[str] = []
    tqdm = tqdm_notebook = _Progress

    @staticmethod
    def trange(*bounds: int, **_: object) -> _Progress:
        return _Progress(range(*bounds))


def _subplots(nrows: int = 1, ncols: int = 1, *_: object, **__: object) -> tuple[Inert, Any]:
    """``plt.subplots``: callers unpack the axes, so their number has to be right."""
    axes = np.empty((nrows, ncols), dtype=object)
    axes.fill(INERT)
    squeezed = axes.squeeze()
    return INERT, squeezed if squeezed.ndim else INERT


class _InertModule(types.ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(INERT, name)


class Textbook(types.ModuleType):
    """``d2l.torch``: the student's own definitions, the book's small helpers, inert plotting."""

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
        helpers: dict[str, object] = {
            "Module": torch.nn.Module,
            "HyperParameters": object,
            "Classifier": torch.nn.Module,
            "add_to_class": _add_to_class,
            "reshape": torch.reshape,
            "float32": torch.float32,
        }
        return helpers.get(name, INERT)


def _add_to_class(owner: type) -> Callable[[Callable[..., Any]], None]:
    def attach(method: Callable[..., Any]) -> None:
        setattr(owner, method.__name__, method)

    return attach


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        ours = name in ("d2l", "d2l.torch", "google") or any(
            name == inert or name.startswith(inert + ".") for inert in (*_INERT, "tqdm")
        )
        return importlib.util.spec_from_loader(name, self, is_package=True) if ours else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        if spec.name in ("d2l", "d2l.torch"):
            return Textbook(spec.name, self._namespace)
        if spec.name.split(".")[0] == "tqdm":
            return _ProgressModule(spec.name)
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class Shell(Inert):
    """What ``get_ipython()`` answers: magics and shell lines do nothing and return nothing."""

    def _nothing(self, *arguments: object, **keywords: object) -> None:
        return None

    run_line_magic = run_cell_magic = magic = system = _nothing

    def getoutput(self, *arguments: object, **keywords: object) -> list[str]:
        return []


def install(namespace: dict[str, Any]) -> None:
    """Put the stub modules before the real packages, and Jupyter's builtins into ``namespace``."""
    sys.meta_path.insert(0, _Finder(namespace))
    # Written for a GPU and run without one: stay where the data is.
    for owner in (torch.Tensor, torch.nn.Module):
        owner.cuda = lambda self, *_, **__: self  # type: ignore[method-assign]
    shell = Shell()
    namespace["get_ipython"] = lambda: shell
    namespace["display"] = lambda *objects, **options: None
