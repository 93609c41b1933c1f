"""Lateness: how late a submission is, and what that takes. Nowhere else is anything made late."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from autograder.course import Course, LatePolicy
from autograder.course.dates import shifted
from autograder.gradebook.decisions import Decisions


def due(course: Course, assignment: str, student: str, decisions: Decisions,
        own: datetime | None = None) -> datetime | None:
    """The deadline that applies: a submission's ``own``, where it came with one; else the
    student's by grader.toml, extensions included; or a later one by an extension that staff gave.
    None where there is none. Its offset is that of the course's zone, or of the due date."""
    known = own or course.due(assignment, student)
    extended = decisions.extended(assignment, student)
    if known is None or extended is None or extended <= known:
        return known
    return shifted(extended, course.zone or known.tzinfo or UTC)  # the store has none but UTC


def is_late(policy: LatePolicy, at: datetime, due: datetime) -> bool:
    """Whether what comes at that time is late: the grace period is over as well."""
    return at - due > timedelta(minutes=policy.grace_minutes)


def days(policy: LatePolicy, submitted: datetime | None, due: datetime | None,
         zone: tzinfo | None = None) -> int:
    """Days begun after ``due``; 0 within the grace period, and where one of both is not known.

    Args:
        zone: a day ends when clocks there show the time of ``due`` again, be it 23 or 25 hours
            later; None is after 24 hours.
    """
    if submitted is None or due is None or not is_late(policy, submitted, due):
        return 0
    begun = math.ceil((submitted - due) / timedelta(days=1))
    if zone is None:
        return begun
    # A clock is set by less than a day, so that this many days is right, or one more or less.
    return next(days for days in (begun - 1, begun, begun + 1)
                if days > 0 and submitted <= _ends(due, days, zone))


def _ends(due: datetime, days: int, zone: tzinfo) -> datetime:
    """When the last of ``days`` days ends, as clocks in ``zone`` show it. Where they show that
    time twice, or never, the later reading counts."""
    shown = due.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return max(shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def share(policy: LatePolicy, days: int) -> Decimal:
    """The share of the earned points that ``days`` late days take, 0 to 1."""
    return min(Decimal(str(policy.per_day)) * days, Decimal(str(policy.cap)))


def penalty(policy: LatePolicy, days: int, raw: Decimal) -> Decimal:
    """The points that ``days`` late days take off ``raw``, to the cent, half up."""
    return (raw * share(policy, days)).quantize(Decimal("0.01"), ROUND_HALF_UP)
