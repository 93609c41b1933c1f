"""The course's zone, and the dates of grader.toml that are written without one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo


def zone_named(name: object) -> ZoneInfo | None:
    """The zone that the time-zone database calls so; None where it knows none."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (OSError, ValueError, KeyError):
        return None


def placed(time: datetime, zone: tzinfo) -> datetime:
    """A time without a zone, as a clock in ``zone`` shows it. Its offset is a fixed one: of times
    that share a zone, Python takes the difference of what clocks show."""
    offset = time.replace(tzinfo=zone).utcoffset()
    assert offset is not None, "every zone has an offset at every time"
    return time.replace(tzinfo=timezone(offset))


def shifted(time: datetime, zone: tzinfo) -> datetime:
    """The same moment with the offset that clocks in ``zone`` have then: a fixed one, as above."""
    return time.astimezone(timezone(time.astimezone(zone).utcoffset() or timedelta(0)))


def clock(at: datetime, zone: tzinfo | None) -> str:
    """A time as clocks in ``zone`` show it, and which that is; None is this machine's."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def in_zone(document: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    """A course as it is read, whose due dates and extensions without an offset are in ``zone``."""
    return document | {
        key: {name: _placed(table, keys or table, zone) if isinstance(table, dict) else table
              for name, table in document[key].items()}
        for key, keys in (("assignments", ["due"]), ("extensions", []))
        if isinstance(document.get(key), dict)}


def _placed(table: dict[str, Any], keys: Iterable[str], zone: tzinfo) -> dict[str, Any]:
    """``table``, whose times at ``keys`` are placed in ``zone``."""
    found = {key: _time(table[key]) for key in keys if key in table}
    return table | {key: placed(time, zone) for key, time in found.items()
                    if time is not None and time.tzinfo is None}


def _time(value: Any) -> datetime | None:
    if isinstance(value, str) and "T" in value.upper().replace(" ", "T"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None
