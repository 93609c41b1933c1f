"""Which of a student's files is graded: what lies in few folders, and never the handout as it was
given where there is work."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


# What the choice costs ------------------------------------------------------------------------

@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text is parsed."""
    times: Counter[str] = Counter()

    def counted(parser: Callable[..., Any]) -> Callable[..., Any]:
        def parse(text: str, *args: Any, **options: Any) -> Any:
            times[text] += 1
            return parser(text, *args, **options)
        return parse

    for module, name in ((json, "loads"), (ast, "parse")):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    return times


TOO_MANY = ("Too many notebooks came, or too large ones, to find the one that is meant among them. "
            "Hand that one in alone, called correlation.ipynb.")


def test_each_notebook_is_parsed_once_while_one_is_chosen(
    lab: course.Assignment, parses: Counter[str]
) -> None:
    """A term's repository: each was parsed five times; and of those after the 20th none chosen."""
    term = {f"week{week:02}.ipynb": notebook(f"week = {week}") for week in range(30)}
    copies = {f"old/{name}": content for name, content in term.items()}
    came = of_files({"term.zip": packed(term | copies | {"week29.ipynb": ADA})}, "ada", lab,
                    datetime.now(UTC))
    assert dict(came.files) == {"week29.ipynb": ADA}
    assert all(parses[content.decode()] == 1 for content in term.values())


def test_no_script_is_parsed_while_one_is_chosen(
    lab: course.Assignment, parses: Counter[str]
) -> None:
    """Magics of one may take seconds."""
    scripts = {f"m{number}.py": f"import m{number + 1}\n%time {number}".encode()
               for number in range(8)}
    came = of_files(scripts | {"z.py": b"import m0\ndef corr2d(): pass"}, "ada", lab,
                    datetime.now(UTC))
    assert list(came.files) == ["z.py"] and list(came.beside) == list(scripts)
    assert not [text for text in parses if "import m" in text]


@pytest.mark.parametrize("part", ['"\\n",', "0,"])
def test_large_notebooks_are_looked_into_up_to_a_bound(
    part: str, lab: course.Assignment, parses: Counter[str]
) -> None:
    large = f'{{"cells": [], "unread": [{part * 3_500_000}0]}}'.encode()
    came = of_files({f"{number}.ipynb": large + b" " * number for number in range(9)}, "ada", lab,
                    datetime.now(UTC))
    assert came.problem is not None and str(came.problem) == TOO_MANY
    assert sum(text.startswith('{"cells": [], "unread"') for text in parses) <= 5
    assert of_files({"1.ipynb": large}, "ada", lab, datetime.now(UTC)).problem is None


def test_many_notebooks_are_looked_into_up_to_a_bound(
    lab: course.Assignment, parses: Counter[str], tmp_path: Path
) -> None:
    many = {f"{number}.ipynb": notebook(f"x = {number}") for number in range(501)}
    came = of_files({"a.zip": packed(many)}, "ada", lab, datetime.now(UTC))
    assert came.problem is not None and str(came.problem) == TOO_MANY
    assert sum(parses[content.decode()] for content in many.values()) <= 500
    named = of_files({"a.zip": packed(many | {"correlation.ipynb": ADA})}, "ada", lab,
                     datetime.now(UTC))
    assert dict(named.files) == {"correlation.ipynb": ADA}
    lay(tmp_path / "class", {f"s{number}.ipynb": content
                             for number, content in enumerate(many.values())})
    assert all(each.problem is None for each in find([tmp_path / "class"], lab))
