"""Whose a hand-in is, whatever name it came under."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hand_ins import ADA, BOB, GRADER_TOML, lay
from hypothesis import given
from hypothesis import strategies as st

from autograder import course
from autograder.course import Course, CourseError
from autograder.course.roster import Person, Roster, written
from autograder.submission import Submission, find
from autograder.submission.resolving import absent, dated, resolved

ANN = Person("ann", "Ann Arbor", "ann@uni.edu", ids={"canvas": "20001", "github": "Annie-A"})
TEAM = [Person("bob", "Bob", team="x"), Person("cid", team="x", ids={"canvas": "20003"})]
PEOPLE = Roster({each.id: each for each in (ANN, *TEAM, Person("tut", role="staff", team="x"))})
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def by(student: str, files: bytes = ADA, hours: float | None = None) -> Submission:
    at = None if hours is None else NOON + timedelta(hours=hours)
    return Submission(student, "correlation", {"lab.ipynb": files}, at, source=f"in/{student}")


def whose(*found: Submission) -> list[tuple[str, str | None]]:
    """Under whose id each is, and who handed it in for whose team."""
    return [(each.student, each.handed_in_by) for each in resolved(found, PEOPLE).submissions]


@given(st.sampled_from(["ann", "ann@uni.edu", "20001", "Annie-A"]),
       st.sampled_from([str, str.upper, str.title, lambda name: f" {name}  "]))
def test_every_spelling_of_every_name_is_one_person(name: str, spelled: object) -> None:
    assert whose(by(spelled(name))) == [("ann", None)]  # type: ignore[operator]


def test_without_a_table_all_keep_their_names() -> None:
    found = (by("20001"), by("zoe"))
    assert resolved(found, Roster()).submissions == found


def test_whom_nobody_knows_keeps_the_name_and_is_told() -> None:
    told = resolved([by("anne"), *(by(f"q{number}") for number in range(7))], PEOPLE)
    assert [each.student for each in told.submissions] == ["anne", *(f"q{n}" for n in range(7))]
    assert len(told.notes) == 6
    assert "'anne' is nobody" in told.notes[0] and "'ann'?" in told.notes[0]
    assert "3 more" in told.notes[-1]
    assert resolved([by("20011")], PEOPLE).notes[0].endswith("is nobody of the course's people")
    assert "'ann'" in resolved([by("arbor ann"), by("Ann Arbour")], PEOPLE).notes[1]


def test_two_names_of_one_person_are_two_hand_ins_of_hers() -> None:
    told = resolved([by("20001", ADA, 1), by("ann@uni.edu", BOB, 2)], PEOPLE)
    assert [(each.student, each.files["lab.ipynb"]) for each in told.submissions] \
        == [("ann", ADA), ("ann", BOB)]
    assert "ann: 2 hand-ins, in/20001 and in/ann@uni.edu" in told.said[0] and not told.notes


def test_where_nobody_can_say_which_came_last_none_is_graded() -> None:
    for hours in (None, 3):
        told = resolved([by("20001", ADA), by("ann", BOB, hours)], PEOPLE)
        assert told.submissions == ()
        assert "in/20001" in told.notes[0] and "in/ann" in told.notes[0]


def test_equal_files_are_one_hand_in_the_earliest() -> None:
    for order in permutations([by("ann", ADA, 5), by("20001", ADA, 1), by("Annie-A", ADA)]):
        [one] = resolved(order, PEOPLE).submissions
        assert one.submitted_at == NOON + timedelta(hours=1)


def test_one_members_hand_in_is_the_whole_teams() -> None:
    assert whose(by("20003")) == [("bob", "cid"), ("cid", "cid")]
    [bob, cid] = resolved([by("20003")], PEOPLE).submissions
    assert bob.digest == cid.digest and bob.team == cid.team == "x"


def test_a_folder_called_like_the_team_is_the_teams() -> None:
    assert whose(by("X ")) == [("bob", None), ("cid", None)]
    assert resolved([by("X ")], PEOPLE).notes == ()


def test_what_staff_hand_in_is_their_own() -> None:
    assert whose(by("tut")) == [("tut", None)]


def test_different_files_of_a_team_count_for_all_its_members() -> None:
    assert whose(by("bob", ADA, 1), by("cid", BOB, 2)) == [
        ("bob", "bob"), ("bob", "cid"), ("cid", "bob"), ("cid", "cid")]


def test_a_table_of_times_may_use_other_names_than_the_folder() -> None:
    times = dated({"ann": NOON, "zoe": NOON}, PEOPLE)
    assert times["20001"] == times["annie-a"] == times["zoe"] == NOON


def test_who_is_known_and_handed_nothing_in_is_no_typo() -> None:
    typed, idle = absent(["bob", "an", "20001"], ["ann", "bop"], PEOPLE)
    assert idle == ["bob"]
    assert len(typed) == 1 and "'an' is nobody" in typed[0] and "'ann'" in typed[0]
    assert absent(["bobbery"], ["bobber"], Roster())[0] == [
        "'bobbery' is nobody here; did you mean 'bobber'?"]


# Names in grader.toml --------------------------------------------------------------------------


def a_course(folder: Path, tables: str) -> Course:
    (folder / "people.csv").write_text(written(PEOPLE.people.values()), encoding="utf-8")
    (folder / "grader.toml").write_text(
        GRADER_TOML.replace("[assignments", tables + "[assignments", 1), encoding="utf-8")
    return course.load(folder / "grader.toml")


def test_grader_toml_may_call_people_by_any_of_their_names(tmp_path: Path) -> None:
    table = '[extensions."ann@uni.edu"]\ncorrelation = 2026-10-20T12:00:00Z\n' \
            '[leaderboard]\n20001 = "swift"\nzoe = "z"\n'
    found = a_course(tmp_path, table)
    assert list(found.extensions) == ["ann"]
    assert found.leaderboard == {"ann": "swift", "zoe": "z"}
    assert found.root == tmp_path.resolve()


def test_two_names_of_one_person_in_grader_toml_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"leaderboard\.ann and leaderboard\.20001"):
        a_course(tmp_path, '[leaderboard]\nann = "a"\n20001 = "b"\n')


def test_what_platforms_call_people_becomes_one(tmp_path: Path) -> None:
    lay(tmp_path / "canvas", {"arborann_20001_67890_x.ipynb": ADA, "b_20003_67891_x.ipynb": BOB})
    lay(tmp_path / "git", {"correlation-annie-a/x.ipynb": ADA, "correlation-bob/y.ipynb": BOB})
    assignment = a_course(tmp_path, "").assignment("correlation")
    for layout in ("canvas", "git"):
        students = {each.student for each in resolved(
            find([tmp_path / layout], assignment), PEOPLE).submissions}
        # Nobody's name on GitHub is bob: whoever chose that name is not Bob.
        assert students == ({"ann", "bob", "cid"} if layout == "canvas" else {"ann", "bob-github"})


@pytest.mark.parametrize("chosen", ["ann", "20003", "x", "bob", "ann@uni.edu"])
def test_a_chosen_name_is_nobody_elses(chosen: str, tmp_path: Path) -> None:
    """Mal called himself on GitHub as somebody else is called elsewhere, or as a team."""
    lay(tmp_path, {"correlation-annie-a/x.ipynb": ADA, f"correlation-{chosen}/y.ipynb": BOB})
    found = find([tmp_path], a_course(tmp_path, "").assignment("correlation"), "git")
    told = resolved(found, PEOPLE)
    assert [each.files for each in told.submissions if each.student in PEOPLE.people] \
        == [{"x.ipynb": ADA}]
    assert len(told.submissions) == 2 and any("is nobody" in note for note in told.notes)
    # The control: without their kind the name would be somebody's, and nobody told.
    control = resolved([replace(each, kind="") for each in found], PEOPLE)
    assert not any("is nobody" in note for note in control.notes)


def test_an_empty_cell_is_nobodys_name() -> None:
    dashed = Roster({"ada": Person("ada", ids={"github": "-"}), "bob": Person("bob", email="…")})
    assert [dashed.find(each) for each in ("", "-", "...", "unnamed")] == [None] * 4
