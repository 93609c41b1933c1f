"""Pairs of calls, one to the staff's function and one to the student's, until enough are known."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from autograder.judge.staff import JudgeError
from autograder.result import sentence
from autograder.sandbox.client import SandboxError, WorkerLost
from autograder.timing.protocol import Call, CallEnded, Restless, Runner, WrongAnswer
from autograder.timing.statistics import (
    LEAST_PAIRS,
    MOST_DISTURBED,
    MOST_PAIRS,
    Decision,
    Pairs,
)
from autograder.timing.tasks import Task
from autograder.timing.turns import Turns, Unfair

LEAST_PATIENCE = 2.0  # seconds for one call
_WARM_CALLS, _WARM_SECONDS = 3, 60.0
_BEYOND = 3.0  # times the last threshold: a call that takes longer is not waited for
_SLOW_STAFF = 1.5  # times its usual: something is in the way of the staff's solution


@dataclass(frozen=True)
class Measured:
    """What the pairs of one problem say."""

    decision: Decision
    pairs: int
    disturbed: int
    staff_seconds: float


class TooSlow(Exception):
    """A call took so much longer than the staff's that it was given up."""


def measure(
    staff: Runner, student: Runner, task: Task, times: Sequence[float],
    thresholds: Sequence[float], seconds: float,
) -> Measured:
    """Time pairs of calls until their ratio is known well enough.

    Args:
        times: of the staff's first calls.
        thresholds: ratios between which an interval decides.
        seconds: after which no more pairs are begun, but for the least there must be.

    Raises:
        JudgeError: the staff's solution is wrong, or raises.
        SandboxError, CudaError: its process, the sandbox or the device fails all of a sudden.
        TooSlow, WrongAnswer, CallEnded, WorkerLost: how the student's function ended.
        Unfair: staff should look at it.
        Restless: others use the device.
    """
    patience = max(LEAST_PATIENCE, _BEYOND * thresholds[-1] * median(times))
    try:
        return _measure(staff, student, task, [*times], thresholds, seconds, patience)
    except (CallEnded, WorkerLost):
        if staff.equipment.is_apart:  # was it the device's fault that it ended?
            _still_right(staff, patience)
        raise


def _measure(
    staff: Runner, student: Runner, task: Task, times: list[float], thresholds: Sequence[float],
    seconds: float, patience: float,
) -> Measured:
    turns = Turns(student)

    def ours_now() -> Call:
        return turns.take("staff", lambda: _staff_call(staff, patience))

    def theirs_now() -> Call:
        return turns.take("student", lambda: _student_call(student, patience))

    student.prepare(task)
    for _ in range(_WARM_CALLS):
        theirs_now()
    ours_now()  # who has waited for this submission is out of the caches
    ends = time.monotonic() + seconds
    pairs = Pairs()
    while pairs.count < MOST_PAIRS and pairs.busy <= MOST_DISTURBED and (
            pairs.usable < LEAST_PAIRS or time.monotonic() < ends):
        if secrets.randbelow(2):
            ours, theirs = ours_now(), theirs_now()
        else:
            theirs, ours = theirs_now(), ours_now()
        is_busy = ours.is_starved or ours.is_disturbed or theirs.is_disturbed \
            or ours.net > _SLOW_STAFF * median(times)
        times.append(ours.net)
        if is_busy:
            pairs.busy += 1
            continue
        pairs.staff.append(ours.net)
        if theirs.is_starved:
            pairs.waiting.append(theirs.seconds / ours.net)
            continue
        pairs.ratios.append(theirs.net / ours.net)
        if pairs.are_enough(thresholds):
            break
    return Measured(pairs.decide(thresholds), len(pairs.ratios), pairs.disturbed, median(times))


def warm(staff: Runner, task: Task) -> list[float]:
    """Times of the staff's first calls, which are verified as a student's are. To be made before
    there is a student's worker, which could take memory of a device away.

    Raises:
        JudgeError: it is wrong, or does not answer.
        SandboxError: the device is faster than it says it can be.
        Restless: others use the device.
    """
    try:
        staff.prepare(task)
        calls = [staff.call(_WARM_SECONDS) for _ in range(_WARM_CALLS)]
    except (CallEnded, WorkerLost) as ended:
        raise _broken(f"the staff's {staff.name} did not answer: {ended}") from None
    if not all(call.is_right for call in calls):
        raise _broken(f"the staff's {staff.name} answers other than the reference")
    if any(call.is_impossible for call in calls):
        raise SandboxError(f"the staff's {staff.name} is faster than the device says it can be")
    return [call.net for call in calls]


def _staff_call(staff: Runner, patience: float) -> Call:
    """It was right before, so that it need not be verified. When it fails now, that is not the
    student's doing: a process that is lost may do better next time, an exception is in its code.
    On a device that both use, nobody knows whose doing it is."""
    try:
        return staff.call(patience, verify=False)
    except (CallEnded, WorkerLost) as ended:
        if staff.equipment.is_apart:
            raise _staff_failed(staff, f"failed ({ended})") from None
        if isinstance(ended, CallEnded):
            raise _broken(f"the staff's {staff.name} answered at first, and then raised "
                          f"{ended}") from None
        raise SandboxError(f"the staff's {staff.name} stopped answering: {ended}") from None


def _still_right(staff: Runner, patience: float) -> None:
    """Raises Unfair where the staff's function does not answer rightly any more."""
    try:
        is_right = staff.call(patience).is_right
    except (CallEnded, WorkerLost, Restless) as ended:
        raise _staff_failed(staff, f"failed ({ended})") from None
    if not is_right:
        raise _staff_failed(staff, "answered wrongly")


def _staff_failed(staff: Runner, how: str) -> Unfair:
    return Unfair(
        sentence("The staff's solution failed while both were on the device. Staff look at it."),
        f"the staff's {staff.name} {how} beside it, after it had been right alone")


def _broken(what: str) -> JudgeError:
    return JudgeError(f"baseline.py: {what}; mend it and run the same command again: what is "
                      "graded is kept, and only timing is still to be done")


def _student_call(student: Runner, patience: float) -> Call:
    try:
        call = student.call(patience)
    except WorkerLost as lost:
        if lost.why == "timeout":
            raise TooSlow from None
        raise
    if not call.is_right:
        raise WrongAnswer
    if call.is_impossible:
        raise Unfair(
            sentence("It answered sooner than the device can move its numbers. Staff look at it."),
            f"answered in {1000 * call.seconds:.2f} ms, in which the device cannot even read the "
            "inputs and write the answer")
    return call
