"""Values as JSON and raw tensor bytes, and back.

Values are JSON's own null, booleans, integers, strings and finite floats, and one-key objects for
everything else: ``{"float": "nan"}``, ``{"tuple": [...]}``, ``{"list": [...]}``,
``{"dict": [[key, value], ...]}``, ``{"tensor": {...}}``, ``{"handle": 3, ...}`` for an object that
stays in the worker, ``{"object": "its type"}`` for one that cannot travel. The bytes of every
tensor stand in the body of the frame, in the order of mention.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import torch

from autograder.protocol.values import (
    DTYPES,
    Handle,
    Kind,
    Opaque,
    ProtocolError,
    fold,
    made,
)
from autograder.sizes import MAX_TEXT

Json = Any

_DEVICES = ("cpu", "meta")
_MAX_DEPTH = 8
_MAX_ITEMS = 50_000
_MAX_INT = 1 << 1000


class _TooLarge(Exception):
    """A value with more levels or items, or a longer text or number, than may travel."""


def float_form(number: float) -> Json:
    """A number as it is, or the name of what JSON has no number for."""
    return number if math.isfinite(number) else {"float": str(number)}


def handle_form(handle: Handle) -> Json:
    return {"handle": handle.number, "type": handle.type}


class Encoder:
    """Turns values into JSON, and collects the bytes of their tensors in ``body``."""

    def __init__(self, *, strided: bool) -> None:
        self._strided = strided  # keep strides and offsets: what is sent is laid out alike
        self._items = 0
        self.body: list[bytes] = []

    def encode(self, value: object) -> Json:
        """``value`` as JSON; what is too deep or too large arrives as something opaque."""
        before = len(self.body), self._items
        try:
            return fold(value, self._leaf, self._node, self._enter)
        except _TooLarge:
            del self.body[before[0] :]
            self._items = before[1] + 1
            return {"object": "a value too deep or too large"}

    def _enter(self, depth: int) -> None:
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise _TooLarge

    def _leaf(self, value: object) -> Json:
        if value is None or type(value) is bool:
            return value
        if type(value) is str:
            return _short(value)
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        value = _of_pythons_own(value)
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if abs(int(value)) < _MAX_INT else {"object": "a number too large"}
        if isinstance(value, float):
            return float_form(float(value))
        if isinstance(value, str):
            return _short(str(value))
        if isinstance(value, Handle):
            return handle_form(value)
        kind = value.type if isinstance(value, Opaque) else type(value).__name__
        return {"object": kind[:200]}

    def _node(self, kind: Kind, parts: list[Any]) -> Json:
        return {kind: [[self._key(key), item] for key, item in parts] if kind == "dict" else parts}

    def _key(self, key: object) -> str | int:
        if type(key) is int:
            if abs(key) >= _MAX_INT:
                raise _TooLarge
            return key
        return _short(key) if type(key) is str else repr(key)[:200]

    def _tensor(self, tensor: torch.Tensor) -> Json:
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
            plain = torch.Tensor.detach(tensor)
            dtype = str(plain.dtype).removeprefix("torch.")
            device = plain.device.type
            if plain.layout != torch.strided or dtype not in DTYPES or device not in _DEVICES:
                return {"object": f"{dtype} tensor on {device}"}
            shape, stride = [int(n) for n in plain.shape], [int(n) for n in plain.stride()]
            form: dict[str, Json] = {"dtype": dtype, "shape": shape}
            if device == "meta":
                return {"tensor": {**form, "device": "meta"}}
            as_is = plain.is_contiguous() and plain.storage_offset() == 0
            if self._strided and plain.numel() and not as_is:
                offset = int(plain.storage_offset())
                form |= {"stride": stride, "offset": offset}
                extent = offset + _extent(shape, stride)
                plain = torch.as_strided(plain, (extent,), (1,), 0)
            plain = plain.resolve_conj().resolve_neg()
            # A copy: a one-element tensor counts as contiguous whatever its stride.
            flat = plain.clone(memory_format=torch.contiguous_format).reshape(-1)
            self.body.append(flat.view(torch.uint8).numpy().tobytes())
            return {"tensor": form}


class Decoder:
    """Turns JSON and a body back into values.

    It is a walk of its own, and not ``fold``: what it walks over is no value yet, and each step
    is taken only after the one before it has been found to be what it must be.

    Raises:
        ProtocolError: from ``decode`` and ``finish`` for anything that ``Encoder`` cannot have
            made.
    """

    def __init__(self, body: memoryview, *, strided: bool) -> None:
        self._body = body
        self._at = 0
        self._items = 0
        self._strided = strided

    def decode(self, value: Json, depth: int = 0) -> Any:
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise ProtocolError("a value too deep or too large")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):  # no larger than floats can follow
            return value if abs(value) < _MAX_INT else Opaque("a number too large")
        if isinstance(value, float):
            if not math.isfinite(value):
                raise ProtocolError("a bare non-finite number")
            return value
        if isinstance(value, str):
            return _text(value)
        if not isinstance(value, dict) or not value:
            raise ProtocolError("not a value")
        kind, content = next(iter(value.items()))
        if kind == "handle" and set(value) == {"handle", "type"}:
            return Handle(_count(content), _text(value["type"]))
        if len(value) != 1:
            raise ProtocolError("not a value")
        if kind == "tensor":
            return self._tensor(content)
        if kind in ("tuple", "list") and isinstance(content, list):
            return made(kind, [self.decode(item, depth + 1) for item in content])
        if kind == "dict" and isinstance(content, list):
            return made(kind, [self._pair(pair, depth + 1) for pair in content])
        if kind == "float" and content in ("nan", "inf", "-inf"):
            return float(content)
        if kind == "object":
            return Opaque(_text(content))
        raise ProtocolError("not a value")

    def finish(self) -> None:
        if self._at != len(self._body):
            raise ProtocolError("bytes that no tensor claims")

    def _pair(self, pair: Json, depth: int) -> tuple[str | int, Any]:
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) not in (str, int):
            raise ProtocolError("not a key and a value")
        key = _text(pair[0]) if isinstance(pair[0], str) else pair[0]
        return key, self.decode(pair[1], depth)

    def _tensor(self, form: Json) -> torch.Tensor:
        if not isinstance(form, dict):
            raise ProtocolError("not a tensor")
        shape = [_count(size) for size in _list(form.get("shape"))]
        dtype = DTYPES.get(_text(form.get("dtype")))
        if dtype is None or len(shape) > 16 or math.prod(max(s, 1) for s in shape) > 1 << 40:
            raise ProtocolError("not a tensor")
        keys = set(form) - {"dtype", "shape"}
        if keys == {"device"} and form["device"] == "meta":
            return torch.empty(shape, dtype=dtype, device="meta")
        if keys == {"stride", "offset"} and self._strided:
            stride = [_count(step) for step in _list(form["stride"])]
            offset = _count(form["offset"])
            if len(stride) != len(shape):
                raise ProtocolError("not a tensor")
            flat = self._elements(offset + _extent(shape, stride), dtype)
            return torch.as_strided(flat, shape, stride, offset)
        if keys:
            raise ProtocolError("not a tensor")
        return self._elements(math.prod(shape), dtype).reshape(shape)

    def _elements(self, count: int, dtype: torch.dtype) -> torch.Tensor:
        size = count * dtype.itemsize
        if size > len(self._body) - self._at:
            raise ProtocolError("a tensor larger than its bytes")
        if not count:
            return torch.empty(0, dtype=dtype)
        data = bytearray(self._body[self._at : self._at + size])
        self._at += size
        if dtype is torch.bool:  # any byte but 0 and 1 would be undefined behaviour in torch
            return torch.frombuffer(data, dtype=torch.uint8) != 0
        return torch.frombuffer(data, dtype=dtype)


def _of_pythons_own(value: object) -> object:
    """A number of numpy's as one of Python's. Where numpy is not loaded, there is none."""
    if (numpy := sys.modules.get("numpy")) is not None:
        for kind, plain in ((numpy.bool_, bool), (numpy.integer, int), (numpy.floating, float)):
            if isinstance(value, kind):
                return plain(value)
    return value


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise _TooLarge
    return text


def _extent(shape: list[int], stride: list[int]) -> int:
    """Elements between a tensor's first and last, both counted."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def _count(value: Json) -> int:
    if type(value) is not int or not 0 <= value < 1 << 40:
        raise ProtocolError("not a count")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise ProtocolError("not a list")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ProtocolError("not a text")
    return value.encode("utf-8", "replace").decode()  # JSON can spell lone surrogates
