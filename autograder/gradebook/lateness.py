"""Lateness: how late a submission is, and what that takes. Nowhere else is anything made late."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from autograder.course import Course, LatePolicy
from autograder.result import Result


def due(course: Course, result: Result) -> datetime | None:
    """The deadline that applies: the submission's own, where it came with one; else the
    student's by grader.toml, extensions included; None where there is none."""
    return result.submission.due or course.due(result.assignment, result.student)


def days(policy: LatePolicy, submitted: datetime | None, due: datetime | None) -> int:
    """Days begun after ``due``; 0 within the grace period, and where one of both is not known."""
    if submitted is None or due is None:
        return 0
    late = submitted - due
    if late <= timedelta(minutes=policy.grace_minutes):
        return 0
    return math.ceil(late / timedelta(days=1))


def share(policy: LatePolicy, days: int) -> Decimal:
    """The share of the earned points that ``days`` late days take, 0 to 1."""
    return min(Decimal(str(policy.per_day)) * days, Decimal(str(policy.cap)))


def penalty(policy: LatePolicy, days: int, raw: Decimal) -> Decimal:
    """The points that ``days`` late days take off ``raw``, to the cent, half up."""
    return (raw * share(policy, days)).quantize(Decimal("0.01"), ROUND_HALF_UP)
