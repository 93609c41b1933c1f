"""The sessions of one submission: workers with the student's code, from their start to their end.

Two kinds. The deciding ones meet inputs drawn with the course's secret; nothing that these write
from then on reaches a student. The explaining ones meet inputs that everybody may know; all that
these write may be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

from autograder.course import Assignment, Tier
from autograder.judge.answerer import (
    Answerer,
    Answering,
    Recall,
    RightAnswer,
    running,
    side_by_side,
)
from autograder.judge.implementation import Allowance, Examinee, Student
from autograder.judge.rehearsed import Rehearsed
from autograder.protocol import Inquiry
from autograder.sandbox.client import Zygote
from autograder.submission import Notebook

LONGEST_LINE = 200  # characters of a line of code that is shown
Helpers = tuple[str, ...]  # functions that a question builds on, and that are corrected

TRIAL_SECONDS = 20.0
"""What trials of one submission may take together, whatever else it may."""


class NotApart(Exception):
    """What is secret and what is told were to meet in one process: a fault of ours."""


class Examinees(Protocol):
    """The functions of one submission, as an exam asks for them: see ``Sessions``."""

    notebook: Notebook

    def undecided(self, corrected: Iterable[str] = ()) -> Examinee: ...

    def secrets_come(self, corrected: Iterable[str] = ()) -> None: ...

    def deciding(self, corrected: Iterable[str] = ()) -> Examinee: ...

    def explaining(self, corrected: Iterable[str] = ()) -> Examinee: ...

    @property
    def told(self) -> Examinee: ...

    def line(self, cell: int | None, line: int | None) -> str | None: ...


class Sessions:
    """Starts each session when it is first asked for. Close it."""

    def __init__(
        self, zygote: Zygote, tier: Tier, assignment: Assignment, notebook: Notebook, program: str,
        given: Path | None = None, rehearsed: Rehearsed | None = None,
    ) -> None:
        """
        Args:
            program: the reference, which answers for corrected functions.
            given: a folder of the files that it finds beside it.
            rehearsed: what it answers, as far as that is known.
        """
        self.notebook = notebook
        self._rehearsed = rehearsed
        self._running = partial(running, zygote, tier, assignment.limits, given=given)
        self.reference = partial(self._running, program)
        """Starts a worker that holds the reference, and nothing of the student's. Stop it."""
        self._students: list[Student] = []
        watched = tuple({rule: None for each in assignment.questions for rule in each.denied})

        def kind(known: Recall | None) -> _SessionsOfKind:
            answerer = Answerer(Answering(self.reference), known=known)
            return _SessionsOfKind(answerer, Allowance(assignment.limits.submission_seconds), start)

        def start(corrected: Helpers, allowance: Allowance, answerer: Answerer) -> Student:
            first = self._students[0] if self._students else None
            student = Student(zygote, tier, assignment.limits, notebook, assignment.names,
                              allowance, replaced=corrected, asked=answerer, after=first,
                              watched=watched)
            self._students.append(student)
            return student

        self._deciding = kind(self._known)
        self._explaining = kind(rehearsed.known_of_public if rehearsed else None)
        self._start = start
        self._secrets_came: set[bool] = set()  # to those on right helpers, or on the student's

    def undecided(self, corrected: Iterable[str] = ()) -> Student:
        """A deciding session before it meets a secret input, when all that it says may be told:
        what is known of secret inputs answers nothing yet. ``corrected`` functions are right.

        Raises:
            NotApart: secrets have come there.
        """
        key = tuple(corrected)
        if bool(key) in self._secrets_came:
            raise NotApart("nothing is told of a process after secrets came there")
        return self._deciding.session(key)

    def secrets_come(self, corrected: Iterable[str] = ()) -> None:
        """From here on, and for good, deciding sessions meet secret inputs: those on the student's
        own helpers or, where some are ``corrected``, all on right ones, for one process answers
        all of these."""
        self._secrets_came.add(bool(tuple(corrected)))

    def deciding(self, corrected: Iterable[str] = ()) -> Student:
        """The student's code, to be put to secret inputs. ``corrected`` functions are right.

        Raises:
            NotApart: nobody has said that secrets come.
        """
        key = tuple(corrected)
        if bool(key) not in self._secrets_came:
            raise NotApart("secret inputs were to be met before it was said that they come")
        return self._deciding.session(key)

    def explaining(self, corrected: Iterable[str] = ()) -> Student:
        """The student's code, to be put to no secret input."""
        return self._explaining.session(tuple(corrected))

    @cached_property
    def trial_allowance(self) -> Allowance:
        """What trials may take: of what is left for explaining when the first one starts."""
        return Allowance(min(TRIAL_SECONDS, self._explaining.allowance.left))

    @contextmanager
    def answering(self, programs: Sequence[str], name: str) -> Iterator[list[Answerer]]:
        """Those that answer for the function ``name`` as each of these programs does. One worker
        holds them all: they are staff's, and keep nothing of what they are asked."""
        together, called = side_by_side(programs, name)
        answering = Answering(partial(self._running, together))
        try:
            yield [Answerer(answering, called=each) for each in called]
        finally:
            answering.close()

    @contextmanager
    def trial(self, corrected: Iterable[str] = ()) -> Iterator[Student]:
        """A fresh explaining session, in which something may be tried: nothing of it stays."""
        student = self._start(tuple(corrected), self.trial_allowance, self._explaining.answerer)
        try:
            yield student
        finally:
            student.close()

    @property
    def told(self) -> Student:
        """The one whose word on the cells is told: the explaining one, so that all that a student
        reads is of one time; the first, where none was started. It spoke before any input."""
        return self._explaining.own or (self._students[0] if self._students else self.explaining())

    def line(self, cell: int | None, line: int | None) -> str | None:
        """A line of the student's code; None where there is no such line."""
        for part in self.notebook.cells:
            if cell in (part.index, None) and line is not None:
                lines = part.source.split("\n")
                if 0 < line - part.above <= len(lines):
                    return lines[line - part.above - 1].strip()[:LONGEST_LINE]
        return None

    def _known(self, inquiry: Inquiry) -> RightAnswer | None:
        """What who stands in for right helpers in deciding sessions need not ask."""
        if self._rehearsed is None:
            return None
        if True in self._secrets_came:
            return self._rehearsed.known(inquiry)
        return self._rehearsed.known_of_public(inquiry)

    def close(self) -> str:
        """End all; what the student's own code printed in either kind, as far as it was kept."""
        own = (self._deciding.own, self._explaining.own)
        printed = [(student, student.close()) for student in self._students]
        self._deciding.close()
        self._explaining.close()
        return "".join(output for student, output in printed if student in own)


class _SessionsOfKind:
    """The sessions of one kind, which share what a submission may take."""

    def __init__(
        self, answerer: Answerer, allowance: Allowance,
        start: Callable[[Helpers, Allowance, Answerer], Student],
    ) -> None:
        self.answerer = answerer
        self.allowance = allowance
        self._start = start
        self._sessions: dict[Helpers, Student] = {}

    def session(self, corrected: Helpers) -> Student:
        if corrected not in self._sessions:
            self._sessions[corrected] = self._start(corrected, self.allowance, self.answerer)
        return self._sessions[corrected]

    @property
    def own(self) -> Student | None:
        """The session without corrected functions, where there was one."""
        return self._sessions.get(())

    def close(self) -> None:
        self.answerer.close()
