"""Many submissions: what is graded already comes from the store, the rest goes to judges.

One process writes to the store; each result is kept the moment it is there. A run that is cut
off, by Ctrl-C or by force, is continued by the same command.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from importlib import metadata
from typing import Literal, Protocol

from autograder import __version__, pool
from autograder.course import DEVICES, TIERS, Course, Device, Question, SandboxPolicy, Tier
from autograder.performance import awaiting, with_timed
from autograder.performance.devices import lacks
from autograder.pool import Grader, MakeJudge
from autograder.result import (
    Environment,
    Result,
    Sentence,
    SubmissionRecord,
    SubmissionStatus,
    sentence,
)
from autograder.secret import fingerprint
from autograder.store import Store, result_key
from autograder.submission import Submission

_CENT = Decimal("0.01")
_NO_TIER = "unknown"  # the tier of a result for which no worker answered


class Timer(Protocol):
    """What a run asks of a timekeeper."""

    def time(
        self, submission: Submission, result: Result, questions: Sequence[Question]
    ) -> Result: ...

    def close(self) -> None: ...


Part = Literal["correctness", "performance"]
"""What a run can be limited to."""


@dataclass(frozen=True)
class Bench:
    """Where submissions are judged: how to seat a judge, and what its results depend on."""

    make_judge: MakeJudge  # called in every process of the pool: must pickle
    suite: str  # digest
    seed: str  # fingerprint of the secret
    tiers: tuple[Tier, ...]  # results found in the store count when made in one of these
    make_timer: Callable[[], Timer] | None = None  # None: nothing is timed
    devices: tuple[Device, ...] = ("cpu",)  # that the timer can time on


class Interrupted(Exception):
    """Ctrl-C. What was graded before, ``done`` of ``total`` submissions, is kept."""

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
        suite=course.suite_digest(assignment), seed=fingerprint(secret),
        tiers=tuple(each for each in allowed if tier in (None, each)),
        make_timer=partial(_real_timer, course, assignment),
        devices=tuple(each for each in DEVICES if lacks(each) is None),
    )


def _real_timer(course: Course, assignment: str) -> Timer:
    from autograder.performance.timekeeper import Timekeeper  # imports torch

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
        Interrupted: Ctrl-C.
    """
    # By what was asked for and not by what is left of it: a submission that kills processes is
    # left over by every run, and must not kill this one.
    here = workers == 1 or len(submissions) == 1
    done = 0
    waiting: list[Submission] = []
    if device is not None:
        bench = replace(bench, devices=tuple(each for each in bench.devices if each == device))
    untimed: set[str] = set()  # students whose results are still to be timed

    def tell(result: Result, fresh: bool) -> None:
        nonlocal done
        if only != "correctness" and _awaited(course, bench, result, only, force):
            untimed.add(result.student)
        else:
            done += 1
            progress(result, fresh)

    try:
        run = store.begin(assignment, command)
        for submission in submissions:
            again = force and only != "performance"
            found = None if again else _finished(course, bench, store, run, submission)
            if found is not None:
                tell(found, False)
            elif only != "performance":
                waiting.append(submission)
        with closing(_judged(course, bench, waiting, 0 if here else workers or _cores())) as judged:
            for verdict in judged:
                graded = with_timed(verdict, course.assignments[assignment])
                result = with_lateness(graded, course)
                with _whole():
                    store.add(run, result)
                    tell(result, True)
        late = [submission for submission in submissions if submission.student in untimed]
        for result in _timed(course, bench, store, run, late, only, force):
            done += 1
            progress(result, True)
        store.finish(run)
    except KeyboardInterrupt:
        raise Interrupted(done, len(submissions)) from None


@contextmanager
def _whole() -> Iterator[None]:
    """Ctrl-C waits for the end of this block: a result is kept and told, or neither. Raised in the
    midst of other people's code, it can also be lost, in a destructor for example."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed and before is not signal.SIG_IGN:
        raise KeyboardInterrupt


def _finished(
    course: Course, bench: Bench, store: Store, run: int, submission: Submission
) -> Result | None:
    """The stored result of equal files, made this student's and as late as this hand-in is.

    Where that changes it, the change is kept too: a student's history has every score.
    """
    tiers = bench.tiers if submission.problem is None else (_NO_TIER,)
    keys = [
        result_key(digest=submission.digest, assignment=submission.assignment, suite=bench.suite,
                   tier=tier, autograder=__version__, torch=_torch(),
                   seed=bench.seed)
        for tier in tiers
    ]
    found = store.find(keys, submission.student)
    if found is None:
        return None
    handed_in = {"student": submission.student, "submission": _record(submission)}
    result = with_lateness(found.model_copy(update=handed_in), course)
    if result != found:
        store.add(run, result)
    return result


def _awaited(
    course: Course, bench: Bench, result: Result, only: Part | None, force: bool
) -> list[Question]:
    """The questions of ``result`` that are to be timed now."""
    if bench.make_timer is None:
        return []
    return awaiting(result, course.assignments[result.assignment], bench.devices,
                    again=force and only == "performance")


def _timed(
    course: Course, bench: Bench, store: Store, run: int, submissions: Sequence[Submission],
    only: Part | None, force: bool,
) -> Iterator[Result]:
    """Results of submissions that were graded before, with what is timed; kept where that changed
    them."""
    if not submissions or bench.make_timer is None:
        return
    with closing(bench.make_timer()) as timer:
        for submission in submissions:
            before = _finished(course, bench, store, run, submission)
            assert before is not None
            questions = _awaited(course, bench, before, only, force)
            result = with_lateness(timer.time(submission, before, questions), course)
            if result != before:
                store.add(run, result)
            yield result


# One after the other, or in processes ---------------------------------------------------------

_Results = Generator[Result, None, None]


def _judged(
    course: Course, bench: Bench, submissions: Sequence[Submission], workers: int
) -> _Results:
    """Results as they come, by ``workers`` processes; 0 is in this one."""
    readable: deque[Submission] = deque()
    for submission in submissions:
        if submission.problem is None:
            readable.append(submission)
        else:
            yield _unjudged(course, bench, submission, SubmissionStatus.UNREADABLE,
                            submission.problem)
    if readable and workers:
        def lost(submission: Submission) -> Result:
            return _unjudged(course, bench, submission, SubmissionStatus.INTERNAL, sentence(
                "Grading this submission ended the grader's own process twice; the course's staff "
                "has to look into it."))

        yield from pool.grade(bench.make_judge, readable, min(workers, len(readable)), lost)
    elif readable:
        with closing(bench.make_judge()) as judge:
            for submission in readable:
                yield judge.grade(submission)


# Results that no judge made -------------------------------------------------------------------

def _unjudged(course: Course, bench: Bench, submission: Submission, status: SubmissionStatus,
              reason: Sentence) -> Result:
    return Result(
        assignment=submission.assignment, student=submission.student, status=status, score=0,
        max_score=float(course.assignments[submission.assignment].points), message=reason,
        submission=_record(submission),
        environment=Environment(
            autograder=__version__, python=platform.python_version(),
            torch=_torch(), platform=f"{sys.platform}-{platform.machine()}",
            sandbox=_NO_TIER, suite=bench.suite, seed=bench.seed),
    )


def _record(submission: Submission) -> SubmissionRecord:
    return SubmissionRecord(
        digest=submission.digest, files=dict(submission.file_digests),
        submitted_at=submission.submitted_at)


@cache
def _torch() -> str:
    return metadata.version("torch")  # without importing it


def _cores() -> int:
    return os.cpu_count() or 1
