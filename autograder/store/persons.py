"""All that a store holds of one person: found, and erased."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Select, delete, func, select, union_all
from sqlalchemy.orm import Session

from autograder.gradebook import Adjustment, Whom
from autograder.result import Result
from autograder.store.acts import as_row
from autograder.store.claims import living
from autograder.store.database import Database, StoreError
from autograder.store.events import note
from autograder.store.records import read, row_of
from autograder.store.tables import (
    AdjustmentRow,
    ClaimRow,
    EventRow,
    ExtensionRow,
    HandInRow,
    KeyRow,
    LaunchRow,
    MarkRow,
    MessageRow,
    NoticeRow,
    RequestRow,
    ResultRow,
    RunRow,
    WaiverRow,
    WrittenRow,
)

_OfStudent: TypeAlias = (type[ResultRow] | type[MarkRow] | type[RequestRow] | type[WrittenRow]
                         | type[HandInRow] | type[KeyRow] | type[LaunchRow] | type[NoticeRow])
_OF_STUDENTS: tuple[_OfStudent, ...] = (
    ResultRow, MarkRow, RequestRow, WrittenRow, HandInRow, KeyRow, LaunchRow, NoticeRow)
_GIVEN: dict[str, type[AdjustmentRow] | type[ExtensionRow]] = {
    "adjustment": AdjustmentRow, "extension": ExtensionRow}

_Taken = TypeVar("_Taken")
_PATH = re.compile(r"[./\\]\w")


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

    ``names`` are the person's in the store, in whose place ``alias`` is put. ``called`` finds the
    full name and the address, which are nobody else's and no words, and ``mentioned`` ids as well.
    ``places`` are results without a person, by the number of the one whose place each takes, and
    ``adjustments`` what these need to be worth as much.
    """

    names: Collection[str]
    called: re.Pattern[str]
    mentioned: re.Pattern[str]
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
            *(select(table.student).where(table.student != "").distinct()
              for table in _OF_STUDENTS),
            *(select(table.whom).where(table.whom_kind == "person").distinct()
              for table in _GIVEN.values()),
            select(EventRow.student).where(EventRow.student.is_not(None)).distinct()]
        with self._database.session() as session:
            return {name for query in queries for name in session.scalars(query)} - {""}

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
                for table in (MarkRow, WrittenRow, HandInRow, LaunchRow, NoticeRow)}

    def erase(self, erasure: Erasure, subject: str, why: str,
              sweep: Callable[[set[str], set[str]], object]) -> list[str]:
        """Erase a person, in one step. Returns where else the person is mentioned: decisions and
        requests, by what the log calls them.

        Args:
            subject: what the log calls the person.
            sweep: takes away the files of all digests but those that others' results are of, which
                come first; then come those that the person's are of.

        Raises:
            StoreError: a run is at work, or something of theirs was graded just now.
        """
        names = list(erasure.names)
        with self._database.exclusive() as session:
            self._at_rest(session)
            newest = session.scalar(
                select(func.max(ResultRow.id)).where(ResultRow.student.in_(names)))
            if (newest or 0) > erasure.newest:
                raise StoreError("something of this person was graded just now; run the same "
                                 "command again")
            session.execute(delete(ClaimRow))  # of runs that were killed
            hers = _digests(session, lambda student: student.in_(names))
            others = _digests(session, lambda student: student.not_in(names))
            sweep(others, hers)
            before = {row.id: (row.run_id, _day(row.created)) for row in session.execute(
                select(ResultRow.id, ResultRow.run_id, ResultRow.created)
                .where(ResultRow.id.in_(list(erasure.places))))}
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
            _unname(session, erasure, hers)
            _unsay(session, erasure)
            note(session, "forget", subject, after="erased",
                 why=erasure.mentioned.sub(erasure.alias, why))
            return _mentions(session, erasure.mentioned)

    def sweep(self, take: Callable[[set[str]], _Taken]) -> _Taken:
        """Have the files taken away of all digests but those that results and hand-ins are of.

        Raises:
            StoreError: a run is at work, which keeps files before it has results of them.
        """
        with self._database.exclusive() as session:
            self._at_rest(session)
            return take(_digests(session, lambda student: student.is_not(None)))

    def _at_rest(self, session: Session) -> None:
        """Raises StoreError where a run is at work: it knows already what it will grade."""
        if living(self._database, session):
            raise StoreError("something is being graded; run the same command again when no "
                             "`autograder grade` is at work on this store")


