"""A number that is measured, and held against steps: once, in whole percents, and told as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import Lab, asked, submitted

from autograder import course
from autograder.gradebook.leaderboard import LeaderboardEntry, entries
from autograder.judge.staff import JudgeError
from autograder.report import leaderboard
from autograder.result import Result, Status, for_student
from autograder.sandbox.client import Zygote

SUITE = """
import torch
from autograder.suite import sentence

WHAT = sentence("numbers that it doubles")

def share(student, expect, draw):
    numbers = draw.integers(8, low=100, high=999)
    answers = [expect.numbers([student.twice(int(number))], 1)[0] for number in numbers]
    return sum(a == 2 * int(n) for a, n in zip(answers, numbers)) / 8

@pytest.mark.visibility("visible")
def test_seven(check):
    '''Seven.'''
    check.twice(7)

def test_a_tenth(measure):
    '''A tenth.'''
    measure(share, WHAT, least=10)

@pytest.mark.weight(2)
def test_half(measure):
    '''Half.'''
    measure(share, WHAT, least=50)

def test_all(measure):
    '''All.'''
    measure(share, WHAT, least=100)
"""
REFERENCE = "def twice(x):\n    return 2 * x\n\ndef thrice(x):\n    return 3 * x\n"
WRONG = ("from autograder.suite import Misconceptions\nwrong = Misconceptions(__file__)\n"
         "@wrong('five', 'Five.')\ndef twice(x):\n    return 2 * x if x == 7 else 5\n")
COUNTING = """
calls = 0

def twice(x):
    global calls
    if x != 7:
        calls += 1
    {}
    return 2 * x if x == 7 or calls % 8 < 5 else 0

def thrice(x):
    return 3 * x
"""


def graded(folder: Path, zygote: Zygote, source: str, suite: str = SUITE) -> Result:
    lab = Lab(folder, twice=suite, reference=REFERENCE, misconceptions=WRONG)
    with lab.judge(zygote) as judge:
        return judge.grade(submitted(source, "lab"))


def statuses(result: Result) -> dict[str, Status]:
    return {check.id: check.status for check in asked(result, "twice").checks}


PASSED, FAILED = Status.PASSED, Status.FAILED


def test_it_is_measured_once_and_told_in_whole_percents(tmp_path: Path, zygote: Zygote) -> None:
    """Five of eight: calls 1 to 4 and 8. Measured again, calls 9 to 12 and 16 would be right, too;
    asked one by one, each step would count others."""
    result = graded(tmp_path, zygote, COUNTING.format(""))
    assert statuses(result) == {"test_seven": PASSED, "test_a_tenth": PASSED,
                                "test_half": PASSED, "test_all": FAILED}
    for seen in (result, for_student(result)):
        found = asked(seen, "twice").measured
        assert found and (found.percent, str(found.what)) == (62, "numbers that it doubles")
    whole = asked(for_student(result), "twice")
    assert all(check.explained is None and check.decided is None for check in whole.checks)
    assert not whole.diagnosis and whole.repair is None and whole.unexplained is None
    assert float(asked(result, "twice").earned) == 4 / 5


def test_where_it_raises_there_is_no_number_and_the_explaining_session_shows_why(
    tmp_path: Path, zygote: Zygote
) -> None:
    result = graded(tmp_path, zygote, COUNTING.format("assert x == 7 or calls < 3, 'too many'"))
    found = asked(for_student(result), "twice")
    assert found.measured is None
    failed = [check for check in found.checks if check.id != "test_seven"]
    assert {check.status for check in failed} == {Status.ERROR}
    assert all(check.explained and "too many" in (check.explained.said or "") for check in failed)


def test_the_leaderboard_ranks_by_percents_among_those_who_want_to_be_on_it(
    tmp_path: Path, zygote: Zygote
) -> None:
    result = graded(tmp_path, zygote, COUNTING.format(""))
    others = result.model_copy(update={"student": "bob", "questions": [
        asked(result, "twice").model_copy(update={"measured": asked(result, "twice").measured
                                                  .model_copy(update={"percent": 90})})]})
    found = course.load(tmp_path / "grader.toml").model_copy(
        update={"leaderboard": {"ann": "Fox", "bob": "Owl"}})
    ranked = entries([result, others], found, "lab")
    assert [(entry.alias, entry.percent, entry.ratio) for entry in ranked] == [
        ("Owl", 90, None), ("Fox", 62, None)]
    assert not entries([result], found.model_copy(update={"leaderboard": {}}), "lab")
    page = leaderboard.page(ranked, "Lab")
    assert "90 %" in page and "larger is better" in page and "smaller" not in page
    timed = LeaderboardEntry("Speed", "Fox", 1.5, (1.4, 1.6), "cpu")
    assert "smaller" in leaderboard.page([timed, *ranked], "Lab")


def test_what_is_measured_is_hidden(tmp_path: Path, zygote: Zygote) -> None:
    shown = SUITE.replace("def test_a_tenth", '@pytest.mark.visibility("visible")\n'
                                              "def test_a_tenth")
    with pytest.raises(JudgeError, match="make the check hidden"):
        graded(tmp_path, zygote, COUNTING.format(""), shown)


APART = """
import pytest
from autograder.suite import sentence

pytestmark = pytest.mark.question("twice")

def suite_looks(number):
    return [number, "twice" in globals()]

def suite_looks_beside():
    return lambda: "twice" in globals()

def test_looks(student, expect):
    '''Where staff's functions are.'''
    expect.that(student.define(suite_looks_beside)() is True, sentence("The control."))
    expect.that(student.apart(suite_looks, 3) == [3, False], sentence("It is not alone."))
"""
BROKEN = APART.replace("return [number", "return [nubmer")


def test_what_is_run_apart_is_beside_nothing_of_the_students(
    tmp_path: Path, zygote: Zygote
) -> None:
    result = graded(tmp_path, zygote, "def twice(x): return 2 * x", APART)
    assert statuses(result) == {"test_looks": PASSED}


def test_of_what_it_raises_there_nothing_is_told(tmp_path: Path, zygote: Zygote) -> None:
    result = graded(tmp_path, zygote, "def twice(x): return 2 * x", BROKEN)
    assert statuses(result) == {"test_looks": Status.CRASHED}
    assert "nubmer" not in result.model_dump_json()


def test_the_capstones_notebook_draws_as_grading_does() -> None:
    solutions = Path(__file__).parents[3] / "solutions" / "capstone"
    drawing = (solutions / "runes.py").read_text().partition("import torch\n")[2].strip()
    assert "def pictures" in drawing
    assert drawing in (solutions / "notebook.py").read_text()
