"""A student's tests, run against one implementation after the other.

Each implementation is met by a fresh worker, so that no test can count them, or by none, where
another has answered the same. From the second worker on, only those statements of the notebook run
that the tests need: where the tests say of the first implementation what they said among all the
others.

Tests have a clock, and chance. So among the wrong ones, of which they cannot know the order, they
meet right ones again, which answer as soon as the wrong one did that was in this place.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from autograder.judge.answerer import Answerer
from autograder.judge.dialogues import Dialogue, Dialogues
from autograder.judge.implementation import Student
from autograder.protocol import CallTests, Inquiry, Raised
from autograder.sandbox.client import Asked, WorkerLost

AGAIN = 2  # right ones, among the wrong ones


class Said(Enum):
    """What tests say of an implementation."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOTHING = "nothing"  # they did not end


@dataclass(frozen=True)
class TestsOutcome:
    said: Said
    raised: Raised | None = None
    lost: WorkerLost | None = None


class StudentsTests:
    """A student's tests, put to one implementation after the other."""

    def __init__(self, student: Student, request: CallTests, seconds: float) -> None:
        self._student = student
        self._request = request
        self._seconds = seconds
        self._dialogues: Dialogues[TestsOutcome] = Dialogues()
        self._first: Answerer | None = None  # who was met among all that the notebook holds
        self._needed: tuple[str, ...] | None = None  # all that is to be there, once it is known
        self.runs = 0
        self.ahead = 0
        """How many answers were at hand when they ran last."""

    def say(self, answers: Answerer) -> TestsOutcome:
        """What they say, in a fresh worker; or what they would say, where another answered the
        same."""
        return self._put(answers, None)

    def say_again(self, answers: Answerer, ahead: int) -> TestsOutcome:
        """What they say when they are run, whatever is known, with so many answers at hand."""
        return self._put(answers, ahead)

    def _put(self, answers: Answerer, ahead: int | None) -> TestsOutcome:
        dialogue = self._dialogue(answers)
        try:
            with self._student.on_its_time() as left:
                known = dialogue.known(min(self._seconds, left()))
            if known is not None and ahead is None:
                return known
            if ahead is not None:
                dialogue.keep_ahead(ahead)
            if self._needed is None and self._first is not None:
                self._needed = self._seen_alone(self._first)
            self.runs, self.ahead = self.runs + 1, dialogue.ahead
            outcome = self._run(dialogue, self._needed or ())
        except WorkerLost as lost:
            return TestsOutcome(Said.NOTHING, lost=lost)
        if self._needed and outcome.raised and outcome.raised.type == "NameError":
            self._needed = ()
            return self._put(answers, ahead)
        dialogue.ended(outcome)
        self._first = self._first or answers
        return outcome

    def _seen_alone(self, first: Answerer) -> tuple[str, ...]:
        """What the next workers are to hold: the tests with what they need, where these say the
        same as among everything else, which may take long to run; all, where they do not."""
        alone = (self._request.tests,)
        dialogue = self._dialogue(first)
        try:
            return alone if dialogue.agrees(self._run(dialogue, alone)) else ()
        except WorkerLost:
            return ()

    def _dialogue(self, answers: Answerer) -> Dialogue[TestsOutcome]:
        return self._dialogues.begin(_only(self._request.of, answers))

    def _run(
        self, dialogue: Dialogue[TestsOutcome], needed: tuple[str, ...]
    ) -> TestsOutcome:
        """Raises WorkerLost."""
        self._student.restart(needed)
        reply = self._student.request(self._request, seconds=self._seconds, asked=dialogue)
        return TestsOutcome(Said.ACCEPTED) if reply.raised is None else \
            TestsOutcome(Said.REJECTED, raised=reply.raised)


def found_wrong(
    tests: StudentsTests, right: Sequence[Answerer], wrong: Sequence[Answerer]
) -> tuple[list[int], TestsOutcome | None]:
    """The places of the wrong ones that tests find, in an order that they cannot know; or what they
    say of a right one that they have accepted, and meet again somewhere among these."""
    chance = random.SystemRandom()
    order = chance.sample(range(len(wrong)), len(wrong))
    again = [chance.choice(right) for _ in range(AGAIN)]
    at = sorted(chance.randrange(len(order)) for _ in again)
    found: list[int] = []
    for turn, place in enumerate(order):
        runs = tests.runs
        if tests.say(wrong[place]).said is Said.REJECTED:
            found.append(place)
        is_place = tests.runs > runs or turn + 1 == len(order)
        while found and is_place and at and at[0] <= turn:
            del at[0]
            met = tests.say_again(again.pop(), tests.ahead)
            if met.said is Said.REJECTED:
                return [], met
    return found, None


def _only(of: str, answers: Asked) -> Asked:
    """Answers for the tested function and for no other; why it refuses is not told."""

    def asked(inquiry: Inquiry, seconds: float) -> Any:
        if inquiry.function != of:
            raise WorkerLost("protocol", f"it asked for the answer of {inquiry.function[:100]!r}")
        try:
            return answers(inquiry, seconds)
        except ValueError:
            raise ValueError("it refuses these arguments") from None

    return asked
