"""Values as JSON that a file can keep. Numbers are so written that reading them gives the same
numbers."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.judge.staff import JudgeError
from autograder.judge.tolerance import Within
from autograder.protocol import Handle, Opaque, fold
from autograder.protocol.coding import bytes_form, complex_form, float_form, handle_form
from autograder.protocol.values import ContainerKind, as_tensor, is_known_array, made


def encode(value: Any, tensor: Callable[[torch.Tensor], Any] | None = None) -> Any:
    """``value``, an argument or answer, as JSON. ``tensor`` says another way to write tensors."""
    return fold(value, functools.partial(_leaf, tensor=tensor or _whole), _node)


def _leaf(value: Any, tensor: Callable[[torch.Tensor], Any]) -> Any:
    match value:
        case torch.Tensor():
            return tensor(value)
        case float() if not isinstance(value, np.generic):
            return float_form(value)
        case None | bool() | str():
            return value
        case np.ndarray() | np.generic() if is_known_array(value):
            kind = "array" if isinstance(value, np.ndarray) else "scalar"
            return {kind: tensor(as_tensor(value))}
        case int():
            return value
        case complex():
            return complex_form(value)
        case bytes():
            return bytes_form(value)
        case Within():
            return {"within": [value.rtol, value.atol]}
        case Handle():
            return handle_form(value)
        case Opaque():
            return {"opaque": value.type}
    of = f" of {value.dtype}" if isinstance(value, np.ndarray | np.generic) else ""
    raise JudgeError("a visible check cannot be recorded: a value of this type cannot be compared: "
                     f"{type(value).__name__}{of}")


def _node(kind: ContainerKind, parts: list[Any]) -> Any:
    if kind == "dict":
        parts = [[encode(key), item] for key, item in parts]
    return parts if kind == "list" else {kind: parts}


def decode(form: Any) -> Any:
    """What was encoded."""
    match form:
        case list():
            return made("list", [decode(item) for item in form])
        case {"tensor": values, "shape": shape, "dtype": name}:
            return _tensor(values, shape, getattr(torch, name))
        case {"float": text}:
            return float(text)
        case {"tuple": items}:
            return made("tuple", [decode(item) for item in items])
        case {"dict": items}:
            return made("dict", [(decode(key), decode(item)) for key, item in items])
        case {"set": items} | {"frozenset": items} | {"slice": items} | {"frame": items} \
                | {"iterated": items}:
            [kind] = form
            return made(kind, [decode(item) for item in items])
        case {"array": array}:
            return decode(array).numpy()
        case {"scalar": array}:
            return decode(array).numpy()[()]
        case {"complex": [real, imaginary]}:
            return complex(decode(real), decode(imaginary))
        case {"bytes": text}:
            return base64.b64decode(text)
        case {"within": [rtol, atol]}:
            return Within(rtol, atol)
        case {"handle": number, "type": name}:
            return Handle(number, name)
        case {"opaque": name}:
            return Opaque(name)
    return form


def _whole(tensor: torch.Tensor) -> Any:
    """All elements, one for all where they are the same; none of a tensor on the meta device."""
    values = None
    if not tensor.is_meta:
        real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
        values = [encode(number) for number in real.reshape(-1).tolist()]
        if len(values) > 1 and not tensor.is_complex() \
                and all(value == values[0] for value in values):
            values = values[:1]
    return outline(tensor) | {"tensor": values}


def _tensor(values: list[Any] | None, shape: list[int], dtype: torch.dtype) -> torch.Tensor:
    if values is None:
        return torch.empty(shape, dtype=dtype, device="meta")
    numbers = [decode(number) for number in values]
    if dtype.is_complex:
        pairs = torch.tensor(numbers, dtype=torch.float64).reshape(*shape, 2)
        return torch.view_as_complex(pairs).to(dtype)
    flat = torch.tensor(numbers, dtype=dtype)
    return flat[0].expand(shape).clone() if len(numbers) == 1 else flat.reshape(shape)


def outline(tensor: torch.Tensor) -> dict[str, Any]:
    """All of a tensor but its numbers."""
    return {"tensor": str(tensor.device.type), "shape": list(tensor.shape),
            "dtype": str(tensor.dtype).removeprefix("torch.")}
