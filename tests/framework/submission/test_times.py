"""When something was handed in: by nbgrader, or by a table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hand_ins import ADA, BOB, lay

from autograder import course
from autograder.submission import SubmissionError, find
from autograder.submission.times import collected, moment, table


@pytest.mark.parametrize(("text", "time"), [
    (b"2026-10-13 22:10:00.123456 UTC\r\n", "2026-10-13T22:10:00.123456+00:00"),
    (b"\xef\xbb\xbf2026-10-13 22:10:00 UTC", "2026-10-13T22:10:00+00:00"),
    ("2026-10-13 22:10:00 UTC".encode("utf-16"), "2026-10-13T22:10:00+00:00"),
    (b"2026-10-13 22:10:00UTC", "2026-10-13T22:10:00+00:00"),
    (b"2026-10-14 00:10:00 CEST", "2026-10-14T00:10:00+02:00"),
    (b"2026-10-14 00:10:00 Europe/Berlin", "2026-10-14T00:10:00+02:00"),
    (b"2026-10-14 00:10:00 CST", None),  # in Chicago or in Shanghai
    (b"2026-10-14 00:10:00 ../../etc/passwd", None), (b"2026-10-14 00:10:00 No/Where", None),
    (b"10/13/2026 22:10:00", None), (b"", None), (b"1026-10-13 22:10:00", None),
    (b"2026-10-13-22-10-00", "2026-10-13T22:10:00+00:00"),
    (b"'2026-10-13 22:10:00 UTC+0000'", "2026-10-13T22:10:00+00:00"),
    (b"Tue Oct 13 22:10:00 UTC 2026", "2026-10-13T22:10:00+00:00"),
    (b"Tue, 13 Oct 2026 22:10:00 +0000", "2026-10-13T22:10:00+00:00"),
    (b"Tuesday, 13 October 2026, 10:10 PM", "2026-10-13T22:10:00+00:00"),
    (b"October 13, 2026 10:10:05 PM CEST", "2026-10-13T22:10:05+02:00"),
    (b"2026-10-13", None)])  # a day is no time
def test_timestamps_are_read_in_the_zones_that_are_named(text: bytes, time: str | None) -> None:
    found = collected(text)
    assert (found and found.time) == (time and datetime.fromisoformat(time))


def test_times_come_from_a_table_where_the_layout_has_none(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"in/submitted/ada/correlation/x.ipynb": ADA,
                   "in/submitted/ada/correlation/timestamp.txt": b"2026-10-12 21:30:00 UTC",
                   "in/submitted/bob/correlation/x.ipynb": BOB,
                   "times.csv": "\ufeffstudent,submitted_at\r\n"
                                "ada,2026-10-13T08:00:00Z\r\n"
                                "bob,2026-10-13T08:00:00+02:00\r\n".encode()})
    submissions = find([tmp_path / "in"], correlation, times=table(tmp_path / "times.csv"))
    assert [each.submitted_at for each in submissions] == [
        datetime(2026, 10, 12, 21, 30, tzinfo=UTC), datetime(2026, 10, 13, 6, tzinfo=UTC)]


@pytest.mark.parametrize(("text", "says"), [
    ("student,submitted_at\nada,2026-10-13 08:00\n", "line 2: '2026-10-13 08:00' is no time"),
    ("student,submitted_at\nada,2026-10-13T08:00Z\nada,2026-10-14T08:00Z\n",
     "line 3: ada comes twice"),
    ("who,when\nada,2026-10-13T08:00Z\n", "line 2: needs the columns student and submitted_at"),
    ("student,submitted_at\nada\n", "line 2: needs the columns")])
def test_times_of_a_table_that_cannot_be_read_are_not_guessed(
    text: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(SubmissionError, match=says):
        table(tmp_path / "times.csv")


def test_advice_on_a_time_is_of_what_is_not_said_yet(tmp_path: Path) -> None:
    file = tmp_path / "times.csv"
    file.write_text("student,submitted_at\nada,12.10.2026\n")
    with pytest.raises(SubmissionError, match="say the course's timezone"):
        table(file)
    with pytest.raises(SubmissionError, match="is no time; write it like 2026-10-12 21:30, as "
                                              "clocks in Europe/Berlin show it") as said:
        table(file, ZoneInfo("Europe/Berlin"))
    assert "timezone" not in str(said.value)


def test_a_participant_is_called_so_or_by_the_number_alone(tmp_path: Path) -> None:
    """As Moodle's worksheet writes it."""
    file = tmp_path / "times.csv"
    file.write_text("student,submitted_at\nParticipant 880101,2026-10-13T08:00Z\n"
                    "Participant Ada,2026-10-13T08:00Z\n")
    assert list(table(file)) == ["880101", "participant ada"]


def test_a_time_of_megabytes_is_none_at_once() -> None:
    """A pattern looks for its zone at each digit: students write timestamp.txt, too."""
    text = "1a" * 1_000_000 + "!"
    assert moment(text) is None and collected(text.encode()) is None
