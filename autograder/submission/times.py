"""When something was handed in, by what others wrote down."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.names import shown, student_id
from autograder.submission.model import SubmissionError

_LONGEST = 100  # characters: students write these, too, and the pattern takes the square of them
_ZONED = re.compile(r"(?P<time>.*[\d.])\s*(?P<zone>[A-Za-z][\w/+-]*)")
# Europe's, as nbgrader writes them. Most other abbreviations are several zones' (CST, IST).
_HOURS = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}


def moment(text: object) -> datetime | None:
    """A time with its zone, in ISO 8601 or as near to it as programs write; else None."""
    time = _time(str(text).strip())
    return time if time is not None and time.tzinfo is not None else None


def collected(timestamp: bytes) -> datetime | None:
    """nbgrader's ``timestamp.txt``; times without a zone are UTC, as nbgrader reads them."""
    utf16 = timestamp.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = timestamp.decode("utf-16" if utf16 else "utf-8-sig", "replace")
    time = _time(text.strip())
    if time is None:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def table(file: Path) -> Mapping[str, datetime]:
    """Student -> when, by a CSV file with the columns ``student`` and ``submitted_at``.

    Raises:
        FileNotFoundError: there is no such file.
        SubmissionError: it is no such table; a time has no zone or is none; somebody comes twice.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SubmissionError(f"{file}: not a CSV file in UTF-8: {error}") from None
    times: dict[str, datetime] = {}
    for number, row in enumerate(rows, 2):
        student, text = row.get("student"), row.get("submitted_at")
        if not student or text is None:
            raise SubmissionError(f"{file}, line {number}: needs the columns student and "
                                  "submitted_at, both filled in")
        if (time := moment(text)) is None:
            raise SubmissionError(f"{file}, line {number}: {shown(text)!r} is no time with a zone; "
                                  "write it like 2026-10-12T21:30:05+02:00")
        if student_id(student) in times:
            raise SubmissionError(f"{file}, line {number}: {shown(student)} comes twice; leave the "
                                  "time that counts")
        times[student_id(student)] = time
    return times


def _time(text: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    zone: tzinfo | None = None
    if found := _ZONED.fullmatch(text):
        text, zone = found["time"], _zone(found["zone"])
        if zone is None:
            return None
    try:
        time = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", text))
    except ValueError:
        return None
    return time if zone is None or time.tzinfo is not None else time.replace(tzinfo=zone)


def _zone(name: str) -> tzinfo | None:
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    try:
        return ZoneInfo(name) if "/" in name else None
    except (OSError, ValueError, KeyError):
        return None
