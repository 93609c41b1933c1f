"""The wire: what goes through arrives as it was; what nobody honest can have sent is refused.

``Decoder`` and ``Channel`` read bytes that hostile code wrote. Whatever those are, the reader
answers within its deadline and its memory, by a value or by one of three exceptions.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import socket
import struct
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from itertools import count
from typing import Any

import numpy as np
import pandas
import pytest
import torch
from fuzzing import fuzzed
from hypothesis import example, given
from hypothesis import strategies as st

from autograder import protocol
from autograder.protocol import (
    Channel,
    Closed,
    Decoder,
    Encoder,
    Frame,
    Handle,
    Iterated,
    Opaque,
    ProtocolError,
)
from autograder.protocol.values import ARRAY_DTYPES

MAX_BODY = 1 << 16
REAL = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
WHOLE = [torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool]
COMPLEX = [torch.complex64, torch.complex128]


def sent(value: object, *, strided: bool = False) -> Any:
    """``value`` after a journey through JSON and bytes."""
    encoder = Encoder(strided=strided)
    form = json.loads(json.dumps(encoder.encode(value)))
    decoder = Decoder(memoryview(b"".join(encoder.body)), strided=strided)
    decoded = decoder.decode(form)
    decoder.finish()
    return decoded


def decoded(form: object, body: bytes = b"", *, strided: bool = False) -> Any:
    decoder = Decoder(memoryview(body), strided=strided)
    value = decoder.decode(form)
    decoder.finish()
    return value


def parts(piece: slice) -> list[Any]:
    return [piece.start, piece.stop, piece.step]


def alike(one: Any, other: Any) -> bool:
    """Equal, with types and NaN, through all levels."""
    if isinstance(one, torch.Tensor):
        return (isinstance(other, torch.Tensor) and one.dtype == other.dtype
                and one.shape == other.shape and one.device == other.device
                and (one.is_meta or torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)))
    if isinstance(one, np.ndarray | np.generic):
        return type(other) is type(one) and one.dtype == other.dtype and one.shape == other.shape \
            and one.flags.f_contiguous == other.flags.f_contiguous \
            and bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    if isinstance(one, complex):
        return type(other) is complex and alike([one.real, one.imag], [other.real, other.imag])
    if isinstance(one, set | frozenset):
        return type(one) is type(other) and len(one) == len(other) and repr(
            sorted(one, key=repr)) == repr(sorted(other, key=repr))
    if isinstance(one, slice):
        return type(other) is slice and all(map(alike, parts(one), parts(other)))
    if isinstance(one, float):
        return type(other) is float and ((math.isnan(one) and math.isnan(other))  # of either sign
                                         or struct.pack("d", one) == struct.pack("d", other))
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) \
            and all(map(alike, one, other))
    if isinstance(one, dict):
        return type(other) is dict and list(one) == list(other) \
            and all(map(alike, one.values(), other.values()))
    return type(one) is type(other) and bool(one == other)


# ---------------------------------------------------------------- values arrive as they were

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """A tensor of any dtype and layout: sliced, transposed, expanded, empty, without axes, meta."""
    dtype = draw(st.sampled_from(REAL + WHOLE + COMPLEX))
    shape = draw(shapes)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    numbers = torch.randint(-90, 91, shape, generator=generator) / (4 if dtype in REAL else 1)
    tensor = numbers.abs().to(dtype) if dtype is torch.uint8 else numbers.to(dtype)
    for axis in range(tensor.dim()):
        start, step = draw(st.integers(0, 2)), draw(st.integers(1, 2))
        tensor = tensor[(slice(None),) * axis + (slice(start, None, step),)]
    if draw(st.booleans()):
        tensor = tensor.permute(draw(st.permutations(range(tensor.dim()))))
    if draw(st.booleans()):
        tensor = tensor.unsqueeze(0).expand(3, *tensor.shape)
    if not tensor.numel():
        tensor = tensor.clone()  # see test_an_empty_view_past_the_end_of_its_memory_is_sent
    return tensor.to("meta") if draw(st.integers(0, 9)) == 0 else tensor


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """An array or a scalar of NumPy's, of any dtype that travels, in either order."""
    dtype = draw(st.sampled_from(sorted(ARRAY_DTYPES)))
    numbers = np.arange(math.prod(shape := draw(shapes))) % 90
    array = numbers.astype(dtype).reshape(shape, order=draw(st.sampled_from("CF")))
    return array.astype(dtype)[()] if draw(st.booleans()) and not shape else array


