"""Values as JSON and raw tensor bytes, and back.

Values are JSON's own null, booleans, integers, strings and finite floats, and one-key objects for
everything else: ``{"float": "nan"}``, ``{"complex": [1.0, 2.0]}``, ``{"bytes": "base64"}``, each
container by its kind, ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``,
``{"tensor": {...}}``, ``{"array": {...}}`` and ``{"scalar": {...}}`` of NumPy's,
``{"handle": 3, ...}`` for an object that stays in the worker, ``{"object": "its type"}`` for one
that cannot travel. The bytes of every tensor and array stand in the body of the frame, in the order
of mention.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from typing import Any, TypeVar

import torch

from autograder.protocol.numbers import np
from autograder.protocol.tables import table_of
from autograder.protocol.values import (
    ARRAY_DTYPES,
    DTYPES,
    ContainerKind,
    Handle,
    Opaque,
    ProtocolError,
    as_tensor,
    fold,
    is_known_array,
    kind_of,
    made,
    parts_of,
)
from autograder.sizes import MAX_TEXT

Json = Any

_DEVICES = ("cpu", "meta")
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_MAX_DEPTH = 8
_KEY_DEPTH = 3  # of tuples in a key
_MAX_ITEMS = 50_000
_MAX_INT = 1 << 1000
# Keys of dicts and members of sets whose hashes anybody can make collide, so that a table of them
# takes time by the square of their number; texts and bytes have a hash of their process's own. What
# such keys consist of counts among the items, for all of it is compared where they collide.
_MOST_ODD_KEYS = 4_000
_NO_NUMBERS = ("nan", "inf", "-inf")  # that JSON had
# Made once: to write A | B where it is asked makes a new type of them each time.
_INTEGERS, _FLOATS = (int, np.integer), (float, np.floating)
_COMPLEX = (complex, np.complexfloating)
_EVEN_KEYS = (str, bytes, bool, type(None))
_SEQUENCES = ("tuple", "list", "set", "frozenset", "slice", "frame", "iterated")


class _TooLarge(Exception):
    """A value with more levels or items, or a longer text or number, than may travel."""

    told = "a value too deep or too large"


class _NoMember(Exception):
    """A set of what is no key, tensors say, of which each is unlike every other."""

    told = "a set of what does not travel in one"


def float_form(number: float) -> Json:
    """A number as it is, or the name of what JSON has no number for."""
    return number if math.isfinite(number) else {"float": str(number)}


def complex_form(number: complex) -> Json:
    return {"complex": [float_form(number.real), float_form(number.imag)]}


def bytes_form(data: bytes) -> Json:
    return {"bytes": base64.b64encode(data).decode()}


def handle_form(handle: Handle) -> Json:
    return {"handle": handle.number, "type": handle.type}


class _OddKeys:
    """Counts keys whose hashes anybody can make collide, up to the most that there may be."""

    def __init__(self, too_many: type[Exception]) -> None:
        self._too_many = too_many
        self._left = _MOST_ODD_KEYS

    def add(self, key: object) -> None:
        if isinstance(key, _EVEN_KEYS) or (type(key) is int and abs(key) < 1 << 32):
            return
        self._left -= 1
        if self._left < 0:
            raise self._too_many(_TooLarge.told)


class Encoder:
    """Turns values into JSON, and collects the bytes of their tensors in ``body``."""

    def __init__(self, *, strided: bool) -> None:
        self._strided = strided  # keep strides and offsets: what is sent is laid out alike
        self._items = 0
        self._odd_keys = _OddKeys(_TooLarge)
        self.body: list[bytes] = []

    def encode(self, value: object) -> Json:
        """``value`` as JSON; what is too deep or too large, or holds a set of what cannot be in
        one, arrives as something opaque."""
        before = len(self.body), self._items
        try:
            return fold(value, self._leaf, self._node, self._enter)
        except (_TooLarge, _NoMember) as error:
            del self.body[before[0] :]
            self._items = before[1] + 1
            return {"object": error.told}

    def _enter(self, depth: int, items: int = 1) -> None:
        self._items += items
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise _TooLarge

    def _leaf(self, value: object) -> Json:
        if value is None or type(value) is bool:
            return value
        if type(value) is str:
            return _short(value)
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if type(value) is not int and type(value) is not float and is_known_array(value):
            return self._array(value)
        if isinstance(value, _INTEGERS):
            return int(value) if abs(int(value)) < _MAX_INT else {"object": "a number too large"}
        if isinstance(value, _FLOATS):
            return float_form(float(value))
        if isinstance(value, _COMPLEX):
            return complex_form(complex(value))
        if isinstance(value, str):
            return _short(str.__str__(value))  # the text itself, and not a name of an enumeration
        if isinstance(value, bytes):
            return bytes_form(_short(bytes(value)))
        if isinstance(value, Handle):
            return handle_form(value)
        return {"object": type_name(value)}

    def _node(self, kind: ContainerKind, parts: list[Any]) -> Json:
        if kind == "dict":
            return {kind: [[self._key(key), item] for key, item in parts]}
        if kind in ("set", "frozenset") and not all(map(_is_member, parts)):
            raise _NoMember
        return {kind: parts}

    def _key(self, key: object) -> Json:
        self._odd_keys.add(key)
        if type(key) is int:
            if abs(key) >= _MAX_INT:
                raise _TooLarge
            return key
        if type(key) is str:
            return _short(key)
        if not _is_plain_key(key):
            return repr(key)[:200]
        kind = kind_of(key)
        if kind is None:
            return self._leaf(key)
        parts = parts_of(kind, key)
        self._enter(0, len(parts))
        return {kind: [self._key(part) for part in parts]}

    def _array(self, value: Any) -> Json:
        if isinstance(value, np.generic):
            return {"scalar": self._tensor(as_tensor(value))["tensor"]}
        turned = not self._strided and value.flags.f_contiguous and not value.flags.c_contiguous
        form = self._tensor(as_tensor(value.T if turned else value))["tensor"]
        if turned:
            form |= {"shape": list(value.shape), "order": "F"}
        return {"array": form}

    def _tensor(self, tensor: torch.Tensor) -> Json:
        with torch._C.DisableTorchFunctionSubclass():
            plain = torch.Tensor.detach(tensor)
            dtype, device = _NAMES.get(plain.dtype), plain.device.type
            if plain.layout != torch.strided or dtype is None or device not in _DEVICES:
                name = str(plain.dtype).removeprefix("torch.")
                return {"object": f"{name} tensor on {device}"}
            shape = [int(n) for n in plain.shape]
            form: dict[str, Json] = {"dtype": dtype, "shape": shape}
            if device == "meta":
                return {"tensor": {**form, "device": "meta"}}
            if self._strided and plain.numel() and not (
                    plain.is_contiguous() and plain.storage_offset() == 0):
                stride, offset = [int(n) for n in plain.stride()], int(plain.storage_offset())
                form |= {"stride": stride, "offset": offset}
                extent = offset + _extent(shape, stride)
                plain = torch.as_strided(plain, (extent,), (1,), 0)
            plain = plain.resolve_conj().resolve_neg()
            if plain.dtype is torch.bfloat16:  # of which NumPy knows nothing
                plain = plain.view(torch.int16)
            self.body.append(plain.numpy().tobytes())
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
        self._odd_keys = _OddKeys(ProtocolError)
        self._strided = strided

    def decode(self, value: Json, depth: int = 0) -> Any:
        self._count(depth, _MAX_DEPTH)
        if value is None or value is True or value is False:
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
        if kind in _SEQUENCES and isinstance(content, list):
            return self._container(kind, [self.decode(item, depth + 1) for item in content])
        if kind == "dict" and isinstance(content, list):
            return made(kind, [self._pair(pair, depth + 1) for pair in content])
        if kind in ("array", "scalar"):
            return self._array(kind, content)
        if kind == "float" and content in _NO_NUMBERS:
            return float(content)
        if kind == "complex" and isinstance(content, list) and len(content) == 2:
            return complex(_float(content[0]), _float(content[1]))
        if kind == "bytes":
            return _bytes(content)
        if kind == "object":
            return Opaque(_text(content))
        raise ProtocolError("not a value")

    def _count(self, depth: int, deepest: int, items: int = 1) -> None:
        self._items += items
        if depth > deepest or self._items > _MAX_ITEMS:
            raise ProtocolError(_TooLarge.told)

    def finish(self) -> None:
        if self._at != len(self._body):
            raise ProtocolError("bytes that no tensor claims")

    def _pair(self, pair: Json, depth: int) -> tuple[Any, Any]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ProtocolError("not a key and a value")
        return self._key(pair[0]), self.decode(pair[1], depth)

    def _key(self, form: Json, depth: int = 0) -> Any:
        """A number, a text, or a tuple or frozenset of such: nothing else has keys in it."""
        if isinstance(form, dict) and len(form) == 1:
            [(kind, content)] = form.items()
            if kind in ("tuple", "frozenset") and isinstance(content, list):
                self._count(depth, _KEY_DEPTH, len(content))
                return self._hashable(
                    made(kind, [self._key(part, depth + 1) for part in content]))
            if kind in ("dict", *_SEQUENCES):
                raise ProtocolError("not a key")
        if isinstance(form, str):
            return _text(form)
        return self._hashable(form if type(form) is int else self.decode(form))

    def _container(self, kind: ContainerKind, parts: list[Any]) -> Any:
        if kind in ("set", "frozenset"):
            for member in parts:
                self._hashable(member)
        wanted = _PARTS.get(kind)
        if wanted is not None and (len(parts) != len(wanted) or not all(
                map(isinstance, parts, wanted))):
            raise ProtocolError("not a value")
        if self._strided and kind in ("frame", "iterated"):  # for students' code
            return table_of(*parts) if kind == "frame" else _given_again(*parts[1:])
        return made(kind, parts)

    def _hashable(self, key: Any) -> Any:
        if not isinstance(key, Opaque | Handle) and not _is_plain_key(key):
            raise ProtocolError("not a key")
        self._odd_keys.add(key)
        return key

    def _array(self, kind: str, form: Json) -> Any:
        if not isinstance(form, dict) or "device" in form or type(form.get("dtype")) is not str \
                or form["dtype"] not in ARRAY_DTYPES:
            raise ProtocolError("not an array")
        turned = form.get("order") == "F" and not self._strided
        if turned:
            form = {**form, "shape": _list(form.get("shape"))[::-1]}
            del form["order"]
        array = self._tensor(form).numpy()
        if kind == "scalar" and array.ndim:
            raise ProtocolError("not a scalar")
        return array[()] if kind == "scalar" else array.T if turned else array

    def _tensor(self, form: Json) -> torch.Tensor:
        if not isinstance(form, dict):
            raise ProtocolError("not a tensor")
        shape, name = [_count(size) for size in _list(form.get("shape"))], form.get("dtype")
        dtype = DTYPES.get(name) if type(name) is str else None
        if dtype is None or len(shape) > 16 or math.prod([size or 1 for size in shape]) > 1 << 40:
            raise ProtocolError("not a tensor")
        if len(form) == 2:
            return self._elements(math.prod(shape), dtype).view(shape)
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
        raise ProtocolError("not a tensor")

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


_PARTS: dict[ContainerKind, tuple[Any, ...]] = {
    "slice": (object, object, object), "frame": (str, dict, list), "iterated": (str, list, bool)}
"""Of what a container of a fixed number of parts consists."""


def _given_again(items: list[Any], ended: bool) -> Iterator[Any]:
    """An iterator in the place of one that gave these in another process."""
    yield from items
    if not ended:
        raise ValueError(f"it gives no more than {len(items)} things here")


def type_name(value: object) -> str:
    """What people call the type of something that cannot travel."""
    if isinstance(value, Opaque):
        return value.type[:200]
    if isinstance(value, np.ndarray):
        name = type(value).__name__[:100]
        return f"{name} of {value.dtype}"[:200] if type(value) is np.ndarray else name
    return type(value).__name__[:200]


def is_leaf(value: object) -> bool:
    """Whether a value that is no container can travel."""
    return isinstance(value, _LEAVES) or is_known_array(value)


_LEAVES = (type(None), torch.Tensor, str, bytes, Handle, Opaque, *_INTEGERS, *_FLOATS, *_COMPLEX)


def _is_plain_key(key: object, depth: int = 0) -> bool:
    """Whether something can be a key on both sides: a number, a text, or tuples of such."""
    kind = kind_of(key)
    if kind is None:
        return key is None or isinstance(key, bool | int | float | complex | str | bytes) \
            or (isinstance(key, np.generic) and is_known_array(key))
    return kind in ("tuple", "frozenset") and depth <= _KEY_DEPTH and all(
        _is_plain_key(part, depth + 1) for part in parts_of(kind, key))


def _is_member(form: Json, depth: int = 0) -> bool:
    """Whether a value that was encoded so can be in a set on both sides."""
    if not isinstance(form, dict):
        return True
    kind = next(iter(form))
    if kind in ("tuple", "frozenset"):
        return depth <= _KEY_DEPTH and all(_is_member(part, depth + 1) for part in form[kind])
    return kind in ("float", "complex", "bytes", "scalar") or (
        kind in ("object", "handle") and not depth)


_Short = TypeVar("_Short", str, bytes)


def _short(text: _Short) -> _Short:
    if len(text) > MAX_TEXT:
        raise _TooLarge
    return text


def _float(form: Json) -> float:
    if type(form) is float and math.isfinite(form):
        return form
    if isinstance(form, dict) and set(form) == {"float"} and form["float"] in _NO_NUMBERS:
        return float(form["float"])
    raise ProtocolError("not a number")


def _bytes(text: Json) -> bytes:
    if not isinstance(text, str) or len(text) > 4 * (MAX_TEXT // 3 + 1):
        raise ProtocolError("not bytes")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("not bytes") from None


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
