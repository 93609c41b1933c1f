"""Notebooks as learners hand them in: what stands around a right function costs it nothing, and
of one that is not there or raises is said why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from labs import RIGHT, Bench, asked, correlation, submitted
from nbformat import v4, writes

from autograder.judge import Judge
from autograder.judge.explain.advice import advice
from autograder.result import Prediction, Result, Status, SubmissionStatus, for_student
from autograder.sandbox.client import Zygote
from autograder.submission import Notebook, Submission
from autograder.worker.loading import describe


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    course = correlation(tmp_path_factory.mktemp("course"), "call_seconds = 1",
                         "cell_seconds = 1", "load_seconds = 4")
    with Bench(course, "correlation", zygote) as judge:
        yield judge


# ---------------------------------------------------------------- around right functions


@dataclass(frozen=True)
class Around:
    """What stands around the right functions: above in their own cell, below in it, in cells of
    their own before and after."""

    above: str = ""
    below: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


AROUND = {
    "a package that is not there": Around("import scipy.ndimage\nimport sklearn.metrics\n"),
    "a package from Jupyter in the browser": Around("import piplite\nawait piplite.install('x')\n"),
    "await": Around("import asyncio\nawait asyncio.sleep(0)\nx = [i async for i in ()]\n"),
    "Colab's folder": Around("import os\nos.chdir('/content/drive')\n"),
    "the name of a GPU": Around("import torch\nprint(torch.cuda.get_device_name(0))\n"),
    "the answer of a shell line": Around("files = !nvidia-smi\nfirst = files[0].split()[0]\n"),
    "a file that is not there": Around("kernels = open('kernels.txt').read().split()\n"),
    "a plot that is unpacked": Around(
        "import matplotlib.pyplot as plt\nline, = plt.plot([1, 2])\n"
        "counts, edges, _ = plt.hist([1, 2])\nlow, high = plt.gca().get_ylim()\n"),
    "an axis in a hint": Around("import matplotlib.pyplot as plt\nfrom typing import Optional\n"
                                "def draw(x, axis: plt.Axes | None = None): pass\n"),
    "data of a package that is not there": Around(
        "import torchvision\nclass Data(torchvision.datasets.MNIST):\n"
        "    def __init__(self):\n        super().__init__('x')\n"),
    "exit": Around(below="exit()\n"),
    "a question": Around(below="n = int(input('size? '))\n"),
    "a main guard": Around(below="if __name__ == '__main__':\n    import unittest\n"
                                 "    unittest.main(argv=['x'])\n"),
    "training below": Around(below="while True:\n    pass\n"),
    "training above": Around("while True:\n    pass\n"),
    "training in cells with imports": Around(
        before=tuple(f"import time\nfor i in range(100):\n    time.sleep({n})" for n in (1, 2, 3))),
    "a builtin taken below": Around(below="", after=("sum = len = 0", "for range in [1]: pass")),
    "a module taken below": Around(after=("nn = 17", "torch = 'lamp'")),
    "a helper taken below": Around(after=("pair = (1, 2)",)),
    "a layer of the same name below": Around(after=("conv2d_true = nn.Conv2d(1, 1, 3)",)),
    "warnings as errors": Around(after=("import warnings\nwarnings.filterwarnings('error')",)),
    "double precision below": Around(after=("torch.set_default_dtype(torch.float64)",)),
    "no gradients below": Around(after=("torch.set_grad_enabled(False)",)),
    "a decorator in brackets below": Around(
        below="from functools import lru_cache\n@(\n lru_cache\n)\ndef other(): pass\n"),
    "a lonely backslash below": Around(below="x = 1\n\\\n\nprint('hi')\n"),
    "one line that goes on": Around(below="x = 1; \\\ny = 2\n"),
    "a cell of comments": Around(after=("# nothing\n", "")),
    "an indented cell": Around(before=("    def helper(x):\n        return x\n    y = helper(1)",)),
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_stands_around_a_right_function_costs_it_nothing(judge: Judge, around: Around) -> None:
    cells = [*around.before, f"{around.above}{RIGHT}{around.below}", *around.after]
    result = judge.grade(submitted(cells))
    assert {question.name: question.earned for question in result.questions} == {
        question.name: 0 if question.bonus else 1 for question in judge.assignment.questions}


# ---------------------------------------------------------------- what is not there


CORR2D = ("def corr2d(X, K):\n    h, w = K.shape\n"
          "    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))\n")


def said(result: Result, question: str = "corr2d") -> str:
    """What the student reads of a question as a whole."""
    return str(asked(for_student(result), question).message)


ABSENT = {
    "the cell is no Python": (
        [f"print 'start'\n{CORR2D}"], "corr2d stands in code cell 1, which is no Python. "
        "SyntaxError: Python 2 print statement: write print(...)"),
    "a decorator that is not there": (
        ["from registry import register", f"@register\n{CORR2D}"],
        "corr2d is defined at line 2 of code cell 2, which stopped. NameError: name 'register' "
        "is not defined"),
    "under a condition that failed": (
        [f"if GPU:\n    pass\nelse:\n    {CORR2D.replace(chr(10), chr(10) + '    ')}"],
        "corr2d is defined at line 4 of code cell 1, which stopped. NameError: name 'GPU' is not "
        "defined"),
    "another function's name is near": (
        [CORR2D.replace("corr2d", "corr_2d")], "corr2d is not defined. Did you mean corr_2d?"),
    "no variable is suggested": (["corr2 = 3\ncorr_2d = [1]"], "corr2d is not defined."),
    "nothing": (["x = 1"], "corr2d is not defined."),
}


@pytest.mark.parametrize(("cells", "expected"), ABSENT.values(), ids=ABSENT)
def test_why_a_function_is_not_there(judge: Judge, cells: list[str], expected: str) -> None:
    assert said(judge.grade(submitted(cells))) == expected


def test_a_definition_in_a_cell_of_text_is_found_there(judge: Judge) -> None:
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(CORR2D), v4.new_code_cell("x = 1")])
    files = {"correlation.ipynb": writes(notebook).encode()}
    result = judge.grade(Submission("ann", "correlation", files, None))
    assert said(result) == ("corr2d stands in a cell of text, which is not run: make it a cell of "
                            "code.")


def test_of_a_script_lines_are_told_and_no_cells(judge: Judge) -> None:
    result = judge.grade(submitted(f"import nowhere\n\n@nowhere.this\n{CORR2D}"))
    assert said(result).startswith("corr2d is defined at line 4, which stopped. NameError")
    assert [(error.cell, error.line) for error in result.load.errors] == [(None, 1), (None, 3)]


def test_a_layer_of_that_name_is_no_function_of_theirs(judge: Judge) -> None:
    result = judge.grade(submitted(["from torch import nn\ncorr2d = nn.Conv2d(1, 1, 2)"]))
    assert asked(result, "corr2d").status is not Status.PASSED
    assert "corr2d is a layer of torch's here" in said(result)
    mine = "class Mine(nn.Module):\n    def forward(self, X, K): return corr(X, K)\n"
    result = judge.grade(submitted(
        [f"{RIGHT}\ncorr = corr2d\n{mine}", "corr2d = Mine()"]))
    assert asked(result, "corr2d").earned == 1, "one of their own may be called"


def test_what_an_exception_says_is_told_with_its_line_and_what_to_do(judge: Judge) -> None:
    result = judge.grade(submitted(["import torch", CORR2D.replace("(X, K)", "(X, K, stride)"),
                                    CORR2D.replace("corr2d", "conv2d_true").replace("h, w", "w")]))
    accounts = {name: next(check.explained for check in asked(for_student(result), name).checks
                           if check.explained) for name in ("corr2d", "conv2d_true")}
    first, second = accounts["corr2d"], accounts["conv2d_true"]
    assert first.text == "TypeError: corr2d() missing 1 required positional argument: 'stride'"
    assert "give the parameter a default value" in str(first.advice)
    assert second.text == "NameError: name 'h' is not defined"
    assert (second.cell, second.line) == (2, 3)
    assert second.source == "return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))"


@pytest.mark.parametrize(("body", "message", "text"), [
    ("return torch.nn.functional.pad(X, (1, 1, 1, 1), mode='replicate')",
     "It raised NotImplementedError at line 3", "Padding size 4 is not supported"),
    ("return torch.nn.Module()(X)", "It raised NotImplementedError at line 3",
     'missing the required "forward" function'),
    ("raise NotImplementedError('write corr2d here')", "Not implemented yet.", None),
    ("if X.dim(): raise NotImplementedError", "Not implemented yet.", None)])
def test_what_torch_does_not_take_is_not_told_as_unwritten(
    judge: Judge, body: str, message: str, text: str | None
) -> None:
    result = judge.grade(submitted(f"import torch\ndef corr2d(X, K):\n    {body}\n"))
    question = asked(for_student(result), "corr2d")
    account = next(check.explained for check in question.checks if check.explained)
    assert str(account.message).startswith(message)
    assert account.said is None if text is None else text in (account.said or "")
    assert question.status is Status.ERROR


# ---------------------------------------------------------------- advice


CALLS = {  # what is run -> what is advised, in part; nothing: no advice
    "torch_ = 1; nn": "nn is not imported",
    "conv": "Nothing called conv is defined",
    "d()": "d_ gets its value on another path",
    "import package_of_tomorrow": "The package package_of_tomorrow is not there",
    "f(1)": "f asks for 'mode', which the call does not give",
    "f(1, 2, 3)": "f takes 2, and the call gives 3",
    "f(1, size=2)": "f has no parameter called size",
    "A(1, 2)": "A.__init__ takes 1, and the call gives 2",
    "a, b = 3": "This is a single number here, and no pair",
    "x = 3; x[0]": "This is a single number here, and no pair",
    "len(3)": "This is a single number here, and no pair",
    "a, b, c = torch.ones(2, 2).shape": "wait for values: 3; values that there are: 2",
    "a, b = torch.ones(2, 2, 2).shape": "More values are there than names that wait for them (2)",
    "[1, 2].shape": "A list has no `shape`",
    "(3.0).shape": "This is a plain number, and no tensor",
    "x = None; x.shape": "A value here is None",
    "torch.ones(2) + None": "A value here is None",
    "0 + None": "A value here is None",
    "torch.ones(2)(0)": "Brackets like `( )` call a function",
    "torch.ones(2).shape(0)": "Brackets like `( )` call a function",
    "torch.ones(2).size[0]": "This is a method that is not called",
    "torch.ones(2) + torch.ones(3)": "2 elements against 3 along axis 0",
    "torch.zeros(4)[:3] = torch.ones(2)": "along axis 0 there is room for 3, and 2 come",
    "torch.ones(2, 3) @ torch.ones(2, 3)": "Matrices of 2x3 and 2x3 cannot be multiplied",
    "torch.ones(4).reshape(3, 2)": "cannot be arranged as [3, 2]",
    "torch.nn.Conv2d(3, 1, 2)(torch.ones(1, 2, 5, 5))": "waits for 3, and what comes has 2",
    "torch.ones(2, 2) @ torch.ones(2, 2).double()": "have different dtypes",
    "torch.ones(2, requires_grad=True).numpy()": "has no gradient",
    "torch.ones(2, requires_grad=True).add_(1)": "make a new one",
    "L()": "`super().__init__()` is missing",
    "torch.nn.Linear(2, 2).weight = torch.ones(2, 2)": "wrap it in `nn.Parameter`",
    "torch.ones(2)[2]": "Index 2 is past the end: axis 0 has the length 2",
    "torch.ones(2)[0, 0]": "more indices than the tensor has axes (1)",
    "[1][1]": "There is no such element",
    "torch.ones(2).sum(dim=3)": "There is no such element",
    "range(3 / 2)": "`/` gives a fraction",
    "[1, 2][:1.0]": "`/` gives a fraction",
    "torch.ones(2).cuda()": "There is no GPU here",
    "open('kernels.txt')": "This file is not there",
    "r()": "calls itself without an end",
    "raise ValueError('the kernel is too large')": None,
    "raise KeyError('None')": None,
}
DEFINED = """
import torch
def f(x, mode): pass
class A:
    def __init__(self, x): pass
