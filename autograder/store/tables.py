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
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION = 4
"""Of these tables: the newest of ``autograder.store.migrations``."""


class _Moment(TypeDecorator[datetime]):
    """A time with its zone: kept in UTC, because SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Base(DeclarativeBase):
    type_annotation_map = {datetime: _Moment, str: Text}


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
    record: Mapped[str]
    __table_args__ = (
        Index("results_key", "key"), Index("results_student", "student"),
        Index("results_submission", "submission"),
        Index("results_assignment", "assignment", "student", "submission"))


class ClaimRow(Base):
    """What a run is grading just now."""

    __tablename__ = "claims"
    assignment: Mapped[str] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(primary_key=True)
    submission: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))


VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table, apart from ours: one row, the version of the tables in this database."""
