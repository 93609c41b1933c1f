"""An explanation costs no verdict: what breaks while it is made costs the explanation."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from labs import RIGHT, Bench, Lab, asked, correlation, submitted

from autograder.judge import Judge, exam
from autograder.judge.examiner import Examiner
from autograder.judge.scoring import Outcome
from autograder.result import Result, Status, for_student
from autograder.sandbox.client import Zygote
from autograder.submission import Submission

SUITE = """
import torch

@pytest.mark.visibility("visible")
def test_small(check):
    '''A small image.'''
    check.twice(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[2.0]]))

def test_drawn(check, draw):
    '''Any image.'''
    check.twice(draw.normal(3, 3), draw.normal(1, 1))

def test_fixed(check):
    '''An image that no key changes.'''
    check.twice(torch.ones(2, 2), torch.ones(1, 1))
"""
REFERENCE = """
from autograder.suite import sums_of_products

@sums_of_products
def twice(X, K):
    {}
    return X * K

def thrice(x):
    return 3 * x
"""


def graded(folder: Path, zygote: Zygote, source: str, reference: str = "pass") -> Result:
    lab = Lab(folder, twice=SUITE, reference=REFERENCE.format(reference),
              misconceptions="from autograder.suite import Misconceptions\n"
                             "wrong = Misconceptions(__file__)\n")
    with lab.judge(zygote) as judge:
        return judge.grade(submitted(f"import torch\n{source}\ndef thrice(x): return 3 * x\n",
                                     "lab"))


@pytest.mark.parametrize("answer", ["X * K / 0", "X * K * float('nan')", "-X * K", "X * K + 1e300"])
def test_an_answer_without_a_number_in_it_is_a_wrong_answer(
    tmp_path: Path, zygote: Zygote, answer: str
) -> None:
    """It made the probes of the wiring raise, and the submission internal for ever."""
    result = graded(tmp_path, zygote, f"def twice(X, K): return {answer}")
    assert result.is_graded and asked(result, "twice").status is Status.FAILED
    assert asked(result, "twice").unexplained is None


@pytest.mark.parametrize("refusal", [
    "if not X.all(): raise ValueError('zeros')", "if X.sum() == 1: 1 / 0"])
def test_a_reference_that_breaks_under_probes_costs_the_wiring(
    tmp_path: Path, zygote: Zygote, refusal: str
) -> None:
    result = graded(tmp_path, zygote, "def twice(X, K): return X + K", refusal)
    found = asked(result, "twice")
    assert result.is_graded and found.status is Status.FAILED
    assert found.wiring is None and found.unexplained
    assert asked(for_student(result), "twice").unexplained is None


def test_the_control_without_the_guard_the_submission_is_internal(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exam._Exam, "_guarded", lambda self, question, explain: explain())
    result = graded(tmp_path, zygote, "def twice(X, K): return X + K", "if X.sum() == 1: 1 / 0")
    assert not result.is_graded


def test_a_hidden_check_is_explained_on_other_inputs_and_a_fixed_one_is_not(
    tmp_path: Path, zygote: Zygote
) -> None:
    result = graded(tmp_path, zygote, "def twice(X, K): return X + K + 1")
    checks = {check.id: check for check in asked(result, "twice").checks}
    drawn, fixed = checks["test_drawn"], checks["test_fixed"]
    assert drawn.decided and drawn.explained and fixed.decided
    assert drawn.explained.evidence and drawn.decided.evidence
    assert drawn.explained.evidence.arguments != drawn.decided.evidence.arguments
    assert fixed.explained is None
    seen = {check.id: check for check in asked(for_student(result), "twice").checks}
    assert seen["test_fixed"].status is Status.FAILED and seen["test_fixed"].decided is None
    assert "X" not in seen["test_fixed"].model_dump_json()


def test_how_a_check_failed_that_passes_elsewhere_is_not_told(
    tmp_path: Path, zygote: Zygote
) -> None:
    """It raises on secret inputs alone: which status it has depends on them."""
    result = graded(tmp_path, zygote, "def twice(X, K):\n"
                    "    if X.shape == (2, 2) and bool((X == 1).all()): raise KeyError\n"
                    "    return X * K\n")
    [failed] = [check for check in asked(result, "twice").checks
                if check.status is not Status.PASSED]
    assert failed.status is Status.ERROR and failed.id == "test_fixed"
    [told] = [check for check in asked(for_student(result), "twice").checks
              if check.status is not Status.PASSED]
    assert told.status is Status.FAILED


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    with Bench(correlation(tmp_path_factory.mktemp("course")), "correlation", zygote) as judge:
        yield judge


def with_sessions(judge: Judge, submission: Submission) -> tuple[Result, list[tuple[str, ...]]]:
    """The result, and the sessions that it took: of which kind, and what was corrected in it."""
    started: list[tuple[str, ...]] = []
    sessions = judge.sessions

    def noted(notebook: object) -> object:
        made = sessions(notebook)  # type: ignore[arg-type]
        for name, kind in (("deciding", made._deciding), ("explaining", made._explaining)):
            kind._start = lambda corrected, *rest, name=name, start=kind._start: (
                started.append((name, *corrected)), start(corrected, *rest))[1]
        return made

    judge.sessions = noted  # type: ignore[assignment,method-assign]
    try:
        return judge.grade(submission), started
    finally:
        del judge.sessions  # type: ignore[method-assign]


def test_a_right_submission_pays_for_no_explanation(judge: Judge) -> None:
    """One session, and not one request more than there are checks to decide."""
    result, started = with_sessions(judge, submitted(RIGHT))
    assert all(question.earned == 1 for question in result.questions
               if question.status is not Status.MISSING)  # the bonus
    assert started == [("deciding",)]


EXPLAINED = [("deciding",), ("explaining",)]
ON_RIGHT_HELPERS = [*EXPLAINED, ("deciding", "twice")]


@pytest.mark.parametrize(("thrice", "corrected", "sessions"), [
    pytest.param("return twice(x) + x", 1, ON_RIGHT_HELPERS, id="right by itself"),
    pytest.param("return twice(x) + x if x == 1 else 0", Fraction(1, 2),
                 [*ON_RIGHT_HELPERS, ("explaining", "twice")], id="wrong by itself"),
    pytest.param("return twice(x) * 5", Fraction(0), [*ON_RIGHT_HELPERS, ("explaining", "twice")],
                 id="wrong where everybody sees it"),
    pytest.param("return globals()['twice'](x) + x", 1, ON_RIGHT_HELPERS, id="by a text"),
    pytest.param("return 3 * x if x == 1 else 0", Fraction(1, 2),
                 [*ON_RIGHT_HELPERS, ("explaining", "twice")], id="without the helper"),
])
def test_what_builds_on_a_wrong_function_takes_no_more_sessions_than_tell_something(
    tmp_path: Path, zygote: Zygote, thrice: str, corrected: Fraction,
    sessions: list[tuple[str, ...]],
) -> None:
    lab = Lab(tmp_path, thrice='@pytest.mark.visibility("visible")\n'
                               "def test_one(check):\n    '''Thrice one.'''\n"
                               "    check.thrice(1)\n\n\n" + Lab.thrice)
    source = f"def twice(x): return x\ndef thrice(x): {thrice}\n"
    with lab.judge(zygote) as judge:
        result, started = with_sessions(judge, submitted(source, "lab"))
    assert asked(result, "thrice").corrected == corrected
    assert started == sessions


TOGETHER = """def test_together(student, expect):
    '''Of twice a number.'''
    expect.equal(student.thrice(student.twice(2)), 12)
