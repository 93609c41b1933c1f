"""Answers of right helpers to what the reference asks of them, kept for all submissions.

Checks draw the same inputs for everybody, and most code that builds on a helper asks it what the
reference does. So the reference is put to a question's checks once, on top of helpers that are
stood in for, and what these were asked is asked of a worker that holds the reference and has met
nothing else: what it answers is kept, and is staff's code on inputs of staff's. Whatever else a
student asks of a helper is answered by a worker (see ``answerer``), and kept for nobody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch

from autograder.course import Question
from autograder.judge.answerer import RightAnswer, answered, digest
from autograder.judge.examiner import Examiner
from autograder.judge.expected import total_bytes
from autograder.judge.implementation import Local
from autograder.judge.suite import Check
from autograder.protocol import Inquiry, Reply, Request, RunCell, Substitute, Told, read_told
from autograder.protocol.replies import Encoded
from autograder.result import Visibility
from autograder.rules import Rule
from autograder.sandbox.client import SandboxError, Worker, WorkerLost

_MOST_ASKED = 64  # by one check: who trains asks for more, of numbers that are nobody else's
_LARGEST = 1 << 16  # bytes of what is asked, and of an answer that is kept
_MOST = 1 << 23  # bytes of all that is kept of a kind
_BESIDE = 1 << 10  # bytes that an answer takes beside its numbers
_SECONDS = 1.0  # of CPU, in which another check of a question is begun


class Rehearsed:
    """For one assignment, in one judge. What comes of secret inputs is kept apart, and no process
    that students hear of is answered from it: how soon would tell what was asked elsewhere."""

    def __init__(self, deciding: Examiner, explaining: Examiner) -> None:
        self._deciding = deciding
        self._explaining = explaining
        self._secret, self._public = _KeptAnswers(), _KeptAnswers()
        self._met: dict[tuple[str, tuple[str, ...]], int] = {}
        self._is_over = False

    def meet(
        self, question: Question, helpers: tuple[str, ...], start: Callable[[], Worker]
    ) -> None:
        """A submission will be put to this question, with these helpers right. It is rehearsed for
        the second one: a judge of a single submission has no use for it. ``start``: a worker that
        holds the reference."""
        place = question.name, helpers
        self._met[place] = self._met.get(place, 0) + 1
        if self._met[place] != 2 or self._is_over:
            return
        checks = [check for check in self._deciding.suite.checks[question.name]
                  if not check.measures]
        # What a hidden check asks whatever is drawn is shown to nobody.
        told = (check for check in checks
                if check.visibility is Visibility.VISIBLE or (
                    check.visibility is Visibility.HIDDEN
                    and self._explaining.draws(question, check)))
        secret = (check for check in checks if check.visibility is not Visibility.VISIBLE)
        seconds = self._deciding.assignment.limits.call_seconds
        try:
            for kept, inquiries in (
                    (self._public, _heard(self._explaining, question, told, helpers)),
                    (self._secret, _heard(self._deciding, question, secret, helpers))):
                kept.fill(inquiries, _answers([*inquiries.values()], start, seconds))
        except _Remembers:
            self._is_over = True
            self._secret, self._public = _KeptAnswers(), _KeptAnswers()
        except (WorkerLost, SandboxError):
            return  # of no submission: those that need a worker will have one, or will not

    def known_of_public(self, inquiry: Inquiry) -> RightAnswer | None:
        return self._of(inquiry, self._public)

    def known(self, inquiry: Inquiry) -> RightAnswer | None:
        return self._of(inquiry, self._public, self._secret)

    def _of(self, inquiry: Inquiry, *among: _KeptAnswers) -> RightAnswer | None:
        if not any(kept.answers for kept in among) or _size(inquiry) > _LARGEST:
            return None
        asked = digest(inquiry)
        found = (kept.answers.get(asked) for kept in among)
        return next((answer for answer in found if answer is not None), None)


class _Remembers(Exception):
    """What helpers answer depends on what they were asked before."""


class _KeptAnswers:
    """Answers, by the digest of all that is given to who answers: the same to the last bit."""

    def __init__(self) -> None:
        self.answers: dict[bytes, RightAnswer] = {}
        self._left = _MOST

    def fill(self, digests: Iterable[bytes], answers: Iterable[RightAnswer]) -> None:
        for asked, answer in zip(digests, answers, strict=True):
            size = len(answer.written())
            if size <= _LARGEST and size + _BESIDE <= self._left:
                self._left -= size + _BESIDE
                self.answers[asked] = answer


def _heard(
    examiner: Examiner, question: Question, checks: Iterable[Check], helpers: tuple[str, ...]
) -> dict[bytes, Inquiry]:
    """What the reference asks of helpers where a question's checks are put to it, by digest."""
    begun = time.process_time()
    with examiner.staff.beside():
        reference = _Rehearsing(examiner.staff.program, helpers)
    found: dict[bytes, Inquiry] = {}
    for check in checks:
        if time.process_time() - begun > _SECONDS:
            break
        reference.heard.clear()
        examiner.check(reference, question, check)
        found |= {digest(inquiry): inquiry for inquiry in reference.heard
                  if _size(inquiry) <= _LARGEST}
    return found