def _digests(session: Session, whose: Callable[[Any], ColumnElement[bool]]) -> set[str]:
    """Of the files that results and hand-ins are of, of those students of whom ``whose`` is so."""
    return {digest for table, column in ((ResultRow, ResultRow.submission),
                                         (HandInRow, HandInRow.digest))
            for digest in session.scalars(select(column).where(whose(table.student)).distinct())}


def _fields(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _unname(session: Session, erasure: Erasure, hers: Collection[str]) -> None:
    """Take the person's name out of the team's results: who handed in, and what files are called
    after the person, where they are of the digests that were ``hers``, too."""
    for number in session.scalars(select(ResultRow.id).where(
            ResultRow.record.contains('"team": "')
            | ResultRow.handed_in_by.is_not(None))).all():  # records are long
        row = session.get_one(ResultRow, number)
        record = json.loads(row.record)
        handed_in = record["submission"]
        if is_by_her := handed_in.get("handed_in_by") in erasure.names:
            handed_in["handed_in_by"] = row.handed_in_by = None
        if (is_hers := row.submission in hers) and handed_in.get("files"):
            handed_in["files"] = {erasure.mentioned.sub(erasure.alias, name): digest
                                  for name, digest in handed_in["files"].items()}
        if is_by_her or is_hers:
            row.record = json.dumps(record)
        session.flush()
        session.expunge(row)


def _unsay(session: Session, erasure: Erasure) -> None:
    """Of what the log says was done to the person, no more stays than that something was, when, by
    whom. In lines about others the alias is put for the full name and the address, and in what
    somebody typed to have files graded, for ids as well."""
    for run in session.scalars(select(RunRow)):
        run.command = _unsaid(erasure, run.command, run.assignment)
    for event in session.scalars(select(EventRow)):
        if event.student in erasure.names:
            event.object = event.student = erasure.alias
            event.before = event.after = None
            event.why = ""
        elif event.verb == "grade":
            event.why = _unsaid(erasure, event.why, event.object)
        else:
            event.why = erasure.called.sub(erasure.alias, event.why)


def _unsaid(erasure: Erasure, command: str, assignment: str) -> str:
    """A command line that does not name the person: paths in it, and words that can be one. A
    verb, an assignment, what an option says and a number can be somebody's id as well."""
    command = erasure.called.sub(erasure.alias, command)
    try:
        said = shlex.split(command)
    except ValueError:  # a quotation mark alone
        said = command.split(" ")
    words = list(said)
    for place, (before, word) in enumerate(pairwise(said), 1):
        is_name = word in erasure.names and place > 1 and word != assignment \
            and not word.isdecimal() and not before.startswith("-")
        if is_name or _PATH.search(word):
            words[place] = erasure.mentioned.sub(erasure.alias, word)
    return command if words == said else shlex.join(words)


def _mentions(session: Session, mentioned: re.Pattern[str]) -> list[str]:
    """Where texts of others mention the person."""
    found: dict[str, None] = {}
    for kind, table in {**_GIVEN, "waiver": WaiverRow, "mark": MarkRow}.items():
        rows: Any = session.scalars(select(table).order_by(table.id))
        found |= {f"{kind} {row.id}": None for row in rows
                  if mentioned.search(f"{row.reason}\n{getattr(row, 'comment', '')}")}
    said: CompoundSelect[Any] = union_all(select(RequestRow.id, RequestRow.outcome),
                     select(MessageRow.request_id, MessageRow.text))
    found |= {f"request {number}": None for number, text in session.execute(said)
              if mentioned.search(text or "")}
    return list(found)
