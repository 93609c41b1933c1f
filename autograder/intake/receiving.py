"""Receiving what a student hands in: accepted with a receipt, or refused with a reason.

Nothing that was handed in is read here but a zip's directory: graders read notebooks, in processes
of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course import Course
from autograder.course.assignment import Attempts, Pace
from autograder.course.dates import clock
from autograder.course.roster import Person, Roster
from autograder.intake.files import KeptFiles
from autograder.intake.receipts import Receipt, sealed
from autograder.intake.whose import owners
from autograder.names import shown, student_id
from autograder.result import Sentence, sentence
from autograder.store import Arrival, State, Store
from autograder.submission import Submission, Unreadable
from autograder.submission.archive import from_zip, too_much
from autograder.submission.candidates import too_many
from autograder.submission.document import MAX_NOTEBOOK
from autograder.submission.kinds import kind
from autograder.submission.tree import File

MAX_FILES = 20
MAX_BYTES = MAX_NOTEBOOK
"""Of one hand-in: of all its files together."""

# Whatever grader.toml allows:
_BURST = Pace(hours=0.25, allowed=20)  # nobody works so fast
_FAULTS = Pace(hours=1, allowed=3)  # of ours, by one's hand-ins: each may have cost several graders
_REST = timedelta(minutes=5)  # until files with which graders failed are graded again; then twice..
_MOST_RESTS = 8  # .. as long each time, up to most of a day
_DAY = timedelta(days=1)
_MOST_A_DAY = 4 * MAX_BYTES  # on the disk, for one assignment


@dataclass(frozen=True)
class Refusal:
    """Why something was not received, and, where that is known, when it would be. ``kind`` is for
    programs."""

    kind: str
    reason: Sentence
    again: datetime | None = None


@dataclass(frozen=True)
class Left:
    """What one may still hand in."""

    attempts: int | None  # in all; None: as often as one likes
    again: datetime | None = None  # when the next can come; None: now

    @property
    def is_open(self) -> bool:
        """Whether one may hand in now."""
        return self.attempts != 0 and self.again is None


class RefusedLately:
    """Remembers of whom hand-ins were refused lately after they had been taken in. Nothing of these
    is kept, so that no other limit counts them."""

    def __init__(self) -> None:
        self._times: dict[str, list[datetime]] = {}

    def note(self, student: str, now: datetime) -> None:
        """Count one more."""
        kept = [*self._times.get(student, []), now][-_BURST.allowed:]
        self._times[student] = kept

    def barred(self, course: Course, student: str, now: datetime) -> Refusal | None:
        """Why nothing more of theirs is taken in now."""
        again = _again(self._times.get(student, []), _BURST, now)
        return None if again is None else _too_often(again, course)


def receive(course: Course, store: Store, secret: bytes, roster: Roster, person: Person,
            assignment: str, files: Mapping[str, bytes], now: datetime, way: str
            ) -> Receipt | Refusal:
    """Keep what ``person`` hands in, and put it into the queue of graders. What a receipt is given
    for is on the disk.

    The same files once more are the same hand-in: whoever has lost an answer may ask again. One
    that the grader's own fault ended is graded again then, after a rest.

    Args:
        secret: the course's.
        files: by the names that strangers gave them.
        way: by which it came.

    Raises:
        IntakeError: the disk does not take the files.
        StoreError: the database refuses.
    """
    if (refusal := _too_much(files, assignment)) is not None:
        return refusal
    came = _named(files)
    submission = Submission(person.id, assignment, {}, now, unread=came)
    students, kept, is_new = owners(person, roster), KeptFiles(course), False
    before = store.arrivals.all(students=students, assignment=assignment)
    if not any(each.digest == submission.digest for each in before):
        if (refusal := _refused(before, course, assignment, now)) is not None:
            return refusal  # before the disk has any work
        is_new = kept.keep(submission)
    with store.arrivals.exclusively() as counted:
        before = counted.all(students, assignment)
        arrival = _same(before, submission.digest)
        if arrival is None:
            if (refusal := _refused(before, course, assignment, now)) is not None:
                if is_new and not counted.needs(submission.digest):
                    kept.drop(submission.digest)  # somebody else's of the team was faster
                return refusal
            kept.keep(submission)
            arrival = counted.add(person.id, assignment, submission.digest, now, way)
        elif arrival.state is State.INTERNAL:
            if (refusal := _resting(arrival, counted.graded(arrival), course, now)) is not None:
                return refusal
            counted.wait(arrival)
    return receipt_of(arrival, course, secret)


def barred(course: Course, store: Store, roster: Roster, person: Person, assignment: str,
           now: datetime) -> Refusal | None:
    """Why nothing that ``person`` hands in now is received, whatever it is; None where something
    may be. Files that came before are refused likewise: their receipt is there already."""
    before = store.arrivals.all(students=owners(person, roster), assignment=assignment)
    return _refused(before, course, assignment, now)


def receipt_of(arrival: Arrival, course: Course, secret: bytes) -> Receipt:
    """The receipt for a hand-in: the same each time."""
    return sealed(secret, course=course.name, student=arrival.student,
                  assignment=arrival.assignment, number=arrival.number, at=arrival.at,
                  digest=arrival.digest)


def left(course: Course, store: Store, roster: Roster, person: Person, assignment: str,
         now: datetime, *, before: Sequence[Arrival] | None = None) -> Left:
    """What ``person`` may still hand in for an assignment, with what was handed in ``before`` by
    those with whom the attempts are shared, where that is known."""
    if before is None:
        before = store.arrivals.all(students=owners(person, roster), assignment=assignment)
    return _left(before, course.attempts_at(assignment), now)


def _same(before: Sequence[Arrival], digest: str) -> Arrival | None:
    """The newest hand-in, where it is of these files: to go back to older ones is another."""
    return before[0] if before and before[0].digest == digest else None


def _left(before: Sequence[Arrival], limits: Attempts, now: datetime) -> Left:
    spent = [each.at for each in before if each.state is not State.INTERNAL]
    attempts = None if limits.max is None else max(limits.max - len(spent), 0)
    faults = [each.ended for each in before if each.state is State.INTERNAL and each.ended]
    waits = [at for at in (
        *([] if limits.per is None else [_again(spent, limits.per, now)]),
        _again([each.at for each in before], _BURST, now), _again(faults, _FAULTS, now))
        if at is not None]
    return Left(attempts, max(waits, default=None))


def _again(times: Sequence[datetime], pace: Pace, now: datetime) -> datetime | None:
    """When one may hand in again; None where that is now."""
    length = timedelta(hours=pace.hours)
    recent = sorted(at for at in times if at > now - length)
    return recent[-pace.allowed] + length if len(recent) >= pace.allowed else None


def _refused(before: Sequence[Arrival], course: Course, assignment: str, now: datetime
             ) -> Refusal | None:
    limits = course.attempts_at(assignment)
    found = _left(before, limits, now)
    if found.attempts == 0:
        return Refusal("attempts", sentence(
            "No attempt is left of {many}. What was handed in before counts.",
            many=limits.max or 0))
    if found.again is not None:
        return _too_often(found.again, course)
    recent = {each.digest: each.at for each in before if each.at > now - _DAY}
    if sum(map(KeptFiles(course).size, recent)) > _MOST_A_DAY:
        again = min(recent.values()) + _DAY
        return Refusal("pace", sentence(
            "You have handed in more than {megabytes} MB within a day. You may hand in again at "
            "{time}.", megabytes=_MOST_A_DAY // 2**20, time=clock(again, course.zone)), again)
    return None


def _too_often(again: datetime, course: Course) -> Refusal:
    return Refusal("pace", sentence("That is too often. You may hand in again at {time}.",
                                    time=clock(again, course.zone)), again)


def _resting(arrival: Arrival, times: int, course: Course, now: datetime) -> Refusal | None:
    """Why files with which graders have failed so many times are not graded again yet."""
    again = (arrival.ended or arrival.at) + _REST * 2 ** min(max(times - 1, 0), _MOST_RESTS)
    return None if now >= again else Refusal("pace", sentence(
        "The grader failed on these files a moment ago: that costs no attempt. Hand them in again "
        "at {time}.", time=clock(again, course.zone)), again)


def _named(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files by names that are safe anywhere: a browser may send whole paths, and strangers what
    they like."""
    named: dict[str, bytes] = {}
    for name, content in files.items():
        wanted = given = student_id(name.replace("\\", "/").rpartition("/")[2])
        number = 1
        while given in named:
            number += 1
            given = f"{number} {wanted}"
        named[given] = content
    return named


