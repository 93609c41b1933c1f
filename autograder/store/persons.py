"""All that a store holds of one person: found, and erased."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from autograder.gradebook import Adjustment, Whom
from autograder.result import Result
from autograder.store.acts import as_row
from autograder.store.database import Database, StoreError
from autograder.store.events import note
from autograder.store.records import read, row_of
from autograder.store.tables import (
    AdjustmentRow,
    ClaimRow,
    EventRow,
    ExtensionRow,
    MarkRow,
    MessageRow,
    RequestRow,
    ResultRow,
    RunRow,
    WrittenRow,
)

_OfStudent: TypeAlias = type[ResultRow] | type[MarkRow] | type[RequestRow] | type[WrittenRow]
_OF_STUDENTS: tuple[_OfStudent, ...] = (ResultRow, MarkRow, RequestRow, WrittenRow)
_GIVEN: dict[str, type[AdjustmentRow] | type[ExtensionRow]] = {
    "adjustment": AdjustmentRow, "extension": ExtensionRow}


@dataclass(frozen=True)
class Filed:
    """A result of a person's: its number, when it was made, and its digest; ``result`` is None
    where this version cannot read it."""

    number: int
    created: datetime
    assignment: str
    submission: str
    result: Result | None


@dataclass(frozen=True)
class Erasure:
    """What is to be erased, and what takes its place.

    ``names`` are the person's in the store; ``spoken`` finds any of theirs in other texts, for
    which ``alias`` is put. ``places`` are results without a person, by the number of the one whose
    place each takes, and ``adjustments`` what these need to be worth as much.
    """

    names: Collection[str]
    spoken: re.Pattern[str]
    alias: str
    places: Mapping[int, Result]
    adjustments: Sequence[Adjustment]
    newest: int  # the number of the newest result that is known of


class Persons:
    """The people of a store, who need not be in the course any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> set[str]:
        """Everybody of whom something is kept."""
        queries: list[Select[Any]] = [
            *(select(table.student).distinct() for table in _OF_STUDENTS),
            *(select(table.whom).where(table.whom_kind == "person").distinct()
              for table in _GIVEN.values())]
        with self._database.session() as session:
            return {name for query in queries for name in session.scalars(query)}

    def newest(self) -> dict[str, datetime]:
        """When something was last kept of each, but of those who were erased."""
        found: dict[str, datetime] = {}
        with self._database.session() as session:
            for query in (
                select(ResultRow.student, func.max(ResultRow.created))
                .where(ResultRow.submission != "").group_by(ResultRow.student),
                select(RequestRow.student, func.max(RequestRow.opened))
                .group_by(RequestRow.student),
                select(MarkRow.student, func.max(MarkRow.at)).group_by(MarkRow.student),
            ):
                for name, at in session.execute(query):
                    found[name] = max(at, found.get(name, at))
        return found

    def results(self, names: Collection[str]) -> Iterator[Filed]:
        """Every result of theirs, the oldest first."""
        with self._database.session() as session:
            numbers = session.scalars(select(ResultRow.id).where(
                ResultRow.student.in_(names)).order_by(ResultRow.id)).all()
        for number in numbers:  # records are long
            with self._database.session() as session:
                row = session.get_one(ResultRow, number)
                filed = Filed(row.id, row.created, row.assignment, row.submission,
                              read(row.record))
            yield filed

    def acts(self, names: Collection[str], covers: Callable[[Whom], bool]
             ) -> dict[str, list[dict[str, Any]]]:
        """What was decided for them, alone or among others, and of them written elsewhere: rows by
        their table."""
        with self._database.session() as session:
            given: dict[str, list[dict[str, Any]]] = {}
            for table in _GIVEN.values():
                rows: Any = session.scalars(select(table).order_by(table.id))
                given[table.__tablename__] = [
                    _fields(row) for row in rows if covers(Whom(row.whom_kind, row.whom))]
            return given | {
                table.__tablename__: [_fields(row) for row in session.scalars(
                    select(table).where(table.student.in_(names)))]
                for table in (MarkRow, WrittenRow)}

    def erase(self, erasure: Erasure, subject: str, why: str,
              remove: Callable[[set[str]], None]) -> None:
        """Erase a person, in one step.

        Args:
            subject: what the log calls the person.
            remove: takes away files of these digests, which nobody else's result is of.

        Raises:
            StoreError: something of them is being graded, or was just now.
        """
        names = list(erasure.names)
        with self._database.exclusive() as session:
            _at_rest(session, erasure)
            remove(_alone(session, names))
            before = {row.id: (row.run_id, _day(row.created)) for row in session.execute(
                select(ResultRow.id, ResultRow.run_id, ResultRow.created)
                .where(ResultRow.id.in_(list(erasure.places))))}
            numbers = _acts_of(session, names)
            requests = select(RequestRow.id).where(RequestRow.student.in_(names))
            session.execute(delete(MessageRow).where(MessageRow.request_id.in_(requests)))
            for table in _OF_STUDENTS:
                session.execute(delete(table).where(table.student.in_(names)))
            for given in _GIVEN.values():
                session.execute(delete(given).where(
                    given.whom_kind == "person", given.whom.in_(names)))
            for number, result in erasure.places.items():
                run, day = before[number]
                session.add(row_of(run, result, day))
            today = _day(datetime.now(UTC))
            session.add_all(as_row(each, today, "autograder") for each in erasure.adjustments)
            _unname(session, erasure.names)
            _unsay(session, erasure, numbers)
            note(session, "forget", subject, after="erased",
                 why=erasure.spoken.sub(erasure.alias, why))


