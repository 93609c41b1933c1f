"""Sentences of the reports, and the one way by which any text becomes safe to show."""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from autograder.course import Assignment
from autograder.result import (
    Diagnosis,
    Evidence,
    Mismatch,
    MismatchKind,
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    sentence,
)

_ = gettext.gettext

LONGEST_TEXT = 2000
"""Characters of any one text that a report shows; a student can name a class with a megabyte."""


def say(text: Sentence | str) -> str:
    """``text`` in the reader's language, its values filled in.

    A sentence whose braces do not fit its values is shown as it stands: one odd message, or one
    mistake in a catalogue, must not cost a class its reports.
    """
    if isinstance(text, str):
        return _(text) if text else ""  # the empty message id is a catalogue's header
    try:
        return _(text.text).format(**text.values)
    except (LookupError, ValueError, AttributeError, TypeError):
        return text.text


def visible(text: str) -> str:
    """``text`` with every invisible character (control, bidirectional, …) shown as its code."""
    return "".join(
        f"⟨U+{ord(character):04X}⟩" if _invisible(character) and character not in "\n\t"
        else character
        for character in _clipped(text)
    )


def one_line(text: str) -> str:
    """``text`` without invisible characters, on one line, for terminals and table cells."""
    words = _clipped(text).split()
    return " ".join("".join(c for c in word if not _invisible(c)) for word in words)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"


