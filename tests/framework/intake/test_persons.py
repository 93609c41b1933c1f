"""A person is given all that is kept of them; erased, nothing of theirs stays, and the class's
statistics do."""

from __future__ import annotations

import json
import os
import pwd
import threading
import zipfile
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from databases import GRADER_TOML, ask, lab, server, store
from example_results import a_result, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_people import NOON, WORDS, added, busy, everything, files, graded

from autograder import course
from autograder.course import Course, roster
from autograder.course.roster import RosterError
from autograder.gradebook import Adjustment, Extension, TextMark, Whom
from autograder.intake import KeptFiles, submissions
from autograder.intake.erasing import forget, subject_of
from autograder.intake.giving import PersonError, give, old
from autograder.result import (
    Account,
    CheckResult,
    QuestionResult,
    Status,
    SubmissionRecord,
    sentence,
)
from autograder.store import Store, StoreError
from autograder.store.events import Event, account
from autograder.submission import Submission, find

__all__ = ["lab", "server", "store"]  # fixtures

PEOPLE = "id,name,email,role,section,team,sis_id\n" \
         "ann,Ann Lee,ann@example.edu,student,A,,4711\nbob,Bob Ray,,student,A,,4712\n"


@pytest.fixture
def people(lab: Course) -> Course:
    (lab.root / "people.csv").write_text(PEOPLE)
    (lab.root / "grader.toml").write_text(
        GRADER_TOML.format(url=lab.store.url).replace('title = "Cross-correlation"\nq', (
            'title = "Cross-correlation"\ndue = 2026-10-11T12:00:00Z\nq'))
        + "[late]\nper_day = 0.1\ncap = 0.5\n")
    return course.load(lab.root / "grader.toml")


def points(store: Store) -> list[float]:
    return sorted(grade.score for grade in store.grades("correlation"))


# Given -----------------------------------------------------------------------------------------


def test_a_person_is_given_all_that_is_kept(people: Course, store: Store, tmp_path: Path) -> None:
    busy(store, people)
    give(people, store, "4711", tmp_path / "ann.zip")
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        names = archive.namelist()
        handed_in = {archive.read(name) for name in names if name.startswith("handins/")}
        said = {name: archive.read(name).decode() for name in names
                if not name.startswith("handins/")}
    assert handed_in == {b"her first", b"shared"}
    assert json.loads(said["person.json"])["email"] == "ann@example.edu"
    assert sum(name.startswith("results/") for name in names) == 2
    assert WORDS in said["requests.json"] and "I did, Ann." in said["requests.json"]
    assert "Nice, Ann." in said["marks.json"] and "ann was ill" in said["extensions.json"]
    assert all(text in said["adjustments.json"] for text in ("ann was right", "a fire alarm",
                                                             "ann asked"))
    assert {event["verb"] for event in json.loads(said["events.json"])} >= {"adjust", "mark"}
    for name in {name.partition("/")[0] for name in names} - {"README.txt"}:
        assert name in said["README.txt"]
    assert "bob" not in "".join(said.values()).lower()
    assert (tmp_path / "ann.zip").stat().st_mode & 0o777 == 0o600
    assert [event.object for event in store.events.all(verb="person export")] == ["ann"]


def test_what_is_given_holds_nothing_of_the_deciding_session(
    people: Course, store: Store, tmp_path: Path
) -> None:
    secret = Account(status=Status.FAILED, message=sentence("the hidden input is 815"))
    check = CheckResult(id="test_all", title="Everything.", status=Status.FAILED, decided=secret)
    store.add(store.begin("correlation", ""), a_result("ann", QuestionResult(
        name="corr2d", status=Status.FAILED, checks=[check])))
    give(people, store, "ann", tmp_path / "ann.zip")
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    assert any("Everything." in text for text in texts)
    assert not any("815" in text for text in texts)


