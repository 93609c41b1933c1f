"""What a worker says: that it serves, questions of its own, and how each request ended.

All of it is the student's to choose. What is read here is well-formed, and nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from autograder.protocol.coding import Decoder, Encoder, Json
from autograder.protocol.values import ProtocolError

Encoded = tuple[dict[str, Json], list[bytes]]
_MAX_DENIED = 10
_MAX_BASES = 20
_MAX_MESSAGE = 2_000


@dataclass(frozen=True)
class Start:
    """The first that is heard of a worker: that it serves, or why it cannot."""

    failure: str | None = None

    def encode(self) -> Encoded:
        return ({"ready": True} if self.failure is None
                else {"failed": self.failure[:_MAX_MESSAGE]}), []

    @classmethod
    def read(cls, header: Mapping[str, Json]) -> Start:
        return cls(None if header == {"ready": True} else str(header.get("failed", "no worker")))


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code, as far as it may leave the worker."""

    type: str
    bases: tuple[str, ...]  # names of the exception classes it is derived from, itself included
    message: str
    cell: int | None
    line: int | None

    @classmethod
    def read(cls, form: Json) -> Raised:
        if not isinstance(form, dict) or set(form) != {"type", "bases", "message", "cell", "line"}:
            raise ProtocolError("not an exception")
        bases = form["bases"] if isinstance(form["bases"], list) else [None]
        texts = [form["type"], form["message"], *bases]
        if not all(isinstance(text, str) for text in texts):
            raise ProtocolError("not an exception")
        places = (form["cell"], form["line"])
        if not all(place is None or (type(place) is int and 0 <= place < 1 << 31)
                   for place in places):
            raise ProtocolError("not an exception")
        clean = [text.encode("utf-8", "replace").decode()[:_MAX_MESSAGE] for text in texts]
        return cls(clean[0], tuple(clean[2 : 2 + _MAX_BASES]), clean[1], *places)


@dataclass(frozen=True)
class Reply:
    """How one request ended."""

    answer: Any
    # Arguments that can change, as they were after the call; None: as they were before it.
    after: tuple[Any, ...] | None
    raised: Raised | None
    denied: tuple[str, ...]  # what the question forbids and was called all the same
    steps: int = 0  # lines of Python it took, counted where loops are forbidden

    @classmethod
    def read(
        cls, header: Mapping[str, Json], body: memoryview, number: int, known: Collection[str]
    ) -> Reply:
        """The reply to request ``number``. ``known``: all that may have been denied.

        Raises:
            ProtocolError: for what ``Ending`` cannot have made.
        """
        if header.get("id") != number:
            raise ProtocolError("an answer to another question")
        denied, steps = header.get("denied"), header.get("steps")
        # Only names we know: one of the worker's own making could carry a hidden input out.
        if not isinstance(denied, list) or not all(name in known for name in denied):
            raise ProtocolError("not an answer")
        if type(steps) is not int or not 0 <= steps < 1 << 48:
            raise ProtocolError("not an answer")
        names = tuple(denied[:_MAX_DENIED])
        decoder = Decoder(body, strided=False)
        if set(header) == {"id", "answer", "after", "denied", "steps"}:
            answer, after = decoder.decode(header["answer"]), decoder.decode(header["after"])
            decoder.finish()
            if after is not None and not isinstance(after, list):
                raise ProtocolError("not an answer")
            return cls(answer, None if after is None else tuple(after), None, names, steps)
        if set(header) == {"id", "raised", "denied", "steps"}:
            decoder.finish()
            return cls(None, (), Raised.read(header["raised"]), names, steps)
        raise ProtocolError("not an answer")


@dataclass(frozen=True)
class Ending:
    """A reply on the worker's side, where encoding may run the student's code: what it is denied
    there counts, so that this is known last."""

    part: dict[str, Json]
    body: list[bytes]

    @classmethod
    def answered(cls, answer: Any, after: Sequence[Any] | None) -> Ending:
        encoder = Encoder(strided=False)
        part = {"answer": encoder.encode(answer),
                "after": None if after is None else encoder.encode(list(after))}
        return cls(part, encoder.body)

    @classmethod
    def raised(cls, raised: Raised) -> Ending:
        return cls({"raised": asdict(raised)}, [])

    def encode(self, number: int, denied: Sequence[str], steps: int) -> Encoded:
        return {"id": number, **self.part, "denied": list(denied), "steps": steps}, self.body


@dataclass(frozen=True)
class Inquiry:
    """A worker's question in the middle of a request: the answer of a function that the judge
    answers for, or, given an ``upstream`` gradient, the gradients of its arguments."""

    function: str
    arguments: Sequence[Any]
    keywords: Mapping[str, Any]
    upstream: torch.Tensor | None

    def encode(self, number: int) -> Encoded:
        encoder = Encoder(strided=False)
        return {"id": number, "ask": self.function,
                "arguments": encoder.encode(list(self.arguments)),
                "keywords": encoder.encode(dict(self.keywords)),
                "upstream": encoder.encode(self.upstream)}, encoder.body

    @staticmethod
    def is_one(header: Mapping[str, Json]) -> bool:
        return "ask" in header

    @classmethod
    def read(cls, header: Mapping[str, Json], body: memoryview, number: int) -> Inquiry:
        """Raises ProtocolError."""
        if set(header) != {"id", "ask", "arguments", "keywords", "upstream"} \
                or header["id"] != number or not isinstance(header["ask"], str):
            raise ProtocolError("not a question")
        decoder = Decoder(body, strided=False)
        arguments, keywords, upstream = (
            decoder.decode(header[part]) for part in ("arguments", "keywords", "upstream"))
        decoder.finish()
        if not isinstance(arguments, list) or not isinstance(keywords, dict) \
                or not all(type(key) is str for key in keywords):
            raise ProtocolError("not a question")
        return cls(header["ask"], arguments, keywords, upstream)


@dataclass(frozen=True)
class Told:
    """The judge's answer to an inquiry."""

    answer: Any

    def encode(self) -> Encoded:
        encoder = Encoder(strided=True)
        return {"told": encoder.encode(self.answer)}, encoder.body


@dataclass(frozen=True)
class Declined:
    """The reference refuses what it was asked: so does the function in its place."""

    reason: str

    def encode(self) -> Encoded:
        return {"refused": self.reason[:500]}, []


def read_told(header: Mapping[str, Json], body: memoryview) -> Told | Declined:
    """On the worker's side."""
    if "refused" in header:
        return Declined(header["refused"])
    return Told(Decoder(body, strided=True).decode(header["told"]))
