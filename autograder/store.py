"""The store: every result ever made, in a database. Rows are added and never changed.

SQLite beside the course by default; any other database by its SQLAlchemy URL.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    DateTime,
    Engine,
    ForeignKey,
    Index,
    Text,
    TypeDecorator,
    create_engine,
    event,
    func,
    make_url,
    select,
    update,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.schema import CreateIndex, CreateTable

from autograder import __version__
from autograder.course import Course
from autograder.result import Result, SubmissionStatus

_BUSY_SECONDS = 30
_REUSABLE = (SubmissionStatus.GRADED, SubmissionStatus.UNREADABLE)  # internal: our own fault


class StoreError(Exception):
    """The store cannot be used. The text says what happened, where, and what to do."""


def result_key(*, digest: str, assignment: str, suite: str, tier: str, autograder: str,
               torch: str, seed: str) -> str:
    """What a result depends on, as one hash: an equal key means an equal outcome.

    Who handed in, and when, is not in it: lateness is taken off after grading.
    """
    parts = [digest, assignment, suite, tier, autograder, torch, seed]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def key_of(result: Result) -> str:
    """The key of a finished result."""
    made = result.environment
    return result_key(digest=result.submission.digest, assignment=result.assignment,
                      suite=made.suite, tier=made.sandbox, autograder=made.autograder,
                      torch=made.torch, seed=made.seed)


class _Moment(TypeDecorator[datetime]):
    """A time with its zone: kept in UTC, because SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class _Base(DeclarativeBase):
    type_annotation_map = {datetime: _Moment, str: Text}


class _Run(_Base):
    """One use of the grade verb. ``finished`` stays empty when it was cut off."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    started: Mapped[datetime]
    finished: Mapped[datetime | None]
    assignment: Mapped[str]
    command: Mapped[str]
    autograder: Mapped[str]


class _Row(_Base):
    """One result: its record as JSON, and what one looks for in columns."""

    __tablename__ = "results"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    key: Mapped[str]
    student: Mapped[str]
    assignment: Mapped[str]
    submission: Mapped[str]
    suite: Mapped[str]
    tier: Mapped[str]
    status: Mapped[str]
    score: Mapped[float]
    created: Mapped[datetime]
    record: Mapped[str]
    __table_args__ = (Index("results_key", "key"), Index("results_student", "student"),
                      Index("results_submission", "submission"))


@dataclass(frozen=True)
class Entry:
    """A line of a student's history."""

    created: datetime
    student: str
    assignment: str
    status: SubmissionStatus
    score: float
    tier: str
    submission: str  # digest
    suite: str  # digest


