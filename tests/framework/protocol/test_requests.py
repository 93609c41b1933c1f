"""Requests and replies arrive as they were sent, and a field that is not what it must be does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, get_args

import pytest
import torch
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.protocol import (
    CallFunction,
    CallMethod,
    CallTests,
    Close,
    Confinement,
    Declined,
    Differentiate,
    End,
    Ending,
    Envelope,
    Handle,
    Inquiry,
    LookUp,
    ModuleState,
    PrepareTiming,
    ProtocolError,
    Raised,
    ReadVariable,
    Reply,
    Request,
    RunCell,
    Spawn,
    Start,
    Substitute,
    TimedCall,
    Told,
    alike,
    changeable,
    encode_request,
    read_told,
)
from autograder.rules import Rule
from autograder.worker.handlers import Handlers
from autograder.worker.loading import Namespace

X = torch.arange(6.0).reshape(2, 3).t()
LOOPS, RULE = Rule(loops=True), Rule(operators=("*conv*",), calls=("numpy.linalg.*",))
REQUESTS: list[Request] = [
    RunCell(3, "x = 1\n", ("f", "g")),
    RunCell(-1, "def made(): pass"),
    Substitute(("f",)),
    CallFunction("f", (X, 2, (1, "a"), Handle(0, "Net")), keep=True),
    CallFunction("f", (), keywords={"by": X}, effect="printed"),
    CallMethod(Handle(4, "Net"), "forward", (X,)),
    ReadVariable("x"),
    CallTests("test_f", "f"),
    LookUp(()),
    Differentiate("f", (X, 3), (0,), torch.ones(2)),
    Differentiate(Handle(1, "Net"), (), (), torch.ones(())),
    ModuleState(Handle(1, "Net")),
    ModuleState(Handle(1, "Net"), {"weight": X}),
    PrepareTiming("f", ((1, 2), (3,)), (1, (2, 2)), 4),
    TimedCall(),
    Close(),
]


def frame(header: Mapping[str, Any], body: list[bytes]) -> tuple[dict[str, Any], memoryview]:
    """As it is read from the other end."""
    return json.loads(json.dumps(header)), memoryview(b"".join(body))


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and one.equal(other) \
            and one.stride() == other.stride()
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_a_request_arrives_as_it_was_sent(request_: Request) -> None:
    envelope = Envelope.read(*frame(*encode_request(9, request_, (LOOPS, RULE), 5)))
    assert (envelope.number, envelope.deny, envelope.seed) == (9, (LOOPS, RULE), 5)
    arrived = envelope.request()
    assert type(arrived) is type(request_)
    assert alike(vars(arrived), vars(request_), equal, exact=True)


def test_what_nobody_said_is_not_sent() -> None:
    """But all that stands before what somebody said."""
    for request_, sent in ((CallFunction("f", ()), 2), (CallFunction("f", (), True), 3),
                           (CallFunction("f", (), effect="drawn"), 5), (RunCell(0, "", ("f",)), 3)):
        assert len(encode_request(9, request_, (), None)[0]["request"]) == 1 + sent


def test_every_request_is_tried_here_and_has_a_handler() -> None:
    kinds = set(get_args(Request))
    assert {type(each) for each in REQUESTS} == kinds
    handled = set(Handlers(Namespace(), lambda *question: None)._table)
    assert handled == kinds - {Close}, "to close is the server's, whoever serves"


def test_tensors_that_students_are_given() -> None:
    """Of arguments alone: what comes back changed is held against these."""
    given_ = [len(changeable(each)) for each in REQUESTS]
    assert given_ == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def changed(request_: Request, place: int, form: Any) -> tuple[dict[str, Any], memoryview]:
    header, body = frame(*encode_request(9, request_, (), None))
    header["request"][place:place + 1] = [form]
    return header, body


@pytest.mark.parametrize(("request_", "place", "form"), [
    (RunCell(0, ""), 1, True), (RunCell(0, ""), 1, 0.5), (RunCell(0, ""), 2, None),
    (RunCell(0, ""), 3, {"list": []}), (RunCell(0, ""), 3, {"tuple": [1]}),
    (CallFunction("f", ()), 1, 3), (CallFunction("f", ()), 2, {"list": []}),
    (CallFunction("f", ()), 2, {"object": "a value too deep or too large"}),
    (CallFunction("f", ()), 3, 1), (CallMethod(Handle(0), "f", ()), 1, 0),
    (Differentiate("f", (), (), X), 1, None), (Differentiate("f", (), (), X), 3, {"tuple": [0.0]}),
    (ModuleState(Handle(0)), 2, {"list": []}), (ModuleState(Handle(0)), 2, {"dict": [[1, 2]]}),
    (PrepareTiming("f", (), (), 1), 2, {"tuple": [{"tuple": ["a"]}]}),
])
def test_a_field_that_is_not_what_it_must_be_is_a_type_error(
    request_: Request, place: int, form: Any
) -> None:
    """And not the end of the worker: what could not travel arrives as something opaque, and what a
    check handed on may have been a student's."""
    envelope = Envelope.read(*changed(request_, place, form))
    with pytest.raises(TypeError, match=type(request_).__name__):
        envelope.request()


