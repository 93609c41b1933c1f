"""One check put to one implementation, and the verdict that it ends by.

A check ends by returning, which passes, or by raising a ``Verdict``.
"""

from __future__ import annotations

import builtins
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeVar

import torch

from autograder.judge.compare import compare
from autograder.judge.expected import ExpectedValues, total_bytes
from autograder.judge.given import Given, ShownCall
from autograder.judge.implementation import Implementation
from autograder.judge.showing import show
from autograder.protocol import (
    CallFunction,
    Handle,
    Raised,
    Reply,
    Request,
    alike,
    can_change,
    map_leaves,
)
from autograder.protocol.rules import as_called
from autograder.result import (
    Evidence,
    Measurement,
    Mismatch,
    MismatchKind,
    Part,
    Sentence,
    Status,
    sentence,
)
from autograder.rules import Rule
from autograder.sandbox.client import WorkerLost

T = TypeVar("T")

REFUSALS = frozenset(
    {"ValueError", "RuntimeError", "TypeError", "IndexError", "KeyError", "AssertionError"}
)
_NOT_REFUSALS = frozenset(
    {"NotImplementedError", "NameError", "AttributeError", "RecursionError"}
)
_EXCEPTIONS = frozenset(name for name, value in vars(builtins).items()
                        if isinstance(value, type) and issubclass(value, BaseException))


# Answers are kept for the diagnosis until the whole question is judged. No right one is as large as
# this, and a notebook must not fill the judge's memory with wrong ones.
_LARGEST_KEPT = 1 << 22


_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|\d+|\[[^]]*\]|\([^)]*\)")

PUBLIC = b"visible checks"
"""In the place of the course's secret, where everybody may see what is drawn: by visible checks,
and by hidden ones that are put again to explain why they failed."""


def drawing_key(secret: bytes, assignment: str) -> bytes:
    """The key of everything that is drawn for one assignment.

    It changes with the secret only, so that a regrade after mending one check gives every other
    check the inputs it had.
    """
    return hmac.new(secret, assignment.encode(), hashlib.sha256).digest()


def called_though_forbidden(name: str) -> Sentence:
    """What is said of a call that a question forbids."""
    return sentence("It calls {operator}, which this question forbids.",
                    operator=as_called(name))


class Verdict(Exception):
    """A check ends here, and not by passing."""

    def __init__(
        self, status: Status, *, mismatch: Mismatch | None = None,
        evidence: Evidence | ShownCall | None = None, message: Sentence | None = None,
        raised: Raised | None = None,
    ) -> None:
        super().__init__(status.value)
        self.status = status
        self.mismatch = mismatch
        self.evidence = evidence.evidence if isinstance(evidence, ShownCall) else evidence
        self.message = message
        self.raised = raised


@dataclass(frozen=True)
class AnsweredCall:
    """A call, and how it was answered."""

    given: Given
    reply: Reply
    call: ShownCall


@dataclass
class CheckRun:
    """One check put to one implementation."""

    implementation: Implementation
    reference: ModuleType
    question: str
    check: str
    seconds: float
    deny: tuple[Rule, ...]
    key: bytes  # from the course's secret: the seed of everything drawn
    expected_values: ExpectedValues
    answers: list[Any] = field(default_factory=list)  # what the implementation answered, in order
    last: AnsweredCall | None = None  # of a function or method
    measured: Measurement | None = None  # what was measured of the implementation
    _expected: int = 0  # values that were asked for so far

    def seed(self, purpose: str) -> int:
        """A seed for this check, the same for every student and unknown to all of them."""
        return _seed(self.key, f"{self.question}/{self.check}/{purpose}")

    def expected(self, inputs: Sequence[Any], compute: Callable[[], T]) -> T:
        """``compute()``, which depends on nothing but ``inputs``: what to hold answers against."""
        self._expected += 1
        place = self.question, self.check, self._expected
        return self.expected_values.at(place, inputs, compute)

    def ask(self, request: Request, evidence: Evidence | ShownCall) -> Reply:
        """Ask the implementation; a Verdict when there is no answer to judge."""
        try:
            reply = self.implementation.request(
                request, seconds=self.seconds, deny=self.deny, seed=self.seed("call"))
        except WorkerLost as lost:
            self.answers.append(lost.why)
            raise self._unanswered(lost, evidence) from None
        if reply.denied:
            raise Verdict(Status.FORBIDDEN, evidence=evidence,
                          message=called_though_forbidden(reply.denied[0]))
        if reply.raised is None:
            large = total_bytes(reply.answer) > _LARGEST_KEPT
            self.answers.append("too large to keep" if large else
                                map_leaves(_by_meaning, reply.answer))
        else:
            self.answers.append(("raised", *likeness(reply.raised)))
        return reply

    def ask_apart(self, program: str, request: CallFunction) -> Any:
        """What a function of staff's answers that is run apart from the implementation, on what may
        come from it; a Verdict when there is no answer. What it raised is told nobody, for it may
        have met hidden inputs."""
        evidence = Evidence(function=request.function)
        try:
            reply = self.implementation.apart(program, request, seconds=self.seconds)
        except WorkerLost as lost:
            raise self._unanswered(lost, evidence) from None
        if reply.raised is not None:
            raise Verdict(Status.CRASHED, evidence=evidence)
        return reply.answer

    def _unanswered(self, lost: WorkerLost, evidence: Evidence | ShownCall) -> Verdict:
        gave_none = lost.why in ("timeout", "interrupted")
        return Verdict(Status.TIMEOUT if gave_none else Status.CRASHED, evidence=evidence,
                       message=_lost(lost, self.seconds))

    def require(self, name: str) -> None:
        if name in self.implementation.missing:
            raise Verdict(Status.MISSING, message=sentence("{name} is not defined.", name=name))


