"""A small change of the student's own code that makes it right names the line that is wrong. What
is tried runs confined, costs nothing but itself, and decides nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from labs import REPOSITORY, RIGHT, Bench, Lab, asked, correlation, submitted, unhurried

from autograder import course
from autograder.judge import Judge, sessions
from autograder.judge.explain import repair as repairing
from autograder.judge.explain.repair import Repairs
from autograder.judge.explain.repair.definitions import definitions
from autograder.judge.explain.repair.trial import Trial
from autograder.protocol import Reply
from autograder.result import QuestionResult, Repair, RepairKind, Result, Status, for_student
from autograder.sandbox.client import WorkerLost, Zygote
from autograder.submission import Cell, Notebook

__all__ = ["unhurried"]  # fixture

Kind = RepairKind
NO_MISCONCEPTIONS = (
    "from autograder.suite import Misconceptions\nwrong = Misconceptions(__file__)\n")


@pytest.fixture(scope="module")
def judges(
    tmp_path_factory: pytest.TempPathFactory, zygote: Zygote
) -> Iterator[Mapping[str, Judge]]:
    shipped = course.load(REPOSITORY / "grader.toml")
    made = {"corr2d": Bench(correlation(tmp_path_factory.mktemp("course"), questions=(
        "corr2d",)), "correlation", zygote)}
    made |= {"Conv2D": Bench(correlation(tmp_path_factory.mktemp("course"), questions=(
        "corr2d", "Conv2D")), "correlation", zygote)}
    made |= {name: Bench(shipped, name, zygote) for name in ("pooling", "channels")}
    yield made
    for judge in made.values():
        judge.close()


def found(judge: Judge, question: str, source: str) -> Repair | None:
    result = judge.grade(submitted(source, judge.assignment.name))
    assert result.is_graded, result.message
    assert asked(result, question).unexplained is None
    return asked(result, question).repair


# ---------------------------------------------------------------- as learners write it

CORR2D = """
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
"""
LAYER = """
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias
"""
POOL = '''
def pool2d(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    Y = torch.zeros((X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == "max":
                Y[i, j] = X[i:i + p_h, j:j + p_w].max()
            elif mode == "avg":
                Y[i, j] = X[i:i + p_h, j:j + p_w].mean()
    return Y
'''
IN_OUT = """
def corr2d(X, K):
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))

def corr2d_multi_in(X, K):
    return sum(corr2d(x, k) for x, k in zip(X, K))

def corr2d_multi_in_out(X, K):
    return torch.stack([corr2d_multi_in(X, k) for k in K], 0)
"""
FLAT = """
def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    X = X.reshape((c_i, h * w))
    K = K.reshape((c_o, c_i))
    Y = torch.matmul(K, X)
    return Y.reshape((c_o, h, w))
