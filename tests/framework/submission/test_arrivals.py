"""Whole classes as they arrive, against a plain model of who handed in what, and when: the product
agrees with it, or says what it could not know."""

from __future__ import annotations

import io
import json
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from fuzzing import fuzzed
from hand_ins import GRADER_TOML, found, lay, packed
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder import course
from autograder.submission import Found, find


def notebook(*sources: str) -> bytes:
    """As little as makes one: a class of them is written for every case."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [],
         "execution_count": None} for source in sources]}).encode()


HANDOUT = notebook("def corr2d(X, K): raise NotImplementedError", "class Conv2D: ...")
BERLIN = timezone(timedelta(hours=2))  # in October, until the 25th
TIMES: list[tuple[str, datetime | None]] = [
    ("2026-10-12 21:30:05.123456 UTC", datetime(2026, 10, 12, 21, 30, 5, 123456, UTC)),
    ("\ufeff2026-10-12 21:30:05 +0200\r\n", datetime(2026, 10, 12, 21, 30, 5, 0, BERLIN)),
    ("2026-10-12 21:30:05 CEST", datetime(2026, 10, 12, 21, 30, 5, 0, BERLIN)),
    ("2026-10-12 21:30:05", datetime(2026, 10, 12, 21, 30, 5, 0, BERLIN)),  # the course's zone
    ("Monday, 12 October 2026, 9:30 PM", datetime(2026, 10, 12, 21, 30, 0, 0, BERLIN)),
    ("10/12/2026 21:30:05", None), ("2026-10-12", None), ("soon", None)]


@dataclass(frozen=True)
class Work:
    """One student's files, and what the model says of them."""

    files: Mapping[str, bytes]
    meant: bytes | None  # None: nothing that can be graded
    is_told: bool = False  # nobody can say which is meant


@dataclass(frozen=True)
class Student:
    name: str
    number: int  # by which a platform knows them
    work: Work
    when: tuple[str, datetime | None]


@pytest.fixture(scope="module")
def correlation(tmp_path_factory: pytest.TempPathFactory) -> course.Assignment:
    root = tmp_path_factory.mktemp("course")
    lay(root, {"assignments/correlation/correlation.ipynb": HANDOUT, "grader.toml":
               GRADER_TOML.replace("[course]", '[course]\ntimezone = "Europe/Berlin"').encode()})
    return course.load(root / "grader.toml").assignment("correlation")


# What a class is made of ----------------------------------------------------------------------

def works(flat: bool) -> st.SearchStrategy[Work]:
    """Some; ``flat`` ones have no folders of their own."""
    return st.builds(_work, st.integers(0, 10**6), st.sampled_from(
        [shape for shape in _SHAPES if not flat or "folder" not in shape]))


_SHAPES = ["named", "upper", "other name", "odd ending", "typed ending", "copy", "script", "zip",
           "handout and copy", "handout and script", "drafts", "pdf", "cut off",
           "in a folder", "older in a folder", "drafts in folders", "handout in a folder"]


def _work(mark: int, shape: str) -> Work:
    source, older = f"def corr2d(X, K): return {mark}", notebook("def corr2d(X, K): return None")
    right, script = notebook(source), source.encode()
    two = {"correlation.ipynb": HANDOUT}
    return {
        "named": Work({"correlation.ipynb": right, "draft.ipynb": older}, right),
        "upper": Work({"CORRELATION.IPYNB": right}, right),
        "other name": Work({"my work.ipynb": right, "plot.png": b""}, right),
        "odd ending": Work({"hw.ipynb.download": right}, right),
        "typed ending": Work({"hw.ipnb": right}, right),
        "copy": Work({"x.ipynb": right, "x-Copy1.ipynb": right}, right),
        "script": Work({"x.py": script, "notes.pdf": b"%PDF"}, script),
        "zip": Work({"hw.zip": packed({"a/b/correlation.ipynb": right}) if shape == "zip" else b""},
                    right),
        "handout and copy": Work(two | {"correlation (1).ipynb": right}, right),
        "handout and script": Work(two | {"solution.py": script, "extra.py": b"x = 1"}, script),
        "drafts": Work({"final.ipynb": right, "zold.ipynb": older}, older, is_told=True),
        "pdf": Work({"correlation.pdf": b"%PDF"}, None),
        "cut off": Work({"correlation.ipynb": right[:40]}, right[:40]),
        "in a folder": Work({"week 1/hw/x.ipynb": right}, right),
        "older in a folder": Work({"x.ipynb": right, "old/x.ipynb": older}, right),
        "drafts in folders": Work({"a/x.ipynb": right, "a/b/y.ipynb": older}, right),
        "handout in a folder": Work({"x.ipynb": right, "release/correlation.ipynb": HANDOUT},
                                    right),
    }[shape]


