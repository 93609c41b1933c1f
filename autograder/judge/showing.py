"""Answers and arguments as people may look at them: short, whatever they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from autograder.protocol import ContainerKind, Frame, Handle, Iterated, Opaque, kind_of
from autograder.protocol.values import as_tensor, is_known_array, parts_of
from autograder.result import Array, Shown

_SHOWN_ELEMENTS = 256
_SHOWN_TEXT = 500
_SHOWN_TYPE = 200  # characters of a class's name, which is the student's to choose
_BRACKETS: dict[ContainerKind, tuple[str, str]] = {
    "list": ("[", "]"), "tuple": ("(", ")"), "dict": ("{", "}"), "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"), "slice": ("slice(", ")")}
_IN_ORDER = ("list", "tuple", "dict")
_SHOWN_KEY = 60
_EMPTY: dict[ContainerKind, str] = {"set": "set()", "frozenset": "frozenset()"}


def describe_type(value: Any) -> str:
    """The name of an answer's type, as a student would call it."""
    if isinstance(value, Opaque | Handle):
        return value.type[:_SHOWN_TYPE]
    if isinstance(value, torch.Tensor):
        return "Tensor"
    if isinstance(value, Frame | Iterated):
        return value.type[:_SHOWN_TYPE]
    return "None" if value is None else type(value).__name__


def show(value: Any) -> Shown:
    """``value`` as it may be put before people."""
    is_numpy = isinstance(value, np.ndarray) and is_known_array(value)
    if is_numpy:
        value = as_tensor(value)
    if isinstance(value, torch.Tensor):
        values: list[float | int | bool | None] | None = None
        if not value.is_meta and value.numel() <= _SHOWN_ELEMENTS and not value.is_complex():
            flat = value.detach().reshape(-1).tolist()
            values = [n if math.isfinite(n) else None for n in flat]
        return Array(library="numpy" if is_numpy else "torch", shape=list(value.shape),
                     dtype=dtype_name(value), values=values)
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > _SHOWN_TEXT:
            return text[:_SHOWN_TEXT] + "…"
    return text


def show_text(value: Any) -> Shown:
    """What is printed as it is printed, and not as a text in quotes; whatever else was told."""
    if not isinstance(value, str):
        return show(value)
    return value if len(value) <= _SHOWN_TEXT else value[:_SHOWN_TEXT] + "…"


def _pieces(value: Any) -> Iterator[str]:
    """``repr(value)`` from its beginning: most of a long answer is never looked at."""
    kind = kind_of(value)
    if kind is None:
        yield _shown_leaf(value)
        return
    if kind in ("frame", "iterated"):
        name, *parts = parts_of(kind, value)
        yield f"{name}("
        yield from _pieces(parts[0])
        yield ")" if kind == "frame" or parts[1] else ", …)"
        return
    if kind in _EMPTY and not value:
        yield _EMPTY[kind]
        return
    opened, closed = _BRACKETS[kind]
    yield opened
    for number, part in enumerate(value if kind in _IN_ORDER else parts_of(kind, value)):
        if number:
            yield ", "
        if kind == "dict":
            yield from _pieces(part)
            yield ": "
        yield from _pieces(value[part] if kind == "dict" else part)
    yield f",{closed}" if kind == "tuple" and len(value) == 1 else closed


def _shown_leaf(value: Any) -> str:
    if isinstance(value, Opaque | Handle):
        return f"<{describe_type(value)}>"
    if isinstance(value, torch.Tensor) and (value.is_meta or value.numel() > _SHOWN_ELEMENTS):
        return f"tensor(shape={tuple(value.shape)}, dtype={dtype_name(value)})"
    if isinstance(value, np.ndarray) and value.size > _SHOWN_ELEMENTS:
        return f"array(shape={value.shape}, dtype={value.dtype})"
    return repr(value[:_SHOWN_TEXT + 1] if isinstance(value, str | bytes) else value)


def show_key(key: Any) -> str:
    """A key of a dict or a member of a set, as Python writes it."""
    text = "".join(_pieces(key))
    return text if len(text) <= _SHOWN_KEY else text[:_SHOWN_KEY] + "…"


def dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