def _invisible(character: str) -> bool:
    # Controls, format characters (bidirectional ones among them), halves of surrogate pairs,
    # line and paragraph separators.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def points(value: float | Decimal) -> str:
    """Points with at most two decimals: 4, 2.5, 0.33."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Outcome:
    """A status for people: a symbol, so that colour never stands alone, and words."""

    symbol: str
    words: Sentence


OUTCOMES = {
    Status.PASSED: Outcome("✓", sentence("passed")),
    Status.FAILED: Outcome("✗", sentence("wrong answer")),
    Status.ERROR: Outcome("!", sentence("raised an exception")),
    Status.TIMEOUT: Outcome("…", sentence("took too long")),
    Status.CRASHED: Outcome("‼", sentence("crashed")),
    Status.MISSING: Outcome("○", sentence("not defined")),
    Status.FORBIDDEN: Outcome("⊘", sentence("used what the question forbids")),
    Status.DEFERRED: Outcome("?", sentence("not run yet")),
    Status.INTERNAL: Outcome("?", sentence("could not be graded, through no fault of yours")),
}

PENDING = frozenset({Status.DEFERRED, Status.INTERNAL})
"""Statuses of a question whose score is not known yet."""


def shape_text(shape: Sequence[int]) -> str:
    """A shape as torch writes it: (2, 3)."""
    return str(tuple(shape))


def call_text(evidence: Evidence) -> str:
    """The call of a check; tensors are numbered as they are shown below it."""
    arguments: list[str] = []
    tensors = 0
    for argument in evidence.arguments:
        if isinstance(argument, str):
            arguments.append(argument)
        else:
            tensors += 1
            arguments.append(_("tensor {number}").format(number=tensors))
    return f"{evidence.function}({', '.join(arguments)})"


def explanations(question: QuestionResult) -> list[list[Diagnosis]]:
    """The diagnoses by what they explain: several together cannot be told apart."""
    groups: dict[frozenset[str], list[Diagnosis]] = {}
    for diagnosis in question.diagnosis:
        groups.setdefault(frozenset(diagnosis.checks), []).append(diagnosis)
    return list(groups.values())


def why_not_graded(result: Result) -> Sentence | None:
    """What to tell a student whose submission has no score; None when it is graded."""
    match result.status:
        case SubmissionStatus.GRADED:
            return None
        case SubmissionStatus.UNREADABLE:
            return sentence(
                "Open the notebook in Jupyter, choose Restart and Run All, save it, and hand it "
                "in again. If it still cannot be read, bring it to your instructor."
            )
        case SubmissionStatus.INTERNAL:
            return sentence(
                "Something went wrong on our side. Nothing of yours is lost, no points are taken "
                "off, and the submission will be graded again. You need not do anything."
            )
        case _ as unknown:
            assert_never(unknown)


def late_sentence(result: Result) -> Sentence | None:
    """What lateness did to the score; None when the submission was in time."""
    days = result.submission.late_days
    if days <= 0:
        return None
    if result.penalty == 0:
        return sentence("Handed in late (days begun: {days}); no points were taken off.", days=days)
    return sentence(
        "Handed in late (days begun: {days}): {penalty} of {earned} earned points were taken off.",
        days=days, penalty=points(result.penalty), earned=points(result.raw_score),
    )


def follow_through_sentence(question: QuestionResult, assignment: Assignment) -> Sentence | None:
    """Why a run on corrected helpers decided the score; None when none did."""
    if question.follow_through is None:
        return None
    share = points(assignment.follow_through * 100)
    uses = next((q.uses for q in assignment.questions if q.name == question.name), [])
    if not uses:
        return sentence(
            "This question builds on an earlier one that is wrong. It was graded again on top of "
            "a correct one; that run decided the score and can earn at most {share} % of the "
            "points. The checks below show your own functions together.", share=share,
        )
    return sentence(
        "This question builds on {names}. It was graded again on top of a correct {names}; that "
        "run decided the score and can earn at most {share} % of the points. The checks below show "
        "your own functions together.",
        names=", ".join(uses), share=share,
    )


def mismatch_sentence(mismatch: Mismatch) -> Sentence:
    """In what respect an answer is wrong, in one sentence."""
    where = mismatch.where
    what = _("your answer") + (where or "") if not where or where.startswith("[") else where
    match mismatch.kind:
        case MismatchKind.TYPE:
            return _type_sentence(mismatch.expected_type, mismatch.actual_type, what)
        case MismatchKind.SHAPE:
            return _shape_sentence(mismatch, what)
        case MismatchKind.DTYPE:
            if mismatch.expected_dtype in {"int", "float"}:  # Python's numbers have types only
                return _type_sentence(mismatch.expected_dtype, mismatch.actual_dtype, what)
            return sentence(
                "Wrong dtype of {what}: it is {actual} and should be {expected}.", what=what,
                actual=mismatch.actual_dtype or "?", expected=mismatch.expected_dtype or "?",
            )
        case MismatchKind.DEVICE:
            return sentence(
                "Wrong device of {what}: it should be on the device of the input.", what=what)
        case MismatchKind.VALUES:
            return _values_sentence(mismatch, what)
        case MismatchKind.NAN:
            if mismatch.wrong_count is None:
                return sentence("NaN or infinity in {what}.", what=what)
            return sentence(
                "NaN or infinity in {what}: {wrong} of {total} values differ, the first at index "
                "{index}.", what=what, **_counts(mismatch),
            )
        case MismatchKind.GRADIENT:
            if mismatch.wrong_count is not None:
                return _values_sentence(mismatch, what)
            return sentence(
                "Wrong or missing gradient ({what}): autograd must be able to follow your "
                "function from its inputs to its answer.", what=where or _("your answer"),
            )
        case MismatchKind.MUTATED:
            if where:
                return sentence(
                    "Your function changed its input ({where}). Work on a copy instead.",
                    where=where)
            return sentence("Your function changed its input. Work on a copy instead.")
        case MismatchKind.ACCEPTED:
            return sentence(
                "Your function accepted arguments that have no right answer. Refuse them by "
                "raising an exception, for example ValueError."
            )
        case MismatchKind.OTHER:
            return sentence("The answer is not what the check asks for.")
        case _ as unknown:
            assert_never(unknown)


def _type_sentence(expected: str | None, actual: str | None, what: str) -> Sentence:
    if expected is None or actual is None:
        return sentence("Wrong type of {what}.", what=what)
    return sentence("Wrong type of {what}: it is {actual} and should be {expected}.", what=what,
                    actual=actual, expected=expected)


def _shape_sentence(mismatch: Mismatch, what: str) -> Sentence:
    expected, actual = mismatch.expected_shape, mismatch.actual_shape
    if expected is None or actual is None:
        return sentence("Wrong shape of {what}.", what=what)
    shapes = {"what": what, "actual": shape_text(actual), "expected": shape_text(expected)}
    if len(expected) != len(actual):
        return sentence(
            "Wrong number of dimensions of {what}: its shape is {actual} and should be "
            "{expected}.", **shapes)
    if len(expected) == 1:  # a vector's, or a list's
        return sentence("Wrong length of {what}: it is {actual} and should be {expected}.",
                        what=what, actual=actual[0], expected=expected[0])
    if actual == [*expected[:-2], expected[-1], expected[-2]]:
        return sentence(
            "Wrong shape of {what}: it is {actual} and should be {expected}. Height and width "
            "are swapped.", **shapes)
    if actual == expected[::-1]:
        return sentence(
            "Wrong shape of {what}: it is {actual} and should be {expected}. The dimensions are "
            "in reverse order.", **shapes)
    return sentence("Wrong shape of {what}: it is {actual} and should be {expected}.", **shapes)


def _values_sentence(mismatch: Mismatch, what: str) -> Sentence:
    error = None if mismatch.largest_error is None else f"{mismatch.largest_error:.3g}"
    if mismatch.wrong_count is None or mismatch.total_count == 1:  # a number
        if error is None:
            return sentence("Wrong value in {what}.", what=what)
        return sentence("Wrong value in {what}: it is off by {error}.", what=what, error=error)
    if error is None:
        return sentence("Wrong values in {what}: {wrong} of {total} differ, the first at index "
                        "{index}.", what=what, **_counts(mismatch))
    return sentence(
        "Wrong values in {what}: {wrong} of {total} differ, the first at index {index}; the "
        "largest error is {error}.", what=what, error=error, **_counts(mismatch),
    )


def _counts(mismatch: Mismatch) -> dict[str, str]:
    numbers = {"wrong": mismatch.wrong_count, "total": mismatch.total_count}
    first = mismatch.first_wrong
    return {name: "?" if number is None else str(number) for name, number in numbers.items()} | {
        "index": "?" if first is None else shape_text(first)}
