"""matplotlib as workers have it: one that draws for nobody, imported before they are forked."""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType


def warm() -> None:
    """Import it where it is installed, without the folder that it would keep among its user's
    own."""
    with _without_timers(), tempfile.TemporaryDirectory() as folder, suppress(ImportError):
        os.environ["MPLCONFIGDIR"] = folder
        os.environ["MPL_IGNORE_SYSTEM_FONTS"] = "1"  # which workers could not read
        try:
            import matplotlib  # some need not have it

            matplotlib.use("agg")
            from matplotlib import _afm, artist

            # The list of fonts is made of the heads of their files: what each letter measures,
            # half of all that takes, is read again by who draws with one.
            with _replaced(_afm, _nothing_more, "_parse_char_metrics", "_parse_optional"), \
                    _replaced(artist, _no_table, "kwdoc"):
                import matplotlib.backends.backend_agg
                import matplotlib.pyplot
        finally:
            del os.environ["MPLCONFIGDIR"], os.environ["MPL_IGNORE_SYSTEM_FONTS"]
    warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot be shown")


class _NoTimer:
    def __init__(self, *arguments: object) -> None: ...

    def start(self) -> None: ...

    def cancel(self) -> None: ...


@contextmanager
def _without_timers() -> Iterator[None]:
    """It would start a thread to say that it is slow: with a heap of its own, which is then every
    worker's, above what it may take."""
    timer, threading.Timer = threading.Timer, _NoTimer  # type: ignore[misc,assignment]
    try:
        yield
    finally:
        threading.Timer = timer  # type: ignore[misc]


@contextmanager
def _replaced(module: ModuleType, by: Callable[..., object], *names: str) -> Iterator[None]:
    """Those of the functions that this matplotlib has, until the block ends."""
    real = {name: vars(module)[name] for name in names if name in vars(module)}
    vars(module).update(dict.fromkeys(real, by))
    try:
        yield
    finally:
        vars(module).update(real)


def _nothing_more(font: object) -> tuple[dict[str, object], dict[str, object]]:
    return {}, {}


def _no_table(kind: object) -> str:
    """In the place of the table of properties that the documentation of each class ends with."""
    return ""
