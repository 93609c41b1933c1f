"""DataFrames and Series of pandas' as plain values, and back. Nothing here imports pandas where
nobody uses it."""

from __future__ import annotations

import importlib
import math
import sys
from typing import Any

from autograder.protocol.numbers import np

_NAMED_TWICE = "DataFrame with two columns of one name"


def is_table(value: Any) -> bool:
    """Whether it is a DataFrame or a Series."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(
        value, (getattr(pandas, "DataFrame", ()), getattr(pandas, "Series", ())))


def parts_of_table(table: Any) -> list[Any]:
    """"DataFrame" or "Series", its columns by name, and the labels of its rows. A DataFrame with
    two columns of one name, one of which would be lost, is said to be no DataFrame."""
    index = [_label(each) for each in table.index.tolist()]
    if hasattr(table, "columns"):
        names = [_label(name) for name in table.columns.tolist()]
        columns = {name: _column(table.iloc[:, place]) for place, name in enumerate(names)}
        return ["DataFrame" if len(columns) == len(names) else _NAMED_TWICE, columns, index]
    return ["Series", {_label(table.name): _column(table)}, index]


def table_of(kind: str, columns: dict[Any, Any], index: list[Any]) -> Any:
    """The DataFrame or Series of these parts."""
    pandas = importlib.import_module("pandas")
    labels = None if index == list(range(len(index))) else index
    if kind == "DataFrame":
        return pandas.DataFrame(dict(columns), index=labels)
    [(name, values)] = columns.items()
    return pandas.Series(values, index=labels, name=name)


def _column(series: Any) -> Any:
    """An array where NumPy has such numbers; else a list, with None for what is missing."""
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biufc":
        return series.to_numpy(copy=True)
    return [_label(each) for each in series.tolist()]


def _label(value: Any) -> Any:
    """A time as text, and None for what is missing."""
    if isinstance(value, tuple):
        return tuple(map(_label, value))
    if isinstance(value, float) and math.isnan(value):
        return None
    if type(value).__module__.split(".")[0] == "pandas":  # which some of its releases say alone
        return None if type(value).__name__ in ("NAType", "NaTType") else str(value)
    return value
