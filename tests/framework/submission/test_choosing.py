"""Which of a student's files is graded: what lies in few folders, and never the handout as it was
given where there is work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hand_ins import ADA, BOB, BOTH, GRADER_TOML, found, lay, notebook, packed

from autograder import course
from autograder.submission import Found, find, of_files

STUB = 'def corr2d(X, K):\n    """Correlates."""\n    raise NotImplementedError'
GIVEN = notebook("import torch", STUB)
CONVERTED = ("#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nimport torch\n\n\n"
             f"# In[2]:\n\n\n{STUB}\n")
SCRIPT = b"def corr2d(X, K): pass"


@pytest.fixture
def lab(tmp_path: Path) -> course.Assignment:
    lay(tmp_path / "course", {"grader.toml": GRADER_TOML.encode(),
                              "assignments/correlation/correlation.ipynb": GIVEN})
    return course.load(tmp_path / "course/grader.toml").assignment("correlation")


def handed_in(files: Mapping[str, bytes], lab: course.Assignment, root: Path) -> Found:
    lay(root / "in/ada", files)
    return find([lay(root / "in", {"bob/b.ipynb": BOB})], lab)


@pytest.mark.parametrize("files", [
    {"correlation.ipynb": GIVEN, "correlation (1).ipynb": ADA},
    {"correlation.ipynb": GIVEN, "hw/correlation.ipynb": ADA},
    {"correlation.ipynb": notebook("import torch\n# mine", STUB), "x.ipynb": ADA},
    {"release/correlation.ipynb": GIVEN, "hw.ipynb": ADA},
    {"correlation.ipynb": GIVEN, "hw.zip": packed({"hw/work.ipynb": ADA})},
    {"correlation.ipynb": GIVEN, "correlation.py": CONVERTED.encode(), "x/y.ipynb": ADA},
], ids=["a copy", "in a folder", "with a comment", "in a folder of its own", "in a zip",
        "and as a script"])
def test_the_handout_loses_to_work(
    files: Mapping[str, bytes], lab: course.Assignment, tmp_path: Path
) -> None:
    """The notebook called like the assignment was graded: 0 points, and nobody was told."""
    submissions = handed_in(files, lab, tmp_path)
    assert found(submissions)["ada"] == ADA and submissions.notes == ()


def test_a_script_with_graded_names_beats_the_handout_and_a_module_does_not(
    lab: course.Assignment, tmp_path: Path
) -> None:
    files = {"correlation.ipynb": GIVEN, "helpers.py": b"def helper(): pass"}
    assert found(handed_in(files, lab, tmp_path))["ada"] == GIVEN
    assert found(handed_in(files | {"a.py": SCRIPT}, lab, tmp_path))["ada"] == SCRIPT


def test_who_handed_in_the_handout_alone_is_graded_by_it(
    lab: course.Assignment, tmp_path: Path
) -> None:
    files = {"correlation.ipynb": GIVEN, "old/correlation.ipynb": GIVEN}
    assert found(handed_in(files, lab, tmp_path))["ada"] == GIVEN


@pytest.mark.parametrize("files", [
    {"hw1.ipynb": ADA, "old/hw1.ipynb": BOB}, {"a.ipynb": ADA, "old/z.ipynb": BOB},
    {"main.py": SCRIPT, "old/zz.py": b"def corr2d(): pass"},
    {"notes.ipynb": notebook("x = 1"), "hw/a.ipynb": ADA, "hw/old/z.ipynb": BOB},
], ids=["of one name", "of any name", "scripts", "below notes"])
def test_of_all_that_may_be_meant_the_one_in_the_fewest_folders_is(
    files: Mapping[str, bytes], lab: course.Assignment, tmp_path: Path
) -> None:
    submissions = handed_in(files, lab, tmp_path)
    assert found(submissions)["ada"] in (ADA, SCRIPT) and submissions.notes == ()


@pytest.mark.parametrize(("files", "said"), [
    ({"dana.ipynb": BOB, "emil.ipynb": ADA}, "emil.ipynb was graded, and not dana.ipynb."),
    ({"chen.ipynb": ADA, "helpers.py": b"x = 1"}, "chen.ipynb was graded, and not helpers.py."),
    ({"hw.zip": packed({"a/x.ipynb": ADA, "a/old/y.ipynb": BOB})},
     "a/x.ipynb was graded, and not a/old/y.ipynb."),
    ({"correlation.ipynb": ADA, "final.ipynb": BOB},
     "correlation.ipynb was graded, and not final.ipynb."),
    ({f"{letter}.ipynb": notebook(letter) for letter in "abcdefg"} | {"z.ipynb": ADA},
     "z.ipynb was graded, and not a.ipynb, b.ipynb, c.ipynb, d.ipynb, e.ipynb, …."),
    ({"correlation.ipynb": ADA, "geometry.ipynb": notebook("x = 1"), "helpers.py": b"x = 1"}, ""),
    ({"mine.ipynb": ADA, "correlation.ipynb": GIVEN, "copy/mine.ipynb": ADA}, ""),
    ({"mine.ipynb": notebook("import helpers", "def corr2d(): pass"), "helpers.py": b"x = 1"}, ""),
    ({"mine.ipynb": ADA}, ""),
])
def test_which_of_several_was_graded_is_said(
    files: Mapping[str, bytes], said: str, lab: course.Assignment
) -> None:
    """To its student and to staff, on the result: whoever handed in two read "Files handed in"."""
    handed_in = of_files(files, "ada", lab, datetime.now(UTC))
    assert [str(each) for each in handed_in.record.said] == (
        [f"Of these files {said} If another one is meant, hand that one in alone."] if said else [])


def test_a_deeper_one_with_more_of_the_names_is_told(
    lab: course.Assignment, tmp_path: Path
) -> None:
    submissions = handed_in({"a.ipynb": ADA, "final/b.ipynb": BOTH}, lab, tmp_path)
    assert found(submissions)["ada"] == ADA
    assert submissions.notes == (
        "ada: of 2 files that may be meant 'a.ipynb' was graded, and not 'final/b.ipynb': have the "
        "right one called correlation.ipynb",)
