"""What a submission does to the judge that grades it: nothing. Its faults stay its own, they are
never the grader's."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from labs import (
    RIGHT,
    Bench,
    asked,
    charged,
    correlation,
    few_candidates,
    submitted,
    unhurried,
)

from autograder.judge import Judge
from autograder.result import Result, Status, SubmissionStatus
from autograder.sandbox.client import Zygote

__all__ = ["few_candidates", "unhurried"]  # fixtures


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    course = correlation(tmp_path_factory.mktemp("course"), "call_seconds = 2",
                         questions=("corr2d", "edge_kernel", "parameters"))
    with Bench(course, "correlation", zygote) as judge:
        yield judge


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    """Of all questions."""
    course = correlation(tmp_path_factory.mktemp("whole"), "call_seconds = 2")
    with Bench(course, "correlation", zygote) as judge:
        yield judge


def graded(judge: Judge, source: str) -> Result:
    """The result, as it is written to a file and read again."""
    result = judge.grade(submitted(RIGHT + source))
    assert result.status is SubmissionStatus.GRADED, result.message
    return Result.model_validate_json(result.model_dump_json())


HUGE = "10 ** 4000"
FAULTS = {
    "an integer beyond every float": (
        "parameters", f"def convolution_parameters(k): return {HUGE}"),
    "losses beyond every float": (
        "learn_kernel", "def learn_kernel(X, Y, k, lr=1, epochs=1):\n"
        f"    return torch.zeros(k), [{HUGE}] * epochs"),
    "a tensor where a number belongs": (
        "parameters", "def convolution_parameters(k): return torch.ones(2)"),
    "NaN where a number belongs": (
        "parameters", "def convolution_parameters(k): return float('nan')"),
    "a complex kernel": (
        "edge_kernel", "def edge_kernel(d): return torch.ones(1, 2, dtype=torch.complex64)"),
    "a kernel without memory": (
        "edge_kernel", "right = edge_kernel\n"
        "def edge_kernel(d): return right(d).to('meta')"),
    "a kernel of another rank": ("edge_kernel", "def edge_kernel(d): return torch.ones(2)"),
    "an answer without memory": (
        "corr2d", "right = corr2d\ndef corr2d(X, K): return right(X, K).to('meta')"),
    "a complex answer": (
        "corr2d", "right = corr2d\ndef corr2d(X, K): return right(X, K) + 0j"),
    "answers of booleans": (
        "corr2d", "right = corr2d\ndef corr2d(X, K): return right(X, K) > 0"),
    "a sparse answer": (
        "corr2d", "right = corr2d\ndef corr2d(X, K): return right(X, K).to_sparse()"),
    "no answer": ("corr2d", "def corr2d(X, K): pass"),
    "an answer in a list": (
        "corr2d", "right = corr2d\ndef corr2d(X, K): return right(X, K).tolist()"),
    "losses in a dict": (
        "learn_kernel", "def learn_kernel(X, Y, k, lr=1, epochs=1):\n"
        "    return {0: torch.zeros(k), 'losses': 1}"),
    "losses of infinity": (
        "learn_kernel", "def learn_kernel(X, Y, k, lr=1, epochs=1):\n"
        "    return torch.zeros(k), [float('inf')] * epochs"),
    "parameters under numbers": (
        "Conv2D", "class Conv2D(nn.Module):\n    def __init__(self, k): super().__init__()\n"
        "    def named_parameters(self, *a, **k):\n"
        "        yield 1, torch.ones(1)\n        yield 'weight', torch.ones(1)"),
    "parameters that are no tensors": (
        "Conv2D", "class Conv2D(nn.Module):\n    def __init__(self, k): super().__init__()\n"
        "    def state_dict(self, *a, **k): return {'weight': 3, 'bias': None}"),
    "an object that is no module": ("Conv2D", "class Conv2D:\n    def __init__(self, k): pass"),
    "a signal without a name": (
        "corr2d", "import ctypes, os\ndef corr2d(X, K): ctypes.CDLL(None).raise_(0)\n"
        "def corr2d(X, K): os.kill(os.getpid(), 40); os._exit(0)"),
    "an exception that will not be described": (
        "corr2d", "class Mute(Exception):\n    def __str__(self): raise self\n"
        "    __repr__ = __str__\ndef corr2d(X, K): raise Mute"),
    "an exception whose class has no name": (
        "corr2d", "class Meta(type):\n    @property\n    def __name__(cls): raise Nameless\n"
        "class Nameless(Exception, metaclass=Meta): pass\ndef corr2d(X, K): raise Nameless"),
    "half a character": (
        "corr2d", "def corr2d(X, K): raise type('\\ud800', (Exception,), {})('\\udfff')"),
    "recursion without end": ("corr2d", "def corr2d(X, K): return corr2d(X, K)"),
    "an answer from a thread that goes on": (
        "corr2d", "import threading\ndef corr2d(X, K):\n"
        "    if threading.active_count() > 1: return X\n"
        "    threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()"),
    "an input resized": ("corr2d", "def corr2d(X, K): return X.resize_(0)"),
}


ON_CALLERS = {"an answer without memory"}
"""Faults with which functions that build on theirs are graded, too."""


@pytest.mark.parametrize(("name", "question", "source"), [
    pytest.param(name, *case, id=name) for name, case in FAULTS.items()])
def test_a_students_fault_is_a_fault_of_the_student(
    judge: Judge, whole: Judge, name: str, question: str, source: str
) -> None:
    """Whatever is answered costs the points of its question, and no more than it has broken."""
    is_there = question in {each.name for each in judge.assignment.questions}
    result = graded(judge if is_there and name not in ON_CALLERS else whole, source)
    found = asked(result, question)
    assert Status.INTERNAL not in {check.status for q in result.questions for check in q.checks}
    assert charged(found)
    assert asked(result, "parameters" if question == "edge_kernel" else "edge_kernel").earned > 0


def test_half_a_character_in_an_operators_name_stops_no_batch(judge: Judge) -> None:
    graded(judge, "import sys\ndef corr2d(X, K):\n"
           "    sys.modules['autograder.worker.denial']._taken.append('\\ud800'); return X")


FORGED = """
import sys, numpy as np
frame = sys._getframe()
while frame is not None:
    table = getattr(frame.f_locals.get("self"), "_table", {})
    for kind in table:
        if kind.__name__ == "LookUp":
            table[kind] = lambda request: dict.fromkeys(request.names, np.ones(2))
    frame = frame.f_back
"""


def test_a_word_of_a_worker_that_is_none_stops_no_batch(judge: Judge) -> None:
    """It says which names are there, by an array for each."""
    result = graded(judge, f"exec({FORGED!r})")
    assert {question.status for question in result.questions} == {Status.MISSING}


def test_wrong_answers_do_not_fill_the_judges_memory(whole: Judge) -> None:
    """There are two dozen, of 15 MB each."""
    before = psutil.Process().memory_info().rss
    result = graded(whole, "def corr2d(X, K): return torch.rand(1950, 2000)\n"
                    "def conv2d_true(X, K): return torch.rand(1950, 2000)\n")
    assert asked(result, "corr2d").earned == asked(result, "conv2d_true").earned == 0
    assert psutil.Process().memory_info().rss - before < 100 << 20
