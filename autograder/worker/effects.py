"""What a call leaves behind that is no answer: what it prints, and the figures that it draws.

Figures are told as data, not as pixels: a list of figures, each a list of axes, each a dict of
title, labels, scales and legend, which are texts, and of what is drawn. A line is a dict of "x",
"y" and "label", a bar of "x", "y", "width" and "height", an image an array, scattered points one of
two columns.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

from autograder.protocol.numbers import np
from autograder.protocol.values import is_known_array

PRINTED, DRAWN = "printed", "drawn"
_MOST_FIGURES, _MOST_PARTS = 20, 1_000
_NO_LABEL = "_"  # begins what matplotlib calls something that has none


def of(effect: str, call: Callable[[], Any]) -> Any:
    """What ``call`` leaves behind. Raises what it raises."""
    if effect == PRINTED:
        with redirect_stdout(io.StringIO()) as printed:
            call()
        return printed.getvalue()
    if effect == DRAWN:
        return _drawn(call)
    raise ValueError(f"no effect is called {effect!r}")


def _drawn(call: Callable[[], Any]) -> list[list[dict[str, Any]]]:
    if "matplotlib" not in sys.modules:  # in the zygote it is
        importlib.import_module("matplotlib").use("agg")
    plots = importlib.import_module("matplotlib.pyplot")
    plots.close("all")
    try:
        call()
        return [[_axes(each) for each in plots.figure(number).axes[:_MOST_PARTS]]
                for number in plots.get_fignums()[:_MOST_FIGURES]]
    finally:
        plots.close("all")


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    return {
        "title": _text(axes.get_title()),
        "xlabel": _text(axes.get_xlabel()), "ylabel": _text(axes.get_ylabel()),
        "xscale": _text(axes.get_xscale()), "yscale": _text(axes.get_yscale()),
        "legend": [] if legend is None else [_text(each.get_text())
                                             for each in legend.get_texts()[:_MOST_PARTS]],
        "lines": [{"x": _numbers(line.get_xdata()), "y": _numbers(line.get_ydata()),
                   "label": _label(line)} for line in axes.lines[:_MOST_PARTS]],
        "bars": list(_bars(axes)),
        "images": [_numbers(image.get_array()) for image in axes.images[:_MOST_PARTS]],
        "points": [_numbers(each.get_offsets()) for each in axes.collections[:_MOST_PARTS]
                   if type(each).__name__ == "PathCollection"],
    }


def _bars(axes: Any) -> Iterator[dict[str, Any]]:
    for patch in axes.patches[:_MOST_PARTS]:
        if type(patch).__name__ == "Rectangle":
            yield {"x": float(patch.get_x()), "y": float(patch.get_y()),
                   "width": float(patch.get_width()), "height": float(patch.get_height())}


def _label(artist: Any) -> str:
    label = _text(artist.get_label())
    return "" if label.startswith(_NO_LABEL) else label


def _text(text: Any) -> str:
    return " ".join(str(text).split())


def _numbers(data: Any) -> Any:
    """What is drawn in double precision, in which matplotlib draws it; texts as texts."""
    array = np.asarray(data if not isinstance(data, np.ma.MaskedArray) else data.filled(np.nan))
    if is_known_array(array):
        return array.astype(np.float64)
    return [_text(each) for each in array.reshape(-1)[:_MOST_PARTS]]