"""

CASES = [  # question, code, what is right in it and what stands there, kind, what its line holds
    ("corr2d", CORR2D, "h, w = K.shape", "h, w = K.shape[1], K.shape[0]", Kind.ORDER, "K.shape[1]"),
    ("corr2d", CORR2D, "    return Y\n", "", Kind.RETURN, ".sum()"),
    ("corr2d", CORR2D, "    return Y", "        return Y", Kind.PLACE, "return Y"),
    ("corr2d", CORR2D, "X[i:i + h, j:j + w]", "X[i:h, j:w]", Kind.WINDOW, "X[i:h"),
    ("corr2d", CORR2D, "j:j + w", "i:i + w", Kind.NAME, "i:i + w"),
    ("corr2d", CORR2D, "X.shape[0] - h + 1", "X.shape[0] - h - 1", Kind.OPERATOR, "h - 1"),
    ("corr2d", CORR2D, "range(Y.shape[0])", "range(X.shape[0])", Kind.LOOP, "range(X"),
    ("corr2d", CORR2D, "* K)", "* k)", Kind.NAME, "* k)"),
    ("corr2d", CORR2D, "def corr2d(X, K):", "def corr2d(X, K, stride):", Kind.DEFAULT, "stride"),
    ("Conv2D", LAYER, "        super().__init__()\n", "", Kind.SUPER, "__init__"),
    ("Conv2D", LAYER, "nn.Parameter(torch.zeros(1))", "torch.zeros(1)", Kind.PARAMETER, "bias ="),
    ("Conv2D", LAYER, "corr2d(X, self.weight)", "corr2d(self.weight, X)", Kind.ORDER, "weight, X"),
    ("Conv2D", LAYER, "+ self.bias", "- self.bias", Kind.OPERATOR, "- self.bias"),
    ("Conv2D", LAYER, "def forward", "def foward", Kind.NAME, "foward"),
    ("pool2d", POOL, "import torch\n", "import numpy as np\n", Kind.IMPORT, "torch.zeros"),
    ("pool2d", POOL, "torch.zeros", "np.zeros", Kind.NUMPY, "def pool2d"),
    ("corr2d_multi_in_out", IN_OUT, "for k in K], 0", "for k in K], 1", Kind.AXIS, "], 1"),
    ("corr2d_multi_in", IN_OUT, "zip(X, K)", "zip(X, X)", Kind.NAME, "zip(X, X)"),
    ("corr2d_multi_in_out_1x1", FLAT, "torch.matmul", "torch.mul", Kind.TWIN, "torch.mul"),
]


@pytest.mark.parametrize(("question", "code", "right", "wrong", "kind", "marked"), CASES, ids=[
    f"{case[0]}-{case[4]}-{number}" for number, case in enumerate(CASES)])
def test_the_line_and_what_is_wrong_there(
    judges: Mapping[str, Judge], question: str, code: str, right: str, wrong: str, kind: Kind,
    marked: str,
) -> None:
    judge = next(judge for judge in judges.values() if question in judge.assignment.names)
    before = RIGHT if judge.assignment.name == "correlation" and question != "corr2d" else \
        "import torch\nfrom torch import nn\nimport numpy as np\n"
    source = before + code
    assert right in source
    source = source.replace(right, wrong) if right in code else source.replace(right, wrong, 1)
    repair = found(judge, question, source)
    assert repair is not None
    assert (repair.kind, repair.function) == (kind, question)
    assert marked in source.splitlines()[repair.line - 1]


def test_a_line_is_the_line_of_the_students_own_cell(judges: Mapping[str, Judge]) -> None:
    cells = ["import torch\n", "# mine\n\n" + CORR2D.replace("    return Y\n", "").lstrip("\n")]
    result = judges["corr2d"].grade(submitted(cells))
    repair = asked(result, "corr2d").repair
    assert repair is not None and (repair.cell, repair.line) == (1, 8)


def test_two_slips_of_which_the_first_raised(judges: Mapping[str, Judge]) -> None:
    """It takes an exception away, and another line is still wrong."""
    source = "import torch\n" + CORR2D.replace("* K)", "* k)").replace("    return Y\n", "")
    repair = found(judges["corr2d"], "corr2d", source)
    assert repair is not None
    assert "+            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()" in repair.difference
    assert "+    return Y" in repair.difference


def test_what_only_a_failed_cell_keeps_from_running_is_not_repaired(
    judges: Mapping[str, Judge]
) -> None:
    source = "import torch\nimport no_such_module\n" + CORR2D
    assert found(judges["corr2d"], "corr2d", source) is None


# ---------------------------------------------------------------- nothing told is unproven

ABSTAINED = {
    "each of three statements could be it":
        "def twice(x):\n    y = -x\n    z = -y\n    u = -z\n    return u + u\n",
    "what it answers depends on how often it was called":
        "calls = []\ndef twice(x):\n    calls.append(x)\n"
        "    return x + x if len(calls) > 5 else x - 1\n",
    "a condition that never holds would let the other branch take over":
        "def twice(x, mode='a'):\n    return x * x + 1 if mode == 'a' else x + x\n",
    "it is nothing like it": "def twice(x):\n    return len(str(x)) % 7\n",
    "it is not written yet": "def twice(x):\n    raise NotImplementedError\n",
    "it is a stub": "def twice(x):\n    pass\n",
    "it hangs":
        "import time\ndef twice(x):\n    while x > -1: time.sleep(0.01)\n    return x + x + 1\n",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    made = Lab(tmp_path_factory.mktemp("lab"), misconceptions=NO_MISCONCEPTIONS,
               settings="[assignments.lab.limits]\ncall_seconds = 1\n")
    with made.judge(zygote) as judge:
        yield judge


def handed_in(twice: str) -> str:
    return twice + "\ndef thrice(x):\n    return 3 * x\n"


@pytest.mark.parametrize("source", ABSTAINED.values(), ids=ABSTAINED)
def test_it_abstains(lab: Judge, source: str) -> None:
    assert found(lab, "twice", handed_in(source)) is None


def test_the_control_one_statement_could_be_it(lab: Judge) -> None:
    repair = found(lab, "twice", handed_in("def twice(x):\n    y = x\n    return y - y\n"))
    assert repair is not None and repair.line == 3


def test_what_is_accepted_instead_of_an_odd_exception_is_no_repair(
    tmp_path: Path, zygote: Zygote
) -> None:
    """Without `sys.exit` it answers bad arguments, which is no better."""
    made = Lab(tmp_path, misconceptions=NO_MISCONCEPTIONS, twice=(
        "def test_any(check, draw):\n    '''Twice any number.'''\n"
        "    check.twice(draw.number(10, 10**9))\n\n\n"
        "def test_negative(refuses, draw):\n    '''A negative number is refused.'''\n"
        "    refuses.twice(-draw.number(10, 10**9))\n"))
    source = "import sys\ndef twice(x):\n    if x < 0: sys.exit(1)\n    return x + x\n"
    with made.judge(zygote) as judge:
        assert found(judge, "twice", handed_in(source)) is None
        repair = found(judge, "twice", handed_in(source.replace("x + x", "x - x")))
    assert repair is not None and repair.line == 4


# ---------------------------------------------------------------- what a candidate may do

WILD = {  # how a candidate loses its worker, and what is handed in
    "hangs": ("timeout",
        "import time\ndef twice(x):\n    while x:\n        time.sleep(0.001)\n"
        "        return x - x\n"),
    "exits": ("crashed",
        "import os\ndef twice(x):\n    n = 3\n    if n != 3: os._exit(1)\n    return x - x\n"),
}


@pytest.mark.parametrize(("why", "source"), WILD.values(), ids=WILD)
def test_a_candidate_that_hangs_or_exits_costs_only_itself(
    lab: Judge, why: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: set[str] = set()

    def noted(self: Trial, *arguments: Any, **options: Any) -> Reply:
        try:
            return request(self, *arguments, **options)
        except WorkerLost as error:
            lost.add(error.why)
            raise

    request = Trial.request
    monkeypatch.setattr(Trial, "request", noted)
    repair = found(lab, "twice", handed_in(source))
    assert lost == {why}
    assert repair is not None
    assert repair.line == len(source.splitlines())


OTHERS = "import torch; " + "; ".join(f"m{n:05d}abcd = 0" for n in range(12_000)) + "\n"
HOSTILE = {
    "names like many others": OTHERS + "def twice(x):\n    if x is None:\n        " + ", ".join(
        f"q{n:03d}dcba" for n in range(400)) + "\n    return x\n",
    "ten thousand statements": "def twice(x):\n" + "    x = x + 1\n" * 10_000 + "    return x\n",
    "deep": "def twice(x):\n    return " + "(" * 90 + "x" + " + 1)" * 90 + "\n",
    "deep blocks": "def twice(x):\n" + "".join(
        " " * (n + 1) + "if x:\n" for n in range(90)) + " " * 95 + "return x\n",
    "a huge number": f"def twice(x):\n    return x + 0x{'f' * 50_000}\n",
    "a long text": f"def twice(x):\n    return x, {'a' * 100_000!r}\n",
    "many names": "def twice(x):\n    return [" + ", ".join(f"a{n}" for n in range(700)) + "]\n",
    "many arguments": "def twice(x):\n    return max(" + ", ".join(map(str, range(700))) + ")\n",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_code_made_to_cost_much_stays_within_bounds(
    lab: Judge, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of seconds of CPU; where candidates are cheap, of their number."""
    monkeypatch.setattr(repairing, "SECONDS", 8.0)
    began = time.process_time()
    assert found(lab, "twice", handed_in(source)) is None
    assert time.process_time() - began < 20


