"""Keeping results, and finding them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import bindparam, delete, func, select, update

from autograder import __version__
from autograder.course import Course, Policy, roster
from autograder.course.roster import Roster
from autograder.gradebook import Book, Decisions, Grade, Total
from autograder.result import Result, SubmissionStatus, Suspicion
from autograder.store.acts import Acts
from autograder.store.arrivals import Arrivals
from autograder.store.claims import Claims, claims
from autograder.store.copying import Copies
from autograder.store.counting import STANDS, Chosen, Counting
from autograder.store.database import Database, StoreError
from autograder.store.events import Events, note
from autograder.store.keys import Keys
from autograder.store.launches import Launches
from autograder.store.notices import Notices
from autograder.store.persons import Persons
from autograder.store.records import key_of, read, row_of
from autograder.store.requests import Requests
from autograder.store.tables import ClaimRow, ResultRow, RunRow
from autograder.store.written import WrittenCells

# Asked with every page of a result, and so composed once: that takes longer than to ask.
_OF_HAND_IN = select(STANDS).where(*(
    getattr(ResultRow, name) == bindparam(name)
    for name in ("student", "assignment", "submission")))
_REUSABLE = (SubmissionStatus.GRADED, SubmissionStatus.UNREADABLE)  # internal: our own fault


@dataclass(frozen=True)
class HistoryEntry:
    """A line of a student's history."""

    created: datetime
    student: str
    assignment: str
    status: SubmissionStatus
    score: float | None  # by grader.toml as it is now; None: it, or this version, cannot say
    tier: str
    submission: str  # digest
    suite: str  # digest
    suspicions: tuple[Suspicion, ...] = ()


@dataclass(frozen=True)
class Run:
    """One use of the grade verb on one assignment."""

    id: int
    started: datetime
    finished: datetime | None  # None: it was cut off, or is at work
    assignment: str
    command: str
    results: int  # that it made; what it found in the store is not among them


