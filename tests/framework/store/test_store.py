"""The store: keeps every result, finds those that still hold, and says why when it cannot."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from databases import (
    GRADER_TOML,
    a_course,
    a_result,
    ask,
    at_once,
    connected,
    lab,
    scores,
    server,
    store,
)
from sqlalchemy import Engine, event, text

from autograder import course
from autograder.course.roster import Roster
from autograder.gradebook import TextMark, Waiver
from autograder.result import (
    Account,
    CheckResult,
    Load,
    Mismatch,
    MismatchKind,
    Performance,
    QuestionResult,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    sentence,
)
from autograder.store import Store, StoreError, key_of

__all__ = ["lab", "server", "store"]  # fixtures


def a_rich_result() -> Result:
    """Every kind of value that a judge can put into a result, hostile text and infinities too."""
    check = CheckResult(
        id="test_values", title="Values are right.", status=Status.FAILED, decided=Account(
            status=Status.FAILED, message=sentence("got {x}", x="\ud800\x00\u202e'\"[red]"),
            cell=1, line=2, mismatch=Mismatch(
                kind=MismatchKind.VALUES, largest_error=math.inf, first_wrong=[0, 1])))
    question = QuestionResult(
        name="corr2d", status=Status.FAILED,
        checks=[check], performance=Performance(ratio=1.5, interval=(1.0, math.inf)))
    return a_result(questions=[question], load=Load(cells=3, output="\ud800"),
                    submission=SubmissionRecord(
                        digest="d" * 64, submitted_at=datetime(2026, 10, 12, tzinfo=UTC)))


# Keeping and finding --------------------------------------------------------------------------

def test_what_comes_back_is_what_was_put_in(store: Store) -> None:
    result = a_rich_result()
    store.add(store.begin("correlation", "grade"), result)
    assert store.find([key_of(result)], "ann") == result


def test_results_outlive_the_process(lab: course.Course) -> None:
    result = a_result()
    with Store(lab) as first:
        first.add(first.begin("correlation", "grade"), result)
    with Store(lab) as second:
        assert second.find([key_of(result)], "ann") == result


@pytest.mark.parametrize("change", [
    {"digest": "e" * 64}, {"assignment": "pooling"},
    *({"environment": {field: "other"}}
      for field in ("suite", "sandbox", "autograder", "torch", "seed")),
])
def test_a_result_is_not_found_when_what_it_depends_on_has_changed(
    store: Store, change: dict[str, Any]
) -> None:
    store.add(store.begin("correlation", "grade"), a_result())
    assert store.find([key_of(a_result(**change))], "ann") is None


def test_a_result_is_found_whoever_handed_the_files_in_and_whenever(store: Store) -> None:
    store.add(store.begin("correlation", "grade"), a_result("ann"))
    later = SubmissionRecord(digest="d" * 64, submitted_at=datetime.now(UTC))
    found = store.find([key_of(a_result("bob", submission=later))], "bob")
    assert found is not None and found.student == "ann"


def test_a_students_own_result_is_preferred_to_anothers(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for student in ("ann", "bob"):
        store.add(run, a_result(student))
    for student in ("ann", "bob"):
        found = store.find([key_of(a_result())], student)
        assert found is not None and found.student == student


def test_the_newest_result_is_found(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for score in (1.0, 2.0):
        store.add(run, a_result(score=score))
    found = store.find([key_of(a_result())], "ann")
    assert found == a_result(score=2.0)


def test_the_first_key_that_has_a_result_decides(store: Store) -> None:
    run = store.begin("correlation", "grade")
    weak, strong = (a_result(environment={"sandbox": tier}) for tier in ("landlock", "namespaces"))
    store.add(run, strong)
    store.add(run, weak)
    assert store.find([key_of(strong), key_of(weak)], "ann") == strong
    assert store.find([key_of(weak), key_of(strong)], "ann") == weak


@pytest.mark.parametrize(("status", "reusable"), [
    (SubmissionStatus.GRADED, True),
    (SubmissionStatus.UNREADABLE, True),
    (SubmissionStatus.INTERNAL, False),
])
def test_a_fault_of_ours_is_kept_but_never_used_again(
    store: Store, status: SubmissionStatus, reusable: bool
) -> None:
    result = a_result(status=status)
    store.add(store.begin("correlation", "grade"), result)
    assert (store.find([key_of(result)], "ann") is not None) is reusable
    assert [entry.status for entry in store.history("ann")] == [status]


def test_a_record_of_another_schema_counts_as_none(store: Store, lab: course.Course) -> None:
    result = a_result()
    store.add(store.begin("correlation", "grade"), result)
    ask(lab, """UPDATE results SET record = '{"schema":"autograder/result/v0"}'""")
    assert store.find([key_of(result)], "ann") is None


def test_history_lists_every_result_of_one_student_oldest_first(store: Store) -> None:
    begun = datetime.now(UTC)
    run = store.begin("correlation", "grade")
    for student, score, assignment in [("ann", 1, "correlation"), ("bob", 2, "correlation"),
                                       ("ann", 3, "pooling"), ("ann", 4, "correlation")]:
        store.add(run, a_result(student, score, assignment=assignment))
    entries = store.history("ann")
    assert [entry.score for entry in entries] == [1, None, 4]  # grader.toml knows no pooling
    assert [entry.score for entry in store.history("ann", "correlation")] == [1, 4]
    assert all(begun <= entry.created < begun + timedelta(minutes=5) for entry in entries)


def test_the_latest_results_are_each_students_newest_by_name(
    store: Store, lab: course.Course
) -> None:
    run = store.begin("correlation", "grade")
    for student, score in (("bob", 1.0), ("Zoe", 2.0), ("ann", 3.0), ("bob", 4.0)):
        store.add(run, a_result(student, score))
    store.add(run, a_result("ann", 0.0, assignment="pooling"))
    assert scores(lab, store.counting("correlation", "latest")) == [
        ("Zoe", 2.0), ("ann", 3.0), ("bob", 4.0)]
    assert store.counting("lenet", "latest") == []


def test_the_latest_result_is_what_was_put_in(store: Store) -> None:
    result = a_rich_result()
    store.add(store.begin("correlation", "grade"), result)
    assert store.counting("correlation", "latest") == [result]


def test_a_latest_result_that_cannot_be_read_is_not_replaced_by_an_older_one(
    store: Store, lab: course.Course
) -> None:
    run = store.begin("correlation", "grade")
    store.add(run, a_result(score=1.0))
    store.add(run, a_result(score=2.0))
    ask(lab, "UPDATE results SET record = '{}' WHERE id = 2")
    with pytest.raises(StoreError, match=r"of ann was kept by another version .* grade it again"):
        store.counting("correlation", "latest")


def test_a_history_is_worth_what_grader_toml_says_now(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    with Store(lab) as store:
        store.add(store.begin("correlation", "grade"), a_result(score=3.0))
    dearer = GRADER_TOML.format(url=lab.store.url).replace("points = 4", "points = 8")
    (tmp_path / "grader.toml").write_text(dearer, encoding="utf-8")
    with Store(course.load(tmp_path / "grader.toml")) as store:
        assert [entry.score for entry in store.history("ann")] == [6]


def test_a_record_that_cannot_be_read_is_in_the_history_without_a_score(
    store: Store, lab: course.Course
) -> None:
    store.add(store.begin("correlation", "grade"), a_result())
    ask(lab, "UPDATE results SET record = '{}'")
    assert [entry.score for entry in store.history("ann")] == [None]


def test_a_name_full_of_sql_is_only_a_name(store: Store) -> None:
    name = "'); DROP TABLE results; --"
    store.add(store.begin("correlation", "grade"), a_result(name))
    assert len(store.history(name)) == 1


def test_a_run_is_noted_with_its_command_its_end_and_how_much_it_made(store: Store) -> None:
    store.begin("correlation", "grade --first")
    second = store.begin("pooling", "grade --second \udcff")
    for student in ("ann", "bob"):
        store.add(second, a_result(student))
    store.finish(second)
    first, second_run = store.runs()
    assert (first.command, first.finished, first.results) == ("grade --first", None, 0)
    assert (second_run.id, second_run.results) == (second, 2)
    assert second_run.command == "grade --second ?"
    assert second_run.finished is not None and second_run.started <= second_run.finished
    assert [run.id for run in store.runs("pooling")] == [second]


def test_a_result_belongs_to_a_run_that_exists(store: Store) -> None:
    with pytest.raises(StoreError, match=r"(?i)foreign key"):
        store.add(7, a_result())


def test_others_can_read_while_one_writes(store: Store, lab: course.Course) -> None:
    store.add(store.begin("correlation", "grade"), a_result())
    with connected(lab) as writer:
        writer.execute(text("DELETE FROM results"))
        assert len(store.history("ann")) == 1
        writer.rollback()


# The file -------------------------------------------------------------------------------------

def test_a_relative_path_counts_from_the_course_and_its_directory_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    Store(a_course(tmp_path)).close()
    assert (tmp_path / "kept" / "grades.db").is_file()
    assert list(elsewhere.iterdir()) == []


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    with Store(a_course(tmp_path)) as store, store.claims(store.begin("correlation", "grade")):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "kept").iterdir()}
        assert set(modes.values()) == {0o600}, modes


def begin_runs(lab: course.Course) -> None:
    with Store(lab) as store:
        for _ in range(20):
            store.begin("correlation", "grade")


def test_stores_opened_at_the_same_time_all_work(lab: course.Course) -> None:
    assert at_once(4, begin_runs, lab)
    assert ask(lab, "SELECT count(*) FROM runs") == [(80,)]


# When it cannot -------------------------------------------------------------------------------

def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    file = tmp_path / "kept" / "grades.db"
    file.write_text("name,score\n" * 200, encoding="utf-8")
    with pytest.raises(StoreError, match=r"kept/grades.db.*: not a SQLite database; move"):
        Store(a_course(tmp_path))
    assert file.read_text(encoding="utf-8") == "name,score\n" * 200


def test_a_directory_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept" / "grades.db").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"grades.db.*: cannot be opened; make it a file"):
        Store(a_course(tmp_path))


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match=r"kept cannot be made: .*; make the directory writable"):
        Store(a_course(tmp_path))


def test_a_database_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    Store(a_course(tmp_path)).close()
    url = f"sqlite:///file:{tmp_path}/kept/grades.db?mode=ro&uri=true"
    with Store(a_course(tmp_path, url)) as store, \
            pytest.raises(StoreError, match=r"cannot be written; make the file and its directory"):
        store.begin("correlation", "grade")


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    def no_more_pages(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 45")

    event.listen(Engine, "connect", no_more_pages)
    try:
        with Store(a_course(tmp_path)) as store:
            run = store.begin("correlation", "grade")
            store.add(run, a_result())
            with pytest.raises(StoreError, match=r"the disk is full; free some space"):
                store.add(run, a_result(load=Load(output="x" * 200_000)))
            assert len(store.history("ann")) == 1
    finally:
        event.remove(Engine, "connect", no_more_pages)


def test_of_several_decisions_all_are_kept_or_none(store: Store) -> None:
    good, bad = (TextMark(assignment="correlation", reason="", student="ann", question="essay",
                          points=Decimal(1), comment=comment) for comment in ("Good.", "\ud800"))
    with pytest.raises(UnicodeEncodeError):  # no database keeps halves of surrogate pairs
        store.acts.add_all([good, bad])
    assert store.decisions().marks == [] and store.events.all(verb="mark") == []
    numbers = store.acts.add_all([good, good])
    assert [mark.number for mark in store.decisions().marks] == numbers
    assert len(store.events.all(verb="mark")) == 2


def test_who_reads_decisions_slowly_takes_none_from_who_reads_them_meanwhile(
    tmp_path: Path
) -> None:
    reading, goes_on = threading.Event(), threading.Event()

    class Compared(Roster):
        """Compared with what was known, it lets something else happen first."""

        def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
            super().__init__()
            vars(self)["meanwhile"] = meanwhile

        def __eq__(self, other: object) -> bool:
            vars(other)["meanwhile"]()
            return True

        __hash__ = Roster.__hash__

    with Store(a_course(tmp_path), shared=True) as store, ThreadPoolExecutor() as pool:
        def waived(roster: Roster) -> list[str]:
            return [each.check for each in store.acts.decisions(roster).waivers]

        def waive(check: str) -> None:
            store.acts.add(Waiver(assignment="correlation", reason="", question="corr2d",
                                  check=check))

        waive("one")
        assert waived(Compared()) == ["one"]
        waive("two")
        slow = pool.submit(waived, Compared(lambda: (reading.set(), goes_on.wait(30))))
        assert reading.wait(30)
        waive("three")
        assert waived(Compared()) == ["one", "two", "three"]
        store.events.add("access", "another line")
        assert waived(Compared(lambda: (goes_on.set(), slow.result(30)))) \
            == waived(Compared()) == ["one", "two", "three"]
        assert slow.result() == ["one", "two"]


def test_a_lock_that_is_never_released_is_named(tmp_path: Path) -> None:
    with Store(a_course(tmp_path, "sqlite:///kept/grades.db?timeout=0.01")) as store, \
            closing(sqlite3.connect(tmp_path / "kept" / "grades.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked by another program for too long"):
            store.begin("correlation", "grade")


@pytest.mark.parametrize(("url", "said"), [
    ("grades://staff:hunter2@here", "not the URL of a SQLite or PostgreSQL database"),
    ("mysql://staff:hunter2@db/grades", "not the URL of a SQLite or PostgreSQL database"),
    ("postgresql://staff:hunter2@/grades?host=/nowhere", "the database refused: .*/nowhere"),
    ("postgresql://staff:hunter2@/grades?nonsense=1", "the database refused: .*nonsense"),
])
def test_a_url_that_cannot_be_used_says_why(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store(a_course(tmp_path, url))
    assert "hunter2" not in str(caught.value)
