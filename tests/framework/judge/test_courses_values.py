"""What other courses' functions take, answer, print and draw: right answers pass, and a wrong one
is told by what is wrong with it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from labs import Bench, Lab, account, asked, submitted

from autograder import course
from autograder.judge.expected import ExpectedValues
from autograder.judge.implementation import Local
from autograder.report.mismatches import mismatch_sentence
from autograder.report.words import call_text
from autograder.result import CheckResult, MismatchKind, Status, for_student
from autograder.sandbox.client import Zygote
from autograder.selfcheck.recording import Recording, record

# One function of many parts: what is asked for is said by its first argument.
REFERENCE = '''
import numpy as np


def twice(what, *, axis=0):
    if not isinstance(what, str):
        return np.sum(what, axis=axis)
    match what:
        case "array":
            return np.asfortranarray(np.arange(6.0).reshape(2, 3))
        case "scalar":
            return np.float32(2.5)
        case "count":
            return {"the": 2, ("a", 1): [1, {"deep": 0.5}]}
        case "set":
            return {"a", "b"}
        case "bytes":
            return b"ab"
        case "complex":
            return 1 + 2j
        case "slice":
            return slice(1, None, 2)
        case "squares":
            return (n * n for n in range(4))
        case "table":
            import pandas
            return pandas.DataFrame({"n": [1.5, 2.5], "who": ["ann", None]}, index=["x", "y"])
        case "print":
            print("one")
            print("two ", 2)
        case "plot":
            import matplotlib.pyplot as plt
            plt.plot([1, 2, 3], [1, 4, 9], label="squares")
            plt.bar([1, 2], [3, 4])
            plt.title("Squares")
    return None


def thrice(x):
    return 3 * x
'''
KINDS = ["array", "scalar", "count", "set", "bytes", "complex", "slice", "squares", "table"]
SUITE = f"""
@pytest.mark.visibility("visible")
@pytest.mark.parametrize("kind", {KINDS})
def test_answer(check, kind):
    '''An answer of this kind.'''
    check.twice(kind)


@pytest.mark.visibility("visible")
def test_by_name(check, draw):
    '''What has no place is given by name.'''
    check.twice(draw.array(2, 3), axis=1)


@pytest.mark.visibility("visible")
def test_prints(check):
    '''It prints.'''
    check.twice.prints("print")


@pytest.mark.visibility("visible")
def test_draws(check):
    '''It draws.'''
    check.twice.draws("plot")
"""
MISCONCEPTIONS = """
from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong('squared', 'That is the square.')
def thrice(x):
    return x * x
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Any:
    judge = Lab(tmp_path_factory.mktemp("values"), reference=REFERENCE, twice=SUITE,
                misconceptions=MISCONCEPTIONS).judge(zygote)
    yield judge
    judge.close()


def outcomes(lab: Any, source: str) -> dict[str, CheckResult]:
    result = lab.grade(submitted(source + "\n\ndef thrice(x): return 3 * x\n", "lab"))
    return {check.id.removeprefix("test_answer[").rstrip("]"): check
            for check in asked(result, "twice").checks}


def test_right_answers_of_every_kind_pass(lab: Any) -> None:
    found = outcomes(lab, REFERENCE.partition("def thrice")[0])
    assert {check.status for check in found.values()} == {Status.PASSED}, found


def test_what_means_the_same_passes(lab: Any) -> None:
    """Another order, of keys, of elements in memory, or of work; figures drawn in another way."""
    found = outcomes(lab, '''
import numpy as np
def twice(what, *, axis=0):
    def squares():
        yield from [0, 1, 4, 9]
    if not isinstance(what, str):
        return np.array([sum(row) for row in what])
    if what == "print":
        print("one\\ntwo  2\\n\\n")
    if what == "plot":
        from matplotlib import pyplot
        figure, axes = pyplot.subplots()
        axes.bar([1, 2], [3, 4], color="red")
        axes.plot(np.array([1., 2., 3.]), np.array([1., 4., 9.]), "r--", label="squares")
        axes.set_title("Squares")
        axes.set_xlabel("nobody asked for it")
    import pandas
    return {"array": np.arange(6.0).reshape(2, 3), "scalar": 2.5, "set": frozenset("ba"),
            "count": {("a", 1): (1, {"deep": 0.5}), "the": 2}, "bytes": b"ab", "complex": 1 + 2j,
            "slice": slice(1, None, 2), "squares": squares(), "table": pandas.DataFrame(
                {"who": ["ann", None], "n": [1.5, 2.5]}, index=["x", "y"])}.get(what)
''')
    assert {name for name, check in found.items() if check.status is not Status.PASSED} == set()


