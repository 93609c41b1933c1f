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
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fuzzing import fuzzed
from hand_ins import ADA, BOB, BOTH, found, lay, notebook, packed, problem
from hypothesis import given
from hypothesis import strategies as st

from autograder import course
from autograder.names import shown
from autograder.submission import Submission, SubmissionError, find, student_id

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
                       "README.md": b""})
        assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob": BOB}

    @pytest.mark.parametrize("files", [
        {"correlation.ipynb": ADA, "old/correlation.ipynb": BOTH},
        {"correlation.ipynb": ADA, "release/correlation/correlation.ipynb": BOTH},
        {"hw.zip": packed({"correlation/correlation.ipynb": ADA,
                           "correlation/previous version/correlation.ipynb": BOTH})}])
    def test_of_copies_the_one_in_the_fewest_folders_is_graded(
        self, files: dict[str, bytes], tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {f"ada/{name}": content for name, content in files.items()})
        lay(tmp_path, {"bob/b.ipynb": BOB})
        submissions = find([tmp_path], correlation)
        assert found(submissions)["ada"] == ADA and submissions.notes == ()

    def test_staff_are_told_where_the_name_alone_decides(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"ada/hw1 final.ipynb": ADA, "ada/hw1 old.ipynb": BOB,
                       "bob/hw1 final.ipynb": BOB, "bob/hw1 final copy.ipynb": BOB})
        [note] = find([tmp_path], correlation).notes
        assert note.startswith("ada: of 2 files") and "'hw1 old.ipynb' was graded" in note

    def test_a_notebook_that_cannot_be_read_is_not_replaced_by_another(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """The one that is called like the assignment is meant, whatever else lies there."""
        lay(tmp_path, {"ada/draft.ipynb": BOTH, "bob/b.ipynb": BOB})
        (tmp_path / "ada/correlation.ipynb").symlink_to(tmp_path / "bob/b.ipynb")
        assert "links are not followed" in problem(find([tmp_path], correlation), "ada")


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
        with pytest.raises(FileNotFoundError, match=r"no such file or folder.*nowhere"):
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
            file.truncate(65 * 2**20)
        assert "ada.ipynb is larger than 64 MB" in problem(find([tmp_path], correlation), "ada")

    def test_a_pipe_is_not_waited_for(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        os.mkfifo(tmp_path / "ada.ipynb")
        assert "not an ordinary file" in problem(find([tmp_path], correlation), "ada")


def link_to(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def link_member() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link_to("a.ipynb"), "/etc/passwd")
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


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "damaged"),
    "no archive": (lambda: b"PK but not really", "damaged"),
    "cut off": (lambda: packed({"a.ipynb": ADA})[:-30], "damaged"),
    "wrong bytes": (lambda: packed({"a.ipynb": ADA}, zipfile.ZIP_STORED).replace(b"Ada", b"Eve"),
                    "damaged"),
    "bomb": (lambda: packed({"a.ipynb": ADA, "b": bytes(50 * 2**20)}), "unpacks to 50 MB"),
    "lying bomb": (liar, "damaged"),
    "too many": (lambda: packed({f"{n}.csv": b"" for n in range(2_001)} | {"a.ipynb": ADA}),
                 "more than 2000 files"),
    "millions": (lambda: b"PK\x01\x02" * 50_000, "more than 2000 files"),
    "traversal": (lambda: packed({"../a.ipynb": ADA}), "outside its own folders"),
    "inner traversal": (lambda: packed({"x/../../a.ipynb": ADA}), "outside its own folders"),
    "windows traversal": (lambda: packed({"..\\a.ipynb": ADA}), "outside its own folders"),
    "absolute": (lambda: packed({"/tmp/a.ipynb": ADA}), "outside its own folders"),
    "drive": (lambda: packed({"C:\\a.ipynb": ADA}), "outside its own folders"),
    "link": (link_member, "holds a link"),
    "twice": (twice, "same name"),
    "encrypted": (encrypted, "password"),
    "method": (lambda: packed({"a.ipynb": ADA}, zipfile.ZIP_LZMA), "rare method"),
    "no notebook": (lambda: packed({"data.csv": b"1"}), "holds no notebook"),
    "zip in zip": (lambda: packed({"b.zip": packed({"a.ipynb": ADA})}), "holds no notebook"),
}


@pytest.mark.parametrize(("archive", "reason"), ARCHIVES.values(), ids=ARCHIVES)
class TestBadArchives:
    def test_cost_their_student_alone(
        self, archive: Callable[[], bytes], reason: str, tmp_path: Path,
        correlation: course.Assignment
    ) -> None:
        submissions = find([lay(tmp_path, {"ada.zip": archive(), "bob.ipynb": BOB})], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB}
        assert reason in problem(submissions, "ada")

    def test_in_a_class_zip_cost_their_student_alone(
        self, archive: Callable[[], bytes], reason: str, tmp_path: Path,
        correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"class.zip": packed({"ada/hw.zip": archive(), "bob/b.ipynb": BOB})})
        submissions = find([tmp_path / "class.zip"], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB}
        assert reason in problem(submissions, "ada")


