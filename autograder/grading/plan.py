"""What a submission needs, by what the store has of it.

Which questions of an earlier result still hold, the judge says, by ``course.digests``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograder import __version__
from autograder.course import Assignment, Question
from autograder.grading import finish
from autograder.grading.executors import ToJudge
from autograder.grading.jury import Jury
from autograder.result import Result, torch_version
from autograder.store import Store, result_key
from autograder.submission import Submission
from autograder.timing.pending import awaiting

Only = Literal["correctness", "performance"]
"""What a run can be limited to."""


@dataclass(frozen=True)
class Kept:
    """It needs nothing: the store has this result, as it is."""

    result: Result


@dataclass(frozen=True)
class ToKeep:
    """It needs no judge: its result follows from one of equal files, or says why nobody can read
    it. A student's history has every hand-in, so that it is kept."""

    result: Result
    fresh: bool = False  # made now; or it follows from one that the store has


Need = Kept | ToKeep | ToJudge


@dataclass(frozen=True)
class ToTime:
    """A submission that is judged, of whose result these questions are to be timed."""

    submission: Submission
    result: Result
    questions: Sequence[Question]
    kept: bool = False  # the store has the result as it is


@dataclass(frozen=True)
class Planner:
    """Plans one run over one assignment. It reads the store, and writes nothing."""

    assignment: Assignment
    jury: Jury
    store: Store
    only: Only | None = None
    force: bool = False
    copies: bool = False  # of what was judged last, whosever it is, not of the student's own

    def copying(self) -> Planner:
        """For files that this run has just judged as another student's."""
        again = self.force and self.only != "performance"
        return replace(self, force=False, copies=True) if again else self

    def dated(self, submission: Submission) -> Submission:
        """With what is known of when it was handed in, where it does not say so itself: a path
        that is named more narrowly, or a copy elsewhere, takes nobody's time away."""
        if submission.submitted_at is not None:
            return submission
        known = self.store.handed_in(submission.digest, submission.assignment, submission.student)
        if known is None:
            return submission
        at, due = known
        return replace(submission, submitted_at=at, due=submission.due or due)

    def step(self, submission: Submission) -> Need:
        """What a claimed submission needs next."""
        known = self.known(submission)
        if known is not None:
            return known
        if submission.problem is not None:
            return ToKeep(finish.unreadable(submission, submission.problem, self.jury),
                          fresh=True)
        return ToJudge(submission, self._earlier(submission.digest))

    def known(self, submission: Submission) -> Kept | ToKeep | None:
        """What follows from the store alone; None where that is nothing, or is not to count."""
        if self.force and self.only != "performance":
            return None
        return self._found(submission)

    def timing(self, submission: Submission) -> ToTime:
        """What a claimed submission needs that is judged already."""
        found = self._found(submission)
        assert found is not None, "what is timed was kept in this run, or found in the store"
        return ToTime(submission, found.result, self.awaited(found.result), isinstance(found, Kept))

    def awaited(self, result: Result) -> list[Question]:
        """The questions of ``result`` that are to be timed in this run."""
        if self.only == "correctness" or self.jury.make_timer is None:
            return []
        return awaiting(result, self.assignment, self.jury.devices,
                        again=self.force and self.only == "performance")

    def _found(self, submission: Submission) -> Kept | ToKeep | None:
        """The stored result of equal files, as this student's, of this hand-in."""
        tiers = self.jury.tiers if submission.problem is None else (finish.NO_TIER,)
        found = self.store.find([
            result_key(digest=submission.digest, assignment=submission.assignment,
                       suite=self.jury.suite, tier=tier, autograder=__version__,
                       torch=torch_version(), fingerprint=self.jury.fingerprint)
            for tier in tiers], None if self.copies else submission.student)
        if found is None:
            return None
        result = finish.handed_in_by(submission, found)
        as_it_is = result == found and not self.store.is_outdated(result)
        return Kept(result) if as_it_is else ToKeep(result)

    def _earlier(self, digest: str) -> Result | None:
        """A result of equal files by another suite: some of its questions may still hold."""
        if self.force:
            return None
        found = self.store.newest(digest, self.assignment.name, self.jury.tiers)
        return found if found and self.jury.why_anew(found.environment) is None else None
