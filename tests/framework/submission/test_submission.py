"""Finding what was handed in: every shape it comes in, and nothing hostile in it believed."""

from __future__ import annotations

import io
import os
import pickle
import resource
import stat
import tempfile
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder import course
from autograder.submission import Submission, SubmissionError, find, student_id

GRADER_TOML = """
[course]
name = "Convolution"
[assignments.correlation]
title = "Cross-correlation"
[[assignments.correlation.questions]]
name = "corr2d"
title = "Cross-correlation"
points = 4
[[assignments.correlation.questions]]
name = "Conv2D"
title = "A layer"
points = 3
"""


@pytest.fixture(scope="module")
def correlation(tmp_path_factory: pytest.TempPathFactory) -> course.Assignment:
    path = tmp_path_factory.mktemp("course") / "grader.toml"
    path.write_text(GRADER_TOML, encoding="utf-8")
    return course.load(path).assignment("correlation")


def notebook(*sources: str) -> bytes:
    """A notebook as Jupyter saves it."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


ADA = notebook("def corr2d(X, K): return 'Ada'")
BOB = notebook("def corr2d(X, K): return 'Bob'")
BOTH = notebook("def corr2d(X, K): pass", "class Conv2D: pass")


def lay(root: Path, files: Mapping[str, bytes]) -> Path:
    """Files below ``root``; a name that ends with a slash is an empty folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def found(submissions: list[Submission]) -> dict[str, bytes | None]:
    """Student -> the content that will be graded, None for a problem."""
    assert all((len(each.files) == 1) != (each.problem is not None) for each in submissions)
    return {each.student: next(iter(each.files.values()), None) for each in submissions}


def problem(submissions: list[Submission], student: str) -> str:
    (submission,) = (each for each in submissions if each.student == student)
    return str(submission.problem)


CLASSES = {
    "notebooks": {"ada.ipynb": ADA, "bob.ipynb": BOB},
    "scripts": {"ada.py": ADA, "bob.py": BOB},
    "folders": {"ada/correlation.ipynb": ADA, "bob/correlation.ipynb": BOB},
    "renamed": {"ada/final FINAL.ipynb": ADA, "bob/Untitled3.ipynb": BOB},
    "deep": {"ada/homework/week 3/x.ipynb": ADA, "bob/y.ipynb": BOB},
    "by assignment": {"ada/correlation/x.ipynb": ADA, "ada/geometry/a.ipynb": BOTH,
                      "bob/correlation/y.ipynb": BOB},
    "zips": {"ada.zip": packed({"x.ipynb": ADA}), "bob.zip": packed({"hw/y.ipynb": BOB})},
    "zips in folders": {"ada/hw.zip": packed({"x.ipynb": ADA, "data.csv": b"1,2"}),
                        "bob/correlation_2026_10_12T14_03_22_123456.zip": packed(
                            {"correlation.ipynb": BOB, ".OTTER_LOG": b"\x80\x04",
                             "__zip_filename__": b"x"})},
    "mixed": {"ada.ipynb": ADA, "bob/y.ipynb": BOB},
    "with litter": {"ada.ipynb": ADA, "bob.ipynb": BOB, "README.md": b"", "data.csv": b"",
                    "LICENSE.txt": b"", "plots/a.png": b"", "src/helpers.py": b"",
                    ".ipynb_checkpoints/ada-checkpoint.ipynb": BOTH,
                    "__MACOSX/._ada.ipynb": b"\0", ".git/config": b"", ".DS_Store": b"\0"},
    "downloaded twice": {"ada.ipynb": ADA, "ada.pdf": b"%PDF", "bob.ipynb.txt": BOB},
}