def _fields(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _at_rest(session: Session, erasure: Erasure) -> None:
    """Raises StoreError where results of the person's come, or came since they were looked at."""
    names = list(erasure.names)
    run = session.scalar(select(ClaimRow.run_id).where(ClaimRow.student.in_(names)).limit(1))
    newest = session.scalar(select(func.max(ResultRow.id)).where(ResultRow.student.in_(names)))
    if run is not None or (newest or 0) > erasure.newest:
        raise StoreError("something of this person is being graded; run the same command again "
                         "when no `autograder grade` is at work (one that was killed has to be "
                         "run again first)")


def _alone(session: Session, names: Sequence[str]) -> set[str]:
    """Digests of files that nobody else's result is of, or will be when its run has graded them."""
    hers, others = (set(session.scalars(select(ResultRow.submission).where(whose).distinct()))
                    for whose in (ResultRow.student.in_(names), ResultRow.student.not_in(names)))
    return hers - others - set(session.scalars(select(ClaimRow.submission)))


def _acts_of(session: Session, names: Sequence[str]) -> set[str]:
    """What the log calls decisions that were made for the person alone."""
    queries: dict[str, Select[Any]] = {
        kind: select(table.id).where(table.whom_kind == "person", table.whom.in_(names))
        for kind, table in _GIVEN.items()}
    queries["mark"] = select(MarkRow.id).where(MarkRow.student.in_(names))
    return {f"{kind} {number}" for kind, query in queries.items()
            for number in session.scalars(query)}


def _unname(session: Session, names: Collection[str]) -> None:
    """Take the person's name out of the team's results, where it says who handed in."""
    for number in session.scalars(select(ResultRow.id).where(
            ResultRow.record.contains('"handed_in_by": "'))).all():  # records are long
        row = session.get_one(ResultRow, number)
        record = json.loads(row.record)
        if record["submission"].get("handed_in_by") in names:
            record["submission"]["handed_in_by"] = None
            row.record = json.dumps(record)
        session.flush()
        session.expunge(row)


def _unsay(session: Session, erasure: Erasure, acts: Collection[str]) -> None:
    """Put the alias for the person's name in command lines and in the log; of what the log says
    was done to the person, no more stays than that something was, when, and by whom."""
    for run in session.scalars(select(RunRow)):
        run.command = erasure.spoken.sub(erasure.alias, run.command)
    about = {*acts, *erasure.names}
    for event in session.scalars(select(EventRow)):
        if not about.isdisjoint(event.object.split(" · ")):
            event.before = event.after = None
            event.why = ""
        event.object = " · ".join(
            erasure.alias if word in erasure.names else erasure.spoken.sub(erasure.alias, word)
            for word in event.object.split(" · "))
        event.why = erasure.spoken.sub(erasure.alias, event.why)
        event.before, event.after = (
            text and erasure.spoken.sub(erasure.alias, text)
            for text in (event.before, event.after))
