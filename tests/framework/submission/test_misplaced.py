"""Work for another assignment is told so, and right work never is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hand_ins import ADA, GRADER_TOML, lay, notebook, packed

from autograder import course
from autograder.submission import of_files

GEOMETRY = """
[assignments.geometry]
title = "Geometry"
questions = [{ name = "pad", title = "Padding", points = 1 },
             { name = "stride", title = "Stride", points = 1 },
             { name = "dilate", title = "Dilation", points = 1 }]
"""
THERE = "def pad(X): pass\n\n\ndef stride(X): pass"


def said(root: Path, *sources: str, toml: str = GRADER_TOML + GEOMETRY, **modules: bytes) -> str:
    """What whoever hands in a notebook of these cells for correlation is told."""
    lay(root, {"grader.toml": toml.encode()})
    files = {"mine.ipynb": notebook(*sources)} | {
        f"{name}.py": content for name, content in modules.items()}
    lab = course.load(root / "grader.toml").assignment("correlation")
    return " ".join(map(str, of_files(files, "ada", lab, datetime.now(UTC)).record.said))


@pytest.mark.parametrize("uses", [
    "x = 1", "Y = corr2d(X, K)", "show(corr2d)", "# corr2d", "x == corr2d (X)"])
def test_work_for_another_assignment_is_told_so(uses: str, tmp_path: Path) -> None:
    assert said(tmp_path, THERE, uses).startswith(
        "mine.ipynb looks like work for another assignment, “Geometry”")


@pytest.mark.parametrize("binds", [
    "def corr2d(X, K): pass", "class Conv2D: pass", "    async def corr2d(X): pass",
    "corr2d = fast", "a, corr2d = f, g", "corr2d: object = fast", "if (corr2d := f): pass",
    "from mine import corr2d", "from mine import (\n    corr2d,\n)", "import fast as corr2d",
    "globals()['corr2d'] = f", "for corr2d in fs: pass"])
def test_who_may_have_answered_is_not_told_so(binds: str, tmp_path: Path) -> None:
    assert said(tmp_path, THERE, "def dilate(X): pass", binds) == ""


def test_who_has_written_nothing_of_what_is_graded_is_told_so(tmp_path: Path) -> None:
    for source in ("def pad(X): pass", "def helper(X):\n    return corr2d(X)",
                   "this is no Python (", "%load_ext autograder\nx = 1"):
        assert said(tmp_path, source).startswith(
            "mine.ipynb defines nothing of what is graded here: `corr2d`, ")
    for sources in ([], ["", "  \n"], ["# corr2d comes here"]):
        assert said(tmp_path, *sources).startswith("mine.ipynb holds no code, and so nothing of "
                                                   "what is graded here: `corr2d`, ")


@pytest.mark.parametrize("binds", [
    "from solution import *", "exec(source)", "vars()[name] = f", "%run solution.py"])
def test_who_may_have_bound_a_name_unseen_is_told_nothing(binds: str, tmp_path: Path) -> None:
    assert said(tmp_path, "def pad(X): pass", binds) == ""


def test_nor_is_who_has_it_in_a_module(tmp_path: Path) -> None:
    assert said(tmp_path, THERE, "from own import *", own=b"def corr2d(X, K): pass") == ""
    assert "another assignment" not in said(tmp_path, THERE, toml=GRADER_TOML)


def test_a_name_that_both_grade_tells_nothing(tmp_path: Path) -> None:
    both = GRADER_TOML + GEOMETRY.replace('"stride"', '"corr2d"').replace('"dilate"', '"Conv2D"')
    assert "“Geometry”" in said(tmp_path, "def pad(X): pass", toml=both)
    assert said(tmp_path, "def corr2d(X): pass", "def pad(X): pass", toml=both) == ""


def test_both_things_are_said_of_the_wrong_one_of_two(tmp_path: Path) -> None:
    lay(tmp_path, {"grader.toml": (GRADER_TOML + GEOMETRY).encode()})
    lab = course.load(tmp_path / "grader.toml").assignment("correlation")
    files = {"hw.zip": packed({"correlation.ipynb": notebook(THERE), "work.ipynb": ADA})}
    told = of_files(files, "ada", lab, datetime.now(UTC)).record.said
    assert len(told) == 2 and "“Geometry”" in str(told[0]) and "not work.ipynb" in str(told[1])


def test_a_line_that_mentions_a_name_without_end_is_read_once(tmp_path: Path) -> None:
    assert "“Geometry”" in said(tmp_path, THERE, "show('x' " + "corr2d " * 200_000 + ")")
