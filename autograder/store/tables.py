"""The store's tables as they are now. How older ones become these is in ``migrations``."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION = 10
"""Of these tables: the newest of ``autograder.store.migrations``."""

_OF_A_TEAM = "handed_in_by IS NOT NULL"


class Moment(TypeDecorator[datetime]):
    """A time with its zone: kept in UTC, because SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Moment, str: Text}


class RunRow(Base):
    """One use of the grade verb. ``finished`` stays empty when it was cut off."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    started: Mapped[datetime]
    finished: Mapped[datetime | None]
    assignment: Mapped[str]
    command: Mapped[str]
    autograder: Mapped[str]


class ResultRow(Base):
    """One result: its record as JSON, and what one looks for in columns. What it is worth is in
    neither: the gradebook says, by grader.toml as it is when somebody looks."""

    __tablename__ = "results"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    key: Mapped[str]
    student: Mapped[str]
    assignment: Mapped[str]
    submission: Mapped[str]
    submitted: Mapped[datetime | None]
    suite: Mapped[str]
    tier: Mapped[str]
    status: Mapped[str]
    created: Mapped[datetime]
    handed_in_by: Mapped[str | None]  # of a team
    verdicts: Mapped[str]  # what the gradebook needs of the record: a fiftieth of its letters
    record: Mapped[str]  # long, and so the last: whoever wants the others need not pass over it
    __table_args__ = (
        Index("results_key", "key"), Index("results_student", "student"),
        Index("results_submission", "submission"),
        # With all that says which result counts.
        Index("results_assignment", "assignment", "student", "submission", "submitted", "created",
              "run_id"),
        # With all that says what is whose; of teams alone, for others have no such row.
        Index("results_team", "student", "assignment", "submission", "handed_in_by",
              sqlite_where=text(_OF_A_TEAM), postgresql_where=text(_OF_A_TEAM)))


class ClaimRow(Base):
    """What a run is grading just now: files, by their digest, or a hand-in, by `hand-in` and its
    number, which it has from before its files are graded until its state says that they are."""

    __tablename__ = "claims"
    assignment: Mapped[str] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(primary_key=True)
    submission: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))


class HandInRow(Base):
    """What a student handed in through the door."""

    __tablename__ = "handins"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    student: Mapped[str]
    assignment: Mapped[str]
    way: Mapped[str]  # by which it came: page, api
    digest: Mapped[str]  # of the files as they came
    state: Mapped[str]  # of ``arrivals.State``
    begun: Mapped[int]  # how often a grader has begun with it
    submission: Mapped[str | None]  # digest of what was graded of it
    ended: Mapped[datetime | None]  # when it was graded
    __table_args__ = (Index("handins_state", "state"),
                      Index("handins_student", "student", "assignment"))


class KeyRow(Base):
    """What lets somebody in: a link, a session, a token of a program. None is kept itself."""

    __tablename__ = "keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]  # SHA-256 of the key
    kind: Mapped[str]
    student: Mapped[str]  # whose it is; of staff, too
    role: Mapped[str | None]  # of whom the table of people does not know
    scope: Mapped[str]
    made: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]  # used, left, or revoked
    __table_args__ = (Index("keys_digest", "digest", unique=True),)


class LaunchRow(Base):
    """What a learning platform said when somebody came from it: what it calls a person, or, of a
    link of staff's, where it gives names and takes scores. Of each the newest."""

    __tablename__ = "launches"
    platform: Mapped[str] = mapped_column(primary_key=True)  # its issuer
    kind: Mapped[str] = mapped_column(primary_key=True)  # person, context, names, column, columns
    assignment: Mapped[str] = mapped_column(primary_key=True)  # of services; else empty
    student: Mapped[str] = mapped_column(primary_key=True)  # of a person; else empty
    at: Mapped[datetime]
    value: Mapped[str]  # the id, or the address


class Act(Base):
    """What somebody of the staff decided. Rows are added and revoked, and never changed."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]  # the account
    assignment: Mapped[str]
    reason: Mapped[str]  # for staff
    revoked: Mapped[datetime | None]


class AdjustmentRow(Act):
    """Points changed by a person: ``kind`` is add, set or full. Of the total without a question."""

    __tablename__ = "adjustments"
    whom_kind: Mapped[str]
    whom: Mapped[str]
    question: Mapped[str | None]
    kind: Mapped[str]
    points: Mapped[str | None]  # a decimal number
    comment: Mapped[str]  # for the student


class WaiverRow(Act):
    """A check taken out for everybody, so that nobody loses by it."""

    __tablename__ = "waivers"
    question: Mapped[str]
    check: Mapped[str]


class ExtensionRow(Act):
    """A later due date."""

    __tablename__ = "extensions"
    whom_kind: Mapped[str]
    whom: Mapped[str]
    due: Mapped[datetime]


class MarkRow(Act):
    """What somebody gave for a free text: of several on one text, the newest counts."""

    __tablename__ = "marks"
    student: Mapped[str]
    question: Mapped[str]
    points: Mapped[str]  # a decimal number
    comment: Mapped[str]  # for the student
    items: Mapped[str]  # JSON: lines of the rubric, and the points of each
    answer: Mapped[str]  # fingerprint of the text that was marked


class RequestRow(Base):
    """A student asks for another look at a question, or, without one, at the whole."""

    __tablename__ = "requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    opened: Mapped[datetime]
    student: Mapped[str]
    assignment: Mapped[str]
    question: Mapped[str | None]
    closed: Mapped[datetime | None]
    outcome: Mapped[str | None]


class MessageRow(Base):
    """A message in the thread of a request."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    text: Mapped[str]
    __table_args__ = (Index("messages_request", "request_id"),)


class NoticeRow(Base):
    """That somebody was, or is to be, told of something: a link to it, and nothing of what it says.
    A row stays, so that nobody is told twice."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str]  # what it is of, and to whom: each once
    kind: Mapped[str]
    student: Mapped[str]  # who is told; nothing: the staff
    assignment: Mapped[str]
    place: Mapped[str]  # of the page, below the door's URL
    at: Mapped[datetime]  # when that happened
    state: Mapped[str]  # waiting, sending, sent, or failed
    tried: Mapped[int]
    due: Mapped[datetime]  # when it is tried next
    __table_args__ = (Index("notices_about", "about", unique=True),
                      Index("notices_state", "state", "due"))


class EventRow(Base):
    """Who did what: a line of the log, to which lines are added only."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str]
    host: Mapped[str]
    verb: Mapped[str]
    object: Mapped[str]
    student: Mapped[str | None]  # whom it is about, where that is one person
    before: Mapped[str | None]
    after: Mapped[str | None]
    why: Mapped[str]


class WrittenRow(Base):
    """What an export wrote into somebody's gradebook, so that the next one sees what a person
    changed there since."""

    __tablename__ = "written"
    format: Mapped[str] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    value: Mapped[str]


VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table, apart from ours: one row, the version of the tables in this database."""
