"""Which result of each student counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import Row, Select, case, func, or_, select

from autograder.course import Course, Policy
from autograder.course.roster import Roster
from autograder.gradebook import Decisions, Verdicts
from autograder.gradebook.totals import earned, total
from autograder.result import SubmissionStatus
from autograder.store.database import Database
from autograder.store.tables import ResultRow

_MANY = 500  # rows asked for by their numbers at once
_Rows: TypeAlias = Select[tuple[str, str, int, str, int, int, datetime | None]]
_CandidateRow: TypeAlias = Row[tuple[str, str, int, str, int, datetime | None]]
_SOUND = case((ResultRow.status != SubmissionStatus.INTERNAL.value, ResultRow.id))

STANDS = func.coalesce(func.max(_SOUND), func.max(ResultRow.id))
"""Of rows of one submission the number of the one that stands for it: the newest that is no fault
of ours, or the newest where all are; None where there is no row."""


@dataclass(frozen=True)
class Chosen:
    """What counts of one student for one assignment."""

    number: int  # of the result that counts
    newer: int | None = None  # of a later one that is no grade: of other files, or our own fault
    status: SubmissionStatus | None = None  # of that later one


class Counting:
    """Says which of a student's results counts.

    Of several results of the same files, the newest that is no fault of ours stands for that
    submission. Of several submissions, a policy says which counts: the one handed in last, or the
    best. What is no grade (unreadable, or ended by our own fault) counts only where there is no
    grade: it never takes one away. A submission of which nobody knows when it was handed in counts
    as handed in when it was graded.

    Which is best is decided without slip days: where these go depends on what counts.
    """

    def __init__(self, database: Database, course: Course) -> None:
        self._database = database
        self._course = course

    def chosen(self, assignment: str, policy: Policy, decisions: Decisions,
               until: int | None = None) -> dict[str, Chosen]:
        """Student -> the result that counts, among those of runs up to ``until``. What was kept
        under another name of a person, before the course knew it, is that person's."""
        rows = _rows().where(ResultRow.assignment == assignment)
        if until is not None:
            rows = rows.where(ResultRow.run_id <= until)
        return {student: each for (_, student), each in self._chosen(
            rows, policy, decisions).items()}

    def of_student(self, names: Collection[str], policy: Policy, decisions: Decisions
                   ) -> list[Chosen]:
        """The results that count, one of each assignment, of what is kept under these names of one
        student: by one look at the store, for it is asked by everybody at once."""
        if not names:
            return []
        rows = _rows().where(ResultRow.student.in_(names),
                             ResultRow.assignment.in_(self._course.assignments))
        return [*self._chosen(rows, policy, decisions).values()]

    def _chosen(self, rows: _Rows, policy: Policy, decisions: Decisions
                ) -> dict[tuple[str, str], Chosen]:
        """Assignment and student -> the result that counts, among ``rows``."""
        found: dict[tuple[str, str], list[_CandidateRow]] = {}
        with self._database.session() as session:
            for row in session.execute(_candidates(rows)):
                of = row.assignment, decisions.roster.id_of(row.student)
                found.setdefault(of, []).append(row)
        newest = {of: _ordered(rows) for of, rows in found.items()}
        standing = {of: [row for row in rows if row.id == row.stands]
                    for of, rows in newest.items()}
        graded = {of: [row.id for row in rows if _is_graded(row)] or [rows[0].id]
                  for of, rows in standing.items()}
        worth: dict[int, Decimal] = {}
        if policy == "best":
            worth = dict(self._worth([number for numbers in graded.values() if len(numbers) > 1
                                      for number in numbers], decisions))
        best = {of: max(numbers, key=lambda number: worth.get(number, Decimal(0)))
                for of, numbers in graded.items()}  # of what is worth the same, the first
        return {of: _of(number, newest[of]) for of, number in best.items()}

    def names(self, student: str, roster: Roster) -> set[str]:
        """The names under which results of a student are kept."""
        with self._database.session() as session:
            found = session.scalars(select(ResultRow.student).distinct()).all()
        return {name for name in found if roster.id_of(name) == student}

    def verdicts(self, numbers: Sequence[int], roster: Roster) -> Iterator[tuple[int, Verdicts]]:
        """The verdicts of these results; of those that are an erased person's, none."""
        for start in range(0, len(numbers), _MANY):
            with self._database.session() as session:
                rows = session.execute(select(
                    ResultRow.id, ResultRow.verdicts, ResultRow.student, ResultRow.assignment,
                    ResultRow.status, ResultRow.submitted,
                ).where(ResultRow.id.in_(numbers[start:start + _MANY]), ResultRow.submission != ""))
                for row in rows:
                    yield row.id, Verdicts.read(
                        row.verdicts, roster.id_of(row.student), row.assignment, row.status,
                        row.submitted)

    def _worth(self, numbers: Sequence[int], decisions: Decisions
               ) -> Iterator[tuple[int, Decimal]]:
        for number, verdicts in self.verdicts(numbers, decisions.roster):
            yield number, total(self._course, earned(self._course, verdicts, decisions)).score


def _is_graded(row: _CandidateRow) -> bool:
    return bool(row.status == SubmissionStatus.GRADED)


def _of(number: int, rows: Sequence[_CandidateRow]) -> Chosen:
    """The newest comes first among ``rows``."""
    over = [rows[0], *(row for row in rows if row.stands == number)]
    return next((Chosen(number, row.id, SubmissionStatus(row.status)) for row in over
                 if row.id != number and not _is_graded(row)), Chosen(number))


def _ordered(rows: Sequence[_CandidateRow]) -> Sequence[_CandidateRow]:
    """What was handed in last first; rows of one name are in that order."""
    if len({row.student for row in rows}) == 1:
        return rows
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: (row.handed_in or never, row.id), reverse=True)


def _rows() -> _Rows:
    """Rows with the numbers of the one that stands for their submission and of its newest, and
    when it was handed in."""
    files = (ResultRow.assignment, ResultRow.student, ResultRow.submission)
    newest = func.max(ResultRow.id).over(partition_by=files)
    stands = func.coalesce(func.max(_SOUND).over(partition_by=files), newest)
    # Where nobody says when a student handed in, rows are in order: clocks can jump.
    known = func.count(ResultRow.submitted).over(
        partition_by=(ResultRow.assignment, ResultRow.student))
    handed_in = case((known > 0, func.coalesce(ResultRow.submitted, ResultRow.created)))
    return select(ResultRow.assignment, ResultRow.student, ResultRow.id, ResultRow.status,
                  stands.label("stands"), newest.label("newest"), handed_in.label("handed_in"))


def _candidates(rows: _Rows) -> Select[tuple[str, str, int, str, int, datetime | None]]:
    """Of each submission the row that stands for it, and the newest, which may be a fault of ours;
    of a student's submissions, the one handed in last comes first."""
    row = rows.subquery().c
    return select(
        row.assignment, row.student, row.id, row.status, row.stands, row.handed_in,
    ).where(or_(row.id == row.stands, row.id == row.newest)).order_by(
        row.student, row.handed_in.desc(), row.id.desc())
