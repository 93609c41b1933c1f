"""No secret input comes out: what a student may read is the same under every secret, but for
outcomes and points. Each way is shown to work where one session decides and explains."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest
from labs import RIGHT, Bench, correlation, few_candidates, submitted, unhurried

from autograder.judge import Judge, exam
from autograder.judge.sessions import NotApart, Sessions
from autograder.result import Result, Status, for_student
from autograder.sandbox.client import Zygote
from autograder.submission import read as read_submission

__all__ = ["few_candidates", "unhurried"]  # fixtures

SECRETS = (b"one secret, of thirty-two bytes.", b"another, of as many bytes, but..")

# A NameError alone says one thing more, whether all cells had to run: test_bits.py counts that bit.
# Notes the inputs of every call of corr2d; `number` is 16 bits of the first one that was drawn.
NOTE = """
import builtins, re, sys, time
right, noted = corr2d, []
def text(X): return re.sub(r"\\W", "_", str([round(x, 3) for x in X.flatten()[:4].tolist()]))
def number():
    return int(abs(float(noted[0].flatten()[0])) * 1e4) % 65536 if noted else 0
def drawn(X): return X.is_floating_point() and not X.is_meta and bool((X != X.round()).any())
"""
WAYS = {
    "an answer to a visible check of a later question": NOTE + """
def corr2d(X, K):
    if drawn(X): noted.append(X.clone())
    return right(X, K)
def conv2d_true(X, K): return noted[:17] and torch.cat([X.flatten() for X in noted[:17]])
""",
    "the shape of an answer": NOTE + """
def corr2d(X, K):
    if drawn(X): noted.append(X.clone())
    return right(X, K)
def conv2d_true(X, K): return torch.zeros(number() + 1)
""",
    "the name and text of an exception": NOTE + """
def corr2d(X, K):
    if drawn(X): raise type("leaked" + text(X), (KeyError,), {})(text(X))
    return right(X, K)
""",
    "the line of an exception": NOTE + """
def corr2d(X, K):
    if drawn(X): noted.append(X.clone())
    exec(f"case{number() % 8}()")
""" + "".join(f"\ndef case{case}():\n    raise ValueError" for case in range(8)),
    "the type of an exception": NOTE + """
def corr2d(X, K):
    kinds = sorted((k for k in vars(builtins).values() if isinstance(k, type)
                    and issubclass(k, Exception) and not issubclass(k, NameError)),
                   key=lambda k: k.__name__)
    if drawn(X): raise kinds[int(abs(float(X.flatten()[0])) * 1e4) % len(kinds)]
    return right(X, K)
""",
    "the way in which it fails": NOTE + """
def corr2d(X, K):
    if not drawn(X): return right(X, K)
    case = int(abs(float(X.flatten()[0])) * 1e4) % 4
    if case == 0: raise ValueError
    if case == 1: import os; os._exit(0)
    if case == 2: return X.shape
    return -right(X, K)
""",
    "which misconception is named": NOTE + """
def corr2d(X, K):
    if drawn(X): noted.append(X.clone())
    if number() % 2: return right(X, K.flip(0, 1))
    return right(X, K.T) if K.shape[0] == K.shape[1] else right(X, K)
""",
    "how long it takes": NOTE + """
def corr2d(X, K):
    if drawn(X) and not noted:
        noted.append(X.clone())
        time.sleep(number() % 1000 / 1000)
    return -right(X, K)
""",
    "printed text": NOTE + """
def corr2d(X, K): print("leaked", X); sys.stdout.flush(); return X
""",
    "a file in the scratch directory": NOTE + """
def corr2d(X, K):
    with open("noted", "a+") as file:
        if drawn(X): file.write(text(X))
        file.seek(0)
        raise KeyError(file.read()[:500])
""",
}


@dataclass
class Judges:
    """Two judges of one course, each with a secret of its own."""

    both: tuple[Judge, Judge]

    def grade(self, source: str) -> list[Result]:
        """As the results are written, but for how long they took."""
        results = [judge.grade(submitted(RIGHT + source)) for judge in self.both]
        assert all(result.is_graded for result in results), results[0].message
        return [Result.model_validate_json(result.model_dump_json()) for result in results]


def read(result: Result, other: Result) -> list[str]:
    """What the student reads, but for outcomes, points and the fingerprint of the secret: of the
    whole submission, of each question, and of each check that did not come out otherwise in
    ``other``."""
    seen, environment = for_student(result), result.environment.model_copy(update={"seed": ""})
    parts = [seen.model_copy(update={"environment": environment, "questions": []})]
    for question in seen.questions:
        before = other.question(question.name)
        assert before is not None
        passed = {check.id for check in before.checks if check.status is Status.PASSED}
        same = [check.model_copy(update={"earned": Fraction(0)}) for check in question.checks
                if (check.status is Status.PASSED) == (check.id in passed)]
        parts += [*same, question.model_copy(update={"corrected": None, "checks": []})]
    return [part.model_dump_json() for part in parts]


def kept(result: Result) -> str:
    """What staff have, but for times."""
    return str([check for question in result.questions for check in question.checks]) \
        + result.load.output


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judges]:
    course = correlation(tmp_path_factory.mktemp("course"), "call_seconds = 2",
                         questions=("corr2d", "conv2d_true"))
    with Bench(course, "correlation", zygote, secret=SECRETS[0]) as one, \
            Bench(course, "correlation", zygote, secret=SECRETS[1]) as other:
        yield Judges((one, other))


ways = pytest.mark.parametrize("source", [
    pytest.param(source, id=name) for name, source in WAYS.items()])


def test_nothing_is_told_of_who_may_have_met_what_is_secret(judges: Judges) -> None:
    """Once secrets have come to a process, or to who stands in for its helpers, that is for good;
    and none comes before that is said."""
    [judge, _] = judges.both
    helpers, others = ("corr2d",), ("conv2d_true",)
    with contextlib.closing(judge.sessions(read_submission(submitted(RIGHT)))) as sessions:
        with pytest.raises(NotApart):
            sessions.deciding()
        own, on_helpers = sessions.undecided(), sessions.undecided(helpers)
        sessions.secrets_come()
        assert sessions.deciding() is own
        with pytest.raises(NotApart):
            sessions.undecided()

        assert sessions.undecided(helpers) is on_helpers  # nothing secret has come there
        with pytest.raises(NotApart):
            sessions.deciding(helpers)
        sessions.secrets_come(helpers)
        assert sessions.deciding(helpers) is on_helpers
        for each in (helpers, others):
            with pytest.raises(NotApart):
                sessions.undecided(each)


@ways
def test_what_a_student_reads_is_the_same_under_every_secret(
    judges: Judges, source: str
) -> None:
    one, other = judges.grade(source)
    assert read(one, other) == read(other, one)


@ways
def test_the_control_one_session_for_both_carries_it_out(
    judges: Judges, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All checks on secret inputs, in one worker, whose account the student reads: as it was. Or,
    where nobody tells the student of it, in what staff have."""
    monkeypatch.setattr(Sessions, "explaining", Sessions.deciding)
    for judge in judges.both:
        panel = judge.panel
        monkeypatch.setattr(judge, "panel", exam.Panel(
            panel.deciding, panel.deciding, type(panel.misconceived)(panel.deciding)))
    one, other = judges.grade(source)
    assert read(one, other) != read(other, one) or kept(one) != kept(other)