@pytest.mark.parametrize("files", CLASSES.values(), ids=CLASSES)
class TestAClass:
    def test_in_a_folder_gives_each_student_a_row(
        self, files: dict[str, bytes], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        assert found(find([lay(tmp_path, files)], correlation)) == {"ada": ADA, "bob": BOB}

    def test_in_a_zip_gives_each_student_a_row(
        self, files: dict[str, bytes], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"class.zip": packed(files)})
        assert found(find([tmp_path / "class.zip"], correlation)) == {"ada": ADA, "bob": BOB}

    def test_in_a_zip_of_the_folder_gives_each_student_a_row(
        self, files: dict[str, bytes], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        wrapped = {f"submissions/{name}": content for name, content in files.items()}
        lay(tmp_path, {"class.zip": packed(wrapped)})
        assert found(find([tmp_path / "class.zip"], correlation)) == {"ada": ADA, "bob": BOB}


ONE = {
    "a notebook": ({"ada.ipynb": ADA}, "ada.ipynb"),
    "a script": ({"ada.py": ADA}, "ada.py"),
    "a zip": ({"ada.zip": packed({"Untitled.ipynb": ADA, "data.csv": b""})}, "ada.zip"),
    "a zip of a folder": ({"ada.zip": packed({"hw/Untitled.ipynb": ADA})}, "ada.zip"),
    "her folder": ({"ada/correlation.ipynb": ADA, "ada/tests/test_a.py": b""}, "ada"),
    "her folder with copies": (
        {"ada/correlation.ipynb": ADA, "ada/correlation-Copy1.ipynb": BOB}, "ada"),
    "her nbgrader folder": ({"ada/correlation/correlation.ipynb": ADA}, "ada"),
    "her nbgrader assignment": ({"ada/correlation/correlation.ipynb": ADA}, "ada/correlation"),
    "the notebook in it": ({"ada/correlation.ipynb": ADA}, "ada/correlation.ipynb"),
    "otter's export in it": (
        {"ada/correlation_2026_10_12T14_03_22_123456.zip": packed({"correlation.ipynb": ADA})},
        "ada/correlation_2026_10_12T14_03_22_123456.zip"),
}


@pytest.mark.parametrize(("files", "path"), ONE.values(), ids=ONE)
def test_one_student_can_be_named_alone(
    files: dict[str, bytes], path: str, tmp_path: Path, correlation: course.Assignment
) -> None:
    assert found(find([lay(tmp_path, files) / path], correlation)) == {"ada": ADA}


def test_a_class_larger_than_memory_would_be_is_not_held_in_it(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    pictures = os.urandom(1 << 21).hex()  # 4 MB each
    lay(tmp_path, {f"s{number}.ipynb": notebook(f"x = {number}\n# {pictures}")
                   for number in range(25)})
    tracemalloc.start()
    try:
        submissions = find([tmp_path], correlation)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10_000_000
    assert all(len(*submission.files.values()) > 4_000_000 for submission in submissions)


def test_what_was_found_stays_what_it_was(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    """Whatever becomes of the files, and also in another process."""
    files = {"ann.ipynb": notebook("x = 1"), "bob.ipynb": notebook("x = 2")}
    submissions = find([lay(tmp_path, files)], correlation)
    for name in files:
        (tmp_path / name).write_bytes(b"changed")
    assert found(submissions) == {"ann": files["ann.ipynb"], "bob": files["bob.ipynb"]}
    again = pickle.loads(pickle.dumps(submissions))
    assert again == submissions
    assert [type(each.files) for each in again] == [dict, dict]
    assert [each.digest for each in again] == [each.digest for each in submissions]


def test_a_disk_that_is_full_leaves_submissions_in_memory(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    large = notebook("x = 1 # " + "x" * (1 << 20))
    small = notebook("x = 1")
    lay(tmp_path, {"ann.ipynb": small, "bob.ipynb": large})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, before[1]))
    try:
        submissions = find([tmp_path], correlation)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert found(submissions) == {"ann": small, "bob": large}


def test_several_paths_are_one_run_sorted_by_student(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"one/bob.ipynb": BOB, "two/ada.ipynb": ADA, "two/notes.csv": b""})
    submissions = find([tmp_path / "one", tmp_path / "two" / "ada.ipynb",
                        tmp_path / "two" / "notes.csv"], correlation)
    assert [each.student for each in submissions] == ["ada", "bob"]
    assert "ada.ipynb" in submissions[0].source


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


class TestLearningPlatforms:
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
            f"{root}submission_1002/a.txt": b"",
            f"{root}submission_1003/b.ipynb": BOB})})
        submissions = find([tmp_path / "export.zip"], correlation)
        assert found(submissions) == {"s-100": ADA, "bob@example.org": ADA, "Cyd": None,
                                      "submission_1003": BOB}
        times = {each.student: each.submitted_at for each in submissions}
        assert times["s-100"] == datetime(2026, 10, 12, 21, 30, 5, 123456, UTC)
        assert times["submission_1003"] is None

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
    def test_damaged_gradescope_metadata_leaves_the_folders_names(
        self, metadata: bytes, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"submission_metadata.yml": metadata, "submission_1/a.ipynb": ADA})
        assert found(find([tmp_path], correlation)) == {"submission_1": ADA}