@lru_cache(maxsize=1 << 14)  # every student's checks ask for the same ones
def _seed(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest()[:6], "big")


def _by_meaning(leaf: Any) -> Any:
    """An object that stays in the worker is known by what it does, and not by its number."""
    return "an object" if isinstance(leaf, Handle) else leaf


def likeness(raised: Raised) -> tuple[str, str]:
    """What two exceptions have in common that are raised for the same reason: the type, and the
    text without the names and numbers in it."""
    return built_in(raised), _PARTICULAR.sub("…", raised.message)


def judge(
    mismatch: Mismatch | None, evidence: Evidence | ShownCall, expected: Any, actual: Any
) -> None:
    """Raise the Verdict for ``mismatch``; nothing when there is none."""
    if mismatch is not None:
        told = evidence.evidence if isinstance(evidence, ShownCall) else evidence
        shown = told.model_copy(update={"expected": show(expected), "actual": show(actual)})
        raise Verdict(Status.FAILED, mismatch=mismatch, evidence=shown)


def raised_verdict(raised: Raised, evidence: Evidence | ShownCall) -> Verdict:
    """The Verdict on an exception. Its message names the exception's nearest built-in type: a
    student's own name for it, like its text, could carry a hidden input out."""
    kind = built_in(raised)
    if raised.cell is not None and raised.line is not None:
        message = sentence("It raised {type} at line {line} of code cell {cell}.", type=kind,
                           line=raised.line, cell=raised.cell + 1)
    elif raised.line is not None:
        message = sentence("It raised {type} at line {line}.", type=kind, line=raised.line)
    else:
        message = sentence("It raised {type}.", type=kind)
    return Verdict(Status.ERROR, evidence=evidence, message=message, raised=raised)


def built_in(raised: Raised) -> str:
    """The name of the nearest built-in type that an exception is of."""
    return next((base for base in raised.bases if base in _EXCEPTIONS), "Exception")


def refuses(raised: Raised) -> bool:
    """Whether this exception says no to the arguments, and not that something is missing."""
    return bool(REFUSALS & set(raised.bases)) and not _NOT_REFUSALS & set(raised.bases)


def changed(given: Given, after: Sequence[Any] | None) -> Mismatch | None:
    """The first argument that is not as it was; None as well where ``after`` says that all are."""
    if after is None:
        return None
    places = [Part(argument=place) for place in range(1, len(given.arguments) + 1)]
    places += [Part(name=name) for name in given.keywords]
    before = [(place, value) for place, value in zip(places, given.values, strict=True)
              if can_change(value)]
    if len(before) != len(after):
        return Mismatch(kind=MismatchKind.MUTATED)
    for (place, one), other in zip(before, after, strict=True):
        if not alike(one, other, _as_it_was):
            return Mismatch(kind=MismatchKind.MUTATED, where=place)
    return None


def _as_it_was(one: Any, other: Any) -> bool:
    return compare(one.contiguous() if isinstance(one, torch.Tensor) else one, other) is None


def _lost(lost: WorkerLost, seconds: float) -> Sentence:
    if lost.why == "timeout":
        return sentence("No answer within {seconds} s.", seconds=round(seconds, 1))
    if lost.why == "interrupted":  # by the student, in a notebook of their own
        return sentence("You stopped it before it gave an answer.")
    return how_ended(lost)


def how_ended(lost: WorkerLost) -> Sentence:
    """How a worker ended that was not stopped, without an answer."""
    if lost.why == "memory":
        return sentence("It used more memory than it may.")
    return sentence("The process that ran it ended before it gave an answer.")
