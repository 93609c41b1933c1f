"""Stub modules for what learners' notebooks import but a grade never needs.

Progress bars, Jupyter itself, the textbook's package ``d2l`` and others: imports of these succeed
and do nothing, so that the statements which define graded functions run on. So do debuggers, for
nobody is there. Plots and images are the real ones where they are installed: they are drawn for
nobody.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import torch

from autograder.worker.inert import Inert, inert
from autograder.worker.textbook import Textbook

STAND_INS = (
    "seaborn", "plotly", "bokeh", "ipywidgets", "IPython", "matplotlib_inline", "google.colab",
    "torchvision", "torchaudio", "torchinfo", "torchsummary", "tensorboard", "otter", "nbgrader",
    "cv2", "requests", "wandb", "torch.utils.tensorboard", "piplite", "micropip", "tqdm", "d2l",
)
"""Packages that are stood in for, whether they are installed or not."""
_DEBUGGERS = ("pdb", "ipdb", "pudb")  # breakpoint() imports the first
_REAL_WHERE_INSTALLED = ("matplotlib", "mpl_toolkits", "PIL")
_MODULE = re.compile(r"(?:^|[\s/\"'])(?P<name>[A-Za-z_]\w*)\.py[\"']?\s*$")
_CUDA = re.compile(r"cuda(?::\d+)?")


class _ProgressBar(Inert):
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
    tqdm = tqdm_notebook = _ProgressBar

    @staticmethod
    def trange(*bounds: int, **_: object) -> _ProgressBar:
        return _ProgressBar(range(*bounds))


class _InertModule(types.ModuleType):
    __path__: list[str] = []

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._inert = inert(name.split(".")[0])

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._inert, name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(
        self, namespace: dict[str, Any], written: Mapping[str, str], stand_ins: Iterable[str] | None
    ) -> None:
        """``written``: modules of the student's own, which the notebook wrote as files."""
        self._namespace = namespace
        self._written = written
        wanted = STAND_INS if stand_ins is None else tuple(stand_ins)
        missing = _not_installed() if stand_ins is None else ()
        self._textbook = {"d2l", "d2l.torch"} if "d2l" in wanted else set()
        self._inert = (*(name for name in wanted if name != "d2l"), *missing, *_DEBUGGERS)
        self._parents = {name.rpartition(".")[0] for name in self._inert if name == "google.colab"}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        ours = name in {*self._textbook, *self._parents, *self._written} or any(
            name == inert or name.startswith(inert + ".") for inert in self._inert
        )
        return importlib.util.spec_from_loader(name, self, is_package=True) if ours else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        if spec.name in self._written:
            return None
        if spec.name in self._textbook:
            return Textbook(spec.name, self._namespace)
        if spec.name.split(".")[0] == "tqdm":
            return _ProgressModule(spec.name)
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in self._written:
            source = self._written[module.__name__]
            exec(compile(source, f"<{module.__name__}.py>", "exec"), vars(module))


class _Printed(list[str]):
    """What a shell line printed: nothing, in as many lines as somebody asks for."""

    s = n = ""

    def __getitem__(self, key: Any) -> Any:
        return "" if isinstance(key, int) else []


class Shell(Inert):
    """What ``get_ipython()`` answers: magics and shell lines do nothing and return nothing. But a
    module that a cell writes as a file can be imported."""

    def __init__(self, written: dict[str, str]) -> None:
        self._written = written

    def _nothing(self, *arguments: object, **keywords: object) -> None:
        return None

    run_line_magic = magic = system = _nothing

    def run_cell_magic(self, magic: str, line: str, body: str) -> None:
        if magic in ("writefile", "file") and (file := _MODULE.search(line)):
            before = self._written.get(file["name"], "") if "-a" in line.split() else ""
            self._written[file["name"]] = before + body

    def getoutput(self, *arguments: object, **keywords: object) -> _Printed:
        return _Printed()


def install(namespace: dict[str, Any], stand_ins: Iterable[str] | None = None) -> None:
    """Put the stub modules before the real packages, and Jupyter's builtins into ``namespace``.

    Args:
        stand_ins: the packages that are stood in for; None: all of ``STAND_INS``, and plots where
            they cannot be drawn.
    """
    written: dict[str, str] = {}
    sys.meta_path.insert(0, _Finder(namespace, written, stand_ins))
    prepare()
    shell = Shell(written)
    namespace["get_ipython"] = lambda: shell
    namespace["display"] = lambda *objects, **options: None


def prepare() -> None:
    """Do once, for all that are forked from this process, what is the same for each."""
    _not_installed()
    _stay_here()
    torch.compile = _uncompiled


def _uncompiled(model: Any = None, **_: object) -> Any:
    """What ``torch.compile`` answers: what it was given, which computes the same. To compile takes
    a minute, and programs that no worker may start."""
    return model if model is not None else lambda each: each


@cache
def _not_installed() -> tuple[str, ...]:
    return tuple(each for each in _REAL_WHERE_INSTALLED if importlib.util.find_spec(each) is None)


def _stay_here() -> None:
    """What is written for a GPU stays where the data is, on a machine without."""
    if vars(torch.Tensor).get("cuda") is not _itself and not torch.cuda.is_available():
        for owner in (torch.Tensor, torch.nn.Module):
            owner.cuda = _itself  # type: ignore[method-assign]


def _itself(self: Any, *_: object, **__: object) -> Any:
    return self


def names_a_gpu(constant: object) -> bool:
    """Whether "cuda" is among what a statement was compiled to, on a machine without: few are, and
    to look into the syntax of all takes longer than to compile it."""
    if isinstance(constant, str):
        return _CUDA.fullmatch(constant) is not None and not torch.cuda.is_available()
    if isinstance(constant, types.CodeType):
        constant = constant.co_consts
    return isinstance(constant, tuple | frozenset) and any(map(names_a_gpu, constant))


def on_this_device(statement: ast.stmt) -> None:
    """Put "cpu" for "cuda" into ``statement``, but where that is compared."""
    compared = {id(part) for node in ast.walk(statement) if isinstance(node, ast.Compare)
                for part in ast.walk(node)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) \
                and _CUDA.fullmatch(node.value) and id(node) not in compared:
            node.value = "cpu"