class TestChoosing:
    @pytest.mark.parametrize(("files", "chosen"), [
        ({"Correlation.ipynb": ADA, "zzz.ipynb": BOTH}, ADA),
        ({"a.ipynb": BOTH, "b.ipynb": BOB}, BOTH),
        ({"a.ipynb": ADA, "b.ipynb": BOB}, BOB),
        ({"a.ipynb": BOB, "z.ipynb": b"damaged"}, BOB),
        ({"a.ipynb": ADA, "z.py": b"def corr2d(): pass\nclass Conv2D: pass"}, ADA),
        ({"a.ipynb": ADA, "z.zip": packed({"correlation.ipynb": BOB})}, ADA),
        ({"a.zip": b"damaged", "b.zip": packed({"b.ipynb": BOB})}, BOB),
        ({"helpers.py": b"", "main.py": b"def corr2d(): pass"}, b"def corr2d(): pass"),
    ], ids=["named after the assignment", "most graded names", "the last by name",
            "not the damaged one", "a notebook before a script", "a notebook before a zip",
            "a sound zip", "the script with graded names"])
    def test_of_a_students_notebooks_the_likeliest_is_graded(
        self, files: dict[str, bytes], chosen: bytes, tmp_path: Path,
        correlation: course.Assignment,
    ) -> None:
        lay(tmp_path / "ada", files)
        assert found(find([tmp_path], correlation)) == {"ada": chosen}

    def test_the_release_copy_at_the_top_hides_no_student(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"correlation.ipynb": BOTH, "ada/a.ipynb": ADA, "bob/b.ipynb": BOB})
        assert found(find([tmp_path], correlation)) == {
            "ada": ADA, "bob": BOB, "correlation": BOTH}

    def test_an_assignments_folder_of_a_class_is_a_class(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"correlation/ada.ipynb": ADA, "correlation/bob.ipynb": BOB,
                       "geometry/ada.ipynb": BOTH})
        assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob": BOB}


