"""Many submissions: what is graded already comes from the store, the rest goes to judges.

Each result is kept the moment it is there. A run that is cut off, by Ctrl-C or by force, is
continued by the same command. Runs that use one store at the same time share the work.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from importlib import metadata
from typing import Literal, Protocol

from autograder import __version__
from autograder.course import (
    DEVICES,
    TIERS,
    Assignment,
    Course,
    Device,
    Question,
    SandboxPolicy,
    Tier,
)
from autograder.course.secret import fingerprint
from autograder.errors import AutograderError, ExitStatus
from autograder.gradebook.points import rescored
from autograder.grading.executors import pool
from autograder.grading.executors.pool import Earlier, Grader, MakeJudge
from autograder.result import (
    Environment,
    Result,
    Sentence,
    SubmissionRecord,
    SubmissionStatus,
    sentence,
)
from autograder.store import Claims, Store, result_key
from autograder.submission import Submission
from autograder.timing import awaiting, with_timed
from autograder.timing.devices import lacks

_CENT = Decimal("0.01")
_AGAIN_SECONDS = 1.0
_AHEAD = 8  # submissions claimed at once; others' runs get the rest
_NO_TIER = "unknown"  # the tier of a result for which no worker answered


class Timer(Protocol):
    """What a run asks of a timekeeper."""

    def time(
        self, submission: Submission, result: Result, questions: Sequence[Question]
    ) -> Result: ...

    def close(self) -> None: ...


Part = Literal["correctness", "performance"]
"""What a run can be limited to."""


Elsewhere = Callable[
    [MakeJudge, deque[Submission], Earlier, Callable[[Submission], Result]],
    Generator[Result, None, None]]
"""Judges on other machines: as ``pool.grade``, by as many as there are."""


@dataclass(frozen=True)
class Bench:
    """Where submissions are judged: how to seat a judge, and what its results depend on."""

    make_judge: MakeJudge  # called in every process of the pool: must pickle
    digests: Mapping[str, str]  # question -> what decides its verdicts
    suite: str  # digest of these
    seed: str  # fingerprint of the secret
    tiers: tuple[Tier, ...]  # results found in the store count when made in one of these
    make_timer: Callable[[], Timer] | None = None  # None: nothing is timed
    devices: tuple[Device, ...] = ("cpu",)  # that the timer can time on
    elsewhere: Elsewhere | None = None  # None: judges are on this machine


class Interrupted(AutograderError):
    """Ctrl-C or SIGTERM. What was graded before, ``done`` of ``total`` submissions, is kept."""

    exit_status = ExitStatus.INTERRUPTED
    label = ""  # it was asked for

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"interrupted: {done} of {total} submissions are graded and kept; "
                         "run the same command again to grade the others")


Progress = Callable[[Result, bool], None]
"""Told of each result as it is there, and whether it was graded now (not found in the store)."""


def bench(course: Course, assignment: str, *, secret: bytes, tier: Tier | None = None) -> Bench:
    """The bench of the real judge. ``tier`` None is the strongest that the machine gives."""
    allowed = TIERS[: TIERS.index(course.sandbox.require) + 1]
    return Bench(
        make_judge=partial(_real_judge, course, assignment, secret, tier),
        digests=course.question_digests(assignment), suite=course.suite_digest(assignment),
        seed=fingerprint(secret),
        tiers=tuple(each for each in allowed if tier in (None, each)),
        make_timer=partial(_real_timer, course, assignment),
        devices=tuple(each for each in DEVICES if lacks(each) is None),
    )


def _real_timer(course: Course, assignment: str) -> Timer:
    from autograder.timing.timekeeper import Timekeeper  # imports torch

    return Timekeeper(course, assignment)


def _real_judge(course: Course, assignment: str, secret: bytes, tier: Tier | None) -> Grader:
    from autograder.judge import Judge  # imports torch: not before there is something to grade

    return Judge(course, assignment, secret=secret, tier=tier)


def confined(course: Course) -> Course:
    """``course``, with tier ``none`` ruled out whatever its grader.toml allows."""
    if course.sandbox.require != "none":
        return course
    return course.model_copy(update={"sandbox": SandboxPolicy(require="landlock")})


def with_lateness(result: Result, course: Course) -> Result:
    """``result`` with the late policy applied to its raw score, whatever was applied before."""
    days = course.late_days(result.assignment, result.student, result.submission.submitted_at)
    raw = Decimal(str(result.raw_score))
    penalty = (raw * course.late.share(days)).quantize(_CENT, ROUND_HALF_UP)
    score = (raw - penalty).quantize(_CENT, ROUND_HALF_UP)
    submission = result.submission.model_copy(update={"late_days": days})
    return result.model_copy(update={
        "submission": submission, "penalty": float(penalty), "score": float(score)})


def grade(
    course: Course, assignment: str, submissions: Sequence[Submission], bench: Bench, *,
    store: Store, workers: int | None = None, force: bool = False, only: Part | None = None,
    device: Device | None = None, command: str = "",
    progress: Progress = lambda result, fresh: None,
) -> None:
    """Grade ``submissions``; each result is kept in the store at once, and told to ``progress``.

    What is timed is timed when everything else is graded, one submission after the other in this
    process, and kept as another result. No result is held here: a class of thousands takes no
    more memory than one of ten.

    Args:
        workers: processes; None is one for each core. With 1, or when there is one submission
            only, it is graded in this process.
        force: grade again what the store has a result of.
        only: leave out what is timed; or leave out everything else, and submissions that the
            store has no result of.
        device: time on this one only; None is on all that the bench has.
        command: the command line, for the store's record of the run.

    Raises:
        JudgeError: no judge can be made.
        StoreError: the store refused a result. What it took before is kept.
        Interrupted: Ctrl-C or SIGTERM.
    """
    # By what was asked for and not by what is left of it: a submission that kills processes is
    # left over by every run, and must not kill this one.
    here = workers == 1 or len(submissions) == 1
    done = 0
    if device is not None:
        bench = replace(bench, devices=tuple(each for each in bench.devices if each == device))
    untimed: set[str] = set()  # students whose results are still to be timed

    def tell(result: Result, fresh: bool) -> None:
        nonlocal done
        if only != "correctness" and grading.awaited(result):
            untimed.add(result.student)
        else:
            done += 1
            progress(result, fresh)

    try:
        with _interrupts_heard():
            grading = _Grading(course.assignment(assignment), course, bench, store,
                               store.begin(assignment, command), only, force)
            waiting: deque[Submission] = deque()
            for submission in submissions:
                found = None if grading.again else grading.found(submission)
                if found is not None and found.kept:
                    tell(found.result, False)
                elif found is not None or only != "performance":
                    waiting.append(submission)
            with store.claims(grading.run) as claims:
                with closing(grading.judged(waiting, claims, 0 if here else workers or _cores())) \
                        as judged:
                    for result, fresh in judged:
                        with _whole():
                            if fresh:
                                store.add(grading.run, result)
                            tell(result, fresh)
                left = deque(each for each in submissions if each.student in untimed)
                for result in grading.timed(left, claims):
                    done += 1
                    progress(result, True)
            store.finish(grading.run)
    except KeyboardInterrupt:
        raise Interrupted(done, len(submissions)) from None


@contextmanager
def _interrupts_heard() -> Iterator[None]:
    """Raises KeyboardInterrupt again every second, once Ctrl-C or SIGTERM has raised it and while
    nobody handles it: raised in the midst of other people's code, it can be lost, in a destructor
    for example."""
    heard = [number for number in (signal.SIGINT, signal.SIGTERM)
             if signal.getsignal(number) is signal.default_int_handler]
    if not heard or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        if sys.exc_info()[0] is None or number != signal.SIGALRM:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in heard:
            signal.signal(number, signal.default_int_handler)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _whole() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait for the end of this block: a result is kept and told, or neither."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number))
              for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for pending in came:
        signal.raise_signal(pending)


@dataclass(frozen=True)
class _Found:
    """A result that needs no judge."""

    result: Result
    kept: bool  # as it is; or it follows from one that is


@dataclass(frozen=True)
class _Grading:
    """One run over one assignment."""

    assignment: Assignment
    course: Course
    bench: Bench
    store: Store
    run: int  # the store's number of it
    only: Part | None
    force: bool

    @property
    def again(self) -> bool:
        """Whether what is graded already is graded again."""
        return self.force and self.only != "performance"

    def found(self, submission: Submission) -> _Found | None:
        """The stored result of equal files, made this student's, as late as this hand-in is, and
        with the points of today."""
        tiers = self.bench.tiers if submission.problem is None else (_NO_TIER,)
        keys = [
            result_key(digest=submission.digest, assignment=submission.assignment,
                       suite=self.bench.suite, tier=tier, autograder=__version__, torch=_torch(),
                       seed=self.bench.seed)
            for tier in tiers
        ]
        found = self.store.find(keys, submission.student)
        if found is None:
            return None
        handed_in = {"student": submission.student, "submission": _record(submission)}
        result = with_lateness(
            rescored(found.model_copy(update=handed_in), self.assignment), self.course)
        return _Found(result, kept=result == found and not self.store.is_outdated(result))

    def finished(self, submission: Submission, claims: Claims) -> Result | None:
        """What is found of a claimed submission, and kept where it is not yet: a student's history
        has every score."""
        found = None if self.again else self.found(submission)
        if found is None:
            return None
        if found.kept:
            claims.release(submission)
        else:
            self.store.add(self.run, found.result)
        return found.result

    def earlier(self, digest: str) -> Result | None:
        """A result of equal files by another suite: some of its questions may still hold."""
        if self.force:
            return None
        found = self.store.newest(digest, self.assignment.name, self.bench.tiers)
        made = found and found.environment
        same = made and (made.autograder, made.torch, made.seed) == (
            __version__, _torch(), self.bench.seed)
        return found if same else None

    def judged(
        self, waiting: deque[Submission], claims: Claims, workers: int
    ) -> Generator[tuple[Result, bool], None, None]:
        """Results as they come, by ``workers`` processes; 0 is in this one. And whether they are
        made here: other runs may grade some of ``waiting`` at the same time."""
        readable: deque[Submission] = deque()  # claimed, and not handed to a judge yet
        ahead = max(_AHEAD, 2 * workers)

        def claim(wait: bool) -> Iterator[tuple[Result, bool]]:
            if not waiting or len(readable) >= ahead:
                return
            for submission in claims.take(waiting, ahead, wait=wait):
                found = self.finished(submission, claims)
                if found is not None:
                    yield found, False
                elif submission.problem is not None:
                    yield self._unjudged(
                        submission, SubmissionStatus.UNREADABLE, submission.problem), True
                else:
                    readable.append(submission)

        while waiting:
            yield from claim(wait=True)
            if not readable:
                continue
            with closing(self._by_judges(readable, min(workers, len(readable) + len(waiting)))) \
                    as results:
                for result in results:
                    yield self._complete(result), True
                    yield from claim(wait=False)

    def _by_judges(
        self, readable: deque[Submission], workers: int
    ) -> Generator[Result, None, None]:
        """Results of judges, which take from ``readable`` as long as anything is in it."""
        make_judge = self.bench.make_judge
        if self.bench.elsewhere:
            yield from self.bench.elsewhere(make_judge, readable, self.earlier, self._lost)
        elif workers:
            yield from pool.grade(make_judge, readable, workers, self.earlier, self._lost)
        else:
            with closing(make_judge()) as judge:
                while readable:
                    submission = readable.popleft()
                    yield judge.grade(submission, self.earlier(submission.digest))

    def awaited(self, result: Result) -> list[Question]:
        """The questions of ``result`` that are to be timed now."""
        if self.bench.make_timer is None:
            return []
        return awaiting(result, self.assignment, self.bench.devices,
                        again=self.force and self.only == "performance")

    def timed(self, waiting: deque[Submission], claims: Claims) -> Iterator[Result]:
        """Results of submissions that were graded before, with what is timed; kept where that
        changed them."""
        if not waiting or self.bench.make_timer is None:
            return
        with closing(self.bench.make_timer()) as timer:
            while waiting:
                for submission in claims.take(waiting, 1, wait=True):
                    found = self.found(submission)
                    assert found is not None
                    timed = timer.time(submission, found.result, self.awaited(found.result))
                    result = with_lateness(timed, self.course)
                    if found.kept and result == found.result:
                        claims.release(submission)
                    else:
                        self.store.add(self.run, result)
                    yield result

    def _complete(self, result: Result) -> Result:
        """A judge's result with what is timed, and as late as it is."""
        has_timed = any(question.performance for question in self.assignment.questions)
        earlier = self.earlier(result.submission.digest) if has_timed else None
        result = with_timed(result, self.assignment, earlier, self.bench.digests)
        return with_lateness(result, self.course)

    def _lost(self, submission: Submission) -> Result:
        return self._unjudged(submission, SubmissionStatus.INTERNAL, sentence(
            "Grading this submission ended the grader's own process twice; the course's staff "
            "has to look into it."))

    def _unjudged(
        self, submission: Submission, status: SubmissionStatus, reason: Sentence
    ) -> Result:
        """A result that no judge made."""
        return with_lateness(Result(
            assignment=submission.assignment, student=submission.student, status=status, score=0,
            max_score=float(self.assignment.points), message=reason,
            submission=_record(submission),
            environment=Environment(
                autograder=__version__, python=platform.python_version(),
                torch=_torch(), platform=f"{sys.platform}-{platform.machine()}",
                sandbox=_NO_TIER, suite=self.bench.suite, seed=self.bench.seed),
        ), self.course)


def _record(submission: Submission) -> SubmissionRecord:
    return SubmissionRecord(
        digest=submission.digest, files=dict(submission.file_digests),
        submitted_at=submission.submitted_at)


@cache
def _torch() -> str:
    return metadata.version("torch")  # without importing it


def _cores() -> int:
    return os.cpu_count() or 1