numbers = st.floats() | st.complex_numbers() | st.integers(-(2**70), 2**70)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
simple_keys = texts | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False) \
    | st.binary(max_size=4)
keys_of_dicts = st.recursive(
    simple_keys, lambda inner: st.lists(inner, max_size=2).map(tuple), max_leaves=3)
slices = st.builds(slice, st.integers() | st.none(), st.integers() | st.none(), st.none())
values = st.recursive(
    st.none() | st.booleans() | numbers | texts | st.binary(max_size=20) | tensors() | arrays()
    | slices | st.sets(keys_of_dicts, max_size=4) | st.frozensets(keys_of_dicts, max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(keys_of_dicts, inner, max_size=4),
    max_leaves=8,
)


@fuzzed(150)
@given(values)
@example((math.nan, math.inf, -math.inf, -0.0, 5e-324))
@example([torch.tensor([math.nan, math.inf, -0.0])])
@example({"": [], 1: (), "1": {}})
def test_any_value_arrives_as_it_was_sent(value: Any) -> None:
    assert alike(value, sent(value))
    assert alike(value, sent(value, strided=True))


@fuzzed(150)
@given(tensors())
@example(torch.arange(12.0).reshape(3, 4).t())
@example(torch.arange(12.0).reshape(3, 4)[1:, 1:3])
@example(torch.arange(3.0).expand(4, 3))
@example(torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last))
@example(torch.arange(12.0)[5:5])
@example(torch.tensor(3.0))
@example(torch.arange(8)[3])
def test_the_judges_tensors_keep_their_layout(tensor: torch.Tensor) -> None:
    """Students' code must meet non-contiguous inputs. (An axis of one element has no stride to
    speak of, and neither has a meta tensor, which has no memory.)"""
    arrived = sent(tensor, strided=True)
    assert alike(tensor, arrived)
    if not tensor.is_meta and tensor.numel():
        assert [stride for stride, size in zip(arrived.stride(), arrived.shape, strict=True)
                if size > 1] == [stride for stride, size
                                 in zip(tensor.stride(), tensor.shape, strict=True) if size > 1]


def test_an_empty_view_past_the_end_of_its_memory_is_sent() -> None:
    assert alike(torch.ones(0, 1), sent(torch.ones(0, 2)[:, 1:], strided=True))


@fuzzed(150)
@given(tensors())
def test_answers_arrive_contiguous(tensor: torch.Tensor) -> None:
    assert sent(tensor).is_contiguous()


def test_what_arrives_shares_no_memory_with_the_frame() -> None:
    body = bytearray(torch.ones(4).numpy().tobytes())
    tensor = decoded({"tensor": {"dtype": "float32", "shape": [4]}}, bytes(body))
    tensor.zero_()
    assert bytes(body) == torch.ones(4).numpy().tobytes()


def test_subclasses_and_parameters_are_flattened_to_plain_tensors() -> None:
    class Liar(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *arguments: Any, **keywords: Any) -> Any:
            raise AssertionError("asked")

    weight = torch.nn.Parameter(torch.ones(2, 2))
    for tensor in (torch.ones(2, 2).as_subclass(Liar), weight, weight * 2 / 2):
        arrived = sent(tensor)
        assert type(arrived) is torch.Tensor
        assert not arrived.requires_grad
        assert arrived.equal(torch.ones(2, 2))


