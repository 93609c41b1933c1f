"""A course as its files say it now, for a process that stays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from databases import a_course

from autograder.course import Course, roster
from autograder.course.roster import Roster, RosterError
from autograder.grading.course_now import CourseNow
from autograder.grading.work import Workplace

PEOPLE = "id,name,role\nann,Ann,staff\nbob,Bob,staff\n"
LOAD = roster.load


@pytest.fixture
def table(tmp_path: Path) -> Path:
    a_course(tmp_path, f"sqlite:///{tmp_path}/grades.db")
    place = tmp_path / "people.csv"
    place.write_text(PEOPLE)
    return place


@pytest.fixture
def now(table: Path) -> Iterator[CourseNow]:
    with closing(CourseNow(Workplace(table.with_name("grader.toml")))) as now:
        assert role(now) == "staff"
        yield now


def role(now: CourseNow, who: str = "ann") -> str:
    return now.people.people[who].role


def after(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """What follows is so much later."""
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + seconds)


def test_a_table_of_the_same_size_and_time_at_the_same_place_is_another(
    now: CourseNow, table: Path
) -> None:
    before = table.stat()
    table.write_text(PEOPLE.replace("ann", "eve"))
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))  # as `tar` and `cp -p` do
    after = table.stat()
    assert (after.st_mtime_ns, after.st_size, after.st_ino) == (  # the control
        before.st_mtime_ns, before.st_size, before.st_ino)
    assert set(now.people.people) == {"eve", "bob"}


def test_what_the_disk_refused_once_is_read_again(
    now: CourseNow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> Roster:
        raise RosterError("people.csv: cannot be read: Too many open files")

    table.write_text(PEOPLE.replace("ann,Ann,staff", "ann,Ann,student"))
    with monkeypatch.context() as patch:
        patch.setattr(roster, "load", refuses)
        assert role(now) == "staff" and "Too many" in now.troubles["people"]
    assert role(now) == "staff"  # not for everybody who asks
    after(monkeypatch, 60)
    assert role(now) == "student" and not now.troubles


def test_a_course_whose_mistake_is_mended_elsewhere_is_read_again(
    now: CourseNow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = table.with_name("grader.toml")
    toml.write_text(toml.read_text() + "".join(
        f'[extensions."{name}"]\ncorrelation = 2027-01-01T12:00:00Z\n'
        for name in ("ann", "a@uni.example")))
    table.write_text("id,email,role\nann,a@uni.example,staff\nbob,,staff\n")
    assert not now.opened.course.extensions and "are one student" in now.troubles["grader.toml"]
    table.write_text("id,email,role\nann,,staff\nbob,a@uni.example,staff\n")
    after(monkeypatch, 60)
    assert set(now.opened.course.extensions) == {"ann", "bob"} and not now.troubles


def test_who_read_the_table_of_before_does_not_put_it_in_the_place_of_todays(
    now: CourseNow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(course: Course) -> Roster:
        monkeypatch.setattr(roster, "load", LOAD)
        found = LOAD(course)
        table.write_text(PEOPLE.replace("ann,Ann,staff", "ann,Ann,student"))
        with ThreadPoolExecutor() as others:
            others.submit(role, now).result()
        return found

    table.write_text(PEOPLE + "eve,Eve,student\n")
    monkeypatch.setattr(roster, "load", slow)
    role(now)
    assert role(now) == "student" and set(now.people.people) == {"ann", "bob"}


def test_a_table_that_goes_while_it_is_read_empties_no_course(
    now: CourseNow, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(course: Course) -> Roster:
        table.unlink()
        return LOAD(course)

    table.write_text(PEOPLE + "eve,Eve,student\n")
    with monkeypatch.context() as patch:
        patch.setattr(roster, "load", gone)
        assert role(now) == "staff"
    assert role(now) == "staff" and "not there" in now.troubles["people"]
    table.write_text(PEOPLE.replace("ann,Ann,staff", "ann,Ann,student"))
    assert role(now) == "student" and not now.troubles


def test_a_table_that_has_lost_a_class_is_not_taken_while_it_is_in_use(
    now: CourseNow, table: Path
) -> None:
    class_of = [f"s{number},S,student\n" for number in range(6)]
    table.write_text(PEOPLE + "".join(class_of))
    assert len(now.people.students) == 6
    table.write_text(PEOPLE + "".join(class_of[:2]) + "new,New,student\n")
    assert len(now.people.students) == 6
    assert "4 of 6 students are not in it any more (s2, s3, s4, …)" in now.troubles["people"]
    with closing(CourseNow(Workplace(table.with_name("grader.toml")))) as anew:
        assert len(anew.people.students) == 3 and not anew.troubles
    table.write_text(PEOPLE + "".join(class_of[:3]))
    assert len(now.people.students) == 3 and not now.troubles


def test_one_student_goes_however_few_there_are(now: CourseNow, table: Path) -> None:
    table.write_text(PEOPLE + "eve,Eve,student\n")
    assert now.people.students
    table.write_text(PEOPLE)
    assert not now.people.students and not now.troubles
