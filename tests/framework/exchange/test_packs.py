"""Feedback goes back under the names that a platform wrote, to the person it is about, and holds
what a student may read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from example_results import a_check, a_question, a_result
from hand_ins import ADA, BOB, GRADER_TOML, lay, packed
from hypothesis import given
from hypothesis import strategies as st

from autograder import cli
from autograder.course import Course, LayoutName, load
from autograder.result import Account, CheckResult, Status, Visibility, sentence
from autograder.store import Store
from autograder.submission import find
from autograder.submission.layouts import canvas, moodle

SECRET = "drawnfromthesecret"
CANVAS = {
    "lovelaceada_LATE_12345_67890_my_work-1.ipynb": ADA,
    "lovelaceada_LATE_12345_67891_figures.pdf": b"%PDF",
    "builderbob_23456_67892_hw.zip": packed({"hw/a.ipynb": BOB}),
    "curiecyd_34567_67893_answers.docx": b"PK",
    "noetheremmy_45678_67894_lab.py": b"def corr2d(X, K): return X",
    "babbage_56789_text.html": b"<p>",
}
MOODLE = {
    "Ada Lovelace_12345_assignsubmission_file_/correlation.ipynb": ADA,
    "Bob B\N{LATIN SMALL LETTER U WITH DIAERESIS}_23456_assignsubmission_file_hw_1.ipynb": BOB,
    "Cyd_34567_assignsubmission_file/answers.docx": b"PK",
}
NBGRADER = {
    "submitted/ada/correlation/correlation.ipynb": ADA,
    "submitted/ada/correlation/timestamp.txt": b"2026-10-12 21:30:05.123456 UTC",
    "submitted/ada/correlation/submission_secret.txt": b"a1b2",
    "submitted/bob/correlation/correlation.ipynb": BOB,
}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "grader.toml").write_text(GRADER_TOML + '[store]\nurl = "sqlite:///grades.db"\n')
    return load(tmp_path / "grader.toml")


def graded(course: Course, path: Path, layout: LayoutName | None = None, *, but: str = "") -> None:
    """Keeps a result of everything that was handed in at ``path``, but of one student's."""
    decided = Account(status=Status.FAILED, message=sentence("{it}", it=SECRET))
    hidden = CheckResult(id="test_hidden", title="All images.", status=Status.FAILED,
                         visibility=Visibility.HIDDEN, decided=decided)
    question = a_question("corr2d", 0.0, checks=[a_check("t", title="Seen.")]).result
    question = question.model_copy(update={"checks": [*question.checks, hidden]})
    with Store(course) as store:
        run = store.begin("correlation", "grade")
        for each in find([path], course.assignment("correlation"), layout):
            if each.student != but:
                store.add(run, a_result(each.student, question, submission=each.record))


def give(course: Course, path: Path, platform: str, output: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["feedback", "correlation", str(path), "--for", platform, "-o", str(output),
                  "--course", str(course.root / "grader.toml"), *options])
    return int(ended.value.code or 0)


def unpacked(file: Path | io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def laid(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*") if path.is_file()}


def is_notebook_with_feedback(content: bytes, code: str) -> bool:
    cells = nbformat.reads(content.decode(), as_version=4).cells
    sources = [cell.source for cell in cells]
    return any(code in source for source in sources) and "Feedback" in sources[0]


def is_page(content: bytes) -> bool:
    text = content.decode()
    return text.startswith("<!DOCTYPE html>") and "Content-Security-Policy" in text \
        and SECRET not in text


def at(root: Path, files: Mapping[str, bytes], is_zip: bool) -> Path:
    """A download, as it comes or unpacked."""
    if is_zip:
        (root / "download.zip").write_bytes(packed(files))
        return root / "download.zip"
    return lay(root / "download", files)


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "unpacked"])
def test_canvas_gets_files_by_the_names_it_gave(
    course: Course, is_zip: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = at(course.root, CANVAS, is_zip)
    graded(course, path)
    assert give(course, path, "canvas", course.root / "back.zip") == 3
    back = unpacked(course.root / "back.zip")
    assert set(back) == {"lovelaceada_LATE_12345_67890_my_work-1.ipynb",
                         "builderbob_23456_67892_hw.zip"}
    assert is_notebook_with_feedback(back["lovelaceada_LATE_12345_67890_my_work-1.ipynb"], "'Ada'")
    inside = unpacked(io.BytesIO(back["builderbob_23456_67892_hw.zip"]))
    assert set(inside) == {"correlation.html", "correlation.ipynb"}
    assert is_page(inside["correlation.html"])
    assert is_notebook_with_feedback(inside["correlation.ipynb"], "'Bob'")
    told = capsys.readouterr().err
    assert "34567: no feedback, for Canvas would show it as 'answers.docx'" in told
    assert "45678: no feedback, for Canvas would show it as 'lab.py'" in told
    assert "56789: no feedback, for nothing was uploaded" in told
    assert (course.root / "back.zip").stat().st_mode & 0o077 == 0


def canvas_reads(name: str) -> list[str]:
    """Canvas's own rule: the first two numbers between underscores are the user and the upload."""
    return [part for part in name.split("_") if part.isdecimal()][:2]


@given(file=st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\"),
                    max_size=20),
       is_late=st.booleans())
