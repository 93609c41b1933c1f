"""What lets people in: links that work once, sessions, tokens of programs.

A key is random letters that its owner has; the store has their digest, and can let nobody in by it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from autograder.course.roster import Role
from autograder.errors import AutograderError
from autograder.store.database import Database
from autograder.store.events import ERASED, note
from autograder.store.tables import KeyRow

_BYTES = 32  # of a key: nobody tries so many
# Asked with every request, and so composed once: that takes longer than to ask.
_BY_DIGEST = select(KeyRow.__table__).where(KeyRow.digest == bindparam("wanted"))


class KeyKind(StrEnum):
    """What a key is good for."""

    LINK = "link"  # for one session
    SESSION = "session"
    TOKEN = "token"  # for programs
    PIPELINE = "pipeline"  # another's word for one request; in no store


class KeyScope(StrEnum):
    """What its owner may do by it."""

    ALL = "all"
    SUBMIT = "submit"  # hand in, and read
    READ = "read"


class AccessError(AutograderError):
    """There is no such key. The text says what to do."""


@dataclass(frozen=True)
class Key:
    """A key that somebody has. ``role`` is of whom the table of people does not know; else None,
    and the table says."""

    number: int
    kind: KeyKind
    student: str
    role: Role | None
    scope: KeyScope
    made: datetime
    expires: datetime
    ended: datetime | None

    @classmethod
    def of_pipeline(cls, student: str) -> Key:
        """What whoever hands in by a pipeline's identity may do, for this once."""
        now = datetime.now(UTC)
        return cls(0, KeyKind.PIPELINE, student, None, KeyScope.SUBMIT, now, now, None)


class Keys:
    """The keys to a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, kind: KeyKind, student: str, lasts: timedelta, *, role: Role | None = None,
             scope: KeyScope = KeyScope.ALL) -> str:
        """A new key, which is told this once."""
        with self._database.session() as session:
            key = _add(session, kind, student, lasts, role, scope)
            if kind is not KeyKind.SESSION:
                note(session, "let in", f"{student} · {kind}", student=student, after=scope)
            session.commit()
        return key

    def find(self, key: str, *kinds: KeyKind) -> Key | None:
        """Whose a key is; None where it is nobody's, or has ended."""
        with self._database.session() as session:
            row = session.execute(_BY_DIGEST, {"wanted": _digest(key)}).one_or_none()
        return _key(row) if row is not None and _is_good(row, key) and row.kind in kinds else None

    def owner(self, link: str) -> str | None:
        """Whom a link lets in, or let in before it ended; None of what was never one."""
        with self._database.session() as session:
            row = session.execute(_BY_DIGEST, {"wanted": _digest(link)}).one_or_none()
        return row.student if row is not None and row.kind == KeyKind.LINK else None

    def enter(self, link: str, lasts: timedelta) -> str | None:
        """The session that a link is good for, once; None where it is good for none."""
        if self.find(link, KeyKind.LINK) is None:
            return None  # whoever tries letters locks nobody out
        with self._database.exclusive() as session:
            row = _row(session, link)
            if row is None or row.kind != KeyKind.LINK:
                return None
            row.ended = datetime.now(UTC)
            key = _key(row)
            return _add(session, KeyKind.SESSION, key.student, lasts, key.role, key.scope)

    def leave(self, key: str) -> None:
        """End a key whose letters are known."""
        with self._database.session() as session:
            session.execute(update(KeyRow).where(KeyRow.digest == _digest(key)).values(
                ended=datetime.now(UTC)))
            session.commit()

    def ended(self) -> object:
        """What is another one as soon as any session or token has ended before its time, or was
        erased with whose it was."""
        with self._database.session() as session:
            return tuple(session.execute(
                select(func.count(KeyRow.ended), func.max(KeyRow.ended), ERASED)
                .where(KeyRow.kind.in_([KeyKind.SESSION, KeyKind.TOKEN]))).one())

    def all(self, *, ended: bool = False) -> list[Key]:
        """Those that let somebody in now; with those that did once."""
        query = select(KeyRow).order_by(KeyRow.id)
        if not ended:
            query = query.where(KeyRow.ended.is_(None), KeyRow.expires > datetime.now(UTC))
        with self._database.session() as session:
            return [_key(row) for row in session.scalars(query)]

    def revoke(self, number: int) -> Key:
        """End a key. Raises AccessError where none of this number lets anybody in."""
        with self._database.exclusive() as session:
            row = session.get(KeyRow, number)
            if row is None or row.ended is not None:
                raise AccessError(f"no key {number} lets anybody in; autograder access list lists "
                                "those that do")
            row.ended = datetime.now(UTC)
            note(session, "revoke", f"{row.student} · key {number}", student=row.student,
                 after="revoked")
            return _key(row)


def _add(session: Session, kind: KeyKind, student: str, lasts: timedelta, role: Role | None,
         scope: KeyScope) -> str:
    key, now = secrets.token_urlsafe(_BYTES), datetime.now(UTC)
    session.add(KeyRow(digest=_digest(key), kind=kind, student=student, role=role, scope=scope,
                       made=now, expires=now + lasts, ended=None))
    return key


def _row(session: Session, key: str) -> KeyRow | None:
    """The row of a key that has not ended. What is looked up is a digest: how long that takes says
    nothing of the key."""
    row = session.scalar(select(KeyRow).where(KeyRow.digest == _digest(key)))
    return row if row is not None and _is_good(row, key) else None


def _is_good(row: KeyRow | Row[Any], key: str) -> bool:
    """Whether it is the row of this key, which has not ended."""
    return secrets.compare_digest(row.digest, _digest(key)) and row.ended is None \
        and row.expires > datetime.now(UTC)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _key(row: KeyRow | Row[Any]) -> Key:
    role: Role | None = None if row.role is None else "staff" if row.role == "staff" else "student"
    return Key(row.id, KeyKind(row.kind), row.student, role, KeyScope(row.scope), row.made,
               row.expires, row.ended)
