"""Second looks: a student asks for one at a question, and there is a thread until it is closed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.errors import AutograderError
from autograder.gradebook import Decided
from autograder.store.acts import KINDS, keep
from autograder.store.database import Database
from autograder.store.events import account, note
from autograder.store.tables import AdjustmentRow, MessageRow, RequestRow, WaiverRow

_DECISION = re.compile(r"\((\w+ \d+)\)\Z")

MOST_OPEN = 20
"""Requests of one student that are open: whoever has more is to wait for answers."""

MOST_LETTERS = 8000
"""That a student writes to one request until somebody of the staff answers."""


class RequestError(AutograderError):
    """There is no such request, or it is closed. The text says what to do."""


class TooManyOpen(RequestError):
    """A student has asked for too much at once."""


class TooManyLetters(RequestError):
    """A student has written too much at once."""


@dataclass(frozen=True)
class Message:
    """One message of a thread: when, by whom, what."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class SecondLook:
    """A student's wish for another look. ``question`` is None for the whole; ``outcome`` is what
    was decided, once it is closed, and ``is_taken_back`` whether the decision that it names was."""

    number: int
    opened: datetime
    student: str
    assignment: str
    question: str | None
    closed: datetime | None
    outcome: str | None
    messages: tuple[Message, ...]
    is_taken_back: bool = False


class Requests:
    """The requests in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, student: str, assignment: str, question: str | None, words: str) -> int:
        """Open a request of the student's own. Returns its number.

        Raises:
            TooManyOpen: ``MOST_OPEN`` are open.
            TooManyLetters: the words are more than ``MOST_LETTERS``.
        """
        _bound(len(words))
        with self._database.exclusive() as session:
            if (session.scalar(select(func.count()).select_from(RequestRow).where(
                    RequestRow.student == student, RequestRow.closed.is_(None))) or 0) >= MOST_OPEN:
                raise TooManyOpen(f"{MOST_OPEN} requests of {student} are open; close some")
            return _opened(session, student, assignment, question, words, student,
                           datetime.now(UTC), noted=student)

    def open(self, student: str, assignment: str, question: str | None, words: str, *,
             by: str | None = None, at: datetime | None = None) -> int:
        """Open a request for a student, with the student's words. Returns its number.

        Args:
            by: who wrote them; None is the student.
            at: when; None is now.
        """
        with self._database.session() as session:
            number = _opened(session, student, assignment, question, words, by or student,
                             at or datetime.now(UTC))
            session.commit()
            return number

    def answer(self, number: int, words: str, *, by: str | None = None) -> None:
        """Add a message to an open request's thread.

        Raises:
            RequestError: there is none, or it is closed.
            TooManyLetters: it is the student who asked, and has written ``MOST_LETTERS`` since
                anybody answered.
        """
        with self._database.exclusive() as session:
            row = self._open(session.get(RequestRow, number), number)
            if by == row.student:
                answered = session.scalar(select(func.max(MessageRow.id)).where(
                    MessageRow.request_id == number, MessageRow.by != by)) or 0
                _bound(len(words) + (session.scalar(select(
                    func.sum(func.length(MessageRow.text))).where(
                    MessageRow.request_id == number, MessageRow.id > answered)) or 0))
            session.add(MessageRow(request_id=row.id, at=datetime.now(UTC), by=by or account(),
                                   text=words))

    def close(self, number: int, outcome: str, decided: Decided | None = None, *,
              by: str | None = None) -> str:
        """End a request, and keep what was decided with it: both, or neither. Returns the outcome,
        with the decision's number.

        Args:
            by: who decided; None is the account that runs this process.

        Raises:
            RequestError: there is none, or it is closed.
        """
        with self._database.exclusive() as session:
            row = self._open(session.get(RequestRow, number), number)
            if decided is not None:
                kind = next(name for name, each in KINDS.items() if each is type(decided))
                outcome = f"{outcome} ({kind} {keep(session, decided, by)})"  # as _named reads it
            row.closed, row.outcome = datetime.now(UTC), outcome
            note(session, "close", " · ".join(
                [row.assignment, row.student, row.question or "total", f"request {number}"]),
                student=row.student, before="open", after="closed", why=outcome, by=by)
            return outcome

    def find(self, number: int) -> SecondLook:
        """The request of that number.

        Raises:
            RequestError: there is none.
        """
        found = self.all(numbers=[number])
        if not found:
            raise RequestError(f"no request {number}; autograder requests list lists them")
        return found[0]

    def all(self, *, numbers: Iterable[int] | None = None, student: str | None = None,
            assignment: str | None = None) -> list[SecondLook]:
        """Requests, the oldest first."""
        query = select(RequestRow).order_by(RequestRow.id)
        if numbers is not None:
            query = query.where(RequestRow.id.in_(list(numbers)))
        if student is not None:
            query = query.where(RequestRow.student == student)
        if assignment is not None:
            query = query.where(RequestRow.assignment == assignment)
        with self._database.session() as session:
            rows = session.scalars(query).all()
            if not rows:
                return []
            threads: dict[int, list[Message]] = {row.id: [] for row in rows}
            for message in session.scalars(
                    select(MessageRow).where(MessageRow.request_id.in_(threads))
                    .order_by(MessageRow.id)):
                threads[message.request_id].append(Message(message.at, message.by, message.text))
            revoked = _revoked(session)
            return [SecondLook(row.id, row.opened, row.student, row.assignment, row.question,
                               row.closed, row.outcome, tuple(threads[row.id]),
                               (reason_of(row.id), _named(row.outcome)) in revoked) for row in rows]

    @staticmethod
    def _open(row: RequestRow | None, number: int) -> RequestRow:
        if row is None:
            raise RequestError(f"no request {number}; autograder requests list lists them")
        if row.closed is not None:
            raise RequestError(f"request {number} was closed on {row.closed:%Y-%m-%d}: "
                               f"{row.outcome}; open another one")
        return row


def _opened(session: Session, student: str, assignment: str, question: str | None, words: str,
            by: str, at: datetime, noted: str | None = None) -> int:
    row = RequestRow(opened=at, student=student, assignment=assignment, question=question)
    session.add(row)
    session.flush()
    session.add(MessageRow(request_id=row.id, at=at, by=by, text=words))
    note(session, "request", " · ".join(
        [assignment, student, question or "total", f"request {row.id}"]),
        student=student, after="open", why=words, by=noted)
    return row.id


def reason_of(number: int | str) -> str:
    """Why something was decided that ended a request."""
    return f"request {number}"


def _named(outcome: str | None) -> str:
    """The decision that an outcome names at its end: adjustment 3."""
    found = _DECISION.search(outcome or "")
    return found[1] if found else ""


def _revoked(session: Session) -> set[tuple[str, str]]:
    """Why something was decided, and what, where that was taken back."""
    return {(reason, f"{kind} {number}")
            for kind, table in (("adjustment", AdjustmentRow), ("waiver", WaiverRow))
            for number, reason in session.execute(select(table.id, table.reason).where(
                table.revoked.is_not(None), table.reason.startswith(reason_of(""))))}


def _bound(letters: int) -> None:
    if letters > MOST_LETTERS:
        raise TooManyLetters(f"more than {MOST_LETTERS} letters; be brief, or wait for an answer")
