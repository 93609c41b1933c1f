"""What students handed in through the door: received, waiting for a grader, graded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from autograder import __version__
from autograder.result import SubmissionStatus
from autograder.store.claims import Claims, bury, claims
from autograder.store.database import Database
from autograder.store.events import note
from autograder.store.tables import ClaimRow, HandInRow, ResultRow, RunRow


class State(StrEnum):
    """How far a hand-in is."""

    WAITING = "waiting"
    AGAIN = "again"  # graded, and to be graded once more: after all that nobody has graded
    GRADED = "graded"
    UNREADABLE = "unreadable"  # nobody can read it, and its result says why
    INTERNAL = "internal"  # our own fault ended it

    @property
    def is_queued(self) -> bool:
        return self in _QUEUED

    @classmethod
    def of(cls, statuses: Collection[SubmissionStatus]) -> State:
        """What became of a hand-in whose results ended so: one, or one of each of a team."""
        return next((cls(each.value) for each in (
            SubmissionStatus.INTERNAL, SubmissionStatus.UNREADABLE) if each in statuses),
            cls.GRADED)


_QUEUED = (State.WAITING, State.AGAIN)
# Asked again and again, and so composed once: that takes longer than to ask.
_BY_NUMBER = select(HandInRow.__table__).where(HandInRow.id == bindparam("number"))
_WAITING = select(HandInRow.__table__).where(HandInRow.state.in_(_QUEUED))
_LENGTH = select(func.count(), func.min(HandInRow.at)).where(HandInRow.state.in_(_QUEUED))
_RECENT = timedelta(minutes=10)
_LONG = timedelta(seconds=20)  # a judge of another assignment takes some seconds to become warm


@dataclass(frozen=True)
class Arrival:
    """One hand-in. ``digest`` is of the files as they came, and ``submission`` of those of them
    that were graded; ``begun`` says how often a grader has begun with it."""

    number: int
    at: datetime
    student: str
    assignment: str
    way: str
    digest: str
    state: State
    begun: int
    submission: str | None
    ended: datetime | None

    @property
    def graders_ended(self) -> int:
        """How many graders ended while they had it: all that began with it but the last."""
        return max(self.begun - 1, 0)


@dataclass(frozen=True)
class Work:
    """A hand-in that a run has claimed, the run's number, and its claims."""

    arrival: Arrival
    run: int
    claims: Claims


@dataclass(frozen=True)
class Queue:
    """How many hand-ins wait, and since when the oldest does."""

    length: int
    since: datetime | None


