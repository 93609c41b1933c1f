"""What staff decided: added, revoked, and never changed. Each is a line in the log as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.gradebook import (
    Adjustment,
    Decided,
    Decisions,
    Extension,
    TextMark,
    Waiver,
    Whom,
)
from autograder.store.database import Database
from autograder.store.events import ERASED, account, note
from autograder.store.tables import (
    Act,
    AdjustmentRow,
    EventRow,
    ExtensionRow,
    MarkRow,
    WaiverRow,
)

_OneKind = TypeVar("_OneKind", bound=Decided)

KINDS: dict[str, type[Decided]] = {
    "adjustment": Adjustment, "waiver": Waiver, "extension": Extension, "mark": TextMark}
"""What can be revoked, by its name."""

_TABLES: dict[type[Decided], type[Act]] = {
    Adjustment: AdjustmentRow, Waiver: WaiverRow, Extension: ExtensionRow, TextMark: MarkRow}


_STATE = select(*(query.scalar_subquery() for query in (
    select(func.max(EventRow.id)),  # each act has a line, and who is erased
    *(select(column) for table in _TABLES.values()
      for column in (func.count(table.id), func.max(table.id), func.count(table.revoked))))))
"""What changes with every decision, in whatever order transactions end."""


class ActError(AutograderError):
    """There is no such decision to revoke. The text says what to do."""


class MarkedMeanwhile(Exception):
    """Somebody else has marked the text since it was looked at."""


class AdjustedMeanwhile(Exception):
    """Somebody, who may be the same, has changed the student's points since they were looked at."""


@dataclass(frozen=True)
class _Stood:
    """What stood at a state of the tables, and how many people were erased by then."""

    state: object
    erased: int | None
    decisions: Decisions


