"""Whose work it is that still runs on a device when every worker is frozen.

What a look finds belongs to whoever ran before it, or to a neighbour who is none of ours. An honest
call leaves nothing: the worker waits for all streams before it says that it is done. A neighbour is
found after the staff's turns as well as after the student's. So what is found after the student's
alone, so often that chance does it in fewer than one of a hundred timings, is the student's; and so
is what goes away together with the student's worker. Nobody gets points or a zero by that: the
question is deferred, and staff look. Meanwhile what is found costs a pair, and nothing else.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Literal

from autograder.result import Sentence, sentence
from autograder.timing.protocol import Call, Restless, Runner, looks_until_quiet

Who = Literal["staff", "student"]

_CHANCE = 0.01
_LAST_LOOKS = 2000  # ten seconds: a driver takes its time to clear up after a process


class Unfair(Exception):
    """It cannot be timed fairly, for a reason that a person should look at: ``suspicion``, for
    staff."""

    def __init__(self, message: Sentence, suspicion: str) -> None:
        super().__init__(suspicion)
        self.message = message
        self.suspicion = suspicion


class Turns:
    """The calls of one staff's and one student's worker on one device, in the order they run."""

    def __init__(self, student: Runner) -> None:
        """``student`` was loaded last, with all that its cells have begun."""
        self._student = student
        self._last: Who = "student"
        self._looks: Counter[Who] = Counter()
        self._found: Counter[Who] = Counter()

    def take(self, who: Who, call: Callable[[], Call]) -> Call:
        """What ``call`` of ``who`` returns.

        Raises:
            Unfair: the student leaves work running.
            Restless: somebody else does, who is none of ours.
        """
        try:
            found = call()
        except Restless:
            self._student.kill()
            looks_until_quiet(self._student.equipment, _LAST_LOOKS)
            raise left_running("until its process was ended") from None
        self._looks[self._last] += 1
        self._found[self._last] += found.found_work
        self._last = who
        if self._is_the_students():
            self._student.kill()
            raise left_running(f"after {self._found['student']} of its calls")
        return found

    def _is_the_students(self) -> bool:
        """Whether finds that have nothing to do with whose turn it was would hardly all lie after
        the student's: one of so many choices of as many looks."""
        finds, theirs = self._found["student"], self._looks["student"]
        choices = math.comb(self._looks.total(), finds)
        return not self._found["staff"] and math.comb(theirs, finds) < _CHANCE * choices


def left_running(when: str) -> Unfair:
    return Unfair(
        sentence("It left work running on the device after it had answered, so that it cannot be "
                 "timed fairly. Staff look at it."),
        f"left work running on the device {when}")
