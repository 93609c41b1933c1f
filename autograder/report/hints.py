"""A hint in steps for a question that is not fully right: what goes wrong, why, where to look.

Takes what ``for_student`` lets through, and so tells of secret inputs nothing but outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course import Assignment
from autograder.gradebook import QuestionGrade
from autograder.report.mismatches import shape_fault
from autograder.report.patterns import pattern, refutes
from autograder.report.translations import ENGLISH, Language
from autograder.report.words import cell_place, say, shape_text
from autograder.result import (
    Account,
    CheckResult,
    MismatchKind,
    QuestionResult,
    Sentence,
    Status,
    sentence,
)

_TITLES = 4
"""Failing checks that are named; the page lists them all below."""

_PLACES = 3
"""Lines of the notebook that are named."""


@dataclass(frozen=True)
class Hint:
    symptoms: list[Sentence]
    titles: list[str]  # of checks that fail while others pass
    concept: str
    places: list[Sentence]


def hint(
    question: QuestionGrade, assignment: Assignment, language: Language = ENGLISH
) -> Hint | None:
    """The hint for a question; None where everything is right, not known yet, or marked by a
    person, who says what there is to say.

    Args:
        language: of the phrases that go into the sentences.
    """
    result = question.result
    failing = [check for check in result.checks if check.status is not Status.PASSED
               and not check.status.is_undecided
               and not (check.explained and check.explained.follows)]
    full = question.score >= question.max_score and not failing
    if full or result.status.is_undecided or question.kind == "text":
        return None
    some_pass = any(check.status is Status.PASSED for check in result.checks)
    return Hint(
        symptoms=_once(_symptoms(result, failing, some_pass, language)),
        titles=[check.title for check in failing[:_TITLES]] if some_pass else [],
        concept=assignment.question(question.name).concept,
        places=_once([*_elsewhere(question, assignment), *_places(result, failing, language)]),
    )


def _once(sentences: Iterable[Sentence]) -> list[Sentence]:
    return list({str(each): each for each in sentences}.values())


_BY_STATUS = {
    Status.MISSING: sentence("A name that the question asks for is not defined."),
    Status.FORBIDDEN: sentence("Your code uses something that this question forbids."),
    Status.ERROR: sentence("Your code raises an exception and gives no answer."),
    Status.TIMEOUT: sentence("Your code takes too long."),
    Status.CRASHED: sentence("The process that ran your code ended before it gave an answer."),
}

_BY_KIND = {
    MismatchKind.TYPE: sentence("The answer has the wrong type."),
    MismatchKind.KEYS: sentence("The answer holds other keys or members than it should."),
    MismatchKind.TEXT: sentence("What is printed differs from what should be printed."),
    MismatchKind.SHAPE: sentence(
        "The shape is wrong. Correct it before you look at the numbers."),
    MismatchKind.DTYPE: sentence("The numbers are right, but their type is wrong."),
    MismatchKind.DEVICE: sentence("A tensor is made on a fixed device, and not on the device of "
                                  "the input."),
    MismatchKind.NAN: sentence("The answer holds NaN or infinity where numbers should be."),
    MismatchKind.GRADIENT: sentence("The answer is right, but its gradient is wrong."),
    MismatchKind.MUTATED: sentence("Your code changes its inputs."),
    MismatchKind.ACCEPTED: sentence("Bad arguments are accepted. They should raise an error."),
}


def _symptoms(
    question: QuestionResult, failing: Sequence[CheckResult], some_pass: bool, language: Language
) -> Iterator[Sentence]:
    for check in failing:
        if check.status in _BY_STATUS:
            yield _BY_STATUS[check.status]
        if check.explained:
            yield from _differences(check.explained)
    yield from _patterns(failing, language)
    if failing and some_pass:
        passed = sum(check.status is Status.PASSED for check in question.checks)
        yield sentence("{passed} of {total} checks pass. What do the others have in common?",
                       passed=passed, total=len(question.checks))
    elif failing:
        yield sentence("No check passes: begin with the first one, and leave the others for later.")
    elif question.performance:
        yield sentence("It is right, but it can be faster.")


def _differences(account: Account) -> Iterator[Sentence]:
    """What a check shows of the answer."""
    mismatch = account.mismatch
    if mismatch is None:
        return
    part = mismatch.where
    kind = MismatchKind.GRADIENT if part and part.gradient else mismatch.kind
    if kind in _BY_KIND:
        yield _BY_KIND[kind]
    if part:  # the shapes and numbers are those of a part
        return
    expected, actual = mismatch.expected_shape, mismatch.actual_shape
    if kind is MismatchKind.VALUES and actual:
        yield sentence("The shape is right, but some numbers are wrong.")
    if kind is MismatchKind.SHAPE and expected is not None and actual is not None \
            and (fault := shape_fault(expected, actual)):
        yield fault


def _patterns(failing: Sequence[CheckResult], language: Language) -> Iterator[Sentence]:
    """What wrong numbers have in common; where it is not so of all checks, of which it is."""
    shown = [(check, check.explained.evidence) for check in failing if check.explained
             and check.explained.evidence and (mismatch := check.explained.mismatch)
             and mismatch.kind is MismatchKind.VALUES and mismatch.where is None]
    for check, evidence in shown:
        if (said := pattern(evidence)) is None:
            continue
        if any(refutes(other, said) for _, other in shown):
            yield sentence("“{check}”: {pattern}", check=say(check.title, language),
                           pattern=say(said, language))
        else:
            yield said


def _elsewhere(question: QuestionGrade, assignment: Assignment) -> Iterator[Sentence]:
    """That nothing is to be looked for in what is right as soon as what it builds on is."""
    if question.result.corrected != 1:
        return
    if uses := assignment.question(question.name).uses:
        yield sentence("On top of a correct {names} all of this is right. So correct {names} "
                       "first, and hand in again.", names=", ".join(uses))
    else:
        yield sentence("On top of a correct earlier question all of this is right. So correct "
                       "that one first, and hand in again.")


def _places(
    question: QuestionResult, failing: Sequence[CheckResult], language: Language
) -> Iterator[Sentence]:
    """Lines of the notebook; where there are none, and no explanation, an example to work out."""
    accounts = [(check, check.explained) for check in failing if check.explained]
    lines = dict.fromkeys((account.cell, account.line) for _, account in accounts
                          if account.line is not None)
    for cell, line in list(lines)[:_PLACES]:
        yield cell_place(cell, line)
    if lines or question.diagnosis or question.repair or question.corrected == 1:
        return
    for check, account in accounts:
        if account.mismatch and account.mismatch.first_wrong:
            yield sentence(
                "Work out the element at index {index} of “{check}” by hand, and compare each step "
                "with your code.", index=shape_text(account.mismatch.first_wrong),
                check=say(check.title, language))
            return
    if failing and (not accounts or any(account.mismatch for _, account in accounts)):
        yield sentence(
            "Make a small example of “{check}”, work it out by hand, and compare each step with "
            "your code.", check=say(failing[0].title, language))
