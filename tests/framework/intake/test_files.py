"""What was handed in comes back byte for byte, or somebody is told why not."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from example_results import a_result
from fuzzing import fuzzed
from hand_ins import ADA, lay, packed
from hypothesis import given
from hypothesis import strategies as st

from autograder import course
from autograder.course import Course
from autograder.intake import IntakeError, KeptFiles, files, submissions
from autograder.result import SubmissionStatus, sentence
from autograder.submission import Submission, find
from autograder.submission.notebook import MAX_NOTEBOOK

GRADER_TOML = """
[course]
name = "Convolution"
{more}
[assignments.correlation]
title = "Cross-correlation"
questions = [{{ name = "corr2d", title = "Cross-correlation", points = 4 }}]
"""


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    return a_course(tmp_path)


def a_course(root: Path, more: str = "") -> Course:
    (root / "grader.toml").write_text(GRADER_TOML.format(more=more))
    return course.load(root / "grader.toml")


def handed_in(**contents: bytes) -> Submission:
    return Submission("ann", "correlation", {f"{name}.ipynb": content for name, content
                                             in contents.items()}, None)


ANN = handed_in(lab=ADA)

# Kept, and given back -------------------------------------------------------------------------


@fuzzed(60)
@given(contents=st.dictionaries(st.text(), st.binary(max_size=3000)),
       is_refused=st.booleans(), problem=st.none() | st.text())
def test_what_is_kept_comes_back_byte_for_byte(
    contents: dict[str, bytes], is_refused: bool, problem: str | None
) -> None:
    submission = Submission(
        "ann", "correlation", {} if is_refused else contents, None,
        problem=None if problem is None else sentence("{problem}", problem=problem),
        unread=contents if is_refused else {})
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptFiles(a_course(Path(folder)))
        kept.keep(submission)
        assert kept.find(submission.digest) == (contents or None)


def test_large_files_come_back(lab: Course) -> None:
    large = handed_in(lab=os.urandom(5 << 20) + bytes(20 << 20))
    KeptFiles(lab).keep(large)
    assert KeptFiles(lab).find(large.digest) == large.files


def test_what_lies_there_is_what_its_name_is_the_digest_of(lab: Course) -> None:
    kept = KeptFiles(lab)
    kept.keep(ANN)
    [place] = [path for path in (lab.root / "results/handins").rglob("*") if path.is_file()]
    assert place == kept.place(ANN.digest)
    with place.open("rb") as file:
        whole = zstandard.ZstdDecompressor().stream_reader(file).read()
    assert hashlib.sha256(whole).hexdigest() == ANN.digest == place.stem
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_equal_files_are_kept_once(lab: Course) -> None:
    kept = KeptFiles(lab)
    kept.keep(ANN)
    before = kept.place(ANN.digest).stat()
    kept.keep(replace(ANN, student="bob"))
    after = kept.place(ANN.digest).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_nothing_is_kept_where_the_course_does_not_want_it(tmp_path: Path) -> None:
    lab = a_course(tmp_path, "[handins]\nkeep = false")
    KeptFiles(lab).keep(ANN)
    assert KeptFiles(lab).find(ANN.digest) is None
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("digest", ["", "e" * 64, "../../grader", "d" * 63])
def test_what_is_not_kept_is_not_found(lab: Course, digest: str) -> None:
    KeptFiles(lab).keep(ANN)
    assert KeptFiles(lab).find(digest) is None


def test_files_are_swept_with_what_a_killed_process_left(lab: Course) -> None:
    kept = KeptFiles(lab)
    kept.keep(ANN)
    other = handed_in(other=b"{}")
    kept.keep(other)
    place = kept.place(ANN.digest)
    place.with_name(f".{place.name}.x1").write_bytes(b"half")
    assert kept.sweep([other.digest]) == 2
    assert list(place.parent.iterdir()) == []
    assert kept.find(ANN.digest) is None
    assert kept.find(other.digest) == other.files
    kept.place(other.digest).with_name(f".{other.digest}.zst.x1").write_bytes(b"half")
    assert kept.sweep([other.digest]) == 1 and kept.find(other.digest) == other.files


def test_files_that_another_store_may_need_are_not_swept(lab: Course) -> None:
    """Two courses whose stores lie in one folder keep their files in one place."""
    kept = KeptFiles(lab)
    other = handed_in(other=b"{}")
    kept.keep(ANN)
    kept.keep(other)
    (lab.root / "results/of-last-year.db").write_bytes(b"SQLite format 3\0")
    assert kept.sweep([], gone=[ANN.digest]) == 1
    assert kept.find(ANN.digest) is None and kept.find(other.digest) == other.files
    (lab.root / "results/of-last-year.db").unlink()
    assert kept.sweep([]) == 1 and kept.find(other.digest) is None


# What is wrong with what lies there ------------------------------------------------------------


def spoiled(kept: KeptFiles, content: bytes) -> str:
    place = kept.place(ANN.digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    with pytest.raises(IntakeError) as raised:
        kept.find(ANN.digest)
    return str(raised.value)


def squeezed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


@pytest.mark.parametrize("content", [
    b"", b"no frame at all", squeezed(b"")[:-1], squeezed(b"\0" * 7),
    squeezed((3).to_bytes(8, "big") + b"lab"),
    squeezed((4).to_bytes(8, "big") + b"lab"),
    squeezed(b"".join(handed_in(lab=b"other").packed())),
], ids=["empty", "no-frame", "cut", "no-length", "no-content", "short", "others"])
def test_what_is_damaged_is_said_to_be(lab: Course, content: bytes) -> None:
    said = spoiled(KeptFiles(lab), content)
    assert str(KeptFiles(lab).place(ANN.digest)) in said
    assert "damaged; put it back from a backup" in said


@pytest.mark.parametrize("claimed", [1 << 62, 100 << 30])
def test_a_bomb_does_not_fill_the_memory(lab: Course, claimed: int) -> None:
    zeros = zstandard.ZstdCompressor().compressobj()
    bomb = zeros.compress(claimed.to_bytes(8, "big"))
    bomb += b"".join(zeros.compress(bytes(1 << 20)) for _ in range(300)) + zeros.flush()
    assert len(bomb) < 100_000
    assert "damaged" in spoiled(KeptFiles(lab), bomb)


def test_many_parts_of_nothing_do_not_fill_the_memory(lab: Course) -> None:
    assert "damaged" in spoiled(KeptFiles(lab), squeezed(bytes(8 * 10_000_000)))


def test_a_far_window_is_refused(lab: Course) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    far = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    content = far.compress(b"".join(ANN.packed())) + far.flush()
    assert "damaged" in spoiled(KeptFiles(lab), content)


# Faults ----------------------------------------------------------------------------------------


def test_a_folder_that_takes_nothing_is_named(lab: Course) -> None:
    (lab.root / "results").mkdir()
    (lab.root / "results/handins").write_text("a file lies in its place")
    with pytest.raises(IntakeError, match=r"the files of ann cannot be kept: .*keep = false"):
        KeptFiles(lab).keep(ANN)


def test_killed_while_it_writes_it_leaves_nothing_that_is_found(lab: Course) -> None:
    """At each of the calls that writing makes; then another finds it whole."""
    program = (
        "import os, sys\nfrom pathlib import Path\nsys.path.insert(0, {tests!r})\n"
        "from test_files import ANN\nfrom autograder.course import load\n"
        "from autograder.intake import KeptFiles\n"
        "def killed(*_, **__): os.kill(os.getpid(), 9)\n{spoil}\n"
        "KeptFiles(load(Path({toml!r}))).keep(ANN)\n")
    for spoil in ("os.fsync = killed", "Path.replace = killed"):
        done = subprocess.run(
            [sys.executable, "-c", program.format(
                tests=str(Path(__file__).parent), spoil=spoil,
                toml=str(lab.root / "grader.toml"))],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}, check=False)
        assert done.returncode == -9
        assert KeptFiles(lab).find(ANN.digest) is None
    KeptFiles(lab).keep(ANN)
    assert KeptFiles(lab).find(ANN.digest) == ANN.files


# What nobody can grade -------------------------------------------------------------------------


def test_what_cannot_be_opened_is_kept_as_it_came(lab: Course, tmp_path: Path) -> None:
    damaged = packed({"lab.ipynb": ADA})[:-30]
    root = lay(tmp_path / "class", {
        "ann/work.zip": damaged, "ann/notes/readme.txt": b"see the zip",
        "bob/answers.docx": b"PK not really", "cyd/": b""})
    found = {each.student: each for each in find([root], lab.assignment("correlation"))}
    kept = KeptFiles(lab)
    for each in found.values():
        assert each.problem is not None
        kept.keep(each)
    assert kept.find(found["ann"].digest) == {
        "work.zip": damaged, "notes/readme.txt": b"see the zip"}
    assert kept.find(found["bob"].digest) == {"answers.docx": b"PK not really"}
    assert kept.find(found["cyd"].digest) is None  # there was nothing


def test_no_more_is_kept_of_it_than_a_notebook_may_have(lab: Course, tmp_path: Path) -> None:
    root = lay(tmp_path / "class", {"ann/a.txt": b"small", "ann/c.txt": b"small, too"})
    with (root / "ann/b.mp4").open("wb") as film:
        film.truncate(MAX_NOTEBOOK + 1)
    [ann] = find([root], lab.assignment("correlation"))
    assert dict(ann.unread) == {"a.txt": b"small", "c.txt": b"small, too"}


def test_submissions_are_made_again_of_what_is_kept(lab: Course, tmp_path: Path) -> None:
    root = lay(tmp_path / "class", {"ann.ipynb": ADA, "bob/answers.docx": b"words"})
    found = find([root], lab.assignment("correlation"))
    results = [a_result(each.student, submission=each.record, message=each.problem,
                        status=SubmissionStatus.UNREADABLE if each.problem else
                        SubmissionStatus.GRADED) for each in found]
    for each in found:
        KeptFiles(lab).keep(each)
    again, notes = submissions(KeptFiles(lab), [
        *results, a_result("eve", digest="e" * 64), a_result("erased-1", digest="")])
    assert [(each.student, each.digest, dict(each.files)) for each in again] == [
        (each.student, each.digest, dict(each.files)) for each in found]
    assert notes == ["eve: the files were not kept; name where they lie by PATH"]


@given(names=st.sets(st.text(), max_size=20))
def test_names_of_strangers_are_made_safe_and_stay_apart(names: set[str]) -> None:
    safe = files.safe_names(names)
    assert safe.keys() == names
    assert len({each.casefold() for each in safe.values()}) == len(names)
    assert not [each for each in safe.values() if "/" in each or each in ("", ".", "..")]