def test_what_cannot_travel_arrives_as_the_name_of_its_type() -> None:
    assert sent(object()) == Opaque("object")
    assert sent([range(3), torch.ones(2).to_sparse()]) == [
        Opaque("range"), Opaque("float32 tensor on cpu")]
    assert sent(Handle(3, "Conv2D")) == Handle(3, "Conv2D")
    assert sent([np.array([None]), np.array(["a"]), np.zeros(2, "i4,f8"), np.ma.ones(2),
                 np.datetime64(0, "s")]) == list(map(Opaque, [
                     "ndarray of object", "ndarray of <U1",
                     "ndarray of [('f0', '<i4'), ('f1', '<f8')]", "MaskedArray", "datetime64"]))
    assert sent({range(2): 1, ((((((),),),),),): 2}) == {
        "range(0, 2)": 1, "((((((),),),),),)": 2}


@pytest.mark.parametrize("array", [
    np.arange(6.0)[::-1], np.arange(12.0).reshape(3, 4)[:, ::2], np.arange(4).astype(">i4"),
    np.broadcast_to(np.float32(1), (2, 3)), np.zeros((0, 3)), np.asfortranarray(np.eye(2, 3))])
def test_arrays_of_every_layout_arrive(array: Any) -> None:
    for strided in (True, False):
        arrived = sent(array, strided=strided)
        assert np.array_equal(arrived, array) and arrived.dtype == array.dtype.newbyteorder("=")
        arrived += 1  # and are their reader's own


def test_the_judges_arrays_keep_their_layout() -> None:
    view = np.arange(24.0).reshape(4, 6).T[1::2]
    assert sent(view, strided=True).strides == view.strides


def test_what_an_iterator_gave_and_tables_arrive() -> None:
    given_ = [Iterated("generator", [1, "a"], False), Frame("Series", {"a": np.ones(2)}, [0, "x"])]
    first, second = sent(given_)
    assert first == given_[0]
    assert (second.type, second.index) == ("Series", [0, "x"])
    assert second.columns["a"].tolist() == [1, 1]


def test_a_table_is_one_again_where_students_code_runs() -> None:
    frame_ = pandas.DataFrame({"n": [1, 2], "name": ["a", None]}, index=["x", "y"])
    told = sent([frame_, frame_["n"]])
    assert told[0].columns["n"].tolist() == [1, 2] and told[0].columns["name"] == ["a", None]
    assert told[0].index == ["x", "y"] and told[1].type == "Series"
    again, series = sent([frame_, frame_["n"]], strided=True)
    pandas.testing.assert_frame_equal(again, frame_)
    pandas.testing.assert_series_equal(series, frame_["n"])


def test_an_iterator_is_one_again_where_students_code_runs() -> None:
    all_of_it, endless = sent([Iterated("map", [1, "a"], True), Iterated("count", [0, 1], False)],
                              strided=True)
    assert list(all_of_it) == [1, "a"] and list(all_of_it) == []
    assert [next(endless), next(endless)] == [0, 1]
    with pytest.raises(ValueError, match="no more than 2 things"):
        next(endless)


def test_times_and_what_is_missing_arrive_as_texts_and_none() -> None:
    times = pandas.to_datetime(["2020-01-31", None])
    table = pandas.DataFrame({"time": times, "span": times - times[0]}, index=times)
    told = sent([table, table["time"]])
    assert told[0].columns == {"time": ["2020-01-31 00:00:00", None],
                               "span": ["0 days 00:00:00", None]}
    assert told[0].index == told[1].columns["time"] == ["2020-01-31 00:00:00", None]


def test_columns_of_one_name_are_not_taken_for_one() -> None:
    twice = pandas.DataFrame([[9, 1]], columns=["a", "a"])
    assert sent(twice).columns.keys() == sent(pandas.DataFrame({"a": [1]})).columns.keys()
    assert sent(twice).type == "DataFrame with two columns of one name"


Named = Enum("Named", {"ONE": "one"}, type=str)


def test_a_text_that_has_a_name_is_the_text() -> None:
    assert sent([Named.ONE, {Named.ONE: Named.ONE}]) == ["one", {"one": "one"}]


@pytest.mark.parametrize("member", [
    torch.ones(()), (1, (torch.ones(1),)), frozenset([torch.ones(2)]), (1, object())], ids=range(4))
