"""One submission to `correlation`, one result: points, statuses, mismatches, diagnosis, credit for
what follows from a mistake that has been paid for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from labs import REPOSITORY, RIGHT, Bench, asked, charged, correlation, submitted

from autograder import course
from autograder.judge import Judge
from autograder.result import (
    CheckResult,
    MismatchKind,
    QuestionResult,
    Result,
    Status,
    SubmissionStatus,
)
from autograder.sandbox.client import Zygote

Kind = MismatchKind


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    course = correlation(tmp_path_factory.mktemp("course"), "call_seconds = 1", "cell_seconds = 1",
                         questions=("corr2d", "parameters"))
    with Bench(course, "correlation", zygote) as judge:
        yield without_repairs(judge)


def without_repairs(judge: Judge) -> Judge:
    """Looking for them takes most of the time, and decides nothing: test_repair.py."""
    judge.repairs = None
    return judge


def graded(judge: Judge, *sources: str) -> Result:
    result = judge.grade(submitted(RIGHT + "\n".join(sources)))
    assert result.status is SubmissionStatus.GRADED, result.message
    return result


def kind_of(check: CheckResult) -> MismatchKind | None:
    account = check.account
    return account.mismatch.kind if account and account.mismatch else None


def faults(question: QuestionResult) -> dict[str, str]:
    """Checks that cost points, and how they ended: the kind of mismatch, or the status."""
    return {check.id: str(kind_of(check) or check.status)
            for check in charged(question)}


def share(judge: Judge, question: str, *lost: str) -> Fraction:
    """What is left of a question's points without these checks: by hand, from the marks."""
    checks = judge.examiner.suite.checks[question]
    kept = sum((check.weight for check in checks if check.id not in lost), Fraction(0))
    return kept / sum(check.weight for check in checks)


# ---------------------------------------------------------------- one program, one verdict


LOOPS = """
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
"""
EVERY = "every check of values"
VALUES = dict.fromkeys((
    "test_textbook_example", "test_rectangular_input_and_kernel", "test_tall_and_wide_kernels",
    "test_extreme_kernels", "test_views_and_repeated_calls", "test_whole_numbers",
    "test_gradients", "test_dtype_follows_the_input"), "values")


@dataclass(frozen=True)
class Program:
    """What is wrong with ``corr2d``, or with another function, and what it costs there."""

    source: str
    faults: dict[str, str] | str
    status: Status = Status.FAILED
    diagnosis: frozenset[str] = field(default_factory=frozenset)
    question: str = "corr2d"


def wrap(change: str) -> str:
    """The right corr2d, and something done to what goes in or comes out."""
    return f"right = corr2d\ndef corr2d(X, K):\n    {change}\n"