def _answers(
    inquiries: list[Inquiry], start: Callable[[], Worker], seconds: float
) -> list[RightAnswer]:
    """What a worker answers that has met nothing else, and is put to no check meanwhile.

    Raises:
        _Remembers: asked from the last one to the first, and then from the first to the last, it
            does not answer the same.
        WorkerLost, SandboxError: there is no answer.
    """
    if not inquiries:
        return []
    worker = start()

    def answer(inquiry: Inquiry) -> RightAnswer:
        try:
            return RightAnswer(answered(
                inquiry, lambda request: worker.request(request, seconds=seconds, seed=0)))
        except ValueError as refusal:
            return RightAnswer(None, str(refusal))

    try:
        backwards = list(map(answer, reversed(inquiries)))
        forwards = list(map(answer, inquiries))
    finally:
        worker.stop()
    if any(one.written() != other.written()
           for one, other in zip(forwards, reversed(backwards), strict=True)):
        raise _Remembers
    return forwards


class _Rehearsing:
    """The reference, on top of helpers that are stood in for: an implementation."""

    missing: frozenset[str] = frozenset()

    def __init__(self, program: str, helpers: tuple[str, ...]) -> None:
        self.heard: list[Inquiry] = []
        self._right = Local({})
        self._caller = Local({}, self._ask)
        for each in (self._right, self._caller):
            each.request(RunCell(0, program), seconds=0)
        self._caller.request(Substitute(helpers), seconds=0)

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...], seed: int
    ) -> Reply:
        """Nothing is denied, for that would end when a helper answers."""
        return self._caller.request(request, seconds=seconds, seed=seed)

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        return self._caller.apart(program, request, seconds=seconds)

    def _ask(self, inquiry: Inquiry) -> Any:
        """A right answer, with which the reference may do as it likes."""
        if len(self.heard) >= _MOST_ASKED:
            raise ValueError("this asks for too much to be rehearsed")
        inquiry = Inquiry.read(*_arrived(inquiry.encode(0)), 0)
        self.heard.append(inquiry)
        told = read_told(*_arrived(Told(answered(inquiry, self._reply)).encode()))
        assert isinstance(told, Told)
        return told.answer

    def _reply(self, request: Request) -> Reply:
        """As it would come from a worker, where no gradient is on its way."""
        with torch.enable_grad():
            return self._right.request(request, seconds=0, seed=0)


def _arrived(frame: Encoded) -> tuple[dict[str, Any], memoryview]:
    header, body = frame
    return json.loads(json.dumps(header)), memoryview(b"".join(body))


def _size(inquiry: Inquiry) -> int:
    return total_bytes([inquiry.arguments, inquiry.keywords, inquiry.upstream])
