"""The database behind a store: opened by its URL, its tables brought up to date, its refusals said
in our words."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    StaticPool,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from autograder import extras
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.store.tables import VERSION, VERSIONS, Base

_BUSY_SECONDS = 60
_SHARED: dict[str, Any] = {"pool_size": 20, "max_overflow": 20}  # connections, of many threads
_ROOM = 1 << 16  # bytes that SQLite wants free, or a disk is full for it
_WRITING = 0x6175746F  # of the advisory lock by which one process at a time changes a database


class StoreError(AutograderError):
    """The store cannot be used. The text says what happened, where, and what to do."""


class Database:
    """An open database, whose tables are the newest.

    Args:
        shared: many threads use it, each by connections of its own. Whether a run lives cannot be
            said by such, so that none may begin one.

    Raises:
        StoreError: here, and from every session, when the database refuses.
    """

    def __init__(self, course: Course, *, shared: bool = False) -> None:
        self.where = "grader.toml's [store] url"  # until it is parsed, its password is not hidden
        self.file = course.store_file
        with self._refusals():
            self.where = make_url(course.store.url).render_as_string(hide_password=True)
            self._engine = _engine(course, shared)
            self._update_tables()

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self._refusals(), Session(self._engine) as session:
            yield session

    @contextmanager
    def exclusive(self) -> Iterator[Session]:
        """A session in which nobody else changes what it has read. Committed at its end."""
        with self.session() as session:
            _lock(session.connection())
            yield session
            session.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that reads all as it is at its first look, whatever others write."""
        with self._refusals(), self._engine.connect() as connection:
            if self.is_postgresql:
                connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _update_tables(self) -> None:
        with self._engine.connect() as connection:
            if _version(connection) == str(VERSION):
                return
        with self._engine.begin() as connection:
            _lock(connection)
            version = _version(connection)  # another process may have been faster
            if version is None and not inspect(connection).has_table("results"):
                Base.metadata.create_all(connection)
                VERSIONS.create(connection)
                connection.execute(insert(VERSIONS).values(version_num=str(VERSION)))
            elif version is None or (version.isdecimal() and int(version) < VERSION):
                from autograder.store import (
                    migrations,  # Alembic is slow to import, and seldom needed
                )

                migrations.upgrade(connection, stamped=version is not None)
            elif version != str(VERSION):
                raise StoreError(f"{self.where}: kept by a newer autograder (its tables are "
                                 f"version {version}, here they are {VERSION}); install that one, "
                                 "or name another store by [store] url")

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turns what a database says into a StoreError."""
        try:
            yield
        except (ArgumentError, NoSuchModuleError):
            raise StoreError(f"{self.where}: not the URL of a SQLite or PostgreSQL database; write "
                             "for example sqlite:///results/grades.db") from None
        except ModuleNotFoundError as error:
            raise StoreError(f"{self.where}: needs the Python package {error.name}; install it: "
                             f"{extras.advice(error.name)}") from None
        except OSError as error:
            raise StoreError(f"{self.where}: {error.filename} cannot be made: {error.strerror}; "
                             "make the directory writable, or change [store] url") from None
        except DBAPIError as error:
            raise StoreError(f"{self.where}: {_explain(error, self.file)}") from None


def _engine(course: Course, shared: bool) -> Engine:
    url = make_url(course.store.url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        # One connection for everything: a run whose connection is lost keeps nothing any more, and
        # the server lets go of the lock that says it lives.
        return create_engine(url, pool_pre_ping=True, **_SHARED) if shared else \
            create_engine(url, poolclass=StaticPool)
    if url.get_backend_name() != "sqlite":
        raise ArgumentError
    file = course.store_file
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)  # grades are personal
        url = url.set(database=str(file))
    if "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(_BUSY_SECONDS)})
    engine = create_engine(url, **_SHARED) if shared and file is not None else create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # who was erased is not in the file's free pages
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() != ("wal",):  # already asked for by the first run; asking again locks
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _lock(connection: Connection) -> None:
    """Wait until no other process changes the database; until the transaction's end, none does."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(func.pg_advisory_xact_lock(_WRITING)))


def _version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none, or from before versions."""
    if not inspect(connection).has_table(VERSIONS.name):
        return None
    version: str | None = connection.scalar(select(VERSIONS.c.version_num))
    return version


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


def _explain(error: DBAPIError, file: Path | None) -> str:
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith("SQLITE_IOERR") and file is not None \
                and shutil.disk_usage(file.parent).free < _ROOM:
            name = "SQLITE_FULL"  # there was no room for what it shares with other processes
        for start, text in _SQLITE_SAYS.items():
            if name.startswith(start):
                return text
    said = str(error.orig).strip().splitlines()
    return f"the database refused: {said[0] if said else error}; check [store] url"