LATIN = st.text("abcxyzàéñüßøÅ -.'", max_size=6).map(lambda text: f"s{text}e")
CHINESE = st.text("李明王芳张伟陈静", min_size=1, max_size=4)


def students(names: st.SearchStrategy[str], *, flat: bool = False
             ) -> st.SearchStrategy[list[Student]]:
    def told_apart(student: Student) -> str:
        return unicodedata.normalize("NFKC", " ".join(student.name.split())).casefold()

    return st.lists(
        st.builds(Student, names, st.integers(10_000, 99_999), works(flat), st.sampled_from(TIMES)),
        min_size=2, max_size=5, unique_by=(told_apart, lambda student: student.number))


def id_of(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


# How it arrives -------------------------------------------------------------------------------

def in_folders(group: list[Student], form: str) -> dict[str, bytes]:
    return {f"{unicodedata.normalize(form, student.name)}/{file}": content  # type: ignore[arg-type]
            for student in group for file, content in student.work.files.items()}


def from_canvas(group: list[Student]) -> dict[str, bytes]:
    return {f"s_{student.number}_{upload}{student.number}_{file}": content
            for student in group
            for upload, (file, content) in enumerate(student.work.files.items(), 1)}


def from_moodle(group: list[Student]) -> dict[str, bytes]:
    return {f"{student.name}_{student.number}_assignsubmission_file_/{file}": content
            for student in group for file, content in student.work.files.items()}


def from_nbgrader(group: list[Student]) -> dict[str, bytes]:
    return {f"submitted/{student.name}/correlation/{file}": content
            for student in group for file, content in (
                *student.work.files.items(), ("timestamp.txt", student.when[0].encode()))}


def from_gradescope(group: list[Student]) -> dict[str, bytes]:
    metadata = "".join(
        f"submission_{student.number}:\n  :submitters:\n  - :sid: '{student.number}'\n"
        f"  :created_at: '{'2026-10-12 21:30:05 Z' if student.when[1] else 'soon'}'\n"
        for student in group)
    return {"submission_metadata.yml": metadata.encode()} | {
        f"submission_{student.number}/{file}": content
        for student in group for file, content in student.work.files.items()}


class _Unflagged(zipfile.ZipInfo):
    """A member whose name is in an encoding that the archive does not say."""

    encoding = "utf-8"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  # zipfile's name
        return self.filename.encode(self.encoding), 0


class _Gbk(_Unflagged):
    encoding = "gbk"


def _is_utf8(name: str) -> bool:
    """Whether GBK happens to read as UTF-8, as \u4f1f alone does."""
    return name.encode("gbk").decode("utf-8", "ignore").encode() == name.encode("gbk")


def zipped(files: Mapping[str, bytes], kind: type[zipfile.ZipInfo]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(kind(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# What has to come of it -----------------------------------------------------------------------

def agrees(submissions: Found, expected: Mapping[str, Work]) -> None:
    """Everybody has a row of what they meant, or a line says that nobody could know."""
    assert found(submissions) == {name: work.meant for name, work in expected.items()}
    for name, work in expected.items():
        assert any(note.startswith(f"{name}: of ") for note in submissions.notes) is work.is_told


def agree_on_times(submissions: Found, expected: Mapping[str, datetime | None]) -> None:
    for each in submissions:
        assert each.submitted_at == expected[each.student]
        assert any(note.startswith(f"{each.student}: when it was") for note in submissions.notes) \
            is (expected[each.student] is None)


@fuzzed(40)
@given(group=students(LATIN | CHINESE), form=st.sampled_from(["NFC", "NFD"]))
def test_folders_of_any_names(
    correlation: course.Assignment, group: list[Student], form: str
) -> None:
    with tempfile.TemporaryDirectory() as root:
        submissions = find([lay(Path(root), in_folders(group, form))], correlation)
    agrees(submissions, {id_of(student.name): student.work for student in group})
    assert {each.submitted_at for each in submissions} == {None}


@fuzzed(40)
@given(data=st.data())
def test_zips_in_any_encoding(correlation: course.Assignment, data: st.DataObject) -> None:
    kind, names = data.draw(st.sampled_from([
        (zipfile.ZipInfo, LATIN | CHINESE), (_Unflagged, LATIN | CHINESE), (_Gbk, CHINESE)]))
    group = data.draw(students(names))
    assume(kind is not _Gbk or any(not _is_utf8(student.name) for student in group))
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / "class.zip"
        path.write_bytes(zipped(in_folders(group, "NFC"), kind))
        submissions = find([path], correlation)
    agrees(submissions, {id_of(student.name): student.work for student in group})
    assert ("read as GBK" in submissions.layouts[0]) is (kind is _Gbk)


@fuzzed(40)
@given(group=students(LATIN | CHINESE, flat=True), packs=st.booleans(), data=st.data())
def test_canvas_downloads_whole_and_in_part(
    correlation: course.Assignment, group: list[Student], packs: bool, data: st.DataObject
) -> None:
    expected = {str(student.number): student.work for student in group}
    with tempfile.TemporaryDirectory() as root:
        if packs:
            path = Path(root) / "submissions.zip"
            path.write_bytes(packed(from_canvas(group)))
            agrees(find([path], correlation), expected)
            return
        lay(Path(root) / "in", from_canvas(group))
        agrees(find([Path(root) / "in"], correlation), expected)
        named = data.draw(st.sampled_from(group))
        part = find(sorted((Path(root) / "in").glob(f"s_{named.number}_*")), correlation)
    agrees(part, {str(named.number): named.work})


@fuzzed(40)
@given(group=students(LATIN | CHINESE), data=st.data())
def test_moodle_downloads_whole_and_in_part(
    correlation: course.Assignment, group: list[Student], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as root:
        lay(Path(root) / "in", from_moodle(group))
        agrees(find([Path(root) / "in"], correlation),
               {str(student.number): student.work for student in group})
        some = data.draw(st.lists(st.sampled_from(group), min_size=1, unique_by=id))
        part = find([Path(root) / "in" / f"{student.name}_{student.number}_assignsubmission_file_"
                     for student in some], correlation)
    agrees(part, {str(student.number): student.work for student in some})


@fuzzed(40)
@given(group=students(LATIN | CHINESE), data=st.data())
def test_nbgrader_courses_whole_and_in_part(
    correlation: course.Assignment, group: list[Student], data: st.DataObject
) -> None:
    """A narrower path was another student, who had handed in at no time."""
    times = {id_of(student.name): student.when[1] for student in group}
    with tempfile.TemporaryDirectory() as root:
        lay(Path(root), from_nbgrader(group))
        whole = find([Path(root) / data.draw(st.sampled_from(["", "submitted"]))], correlation)
        agrees(whole, {id_of(student.name): student.work for student in group})
        agree_on_times(whole, times)
        some = data.draw(st.lists(st.sampled_from(group), min_size=1, unique_by=id))
        below = data.draw(st.sampled_from(["", "correlation"]))
        part = find([Path(root) / "submitted" / student.name / below for student in some],
                    correlation)
    agrees(part, {id_of(student.name): student.work for student in some})
    agree_on_times(part, times)


@fuzzed(40)
@given(group=students(LATIN), data=st.data())
def test_gradescope_exports_whole_and_in_part(
    correlation: course.Assignment, group: list[Student], data: st.DataObject
) -> None:
    expected = {str(student.number): student.work for student in group}
    times = {str(student.number): student.when[1] and datetime(2026, 10, 12, 21, 30, 5, 0, UTC)
             for student in group}
    with tempfile.TemporaryDirectory() as root:
        lay(Path(root) / "export", from_gradescope(group))
        whole = find([Path(root) / "export"], correlation)
        agrees(whole, expected)
        agree_on_times(whole, times)
        some = data.draw(st.lists(st.sampled_from(group), min_size=1, unique_by=id))
        part = find([Path(root) / "export" / f"submission_{student.number}" for student in some],
                    correlation)
    agrees(part, {str(student.number): student.work for student in some})
    agree_on_times(part, times)