class Acts:
    """The decisions in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: _Stood | None = None

    def add(self, decided: Decided, *, by: str | None = None) -> int:
        """Keep a decision, made now. Returns its number.

        Args:
            by: who made it; None is the account that runs this process.
        """
        [number] = self.add_all([decided], by=by)
        return number

    def add_all(self, decided: Iterable[Decided], *, by: str | None = None) -> list[int]:
        """The same with several: all of them are kept, or none is."""
        with self._database.exclusive() as session:
            return [keep(session, each, by) for each in decided]

    def adjust(self, adjustment: Adjustment, stands: int | None, *, by: str) -> int:
        """Keep what changes one student's points, once.

        Args:
            stands: the number of the newest adjustment of this student at the assignment when it
                was looked at; None: there was none.

        Raises:
            AdjustedMeanwhile: another is the newest now. Nothing is kept.
        """
        with self._database.exclusive() as session:
            newest = session.scalar(
                select(func.max(AdjustmentRow.id)).where(
                    AdjustmentRow.assignment == adjustment.assignment,
                    AdjustmentRow.whom_kind == adjustment.whom.kind,
                    AdjustmentRow.whom == adjustment.whom.name, AdjustmentRow.revoked.is_(None)))
            if newest != stands:
                raise AdjustedMeanwhile
            return keep(session, adjustment, by)

    def mark(self, mark: TextMark, stands: int | None, *, by: str) -> int:
        """Keep a mark in the place of the one that stood when the text was looked at, by its
        number; None: there was none.

        Raises:
            MarkedMeanwhile: another stands now. Nothing is kept.
        """
        with self._database.exclusive() as session:
            newest = session.scalar(
                select(func.max(MarkRow.id)).where(
                    MarkRow.assignment == mark.assignment, MarkRow.student == mark.student,
                    MarkRow.question == mark.question, MarkRow.revoked.is_(None)))
            if newest != stands:
                raise MarkedMeanwhile
            return keep(session, mark, by)

    def revoke(self, kind: type[Decided], number: int, *, reason: str, by: str | None = None
               ) -> None:
        """Take a decision back. It stays on record.

        Args:
            by: who does; None is the account that runs this process.

        Raises:
            ActError: there is none, or it was revoked before.
        """
        name = next(name for name, each in KINDS.items() if each is kind)
        with self._database.exclusive() as session:
            row = session.get(_TABLES[kind], number)
            if row is None:
                raise ActError(f"no {name} {number}; autograder decisions lists them")
            if row.revoked is not None:
                raise ActError(f"{name} {number} was revoked on {row.revoked:%Y-%m-%d} already")
            row.revoked = datetime.now(UTC)
            note(session, "revoke", f"{row.assignment} · {name} {number}", student=_whose(row),
                 before="in force", after="revoked", why=reason, by=by)

    def decisions(self, roster: Roster) -> Decisions:
        """All that stands: the same object as long as nothing was decided, nobody was erased, nor
        anybody of the roster has changed."""
        known = self._known  # at one moment: threads put in its place what each has read
        with self._database.session() as session:
            state = tuple(session.execute(_STATE).one())  # before the rows, which may be newer
        if known is None or known.state != state:
            known = self._read_anew(known, state, roster)
        if known.decisions.roster is not roster:
            known = replace(known, decisions=replace(known.decisions, roster=roster))
        self._known = known
        return known.decisions

    def _read_anew(self, before: _Stood | None, state: object, roster: Roster) -> _Stood:
        with self._database.session() as session:
            erased = session.scalar(select(ERASED))
        read = self._read(roster)
        if before is not None and (before.erased, before.decisions) == (erased, read):
            return replace(before, state=state)  # there is another line in the log, and no more
        return _Stood(state, erased, read)

    def _read(self, roster: Roster) -> Decisions:
        return Decisions(
            roster=roster,
            adjustments=self._in_force(Adjustment, lambda row: {
                "whom": Whom(row.whom_kind, row.whom), "question": row.question,
                "kind": row.kind, "comment": row.comment,
                "points": None if row.points is None else Decimal(row.points)}),
            waivers=self._in_force(
                Waiver, lambda row: {"question": row.question, "check": row.check}),
            extensions=self._in_force(Extension, lambda row: {
                "whom": Whom(row.whom_kind, row.whom), "due": row.due}),
            marks=self._in_force(TextMark, lambda row: {
                "student": row.student, "question": row.question, "comment": row.comment,
                "points": Decimal(row.points), "answer": row.answer, "items": {
                    text: Decimal(points) for text, points in json.loads(row.items).items()}}))

    def _in_force(
        self, kind: type[_OneKind], fields: Callable[[Any], dict[str, Any]]
    ) -> Sequence[_OneKind]:
        table = _TABLES[kind]
        with self._database.session() as session:
            return [kind(number=row.id, at=row.at, by=row.by, assignment=row.assignment,
                         reason=row.reason, **fields(row))
                    for row in session.scalars(
                        select(table).where(table.revoked.is_(None)).order_by(table.id))]


def keep(session: Session, decided: Decided, by: str | None = None) -> int:
    """Keep a decision in a transaction: in its table, and in the log. Returns its number."""
    row = as_row(decided, datetime.now(UTC), by or account())
    verb, objects, after = _told(decided)
    session.add(row)
    note(session, verb, " · ".join([decided.assignment, *objects]), student=_whose(row),
         after=after, why=decided.reason, by=by)
    session.flush()
    return row.id


def _whose(row: Act) -> str | None:
    """Whom a decision is about, where that is one person."""
    match row:
        case AdjustmentRow() | ExtensionRow():
            return row.whom if row.whom_kind == "person" else None
        case MarkRow():
            return row.student
        case _:
            return None


def as_row(decided: Decided, at: datetime, by: str) -> Act:
    """The row that keeps a decision."""
    return _TABLES[type(decided)](at=at, by=by, assignment=decided.assignment,
                                  reason=decided.reason, **_columns(decided))


def _columns(decided: Decided) -> dict[str, Any]:
    """What only decisions of this kind have, as their table keeps it."""
    match decided:
        case Adjustment():
            return {"whom_kind": decided.whom.kind, "whom": decided.whom.name,
                    "question": decided.question, "kind": decided.kind, "comment": decided.comment,
                    "points": None if decided.points is None else str(decided.points)}
        case Waiver():
            return {"question": decided.question, "check": decided.check}
        case Extension():
            return {"whom_kind": decided.whom.kind, "whom": decided.whom.name, "due": decided.due}
        case TextMark():
            return {"student": decided.student, "question": decided.question,
                    "points": str(decided.points), "comment": decided.comment,
                    "answer": decided.answer, "items": json.dumps({
                        text: str(points) for text, points in decided.items.items()})}
        case _:
            raise TypeError(decided)


def _told(decided: Decided) -> tuple[str, list[str], str]:
    """What the log says of it: the verb, what it was done to, and what that is now."""
    match decided:
        case Adjustment():
            given = "" if decided.points is None else f" {decided.points}"
            return ("adjust", [str(decided.whom), decided.question or "total"],
                    f"{decided.kind}{given}")
        case Waiver():
            return "waive", [decided.question, decided.check], "waived"
        case Extension():
            return "extend", [str(decided.whom)], decided.due.isoformat()
        case TextMark():
            return "mark", [decided.student, decided.question], str(decided.points)
        case _:
            raise TypeError(decided)
