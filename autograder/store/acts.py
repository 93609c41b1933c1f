"""What staff decided: added, revoked, and never changed. Each is a line in the log as well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.gradebook import (
    Adjustment,
    AdjustmentKind,
    Decisions,
    Extension,
    Mark,
    Waiver,
    Whom,
)
from autograder.store.database import Database
from autograder.store.events import account, note
from autograder.store.tables import Act, AdjustmentRow, ExtensionRow, MarkRow, WaiverRow

_Row = TypeVar("_Row", bound=Act)

KINDS: dict[str, type[Act]] = {
    "adjustment": AdjustmentRow, "waiver": WaiverRow, "extension": ExtensionRow, "mark": MarkRow}
"""What can be revoked, by its name."""


class ActError(AutograderError):
    """There is no such decision to revoke. The text says what to do."""


class Acts:
    """The decisions in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adjust(self, assignment: str, whom: Whom, question: str | None, kind: AdjustmentKind,
               points: Decimal | None, *, reason: str, comment: str = "") -> int:
        """Change points: of a question, or, where it is None, of the total. Returns its number."""
        given = "" if points is None else f" {points}"
        return self._add(AdjustmentRow(
            **_now(assignment, reason), whom_kind=whom.kind, whom=whom.name, question=question,
            kind=kind, points=None if points is None else str(points), comment=comment),
            "adjust", [assignment, str(whom), question or "total"], f"{kind}{given}")

    def waive(self, assignment: str, question: str, check: str, *, reason: str) -> int:
        """Take a check out for everybody."""
        return self._add(
            WaiverRow(**_now(assignment, reason), question=question, check=check),
            "waive", [assignment, question, check], "waived")

    def extend(self, assignment: str, whom: Whom, due: datetime, *, reason: str) -> int:
        """Give more time."""
        return self._add(ExtensionRow(
            **_now(assignment, reason), whom_kind=whom.kind, whom=whom.name, due=due),
            "extend", [assignment, str(whom)], due.isoformat())

    def mark(self, assignment: str, student: str, question: str, points: Decimal, *,
             comment: str = "", reason: str = "", items: Mapping[str, Decimal] | None = None,
             answer: str = "") -> int:
        """Give points for a free text, in the place of those that it had.

        Args:
            items: the rubric's lines that they are the sum of.
            answer: fingerprint of the text that was marked.
        """
        written = {text: str(each) for text, each in (items or {}).items()}
        return self._add(MarkRow(
            **_now(assignment, reason), student=student, question=question, points=str(points),
            comment=comment, items=json.dumps(written), answer=answer),
            "mark", [assignment, student, question], str(points))

    def revoke(self, kind: str, number: int, *, reason: str) -> None:
        """Take a decision back. It stays on record.

        Raises:
            ActError: there is none, or it was revoked before.
        """
        with self._database.exclusive() as session:
            row = session.get(KINDS[kind], number)
            if row is None:
                raise ActError(f"no {kind} {number}; autograder decisions lists them")
            if row.revoked is not None:
                raise ActError(f"{kind} {number} was revoked on {row.revoked:%Y-%m-%d} already")
            row.revoked = datetime.now(UTC)
            note(session, "revoke", f"{row.assignment} · {kind} {number}", before="in force",
                 after="revoked", why=reason)

    def decisions(self, roster: Roster) -> Decisions:
        """All that stands."""
        return Decisions(
            roster=roster,
            adjustments=[Adjustment(
                row.id, row.at, row.by, row.assignment, row.reason,
                Whom(row.whom_kind, row.whom), row.question, row.kind,  # type: ignore[arg-type]
                None if row.points is None else Decimal(row.points), row.comment)
                for row in self._standing(AdjustmentRow)],
            waivers=[Waiver(row.id, row.at, row.by, row.assignment, row.reason, row.question,
                            row.check) for row in self._standing(WaiverRow)],
            extensions=[Extension(
                row.id, row.at, row.by, row.assignment, row.reason,
                Whom(row.whom_kind, row.whom), row.due)  # type: ignore[arg-type]
                for row in self._standing(ExtensionRow)],
            marks=[Mark(
                row.id, row.at, row.by, row.assignment, row.reason, row.student, row.question,
                Decimal(row.points), row.comment,
                {text: Decimal(each) for text, each in json.loads(row.items).items()}, row.answer)
                for row in self._standing(MarkRow)])

    def _standing(self, table: type[_Row]) -> Sequence[_Row]:
        with self._database.session() as session:
            return session.scalars(
                select(table).where(table.revoked.is_(None)).order_by(table.id)).all()

    def _add(self, row: Act, verb: str, object: Sequence[str], after: str) -> int:
        with self._database.session() as session:
            session.add(row)
            note(session, verb, " · ".join(object), after=after, why=row.reason)
            session.commit()
            return row.id


def _now(assignment: str, reason: str) -> dict[str, Any]:
    return {"at": datetime.now(UTC), "by": account(), "assignment": assignment, "reason": reason}
