"""Leaves a kernel as it was before a check: chance, torch's settings, names, streams, figures.

Objects are nobody's to copy: what a student's function changes inside of one, a weight or a list,
stays changed.
"""

from __future__ import annotations

import builtins
import importlib
import io
import random
import sys
import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, NoReturn, Self

import numpy as np
import torch

_PLOTS = "matplotlib.pyplot"
_DEEPEST = 5_000  # calls in one another: what a stack of 8 MB holds where each goes through C


@dataclass(frozen=True)
class Settings:
    """Of torch, for the whole process."""

    dtype: torch.dtype
    device: torch.device
    gradients: bool

    @classmethod
    def now(cls) -> Self:
        return cls(torch.get_default_dtype(), torch.get_default_device(),
                   torch.is_grad_enabled())

    def use(self) -> None:
        torch.set_default_dtype(self.dtype)
        if torch.get_default_device() != self.device:
            torch.set_default_device(self.device)
        torch.set_grad_enabled(self.gradients)


_OURS = Settings(torch.float32, torch.device("cpu"), True)


@contextmanager
def settled() -> Iterator[Settings]:
    """In here, torch is set as it is where notebooks are graded; outside, as it was. Gives what it
    was."""
    theirs = Settings.now()
    _OURS.use()
    try:
        yield theirs
    finally:
        theirs.use()


@contextmanager
def unchanged(names: MutableMapping[str, Any]) -> Iterator[None]:
    """Outside, chance goes on where it was, each of ``names`` is bound to what it was bound to, and
    the same figures are open."""
    before = dict(names)
    chance = np.random.get_state(), random.getstate()
    with torch.random.fork_rng(devices=_devices()), warnings.catch_warnings(), _figures():
        try:
            yield
        finally:
            np.random.set_state(chance[0])
            random.setstate(chance[1])
            for name in names.keys() - before.keys():
                del names[name]
            names.update({name: value for name, value in before.items()
                          if name not in names or names[name] is not value})


@contextmanager
def recursion_bounded() -> Iterator[None]:
    """In here, who calls itself without an end gets a RecursionError, though it lifted that limit:
    where the stack ends, the kernel ends too."""
    theirs = sys.getrecursionlimit()
    sys.setrecursionlimit(min(theirs, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(theirs)


def _devices() -> list[int]:
    return list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []


@contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Nothing is printed below the cell, nobody is asked for input, and no window opens. Gives what
    was printed."""
    printed = io.StringIO()
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(printed))
        stack.enter_context(redirect_stderr(printed))
        stack.enter_context(_instead(builtins, "input", _no_input))
        if _PLOTS in sys.modules:
            stack.enter_context(_instead(sys.modules[_PLOTS], "show", _no_window))
        if "IPython" in sys.modules:  # what is displayed
            capture = importlib.import_module("IPython.utils.capture")
            stack.enter_context(capture.capture_output(stdout=False, stderr=False))
        yield printed


def _no_input(prompt: object = "") -> NoReturn:
    raise EOFError("nobody answers input() in a check")


def _no_window(*arguments: object, **keywords: object) -> None:
    """In the place of ``plt.show``."""


@contextmanager
def _instead(owner: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _figures() -> Iterator[None]:
    """Figures that are open now are out of the way, and those that come are closed."""
    open_ = _managers()
    before = dict(open_ or {})
    if open_ is not None:
        open_.clear()
    try:
        yield
    finally:
        if _PLOTS in sys.modules:
            sys.modules[_PLOTS].close("all")
        if open_ is not None:
            open_.update(before)


def _managers() -> MutableMapping[Any, Any] | None:
    """Of the figures that pyplot knows; None where nobody has drawn."""
    if _PLOTS not in sys.modules:
        return None
    figures: MutableMapping[Any, Any] = sys.modules["matplotlib._pylab_helpers"].Gcf.figs
    return figures