WRONG = '''
import numpy as np, pandas
def twice(what, axis=0):
    if not isinstance(what, str):
        return None
    if what == "print":
        print("one\\ntwo", 2)
    if what == "plot":
        from matplotlib import pyplot
        pyplot.plot([1, 2, 3], [1, 4, 8], label="squares")
        pyplot.bar([1, 2], [3, 4])
        pyplot.title("Squares")
    return {"array": np.arange(6.0).reshape(2, 3).tolist(), "scalar": np.float64(2.5),
            "set": {"b", "c"},
            "count": {"the": 2, ("a", 1): [1, {"deep": 1.5}]}, "bytes": "ab", "complex": 1 - 2j,
            "slice": slice(1, 2), "squares": [0, 1, 4, 9],
            "table": pandas.DataFrame({"n": [1.5, 2.5]}, index=["x", "y"])}.get(what)
'''
SAID = {
    "array": "Wrong type of your answer: it is list and should be ndarray.",
    "scalar": "Wrong dtype of your answer: it is float64 and should be float32.",
    "count": "Wrong value in your answer[('a', 1)][1]['deep']: it is off by 1.",
    "set": "Wrong members of your answer: 'a' missing, and 'c' should not be there.",
    "bytes": "Wrong type of your answer: it is str and should be bytes.",
    "complex": "Wrong value in your answer: it is off by 4.",
    "slice": "Wrong value in your answer.",
    "squares": "Wrong type of your answer: it is list and should be generator.",
    "table": "Keys are missing in your answer: 'who'.",
    "test_by_name": "Wrong type of your answer: it is None and should be ndarray.",
    "test_prints": "Line 2 of what it prints is “two 2” and should be “two  2”.",
    "test_draws": "Wrong values in what it draws[0][0]['lines'][0]['y']: 1 of 3 differ, the first "
                  "at index (2,); the largest error is 1.",
}


def said(check: CheckResult) -> str:
    mismatch = account(check).mismatch
    assert mismatch is not None
    return str(mismatch_sentence(mismatch))


def test_a_wrong_answer_is_told_by_where_and_what_it_is(lab: Any) -> None:
    found = outcomes(lab, WRONG)
    assert {name: said(check) for name, check in found.items()} == SAID


def test_an_answer_that_cannot_travel_is_told_by_its_type(lab: Any) -> None:
    found = outcomes(lab, "import numpy\nclass Odd: pass\ndef twice(what, axis=0):\n"
                     "    return numpy.array([None]) if what == 'array' else Odd()")
    assert said(found["array"]) == \
        "Wrong type of your answer: it is ndarray of object and should be ndarray."
    assert said(found["count"]) == "Wrong type of your answer: it is Odd and should be dict."


def test_what_is_printed_is_shown_as_it_is_printed(lab: Any) -> None:
    evidence = account(outcomes(lab, WRONG)["test_prints"]).evidence
    assert evidence is not None
    assert (evidence.expected, evidence.actual) == ("one\ntwo  2\n", "one\ntwo 2\n")


def test_a_call_is_shown_with_what_it_gives_by_name(lab: Any) -> None:
    evidence = account(outcomes(lab, WRONG)["test_by_name"]).evidence
    assert evidence is not None
    assert call_text(evidence) == "twice(array 1, axis=1)"


def test_an_iterator_that_never_ends_is_no_right_one_and_ends_nobodys_patience(lab: Any) -> None:
    found = outcomes(lab, "import itertools\ndef twice(what, axis=0):\n"
                     "    return map(lambda n: n * n, itertools.count())")
    mismatch = account(found["squares"]).mismatch
    assert mismatch is not None and mismatch.kind is MismatchKind.SHAPE
    assert mismatch.actual_shape == [1000]


