"""Whatever a worker says, and whenever: its answer is an answer, or the end of that worker."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from workers import LIMITS

from autograder.protocol import LookUp, Reply
from autograder.sandbox.client import SandboxError, Worker, WorkerLost

# Fields of frames, with the number of the open question in place of ID.
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) \
    | st.sampled_from(["ID", "corr2d", [], {}, {"tensor": {"dtype": "float32", "shape": [1]}},
                       {"list": [1]}, {"handle": 0, "type": "x"}])
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(
    st.sampled_from(["tensor", "list", "dict", "type", "bases", "message", "cell", "line"]),
    LEAVES, max_size=5)
RIGHT = {
    "answer": {"id": "ID", "answer": 1, "after": {"list": []}, "denied": [], "steps": 0},
    "raised": {"id": "ID", "denied": [], "steps": 0, "raised": {
        "type": "E", "bases": [], "message": "", "cell": None, "line": None}},
    "ask": {"id": "ID", "ask": "corr2d", "arguments": {"list": [1]},
            "keywords": {"dict": []}, "upstream": None},
}


@st.composite
def frames(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """A right frame with something else somewhere, or one of anything."""
    header = dict(draw(st.sampled_from(list(RIGHT.values()))))
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from([*header, "id", "answer", "raised", "denied", "more"]))
        if draw(st.booleans()):
            header.pop(key, None)
        else:
            header[key] = draw(VALUES)
    return header, draw(st.binary(max_size=8))


def sent(end: socket.socket, header: dict[str, Any], body: bytes, number: int) -> None:
    text = json.dumps(header).replace('"ID"', str(number)).encode()
    end.sendall(struct.pack("<II", len(text), len(body)) + text + body)


def told(early: list[Any], late: list[Any]) -> Reply | WorkerLost:
    """What a worker's answer is to the judge, when it sends ``early`` frames before it is asked
    and ``late`` ones after that, and hangs up."""
    channel, far = socket.socketpair()
    control, supervisor = socket.socketpair()

    def speak() -> None:
        with far, supervisor:
            try:
                head = far.recv(8, socket.MSG_WAITALL)
                asked = b"" if len(head) < 8 else far.recv(struct.unpack("<II", head)[0],
                                                           socket.MSG_WAITALL)
                number = json.loads(asked)["id"] if asked else 0
                for header, body in late:
                    sent(far, header, body, number)
                far.shutdown(socket.SHUT_WR)
                while far.recv(1 << 16):  # what a stand-in is told
                    pass
            except OSError:  # the judge has hung up
                pass
            supervisor.sendall(b'{"exit": 1}')

    sent(far, {"ready": True}, b"", 0)
    worker = Worker(channel, control, "none", LIMITS)
    for header, body in early:
        sent(far, header, body, 0)
    thread = threading.Thread(target=speak)
    thread.start()
    try:
        return worker.request(LookUp(()), seconds=20, asked=lambda *question: 1)
    except WorkerLost as lost:
        return lost
    finally:
        worker.stop()
        thread.join()


@fuzzed(200)
@given(st.lists(frames(), max_size=1), st.lists(frames(), max_size=3))
def test_any_frames_are_an_answer_or_the_end_of_the_worker(
    early: list[Any], late: list[Any]
) -> None:
    answer = told(early, late)
    if isinstance(answer, WorkerLost):
        assert answer.why in ("protocol", "crashed")
        assert answer.detail
    else:
        assert not early
        assert isinstance(answer, Reply)


def test_a_right_answer_is_one_and_a_question_before_it_is_answered() -> None:
    """The control: frames of this test can be right."""
    whole = [(RIGHT["answer"], b"")]
    assert isinstance(told([], whole), Reply)
    assert isinstance(told([], [(RIGHT["ask"], b""), *whole]), Reply)
    early = told(whole, whole)
    assert isinstance(early, WorkerLost) and early.why == "protocol"
    assert "without being asked" in early.detail


def test_a_second_answer_is_not_taken_for_the_next_question() -> None:
    """It came too early, and its number is another's."""
    twice = [(RIGHT["answer"], b"")] * 2
    assert isinstance(told([], twice), Reply)
    stale = told([], [(RIGHT["answer"] | {"id": 1}, b"")])
    assert isinstance(stale, WorkerLost) and stale.why == "protocol"


def gone(far: socket.socket) -> None:
    far.close()


def early(far: socket.socket) -> None:
    sent(far, {}, b"", 0)


def silent(far: socket.socket) -> None:
    pass


@pytest.mark.parametrize(("worker_does", "report", "why"), [
    (gone, {"exit": 1}, "crashed"),
    (gone, {"exit": -9, "reason": "killed"}, "crashed"),
    (gone, {"exit": -9, "reason": "time"}, "crashed"),
    (early, {"exit": -9, "reason": "killed"}, "protocol"),
    (silent, {"exit": -9, "reason": "killed", "major_faults": 5_000}, "timeout"),
    (silent, {"exit": -9, "reason": "memory"}, "memory"),
    # Somebody has killed it, and nobody of ours.
    (gone, {"exit": -9}, None),
    (silent, {"exit": -9}, None),
    # The supervisor died, too.
    (gone, None, None),
    (early, None, None),
    (silent, None, None),
])
def test_what_the_student_did_not_do_is_never_said_to_be_theirs(
    worker_does: Callable[[socket.socket], None], report: dict[str, Any] | None, why: str | None
) -> None:
    channel, far = socket.socketpair()
    control, supervisor = socket.socketpair()
    with far, supervisor:
        sent(far, {"ready": True}, b"", 0)
        worker = Worker(channel, control, "none", LIMITS)
        worker_does(far)
        if report is not None:
            supervisor.sendall(json.dumps(report).encode())
        supervisor.shutdown(socket.SHUT_WR)
        with pytest.raises(SandboxError if why is None else WorkerLost) as lost:
            worker.request(LookUp(()), seconds=0.01)
    assert getattr(lost.value, "why", None) == why


def test_what_ended_itself_is_not_taken_for_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor hears of its worker's end a little later than the judge: it is not told to kill
    before it knows."""
    monkeypatch.setattr("autograder.sandbox.client._DYING_SECONDS", 60.0)
    channel, far = socket.socketpair()
    control, supervisor = socket.socketpair()

    def supervise() -> None:
        with supervisor:
            supervisor.settimeout(0.2)
            try:
                report = {"exit": -9, "reason": "killed"} if not supervisor.recv(1) else {}
            except TimeoutError:
                report = {"exit": 7}
            supervisor.sendall(json.dumps(report).encode())

    with far:
        sent(far, {"ready": True}, b"", 0)
        worker = Worker(channel, control, "none", LIMITS)
        gone(far)
        thread = threading.Thread(target=supervise)
        thread.start()
        with pytest.raises(WorkerLost, match="exit code 7"):
            worker.request(LookUp(()), seconds=60)
        thread.join()
