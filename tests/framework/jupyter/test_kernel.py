"""In a notebook's kernel the visible checks say what the grader says, and leave nothing behind."""

from __future__ import annotations

import importlib
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pytest
import torch
from ipykernel.compiler import XCachingCompiler
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from labs import REPOSITORY, RIGHT

from autograder import load_ipython_extension
from autograder.jupyter import session
from autograder.jupyter.alarm import Alarm
from autograder.jupyter.checking import KernelAnswer, checked
from autograder.result import QuestionResult, Status
from autograder.submission import SubmissionError

EXAMPLES = REPOSITORY / "examples" / "submissions"
WRONG = RIGHT.replace("* K).sum", "* K.flip(0, 1)).sum")


@dataclass
class Kernel:
    """IPython without a front end, beside the folder of `correlation`."""

    shell: InteractiveShell
    folder: Path

    def run(self, source: str) -> None:
        self.shell.run_cell(source, store_history=True).raise_error()

    def check(self, *asked: str, **given: Any) -> KernelAnswer:
        return checked(session.of(self.shell), asked, **given)

    def question(self, name: str) -> QuestionResult:
        return next(each for each in self.check(name).result.questions if each.name == name)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    folder = shutil.copytree(REPOSITORY / "assignments" / "correlation", tmp_path / "lab")
    monkeypatch.chdir(folder)
    main = sys.modules["__main__"]
    yield Kernel(InteractiveShell(), folder)
    sys.modules["__main__"] = main


def said(question: QuestionResult) -> str:
    return " ".join(str(check.explained.message) for check in question.checks
                    if check.explained and check.explained.message)


def test_a_network_of_the_students_is_run_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: Kernel
) -> None:
    monkeypatch.chdir(shutil.copytree(REPOSITORY / "assignments" / "capstone", tmp_path / "runes"))
    kernel.run("import torch\nfrom torch import nn\n"
               "def make_reader(): return nn.Sequential(nn.Flatten(), nn.Linear(1200, 10))\n"
               "def train(model, images, labels): pass")
    question = kernel.question("reader")
    found = {check.id: check for check in question.checks}
    assert found["test_a_new_reader_is_admitted"].status is Status.PASSED
    assert found["test_training_teaches"].status is Status.FAILED
    assert "images right that it was trained on" in said(question)


# What is said -----------------------------------------------------------------------------------


def test_a_right_solution_passes_and_a_flipped_kernel_is_named(kernel: Kernel) -> None:
    kernel.run(RIGHT)
    assert kernel.check().passed
    kernel.run(WRONG)
    answer = kernel.check("corr2d")
    [question] = answer.result.questions
    assert [each.id for each in question.diagnosis] == ["kernel-flipped"]
    shown = answer._repr_mimebundle_()
    assert shown.keys() == {"text/plain", "text/html"}
    assert "<mark>19</mark>" in shown["text/html"] and "<details>" in shown["text/html"]
    assert "[19][25]" in shown["text/plain"]


def test_the_wiring_of_a_fault_without_a_name_is_shown(kernel: Kernel) -> None:
    kernel.run(RIGHT.replace("* K).sum((2, 3))", "* K).sum((2, 3)) + X[0, 0] * K[1, 1]"))
    wiring = kernel.question("corr2d").wiring
    assert wiring is None  # of the first output nothing differs where X[0, 0] is 0
    kernel.run(RIGHT.replace("X.unfold(0, h, 1)", "X.roll(1, 0).unfold(0, h, 1)"))
    wiring = kernel.question("corr2d").wiring
    assert wiring is not None and wiring.given != wiring.expected


def test_a_function_itself_is_checked_in_the_place_of_its_name(kernel: Kernel) -> None:
    kernel.run(WRONG)
    kernel.run("wrong = corr2d")
    kernel.run(RIGHT)
    assert kernel.check("corr2d").passed
    wrong = kernel.shell.user_ns["wrong"]
    assert not kernel.check("corr2d", given={"corr2d": wrong}).passed