"""
UNSEEN = {
    "a module that a cell writes reads it": [
        "%%writefile blocks.py\nfrom d2l import torch as d2l\n"
        "def thrice(x): return d2l.twice(x) + x",
        "from blocks import thrice", "def twice(x): return x"],
    "it is looked up by a text": [
        "from d2l import torch as d2l", "def twice(x): return x",
        "def thrice(x): return getattr(d2l, 'twice')(x) + x"],
    "it is imported under another name": [
        "def twice(x): return x",
        "def thrice(x):\n    from __main__ import twice as double\n    return double(x) + x"],
    "it leaves something behind": [
        "SEEN = []", "def twice(x):\n    SEEN.append(x)\n    return x",
        "def thrice(x): return 3 * x + len(SEEN)"],
    "a check asks it": ["def twice(x): return x", "def thrice(x): return 3 * x"],
}


@pytest.mark.parametrize("cells", UNSEEN.values(), ids=UNSEEN)
def test_what_right_helpers_make_right_is_seen_where_no_text_calls_them(
    tmp_path: Path, zygote: Zygote, cells: list[str]
) -> None:
    with Lab(tmp_path, thrice=f"{Lab.thrice}\n\n{TOGETHER}").judge(zygote) as judge:
        thrice = asked(judge.grade(submitted(cells, "lab")), "thrice")
    assert thrice.status is not Status.PASSED and thrice.corrected == 1


@pytest.mark.parametrize("source", [
    pytest.param("def twice(x): return x + x\n1 + 1\n", id="a graded one"),
    pytest.param("a = b\ndef twice(x): return x + x\ndef thrice(x): return 3 * x + 0 * a\n1 + 1\n",
                 id="one that a cell reads"),
])
def test_where_a_name_is_missing_every_check_is_put_once(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """To all cells: that those which seemed to be needed are not enough is known before."""
    decided: list[str] = []
    check = Examiner.check
    with Lab(tmp_path).judge(zygote) as judge:
        def noted(self: Examiner, *arguments: Any) -> Outcome:
            if self is judge.panel.deciding:
                decided.append(arguments[2].id)
            return check(self, *arguments)

        monkeypatch.setattr(Examiner, "check", noted)
        result, started = with_sessions(judge, submitted(source, "lab"))
    assert result.load.left_out == 0 and result.is_graded
    assert sorted(decided) == ["test_any", "test_any", "test_one"]
    assert started[:2] == [("deciding",), ("deciding",)]


def test_who_has_met_what_is_secret_is_asked_nothing_that_is_told(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one question's verdict has another decided again, in a second round."""
    order: list[tuple[int, bool]] = []
    question = Examiner.question
    lab = Lab(tmp_path, thrice='@pytest.mark.visibility("visible")\n'
                               "def test_one(check):\n    '''Thrice one.'''\n"
                               "    check.thrice(1)\n\n\n" + Lab.thrice)
    with lab.judge(zygote) as judge:
        right = judge.grade(submitted(RIGHT, "lab"))
        earlier = right.model_copy(update={"questions": [
            each.model_copy(update={"suite": "another", "checks": [
                check.model_copy(update={"status": Status.FAILED}) for check in each.checks]})
            if each.name == "twice" else each for each in right.questions]})

        def noted(self: Examiner, *arguments: Any) -> list[Outcome]:
            order.append((id(arguments[0]), self is judge.panel.deciding))
            return question(self, *arguments)

        monkeypatch.setattr(Examiner, "question", noted)
        judge.grade(submitted(RIGHT, "lab"), earlier)
    met: set[int] = set()
    for process, is_secret in order:
        assert is_secret or process not in met
        met |= {process} if is_secret else set()
    assert len(order) > 2 and met, "a second round was needed"


