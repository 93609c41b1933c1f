"""Functions that are stood in for are answered by a worker of their own: whatever a student asks of
them costs the judge nothing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from labs import Lab, asked, submitted

from autograder.judge import Judge
from autograder.judge.answerer import Answerer, answered
from autograder.judge.examiner import Examiner
from autograder.judge.implementation import Local
from autograder.protocol import Inquiry, Opaque, Reply
from autograder.result import Result
from autograder.sandbox.client import Zygote

REFERENCE = """
import time, torch

def twice(x):
    if x <= -10**8:
        return torch.ones(-x)
    if x == -1:
        time.sleep(1e6)
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
    monkeypatch.setattr(Answerer, "__call__",
                        lambda self, inquiry, seconds: namespace[inquiry.function](
                            *inquiry.arguments, **inquiry.keywords))
    _, grown = graded(tmp_path, zygote, "twice(-10**8)")
    assert grown > 300 << 20


# Two helpers' callers: one asks what the reference does, one asks more.
BUILDS_ON_TWICE = """
def twice(x):
    if x < 0:
        raise ValueError("below zero")
    return x + x

def thrice(x):
    return twice(x) + x
"""
AS_THE_REFERENCE = "def twice(x): return -x\ndef thrice(x): return twice(x) + x + 1\n"
MORE_THAN_THE_REFERENCE = "def twice(x): return -x\ndef thrice(x): return twice(x + 1) + x\n"
THRICE = """
@pytest.mark.visibility("visible")
def test_one(check):
    '''Thrice one.'''
    check.thrice(1)


def test_any(check, draw):
    '''Thrice any number.'''
    check.thrice(draw.number(10, 10**9))


def test_below_zero(refuses, draw):
    '''Nothing below zero.'''
    refuses.thrice(-draw.number(1, 10**9))
"""


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that workers are asked for by those who stand in."""
    found: list[str] = []
    reply = Answerer._reply

    def asked(self: Answerer, request: Any, name: str, seconds: float) -> Reply:
        found.append(name)
        return reply(self, request, name, seconds)

    monkeypatch.setattr(Answerer, "_reply", asked)
    return found


@pytest.fixture
def judge(tmp_path: Path, zygote: Zygote) -> Iterator[Judge]:
    with Lab(tmp_path, reference=BUILDS_ON_TWICE, thrice=THRICE).judge(zygote) as judge:
        yield judge


def test_what_the_reference_asks_as_well_is_known_by_the_third_submission(
    judge: Judge, stood_in: list[str]
) -> None:
    first = judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    assert stood_in
    judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    stood_in.clear()
    third = judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    assert not stood_in
    assert third.questions == first.questions
    assert asked(first, "thrice").corrected == Fraction(1, 3)  # what is below zero is refused


def test_whatever_else_is_asked_a_worker_answers(judge: Judge, stood_in: list[str]) -> None:
    for _ in range(2):
        judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    stood_in.clear()
    result = judge.grade(submitted(MORE_THAN_THE_REFERENCE, "lab"))
    assert stood_in
    assert asked(result, "thrice").corrected == Fraction(1, 3)


def test_what_students_make_up_is_kept_for_nobody(judge: Judge, stood_in: list[str]) -> None:
    """By a question of its own, a process could be brought to answer others wrongly."""
    for _ in range(3):
        judge.grade(submitted(MORE_THAN_THE_REFERENCE, "lab"))
    stood_in.clear()
    judge.grade(submitted(MORE_THAN_THE_REFERENCE, "lab"))
    assert stood_in


def test_what_secret_inputs_lead_to_is_known_where_it_decides_only(judge: Judge) -> None:
    """In a process that students hear of, how soon an answer comes would tell that it is known."""
    def inquiry(examiner: Examiner) -> Inquiry:
        number = drawn(examiner, "thrice", "test_any")
        return Inquiry("twice", [number], {}, None)

    for _ in range(2):
        judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    panel = judge.panel
    assert judge.rehearsed is not None
    secret, public = map(inquiry, (panel.deciding, panel.explaining))
    for each in (secret, public):
        answer = judge.rehearsed.known(each)
        assert answer is not None and answer.given() == 2 * each.arguments[0]
    assert judge.rehearsed.known_of_public(public) is not None
    assert judge.rehearsed.known_of_public(secret) is None


def test_what_a_check_asks_of_everybody_is_known_where_it_decides_only(
    tmp_path: Path, zygote: Zygote
) -> None:
    """What it asks is not shown, for other inputs cannot stand for them."""
    fixed = "def test_one(check):\n    '''Thrice a number.'''\n    check.thrice(12345)\n"
    asks = Inquiry("twice", [12345], {}, None)
    with Lab(tmp_path, reference=BUILDS_ON_TWICE, thrice=fixed).judge(zygote) as judge:
        for _ in range(2):
            judge.grade(submitted(AS_THE_REFERENCE, "lab"))
        assert judge.rehearsed is not None
        assert judge.rehearsed.known(asks) is not None
        assert judge.rehearsed.known_of_public(asks) is None


def test_before_a_process_meets_secret_inputs_it_is_answered_as_who_is_told_of(
    judge: Judge, stood_in: list[str]
) -> None:
    """Whether visible checks pass there is told."""
    for _ in range(2):
        judge.grade(submitted(AS_THE_REFERENCE, "lab"))
    secret = drawn(judge.panel.deciding, "thrice", "test_any")
    stood_in.clear()
    result = judge.grade(submitted(
        "def twice(x): return -x\n"
        f"def thrice(x):\n    twice({secret})\n    return twice(x) + x\n", "lab"))
    assert asked(result, "thrice").corrected == 1
    assert stood_in == ["twice"]  # by the visible check, and by no hidden one


IN_PLACE = """
def twice(x):
    return [x, x]

