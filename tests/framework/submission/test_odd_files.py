"""Files with odd names have a row or a line, and one bad member of a class's zip costs its student
alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hand_ins import ADA, BOB, found, lay, packed, problem

from autograder import course
from autograder.submission import SubmissionError, archive, find


@pytest.mark.parametrize("name", [
    "ada.ipynb ", "ada.ipynb.txt", "ada.ipynb.json", "ada.ipynb.download", "ada.ipynb.part",
    "ada.ipynb (1)", "ada.IPYNB", "ada.ipnb", "ada.ipyn", "ada.pynb", "ada.ipybn", "ada.iypnb"])
def test_a_notebook_is_one_by_whatever_ending(
    name: str, tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {name: ADA, "bob.ipynb": BOB})
    submissions = find([tmp_path], correlation)
    assert found(submissions) == {"ada": ADA, "bob": BOB}
    assert list(submissions[0].files) == ["ada.ipynb"]


@pytest.mark.parametrize("name", [
    "ada.pptx", "ada.key", "ada.webloc", "ada.ipynb.url", "ada.tar.gz", "ada.mhtml"])
def test_what_people_hand_in_instead_has_a_row(
    name: str, tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {name: b"x", "bob.ipynb": BOB})
    [ada, _] = find([tmp_path], correlation)
    assert ada.student.startswith("ada") and "is not a notebook" in str(ada.problem)


def test_what_has_no_row_has_a_line(tmp_path: Path, correlation: course.Assignment) -> None:
    lay(tmp_path, {"ada.ipynb": ADA, "ada.png": b"", "bob": b"", "cyd.json": b"", "dan.md": b"",
                   "README.md": b"", "requirements.txt": b"", "plots/a.png": b""})
    submissions = find([tmp_path], correlation)
    assert found(submissions) == {"ada": ADA}
    [line] = submissions.layouts
    assert line.endswith("; left out: 'plots', 'bob', 'cyd.json', 'dan.md'")


def test_what_a_layout_that_is_said_leaves_out_has_one_too(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"lovelace_12345_67890_x.ipynb": ADA, "bob.ipynb": BOB})
    [line] = find([tmp_path], correlation, "canvas").layouts
    assert line.endswith("layout canvas (Canvas's download); left out: 'bob.ipynb'")


def test_a_class_may_be_larger_than_any_students_zip(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    """200 MB in all were unreadable, everybody's, with advice for a student."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_STORED) as packs:
        packs.writestr("ada/a.ipynb", ADA)
        packs.writestr("bob/b.ipynb", BOB)
        with packs.open("cyd/film.mp4", "w", force_zip64=True) as film:
            for _ in range(archive.MAX_ARCHIVE // 2**20 + 1):
                film.write(bytes(2**20))
    submissions = find([tmp_path / "class.zip"], correlation)
    assert found(submissions) == {"ada": ADA, "bob": BOB, "cyd": None}
    assert "unpacks to 201 MB, which is too much" in problem(submissions, "cyd")


def test_advice_about_a_class_is_for_staff(
    tmp_path: Path, correlation: course.Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MAX_ENTRIES", 1)
    lay(tmp_path, {"class.zip": packed({"ada/a.ipynb": ADA, "bob/b.ipynb": BOB}), "x.zip": b"PK"})
    with pytest.raises(SubmissionError, match="than a class hands in; unpack it, and name the"):
        find([tmp_path / "class.zip"], correlation)
    with pytest.raises(SubmissionError) as caught:
        find([tmp_path / "x.zip"], correlation, "canvas")
    assert str(caught.value).endswith(
        "The zip archive is damaged; download it again, or unpack it, and name the folder")
