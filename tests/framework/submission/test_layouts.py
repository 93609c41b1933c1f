"""How a class's hand-ins lie: told from the names that a platform or an instructor wrote, and from
nothing that a student can write."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hand_ins import ADA, BOB, BOTH, found, lay, packed, problem

from autograder import course
from autograder.course import LayoutName
from autograder.submission import SubmissionError, find
from autograder.submission.layouts import BY_NAME


def refusal(root: Path, assignment: course.Assignment, layout: LayoutName | None = None) -> str:
    with pytest.raises(SubmissionError) as caught:
        find([root], assignment, layout)
    return str(caught.value)


class TestTheTopLevel:
    """What a student packs, or calls a file, is never a layout."""

    def test_an_archive_among_several_is_one_students(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """With ``hand-ins/*.zip`` one student's became Ada and Bob, and Ada was ``ada-2``."""
        lay(tmp_path, {
            "eve.zip": packed({"ada/correlation.ipynb": BOTH, "bob/correlation.ipynb": BOTH}),
            "ada.zip": packed({"correlation.ipynb": ADA}), "zoe.zip": packed({
                "zoe_2000_30000_x.ipynb": BOB, "submission_metadata.yml": b"x: {}"})})
        for paths in ([tmp_path], sorted(tmp_path.iterdir())):
            assert found(find(paths, correlation)) == {"ada": ADA, "eve": BOTH, "zoe": BOB}

    @pytest.mark.parametrize("planted", ["correlation", "submitted"])
    def test_a_folder_of_a_telling_name_hides_nobody(
        self, planted: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """It made everybody else's row disappear."""
        lay(tmp_path, {"ada/a.ipynb": ADA, "bob/b.ipynb": BOB, f"{planted}/eve/x.ipynb": BOTH})
        assert planted in refusal(tmp_path, correlation)
        assert found(find([tmp_path], correlation, "folder")) == {
            "ada": ADA, "bob": BOB, planted: BOTH}

    @pytest.mark.parametrize("planted", ["correlation", "submitted"])
    def test_nor_does_one_within_a_students_files(
        self, planted: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada/week 1/a.ipynb": ADA, "bob/b.ipynb": BOB,
                       f"eve/{planted}/x.ipynb": BOTH})
        assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob": BOB, "eve": BOTH}

    def test_planted_metadata_rename_nobody_and_invent_no_time(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        planted = b"ada: {':submitters': [{':sid': eve}], ':created_at': '2020-01-01T00:00:00Z'}"
        lay(tmp_path, {"ada/a.ipynb": ADA, "bob/b.ipynb": BOB, "submission_metadata.yml": planted,
                       "bob/submission_metadata.yml": planted})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"ada": ADA, "bob": BOB}
        assert {each.submitted_at for each in submissions} == {None}

    def test_what_was_found_is_said(self, tmp_path: Path, correlation: course.Assignment) -> None:
        lay(tmp_path, {"in/ada.ipynb": ADA, "in/plots/a.png": b"", "in/docs/a.md": b"",
                       "up/lovelace_12345_67890_x.ipynb": BOB, "cyd.ipynb": BOTH})
        submissions = find([tmp_path / name for name in ("in", "up", "cyd.ipynb")], correlation)
        assert [line.removeprefix(str(tmp_path)) for line in submissions.layouts] == [
            "/in: 1 hand-in, layout folder (a file or a folder for each student); "
            "left out: 'docs', 'plots'",
            "/up: 1 hand-in, layout canvas (Canvas's download)",
            "/cyd.ipynb: 1 hand-in, layout folder (a file or a folder for each student)"]

    def test_names_that_disagree_stop_the_run(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"lovelace_12345_67890_x.ipynb": ADA, "bob.ipynb": BOB, "roster.csv": b""})
        said = refusal(tmp_path, correlation)
        assert "looks like Canvas's download, but 'bob.ipynb' does not" in said
        assert found(find([tmp_path], correlation, "canvas")) == {"12345": ADA}
        assert found(find([tmp_path], correlation, "folder")) == {
            "lovelace_12345_67890_x": ADA, "bob": BOB}

    def test_a_layout_that_is_said_has_to_be_there(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.ipynb": ADA, "bob.ipynb": BOB})
        for layout in set(get_args(LayoutName)) - {"folder"}:
            assert "holds nothing of" in refusal(tmp_path, correlation, layout)

    def test_archives_of_a_layout_that_is_said_are_each_a_class(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"one.zip": packed({"lovelace_12345_67890_x.ipynb": ADA}),
                       "two.zip": packed({"boole_12346_67891_x.ipynb": BOB}), "bad.zip": b"PK"})
        paths = [tmp_path / "one.zip", tmp_path / "two.zip"]
        assert found(find(paths, correlation, "canvas")) == {"12345": ADA, "12346": BOB}
        with pytest.raises(SubmissionError, match=r"bad\.zip: The zip archive is damaged"):
            find([*paths, tmp_path / "bad.zip"], correlation, "canvas")


class TestNbgrader:
    TREE = {
        "submitted/ada/correlation/correlation.ipynb": ADA,
        "submitted/ada/correlation/timestamp.txt": b"2026-10-12 21:30:05.123456 UTC",
        "submitted/bob/correlation/correlation.ipynb": BOB,
        "submitted/bob/correlation/timestamp.txt": b"soon",
        "submitted/cyd/geometry/geometry.ipynb": BOTH,
        "release/correlation/correlation.ipynb": BOTH,
        "nbgrader_config.py": b"",
    }

    @pytest.mark.parametrize("below", ["", "submitted"])
    def test_trees_are_understood_from_either_root(
        self, below: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        submissions = find([lay(tmp_path, self.TREE) / below], correlation)
        assert found(submissions) == {"ada": ADA, "bob": BOB, "cyd": None}
        assert "No notebook was handed in" in problem(submissions, "cyd")
        assert submissions[0].submitted_at == datetime(2026, 10, 12, 21, 30, 5, 123456, UTC)
        assert submissions[1].submitted_at is None

    @pytest.mark.parametrize(("text", "hour"), [
        ("2026-10-12 21:30:00", 21), ("2026-10-12T21:30:00+02:00", 19),
        ("2026-10-12 21:30:00 -0100", 22), ("2026-10-12 21:30:00.0 UTC\n", 21)])
    def test_timestamps_have_a_zone_or_are_utc(
        self, text: str, hour: int, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, self.TREE | {"submitted/ada/correlation/timestamp.txt": text.encode()})
        time = find([tmp_path], correlation)[0].submitted_at
        assert time is not None and time.astimezone(UTC).hour == hour

    def test_a_timestamp_that_a_student_packed_is_not_believed(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.zip": packed({"correlation/x.ipynb": ADA,
                                          "correlation/timestamp.txt": b"1999-01-01 00:00:00"}),
                       "bob/correlation/x.ipynb": BOB,
                       "bob/correlation/timestamp.txt": b"1999-01-01 00:00:00"})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"ada": ADA, "bob": BOB}
        assert [each.submitted_at for each in submissions] == [None, None]

    def test_a_time_that_cannot_be_read_is_told(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        [note] = find([lay(tmp_path, self.TREE)], correlation).notes
        assert note.startswith("bob: when it was handed in is not known") and "'soon'" in note

    def test_a_link_in_a_folders_place_gives_a_row(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, self.TREE)
        (tmp_path / "submitted/eve").symlink_to("ada")
        assert "links are not followed" in problem(find([tmp_path], correlation), "eve")


class TestCanvas:
    def test_canvas_names_give_its_user_ids(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"submissions.zip": packed({
            "lovelaceada_LATE_12345_67890_my_work-1.ipynb": ADA,
            "lovelaceada_LATE_12345_67891_figures.pdf": b"%PDF",
            "builderbob_23456_67892_hw.zip": packed({"hw/a.ipynb": BOB}),
            "curiecyd_34567_67893_answers.docx": b"PK",
        })})
        submissions = find([tmp_path / "submissions.zip"], correlation)
        assert found(submissions) == {"12345": ADA, "23456": BOB, "34567": None}
        assert "answers.docx is not a notebook" in problem(submissions, "34567")
        assert "lovelaceada" in submissions[0].source
        assert list(submissions[0].files) == ["my_work-1.ipynb"]

    def test_names_that_only_look_like_canvas_keep_students_apart(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"lab_10_100_ada.ipynb": ADA, "lab_10_100_bob.ipynb": BOB})
        assert found(find([tmp_path], correlation)) == {
            "lab_10_100_ada": ADA, "lab_10_100_bob": BOB}

    def test_text_that_was_entered_goes_by_the_id_too(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"babbage_12351_text.html": b"<p>", "noether_LATE_12352_link.html": b"<p>",
                       "smith_jones_12353_67890_text.html": b"<p>"})
        assert set(found(find([tmp_path], correlation))) == {"12351", "12352", "12353"}

    @pytest.mark.parametrize("file", [
        "20002_30003_x.ipynb", "LATE_20002_30003_x.ipynb", "_20002_text.html.ipynb",
        "x_20002_assignsubmission_file_x.ipynb", "x_2026_10_12T14_03_22_123456.ipynb"])
    def test_a_students_name_for_a_file_says_nothing_of_whose_it_is(
        self, file: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {f"eve_12345_67890_{file}": ADA, "boole_12346_67891_x.ipynb": BOB})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"12345": ADA, "12346": BOB}
        assert not any(each.is_called_late for each in submissions)

    def test_a_name_that_reads_as_another_students_id_stops_the_run(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """Should Canvas let somebody be called ``eve_12346``: one id has one name."""
        lay(tmp_path, {"eve_12346_12345_67890_x.ipynb": ADA, "boole_12346_67891_x.ipynb": BOB})
        assert "12346 comes twice" in refusal(tmp_path, correlation)

    def test_a_file_that_was_saved_twice_changes_nobodys_id(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"boole_12346_67891_x-1.ipynb": BOB, "boole_12346_67891_x-1 (1).ipynb": BOB,
                       "lovelace_12345_67890_x.ipynb": ADA})
        assert found(find([tmp_path], correlation)) == {"12345": ADA, "12346": BOB}

    def test_where_grading_is_anonymous_there_is_another_id(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"LATE_anon_AbC12_67890_x_77_888_y.ipynb": ADA,
                       "LATE_anon_AbC12_67891_figures.pdf": b"%PDF",
                       "anon_12345_67892_x-1.ipynb": BOB, "anon_Zz9yX_text.html": b"<p>"})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"anon_AbC12": ADA, "anon_12345": BOB, "anon_Zz9yX": None}
        assert [each.is_called_late for each in submissions] == [False, True, False]

    def test_late_is_what_a_name_says(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"lovelace_LATE_12345_67890_x.ipynb": ADA, "boole_12346_67891_x.ipynb": BOB})
        late = {each.student: each.is_called_late for each in find([tmp_path], correlation)}
        assert late == {"12345": True, "12346": False}


class TestUnread:
    @pytest.mark.parametrize(("names", "about"), [
        (("HW 1_ada_attempt_2026-10-11-21-30-05_correlation.ipynb",
          "HW 1_ada_attempt_2026-10-12-09-00-00.txt"), "Blackboard's download"),
        (("12345-67890 - Ada Lovelace - Oct 12, 2026 930 PM - lab.ipynb", "index.html"),
         "Brightspace's download"),
        (("12345-67890 - Ada Lovelace - 12 October, 2026 1130 AM/lab.ipynb",),
         "Brightspace's download"),
        (("ada+correlation+2026-10-12 10:00:00 UTC+abc1/correlation.ipynb",),
         "nbgrader's exchange"),
        (("ada@uni.edu_1_lab.ipynb", "ada@uni.edu_2_lab.ipynb"), "Autolab's"),
    ])
    def test_names_of_a_platform_that_is_not_read_are_nobodys(
        self, names: tuple[str, ...], about: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, dict.fromkeys(names, ADA))
        assert f"looks like {about}" in refusal(tmp_path, correlation)
        assert len(find([tmp_path], correlation, layout="folder")) == len(names)

    @pytest.mark.parametrize("names", [
        ("my_attempt_2.ipynb", "ann_attempt_2026.ipynb"),
        ("ada@uni.edu.ipynb", "b@uni.edu/x.ipynb"),
        ("12345-67890 - Ada.ipynb", "1-2.ipynb"), ("ada+bob.ipynb", "c++ fan.ipynb")])
    def test_names_of_peoples_own_are_taken(
        self, names: tuple[str, ...], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, dict.fromkeys(names, ADA))
        assert len(find([tmp_path], correlation)) == 2


class TestMoodle:
    def test_moodle_folders_and_files_give_its_ids(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {
            "Ada Lovelace_12345_assignsubmission_file_/correlation.ipynb": ADA,
            "Ada Lovelace_12345_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
            "Bob_B_23456_assignsubmission_file_hw 1.ipynb": BOB,
            "Cyd_34567_assignsubmission_file_/": b"",
        })
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"12345": ADA, "23456": BOB, "34567": None}

    def test_a_students_name_for_a_file_says_nothing_of_whose_it_is(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """The pattern took the last number, and graded this file in 20002's stead."""
        lay(tmp_path, {
            "Eve_20001_assignsubmission_file_z_20002_assignsubmission_file_x.ipynb.txt": ADA,
            "Bob Boole_20002_assignsubmission_file_x.ipynb": BOB})
        assert found(find([tmp_path], correlation)) == {"20001": ADA, "20002": BOB}

    def test_nor_does_a_file_in_a_students_folder(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {
            "Eve_20001_assignsubmission_file/z_20002_assignsubmission_file_x.ipynb": ADA,
            "Bob Boole_20002_assignsubmission_file/x.ipynb": BOB})
        assert found(find([tmp_path], correlation)) == {"20001": ADA, "20002": BOB}

    def test_a_file_that_a_student_calls_so_is_not_by_moodle(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.ipynb": ADA, "z_20002_assignsubmission_file_x.ipynb.txt": BOB})
        assert "looks like Moodle's download, but 'ada.ipynb'" in refusal(tmp_path, correlation)


class TestGradescope:
    GRADESCOPE = """\
submission_1001:
  :submitters:
  - :name: Ada Lovelace
    :sid: 's-100'
    :email: ada@example.org
  - :name: Bob
    :email: bob@example.org
  :created_at: 2026-10-12 21:30:05.123456000 Z
submission_1002:
  :submitters:
  - :name: Cyd
"""

    def test_gradescope_metadata_names_every_submitter_and_the_time(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        root = "assignment_9100_export/"
        lay(tmp_path, {"export.zip": packed({
            f"{root}submission_metadata.yml": self.GRADESCOPE.encode(),
            f"{root}submission_1001/correlation.ipynb": ADA,
            f"{root}submission_1002/a.txt": b""})})
        submissions = find([tmp_path / "export.zip"], correlation)
        assert found(submissions) == {"s-100": ADA, "bob@example.org": ADA, "Cyd": None}
        times = {each.student: each.submitted_at for each in submissions}
        assert times["s-100"] == datetime(2026, 10, 12, 21, 30, 5, 123456, UTC)
        assert times["Cyd"] is None

    def test_metadata_that_do_not_name_every_folder_are_not_believed(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"submission_metadata.yml": self.GRADESCOPE.encode(),
                       "submission_1001/a.ipynb": ADA, "submission_1003/b.ipynb": BOB})
        assert "does not name 'submission_1003'" in refusal(tmp_path, correlation)
        lay(tmp_path, {"ada.ipynb": ADA})
        assert "but 'ada.ipynb' does not belong" in refusal(tmp_path, correlation)

    def test_who_handed_in_twice_stops_the_run(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        twice = "".join(f"submission_{number}: {{':submitters': [{{':sid': ada}}]}}\n"
                        for number in (1, 2))
        lay(tmp_path, {"submission_metadata.yml": twice.encode(), "submission_1/a.ipynb": ADA,
                       "submission_2/a.ipynb": BOB})
        assert "ada comes twice" in refusal(tmp_path, correlation)

    def test_what_looks_like_a_number_is_text(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """A number on base 60 takes the square of its length to compute: this one, hours."""
        digits = ":".join(["1"] * 2_000_000)
        metadata = f"1: {digits}\nsubmission_1: {{':submitters': [{{':sid': 0123}}]}}"
        lay(tmp_path, {"submission_metadata.yml": metadata.encode(), "submission_1/a.ipynb": ADA})
        assert found(find([tmp_path], correlation)) == {"0123": ADA}

    @staticmethod
    def bomb(base: str, repeats: str) -> str:
        """A page of YAML that stands for five million values, under the name of the anchor z."""
        layers = "abcdefz"
        return f"1: &a {base}\n" + "".join(
            f"{number}: &{name} {repeats % ', '.join(9 * [f'*{before}'])}\n"
            for number, (before, name) in enumerate(pairwise(layers), 2))

    @pytest.mark.parametrize("metadata", [
        b"[", b"\xff", b"- 1", b"a: {':submitters': 3}", b"&a [*a]", b"a: 2026-13-45 00:00:00",
        b"[" * 100_000, b"submission_1: {':submitters': [{':sid': [ada]}]}",
        (bomb("[1, 2, 3, 4, 5, 6, 7, 8, 9]", "[%s]")
         + "submission_1: {':submitters': [{':sid': ada}]}").encode(),
        (bomb("{x: 1, y: 2, z: 3, u: 4, v: 5, w: 6, p: 7, q: 8, r: 9}", "{<<: [%s]}")
         + "submission_1: {':submitters': [{':sid': ada}]}").encode()],
        ids=["cut off", "no text", "a list", "no submitters", "a knot", "no date", "too deep",
             "no id", "a bomb of lists", "a bomb of merged tables"])
    def test_damaged_metadata_are_told_and_rename_nobody(
        self, metadata: bytes, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"submission_metadata.yml": metadata, "submission_1/a.ipynb": ADA})
        assert "submission_metadata.yml" in refusal(tmp_path, correlation)
        assert found(find([tmp_path], correlation, "folder")) == {"submission_1": ADA}


class TestOtter:
    def test_exports_go_by_the_notebooks_name_and_the_last_counts(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {
            "ada_2026_10_12T14_03_22_123456.zip": packed({"ada.ipynb": BOTH}),
            "ada_2026_10_12T15_00_00_000001.zip": packed({"ada.ipynb": ADA, ".OTTER_LOG": b""}),
            "bob_2026_10_11T09_00_00_5.zip": packed({"bob.ipynb": BOB})})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"ada": ADA, "bob": BOB}
        assert {each.submitted_at for each in submissions} == {None}  # the clock is the student's

    def test_an_export_of_a_notebook_called_like_the_assignment_says_nobody(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"correlation_2026_10_12T14_03_22_123456.zip": packed({"a.ipynb": ADA}),
                       "correlation_2026_10_12T15_03_22_123456.zip": packed({"a.ipynb": BOB})})
        assert "holds nothing of otter's exports" in refusal(tmp_path, correlation, "otter")


class TestGit:
    def test_clones_go_by_login(self, tmp_path: Path, correlation: course.Assignment) -> None:
        lay(tmp_path, {"correlation-ada/correlation.ipynb": ADA, "correlation-ada/.git/HEAD": b"",
                       "Correlation-bob-b/part/x.ipynb": BOB, "correlation-cyd/README.md": b""})
        assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob-b": BOB, "cyd": None}

    def test_one_such_folder_among_others_is_a_students(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"correlation-ada/x.ipynb": ADA, "bob/x.ipynb": BOB})
        assert found(find([tmp_path], correlation)) == {"correlation-ada": ADA, "bob": BOB}
        assert found(find([tmp_path], correlation, "git")) == {"ada": ADA}


def test_each_name_that_can_be_said_is_a_layouts() -> None:
    assert set(BY_NAME) == set(get_args(LayoutName))