def test_a_set_of_what_is_no_key_is_told_as_one(member: Any) -> None:
    """It says so, and does not end the worker that answers it."""
    assert sent([{member, 1}, 2]) == Opaque("a set of what does not travel in one")
    assert len(sent({object(), (1, ("a", None)), frozenset([2.5]), np.float32(1)})) == 4


def test_keys_that_collide_do_not_take_the_readers_time() -> None:
    """Whoever knows the table of a dict can make every lookup a walk over all keys."""
    few = {"dict": [[{"tuple": [n, 0]}, 0] for n in range(3_000)]}
    assert len(decoded(few)) == 3_000
    for form in ({"dict": [[{"tuple": [n, 0]}, 0] for n in range(5_000)]},
                 {"set": [(1 << 61) * n for n in range(5_000)]},
                 {"dict": [[(1 << 61) * n, 0] for n in range(5_000)]},
                 {"dict": [[{"tuple": [*range(1_000), n]}, 0] for n in range(60)]},
                 {"dict": [[{"tuple": [{"frozenset": [*range(30_000)]}] * 2}, 0]]}):
        with pytest.raises(ProtocolError, match="too deep or too large"):
            decoded(form)
    assert sent({(n, 0): 0 for n in range(5_000)}) == Opaque("a value too deep or too large")
    assert sent({(*range(1_000), n): 0 for n in range(60)}) == Opaque(
        "a value too deep or too large")
    assert len(sent({(*range(10), n): 0 for n in range(3_000)})) == 3_000
    assert len(sent({str(n): n for n in range(20_000)} | {n: n for n in range(20_000)})) == 40_000


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(50), [0] * 60_000], ids=["deep", "long"])
def test_a_value_too_deep_or_too_long_arrives_as_one_that_cannot_travel(value: object) -> None:
    assert "a value too deep or too large" in repr(sent(value))


def test_lone_surrogates_do_not_pass() -> None:
    """JSON can spell half a character, and nothing after the wire could write it to a file."""
    assert decoded("\ud800") == "?"
    assert decoded({"object": "\udfff"}) == Opaque("?")


def test_lone_surrogates_do_not_pass_as_keys() -> None:
    [key] = decoded({"dict": [["\ud800", 1]]})
    key.encode()


def test_a_number_from_the_wire_can_be_computed_with() -> None:
    with suppress(ProtocolError):
        value = decoded(10**400)
        assert isinstance(value, Opaque) or math.isfinite(0.5 * value)


# ---------------------------------------------------------------- hostile values


def tensor_form(**fields: object) -> dict[str, object]:
    return {"tensor": {"dtype": "float32", "shape": [2]} | fields}


def array_form(**fields: object) -> dict[str, object]:
    return {"array": {"dtype": "float32", "shape": [2]} | fields}


def nested_key(levels: int) -> object:
    return {"tuple": [nested_key(levels - 1)]} if levels else 0


