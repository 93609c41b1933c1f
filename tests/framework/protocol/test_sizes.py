"""What a notebook may hold is what the wire carries, up to the last character."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.protocol import (
    Channel,
    Decoder,
    Encoder,
    Envelope,
    Opaque,
    RunCell,
    encode_request,
)
from autograder.sizes import MAX_TEXT
from autograder.submission import Submission, read


def arrived(source: str) -> str:
    """The source of a cell on the worker's side of the channel."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        judge, worker = (Channel(end.fileno(), max_body=1) for end in (ours, theirs))
        frame = encode_request(1, RunCell(0, source, ("corr2d",)), (), None)
        sender = threading.Thread(target=judge.send, args=frame)
        sender.start()
        request = Envelope.read(*worker.receive()).request()
        sender.join()
    assert isinstance(request, RunCell)
    return request.source


def cells(content: str, name: str) -> Any:
    return read(Submission("ann", "lab", {name: content.encode()}, None))


# Characters of one to four bytes, and such that JSON escapes with two and with six.
LETTERS = "xé卷𝒳\t\x01"


@fuzzed(20)
@given(st.integers(0, MAX_TEXT), st.sampled_from(LETTERS), st.sampled_from(["lab.ipynb", "lab.py"]))
def test_every_cell_that_is_read_arrives(size: int, letter: str, name: str) -> None:
    source = ("data = '" + letter * size)[:max(9, size - 1)] + "'"
    text = source if name == "lab.py" else json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": source}]})
    [cell] = cells(text, name).cells
    assert arrived(cell.source) == cell.source == source


@pytest.mark.parametrize("letter", LETTERS)
def test_the_longest_cell_arrives_and_one_longer_is_refused_where_it_is_read(letter: str) -> None:
    longest = f"#{letter * (MAX_TEXT - 1)}"
    both = [{"cell_type": "code", "source": text} for text in (longest, longest + "x", "y = 1")]
    read = cells(json.dumps({"nbformat": 4, "cells": both}), "lab.ipynb")
    assert [arrived(cell.source) for cell in read.cells] == [longest, "y = 1"]
    [error] = read.errors
    assert error.cell == 1 and "longer than 200000 characters" in str(error.reason)


def test_what_magics_become_is_bounded_too() -> None:
    magic = "!ls\n" * 40 + "#" * (MAX_TEXT - 200) + "\n"
    read = cells(json.dumps({"nbformat": 4, "cells": [
        {"cell_type": "code", "source": magic}]}), "lab.ipynb")
    assert all(len(cell.source) <= MAX_TEXT for cell in read.cells) and read.errors


def test_the_lines_that_keep_a_scripts_numbers_never_cost_a_cell() -> None:
    read = cells("x = 1\n" + "\n" * (MAX_TEXT + 5) + "y = 2\n", "lab.py")
    assert [arrived(cell.source).strip() for cell in read.cells] == ["x = 1", "y = 2"]


@pytest.mark.parametrize("value", [
    "x" * (MAX_TEXT + 1), {"x" * (MAX_TEXT + 1): 1}, ["x" * (MAX_TEXT + 1)], 10**5000, -(1 << 1000),
    {10**5000: 1}], ids=lambda value: type(value).__name__)
def test_an_answer_that_is_too_long_arrives_as_something_opaque(value: Any) -> None:
    """It costs its own check only; a frame that nobody can read would cost the worker."""
    encoder = Encoder(strided=False)
    form = json.loads(json.dumps(encoder.encode(value)))
    answer = Decoder(memoryview(b""), strided=False).decode(form)
    assert isinstance(answer, Opaque) or list(answer) != list(value)


def test_the_longest_answer_arrives() -> None:
    encoder = Encoder(strided=False)
    answer = {"x" * MAX_TEXT: "é" * MAX_TEXT}
    assert Decoder(memoryview(b""), strided=False).decode(encoder.encode(answer)) == answer
