"""The log of who did what. Lines are added to it, and none is taken away; where a person is erased,
what names them in it is replaced."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.store.database import Database
from autograder.store.tables import EventRow

ERASED = select(func.count(EventRow.id)).where(EventRow.verb == "forget").scalar_subquery()
"""How many people were erased: what is remembered of a store may name somebody until it changes."""


@dataclass(frozen=True)
class Event:
    """One line: who, on which machine, what, to what, and why."""

    at: datetime
    account: str
    host: str
    verb: str
    object: str
    student: str | None  # whom it is about, where that is one person
    before: str | None
    after: str | None
    why: str

    def is_about(self, word: str) -> bool:
        """Whether it is about a person called so, or its object has it as a word; of no word,
        every line is."""
        return word in ("", self.student, *self.object.split(" · "))


class Events:
    """The log of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, verb: str, object: str, *, student: str | None = None, before: str | None = None,
            after: str | None = None, why: str = "", by: str | None = None) -> None:
        """Note that somebody did something just now: the account that runs this process, or whom
        ``by`` names."""
        with self._database.session() as session:
            note(session, verb, object, student=student, before=before, after=after, why=why,
                 by=by)
            session.commit()

    def all(self, *, verb: str | None = None, about: str | None = None,
            students: Collection[str] | None = None) -> list[Event]:
        """All lines, or those of a verb, or those about a person called ``about`` or whose object
        has it as a word, or those about one of ``students``; the oldest first."""
        query = select(EventRow).order_by(EventRow.id)
        if verb is not None:
            query = query.where(EventRow.verb == verb)
        if students is not None:
            query = query.where(EventRow.student.in_(students))
        with self._database.session() as session:
            found = [Event(row.at, row.account, row.host, row.verb, row.object, row.student,
                           row.before, row.after, row.why) for row in session.scalars(query)]
        return [each for each in found if each.is_about(about or "")]


def note(session: Session, verb: str, object: str, *, student: str | None = None,
         before: str | None = None, after: str | None = None, why: str = "",
         by: str | None = None) -> None:
    """Add a line in the transaction of what it is about, so that neither is there alone.

    Args:
        object: what it was done to, from the widest to the narrowest, joined by `` · ``. It is for
            people: any word of it may be somebody's id.
        student: whom it is about, where that is one person.
        by: who did it; None is the account that runs this process.
    """
    session.add(EventRow(at=datetime.now(UTC), account=by or account(), host=socket.gethostname(),
                         verb=verb, object=object, student=student, before=before, after=after,
                         why=why))


def account() -> str:
    """Who runs this process, by the machine's own word: what the environment says, anybody can
    write."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
