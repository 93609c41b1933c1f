"""Notices: found by looking at what has happened, written down once each, and tried until they are
sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from autograder.store.arrivals import State
from autograder.store.database import Database
from autograder.store.tables import HandInRow, MarkRow, MessageRow, NoticeRow, RequestRow

_OVERLAP = timedelta(minutes=10)  # what is looked at again: transactions end in any order


class NoticeKind(StrEnum):
    """What somebody is told of."""

    RESULT = "result"  # a hand-in is graded
    INTERNAL = "internal"  # our own fault ended one: for staff
    REQUEST = "request"  # a student asks for a second look: for staff
    ANSWER = "answer"  # there is a message in its thread
    CLOSED = "closed"
    MARK = "mark"  # a text is marked


@dataclass(frozen=True)
class News:
    """Something that happened, of which somebody is to be told; ``student`` is None for staff."""

    about: str
    kind: NoticeKind
    student: str | None
    assignment: str
    place: str
    at: datetime


@dataclass(frozen=True)
class Notice:
    """One that is being sent, for the ``tried``-th time."""

    number: int
    kind: NoticeKind
    student: str | None
    assignment: str
    place: str
    tried: int


class Notices:
    """The notices of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> datetime | None:
        """When the last thing happened of which somebody was told."""
        with self._database.session() as session:
            return session.scalar(select(func.max(NoticeRow.at)))

    def collect(self, since: datetime, told: Collection[str], slow: timedelta,
                team: Callable[[str], Collection[str]]) -> int:
        """Write down what has happened since then. Returns how much of it was new.

        Args:
            told: ``students``, ``staff``, or both.
            slow: results are told that took longer.
            team: whom a hand-in of a student is of.
        """
        with self._database.session() as session:
            found: dict[str, News] = {}
            for each in _news(session, since - _OVERLAP, slow, team):
                if ("staff" if each.student is None else "students") in told:
                    found.setdefault(each.about, each)
            known = set(session.scalars(select(NoticeRow.about).where(
                NoticeRow.about.in_(found))))
        new = [each for each in found.values() if each.about not in known]
        if new:
            with self._database.exclusive() as session:
                known = set(session.scalars(select(NoticeRow.about).where(
                    NoticeRow.about.in_([each.about for each in new]))))
                session.add_all(NoticeRow(
                    about=each.about, kind=each.kind, student=each.student or "",
                    assignment=each.assignment, place=each.place, at=each.at, state="waiting",
                    tried=0, due=datetime.now(UTC)) for each in new if each.about not in known)
        return len(new)

    def take(self) -> Notice | None:
        """One that is due, which from now on nobody else sends. Where its sender is killed it is
        left: to be told twice is worse than not to be told of what a page says as well."""
        with self._database.exclusive() as session:
            row = session.scalar(select(NoticeRow).where(
                NoticeRow.state == "waiting", NoticeRow.due <= datetime.now(UTC))
                .order_by(NoticeRow.due).limit(1))
            if row is None:
                return None
            row.state, row.tried = "sending", row.tried + 1
            return Notice(row.id, NoticeKind(row.kind), row.student or None, row.assignment,
                          row.place, row.tried)

    def ended(self, notice: Notice, *, sent: bool, again: timedelta | None = None) -> None:
        """Note what became of it; where it failed, when it is tried again, or None: never."""
        state = "sent" if sent else "failed" if again is None else "waiting"
        with self._database.exclusive() as session:
            session.execute(update(NoticeRow).where(NoticeRow.id == notice.number).values(
                state=state, due=datetime.now(UTC) + (again or timedelta())))


def _news(session: Session, since: datetime, slow: timedelta,
          team: Callable[[str], Collection[str]]) -> Iterator[News]:
    for arrival in session.scalars(select(HandInRow).where(HandInRow.ended > since)):
        place = f"/handins/{arrival.id}"
        if arrival.state == State.INTERNAL:
            yield News(f"internal {arrival.id}", NoticeKind.INTERNAL, None, arrival.assignment,
                       place, arrival.ended or since)
        elif arrival.state in (State.GRADED, State.UNREADABLE) and arrival.ended \
                and arrival.ended - arrival.at > slow:
            for student in team(arrival.student):
                yield News(f"result {arrival.id} {student}", NoticeKind.RESULT, student,
                           arrival.assignment, place, arrival.ended)
    for request in session.scalars(select(RequestRow).where(
            (RequestRow.opened > since) | (RequestRow.closed > since))):
        place = f"/requests/{request.id}"
        if request.opened > since:
            yield News(f"request {request.id}", NoticeKind.REQUEST, None, request.assignment,
                       place, request.opened)
        if request.closed:
            yield News(f"closed {request.id}", NoticeKind.CLOSED, request.student,
                       request.assignment, place, request.closed)
    before = aliased(MessageRow)
    answered = select(func.max(before.id)).where(
        before.request_id == RequestRow.id, before.by != RequestRow.student,
        before.id < MessageRow.id).scalar_subquery()
    for message, request, answer in session.execute(
            select(MessageRow, RequestRow, answered).join(RequestRow).where(
                MessageRow.at > since, MessageRow.at > RequestRow.opened)):
        place = f"/requests/{request.id}"
        if message.by != request.student:
            yield News(f"message {message.id}", NoticeKind.ANSWER, request.student,
                       request.assignment, place, message.at)
        else:  # letters without end are news once, until somebody answers
            yield News(f"request {request.id}" if answer is None else f"letters after {answer}",
                       NoticeKind.ANSWER, None, request.assignment, place, message.at)
    for mark in session.scalars(select(MarkRow).where(
            MarkRow.at > since, MarkRow.revoked.is_(None))):
        yield News(f"mark {mark.assignment} {mark.question} {mark.student}", NoticeKind.MARK,
                   mark.student, mark.assignment, f"/assignments/{mark.assignment}", mark.at)
