"""One folder or one file of an export reads as the whole export does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hand_ins import ADA, BOB, BOTH, found, lay, packed, problem

from autograder import course
from autograder.submission import find

AT = datetime(2026, 10, 12, 21, 30, tzinfo=UTC)
NBGRADER = {"submitted/ada/correlation/x.ipynb": ADA, "submitted/ada/correlation/y.ipynb": BOTH,
            "submitted/ada/correlation/timestamp.txt": b"2026-10-12 21:30:00 UTC",
            "submitted/ada/geometry/x.ipynb": BOB,
            "submitted/bob/correlation/x.ipynb": BOB}


@pytest.mark.parametrize(("named", "content"), [
    ("ada", BOTH), ("ada/correlation", BOTH), ("ada/correlation/x.ipynb", ADA),
    ("ada/geometry", None)])
def test_of_nbgraders_submitted(
    named: str, content: bytes | None, tmp_path: Path, correlation: course.Assignment
) -> None:
    """Ada was called like the folder, and had handed in at no time."""
    submissions = find([lay(tmp_path, NBGRADER) / "submitted" / named], correlation)
    assert found(submissions) == {"ada": content}
    assert submissions[0].submitted_at == (content and AT)
    [line] = submissions.layouts
    assert "submitted, 1 of what lies there: 1 hand-in, layout nbgrader" in line


def test_all_of_submitted_by_the_shell(tmp_path: Path, correlation: course.Assignment) -> None:
    lay(tmp_path, NBGRADER)
    submissions = find(sorted((tmp_path / "submitted").iterdir()), correlation)
    assert found(submissions) == {"ada": BOTH, "bob": BOB}
    assert [each.submitted_at for each in submissions] == [AT, None]


def test_no_link_is_followed_that_stands_in_a_folders_place(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, NBGRADER)
    (tmp_path / "submitted/eve").symlink_to("ada")
    submissions = find(sorted((tmp_path / "submitted").iterdir()), correlation)
    assert "links are not followed" in problem(submissions, "eve")


def test_of_gradescopes_export(tmp_path: Path, correlation: course.Assignment) -> None:
    metadata = ("submission_1: {':submitters': [{':sid': s1}], ':created_at': 2026-10-12 21:30 Z}\n"
                "submission_2: {':submitters': [{':sid': s2}, {':sid': s3}]}\n")
    lay(tmp_path, {"submission_metadata.yml": metadata.encode(),
                   "submission_1/a.ipynb": ADA, "submission_2/b.ipynb": BOB})
    one, two = (find([tmp_path / f"submission_{number}"], correlation) for number in (1, 2))
    assert found(one) == {"s1": ADA} and one[0].submitted_at == AT
    assert found(two) == {"s2": BOB, "s3": BOB}


def test_of_moodles_download(tmp_path: Path, correlation: course.Assignment) -> None:
    """Two notebooks in a folder were two students."""
    lay(tmp_path, {"Ada L_12345_assignsubmission_file_/a.ipynb": BOTH,
                   "Ada L_12345_assignsubmission_file_/b.ipynb": BOB,
                   "Bob_23456_assignsubmission_file_hw.zip": packed({"x/1.ipynb": BOB,
                                                                     "y/2.ipynb": BOB})})
    for path in tmp_path.iterdir():
        [submission] = find([path], correlation)
        assert submission.student in path.name and len(submission.student) == 5


def test_of_canvass_download_a_zip_is_one_students(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"lovelace_12345_67890_hw.zip": packed({"ada/a.ipynb": ADA, "bob/b.ipynb": BOTH}),
                   "boole_12346_67891_x.ipynb": BOB})
    assert found(find([tmp_path / "lovelace_12345_67890_hw.zip"], correlation)) == {"12345": BOTH}


def test_a_layout_that_is_said_is_kept_to(tmp_path: Path, correlation: course.Assignment) -> None:
    lay(tmp_path, NBGRADER)
    named = tmp_path / "submitted/ada/correlation"
    assert found(find([named], correlation, "folder")) == {"x": ADA, "y": BOTH}
    assert found(find([named], correlation, "nbgrader")) == {"ada": BOTH}
