"""Who grades what, where several runs use one store at the same time.

A run claims a submission before it is graded, and the claim goes when its result is kept. A claim
holds as long as its run lives. That is known by a lock which the operating system, or PostgreSQL,
lets go when the run's process or connection ends: no clock is asked, and nobody waits for the dead.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import ColumnClause, delete, func, literal_column, select
from sqlalchemy.orm import Session

from autograder.store.database import Database, StoreError
from autograder.store.tables import ClaimRow, RunRow
from autograder.submission import Submission

_PAUSE = 0.5  # seconds between looks at what other runs have claimed


class Claims:
    """The claims of one run."""

    def __init__(self, database: Database, run: int) -> None:
        self._database = database
        self._run = run

    def take(
        self, waiting: deque[Submission], many: int, *, wait: bool = False
    ) -> list[Submission]:
        """Up to ``many`` of ``waiting`` that no other run is grading; they go out of it.

        Another run may have graded them since they were last looked for.

        Args:
            wait: until there is one, if any is waiting at all.
        """
        taken = self._take(waiting, many)
        while wait and waiting and not taken:
            time.sleep(_PAUSE)
            taken = self._take(waiting, many)
        return taken

    def release(self, submission: Submission) -> None:
        """Let go of what needs no result. Keeping one lets go as well."""
        with self._database.session() as session:
            session.execute(delete(ClaimRow).filter_by(
                run_id=self._run, assignment=submission.assignment, student=submission.student,
                submission=submission.digest))
            session.commit()

    def _take(self, waiting: deque[Submission], many: int) -> list[Submission]:
        passed: list[Submission] = []
        taken: list[Submission] = []
        with self._database.exclusive() as session:
            bury(self._database, session, self._run)
            while waiting and len(taken) < many:
                submission = waiting.popleft()
                who = submission.assignment, submission.student, submission.digest
                claim = session.get(ClaimRow, who)
                if claim is not None and claim.run_id == self._run:
                    taken.append(submission)  # as a hand-in, already
                elif claim is None:
                    session.add(ClaimRow(assignment=who[0], student=who[1], submission=who[2],
                                         run_id=self._run))
                    session.flush()
                    taken.append(submission)
                else:
                    passed.append(submission)
        waiting.extendleft(reversed(passed))
        return taken


def bury(database: Database, session: Session, own: int) -> None:
    """Delete the claims of runs other than ``own`` that have ended without grading what they
    claimed."""
    runs = session.scalars(select(ClaimRow.run_id).distinct()).all()
    ended = [run for run in runs if run != own and not _lives(database, session, run)]
    if ended:
        session.execute(delete(ClaimRow).where(ClaimRow.run_id.in_(ended)))


@contextmanager
def claims(database: Database, run: int) -> Iterator[Claims]:
    """The claims of ``run``, which lives as long as this block."""
    with _living(database, run):
        with database.exclusive():
            pass  # who is being erased by somebody who did not see it live yet
        try:
            yield Claims(database, run)
        finally:
            # Where the database is gone, the block is left by that refusal; the claims of a run
            # that does not live hold nobody up.
            with suppress(StoreError), database.session() as session:
                session.execute(delete(ClaimRow).where(ClaimRow.run_id == run))
                session.commit()


def living(database: Database, session: Session) -> bool:
    """Whether any run is at work."""
    begun = session.scalars(select(RunRow.id).where(RunRow.finished.is_(None)))
    return any(_lives(database, session, run) for run in begun.all())


# Whether a run lives --------------------------------------------------------------------------

# Tells stores in one database apart.
_TABLE: ColumnClause[int] = literal_column("'claims'::regclass::oid::int4")


@contextmanager
def _living(database: Database, run: int) -> Iterator[None]:
    if database.is_postgresql:
        with database.session() as session:
            session.execute(select(func.pg_advisory_lock(_TABLE, run)))
        try:
            yield
        finally:
            with suppress(StoreError), database.session() as session:
                session.execute(select(func.pg_advisory_unlock(_TABLE, run)))
    elif database.file is not None:
        file = _lock_file(database.file, run)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            file.unlink(missing_ok=True)
            os.close(descriptor)
    else:  # in memory: nobody else can ask
        yield


def _lives(database: Database, session: Session, run: int) -> bool:
    if database.is_postgresql:
        return not session.scalar(select(func.pg_try_advisory_xact_lock(_TABLE, run)))
    if database.file is None:
        return False
    file = _lock_file(database.file, run)
    try:
        descriptor = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        file.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)


def _lock_file(database: Path, run: int) -> Path:
    return database.with_name(f"{database.name}-run{run}")