class TestMissingAndWrong:
    def test_every_students_folder_gives_a_row(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada/a.ipynb": ADA, "bob/": b"", "cyd/notes.csv": b"", "dan/hw.pdf": b""})
        submissions = find([tmp_path], correlation)
        assert found(submissions) == {"ada": ADA, "bob": None, "cyd": None, "dan": None}
        assert "No notebook was handed in" in problem(submissions, "cyd")
        assert "hw.pdf is not a notebook" in problem(submissions, "dan")

    def test_a_file_of_the_wrong_kind_gives_a_row(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.ipynb": ADA, "bob.pdf": b"%PDF", "cyd.txt": b"hello"})
        assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob": None, "cyd": None}

    def test_a_path_that_is_not_there_is_an_error(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        with pytest.raises(FileNotFoundError, match=r"nowhere: no such file or folder"):
            find([tmp_path / "nowhere"], correlation)

    @pytest.mark.parametrize("files", [{}, {"README.md": b"", ".hidden/a.ipynb": ADA}])
    def test_a_folder_without_submissions_is_an_error(
        self, files: dict[str, bytes], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        with pytest.raises(SubmissionError, match="no notebook"):
            find([lay(tmp_path, files)], correlation)

    def test_a_file_that_is_no_submission_is_an_error(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"grades.csv": b""})
        with pytest.raises(SubmissionError, match=r"grades\.csv"):
            find([tmp_path / "grades.csv"], correlation)

    def test_a_notebook_larger_than_any_is_not_kept(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        with (tmp_path / "ada.ipynb").open("wb") as file:
            file.truncate(33 * 2**20)
        assert "ada.ipynb is larger than 32 MB" in problem(find([tmp_path], correlation), "ada")

    def test_a_pipe_is_not_waited_for(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        os.mkfifo(tmp_path / "ada.ipynb")
        assert "not an ordinary file" in problem(find([tmp_path], correlation), "ada")


class TestLinks:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        lay(tmp_path, {"secret/reference.ipynb": BOTH, "class/bob.ipynb": BOB,
                       "class/cyd/x.csv": b""})
        return tmp_path / "class"

    @pytest.mark.parametrize("target", [
        "../secret/reference.ipynb", "../secret", "/etc/passwd", "nowhere", "ada.ipynb"])
    def test_that_lead_out_are_not_followed(
        self, target: str, home: Path, correlation: course.Assignment
    ) -> None:
        (home / "ada.ipynb").symlink_to(target)
        (home / "cyd" / "x.ipynb").symlink_to(home / target)
        submissions = find([home], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB, "cyd": None}
        assert "links are not followed" in problem(submissions, "ada")
        assert "links are not followed" in problem(submissions, "cyd")

    def test_to_folders_give_a_row_and_hide_none(
        self, home: Path, correlation: course.Assignment
    ) -> None:
        (home / "bob.ipynb").unlink()
        (home / "ada").symlink_to(home.parent / "secret")
        assert found(find([home], correlation)) == {"ada": None, "cyd": None}

    def test_that_stay_inside_are_followed(
        self, home: Path, correlation: course.Assignment
    ) -> None:
        (home / "ada.ipynb").symlink_to("bob.ipynb")
        assert found(find([home], correlation)) == {"ada": BOB, "bob": BOB}


def link_member() -> bytes:
    member = zipfile.ZipInfo("a.ipynb")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    return buffer.getvalue()


def twice() -> bytes:
    return packed({"a.ipynb": ADA, "b.ipynb": BOB}).replace(b"b.ipynb", b"a.ipynb")


def encrypted() -> bytes:
    data = bytearray(packed({"a.ipynb": ADA}))
    data[6] |= 1  # the flags, in front of the member
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    return bytes(data)


def liar() -> bytes:
    """A member of 30 MB that declares itself as one of 10 bytes."""
    data = packed({"a.ipynb": bytes(30 * 2**20)})
    return data.replace((30 * 2**20).to_bytes(4, "little"), (10).to_bytes(4, "little"))


ARCHIVES = {
    "empty": (b"", "damaged"),
    "no archive": (b"PK but not really", "damaged"),
    "cut off": (packed({"a.ipynb": ADA})[:-30], "damaged"),
    "wrong bytes": (packed({"a.ipynb": ADA}, zipfile.ZIP_STORED).replace(b"Ada", b"Eve"),
                    "damaged"),
    "bomb": (packed({"a.ipynb": ADA, "b": bytes(50 * 2**20)}), "unpacks to 50 MB"),
    "lying bomb": (liar(), "damaged"),
    "too many": (packed({f"{n}.csv": b"" for n in range(2_001)} | {"a.ipynb": ADA}),
                 "more than 2000 files"),
    "millions": (b"PK\x01\x02" * 50_000, "more than 2000 files"),
    "traversal": (packed({"../a.ipynb": ADA}), "outside its own folders"),
    "inner traversal": (packed({"x/../../a.ipynb": ADA}), "outside its own folders"),
    "windows traversal": (packed({"..\\a.ipynb": ADA}), "outside its own folders"),
    "absolute": (packed({"/tmp/a.ipynb": ADA}), "outside its own folders"),
    "drive": (packed({"C:\\a.ipynb": ADA}), "outside its own folders"),
    "link": (link_member(), "holds a link"),
    "twice": (twice(), "same name"),
    "encrypted": (encrypted(), "password"),
    "method": (packed({"a.ipynb": ADA}, zipfile.ZIP_LZMA), "rare method"),
    "no notebook": (packed({"data.csv": b"1"}), "holds no notebook"),
    "zip in zip": (packed({"b.zip": packed({"a.ipynb": ADA})}), "holds no notebook"),
}


@pytest.mark.parametrize(("data", "reason"), ARCHIVES.values(), ids=ARCHIVES)
class TestBadArchives:
    def test_cost_their_student_alone(
        self, data: bytes, reason: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        submissions = find([lay(tmp_path, {"ada.zip": data, "bob.ipynb": BOB})], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB}
        assert reason in problem(submissions, "ada")

    def test_in_a_class_zip_cost_their_student_alone(
        self, data: bytes, reason: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"class.zip": packed({"ada/hw.zip": data, "bob/b.ipynb": BOB})})
        submissions = find([tmp_path / "class.zip"], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB}
        assert reason in problem(submissions, "ada")


def test_a_bad_archive_named_alone_is_a_row(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"ada.zip": b"PK", "bob.zip": packed({"data.csv": b""})})
    submissions = find([tmp_path / "ada.zip", tmp_path / "bob.zip"], correlation)
    assert found(submissions) == {"ada": None, "bob": None}


LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
NAMES = st.text(LETTERS, min_size=1, max_size=20) | st.sampled_from([
    "a.ipynb", "../a.ipynb", "a/../../b.py", "/etc/passwd", "x/", "a.ipynb/b.ipynb",
    "__MACOSX/a.py", "C:\\a.ipynb", ".ipynb", "con.py", "a\n.ipynb", "b/a.ipynb", "timestamp.txt",
    "a.zip"])


@fuzzed(100)
@given(st.lists(st.tuples(NAMES, st.binary(max_size=30) | st.just(ADA)), max_size=4), st.data())
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_archive_is_a_row_and_stays_in_its_place(
    correlation: course.Assignment, members: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(0, 2))):
        start = data.draw(st.integers(0, len(content)))
        content[start:start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        root = lay(Path(folder) / "in", {"ada.zip": bytes(content), "bob.ipynb": BOB})
        before = sorted(Path(folder).rglob("*"))
        submissions = find([root], correlation)
        assert sorted(Path(folder).rglob("*")) == before
    rows = {each.student: each for each in submissions}
    assert set(rows) == {"ada", "bob"}
    assert bool(rows["ada"].files) is (rows["ada"].problem is None)


class TestStudents:
    @pytest.mark.parametrize(("name", "expected"), [
        ("ada", "ada"), ("Ada  Lovelace ", "Ada Lovelace"), ("A\u030angstro\u0308m", "Ångström"),
        ("李雷", "李雷"), ("a\u202egnp.exe", "agnp.exe"), ("a\u200bd\x1b[31ma", "ad[31ma"),
        ("..", "unnamed"), ("", "unnamed"), ("\x00\n", "unnamed"),
        ("../../etc/passwd", "etcpasswd"), ("a\\b:c", "abc"), ("-rf", "rf"),
        (".hidden", "hidden"), ("nul.txt", "_nul.txt"), ("a\udcffb", "ab"), ("x" * 300, "x" * 100)])
    def test_ids_come_out_safe(self, name: str, expected: str) -> None:
        assert student_id(name) == expected

    @fuzzed(300)
    @given(st.text(st.characters(codec=None), max_size=150))
    def test_ids_are_always_file_names(self, name: str) -> None:
        safe = student_id(name)
        assert 1 <= len(safe) <= 100 and len(safe.encode()) <= 200
        assert safe == unicodedata.normalize("NFC", safe) == student_id(safe)
        assert not safe.startswith((".", "-", " ")) and not safe.endswith((".", " "))
        assert not any(character in '/\\:*?"<>|' or unicodedata.category(character)[0] == "C"
                       for character in safe)

    def test_who_cannot_be_told_apart_by_letter_case_gets_a_number(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"one/Ada.ipynb": ADA, "two/ada.ipynb": BOB, "three/ada-2.ipynb": BOTH})
        submissions = find([tmp_path / name for name in ("one", "two", "three")], correlation)
        assert found(submissions) == {"Ada": ADA, "ada-3": BOB, "ada-2": BOTH}

    def test_hidden_characters_do_not_take_anothers_id(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.ipynb": ADA, "\u200bada.ipynb": BOB, "\x01ada.ipynb": BOTH})
        submissions = find([tmp_path], correlation)
        assert found(submissions)["ada"] == ADA
        assert {each.student for each in submissions} == {"ada", "ada-2", "ada-3"}

    def test_long_names_stay_apart(self, tmp_path: Path, correlation: course.Assignment) -> None:
        names = ["x" * 110 + end for end in "abc"]
        lay(tmp_path, {f"{name}.ipynb": ADA for name in names})
        students = [each.student for each in find([tmp_path], correlation)]
        assert len(set(students)) == 3 and all(len(student) <= 100 for student in students)

    def test_names_are_shown_to_staff_without_tricks(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"a\u202e\x1b[2J/b\u202e\x07.pdf": b"", "c/\u202ed.ipynb": ADA})
        for each in find([tmp_path], correlation):
            text = f"{each.source}{each.problem}{list(each.files)}"
            assert not {"\u202e", "\x1b", "\x07"} & set(text)


class TestDigest:
    ONE = Submission("ada", "correlation", {"a.ipynb": b"1", "b.ipynb": b"2"}, None)

    def test_is_of_names_and_contents_in_any_order(self) -> None:
        other = replace(self.ONE, student="bob", files={"b.ipynb": b"2", "a.ipynb": b"1"})
        assert other.digest == self.ONE.digest

    @pytest.mark.parametrize("files", [
        {"a.ipynb": b"2", "b.ipynb": b"1"}, {"a.ipynb": b"1"}, {"a.ipynb": b"1b.ipynb2"},
        {"a.ipynb": b"", "1b.ipynb": b"2"}])
    def test_changes_with_them(self, files: dict[str, bytes]) -> None:
        assert replace(self.ONE, files=files).digest != self.ONE.digest

    def test_tells_problems_apart(self, tmp_path: Path, correlation: course.Assignment) -> None:
        lay(tmp_path, {"ada.zip": b"", "bob.pdf": b""})
        ada, bob = find([tmp_path], correlation)
        assert ada.digest != bob.digest and ada.file_digests == {}

    def test_survives_the_way_to_another_process(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada.ipynb": ADA})
        (submission,) = find([tmp_path], correlation)
        assert pickle.loads(pickle.dumps(submission)) == submission