RIGHT = {"id": 1, "deny": [], "seed": None, "request": ["TimedCall"]}


@pytest.mark.parametrize("header", [
    {}, RIGHT | {"more": 1}, RIGHT | {"id": None}, RIGHT | {"id": True}, RIGHT | {"deny": None},
    RIGHT | {"deny": [1]}, RIGHT | {"seed": 1.0}, RIGHT | {"seed": True}, RIGHT | {"request": []},
    RIGHT | {"request": {}}, RIGHT | {"request": "TimedCall"}, RIGHT | {"request": ["timed_call"]},
    RIGHT | {"request": [["TimedCall"]]}, RIGHT | {"request": ["TimedCall", 1]},
    RIGHT | {"request": ["LookUp"]}, RIGHT | {"request": ["LookUp", [1]]},
    RIGHT | {"request": ["_answer"]}, RIGHT | {"request": ["Request"]},
])
def test_what_is_no_request_is_refused(header: dict[str, Any]) -> None:
    assert Envelope.read(dict(RIGHT), memoryview(b"")).request() == TimedCall()
    with pytest.raises(ProtocolError):
        Envelope.read(header, memoryview(b""))


def test_bytes_that_no_field_claims_are_refused() -> None:
    with pytest.raises(ProtocolError):
        Envelope.read(dict(RIGHT), memoryview(b"more"))


words = st.sampled_from(["RunCell", "CallFunction", "ModuleState", "tuple", "dict", "handle", "f"])
forms = st.recursive(st.none() | st.booleans() | st.integers() | words,
                     lambda inner: st.lists(inner, max_size=3)
                     | st.dictionaries(words, inner, max_size=2), max_leaves=8)


@fuzzed(300)
@given(st.fixed_dictionaries({"id": st.integers(), "deny": st.lists(words, max_size=2) | forms,
                              "seed": st.none() | st.integers() | forms,
                              "request": st.lists(words | forms, max_size=5) | forms}))
def test_any_header_is_a_request_or_one_of_two_errors(header: dict[str, Any]) -> None:
    with suppress(ProtocolError, TypeError):
        assert type(Envelope.read(header, memoryview(b"")).request()) in get_args(Request)


# ---------------------------------------------------------------- what comes back


def test_replies_arrive_as_they_were_sent() -> None:
    raised = Raised("E", ("E", "ValueError", "Exception"), "no", 2, 7)
    known = {"aten::conv2d"}
    header, body = frame(*Ending.answered(2.5, [X]).encode(3, ["aten::conv2d"], 4))
    reply = Reply.read(header, body, 3, known)
    assert (reply.answer, reply.raised, reply.denied, reply.steps) == (
        2.5, None, ("aten::conv2d",), 4)
    assert len(reply.after) == 1 and reply.after[0].equal(X)
    assert Reply.read(*frame(*Ending.raised(raised).encode(3, [], 0)), 3, known) == Reply(
        None, (), raised, ())
    with pytest.raises(ProtocolError):
        Reply.read(*frame(*Ending.answered(1, []).encode(3, [], 0)), 4, known)
    with pytest.raises(ProtocolError):
        Reply.read(*frame(*Ending.answered(1, []).encode(3, ["what it saw"], 0)), 3, known)


def test_a_start_a_question_and_what_is_told() -> None:
    for start in (Start(), Start("no landlock")):
        assert Start.read(frame(*start.encode())[0]) == start
    assert Start.read({}).failure == "no worker"
    inquiry = Inquiry.read(*frame(*Inquiry("f", (X, 2), {"by": 3}, None).encode(5)), 5)
    assert (inquiry.function, inquiry.upstream, inquiry.arguments[1]) == ("f", None, 2)
    assert inquiry.keywords == {"by": 3}
    with pytest.raises(ProtocolError):
        Inquiry.read(*frame(*Inquiry("f", (), {}, None).encode(5)), 6)
    with pytest.raises(ProtocolError):
        Inquiry.read(*frame(*Inquiry("f", (), {2: 3}, None).encode(5)), 5)
    for odd in ({"ask": ["f"]}, {"arguments": None}, {"arguments": {"dict": []}}):
        header, body = Inquiry("f", (), {}, None).encode(5)
        with pytest.raises(ProtocolError):
            Inquiry.read(*frame({**header, **odd}, body), 5)
    told = read_told(*frame(*Told((1, "a")).encode()))
    assert told == Told((1, "a"))
    assert read_told(*frame(*Declined("too large").encode())) == Declined("too large")


def test_what_is_said_of_a_worker_from_outside_it() -> None:
    spawn = Spawn(Confinement("landlock", 512, 2, 70), 8, 4, (0, 3), pinned=True, watched=(RULE,))
    assert Spawn.read(spawn.encode()) == spawn
    end = End(-9, "memory", 12, "printed")
    assert End.read(end.encode()) == end
    for report in (b"", b"[]", b"3", b'{"exit": 1, "more": 2}'):
        with pytest.raises(ValueError):
            End.read(report)