def test_nothing_secret_is_asked_after_something_is_explained(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a process of which students read could tell by its clock how long secret checks took. Of
    the one that met them they read nothing."""
    asked_in: list[tuple[int, bool]] = []  # which process took a question, and with secret inputs?
    question = Examiner.question
    lab = Lab(tmp_path, twice=SUITE, reference=REFERENCE.format("pass"),
              misconceptions="from autograder.suite import Misconceptions\n"
                             "wrong = Misconceptions(__file__)\n")
    with lab.judge(zygote) as judge:
        def noted(self: Examiner, *arguments: Any) -> list[Outcome]:
            asked_in.append((id(arguments[0]), self is judge.panel.deciding))
            return question(self, *arguments)

        monkeypatch.setattr(Examiner, "question", noted)
        judge.grade(submitted("def twice(X, K): return X * K\ndef thrice(x): return 0\n", "lab"))
    met = {process for process, is_secret in asked_in if is_secret}
    told = [number for number, (process, _) in enumerate(asked_in) if process not in met]
    secret = [number for number, (_, is_secret) in enumerate(asked_in) if is_secret]
    assert secret and told and max(secret) < min(told)


HELPED = """
[[assignments.lab.questions]]
name = "{0}"
title = "{0}"
points = 1
uses = ["{1}"]
"""
CHECKS = """import pytest
pytestmark = pytest.mark.question("{0}")

@pytest.mark.visibility("visible")
def test_one(check):
    '''Of one.'''
    check.{0}(1)

def test_any(check, draw):
    '''Of any.'''
    check.{0}(draw.number(10, 10**9))
"""


def test_no_process_that_is_told_of_was_there_before_what_is_secret_and_after(
    tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its clock would tell how long that took: also of what is secret to callers of right
    helpers, of which there are two here."""
    asked_in: list[tuple[int, bool]] = []  # which process took a question, and with secret inputs?
    question, wiring = Examiner.question, exam.wiring
    lab = Lab(tmp_path, texts=HELPED.format("four", "twice") + HELPED.format("six", "thrice"),
              twice=SUITE, reference=REFERENCE.format("pass") +
              "\ndef four(x):\n    return 4 * x\n\ndef six(x):\n    return 6 * x\n",
              files={f"tests/hidden/lab/test_{name}.py": CHECKS.format(name)
                     for name in ("four", "six")},
              misconceptions="from autograder.suite import Misconceptions\n"
                             "wrong = Misconceptions(__file__)\n")
    source = ("def twice(X, K=2): return X.flip(0) * K\ndef thrice(x): return 2 * x\n"
              "def four(x): return twice(x) + 1\ndef six(x): return thrice(x) + 1\n")
    with lab.judge(zygote) as judge:
        def noted(self: Examiner, *arguments: Any) -> list[Outcome]:
            asked_in.append((id(arguments[0]), self is judge.panel.deciding))
            return question(self, *arguments)

        def wired(*arguments: Any, **keywords: Any) -> Any:
            asked_in.append((id(arguments[1]), False))
            return wiring(*arguments, **keywords)

        monkeypatch.setattr(Examiner, "question", noted)
        monkeypatch.setattr(exam, "wiring", wired)
        result, started = with_sessions(judge, submitted(source, "lab"))
    assert result.is_graded and asked(result, "twice").wiring
    assert started == [("deciding",), ("explaining",), ("deciding", "twice"),
                       ("deciding", "thrice"), ("explaining", "twice"), ("explaining", "thrice")]
    secret = [number for number, (_, is_secret) in enumerate(asked_in) if is_secret]
    met = {process for process, is_secret in asked_in if is_secret}
    for told in {process for process, _ in asked_in} - met:
        times = [number for number, (process, _) in enumerate(asked_in) if process == told]
        assert not any(min(times) < number < max(times) for number in secret)