def test_it_answers_in_the_language_asked_for(kernel: Kernel) -> None:
    kernel.run(WRONG)
    shown = kernel.check("corr2d", spoken="zh")._repr_mimebundle_()
    assert "答案错误" in shown["text/html"] or "答案" in shown["text/plain"]
    assert "Hint 1" not in shown["text/html"]


def test_a_notebook_in_chinese_is_answered_in_chinese(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As its name says: `checks/` is the same for both."""
    kernel.run(RIGHT)
    file = kernel.folder / "correlation.zh.ipynb"
    for name, speaks in (("correlation.ipynb", "visible"), (file.name, "公开")):
        monkeypatch.setenv("JPY_SESSION_NAME", str(kernel.folder / name))
        assert speaks in repr(kernel.check("corr2d"))
    kernel.run("from autograder.notebook import predict, window\npredict('sum', 3)\n"
               "print(window([[1, 2]], [[3]]))")
    assert "已记下" in (said := capsys.readouterr().out) and "步幅" in said


def test_what_raises_names_its_line_and_a_missing_name_its_neighbour(kernel: Kernel) -> None:
    kernel.run("def Corr2d(X, K):\n    return X\n\ndef edge_kernel(direction):\n    return 1 / 0")
    error = kernel.question("edge_kernel")
    assert said(error) == "It raised ZeroDivisionError at line 5 of code cell 1."
    [account] = [check.explained for check in error.checks if check.explained]
    assert account.source == "return 1 / 0"
    assert str(kernel.question("corr2d").message) == \
        "corr2d is not defined. Did you mean Corr2d?"


def test_a_name_of_a_cell_that_stopped_says_where_and_why(kernel: Kernel) -> None:
    load_ipython_extension(kernel.shell)
    kernel.shell.run_cell("import torch\n@register\ndef corr2d(X, K):\n    return X",
                          store_history=True)
    assert str(kernel.question("corr2d").message) == (
        "corr2d is defined at line 3 of code cell 1, which stopped. "
        "NameError: name 'register' is not defined")


def test_what_hangs_is_interrupted_and_what_exits_does_not(kernel: Kernel) -> None:
    kernel.run("import sys, time\ndef edge_kernel(direction):\n    time.sleep(600)\n"
               "def corr2d(X, K):\n    sys.exit(0)")
    assert kernel.question("edge_kernel").status is Status.TIMEOUT
    assert said(kernel.question("corr2d")).startswith("It raised SystemExit")


@pytest.fixture
def limit_of_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("limit_of_recursion")
def test_a_recursion_without_an_end_costs_no_kernel_though_its_limit_was_lifted(
    kernel: Kernel,
) -> None:
    kernel.run("import sys\nsys.setrecursionlimit(10 ** 7)\n"
               "def corr2d(X, K):\n    return list(map(lambda row: corr2d(row[None], K), X))")
    [question] = kernel.check("corr2d").result.questions
    assert question.checks[0].explained is not None
    assert question.checks[0].explained.raised == "RecursionError"
    kernel.run("assert sys.getrecursionlimit() == 10 ** 7")


def test_a_package_that_is_imported_in_a_call_does_not_use_up_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As torch's compiler is, at an optimizer's first step."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for number in range(150):
        (tmp_path / f"part_of_a_compiler_{number}.py").touch()

    def computes(*, imports: bool) -> None:
        begun = time.monotonic()
        for number in range(150 if imports else 0):
            importlib.import_module(f"part_of_a_compiler_{number}")
        while time.monotonic() < begun + 2.5:
            pass

    with Alarm(2) as alarm:
        computes(imports=True)
    assert not alarm.rang
    with pytest.raises(KeyboardInterrupt), Alarm(2):
        while True:
            computes(imports=False)


def test_who_stops_it_is_told_so_and_the_rest_is_left(kernel: Kernel) -> None:
    kernel.run("def corr2d(X, K):\n    raise KeyboardInterrupt\n"
               "def edge_kernel(direction):\n    print('asked')")
    answer = kernel.check("corr2d", "edge_kernel")
    assert [question.status for question in answer.result.questions] == [Status.TIMEOUT] * 2
    assert said(answer.result.questions[0]) == "You stopped it before it gave an answer."
    assert answer.printed == ""


def test_what_is_forbidden_is_refused_and_allowed_again(kernel: Kernel) -> None:
    kernel.run("import torch\ndef corr2d(X, K):\n"
               "    return torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]")
    assert kernel.question("corr2d").status is Status.FORBIDDEN
    assert torch.nn.functional.conv2d(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2)).item() == 4


def test_changed_arguments_are_told(kernel: Kernel) -> None:
    kernel.run(RIGHT.replace("    h, w = K.shape\n", "    h, w = K.shape\n    X += 0; X[0] += 1\n"))
    assert kernel.question("corr2d").status is Status.FAILED


def test_what_checks_are_meant_is_said_or_asked(kernel: Kernel) -> None:
    with pytest.raises(SubmissionError, match="no visible check is about pool2d"):
        kernel.check("pool2d")
    (kernel.folder / "checks").rename(kernel.folder.parent / "elsewhere")
    with pytest.raises(SubmissionError, match="no checks found"):
        kernel.check()
    kernel.run(RIGHT)
    assert kernel.check(checks=kernel.folder.parent / "elsewhere").passed


# What is left behind ----------------------------------------------------------------------------


def test_nothing_is_left_behind(kernel: Kernel, capfd: pytest.CaptureFixture[str]) -> None:
    """Chance, names, settings of torch, printed lines, plots, and this very process's own state."""
    matplotlib.use("agg")
    kernel.run(WRONG)
    kernel.run("""
import random
import numpy as np
import matplotlib.pyplot as plt
right, counted = corr2d, 0
plt.figure(5)
def corr2d(X, K):
    global counted, made
    counted, made = counted + 1, True
    print("looking")
    plt.figure(); plt.show()
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    torch.set_default_dtype(torch.float16)
    try:
        input()
    except EOFError:
        return right(X, K)
torch.manual_seed(3), np.random.seed(3), random.seed(3)
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
""")
    names = kernel.shell.user_ns
    plots = names["plt"]
    before = dict(names)
    files = set(kernel.folder.rglob("*"))
    chance = torch.get_rng_state(), names["np"].random.get_state()[1], names["random"].getstate()
    capfd.readouterr()
    try:
        answer = kernel.check("corr2d")
        assert answer.printed == "looking\n" and capfd.readouterr().out == ""
        assert [each.id for each in answer.result.questions[0].diagnosis] == ["kernel-flipped"]
        assert names == before
        assert plots.get_fignums() == [5]
        assert torch.get_default_dtype() is torch.float64 and not torch.is_grad_enabled()
        now = torch.get_rng_state(), names["np"].random.get_state()[1], names["random"].getstate()
        assert torch.equal(now[0], chance[0]) and (now[1] == chance[1]).all() \
            and now[2] == chance[2]
        assert set(kernel.folder.rglob("*")) == files
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        plots.close("all")


def test_cells_have_their_numbers_in_the_ipython_of_colab(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IPython 7 does not say which cell a file of its code is: the extension remembers. (It counts
    a cell when it has run; the IPython of today, before: so here each is one further.)"""
    monkeypatch.delattr(CachingCompiler, "format_code_name")
    kernel.shell.compile = XCachingCompiler()
    kernel.run("def conv2d_true(X, K):\n    return 1 / 0")  # before it is there
    load_ipython_extension(kernel.shell)
    kernel.run("def edge_kernel(direction):\n    return 1 / 0")
    assert said(kernel.question("edge_kernel")) == \
        "It raised ZeroDivisionError at line 2 of code cell 3."
    assert said(kernel.question("conv2d_true")) == "It raised ZeroDivisionError."