def test_a_bad_archive_named_alone_is_a_row(
    tmp_path: Path, correlation: course.Assignment
) -> None:
    lay(tmp_path, {"ada.zip": b"PK", "bob.zip": packed({"data.csv": b""})})
    submissions = find([tmp_path / "ada.zip", tmp_path / "bob.zip"], correlation)
    assert found(submissions) == {"ada": None, "bob": None}


BAD_MEMBERS = {
    "a link": lambda archive: archive.writestr(link_to("cyd/data"), "/etc/passwd"),
    "a name twice": lambda archive: [archive.writestr("cyd/notes.txt", text) for text in "ab"],
    "a rare method": lambda archive: archive.writestr(
        "cyd/extra.bin", b"x" * 99, compress_type=zipfile.ZIP_BZIP2),
    "a colon": lambda archive: archive.writestr("5:10 homework/x.ipynb", BOTH),
    "too many": lambda archive: [archive.writestr(f"cyd/{n}.csv", "") for n in range(2_001)],
    "a bomb": lambda archive: archive.writestr("cyd/zeros.bin", bytes(50 * 2**20)),
    "outside": lambda archive: archive.writestr("../cyd/x.ipynb", BOTH),
}


@pytest.mark.parametrize("add", BAD_MEMBERS.values(), ids=BAD_MEMBERS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_students_bad_member_of_a_class_zip_costs_nobody_else(
    add: Callable[[zipfile.ZipFile], object], tmp_path: Path, correlation: course.Assignment
) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/a.ipynb", ADA)
        archive.writestr("bob/b.ipynb", BOB)
        add(archive)
    rows = found(find([tmp_path / "class.zip"], correlation))
    assert (rows["ada"], rows["bob"]) == (ADA, BOB)


@pytest.mark.parametrize("add", [BAD_MEMBERS["a link"], BAD_MEMBERS["a name twice"],
                                 BAD_MEMBERS["a rare method"]])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_bad_member_beside_a_students_notebook_costs_nothing(
    add: Callable[[zipfile.ZipFile], object], tmp_path: Path, correlation: course.Assignment
) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("hw/correlation.ipynb", ADA)
        for number in range(2_100):
            archive.writestr(f"hw/.venv/lib/{number}.py", "")
        add(archive)
    lay(tmp_path, {"bob.ipynb": BOB})
    assert found(find([tmp_path], correlation)) == {"ada": ADA, "bob": BOB}


@pytest.mark.parametrize(("encoding", "names", "guessed"), [
    ("utf-8", ["Jos\u00e9", "Zo\u00eb_"], False),
    ("gbk", ["\u674e\u660ex", "\u738b\u82b3y"], True),
    ("gbk", ["\u674e\u660ex", "Zoe__"], True),
    ("cp437", ["J\u00fcrge", "Ren\u00e9e"], None),  # what zipfile takes it for
    ("cp437", ["M\u00fclle", "\u00fclla_"], None)])  # GBK makes rare characters of it
def test_names_without_the_flag_are_utf_8_or_chinese_or_staff_are_told(
    encoding: str, names: list[str], guessed: bool | None, tmp_path: Path,
    correlation: course.Assignment,
) -> None:
    """macOS packs UTF-8 and does not say so, Chinese Windows GBK."""
    data = packed({"@0@@@/x.ipynb": ADA, "@1@@@/x.ipynb": BOB})
    for number, name in enumerate(names):
        raw = name.encode(encoding if encoding != "cp1252" or (name.isalpha() and number == 0)
                          else "gbk")
        data = data.replace(b"@%d@@@" % number, raw)
    (tmp_path / "class.zip").write_bytes(data)
    submissions = find([tmp_path / "class.zip"], correlation)
    assert {each.student for each in submissions} == set(names)
    assert any("read as GBK" in line for line in submissions.layouts) is (guessed is True)
    assert any("may read wrong" in note for note in submissions.notes) is (guessed is None)


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

    @pytest.mark.parametrize(("one", "other"), [
        ("ada.ipynb", "ada.zip"), ("ada.ipynb", "ada/x.ipynb"), ("Ada.ipynb", "ada.ipynb"),
        ("ada.ipynb", "\u200bada.ipynb"), ("x" * 110 + "a.ipynb", "x" * 110 + "b.ipynb")])
    def test_an_id_that_comes_twice_stops_the_run_with_both_paths(
        self, one: str, other: str, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        """``ada.zip`` took the place of ``ada.ipynb``, or a row ``ada-2`` came to be."""
        lay(tmp_path, {one: ADA, other: BOB, "cyd.ipynb": BOTH})
        with pytest.raises(SubmissionError, match="comes twice") as caught:
            find([tmp_path], correlation)
        assert shown(str(tmp_path / one), 500) in str(caught.value)
        assert shown(str(tmp_path / other.partition("/")[0]), 500) in str(caught.value)

    def test_in_two_paths_an_id_stops_the_run_too(
        self, tmp_path: Path, correlation: course.Assignment
    ) -> None:
        lay(tmp_path, {"one/ada.ipynb": ADA, "one/bob.ipynb": BOB, "two/ada.ipynb": BOTH})
        both = "one.*ada.ipynb and .*two.*ada.ipynb"
        with pytest.raises(SubmissionError, match=both):
            find([tmp_path / "one", tmp_path / "two"], correlation)
        with pytest.raises(SubmissionError, match=both):
            find([tmp_path / "one" / "ada.ipynb", tmp_path / "two" / "ada.ipynb"], correlation)

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