def test_nobody_is_named_who_is_not_there(people: Course, store: Store, tmp_path: Path) -> None:
    with pytest.raises(PersonError, match="nobody called 'eve'"):
        give(people, store, "eve", tmp_path / "eve.zip")
    assert not (tmp_path / "eve.zip").exists()


# Erased ----------------------------------------------------------------------------------------


def test_an_erased_person_is_nowhere_any_more(people: Course, store: Store) -> None:
    busy(store, people)
    done = forget(people, store, "ann@example.edu", "Ann Lee asked for it")
    left = everything(store)
    for text in ("ann", "Ann", "4711", "her first", WORDS,
                 Submission("", "", files("her first"), None).digest):
        assert text not in left, left
    assert "erased-" in done.alias and done.alias in left
    assert "Ann" not in (people.root / "people.csv").read_text()
    assert "Bob Ray" in (people.root / "people.csv").read_text()
    [event] = store.events.all(verb="forget")
    assert event.object == subject_of("ann") and event.why == f"{done.alias} asked for it"


def test_what_others_have_stays_as_it_was(people: Course, store: Store) -> None:
    busy(store, people)
    [before] = [each for each in store.grades("correlation") if each.student == "bob"]
    forget(people, store, "ann", "asked")
    [after] = [each for each in store.grades("correlation") if each.student == "bob"]
    assert after == before
    kept = KeptFiles(people)
    assert kept.find(before.result.submission.digest) == files("shared")
    assert kept.find(Submission("", "", files("her first"), None).digest) is None


def test_the_teams_result_does_not_say_any_more_who_handed_it_in(
    people: Course, store: Store
) -> None:
    handed_in = SubmissionRecord(digest="a" * 64, team="red", handed_in_by="ann")
    for student in ("ann", "bob"):
        store.add(store.begin("correlation", ""), a_result(student, submission=handed_in))
    forget(people, store, "ann", "asked")
    [bob] = [each for each in store.counting("correlation") if each.student == "bob"]
    assert bob.submission == handed_in.model_copy(update={"handed_in_by": None})


def test_the_classs_statistics_stay(people: Course, store: Store) -> None:
    busy(store, people)
    before = points(store)
    forget(people, store, "ann", "asked")
    assert points(store) == before
    assert len(ask(people, "SELECT * FROM results")) == 2
    [row] = ask(people, "SELECT submission, submitted, created FROM results WHERE student <> 'bob'")
    assert row.submission == "" and row.submitted is None
    assert "00:00:00" in str(row.created)


def test_erased_twice_is_erased_once(people: Course, store: Store) -> None:
    busy(store, people)
    forget(people, store, "ann", "asked")
    once = everything(store)
    with pytest.raises(PersonError, match="nobody called 'ann'"):
        forget(people, store, "ann", "asked")
    assert everything(store) == once


