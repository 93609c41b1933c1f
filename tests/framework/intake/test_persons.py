"""A person is given all that is kept of them; erased, nothing of theirs stays, and the class's
statistics do."""

from __future__ import annotations

import json
import zipfile
from collections import deque
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from databases import GRADER_TOML, ask, lab, server, store
from example_results import a_result, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_people import NOON, WORDS, busy, everything, files, graded

from autograder import course
from autograder.course import Course
from autograder.gradebook import Adjustment, Extension, TextMark, Whom
from autograder.intake import KeptFiles
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
from autograder.submission import Submission

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


def test_who_is_being_graded_is_not_erased(people: Course, store: Store) -> None:
    graded(store, people, "ann", "one")
    run = store.begin("correlation", "")
    with store.claims(run) as claims:
        claims.take(deque([Submission("ann", "correlation", files("two"), None)]), 1)
        with pytest.raises(StoreError, match="is being graded"):
            forget(people, store, "ann", "asked")
    assert [each.student for each in store.counting("correlation")] == ["ann"]


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
