"""A grader: a process that takes hand-ins from the store's queue, one after the other, for ever.

It goes by what the course was when it began. Where that has changed it ends, and whoever started it
starts another one (``graders``).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course, Tier, load, roster, secret
from autograder.course.digests import suite_digest
from autograder.course.roster import Roster, RosterError
from autograder.course.tables import HandInsTable
from autograder.grading import finish, interrupts, jury
from autograder.grading.executors import Lost, Seated, ToJudge
from autograder.grading.jury import Jury
from autograder.grading.other_door import OtherDoor
from autograder.grading.run import grade_within
from autograder.intake import IntakeError, KeptFiles, whose
from autograder.intake.files import FilesLost
from autograder.result import Result
from autograder.store import Arrival, State, Store, StoreError, Work
from autograder.submission import Submission, of_files, resolving
from autograder.telemetry.log import event

PAUSE = 0.3
"""Seconds between looks at a queue that is empty."""

_BEGINS = 3  # of one hand-in: what ends a grader so often is given up
_NICER = 5  # than the door, which has to answer at once


@dataclass(frozen=True)
class Workplace:
    """Where a grader works: a course, perhaps with another store than its own; by which tier of
    the sandbox, None for the strongest; and of which door it asks files that are not kept here."""

    toml: Path
    store: str | None = None
    tier: Tier | None = None
    door: OtherDoor | None = None

    def course(self) -> Course:
        course = load(self.toml)
        if self.store is not None:
            course = course.model_copy(
                update={"store": course.store.model_copy(update={"url": self.store})})
        if self.door is not None:  # which erases what it has to erase, and nothing here
            course = course.model_copy(update={"handins": HandInsTable(keep=False)})
        return course

    def jury_of(self, course: Course, assignment: str, secret: bytes) -> Jury:
        """Who judges here: by no tier ``none``, whatever grader.toml allows."""
        return jury.of_course(jury.confined(course), assignment, secret=secret, tier=self.tier)


class QueueGrader:
    """What a grader has: the course, its store, and a judge of one assignment at a time."""

    def __init__(self, place: Workplace, store: Store, course: Course, people: Roster) -> None:
        """``people`` is the table as it was when it could last be used: today's is held to it."""
        self._place = place
        self._store = store
        self._course = course
        self._people = people
        self._toml = place.toml.read_bytes()
        self._secret = secret.load(course)
        self._seat = ExitStack()
        self._jury: Jury | None = None
        self._executor: Seated | None = None
        self._assignment = ""

    def sit_down(self) -> None:
        """Have a judge of what was handed in last, or of the first assignment: who hands in next
        need not wait for one to become warm."""
        newest = [each.assignment for each in self._store.arrivals.all()[:1]]
        names = [name for name in (*newest, *self._course.assignments)
                 if name in self._course.assignments]
        self._seated(names[0])

    def work(self) -> bool | None:
        """Grade the next hand-in. Whether there was one; None where the course has changed."""
        command = " ".join(["autograder", *sys.argv[1:]])
        with self._store.arrivals.work(command, self._assignment) as work:
            if work is None:
                return None if self._has_changed("") else False
            try:
                if self._has_changed(work.arrival.assignment):
                    self._store.arrivals.back(work.arrival)
                    return None
                self._grade(work)
            except (StoreError, IntakeError, RosterError, KeyboardInterrupt):
                with suppress(StoreError):  # none of this hand-in's doing
                    self._store.arrivals.back(work.arrival)
                raise
            return True

    def close(self) -> None:
        self._seat.close()

    def _grade(self, work: Work) -> None:
        arrival, begun = work.arrival, time.monotonic()
        self._read_people()
        handed_in = self._handed_in(arrival)
        results: list[Result] = []
        if handed_in is not None:
            submissions = self._of_whom(arrival, handed_in)
            if arrival.begun > _BEGINS:
                results += self._given_up(work, submissions)
            else:
                seated, executor = self._seated(arrival.assignment)
                # What is timed wants the machine for itself: `autograder grade --only performance`.
                grade_within(work.run, work.claims, self._course, arrival.assignment, submissions,
                             seated, executor, store=self._store, only="correctness",
                             progress=lambda result, fresh: results.append(result))
        self._store.arrivals.ended(
            arrival, arrival.digest if handed_in is None else handed_in.digest,
            State.INTERNAL if handed_in is None else State.of(
                [result.status for result in results]))
        event("graded", handin=arrival.number, assignment=arrival.assignment,
              seconds=round(time.monotonic() - begun, 3))

    def _read_people(self) -> None:
        """Raises RosterError where the table cannot be used, by the same rule as at the door."""
        found = roster.load(self._course)
        if found is not self._people:  # of most hand-ins it is the table of the one before
            roster.keep_most(self._people, found, roster.file(self._course))
            self._people = found

    def _of_whom(self, arrival: Arrival, handed_in: Submission) -> Sequence[Submission]:
        """The hand-in, once for each whose it is: those of the team as it is now; graded again,
        those for whom it was graded, whatever team they are in by now."""
        before = None if arrival.submission is None else self._store.of_hand_in(
            arrival.student, arrival.assignment, arrival.submission)
        if before is None:
            return resolving.resolved([handed_in], self._people).submissions
        team = before.submission.team
        again = replace(handed_in, team=team, handed_in_by=arrival.student if team else None)
        return [replace(again, student=each)
                for each in whose.whose(self._store, self._people, arrival)]

    def _given_up(self, work: Work, submissions: Sequence[Submission]) -> list[Result]:
        """What is kept of a hand-in with which too many graders have begun. No judge is needed."""
        seated = self._jury_of(work.arrival.assignment)
        results = [finish.judged(Lost(ToJudge(each)), self._course, seated) for each in submissions]
        for result in results:
            self._store.add(work.run, result)
        return results

    def _handed_in(self, arrival: Arrival) -> Submission | None:
        """The hand-in; None where its files are damaged or gone, which holds up nobody else.

        Raises:
            IntakeError: nobody's files are there.
        """
        kept, door = KeptFiles(self._course), self._place.door
        if door is None and not kept.folder.is_dir():
            raise IntakeError(f"{kept.folder}: is not there; have the folder here in which the "
                              "door keeps files, or say by --door whom to ask for them")
        try:
            files = kept.find(arrival.digest) if door is None else door.files(arrival.digest)
        except FilesLost as error:
            event("files damaged", level=logging.ERROR, handin=arrival.number, why=str(error))
            return None
        if files is None:
            event("files gone", level=logging.ERROR, handin=arrival.number)
            return None
        return of_files(files, arrival.student, self._course.assignment(arrival.assignment),
                        arrival.at)

    def _seated(self, assignment: str) -> tuple[Jury, Seated]:
        if self._jury is None or self._executor is None or self._assignment != assignment:
            self._seat.close()
            self._jury = self._jury_of(assignment)
            self._executor = Seated(self._jury.make_judge)
            self._seat.callback(self._executor.close)
            self._assignment = assignment
        return self._jury, self._executor

    def _jury_of(self, assignment: str) -> Jury:
        return self._place.jury_of(self._course, assignment, self._secret)

    def _has_changed(self, assignment: str) -> bool:
        """Whether grader.toml has, or the suite of the judge that there is, or the course has no
        such assignment."""
        return self._place.toml.read_bytes() != self._toml or (
            assignment != "" and assignment not in self._course.assignments) or (
            self._jury is not None and assignment == self._assignment
            and suite_digest(self._course, assignment) != self._jury.suite)


def run(place: Workplace, people: Roster) -> None:
    """Grade until SIGTERM comes, or the course changes; ``people`` as a ``QueueGrader`` has it.

    Raises:
        AutograderError: the store, the disk or the machine refuses.
    """
    os.nice(_NICER)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    course = place.course()
    with suppress(KeyboardInterrupt), Store(course) as store, interrupts.heard(), \
            closing(QueueGrader(place, store, course, people)) as grader:
        grader.sit_down()
        while (graded := grader.work()) is not None:
            if not graded:
                time.sleep(PAUSE)