def test_what_was_cut_off_is_finished(
    people: Course, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the database and the table of people, or before either."""
    busy(store, people)
    before = points(store)
    for place in ("autograder.store.persons._unsay", "autograder.intake.erasing._strike"):
        with monkeypatch.context() as patched:
            patched.setattr(place, _killed)
            with pytest.raises(KeyboardInterrupt):
                forget(people, store, "ann", "asked")
    forget(people, store, "ann", "asked")
    assert "ann" not in everything(store).lower() and points(store) == before
    assert "ann" not in (people.root / "people.csv").read_text().lower()


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_nobody_is_erased_while_a_run_is_at_work(people: Course, store: Store) -> None:
    """It may have read the person's hand-in, and not have claimed it yet."""
    graded(store, people, "ann", "one")
    left = Submission("eve", "correlation", files("of a run that was killed"), None)
    KeptFiles(people).keep(left)
    with Store(people) as grader:
        with grader.claims(grader.begin("correlation", "")):
            with pytest.raises(StoreError, match="is being graded"):
                forget(people, store, "ann", "asked")
            with pytest.raises(StoreError, match="is being graded"):
                store.persons.sweep(KeptFiles(people).sweep)
        assert [each.student for each in store.counting("correlation")] == ["ann"]
        assert KeptFiles(people).find(left.digest) is not None
    forget(people, store, "ann", "asked")  # though nothing says that the run has finished
    assert "ann" not in everything(store)


def test_an_erasure_at_work_holds_up_a_run(people: Course, store: Store) -> None:
    """Which keeps files only when it can be seen to live."""
    order: list[str] = []
    number = store.begin("correlation", "")

    def run() -> None:
        with Store(people) as grader, grader.claims(number):
            order.append("run")

    thread = threading.Thread(target=run)
    with store._database.exclusive():
        thread.start()
        thread.join(0.5)
        order.append("erased")
    thread.join()
    assert order == ["erased", "run"]


def test_a_claim_of_a_run_that_was_killed_holds_nobody_up(people: Course, store: Store) -> None:
    graded(store, people, "ann", "one")
    run = store.begin("correlation", "")
    ask(people, f"INSERT INTO claims VALUES ('correlation', 'ann', '{'a' * 64}', {run})")
    forget(people, store, "ann", "asked")
    assert "ann" not in everything(store) and not ask(people, "SELECT * FROM claims")


def test_files_of_no_result_are_swept(people: Course, store: Store) -> None:
    kept = KeptFiles(people)
    bob = graded(store, people, "bob", "one").submission.digest
    for student in ("ann", "eve"):
        kept.keep(Submission(student, "correlation", files(f"killed, {student}"), None))
    graded(store, people, "ann", "two")
    forget(people, store, "ann", "asked")
    assert [path.stem for path in kept.folder.rglob("*.zst")] == [bob]


# Words of the log ------------------------------------------------------------------------------


def others(store: Store, *students: str) -> list[Event]:
    return [event for event in store.events.all() if event.student not in students
            and event.verb not in ("forget", "person export")]


@pytest.mark.parametrize("id", [
    "correlation", "total", "corr2d", "grade", "adjustment 1", "section A", "-j", "autograder"])
def test_an_id_that_is_a_word_of_the_log_is_that_students_alone(
    id: str, people: Course, store: Store, tmp_path: Path
) -> None:
    busy(store, people)
    added(store, "ann, too, was ill", Whom("person", "ann"), "1")
    store.begin("correlation", "autograder grade correlation in -j 2")
    graded(store, people, id, "of the word")
    added(store, "depressed", Whom("person", id), "1", "corr2d")
    store.acts.revoke(Adjustment, added(store, "x", Whom("person", id), "1"), reason="y")
    before = [each for each in others(store, id) if id not in each.why or each.verb != "grade"]
    give(people, store, id, tmp_path / "it.zip")
    with zipfile.ZipFile(tmp_path / "it.zip") as archive:
        given = json.loads(archive.read("events.json"))
    assert {each["student"] for each in given} == {id}
    assert sorted(each["why"] for each in given) == ["depressed", "x", "y"]
    alias = forget(people, store, id, "asked").alias
    now = others(store, alias)
    assert [each for each in now if each in before] == before
    assert "depressed" not in everything(store)
    assert {each.object for each in store.events.all(students=[alias])} == {alias}


def test_an_id_with_the_separator_is_found(people: Course, store: Store, tmp_path: Path) -> None:
    graded(store, people, "Lee · Ann", "hers")
    added(store, "depressed", Whom("person", "Lee · Ann"), "1", "corr2d")
    assert [each.why for each in store.events.all(about="Lee · Ann")] == ["depressed"]
    give(people, store, "Lee · Ann", tmp_path / "it.zip")
    with zipfile.ZipFile(tmp_path / "it.zip") as archive:
        assert "depressed" in archive.read("events.json").decode()
    forget(people, store, "Lee · Ann", "asked")
    assert "depressed" not in everything(store) and "Lee" not in everything(store)


@pytest.mark.parametrize("line", ["mal,corr2d,,", "mal,Set,,", "mal,section A,,", "mal,Mal,,1",
                                  "mal,Mal,,100", "mal,Mal,,2026"])
def test_a_name_or_number_of_the_log_stays_in_others_lines(
    line: str, people: Course, store: Store
) -> None:
    (people.root / "people.csv").write_text(f"id,name,email,moodle\n{line}\n")
    busy(store, people)
    added(store, "row 100 of corr2d, set in 2026, section A", Whom("section", "A"), "100")
    before = others(store)
    graded(store, people, "mal", "his")
    forget(people, store, "mal", "asked")
    after = others(store)
    kept = [each for each in after if each in before]
    if "section A" in line:  # a full name, which may be said in a reason, and there alone
        assert [each.object for each in after[:len(before)]] == [each.object for each in before]
    else:
        assert kept == before


def test_full_names_and_addresses_go_from_others_lines(people: Course, store: Store) -> None:
    added(store, "like Ann Lee, ann@example.edu, ann", Whom("section", "A"), "1")
    store.begin("correlation", "autograder grade correlation in/ann.ipynb ann ann_lab.py -j 2")
    graded(store, people, "ann", "hers")
    alias = forget(people, store, "ann", "asked").alias
    assert [each.why for each in others(store, alias)][:2] == [
        f"like {alias}, {alias}, ann",
        f"autograder grade correlation in/{alias}.ipynb {alias} {alias}_lab.py -j 2"]


# What is left ----------------------------------------------------------------------------------


def test_what_others_rows_say_is_listed(people: Course, store: Store) -> None:
    added(store, "Ann Lee did it all", Whom("team", "red"), "1")
    added(store, "fine", Whom("team", "red"), "1", comment="Thank ann@example.edu.")
    added(store, "fine", Whom("team", "red"), "1", comment="Thank Bob.")
    first = store.requests.open("bob", "correlation", None, "Ann Lee has more")
    store.requests.close(first, "no")
    store.requests.open("bob", "correlation", None, "I have less")
    graded(store, people, "ann", "hers")
    [mentions, *_] = forget(people, store, "ann", "asked").left
    assert "adjustment 1, adjustment 2, request 1;" in mentions


def test_files_called_after_the_person_are_not_in_the_teams_records(
    people: Course, store: Store
) -> None:
    kept, given = KeptFiles(people), {}
    for student in ("ann", "bob"):
        handed_in = Submission(student, "correlation", {"Ann Lee.ipynb": b"both"}, None,
                               team="red", handed_in_by="ann")
        kept.keep(handed_in)
        store.add(store.begin("correlation", ""), a_result(student, submission=handed_in.record))
    forget(people, store, "ann", "asked")
    assert "Ann" not in everything(store)
    [bob] = [each for each in store.counting("correlation") if each.student == "bob"]
    [given], notes = submissions(kept, [bob])
    assert not notes and given.problem is None and list(given.files.values()) == [b"both"]


def test_nothing_is_left_in_the_free_pages_of_sqlite(tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_text(GRADER_TOML.format(url="sqlite:///kept/grades.db"))
    lab = course.load(tmp_path / "grader.toml")
    with Store(lab) as store:
        [(is_on,)] = store._database._engine.raw_connection().execute("PRAGMA secure_delete")
    assert is_on == 1


def test_a_hand_in_called_like_an_erased_person_is_another(people: Course, store: Store) -> None:
    graded(store, people, "ann", "hers")
    added(store, "x", Whom("person", "ann"), "9")
    alias = forget(people, store, "ann", "asked").alias
    folder = people.root / "in"
    folder.mkdir()
    for name in (alias, alias.upper(), "control"):
        (folder / f"{name}.ipynb").write_bytes(b"{}")
        found = find([folder / f"{name}.ipynb"], people.assignment("correlation"))
        [owner] = {each.student for each in found}
        assert owner == (name if name == "control" else f"_{name}")
        graded(store, people, owner, name, "0")
    scores = {each.student: each.score for each in store.grades("correlation")}
    assert scores[f"_{alias}"] == scores["control"] == 0
    (people.root / "people.csv").write_text(f"id\n{alias}\n")
    with pytest.raises(RosterError):
        roster.load(people)


def test_the_log_asks_the_machine_who_runs_it(
    people: Course, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "prof.smith")
    added(store, "x", Whom("all"), "1")
    [event] = store.events.all()
    [decided] = store.decisions().adjustments
    assert event.account == decided.by == pwd.getpwuid(os.getuid()).pw_name
    with monkeypatch.context() as patched:
        patched.setattr(os, "getuid", lambda: 4_000_000)
        assert account() == "user 4000000"


def test_a_result_that_nobody_can_read_any_more_is_erased_too(
    people: Course, store: Store
) -> None:
    graded(store, people, "ann", "one")
    ask(people, "UPDATE results SET record = '{}'")
    forget(people, store, "ann", "asked")
    assert ask(people, "SELECT * FROM results") == []


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_whatever_was_decided_the_points_stay(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("course")
    (root / "people.csv").write_text(PEOPLE)
    (root / "grader.toml").write_text(
        '[course]\nname = "C"\n[late]\nper_day = 0.1\ncap = 0.5\nbank = 1\n'
        '[assignments.correlation]\ntitle = "C"\ndue = 2026-10-11T12:00:00Z\n'
        'questions = [{ name = "corr2d", title = "C", points = 4 },'
        ' { name = "essay", title = "E", points = 3, kind = "text" }]\n')
    lab = course.load(root / "grader.toml")
    amounts = st.decimals(0, 5, places=2)
    whom = st.sampled_from([Whom("person", "ann"), Whom("section", "A"), Whom("all")])
    with Store(lab) as store:
        for _ in range(data.draw(st.integers(1, 2))):
            late = timedelta(hours=data.draw(st.integers(0, 99)))
            store.add(store.begin("correlation", ""), a_result(
                "ann", verdicts(Fraction(data.draw(st.integers(0, 4)), 4)),
                digest=data.draw(st.sampled_from(["a" * 64, "b" * 64])), submitted_at=NOON + late))
        if data.draw(st.booleans()):
            store.acts.add(TextMark(
                assignment="correlation", reason="", student="ann", question="essay",
                points=data.draw(st.decimals(0, 3, places=1))))
        for _ in range(data.draw(st.integers(0, 3))):
            kind = data.draw(st.sampled_from(["add", "set", "full"]))
            store.acts.add(Adjustment(
                assignment="correlation", reason="so", whom=data.draw(whom),
                question=data.draw(st.sampled_from(["corr2d", "essay", None])),
                kind=kind,  # type: ignore[arg-type]
                points=None if kind == "full" else data.draw(amounts)))
        if data.draw(st.booleans()):
            store.acts.add(Extension(assignment="correlation", reason="ill",
                                     whom=data.draw(whom), due=NOON + timedelta(days=1)))
        [before] = [each for each in store.grades("correlation") if each.student == "ann"]
        forget(lab, store, "ann", "asked")
        [after] = [each for each in store.grades("correlation") if each.result.is_erased]
    assert (after.score, after.is_graded) == (before.score, before.is_graded)
    assert [each.score for each in after.questions] == [each.score for each in before.questions]
    assert after.open == before.open


# Old -------------------------------------------------------------------------------------------


def test_who_has_nothing_new_is_listed(people: Course, store: Store) -> None:
    for student in ("ann", "bob", "ann@example.edu"):
        graded(store, people, student, f"of {student}")
    ask(people, "UPDATE results SET created = '2020-02-02 00:00:00+00:00' WHERE student = 'bob'")
    ask(people, "UPDATE results SET created = '2019-02-02 00:00:00+00:00' WHERE student = 'ann'")
    assert old(people, store) == []  # the course does not say how long is long
    patient = people.model_copy(update={
        "store": people.store.model_copy(update={"keep_years": 2.0})})
    assert [id for id, _ in old(patient, store)] == ["bob"]  # ann came by another name since
    forget(patient, store, "bob", "old")
    assert old(patient, store) == []