PROGRAMS = {
    "nothing is wrong": Program("", {}, Status.PASSED),
    "parameters have names of their own": Program(
        "right = corr2d\ndef corr2d(picture, window): return right(picture, window)", {},
        Status.PASSED),
    "textbook loops into float32": Program(LOOPS, {
        "test_whole_numbers": "dtype", "test_oversized_kernel_is_refused": "accepted",
        "test_empty_tensors_are_refused": "accepted",
    }, diagnosis=frozenset({"zeros-always-float32", "oversized-kernel-accepted"})),
    "an oversized kernel is accepted": Program(
        LOOPS.replace("w + 1))", "w + 1), dtype=X.dtype, device=X.device)"
                      ).replace("torch.zeros((", "torch.zeros((").replace(
            "X.shape[0] - h + 1, X.shape[1] - w + 1",
            "max(0, X.shape[0] - h + 1), max(0, X.shape[1] - w + 1)"),
        {"test_oversized_kernel_is_refused": "accepted",
         "test_empty_tensors_are_refused": "accepted"},
        diagnosis=frozenset({"oversized-kernel-accepted"})),
    "the graph is cut": Program(
        wrap("return right(X.detach(), K.detach())"), {"test_gradients": "gradient"},
        diagnosis=frozenset({"graph-cut"})),
    "the image is changed": Program(
        wrap("Y = right(X, K)\n    if not X.requires_grad and not X.is_meta: X.zero_()\n"
             "    return Y"),
        {"test_views_and_repeated_calls": "mutated"},
        diagnosis=frozenset({"input-changed"})),
    "the device is fixed": Program(
        wrap("return right(X, K) + torch.zeros(right(X, K).shape, dtype=X.dtype, device='cpu')"),
        {"test_device_follows_the_input": "device"}, diagnosis=frozenset({"device-hard-coded"})),
    "the kernel is flipped": Program(
        wrap("return right(X, K.flip(0, 1))"), VALUES, diagnosis=frozenset({"kernel-flipped"})),
    "wrong only where height and width differ": Program(
        wrap("return right(X, K.T) if X.shape[0] == X.shape[1] else right(X, K)"),
        {"test_textbook_example": "values", "test_shift_in_shift_out": "shape"}),
    "wrong by a thousandth": Program(wrap("return right(X, K) * 1.001"), VALUES),
    "wrong everywhere, and nobody knows why": Program(
        wrap("return right(X, K) ** 3 + 1"), EVERY),
    "NaN": Program(
        wrap("return right(X, K) * float('nan')"), EVERY),
    "another type": Program(wrap("return right(X, K).tolist()"), EVERY),
    "another shape": Program(wrap("return right(X, K)[None]"), EVERY),
    "it raises": Program(wrap("raise KeyError('x')"), EVERY, Status.ERROR),
    "it refuses everything": Program(wrap("raise ValueError('no')"), EVERY, Status.ERROR),
    "it is not written": Program(wrap("raise NotImplementedError"), EVERY, Status.ERROR),
    "it ends the process": Program(wrap("import os; os._exit(0)"), EVERY, Status.CRASHED),
    "it hangs": Program(wrap("import time; time.sleep(1e6)"), EVERY, Status.TIMEOUT),
    "it uses a convolution": Program(
        wrap("return torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]"),
        EVERY, Status.FORBIDDEN),
    "it uses one for some inputs, and hides it": Program(
        wrap("try: torch.conv2d(X[None, None], K[None, None])\n"
             "    except Exception: pass\n    return right(X, K)"),
        EVERY, Status.FORBIDDEN),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_gets_its_points_and_its_diagnosis(judge: Judge, program: Program) -> None:
    found = asked(graded(judge, program.source), program.question)
    assert found.status is program.status
    if program.faults == EVERY:
        assert not [check.id for check in found.checks
                    if check.id in VALUES and check.status is Status.PASSED]
        assert found.earned == 0 or program.status is Status.FAILED
    else:
        assert isinstance(program.faults, dict)
        assert faults(found) == program.faults
        assert found.earned == share(judge, program.question, *program.faults)
    assert {diagnosis.id for diagnosis in found.diagnosis} >= program.diagnosis
    if not program.diagnosis:
        assert found.diagnosis == [] or program.faults == EVERY


# ---------------------------------------------------------------- several mistakes at once


def test_two_functions_with_a_mistake_each_have_a_diagnosis_each(judge: Judge) -> None:
    found = asked(graded(judge, """
def fully_connected_parameters(inputs, outputs):
    return inputs * outputs + outputs

def convolution_parameters(kernel_size):
    return pair(kernel_size)[0] ** 2
"""), "parameters")
    assert {one.id for one in found.diagnosis} == {"bias-counted", "square-kernel-counted"}
    explained = [check for diagnosis in found.diagnosis for check in diagnosis.checks]
    assert sorted(explained) == sorted(check.id for check in charged(found))


CONV2D = """
import torch

def conv2d(X, W, b=None, stride=1, padding=0):
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1] or min(ph, pw) < 0 \
            or min(sh, sw) < 1 or W.shape[2] > X.shape[2] + 2 * ph \
            or W.shape[3] > X.shape[3] + 2 * pw or (b is not None and b.shape != W.shape[:1]):
        raise ValueError("these do not fit")
    {mistakes}
    X = torch.nn.functional.pad(X, (pw, pw, ph, ph))
    windows = X.unfold(2, W.shape[2], 1).unfold(3, W.shape[3], 1)[:, :, ::sh, ::sw]
    Y = torch.einsum("nchwij,ocij->nohw", windows, W)
    return Y if b is None else Y + b[:, None, None]
"""
MISTAKES = {
    "b = None; ph, pw = pw, ph": {"bias-forgotten", "padding-swapped"},
    "sh, sw = sw, sh; W = W.flip(2, 3)": {"strides-swapped", "weights-flipped"},
    "sh = sw = 1; ph, pw = pw, ph": {"stride-ignored", "padding-swapped"},
    "W = W * 1.01; b = None": set(),
    "W = W.abs()": set(),
    "pass": set(),
}


@pytest.fixture(scope="module")
def channels(zygote: Zygote) -> Iterator[Judge]:
    with Bench(course.load(REPOSITORY / "grader.toml"), "channels", zygote) as judge:
        yield without_repairs(judge)


@pytest.mark.parametrize(("mistakes", "named"), MISTAKES.items())
def test_two_mistakes_in_one_function_are_both_named_and_others_are_not(
    channels: Judge, mistakes: str, named: set[str]
) -> None:
    result = channels.grade(submitted(CONV2D.format(mistakes=mistakes), "channels"))
    assert {diagnosis.id for diagnosis in asked(result, "conv2d").diagnosis} == named


# ---------------------------------------------------------------- what is wired to what


@pytest.mark.parametrize(("change", "pixels"), [
    ("Y = right(X, K); Y[0, 1] = Y[0, 0]; return Y", [[0, 0], [0, 1], [1, 0], [1, 1]]),
    ("return right(X.roll(1, 1), K)", [[0, 0], [0, 1], [1, 0], [1, 1]]),
])
def test_a_fault_without_a_name_shows_what_met_what(
    judge: Judge, change: str, pixels: list[list[int]]
) -> None:
    """The textbook's output (0, 1) adds up the window that begins one pixel to the right."""
    found = asked(graded(judge, wrap(change)), "corr2d")
    assert found.diagnosis == []
    assert found.wiring is not None and found.wiring.output == [0, 1]
    assert [wire.pixel for wire in found.wiring.given] == pixels
    assert [wire.pixel for wire in found.wiring.expected] == [[0, 1], [0, 2], [1, 1], [1, 2]]
    weights = [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [wire.weight for wire in found.wiring.given] == weights


@pytest.mark.parametrize("change", [
    "return right(X, K) ** 2", "return right(X, K) + 1", "return right(X, K) * 0.5",
    "return right(X, K.flip(0, 1))", "return right(X, K)",
    "return right(X, K) if X.sum() > 10 else 1 / 0",
    "return right(X, K).tolist()", "import os; os._exit(1)",
])
def test_what_is_not_bilinear_or_has_a_name_shows_no_wiring(judge: Judge, change: str) -> None:
    assert asked(graded(judge, wrap(change)), "corr2d").wiring is None
