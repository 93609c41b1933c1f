"""Who judges and who times, and what their verdicts depend on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from autograder import __version__
from autograder.course import DEVICES, TIERS, Course, Device, Question, SandboxPolicy, Tier
from autograder.course.digests import question_digests, suite_digest
from autograder.course.secret import fingerprint
from autograder.grading.executors import Grader, MakeJudge
from autograder.result import Environment, Result, Sentence, sentence, torch_version
from autograder.submission import Submission
from autograder.timing.devices import lacks


class Timer(Protocol):
    """What a run asks of a timekeeper."""

    def time(
        self, submission: Submission, result: Result, questions: Sequence[Question]
    ) -> Result: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Jury:
    """How judges and timekeepers of one assignment are made, and what verdicts depend on."""

    make_judge: MakeJudge  # called in every process that judges: must pickle
    digests: Mapping[str, str]  # question -> what decides its verdicts
    suite: str  # digest of these
    fingerprint: str  # of the secret
    tiers: tuple[Tier, ...]  # of the sandbox; results count that were made in one of these
    make_timer: Callable[[], Timer] | None = None  # None: nothing is timed
    devices: tuple[Device, ...] = ("cpu",)  # that the timer can time on

    def why_anew(self, made: Environment) -> Sentence | None:
        """Why nothing holds of a result that was made so, whatever the suite says; None where its
        questions may hold."""
        if made.autograder != __version__:
            return sentence("made by autograder {version}", version=made.autograder)
        if made.torch != torch_version():
            return sentence("made with torch {version}", version=made.torch)
        if made.seed != self.fingerprint:
            return sentence("made with another secret")
        if made.sandbox in TIERS and made.sandbox not in self.tiers:  # unknown: no worker answered
            return sentence("made in another sandbox: {tier}", tier=made.sandbox)
        return None


def of_course(course: Course, assignment: str, *, secret: bytes, tier: Tier | None = None) -> Jury:
    """The jury that ``course`` has. ``tier`` None is the strongest that the machine gives."""
    allowed = TIERS[: TIERS.index(course.sandbox.require) + 1]
    return Jury(
        make_judge=partial(_real_judge, course, assignment, secret, tier),
        digests=question_digests(course, assignment), suite=suite_digest(course, assignment),
        fingerprint=fingerprint(secret),
        tiers=tuple(each for each in allowed if tier in (None, each)),
        make_timer=partial(_real_timer, course, assignment),
        devices=tuple(each for each in DEVICES if lacks(each) is None),
    )


def _real_judge(course: Course, assignment: str, secret: bytes, tier: Tier | None) -> Grader:
    from autograder.sandbox.launch import launch

    # It becomes warm while torch is imported here: not before there is something to grade.
    launched = launch() if sys.platform.startswith("linux") else None
    try:
        from autograder.judge import Judge
        from autograder.sandbox.client import Zygote

        return Judge(course, assignment, secret=secret, tier=tier, start=partial(Zygote, launched))
    except BaseException:
        if launched is not None:
            launched.socket.close()  # it ends by itself
        raise


def _real_timer(course: Course, assignment: str) -> Timer:
    from autograder.timing.timekeeper import Timekeeper  # imports torch

    return Timekeeper(course, assignment)


def confined(course: Course) -> Course:
    """``course``, with tier ``none`` ruled out whatever its grader.toml allows."""
    if course.sandbox.require != "none":
        return course
    return course.model_copy(update={"sandbox": SandboxPolicy(require="landlock")})