FLOATS = torch.ones(2).numpy().tobytes()
UNHEARD_OF: list[tuple[str, object, bytes]] = [
    ("fewer bytes than the shape says", tensor_form(shape=[3]), FLOATS),
    ("more bytes than the shape says", tensor_form(shape=[1]), FLOATS),
    ("bytes and no tensor", 5, FLOATS),
    ("a tensor and no bytes", tensor_form(), b""),
    ("half an element", tensor_form(), FLOATS[:-1]),
    ("a negative size", tensor_form(shape=[-2]), FLOATS),
    ("two negative sizes", tensor_form(shape=[-1, -2]), FLOATS),
    ("a size of True", tensor_form(shape=[True, 2]), FLOATS),
    ("a size of 2.0", tensor_form(shape=[2.0]), FLOATS),
    ("a size of NaN", tensor_form(shape=[math.nan]), FLOATS),
    ("a size beyond 2**63", tensor_form(shape=[2**70]), b""),
    ("sizes whose product wraps around to 2", tensor_form(shape=[2**63, 2, 2]), FLOATS),
    ("a huge tensor without elements", tensor_form(shape=[0, 2**39, 2**39]), b""),
    ("a huge tensor without memory", tensor_form(shape=[2**39, 2**39], device="meta"), b""),
    ("a tensor of 17 axes", tensor_form(shape=[1] * 17), FLOATS[:4]),
    ("a shape that is a number", tensor_form(shape=2), FLOATS),
    ("no shape", {"tensor": {"dtype": "float32"}}, FLOATS),
    ("an unknown dtype", tensor_form(dtype="float31"), FLOATS),
    ("a dtype that is an attribute", tensor_form(dtype="nn"), FLOATS),
    ("a dtype that is a list", tensor_form(dtype=["float32"]), FLOATS),
    ("a device", tensor_form(device="cuda"), FLOATS),
    ("an unknown key", tensor_form(requires_grad=True), FLOATS),
    ("strides where none may be", tensor_form(stride=[1], offset=0), FLOATS),
    ("a tensor that is a list", {"tensor": [2]}, FLOATS),
    ("a bare NaN", math.nan, b""), ("a bare infinity", -math.inf, b""),
    ("a spelled float that is none", {"float": "1e5"}, b""), ("an odd float", {"float": []}, b""),
    ("a bare list", [1, 2], b""), ("an empty object", {}, b""),
    ("two kinds at once", {"tuple": [], "list": []}, b""), ("an unknown kind", {"deque": []}, b""),
    ("a tuple of a dict", {"tuple": {"a": 1}}, b""), ("a list of text", {"list": "ab"}, b""),
    ("a pair of one", {"dict": [[1]]}, b""), ("a key that is a list", {"dict": [[[], 1]]}, b""),
    ("a key that is an array", {"dict": [[array_form(), 1]]}, FLOATS),
    ("a key that is a dict", {"dict": [[{"dict": []}, 1]]}, b""),
    ("a key of a tuple of lists", {"dict": [[{"tuple": [{"list": []}]}, 1]]}, b""),
    ("a key without an end", {"dict": [[nested_key(9), 1]]}, b""),
    ("a member that is a list", {"set": [{"list": []}]}, b""),
    ("a member that is a tensor", {"set": [tensor_form()]}, FLOATS),
    ("a slice of two", {"slice": [1, 2]}, b""),
    ("a table without columns", {"frame": ["DataFrame", {"list": []}, {"list": []}]}, b""),
    ("a table of one part", {"frame": ["DataFrame"]}, b""),
    ("an iterator that ended 1", {"iterated": ["map", {"list": []}, 1]}, b""),
    ("a number of one part", {"complex": [1.0]}, b""),
    ("a number of whole parts", {"complex": [1, 2]}, b""),
    ("a number of texts", {"complex": ["1", "2"]}, b""),
    ("bytes that are no base64", {"bytes": "a"}, b""),
    ("bytes that are a list", {"bytes": []}, b""),
    ("bytes without end", {"bytes": "A" * 400_000}, b""),
    ("an array of bfloat16", array_form(dtype="bfloat16", shape=[1]), FLOATS[:2]),
    ("an array whose dtype is a list", array_form(dtype=["float32"]), FLOATS),
    ("a scalar whose dtype is a dict", {"scalar": {"dtype": {}, "shape": []}}, b""),
    ("an array without memory", array_form(shape=[1], device="meta"), b""),
    ("an array in no order", array_form(order="K"), FLOATS),
    ("an array larger than its bytes", array_form(shape=[3]), FLOATS),
    ("a scalar with an axis", {"scalar": {"dtype": "float32", "shape": [2]}}, FLOATS),
    ("an array that is a list", {"array": []}, b""), ("a dict of a dict", {"dict": {}}, b""),
    ("a handle without its type", {"handle": 1}, b""),
    ("a handle below zero", {"handle": -1, "type": "x"}, b""),
    ("an object that is a number", {"object": 3}, b""),
    ("a text without end", "x" * 200_001, b""),
]