def test_of_helpers_without_end_the_nearest_are_looked_into() -> None:
    """What the notebook binds is held once, and not once for each of them."""
    chain = "".join(f"def a{n}(): a{n + 1}()\n" for n in range(1_000))
    notebook = Notebook((Cell(0, OTHERS), Cell(1, "def twice(x): a0()\n"), Cell(2, chain)), ())
    found = definitions(notebook, ["twice"], ["twice"])
    assert [each.name for each in found] == ["twice", *(f"a{n}" for n in range(39))]
    assert {id(each.outside) for each in found} == {id(found[0].outside)}


def test_what_a_submission_may_take_bounds_all_searches(
    lab: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TRIAL_SECONDS", 0.0)
    assert found(lab, "twice", handed_in("def twice(x):\n    y = +x\n    return y - y\n")) is None


# ---------------------------------------------------------------- nothing of it decides anything

def but_for_repairs(result: Result) -> list[QuestionResult]:
    return [question.model_copy(update={"repair": None}) for question in result.questions]


def test_verdicts_are_the_same_without_it(lab: Judge) -> None:
    wrong = submitted("def twice(x):\n    return x - x\n\ndef thrice(x):\n"
                      "    return twice(x) - x\n", "lab")
    with_it = lab.grade(wrong)
    repairs, lab.repairs = lab.repairs, None
    try:
        without = lab.grade(wrong)
    finally:
        lab.repairs = repairs
    assert but_for_repairs(with_it) == but_for_repairs(without)
    assert any(question.repair for question in with_it.questions)


def test_a_fault_in_it_costs_the_repair_alone(
    lab: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(Repairs, "__call__", broken)
    result = lab.grade(submitted(handed_in("def twice(x):\n    return x - x\n"), "lab"))
    twice = asked(result, "twice")
    assert result.is_graded and twice.status is Status.FAILED and twice.repair is None
    assert twice.unexplained == "ZeroDivisionError: ours"


def test_a_helper_is_repaired_where_it_is_wrong(lab: Judge) -> None:
    source = "def double(x):\n    return x - x\n\ndef twice(x):\n    return double(x)\n"
    repair = found(lab, "twice", handed_in(source))
    assert repair is not None and (repair.function, repair.line) == ("double", 2)


def test_a_function_is_repaired_on_corrected_helpers(lab: Judge) -> None:
    """Its own slip, and none of the function that it builds on."""
    source = "def twice(x):\n    return x\n\ndef thrice(x):\n    return twice(x) - x\n"
    repair = found(lab, "thrice", source)
    assert repair is not None and (repair.function, repair.line) == ("thrice", 5)


def test_equal_code_is_searched_once(lab: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    source = handed_in("def twice(x):\n    return x - x  # of its own\n")
    first = found(lab, "twice", source)
    monkeypatch.setattr(Repairs, "_searched", lambda *arguments: pytest.fail("searched again"))
    assert first is not None and found(lab, "twice", source) == first


# ---------------------------------------------------------------- what a student may read

@pytest.mark.parametrize(("setting", "shown"), [("", False), ('"line"', False), ('"code"', True)])
def test_students_read_the_new_code_only_where_the_course_says_so(
    tmp_path: Path, zygote: Zygote, setting: str, shown: bool
) -> None:
    settings = f"[feedback]\nrepair = {setting}\n" if setting else ""
    with Lab(tmp_path, misconceptions=NO_MISCONCEPTIONS, settings=settings).judge(zygote) as judge:
        result = judge.grade(submitted(handed_in("def twice(x):\n    return x - x\n"), "lab"))
    repair, seen = asked(result, "twice").repair, asked(for_student(result), "twice").repair
    assert repair is not None and seen is not None
    assert "+    return x + x" in repair.difference
    assert seen == Repair(kind=Kind.OPERATOR, function="twice", cell=None, line=2,
                          code=repair.difference if shown else None)


def test_false_looks_for_none(tmp_path: Path, zygote: Zygote) -> None:
    made = Lab(tmp_path, misconceptions=NO_MISCONCEPTIONS,
               settings="[feedback]\nrepair = false\n")
    with made.judge(zygote) as judge:
        assert found(judge, "twice", handed_in("def twice(x):\n    return x - x\n")) is None
