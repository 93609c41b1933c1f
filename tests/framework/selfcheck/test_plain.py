"""Without pytest, visible checks are collected as pytest collects them, or it is said why not."""

from __future__ import annotations

import importlib.abc
import sys
from pathlib import Path
from typing import Any

import pytest
from labs import REPOSITORY

from autograder.judge import collecting
from autograder.judge.fixtures import Fixtures
from autograder.judge.items import MARKERS
from autograder.judge.staff import JudgeError
from autograder.selfcheck import plain

NAMES = [marker.partition("(")[0] for marker in MARKERS]


def described(item: Any) -> list[Any]:
    return [item.name, [[list(mark.args) for mark in item.iter_markers(name)] for name in NAMES]]


@pytest.mark.parametrize("checks", sorted((REPOSITORY / "assignments").glob("*/checks")),
                         ids=lambda path: path.parent.name)
def test_shipped_checks_are_plain_and_collected_alike(checks: Path) -> None:
    mine, theirs = plain.collected(checks, Fixtures()), collecting.collected(checks, Fixtures())
    assert not isinstance(mine, collecting.Collected)
    assert list(map(described, mine.items)) == list(map(described, theirs.items)) != []
    theirs.close()


SUITE = """
import pytest

made = []

@pytest.fixture
def number():
    made.append(1)
    return 3

@pytest.fixture
def double(number):
    return 2 * number

@pytest.mark.weight(2)
def test_fixtures_are_made_once_for_a_check(double, number):
    assert (double, number, len(made)) == (6, 3, 1), made

def test_fails(number):
    assert number == 4

def helper():
    pass
"""


def test_fixtures_ask_for_fixtures_and_a_failure_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(SUITE)
    before = sys.modules.copy()
    found = plain.collected(tmp_path, Fixtures())
    assert sys.modules == before
    right, wrong = found.items
    assert [mark.args for mark in right.iter_markers("weight")] == [(2,)]
    assert found.run(right) is None
    ended = found.run(wrong)
    assert isinstance(ended, AssertionError) and ended.__notes__ == ["test_all.py:20"]
    assert ended.__traceback__ is None


@pytest.mark.parametrize("source", [
    "@pytest.mark.parametrize('k', [1])\ndef test_it(k): ...",
    "@pytest.fixture(scope='module')\ndef it(): ...\ndef test_it(it): ...",
    "@pytest.fixture\ndef it():\n    yield 1\ndef test_it(it): ...",
    "def test_it(tmp_path): ...",
    "class TestIt:\n    def test_it(self): ...",
    "def test_it():\n    with pytest.raises(ValueError): ...",
    "from pytest import mark\ndef test_it(): ...",
])
def test_what_only_pytest_has_is_left_to_it(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_all.py").write_text(f"import pytest\n{source}\n")
    found = plain.collected(tmp_path, Fixtures())
    assert isinstance(found, collecting.Collected) and len(found.items) == 1
    found.close()

    class Missing(importlib.abc.MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "autograder.judge.collecting":
                raise ImportError(name)

    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "autograder.judge.collecting")
    monkeypatch.delattr("autograder.judge.collecting")
    with pytest.raises(JudgeError, match="need pytest"):
        plain.collected(tmp_path, Fixtures())