def _too_much(files: Mapping[str, bytes], assignment: str) -> Refusal | None:
    """Why files are not even kept."""
    if not any(files):
        return Refusal("nothing", sentence("Nothing came. Choose the notebook's file first."))
    if not any(files.values()):
        return Refusal("nothing", sentence(
            "The file is empty. Save the notebook and hand it in again."))
    if len(files) > MAX_FILES:
        return Refusal("files", sentence("{many} files are too many: {most} at most. Hand in the "
                                         "notebook, and what it imports.",
                                         many=len(files), most=MAX_FILES))
    if sum(map(len, files.values())) > MAX_BYTES:
        return Refusal("bytes", sentence(
            "This is larger than {megabytes} MB. Clear the notebook's outputs, save it, and hand "
            "it in again.", megabytes=MAX_BYTES // 2**20))
    kinds = {name: kind(name) for name in files}
    if not {"notebook", "script", "archive"} & {*kinds.values()}:
        return Refusal("kind", sentence(
            "{name} is not a notebook. Hand in the .ipynb file that Jupyter saves.",
            name=shown(next(iter(files)))))
    archives = [files[name] for name, each in kinds.items() if each == "archive"]
    reason = _not_unpacked(archives, assignment)
    return None if reason is None else Refusal("zip", reason)


def _not_unpacked(archives: Sequence[bytes], assignment: str) -> Sentence | None:
    """Why zips are not to be unpacked, by what their directories say."""
    packed: list[File] = []
    for data in archives:
        try:
            found = from_zip(data).files
        except Unreadable as error:
            return error.reason
        if (reason := too_much(found)) is not None:
            return reason
        packed += found
    return too_many(packed, assignment)