class L(torch.nn.Module):
    def __init__(self): self.layer = torch.nn.Linear(2, 2)
def d():
    if False: d_ = 1
    return d_
def r(): return r()
"""


@pytest.mark.parametrize(("code", "expected"), CALLS.items(), ids=CALLS)
def test_what_is_advised_about_a_real_exception(code: str, expected: str | None) -> None:
    values: dict[str, object] = {}
    exec(DEFINED, values)
    with pytest.raises(Exception) as caught:  # whatever Python and torch raise
        exec(code, values)
    raised = describe(caught.value)
    found = advice(raised.bases, raised.message)
    assert (found is None) if expected is None else expected in str(found), raised.message


def test_predictions_are_kept_only_where_the_course_says_so(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = submitted("predict('shape', (2, 3))\ndef corr2d(X, K):\n    return X\n")
    assert judge.grade(handed_in).predictions == []
    table = judge.course.feedback.model_copy(update={"predictions": True})
    monkeypatch.setattr(judge, "course", judge.course.model_copy(update={"feedback": table}))
    assert judge.grade(handed_in).predictions == [Prediction(name="shape", answer="(2, 3)")]

    def broken(notebook: Notebook) -> list[Prediction]:
        raise ValueError("of our own")

    # It ends this one's grading, and no judge.
    monkeypatch.setattr("autograder.judge.judge.predicted", broken)
    assert judge.grade(handed_in).status is SubmissionStatus.INTERNAL