def test_canvas_reads_user_and_upload_whatever_a_file_is_called(file: str, is_late: bool) -> None:
    name = f"lovelaceada_{'LATE_' * is_late}12345_67890_x{file}.ipynb"
    assert canvas.upload(name) == f"x{file}.ipynb"
    assert canvas_reads(name) == ["12345", "67890"]


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "unpacked"])
def test_moodle_gets_a_folder_for_each_participant_by_the_names_it_gave(
    course: Course, is_zip: bool
) -> None:
    path = at(course.root, MOODLE, is_zip)
    graded(course, path)
    assert give(course, path, "moodle", course.root / "back.zip") == 0
    back = unpacked(course.root / "back.zip")
    ada, bob, cyd = ("Ada Lovelace_12345_assignsubmission_file_",
                     "Bob Bü_23456_assignsubmission_file_", "Cyd_34567_assignsubmission_file")
    assert set(back) == {*(f"{folder}/correlation.{ending}" for folder in (ada, bob)
                           for ending in ("html", "ipynb")), f"{cyd}/correlation.html"}
    assert [moodle_reads(name) for name in sorted(back)] == [
        ("12345", "correlation.html"), ("12345", "correlation.ipynb"),
        ("23456", "correlation.html"), ("23456", "correlation.ipynb"),
        ("34567", "correlation.html")]
    assert all(is_page(content) for name, content in back.items() if name.endswith("html"))
    assert is_notebook_with_feedback(back[f"{bob}/correlation.ipynb"], "'Bob'")


def moodle_reads(path: str) -> tuple[str, str] | None:
    """Moodle's own rule: name, number, assignsubmission, file, and what is left is the file's."""
    parts = path.split("/")
    while parts:
        name = parts.pop(0).split("_", 4)
        if len(name) >= 4 and name[1].isdecimal() and name[2:4] == ["assignsubmission", "file"]:
            return name[1], "/".join(["".join(name[4:]), *parts]).lstrip("/")
    return None


def test_a_name_that_moodle_itself_would_misread_is_reported(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(course.root / "download", {"Bob_B_23456_assignsubmission_file_hw 1.ipynb": BOB})
    graded(course, path)
    assert moodle_reads("Bob_B_23456_assignsubmission_file_/x") is None
    assert give(course, path, "moodle", course.root / "back.zip") == 3
    assert "23456: no feedback, for Moodle would not know whose" in capsys.readouterr().err
    assert moodle.folder("Bob B_23456_assignsubmission_file_hw_1_x.ipynb") == \
        "Bob B_23456_assignsubmission_file_"


def test_nbgrader_gets_its_tree_with_what_it_knows_a_hand_in_by(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(course.root / "nb", NBGRADER)
    graded(course, path)
    assert give(course, path, "nbgrader", path) == 3
    told = capsys.readouterr().err
    assert "bob: no feedback, for no timestamp.txt lies beside it" in told
    back = laid(path / "feedback")
    assert set(back) == {f"ada/correlation/{name}" for name in (
        "correlation.html", "timestamp.txt", "submission_secret.txt")}
    assert back["ada/correlation/timestamp.txt"] == \
        NBGRADER["submitted/ada/correlation/timestamp.txt"]
    assert is_page(back["ada/correlation/correlation.html"])


def test_everybody_has_a_folder(course: Course) -> None:
    path = lay(course.root / "in", {"ann.ipynb": ADA, "bob/lab.ipynb": BOB,
                                    "zoe.pdf": b"%PDF"})
    graded(course, path)
    assert give(course, path, "folder", course.root / "back") == 0
    back = laid(course.root / "back")
    assert set(back) == {"ann/correlation.html", "ann/correlation.ipynb", "bob/correlation.html",
                         "bob/correlation.ipynb", "zoe/correlation.html"}
    assert SECRET not in b"".join(back.values()).decode()
    assert "All images" in back["ann/correlation.ipynb"].decode()


def test_who_has_no_result_or_no_entry_is_reported(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(course.root / "in", {"ann.ipynb": ADA, "bob.ipynb": BOB})
    graded(course, path, but="bob")
    graded(course, lay(course.root / "other", {"cyd.ipynb": ADA}))
    assert give(course, path, "folder", course.root / "back") == 3
    told = capsys.readouterr().err
    assert re.search(r"^bob: no feedback, for these files are not what was graded last", told,
                     re.MULTILINE)
    assert "cyd: no feedback, for nothing of theirs lies there" in told
    assert set(laid(course.root / "back")) == {"ann/correlation.html", "ann/correlation.ipynb"}
    with Store(course) as store:
        [event] = store.events.all(verb="feedback")
    assert (event.object, event.after) == (
        f"correlation · folder · {course.root / 'back'}", "1 of 2 students")
    assert give(course, path, "folder", course.root / "hers", "--student", "ann") == 0


@pytest.mark.parametrize(("platform", "options", "said"), [
    ("canvas", [], "holds nothing of Canvas's download"),
    ("moodle", ["--layout", "canvas"], "wants that platform's own download"),
])
def test_what_was_not_downloaded_from_the_platform_is_refused(
    platform: str, options: list[str], said: str, course: Course,
    capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(course.root / "in", {"ann.ipynb": ADA})
    assert give(course, path, platform, course.root / "back.zip", *options) == 2
    assert said in capsys.readouterr().err
    assert not (course.root / "back.zip").exists()


def test_names_come_as_the_platform_wrote_them(course: Course) -> None:
    """Whatever is shown of them: an id is normalized, and what is invisible is left out."""
    name = "Zoe\u0301 \u200bX_77_assignsubmission_file_"
    path = lay(course.root / "in", {f"{name}/a.ipynb": ADA})
    [found] = find([path], course.assignment("correlation"))
    assert (found.student, found.called) == ("77", name)
