"""Docstrings keep their word, both ways: every promise has a check that fails where it is broken,
and every check of the contract has a promise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import kinds_of_points
import pytest
from labs import REPOSITORY, Lab

from autograder import cli
from autograder.authoring.breakings import broken
from autograder.authoring.promises import PromiseKind, promises, shares
from autograder.course import Course, load
from autograder.judge import staff
from autograder.judge.examiner import Examiner
from autograder.judge.suite import Suite

KEY = b"a key of the tests"
COURSE = load(REPOSITORY / "grader.toml")
REFERENCE = """
def twice(x, size=1):
    if x.dim() != 1 or size == 0:
        raise ValueError(x.shape)
    return x + x


def thrice(x):
    return 3 * x
"""
NOTEBOOK = """
# %%
def twice(x, size=1):
    '''Twice.

    Arguments:
        x: a tensor of shape (n,).
        size: {size}.

    Also graded:
        * {promise}.

    Allowed: everything.
    '''
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION


# %%
def thrice(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION
"""
CHECK = """
import torch


{marks}
def test_any(check, student, refuses, draw):
    '''Twice any numbers.'''
    {body}
"""
PLAIN = "check.twice(draw.normal(3))"


def found(root: Path, promise: str, body: str, *proves: str, size: str = "an int") -> list[str]:
    """What is wrong with a course that promises this and checks that."""
    marks = f"@pytest.mark.proves({', '.join(map(repr, proves))})" if proves else ""
    course = replace(
        Lab(root), reference=REFERENCE, twice=CHECK.format(marks=marks, body=body),
        notebook=NOTEBOOK.format(promise=promise, size=size)).write()
    return broken_of(course, "lab")


def broken_of(course: Course, name: str) -> list[str]:
    assignment = course.assignment(name).examined
    suite = Suite(course.suite(name), assignment)
    try:
        examiner = Examiner(assignment, suite, staff.load(course, name), KEY)
        return [f"{question.name}: {wrong}" for question in assignment.questions
                for wrong in broken(examiner, question, course.solutions(name) / "notebook.py")]
    finally:
        suite.close()


KEPT = {
    "dtype": ("The answer follows x in dtype", "check.twice(draw.normal(3).double())"),
    "device": ("The answer follows x in device", "check.twice.on_meta(draw.normal(3))"),
    "whole numbers": ("x may hold whole numbers", "check.twice(draw.integers(3))"),
    "unchanged": ("x is unchanged", PLAIN),
    "contiguous": ("x need not be contiguous", "check.twice(draw.view(3))"),
    "differentiable": ("Differentiable", "check.twice.gradients(draw.normal(3))"),
    "empty batch": ("An empty batch gives an empty batch", "check.twice(draw.normal(0))"),
    "not one": ("Refused: an x that has not one axis", "refuses.twice(draw.normal(2, 3))"),
}
UNPROVEN = {
    "dtype": PLAIN, "device": PLAIN, "whole numbers": PLAIN, "contiguous": PLAIN,
    "unchanged": "student.twice(draw.normal(3))", "differentiable": "check.twice.gradients",
    "empty batch": PLAIN, "not one": "student.twice(draw.normal(3)); refuses.thrice",
}


@pytest.mark.parametrize("words", KEPT)
def test_a_promise_that_a_check_proves_is_kept(tmp_path: Path, words: str) -> None:
    promise, body = KEPT[words]
    assert found(tmp_path, promise, body, words) == []


@pytest.mark.parametrize("words", KEPT)
def test_a_check_that_says_so_and_proves_nothing_is_found(tmp_path: Path, words: str) -> None:
    promise, _ = KEPT[words]
    [wrong] = found(tmp_path, promise, UNPROVEN[words], words)
    assert wrong.startswith("twice: ") and promise.removeprefix("Refused: ") in wrong


def test_a_promise_without_a_check_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, "x is unchanged; in any order", PLAIN, "unchanged") == [
        "twice: no check proves what twice promises: in any order"]


@pytest.mark.parametrize("body", ["refuses.twice(draw.normal(2, 3))",
                                  "check.twice.gradients(draw.normal(3))",
                                  "check.twice.on_meta(draw.normal(3))"])
def test_a_check_of_the_contract_without_a_promise_is_found(tmp_path: Path, body: str) -> None:
    [wrong] = found(tmp_path, "In any order", body, "any order")
    assert wrong.startswith("twice: test_any is about a")


def test_one_refusal_does_not_prove_two(tmp_path: Path) -> None:
    promise = "Refused: an x that has not one axis; a size of 0. Raise ValueError (or; or not)"
    both = "refuses.twice(draw.normal(2, 3)); refuses.twice(draw.normal(3), 0)"
    words = "not one axis", "a size of 0"
    assert found(tmp_path, promise, both, *words) == []
    assert len(found(tmp_path, promise, both.partition(";")[0], *words)) == 2


def test_words_that_nobody_promised_are_found(tmp_path: Path) -> None:
    assert found(tmp_path, "x is unchanged", PLAIN, "differentiable") == [
        "twice: test_any proves 'differentiable', which no docstring promises"]


def test_an_int_or_a_pair_is_asked_for_in_both_ways(tmp_path: Path) -> None:
    promise, size = "In any order", "an int, or a pair (height, width)"
    one = "check.twice(draw.normal(3), 2)"
    both = f"{one}; check.twice(draw.normal(3), (2, 3))"
    assert found(tmp_path, promise, both, "any order", size=size) == []
    [wrong] = found(tmp_path, promise, one, "any order", size=size)
    assert "takes no pair as size" in wrong


def test_what_has_no_list_is_left_alone(tmp_path: Path) -> None:
    assert broken_of(Lab(tmp_path).write(), "lab") == []


@pytest.mark.parametrize("name", list(COURSE.assignments))
def test_the_docstrings_of_this_course_keep_their_word(name: str) -> None:
    assert broken_of(COURSE, name) == []


@pytest.mark.parametrize("name", list(COURSE.assignments))
def test_concept_is_worth_two_thirds_of_every_question(name: str) -> None:
    for question, kinds in shares(COURSE, name).items():
        assert sum(kinds.values()) == 1
        assert kinds[PromiseKind.CONCEPT] >= Fraction(2, 3), question


def test_the_authors_page_has_the_shares_of_this_course() -> None:
    page = kinds_of_points.PAGE.read_text(encoding="utf-8")
    assert page.endswith(kinds_of_points.section(COURSE)), "write it anew by `make docs`"


def test_shares_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["audit", "correlation", "--shares", "--course", str(REPOSITORY / "grader.toml")])
    shown = capsys.readouterr().out
    assert "corr2d" in shown and "refusal" in shown


def test_every_graded_name_has_a_list() -> None:
    for name, assignment in COURSE.assignments.items():
        listed = promises(COURSE.solutions(name) / "notebook.py")
        for question in assignment.examined.questions:
            assert question.kind != "code" or set(question.names) <= set(listed)
