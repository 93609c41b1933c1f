"""Functions that are stood in for are answered by a worker of their own: whatever a student asks of
them costs the judge nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from labs import Lab, asked, submitted

from autograder.judge.stand_in import StandIn
from autograder.result import Result
from autograder.sandbox.client import Zygote

REFERENCE = """
import torch

def twice(x):
    if x <= -10**8:
        return torch.ones(-x)
    if x == -1:
        while True:
            pass
    return x + x

def thrice(x):
    return 3 * x
"""
ANSWERS = 6  # MiB that an answer may have


def graded(
    tmp_path: Path, zygote: Zygote, question: str, seconds: int = 30
) -> tuple[Result, int]:
    """A wrong ``twice``, on whose right answers ``thrice`` builds: it asks ``question`` first. And
    the most memory that the judge had meanwhile, above what it had before, in bytes."""
    source = ("def twice(x): return -x\n"
              f"def thrice(x):\n    try: {question}\n    except ValueError: return twice(x) + x\n"
              "    return 'it was answered'\n")
    lab = Lab(tmp_path, reference=REFERENCE,
              settings=f"[assignments.lab.limits]\nanswer_mb = {ANSWERS}\n"
                       f"call_seconds = {seconds}\n")
    with lab.judge(zygote) as judge:
        Path("/proc/self/clear_refs").write_text("5")  # the most so far is what it is now
        before = _peak()
        result = judge.grade(submitted(source, "lab"))
        return result, _peak() - before


def _peak() -> int:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines()
              if line.startswith("VmHWM")]
    return int(line.split()[1]) << 10


@pytest.mark.parametrize("question", [
    pytest.param("twice(-10**8)", id="an answer larger than answers may be"),
    pytest.param("twice(-10**10)", id="more memory than there is"),
    pytest.param("[twice(-10**8) for _ in range(9)]", id="again and again"),
])
def test_a_question_that_costs_too_much_is_refused(
    tmp_path: Path, zygote: Zygote, question: str
) -> None:
    """The student's function goes on as where the reference refuses, and the judge stays small."""
    result, grown = graded(tmp_path, zygote, question)
    assert asked(result, "thrice").corrected == 1
    assert grown < 100 << 20


def test_a_question_that_takes_too_long_ends_with_the_call(
    tmp_path: Path, zygote: Zygote
) -> None:
    result, _ = graded(tmp_path, zygote, "twice(-1)", seconds=1)
    assert result.is_graded and asked(result, "thrice").corrected == 0


def test_the_control_answered_in_the_judge_it_takes_the_judges_memory(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace: dict[str, Any] = {}
    exec(REFERENCE, namespace)
    monkeypatch.setattr(StandIn, "__call__",
                        lambda self, inquiry, seconds: namespace[inquiry.function](
                            *inquiry.arguments, **inquiry.keywords))
    _, grown = graded(tmp_path, zygote, "twice(-10**8)")
    assert grown > 300 << 20