def test_at_home_they_are_compared_with_what_was_recorded(lab: Any, tmp_path: Path) -> None:
    """The same checks, by a recording of the reference in the place of it."""
    examiner = lab.panel.explaining
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(record(
        lab.assignment, visible(examiner.suite), examiner.staff, examiner.key)))
    recording = Recording.open(file, examiner.suite)
    at_home = replace(examiner, staff=recording.staff, expected_values=ExpectedValues())
    namespace: dict[str, Any] = {}
    exec(REFERENCE, namespace)
    question = lab.assignment.question("twice")
    assert [(outcome.check.id, outcome.status, outcome.internal) for outcome
            in at_home.question(Local(namespace), question) if outcome.status != "passed"] == []
    exec(WRONG, namespace)
    assert {outcome.status for outcome in at_home.question(Local(namespace), question)} == {
        Status.FAILED}


def visible(suite: Any) -> Any:
    found = copy.copy(suite)
    found.checks = {"twice": suite.checks["twice"], "thrice": []}
    return found


ATTENTION = """
import torch
from torch import nn
from torch.nn import functional as F

def twice(X):
    return torch.softmax(X, -1)

class thrice(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(size, 3 * size)

    def forward(self, X, *, mask=None):
        parts = self.project(X).chunk(3, -1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(-2, -3) for part in parts)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(-2, -3).flatten(-2)
"""
BY_HAND = """
import torch
from torch import nn

def twice(X):
    e = (X - X.max(-1, keepdim=True).values).exp()
    return e / e.sum(-1, keepdim=True)

class thrice(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.h = heads
        self.project = nn.Linear(size, 3 * size)

    def forward(self, X, *, mask=None):
        q, k, v = (X @ self.project.weight.T + self.project.bias).chunk(3, -1)
        answers = []
        for q, k, v in zip(q.chunk(self.h, -1), k.chunk(self.h, -1), v.chunk(self.h, -1)):
            scores = torch.einsum("...qd,...kd->...qk", q, k) / q.shape[-1] ** 0.5
            if mask is not None:
                scores = scores.masked_fill(~mask, -torch.inf)
            answers.append(twice(scores) @ v)
        return torch.cat(answers, -1)
"""
CHECKS = """
import torch

def test_values(check, draw):
    '''Values.'''
    check.twice(draw.normal(3, 5))
    check.twice(draw.normal(3, 5, dtype=torch.float64))

def test_gradients(check, draw):
    '''Gradients.'''
    check.twice.gradients(draw.normal(3, 5))
"""
MODULE_CHECKS = """
import torch

def test_module(check, draw):
    '''Masked attention, and its gradients.'''
    pair = check.thrice.new(6, heads=2)
    pair.load(**{"project.weight": draw.normal(18, 6), "project.bias": draw.normal(18)})
    mask = torch.ones(4, 4).tril().bool()
    pair(draw.normal(2, 4, 6), mask=mask)
    pair.gradients(draw.normal(2, 4, 6), mask=mask)
    pair(draw.normal(4, 6))
"""


def test_attention_may_be_computed_in_any_right_way(tmp_path: Path, zygote: Zygote) -> None:
    """Under a rule of the course's own against softmax; and what uses it is told which it is."""
    lab = Lab(tmp_path, reference=ATTENTION, twice=CHECKS, thrice=MODULE_CHECKS,
              misconceptions="from autograder.suite import Misconceptions\n"
                             "wrong = Misconceptions(__file__)\n",
              settings='[rules."no softmax"]\noperators = ["*softmax*", "*attention*"]\n')
    lab.write()
    file = tmp_path / "grader.toml"
    text = file.read_text()
    rule = text[text.index("[rules"):text.index("\n[[")]  # a table ends the one before it
    file.write_text(text.replace(rule, "").replace(
        'name = "twice"', 'name = "twice"\nforbid = ["no softmax"]') + rule)
    with Bench(course.load(file), "lab", zygote) as judge:
        right, wrong, forbidden = (judge.grade(submitted(source, "lab")) for source in (
            BY_HAND, BY_HAND.replace("/ q.shape[-1] ** 0.5", ""), ATTENTION))
    assert [question.status for question in right.questions] == [Status.PASSED] * 2, right
    assert asked(wrong, "thrice").status is Status.FAILED
    assert [question.status for question in forbidden.questions] == [
        Status.FORBIDDEN, Status.PASSED]
    told = for_student(forbidden).questions[0].message
    assert "It calls torch.softmax, which this question forbids." in str(told)
