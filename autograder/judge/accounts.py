"""What is told of a check that did not pass."""

from __future__ import annotations

import re
from collections.abc import Callable

from autograder.judge.check_run import built_in
from autograder.judge.explain.advice import advice, stood_in
from autograder.judge.scoring import Outcome
from autograder.protocol import Raised
from autograder.result import UNWRITTEN, Account, Sentence, Status, sentence

_LONGEST_TEXT = 500  # characters of what an exception of the student's says

_RAISE = re.compile(r"\braise\b")

LineOfCode = Callable[[int | None, int | None], str | None]
"""Cell and line -> the line of the student's code; None where there is no such line."""


def of_outcome(outcome: Outcome, follows: str | None, line: LineOfCode) -> Account | None:
    """None where there is nothing to tell. ``follows``: the check that this failure comes of."""
    verdict = outcome.verdict
    if verdict is None:
        return None
    account = Account(
        status=verdict.status, message=verdict.message, mismatch=verdict.mismatch,
        evidence=verdict.evidence, follows=follows)
    if verdict.raised is not None:
        told = with_exception(account, verdict.raised, line)
        if verdict.status is Status.ERROR and is_unwritten(verdict.raised, line):
            return told.model_copy(update={"message": UNWRITTEN})
        return told
    shown = account.evidence.actual if account.evidence else None
    return account.model_copy(update={"advice": _nothing_returned(account) or (
        stood_in(shown) if isinstance(shown, str) else None)})


def with_exception(account: Account, raised: Raised, line: LineOfCode) -> Account:
    """The account, and what the student's code raised."""
    return account.model_copy(update={
        "raised": built_in(raised), "cell": raised.cell, "line": raised.line,
        "text": f"{raised.type}: {raised.message}"[:_LONGEST_TEXT],
        "source": line(raised.cell, raised.line),
        "advice": advice(raised.bases, raised.message)})


def is_unwritten(raised: Raised, line: LineOfCode) -> bool:
    """Whether the student's own line says so. Packages, too, raise NotImplementedError, of
    arguments that they do not take."""
    if built_in(raised) != "NotImplementedError" or raised.line is None:
        return False
    source = line(raised.cell, raised.line)
    return source is None or _RAISE.search(source) is not None


def of_our_fault() -> Sentence:
    """Of a question on which the grader failed."""
    return sentence("The grader failed on this question; it will be graded again.")


def _nothing_returned(account: Account) -> Sentence | None:
    """Of an answer that is None, and should not be."""
    evidence, mismatch = account.evidence, account.mismatch
    if evidence is None or mismatch is None or mismatch.where or evidence.actual != "None" \
            or evidence.expected in (None, "None"):
        return None
    return sentence("{function} answers None: it ends without `return`.",
                    function=evidence.function)
