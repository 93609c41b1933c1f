"""When something was handed in, by what others wrote down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from autograder.course import spreadsheets
from autograder.course.dates import placed, zone_named
from autograder.names import canonical, shown
from autograder.submission.model import SubmissionError

_PARTICIPANT = re.compile(r"^participant (?=\d+$)")  # as Moodle's worksheet calls a number
_LONGEST = 100  # characters: students write these, too, and patterns take the square of them
_ZONED = re.compile(r"(?P<time>.*(?:[\d.]|[ap]m))\s*(?P<zone>[a-z][\w/+:-]*|[+-]\d\d:?\d\d)", re.I)
_DATE = re.compile(r"(\w{3} \w{3} +\d+ [\d:.]+) (\S+) (\d{4})")  # the command date's: zone, year
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?")
# Europe's, as nbgrader writes them. Most other abbreviations are several zones' (CST, IST): the
# course's own counts.
_HOURS = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
# What platforms and programs write beside ISO 8601. None with the year behind numbers, for of
# 10/11/2026 nobody can say which is the month.
_FORMS = [
    "%Y-%m-%d-%H-%M-%S",
    "%Y/%m/%d %I:%M:%S %p", "%Y/%m/%d %H:%M:%S",  # Google Forms
    "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S",  # date, mail
    *(f"{day}{date}{sep} {clock}"  # Moodle's tables, Blackboard, Canvas
      for day in ("", "%A, ") for date, sep in (("%d %B %Y", ","), ("%B %d, %Y", ""))
      for clock in ("%I:%M %p", "%I:%M:%S %p", "%H:%M", "%H:%M:%S")),
    "%b %d, %Y at %I:%M%p", "%b %d, %Y %I:%M %p",
]


@dataclass(frozen=True)
class Stamp:
    """A time as somebody wrote it down."""

    time: datetime  # with its zone
    is_placed: bool = False  # in a zone that it does not say itself


def moment(text: object, zone: tzinfo | None = None) -> datetime | None:
    """A time with its zone, in ISO 8601 or as near to it as programs write; else None.

    Args:
        zone: of times that say none; without it, these are None, too.
    """
    found = _written(str(text), zone)
    return None if found is None else found.time


def collected(timestamp: bytes, zone: tzinfo | None = None) -> Stamp | None:
    """nbgrader's ``timestamp.txt``. Times without a zone are the course's ``zone``'s, or UTC, as
    nbgrader reads them."""
    found = _written(spreadsheets.text(timestamp, "replace"), zone or UTC)
    return Stamp(found.time) if found is not None and zone is None else found


def table(file: Path, zone: tzinfo | None = None) -> Mapping[str, datetime]:
    """Student, as ``names.canonical`` spells them -> when, by a CSV file with the columns
    ``student`` and ``submitted_at``. Spreadsheets write it with semicolons or tabs, or in UTF-16.

    Args:
        zone: of times that say none.

    Raises:
        FileNotFoundError: there is no such file.
        SubmissionError: it is no such table; a time has no zone or is none; somebody comes twice.
    """
    times: dict[str, datetime] = {}
    for number, student, text in _rows(file):
        if not student or not text:
            raise SubmissionError(f"{file}, line {number}: needs the columns student and "
                                  "submitted_at, both filled in")
        if (time := moment(text, zone)) is None:
            raise SubmissionError(f"{file}, line {number}: {shown(text)!r} is no time" + (
                " with a zone; write it like 2026-10-12T21:30:05+02:00, or say the course's "
                "timezone in grader.toml" if zone is None else
                f"; write it like 2026-10-12 21:30, as clocks in {zone} show it, or "
                "2026-10-12T21:30:05+02:00"))
        name = _PARTICIPANT.sub("", canonical(student))
        if name in times:
            raise SubmissionError(f"{file}, line {number}: {shown(student)} comes twice; leave the "
                                  "time that counts")
        times[name] = time
    return times


def _rows(file: Path) -> list[tuple[int, str, str]]:
    """Line, student and time."""
    try:
        return [(row.line, row.word("student"), row.word("submitted_at"))
                for row in spreadsheets.read(spreadsheets.text(file.read_bytes())).rows]
    except ValueError as error:
        raise SubmissionError(f"{file}: not a CSV file in UTF-8: {error}") from None


def _written(text: str, zone: tzinfo | None) -> Stamp | None:
    text = " ".join(text[:_LONGEST + 1].strip(" \t\r\n\"'").split())
    if len(text) > _LONGEST:
        return None
    if (time := _plain(text)) is not None:
        if time.tzinfo is not None:
            return Stamp(time)
        return None if zone is None else Stamp(placed(time, zone), is_placed=True)
    text = _DATE.sub(r"\1 \3 \2", text)
    found = _ZONED.fullmatch(text)
    time = None if found is None else _plain(found["time"])
    if found is None or time is None or time.tzinfo is not None:
        return None
    said = _zone(found["zone"], time, zone)
    return None if said is None else Stamp(placed(time, said))


def _plain(text: str) -> datetime | None:
    """A time by one of the forms; of ISO 8601 only may its offset be a part."""
    if ":" in text or "T" in text:  # a day alone is no time: midnight would be a guess
        with suppress(ValueError):
            return _in_our_days(datetime.fromisoformat(text))
    for form in _FORMS:
        with suppress(ValueError):
            return _in_our_days(datetime.strptime(text, form))
    return None


def _in_our_days(time: datetime) -> datetime | None:
    """None for times that no clock shows, and that no arithmetic may meet."""
    return time if 1970 <= time.year < 9000 else None


def _zone(name: str, time: datetime, course: tzinfo | None) -> tzinfo | None:
    """The zone that is called so at that time."""
    if name.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[name.upper()]))
    if (found := _OFFSET.fullmatch(name)) is not None:
        ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(ahead if found[1] == "+" else -ahead) if ahead < timedelta(days=1) else None
    for fold in (0, 1):
        if course is not None and time.replace(tzinfo=course, fold=fold).tzname() == name:
            offset = time.replace(tzinfo=course, fold=fold).utcoffset()
            return None if offset is None else timezone(offset)
    return zone_named(name) if "/" in name else None
