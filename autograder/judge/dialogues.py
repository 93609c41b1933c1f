"""What a student's tests ask of implementations one after the other, and how that ends.

Tests that are answered alike go on alike: they run from the beginning each time, in a fresh worker
and with the same seed. So where an implementation answers to the last bit what another one did,
what the tests say of it is known, and they need not run once more. Most tests tell few of the wrong
ones apart.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from autograder.judge.answerer import RightAnswer, digest
from autograder.judge.expected import total_bytes
from autograder.protocol import Inquiry
from autograder.sandbox.client import Asked, WorkerLost

Reached = TypeVar("Reached")

_MOST = 1 << 26  # bytes of all that is kept of what was asked, and of what was answered
_BESIDE = 1 << 10  # bytes that each of these takes beside that


@dataclass
class _Fork(Generic[Reached]):
    """A place in dialogues that were the same until there: what is asked next and, by what is
    answered, where it leads; or how it ended."""

    asked: Inquiry | None = None
    asked_digest: bytes = b""
    answered: dict[bytes, _Fork[Reached]] = field(default_factory=dict)
    outcome: Reached | None = None


class Dialogues(Generic[Reached]):
    """Those of one student's tests."""

    def __init__(self) -> None:
        self.first: _Fork[Reached] = _Fork()
        self._left = _MOST

    def begin(self, answers: Asked) -> Dialogue[Reached]:
        """With another one who answers."""
        return Dialogue(self, answers)

    def keeps(self, inquiry: Inquiry) -> bool:
        """Whether there is room for it."""
        return self._has_room(_BESIDE + total_bytes(
            [inquiry.arguments, inquiry.keywords, inquiry.upstream]))

    def after(self, fork: _Fork[Reached], answer: RightAnswer) -> _Fork[Reached] | None:
        """Where an answer leads; None where there is no room for another one."""
        said = answer.written()
        if said not in fork.answered and self._has_room(len(said) + _BESIDE):
            fork.answered[said] = _Fork()
        return fork.answered.get(said)

    def _has_room(self, size: int) -> bool:
        if size > self._left:
            return False
        self._left -= size
        return True


class Dialogue(Generic[Reached]):
    """Answers what tests ask, and is asked nothing twice: who answers may remember."""

    def __init__(self, dialogues: Dialogues[Reached], answers: Asked) -> None:
        self._dialogues = dialogues
        self._answers = answers
        self._said: deque[tuple[bytes, RightAnswer]] = deque()  # and not heard yet
        self._turn: _Fork[Reached] | None = dialogues.first

    def known(self, seconds: float) -> Reached | None:
        """How the tests end, where all that they would ask is known and was answered like this;
        None: they have to run. To answer may take so many ``seconds``.

        Raises:
            WorkerLost: it takes longer, or there is no answer.
        """
        ends = time.monotonic() + seconds
        turn: _Fork[Reached] | None = self._dialogues.first
        while turn is not None and turn.asked is not None:
            answer = self._answer(turn.asked, ends - time.monotonic())
            self._said.append((turn.asked_digest, answer))
            turn = turn.answered.get(answer.written())
        return None if turn is None else turn.outcome

    @property
    def ahead(self) -> int:
        """How many of the answers are at hand before the tests run: they hear these sooner."""
        return len(self._said)

    def keep_ahead(self, many: int) -> None:
        """Have no more than so many at hand."""
        self._said = deque(list(self._said)[:many])

    def __call__(self, inquiry: Inquiry, seconds: float) -> Any:
        """Raises ValueError where it refuses, WorkerLost where there is no answer."""
        turn, asked = self._turn, digest(inquiry)
        self._turn = None  # nothing is kept of what breaks off
        if self._said and self._said[0][0] == asked:
            answer = self._said.popleft()[1]
        else:
            self._said.clear()
            answer = self._answer(inquiry, seconds)
        if turn is not None and turn.asked is None and turn.outcome is None \
                and self._dialogues.keeps(inquiry):
            turn.asked, turn.asked_digest = inquiry, asked
        if turn is not None and turn.asked_digest == asked:
            self._turn = self._dialogues.after(turn, answer)
        return answer.given()

    def agrees(self, outcome: Reached) -> bool:
        """Whether tests that asked this before ended like that."""
        return self._turn is not None and self._turn.outcome == outcome

    def ended(self, outcome: Reached) -> None:
        if self._turn is not None and self._turn.asked is None:
            self._turn.outcome = outcome

    def _answer(self, inquiry: Inquiry, seconds: float) -> RightAnswer:
        if seconds <= 0:
            raise WorkerLost("timeout", "no answer in time")
        try:
            return RightAnswer(self._answers(inquiry, seconds))
        except ValueError as refusal:
            return RightAnswer(None, str(refusal))