class Arrivals:
    """The hand-ins of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def exclusively(self) -> Iterator[HeldArrivals]:
        """A look at what there is, in which nobody else adds to it. Kept at its end."""
        with self._database.exclusive() as session:
            yield HeldArrivals(session)

    def find(self, number: int) -> Arrival | None:
        """The hand-in of that number; None where there is none."""
        with self._database.session() as session:
            row = session.execute(_BY_NUMBER, {"number": number}).one_or_none()
            return None if row is None else _arrival(row)

    def all(self, *, students: Collection[str] | None = None, assignment: str | None = None
            ) -> list[Arrival]:
        """Hand-ins, the newest first."""
        with self._database.session() as session:
            return [_arrival(row) for row in session.scalars(_of(students, assignment))]

    def queue(self) -> Queue:
        """How long the queue is. A hand-in that is being graded is in it."""
        with self._database.session() as session:
            length, since = session.execute(_LENGTH).one()
            return Queue(length, since)

    def queued(self) -> list[Arrival]:
        """The hand-ins that wait, the next one first."""
        with self._database.session() as session:
            found = {row.id: _arrival(row) for row in session.execute(_WAITING)}
            return [found[number] for number in _in_order(session) if number in found]

    def again(self, numbers: Collection[int], why: str, *, by: str | None = None) -> int:
        """Have hand-ins graded once more, after all that nobody has graded. Returns how many."""
        with self._database.exclusive() as session:
            rows = session.scalars(select(HandInRow).where(
                HandInRow.id.in_(numbers), HandInRow.state.not_in(_QUEUED))).all()
            for row in rows:
                row.state, row.begun = State.AGAIN, 0
                note(session, "regrade", f"{row.assignment} · {row.student} · hand-in {row.id}",
                     student=row.student, why=why, by=by)
            return len(rows)

    def ended(self, arrival: Arrival, submission: str, state: State) -> None:
        """Note what became of a hand-in: its result is kept under this digest."""
        with self._database.session() as session:
            session.execute(update(HandInRow).where(HandInRow.id == arrival.number).values(
                state=state, submission=submission, ended=datetime.now(UTC)))
            session.commit()

    def back(self, arrival: Arrival) -> None:
        """Note that a grader has not begun with a hand-in after all."""
        with self._database.session() as session:
            session.execute(update(HandInRow).where(HandInRow.id == arrival.number).values(
                begun=HandInRow.begun - 1))
            session.commit()

    @contextmanager
    def work(self, command: str, seated: str = "") -> Iterator[Work | None]:
        """The next hand-in in the queue, claimed for a run of its own as long as this block lasts;
        None where nothing waits that nobody else grades.

        Args:
            seated: the assignment for which there is a judge: of those whose turn it is, a hand-in
                for another one comes after those for this, until it has waited for long.
        """
        if not self.queue().length:
            yield None
            return
        with self._database.session() as session:
            row = RunRow(started=datetime.now(UTC), finished=None, assignment="", command=command,
                         autograder=__version__)
            session.add(row)
            session.commit()
            run = row.id
        with claims(self._database, run) as held:
            arrival = self._take(run, seated)
            if arrival is not None:
                yield Work(arrival, run, held)
        with self._database.session() as session:
            session.execute(
                delete(RunRow).where(RunRow.id == run) if arrival is None else
                update(RunRow).where(RunRow.id == run).values(finished=datetime.now(UTC)))
            session.commit()
        if arrival is None:  # another grader was faster
            yield None

    def _take(self, run: int, seated: str) -> Arrival | None:
        with self._database.exclusive() as session:
            bury(self._database, session, run)
            claimed = {(each.assignment, each.student, each.submission)
                       for each in session.scalars(select(ClaimRow))}
            for number in _in_order(session, seated):
                row = session.get_one(HandInRow, number)
                # Of its files, the claim goes when a result is kept; the hand-in's own does not,
                # for until `ended` it still waits.
                wanted = {(row.assignment, row.student, submission)
                          for submission in (row.digest, f"hand-in {number}")}
                if wanted & claimed:
                    continue
                session.add_all(ClaimRow(assignment=assignment, student=student,
                                         submission=submission, run_id=run)
                                for assignment, student, submission in wanted)
                session.execute(update(RunRow).where(RunRow.id == run).values(
                    assignment=row.assignment))
                row.begun += 1
                return _arrival(row)
        return None


class HeldArrivals:
    """What students have handed in, in a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, students: Collection[str], assignment: str) -> list[Arrival]:
        """Theirs, the newest first."""
        return [_arrival(row) for row in self._session.scalars(_of(students, assignment))]

    def add(self, student: str, assignment: str, digest: str, at: datetime, way: str) -> Arrival:
        """One more, which waits from now on."""
        row = HandInRow(at=at, student=student, assignment=assignment, way=way, digest=digest,
                        state=State.WAITING, begun=0, submission=None, ended=None)
        self._session.add(row)
        self._session.flush()
        return _arrival(row)

    def needs(self, digest: str) -> bool:
        """Whether anything that is kept is of these files."""
        return any(self._session.scalar(select(exists().where(column == digest))) for column in (
            HandInRow.digest, HandInRow.submission, ResultRow.submission, ClaimRow.submission))

    def graded(self, arrival: Arrival) -> int:
        """How often a hand-in was graded, or given up."""
        return self._session.scalar(select(func.count()).select_from(ResultRow).where(
            ResultRow.student == arrival.student, ResultRow.assignment == arrival.assignment,
            ResultRow.submission == arrival.submission)) or 0

    def wait(self, arrival: Arrival) -> None:
        """Have one that our own fault ended wait again."""
        self._session.execute(update(HandInRow).where(HandInRow.id == arrival.number).values(
            state=State.WAITING, begun=0))


def _of(students: Collection[str] | None, assignment: str | None) -> Select[HandInRow]:
    query = select(HandInRow).order_by(HandInRow.id.desc())
    if students is not None:
        query = query.where(HandInRow.student.in_(students))
    if assignment is not None:
        query = query.where(HandInRow.assignment == assignment)
    return query


def _in_order(session: Session, seated: str = "") -> list[int]:
    """The queue: everybody's first before anybody's second, the oldest of these first; what was
    graded before, after all others. Who had a turn just now has had it."""
    late = datetime.now(UTC) - _LONG
    oldest = session.scalar(select(func.min(HandInRow.at)).where(HandInRow.state == State.WAITING))
    turns = Counter(session.scalars(select(HandInRow.student).where(
        HandInRow.ended.is_not(None), HandInRow.at > (oldest or datetime.now(UTC)) - _RECENT)))
    order = []
    for row in session.execute(
            select(HandInRow.id, HandInRow.student, HandInRow.state, HandInRow.assignment,
                   HandInRow.at)
            .where(HandInRow.state.in_(_QUEUED)).order_by(HandInRow.id)):
        turns[row.student] += 1
        wants_another = bool(seated) and row.assignment != seated and row.at > late
        order.append((row.state == State.AGAIN, turns[row.student], wants_another, row.id))
    return [number for *_, number in sorted(order)]


def _arrival(row: HandInRow | Row[Any]) -> Arrival:
    return Arrival(row.id, row.at, row.student, row.assignment, row.way, row.digest,
                   State(row.state), row.begun, row.submission, row.ended)