class Store:
    """An open store. Use it as a context manager; one process writes at a time.

    Every method raises StoreError when the database refuses.
    """

    def __init__(self, course: Course) -> None:
        self._where = "grader.toml's [store] url"  # until it is parsed, its password is not hidden
        with self._refusals():
            self._where = make_url(course.store.url).render_as_string(hide_password=True)
            self._engine = _engine(course)
            with self._engine.begin() as connection:
                for table in _Base.metadata.sorted_tables:
                    connection.execute(CreateTable(table, if_not_exists=True))
                    for index in table.indexes:
                        connection.execute(CreateIndex(index, if_not_exists=True))

    def begin(self, assignment: str, command: str) -> int:
        """Note that a run begins; the number is for ``add`` and ``finish``."""
        with self._session() as session:
            run = _Run(started=datetime.now(UTC), finished=None, assignment=assignment,
                       command=command, autograder=__version__)
            session.add(run)
            session.commit()
            return run.id

    def finish(self, run: int) -> None:
        with self._session() as session:
            session.execute(update(_Run).where(_Run.id == run).values(finished=datetime.now(UTC)))
            session.commit()

    def add(self, run: int, result: Result) -> None:
        """Keep ``result``. It is on the disk when this returns."""
        with self._session() as session:
            session.add(_Row(
                run_id=run, key=key_of(result), student=result.student,
                assignment=result.assignment, submission=result.submission.digest,
                suite=result.environment.suite, tier=result.environment.sandbox,
                status=result.status.value, score=result.score, created=datetime.now(UTC),
                # Not model_dump_json: that refuses half a surrogate pair, and drops infinities.
                record=json.dumps(result.model_dump(mode="json")),
            ))
            session.commit()

    def find(self, keys: Sequence[str], student: str) -> Result | None:
        """A finished result for the first of ``keys`` that has one, ``student``'s own if possible.

        The submissions of two students can be equal, so the result may be another student's.
        A record that this version cannot read any more counts as none.
        """
        with self._session() as session:
            for key in keys:
                record = session.scalar(
                    select(_Row.record).where(_Row.key == key, _Row.status.in_(_REUSABLE))
                    .order_by((_Row.student == student).desc(), _Row.id.desc()).limit(1))
                if record is not None and (found := _read(record)) is not None:
                    return found
        return None

    def newest(self, submission: str, assignment: str, tiers: Sequence[str]) -> Result | None:
        """The newest graded result of files with this digest, by whatever suite."""
        with self._session() as session:
            record = session.scalar(
                select(_Row.record)
                .where(_Row.submission == submission, _Row.assignment == assignment,
                       _Row.tier.in_(tiers), _Row.status == SubmissionStatus.GRADED.value)
                .order_by(_Row.id.desc()).limit(1))
        return None if record is None else _read(record)

    def history(self, student: str, assignment: str | None = None) -> list[Entry]:
        """What was ever graded for ``student``, oldest first."""
        query = select(_Row).where(_Row.student == student).order_by(_Row.id)
        if assignment is not None:
            query = query.where(_Row.assignment == assignment)
        with self._session() as session:
            return [Entry(row.created, row.student, row.assignment, SubmissionStatus(row.status),
                          row.score, row.tier, row.submission, row.suite)
                    for row in session.scalars(query)]

    def latest(self, assignment: str) -> list[Result]:
        """The newest result of every student who has one, by the student's id.

        A record that this version cannot read any more is a StoreError: an older result, or none,
        would pass for the newest.
        """
        newest = select(func.max(_Row.id)).where(_Row.assignment == assignment) \
            .group_by(_Row.student)
        with self._session() as session:
            rows = session.execute(
                select(_Row.student, _Row.record).where(_Row.id.in_(newest))).all()
        results = []
        for student, record in sorted((student, record) for student, record in rows):
            result = _read(record)
            if result is None:
                raise StoreError(f"{self._where}: the newest result of {student} was kept by "
                                 "another version of autograder; grade it again")
            results.append(result)
        return results

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._refusals(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turns what a database says into a StoreError."""
        try:
            yield
        except (ArgumentError, NoSuchModuleError):
            raise StoreError(f"{self._where}: not a database URL that SQLAlchemy knows; "
                             "write for example sqlite:///results/grades.db") from None
        except ModuleNotFoundError as error:
            raise StoreError(f"{self._where}: needs the Python package {error.name}; install it, "
                             "for PostgreSQL by: pip install 'autograder[cluster]'") from None
        except OSError as error:
            raise StoreError(f"{self._where}: {error.filename} cannot be made: {error.strerror}; "
                             "make the directory writable, or change [store] url") from None
        except DBAPIError as error:
            raise StoreError(f"{self._where}: {_explain(error)}") from None


def _read(record: str) -> Result | None:
    """A kept record; None when this version cannot read it any more."""
    try:
        return Result.model_validate(json.loads(record))
    except (ValidationError, ValueError):
        return None


def sqlite_file(course: Course) -> Path | None:
    """The file of the course's store; None when the store is another database, or in memory."""
    try:
        url = make_url(course.store.url)
    except ArgumentError:
        return None
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:") \
            or "uri" in url.query:
        return None
    return course.root / str(url.database)


def _engine(course: Course) -> Engine:
    url = make_url(course.store.url)
    file = sqlite_file(course)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)  # grades are personal
        url = url.set(database=str(file))
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    if "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(_BUSY_SECONDS)})
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() != ("wal",):  # already asked for by the first run; asking again locks
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


_SQLITE_SAYS = {
    "SQLITE_NOTADB": "not a SQLite database; move the file away, or change [store] url",
    "SQLITE_CORRUPT": "the database is damaged; restore it from a backup, "
                      "or move it away to begin a new one",
    "SQLITE_READONLY": "cannot be written; make the file and its directory writable, "
                       "or change [store] url",
    "SQLITE_CANTOPEN": "cannot be opened; make it a file, in a directory that you may write to, "
                       "or change [store] url",
    "SQLITE_FULL": "the disk is full; free some space and run the same command again: "
                   "what is graded is kept",
    "SQLITE_BUSY": "locked by another program for too long; wait for it, or end it, "
                   "and run the same command again",
}


def _explain(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        for start, text in _SQLITE_SAYS.items():
            if name.startswith(start):
                return text
    said = str(error.orig).strip().splitlines()
    return f"the database refused: {said[0] if said else error}; check [store] url"