class Store:
    """An open store. Use it as a context manager, from one thread; from several where it is
    opened as ``shared``, which then can grade nothing.

    Which result of a student counts says ``counting``. What staff decided is in ``acts``, what
    students ask in ``requests``, who did what in ``events``, and what exports wrote in ``written``.
    What came in by the door is in ``arrivals``, who may come in by it in ``keys``, what a
    learning platform said of those who came from it in ``launches``, and who is told of what in
    ``notices``.
    All of one person is in ``persons``, and all of everybody, for backups, in ``copies``.

    What results are worth is kept in no column. It is computed when somebody asks for the best or
    for a history: a column would be of the day on which it was written, and grader.toml's points
    and dates may have changed since.

    Every method raises StoreError when the database refuses.
    """

    def __init__(self, course: Course, *, shared: bool = False,
                 people: Callable[[], Roster] | None = None) -> None:
        """``people`` gives who is in the course; None: its table is read each time."""
        self._course = course
        self._people = people or partial(roster.load, course)
        self._database = Database(course, shared=shared)
        self.arrivals = Arrivals(self._database)
        self.keys = Keys(self._database)
        self.notices = Notices(self._database)
        self.launches = Launches(self._database)
        self.events = Events(self._database)
        self._counting = Counting(self._database, course)
        self.acts = Acts(self._database)
        self.requests = Requests(self._database)
        self.written = WrittenCells(self._database)
        self.persons = Persons(self._database)
        self.copies = Copies(self._database)

    def decisions(self) -> Decisions:
        """What staff decided, as it stands now, and who is in the course."""
        return self.acts.decisions(self._people())

    def begin(self, assignment: str, command: str) -> int:
        """Note that a run begins; the number is for ``add`` and ``finish``."""
        with self._database.session() as session:
            # Where an argument is not UTF-8, Python puts halves of surrogate pairs.
            run = RunRow(started=datetime.now(UTC), finished=None, assignment=assignment,
                         command=command.encode(errors="replace").decode(),
                         autograder=__version__)
            session.add(run)
            note(session, "grade", assignment, why=run.command)
            session.commit()
            return run.id

    def claims(self, run: int) -> AbstractContextManager[Claims]:
        """What ``run`` claims, so that no other run grades it at the same time."""
        return claims(self._database, run)

    def finish(self, run: int) -> None:
        with self._database.session() as session:
            session.execute(
                update(RunRow).where(RunRow.id == run).values(finished=datetime.now(UTC)))
            session.commit()

    def add(self, run: int, result: Result) -> None:
        """Keep ``result``, which ends the run's claim. It is on the disk when this returns."""
        with self._database.session() as session:
            session.add(row_of(run, result, datetime.now(UTC)))
            session.execute(delete(ClaimRow).filter_by(
                run_id=run, assignment=result.assignment, student=result.student,
                submission=result.submission.digest))
            session.commit()

    def find(self, keys: Sequence[str], student: str | None) -> Result | None:
        """A finished result for the first of ``keys`` that has one: the newest, ``student``'s own
        if possible.

        The submissions of two students can be equal, so the result may be another student's.
        A record that this version cannot read any more counts as none.
        """
        with self._database.session() as session:
            for key in keys:
                record = session.scalar(
                    select(ResultRow.record)
                    .where(ResultRow.key == key, ResultRow.status.in_(_REUSABLE))
                    .order_by((ResultRow.student == student).desc(), ResultRow.id.desc()).limit(1))
                if record is not None and (found := read(record)) is not None:
                    return found
        return None

    def handed_in(
        self, submission: str, assignment: str, student: str
    ) -> tuple[datetime, datetime | None] | None:
        """When these files of the student were handed in, and the deadline that came with them,
        by the newest result that knows a time; None where none does."""
        with self._database.session() as session:
            known = session.execute(
                select(ResultRow.submitted, ResultRow.record)
                .where(ResultRow.submission == submission, ResultRow.assignment == assignment,
                       ResultRow.student == student, ResultRow.submitted.is_not(None))
                .order_by(ResultRow.id.desc()).limit(1)).first()
        if known is None or known.submitted is None:
            return None
        found = read(known.record)
        return (known.submitted, None) if found is None else \
            (found.submission.submitted_at or known.submitted, found.submission.due)

    def newest(self, submission: str, assignment: str, tiers: Sequence[str]) -> Result | None:
        """The newest graded result of files with this digest, by whatever suite."""
        with self._database.session() as session:
            record = session.scalar(
                select(ResultRow.record)
                .where(ResultRow.submission == submission, ResultRow.assignment == assignment,
                       ResultRow.tier.in_(tiers),
                       ResultRow.status == SubmissionStatus.GRADED.value)
                .order_by(ResultRow.id.desc()).limit(1))
        return None if record is None else read(record)

    def history(self, student: str, assignment: str | None = None) -> list[HistoryEntry]:
        """What was ever graded for ``student``, oldest first, and what it is worth today."""
        query = select(ResultRow).where(ResultRow.student == student).order_by(ResultRow.id)
        if assignment is not None:
            query = query.where(ResultRow.assignment == assignment)
        desk = self.desk()
        with self._database.session() as session:
            return [HistoryEntry(
                row.created, row.student, row.assignment, SubmissionStatus(row.status),
                self._score(result, desk), row.tier, row.submission, row.suite,
                tuple(result.suspicions) if result else ())
                for row in session.scalars(query) for result in [read(row.record)]]

    def _score(self, result: Result | None, desk: Book) -> float | None:
        if result is None or result.assignment not in self._course.assignments:
            return None
        return desk.grade(result).score

    def of_hand_in(self, student: str, assignment: str, submission: str) -> Result | None:
        """The result that stands of these files of a student, the newest that is no fault of ours
        where there is one; None where there is none."""
        number = self.number_of_hand_in(student, assignment, submission)
        with self._database.session() as session:
            record = session.scalar(select(ResultRow.record).where(ResultRow.id == number))
        return None if record is None else read(record)

    def total_of_hand_in(self, student: str, assignment: str, submission: str) -> Total | None:
        """What that result is worth. Of the record nothing is read: who waits asks for no more."""
        number = self.number_of_hand_in(student, assignment, submission)
        desk = self.desk(student=student)
        found = () if number is None else self._counting.verdicts([number], desk.decisions.roster)
        return next((desk.total(verdicts) for _, verdicts in found), None)

    def totals_of_hand_ins(self, student: str, assignment: str | None = None
                           ) -> dict[tuple[str, str], Total]:
        """What each hand-in of a student is worth, to one assignment or all: by the assignment and
        the files' digest. Those that are not graded are not there."""
        query = select(ResultRow.assignment, ResultRow.submission, STANDS).where(
            ResultRow.student == student, ResultRow.assignment.in_(
                self._course.assignments if assignment is None else [assignment]),
        ).group_by(ResultRow.assignment, ResultRow.submission)
        with self._database.session() as session:
            numbers = {number: (name, digest) for name, digest, number in session.execute(query)}
        desk = self.desk(student=student)
        return {numbers[number]: desk.total(verdicts) for number, verdicts in
                self._counting.verdicts([*numbers], desk.decisions.roster)}

    def number_of_hand_in(self, student: str, assignment: str, submission: str) -> int | None:
        """The number of that result."""
        with self._database.session() as session:
            return session.scalar(_OF_HAND_IN, {
                "student": student, "assignment": assignment, "submission": submission})

    def handed_in_for(self, *, student: str | None = None, assignment: str | None = None,
                      submission: str | None = None) -> dict[tuple[str, str, str], set[str]]:
        """What members of teams handed in, by its assignment, who did, and the files' digest: those
        for whom it was graded; of everybody, or of one student, assignment or digest."""
        query = select(ResultRow.assignment, ResultRow.handed_in_by, ResultRow.submission,
                       ResultRow.student).where(ResultRow.handed_in_by.is_not(None))
        for column, wanted in ((ResultRow.student, student), (ResultRow.assignment, assignment),
                               (ResultRow.submission, submission)):
            query = query if wanted is None else query.where(column == wanted)
        found: dict[tuple[str, str, str], set[str]] = {}
        with self._database.session() as session:
            for name, by, digest, member in session.execute(query):
                found.setdefault((name, by or "", digest), set()).add(member)
        return found

    def is_outdated(self, result: Result) -> bool:
        """Whether something was kept since that stands before ``result``: another verdict on the
        same files, or our own fault over them; or, where nothing says when either was handed in,
        other files of the student. Found again, ``result`` is to be added again, on top."""
        since = select(ResultRow.key, ResultRow.status).where(
            ResultRow.assignment == result.assignment, ResultRow.student == result.student)
        if result.submission.submitted_at is not None:
            since = since.where(ResultRow.submission == result.submission.digest)
        with self._database.session() as session:
            newest = session.execute(since.order_by(ResultRow.id.desc()).limit(1)).one()
        return (newest.key, newest.status) != (key_of(result), result.status.value)

    def graded(self, roster: Roster) -> set[tuple[str, str]]:
        """Of which assignment there is a result, and of whom."""
        query = select(ResultRow.assignment, ResultRow.student).where(ResultRow.submission != "")
        with self._database.session() as session:
            return {(name, roster.id_of(student))
                    for name, student in session.execute(query.distinct())}

    def counting(self, assignment: str, policy: Policy | None = None) -> list[Result]:
        """The result that counts of every student who has one, by the student's id.

        A record that this version cannot read any more is a StoreError: an older result, or none,
        would pass for it.

        Args:
            policy: None is the course's own.
        """
        numbers = self.counting_numbers(assignment, policy)
        return [self._result_of(student, number) for student, number in sorted(numbers.items())]

    def counting_numbers(
        self, assignment: str, policy: Policy | None = None, *, until: int | None = None
    ) -> dict[str, int]:
        """Student -> number of the result that counts, among those of runs up to ``until``."""
        return {student: each.number for student, each in
                self.chosen(assignment, policy, until=until).items()}

    def chosen(self, assignment: str, policy: Policy | None = None, *, until: int | None = None
               ) -> dict[str, Chosen]:
        """The same, with what was handed in later and is no grade."""
        return self._counting.chosen(assignment, policy or self._course.counts,
                                     self.decisions(), until)

    def book(self, policy: Policy | None = None, *, student: str | None = None) -> Book:
        """The gradebook of the term: all that counts, and all that is decided; or the pages of one
        student, by any name of theirs, which are read as often as that student likes."""
        decisions = self.decisions()
        policy = policy or self._course.counts
        if student is None:
            chosen = [each for assignment in self._course.assignments for each in
                      self._counting.chosen(assignment, policy, decisions).values()]
        else:
            chosen = self._counting.of_student(
                self._counting.names(decisions.roster.id_of(student), decisions.roster), policy,
                decisions)
        newer = {each.number: each.status for each in chosen}
        return Book(self._course, decisions, [
            replace(verdicts, newer=newer[number]) for number, verdicts in
            self._counting.verdicts([*newer], decisions.roster)])

    def desk(self, policy: Policy | None = None, *, student: str | None = None) -> Book:
        """What grades single results: the book where they depend on others, by slip days; of one
        student's results, that student's pages of it."""
        return self.book(policy, student=student) if self._course.late.bank else \
            Book(self._course, self.decisions())

    def grades(self, assignment: str, policy: Policy | None = None) -> list[Grade]:
        """The grade that counts of every student who has one, by the student's id; those of erased
        persons among them, for the class's figures."""
        desk = self.desk(policy)
        found = [desk.grade(self._result_of(student, each.number), each.status)
                 for student, each in self.chosen(assignment, policy).items()]
        found += desk.without_files(assignment, {each.student for each in found})
        return sorted(found, key=lambda each: each.student)

    def grades_of_people(self, assignment: str, policy: Policy | None = None) -> list[Grade]:
        """The same of those who are people: what is given to somebody is made of these."""
        return [each for each in self.grades(assignment, policy) if not each.result.is_erased]

    def _result_of(self, student: str, number: int) -> Result:
        """A result as a person's who is known by another name, too."""
        found = self.result(number)
        return found if found.student == student else found.model_copy(update={"student": student})

    def result(self, number: int) -> Result:
        with self._database.session() as session:
            student, record = session.execute(
                select(ResultRow.student, ResultRow.record).where(ResultRow.id == number)).one()
        result = read(record)
        if result is None:
            raise StoreError(f"{self._database.where}: the newest result of {student} was kept by "
                             "another version of autograder; grade it again")
        return result

    def runs(self, assignment: str | None = None) -> list[Run]:
        """All runs, or those on one assignment, oldest first."""
        made = select(ResultRow.run_id, func.count().label("count")) \
            .group_by(ResultRow.run_id).subquery()
        query = select(RunRow, func.coalesce(made.c.count, 0)) \
            .outerjoin(made, made.c.run_id == RunRow.id).order_by(RunRow.id)
        if assignment is not None:
            query = query.where(RunRow.assignment == assignment)
        with self._database.session() as session:
            return [Run(row.id, row.started, row.finished, row.assignment, row.command, count)
                    for row, count in session.execute(query)]

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