def thrice(x):
    found = twice(x)
    found.append(x)
    return found
"""
TENSORS_IN_PLACE = """
import torch

def twice(x):
    return torch.tensor([2.0 * x])

def thrice(x):
    found = twice(x)
    found += x
    return found
"""
TICKETS = """
import itertools

numbers = itertools.count()

def twice(x):
    return next(numbers)

def thrice(x):
    return twice(x) < twice(x)
"""
WARNS = """
import warnings

def twice(x):
    warnings.warn("slow")
    return x + x

def thrice(x):
    try:
        return twice(x) + x
    except UserWarning:
        return 3 * x
    except ValueError:
        return 3 * x
"""
NO_WARNINGS = """
import warnings

@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield

def test_one(check):
    '''Thrice one.'''
    check.thrice(1)
"""


@pytest.mark.filterwarnings("ignore:slow")
@pytest.mark.parametrize(("reference", "student", "suite"), [
    pytest.param(IN_PLACE, "return [*twice(x), x]", THRICE, id="a list is longer afterwards"),
    pytest.param(TENSORS_IN_PLACE, "return twice(x) + x", THRICE,
                 id="a tensor is another afterwards"),
    pytest.param(TICKETS, "return twice(x) < twice(x)", THRICE, id="each time another answer"),
    pytest.param(WARNS, "return twice(x) + x", NO_WARNINGS, id="warnings are errors of the suite"),
])
def test_what_is_known_is_what_a_worker_answers(
    tmp_path: Path, zygote: Zygote, reference: str, student: str, suite: str
) -> None:
    """Whatever the reference makes of an answer, and whatever a check does around it."""
    suite = suite.partition("def test_below_zero")[0]
    source = f"def twice(x): return -1\ndef thrice(x): {student}\n"
    with Lab(tmp_path, reference=reference, thrice=suite).judge(zygote) as judge:
        first, _, third = (judge.grade(submitted(source, "lab")) for _ in range(3))
    assert asked(first, "thrice").corrected == 1
    assert asked(third, "thrice").corrected == 1


def test_a_reference_that_no_worker_runs_costs_nobody_anything_who_asks_nothing(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    here_only = "import sys\nif 'autograder.judge' not in sys.modules: raise OSError\n"
    source = "def twice(x): return -x\ndef thrice(x): return x\n"
    with Lab(tmp_path, reference=here_only + BUILDS_ON_TWICE).judge(zygote) as judge:
        monkeypatch.setattr(judge, "_renew_zygote", lambda: pytest.fail("it is graded anew"))
        for _ in range(2):
            assert judge.grade(submitted(source, "lab")).is_graded


def drawn(examiner: Examiner, question: str, check: str) -> int:
    """The number that a check asks for."""
    [wanted] = [each for each in examiner.suite.checks[question] if each.id == check]
    numbers: list[int] = []
    examiner.check(Local({"thrice": numbers.append}), examiner.assignment.question(question),
                   wanted)
    return numbers[0]


def test_gradients_that_do_not_travel_are_refused() -> None:
    """Of one implementation they may, and of another not."""
    one = Inquiry("f", (torch.ones(1),), {}, torch.ones(1))
    assert answered(one, lambda _: Reply((1, [None], {}), None, None, ())) == [None]
    with pytest.raises(ValueError, match="larger"):
        answered(one, lambda _: Reply(Opaque("a value too deep or too large"), None, None, ()))