@pytest.mark.parametrize(("form", "body"), [case[1:] for case in UNHEARD_OF],
                         ids=[case[0] for case in UNHEARD_OF])
def test_what_no_encoder_makes_is_refused(form: object, body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decoded(json.loads(json.dumps(form)), body)


@pytest.mark.parametrize("layout", [
    {"stride": [1], "offset": 1}, {"stride": [2], "offset": 0}, {"stride": [-1], "offset": 1},
    {"stride": [], "offset": 0}, {"stride": [1, 1], "offset": 0}, {"stride": [1], "offset": -1},
    {"stride": [2**62], "offset": 2**62}, {"stride": [1]}, {"offset": 0},
])
def test_a_layout_that_reaches_out_of_its_bytes_is_refused(layout: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        decoded(tensor_form(**layout), FLOATS, strided=True)


def test_a_value_too_deep_or_too_long_is_refused_where_it_is_read() -> None:
    deep = json.loads('{"list": [' * 30 + "0" + "]}" * 30)
    for form in (deep, {"list": [0] * 60_000}, {"dict": [[n, 0] for n in range(60_000)]}):
        with pytest.raises(ProtocolError, match="too deep or too large"):
            decoded(form)


def test_bytes_that_are_no_booleans_become_booleans() -> None:
    """Torch computes nonsense with a bool tensor that holds a 2."""
    tensor = decoded({"tensor": {"dtype": "bool", "shape": [3]}}, b"\x00\x02\xff")
    assert tensor.tolist() == [False, True, True]
    assert int(tensor.sum()) == 2


scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)
keys = st.sampled_from(["tensor", "dtype", "shape", "device", "stride", "offset", "tuple", "list",
                        "dict", "float", "array", "scalar", "set", "frozenset", "slice", "frame",
                        "iterated", "complex", "bytes", "order", "F", "handle",
                        "type", "object", "float32", "meta", "nan"])
forms = st.recursive(
    scalars | keys, lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(keys, inner, max_size=3) | st.dictionaries(keys, inner, max_size=1)
    | st.dictionaries(st.sampled_from(["tensor", "array", "scalar"]), st.fixed_dictionaries(
        {"dtype": st.sampled_from(["float32", "bool", "complex128", "x"]) | inner,
         "shape": st.lists(st.integers(-2, 2**41), max_size=4) | inner},
        optional={"device": keys, "stride": st.lists(st.integers(-1, 9)), "offset": inner,
                  "order": keys}), min_size=1, max_size=1),
    max_leaves=12,
)


@given(forms, st.binary(max_size=64), st.booleans())
@fuzzed(600)
def test_any_json_is_a_value_or_a_protocol_error(form: Any, body: bytes, strided: bool) -> None:
    with suppress(ProtocolError):
        value = decoded(form, body, strided=strided)
        repr(value)  # whatever came through can be looked at


# ---------------------------------------------------------------- hostile frames


@contextmanager
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the other end in the hands of somebody else."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours.fileno(), max_body=MAX_BODY), theirs


def soon() -> float:
    return time.monotonic() + 0.05


def frame(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<II", len(header), len(body)) + header + body


def received(data: bytes, *, close: bool = True) -> tuple[dict[str, Any], memoryview]:
    with pair() as (channel, theirs):
        theirs.sendall(data)
        if close:
            theirs.close()
        return channel.receive(soon())


def test_a_frame_arrives_whole() -> None:
    with pair() as (channel, theirs):
        theirs.sendall(frame(b'{"a": 1}', b"body") + frame(b"{}"))
        header, body = channel.receive(soon())
        assert (header, bytes(body)) == ({"a": 1}, b"body")
        assert channel.receive(soon())[0] == {}
        channel.check_idle(soon())


def test_who_has_no_deadlines_waits_where_it_reads() -> None:
    """And is told of the end as others are."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        waiting = Channel(ours.fileno(), max_body=MAX_BODY, timed=False)
        assert os.get_blocking(ours.fileno())
        pid = os.fork()
        if pid == 0:
            ours.close()
            header, body = Channel(theirs.fileno(), max_body=MAX_BODY).receive(
                time.monotonic() + 30)
            theirs.sendall(frame(b'{"answer": 2}', bytes(body)))
            os._exit(0)
        theirs.close()
        waiting.send({"asked": 1}, [b"body"])
        header, body = waiting.receive()
        assert (header, bytes(body)) == ({"answer": 2}, b"body")
        assert os.waitpid(pid, 0)[1] == 0
        with pytest.raises(Closed):
            waiting.receive()


def test_a_frame_larger_than_the_sockets_buffer_goes_through() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender, reader = (Channel(s.fileno(), max_body=1 << 24) for s in (ours, theirs))
        body = os.urandom(1 << 23)
        pid = os.fork()
        if pid == 0:
            sender.send({"n": 1}, [body[:9], body[9:]])
            os._exit(0)
        header, arrived = reader.receive(time.monotonic() + 30)
        assert os.waitpid(pid, 0)[1] == 0
    assert header == {"n": 1}
    assert bytes(arrived) == body


@given(st.binary(max_size=200))
@example(b"")
@example(frame(b"{}")[:-1])
@example(struct.pack("<II", 5, 0) + b"{}")
@fuzzed(300)
def test_any_bytes_are_a_frame_or_one_of_three_errors(data: bytes) -> None:
    with suppress(ProtocolError, Closed, protocol.Timeout):
        header, _ = received(data)
        assert isinstance(header, dict)


@fuzzed(150)
@given(st.binary(max_size=200) | forms.map(lambda form: json.dumps(form).encode()))
@example(b"[" * 50_000)
@example(b'{"a":' * 10_000)
@example(b"9" * 5_000)
@example(b"null")
@example(b'"\\ud800"')
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xef\xbb\xbf{}")
@example(b'{"a": 1e999}')
def test_any_header_is_an_object_or_a_protocol_error(header: bytes) -> None:
    with suppress(ProtocolError):
        found, _ = received(frame(header))
        assert isinstance(found, dict)


@pytest.mark.parametrize(("header", "body"), [
    (protocol.MAX_HEADER + 1, 0), (2, MAX_BODY + 1), (2**32 - 1, 2**32 - 1)])
def test_lengths_are_judged_before_anything_is_read_or_kept(header: int, body: int) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="larger than allowed"):
            received(struct.pack("<II", header, body), close=False)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_frame_that_stops_in_the_middle_is_a_timeout_and_a_hang_up_is_closed() -> None:
    whole = frame(b'{"a": 1}', b"body")
    for length in range(len(whole)):
        with pytest.raises(protocol.Timeout):
            received(whole[:length], close=False)
        with pytest.raises(Closed):
            received(whole[:length])


def test_a_reader_that_never_reads_is_a_timeout() -> None:
    with pair() as (channel, _), pytest.raises(protocol.Timeout):
        for _ in count():
            channel.send({}, [bytes(MAX_BODY)], soon())


def test_a_reader_that_is_gone_is_closed() -> None:
    with pair() as (channel, theirs):
        theirs.close()
        with pytest.raises(Closed):
            channel.send({}, [])


def test_no_frame_larger_than_allowed_is_sent() -> None:
    with pair() as (channel, theirs):
        for header, body in (({"x": "y" * protocol.MAX_HEADER}, b""), ({}, bytes(MAX_BODY + 1))):
            with pytest.raises(ProtocolError):
                channel.send(header, [body])
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


class Harmful:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("import sys; sys.harm = True",)


def test_bytes_that_would_run_code_in_an_unpickler_are_just_wrong_bytes() -> None:
    """The control comes last: the same bytes, read by pickle, do run."""
    import sys

    attack = pickle.dumps(Harmful())
    for data in (attack, frame(attack), frame(b'{"answer": 1}', attack)):
        with suppress(ProtocolError, Closed):
            header, body = received(data)
            with pytest.raises(ProtocolError):
                decoded(header["answer"], bytes(body))
    assert not hasattr(sys, "harm")
    pickle.loads(attack)
    assert hasattr(sys, "harm")
    del sys.harm
