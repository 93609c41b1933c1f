"""The wire between judge and worker: length-prefixed frames of JSON and raw tensor bytes.

A frame is ``<II`` (length of the header, length of the body), the header as a JSON object, and
the body: the bytes of every tensor the header mentions, in the order of mention. Nothing is
pickled or evaluated, and a reader believes no length, shape or type before it has checked it.

Values are JSON's own null, booleans, integers, strings and finite floats, and one-key objects for
everything else: ``{"float": "nan"}``, ``{"tuple": [...]}``, ``{"list": [...]}``,
``{"dict": [[key, value], ...]}``, ``{"tensor": {...}}``, ``{"handle": 3, ...}`` for an object that
stays in the worker, ``{"object": "its type"}`` for one that cannot travel.
"""

from __future__ import annotations

import json
import math
import os
import select
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

Json = Any

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64,
        torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool,
        torch.complex64, torch.complex128,
    )
}
DEVICES = ("cpu", "meta")
MAX_HEADER = 1 << 20
_MAX_DEPTH = 8
_MAX_ITEMS = 50_000
_MAX_TEXT = 100_000
_MAX_INT = 1 << 1000
_PREFIX = struct.Struct("<II")

FREEZE, THAW = b"f", b"t"
"""Orders to a supervisor, which answers each by the ``USAGE`` of its frozen worker."""
USAGE = struct.Struct("=xQQ")  # a zero, and nanoseconds: CPU time, and waiting for a core


class ProtocolError(Exception):
    """The other side did not send what the protocol allows."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the worker; ``type`` is the name of its class there."""

    number: int
    type: str = "object"


@dataclass(frozen=True)
class Opaque:
    """An answer that cannot travel; only the name of its type is known."""

    type: str


# ---------------------------------------------------------------- values


class _TooLarge(Exception):
    """A value with more levels or items than may travel."""


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
            return self._encode(value, 0)
        except _TooLarge:
            del self.body[before[0] :]
            self._items = before[1] + 1
            return {"object": "a value too deep or too large"}

    def _encode(self, value: object, depth: int) -> Json:
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise _TooLarge
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, bool | np.bool_):
            return bool(value)
        if isinstance(value, int | np.integer):
            return int(value)
        if isinstance(value, float | np.floating):
            number = float(value)
            return number if math.isfinite(number) else {"float": str(number)}
        if isinstance(value, str):
            return str(value)
        if isinstance(value, tuple):
            return {"tuple": [self._encode(item, depth + 1) for item in value]}
        if isinstance(value, list):
            return {"list": [self._encode(item, depth + 1) for item in value]}
        if isinstance(value, Mapping):
            pairs = [[self._key(key), self._encode(item, depth + 1)] for key, item in value.items()]
            return {"dict": pairs}
        if isinstance(value, Handle):
            return {"handle": value.number, "type": value.type}
        kind = value.type if isinstance(value, Opaque) else type(value).__name__
        return {"object": kind[:200]}

    def _key(self, key: object) -> str | int:
        return key if type(key) in (str, int) else repr(key)[:200]  # type: ignore[return-value]

    def _tensor(self, tensor: torch.Tensor) -> Json:
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
            plain = torch.Tensor.detach(tensor)
            dtype = str(plain.dtype).removeprefix("torch.")
            device = plain.device.type
            if plain.layout != torch.strided or dtype not in DTYPES or device not in DEVICES:
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


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy of ``tensor``: what an answer is judged by."""
    with torch._C.DisableTorchFunctionSubclass():
        return torch.Tensor.detach(tensor).clone(memory_format=torch.contiguous_format)


class Decoder:
    """Turns JSON and a body back into values.

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
            items = [self.decode(item, depth + 1) for item in content]
            return tuple(items) if kind == "tuple" else items
        if kind == "dict" and isinstance(content, list):
            return dict(self._pair(pair, depth + 1) for pair in content)
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
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ProtocolError("not a text")
    return value.encode("utf-8", "replace").decode()  # JSON can spell lone surrogates


# ---------------------------------------------------------------- frames


class Timeout(Exception):
    """The deadline passed before the frame was through."""


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """Frames over one non-blocking stream socket, each within a deadline."""

    def __init__(self, descriptor: int, *, max_body: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._max_body = max_body

    def send(self, header: Json, body: list[bytes], deadline: float | None = None) -> None:
        """Send one frame.

        Raises:
            Timeout: the other side did not read it by ``deadline`` (``time.monotonic``).
            Closed: the other side is gone.
            ProtocolError: the frame is larger than frames may be.
        """
        text = json.dumps(header, separators=(",", ":")).encode()
        size = sum(map(len, body))
        if len(text) > MAX_HEADER or size > self._max_body:
            raise ProtocolError("a frame larger than allowed")
        rest = memoryview(b"".join([_PREFIX.pack(len(text), size), text, *body]))
        while rest:
            try:
                rest = rest[os.write(self.descriptor, rest) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError:
                raise Closed from None

    def receive(self, deadline: float | None = None) -> tuple[dict[str, Json], memoryview]:
        """The next frame's header and body. Raises like ``send``."""
        header_size, body_size = _PREFIX.unpack(self._read(_PREFIX.size, deadline))
        if header_size > MAX_HEADER or body_size > self._max_body:
            raise ProtocolError("a frame larger than allowed")
        text = self._read(header_size, deadline)
        body = self._read(body_size, deadline)
        try:
            header = json.loads(bytes(text))
        except (ValueError, RecursionError):
            raise ProtocolError("a header that is not JSON") from None
        if not isinstance(header, dict):
            raise ProtocolError("a header that is not an object")
        return header, body

    def check_idle(self, deadline: float) -> None:
        """Nothing may have arrived that was not asked for.

        Raises:
            Closed: the other end has closed.
            ProtocolError: something has arrived.
        """
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        if poll.poll(0):
            self._read(1, deadline)
            raise ProtocolError("it spoke without being asked")

    def _read(self, size: int, deadline: float | None) -> memoryview:
        buffer = memoryview(bytearray(size))
        filled = 0
        while filled < size:
            try:
                count = os.readv(self.descriptor, [buffer[filled:]])
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError:
                raise Closed from None
            if not count:
                raise Closed
            filled += count
        return buffer

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self.descriptor, event)
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        if not poll.poll(left):
            raise Timeout
