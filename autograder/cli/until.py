"""A later time, as people type it: a date, or so much from another one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from autograder.cli.console import UsageError
from autograder.course.dates import placed

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LAST_YEAR = 9000  # Python's last is 9999, somewhere on the earth
_MORE = re.compile(r"\+(\d{1,4})([hdw])", re.ASCII)


def when(text: str, due: datetime, zone: tzinfo | None) -> datetime:
    """The time that ``text`` means.

    Days and weeks end when clocks in ``zone`` show the time of ``due`` again; without a zone, a day
    has 24 hours.

    Raises:
        UsageError: none can be made of it.
    """
    if (more := _MORE.fullmatch(text)) is not None:
        length = int(more[1]) * _UNITS[more[2]]
        if zone is None or more[2] == "h":
            return due + length
        return placed(due.astimezone(zone).replace(tzinfo=None) + length, zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or ":" not in text:  # of a day alone people mean its end, not its start
        raise UsageError(f"{text!r} is no time; write for example +3d, or 2026-11-02T23:59")
    if found.year > _LAST_YEAR:
        raise UsageError(f"{text!r} is too far away; write a year before {_LAST_YEAR}")
    if found.tzinfo is not None:
        return found
    if zone is None:
        raise UsageError(f"{text!r} says no zone, and grader.toml no timezone; write for example "
                         f"{text}+01:00")
    return placed(found, zone)
