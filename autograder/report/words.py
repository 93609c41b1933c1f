"""Sentences of the reports, and how texts become safe to show in them; which characters are visible
says ``names``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, assert_never

from autograder.course import Assignment, LanguageCode
from autograder.course.dates import clock
from autograder.course.roster import Roster
from autograder.gradebook import Grade, QuestionGrade, RubricGrade
from autograder.names import is_visible
from autograder.report.translations import ENGLISH, Language, language
from autograder.result import (
    Array,
    CellError,
    Diagnosis,
    Evidence,
    Measurement,
    Mismatch,
    MismatchKind,
    Part,
    QuestionResult,
    Result,
    Sentence,
    Shown,
    Status,
    SubmissionStatus,
    sentence,
)

LONGEST_TEXT = 2000
"""Characters of any one text that a report shows; a student can name a class with a megabyte."""


def say(text: Sentence | str, language: Language = ENGLISH) -> str:
    """``text`` in the reader's language, its values filled in.

    A translation whose braces do not fit the values gives way to the English sentence, and a
    sentence whose braces do not is shown as it stands: one odd message, or one mistake in a
    catalogue, must not cost a class its reports.
    """
    if isinstance(text, str):
        return language.find(text)
    for template in (language.find(text.text), text.text):
        with contextlib.suppress(LookupError, ValueError, AttributeError, TypeError):
            return template.format(**text.values)
    return text.text


def titled(grade: Grade, assignment: Assignment, code: LanguageCode) -> Grade:
    """``grade`` with what its questions, checks and rubrics are called in a language: for programs,
    which have no catalogue of the assignment's."""
    spoken = language(code, assignment)

    def of_checks(question: QuestionResult) -> QuestionResult:
        return question.model_copy(update={"checks": [
            check.model_copy(update={"title": say(check.title, spoken)})
            for check in question.checks]})

    return grade.model_copy(update={
        "result": grade.result.model_copy(update={
            "questions": [of_checks(each) for each in grade.result.questions]}),
        "questions": [question.model_copy(update={
            "title": say(question.title, spoken), "rubric": [
                item.model_copy(update={"text": say(item.text, spoken)})
                for item in question.rubric]}) for question in grade.questions]})


def visible(text: str) -> str:
    """``text`` with every invisible character (control, bidirectional, …) shown as its code."""
    return spelled_out(_clipped(text))


def spelled_out(text: str) -> str:
    """The same, however long the text is."""
    if text.isprintable():  # most are, and this is quick
        return text
    return "".join(
        character if is_visible(character) or character in "\n\t"
        else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )


def one_line(text: str) -> str:
    """``text`` without invisible characters, on one line, for terminals and table cells."""
    words = _clipped(text).split()
    return " ".join("".join(filter(is_visible, word)) for word in words)


def as_printed(text: str) -> str:
    """``text`` without invisible characters, in its own lines and with its own spaces, for
    terminals."""
    return "\n".join("".join(filter(is_visible, line))
                     for line in _clipped(text).expandtabs().splitlines())


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"


def points(value: float | Decimal) -> str:
    """Points with at most two decimals: 4, 2.5, 0.33."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(share: Decimal | None) -> str:
    """A percentage with one decimal, halves up: 16.7; a dash where there is none yet."""
    return "—" if share is None else str(share.quantize(Decimal("0.1"), ROUND_HALF_UP))


@dataclass(frozen=True)
class StatusWords:
    """A status for people: a symbol, so that colour never stands alone, and words."""

    symbol: str
    words: Sentence


OUTCOMES = {
    Status.PASSED: StatusWords("✓", sentence("passed")),
    Status.FAILED: StatusWords("✗", sentence("wrong answer")),
    Status.ERROR: StatusWords("!", sentence("raised an exception")),
    Status.TIMEOUT: StatusWords("…", sentence("took too long")),
    Status.CRASHED: StatusWords("‼", sentence("crashed")),
    Status.MISSING: StatusWords("○", sentence("not defined")),
    Status.FORBIDDEN: StatusWords("⊘", sentence("used what the question forbids")),
    Status.DEFERRED: StatusWords("?", sentence("not run yet")),
    Status.INTERNAL: StatusWords("?", sentence("could not be graded, through no fault of yours")),
}

_PARTLY = StatusWords("◐", sentence("partly right"))
_WAITS = StatusWords("?", sentence("not marked yet"))
_MARKED = StatusWords("✓", sentence("marked"))


def status_words(question: QuestionGrade) -> StatusWords:
    """How a question came out, for people. One that earned some of its points is partly right, and
    not wrong."""
    status = question.result.status
    if question.kind == "text":
        return text_words(status.is_undecided)
    if status is Status.FAILED and question.score > 0:
        return _PARTLY
    return OUTCOMES[status]


def text_words(is_open: bool) -> StatusWords:
    """How a question in free text came out: somebody has marked it, or not yet."""
    return _WAITS if is_open else _MARKED


def rubric_sentence(item: RubricGrade, language: Language = ENGLISH) -> Sentence:
    """A line of the rubric by which a text is marked, and what it brought."""
    worth, said = points(item.max_score), say(item.text, language)
    if item.score is None:
        return sentence("{item} (points: {max_score})", max_score=worth, item=said)
    return sentence("{item} (points: {score} of {max_score})", score=points(item.score),
                    max_score=worth, item=said)


def cell_place(cell: int | None, line: int | None) -> Sentence:
    """A place in a notebook, or in a script, where no cell is known."""
    if cell is None:
        return sentence("Line {line}", line=line or 1)
    if line is None:
        return sentence("Code cell {cell}", cell=cell + 1)
    return sentence("Code cell {cell}, line {line}", cell=cell + 1, line=line)


def cell_error(error: CellError, language: Language = ENGLISH) -> Sentence:
    """Where something did not run to its end, what happened, and what to do about it."""
    reason = "" if error.reason is None else say(error.reason, language)
    return sentence("{label}: {said}", label=say(cell_place(error.cell, error.line), language),
                    said=" · ".join(filter(None, [exception_text(error), reason])))


def exception_text(error: CellError) -> str:
    """What Python says, on one line; nothing where it is not Python who says why."""
    if error.stopped or error.message == str(error.reason):
        return ""
    return one_line(": ".join(filter(None, [error.type, error.message])))


def shape_text(shape: Sequence[int]) -> str:
    """A shape as torch writes it: (2, 3)."""
    return str(tuple(shape))


def call_text(evidence: Evidence, language: Language = ENGLISH) -> str:
    """The call of a check; tensors and arrays are numbered as they are shown below it."""
    arguments: list[str] = []
    arrays = 0
    for name, argument in given(evidence):
        if isinstance(argument, str):
            arguments.append(f"{name}{argument}")
        else:
            arrays += 1
            arguments.append(f"{name}{say(array_name(argument, arrays), language)}")
    return f"{evidence.function}({', '.join(arguments)})"


def array_name(shown: Array, number: int) -> Sentence:
    """What an argument is called in the call, and where it is shown below it."""
    if shown.library == "numpy":
        return sentence("array {number}", number=number)
    return sentence("tensor {number}", number=number)


def given(evidence: Evidence) -> Iterator[tuple[str, Shown]]:
    """Every argument, and for one that was given by name what stands before it in the call."""
    yield from (("", argument) for argument in evidence.arguments)
    yield from ((f"{name}=", argument) for name, argument in evidence.keywords.items())


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


def team_sentence(result: Result, roster: Roster) -> Sentence | None:
    """Who handed in for the student's team; None where the student is in none."""
    handed_in = result.submission
    if handed_in.team is None:
        return None
    if handed_in.handed_in_by is None:
        return sentence("Handed in for team {team}.", team=handed_in.team)
    return sentence("Handed in by {name} for team {team}.", team=handed_in.team,
                    name=roster.person(handed_in.handed_in_by).shown)


class HandedInLate(Protocol):
    """What a grade says of lateness, wherever it was read."""

    @property
    def late_days(self) -> int: ...
    @property
    def penalty(self) -> float: ...
    @property
    def raw_score(self) -> float: ...


def late_sentence(grade: HandedInLate) -> Sentence | None:
    """What lateness did to the score; None when the submission was in time."""
    days = grade.late_days
    if days <= 0:
        return None
    if grade.penalty == 0:
        return sentence("Handed in late (days begun: {days}); no points were taken off.", days=days)
    return sentence(
        "Handed in late (days begun: {days}). Points taken off: {penalty} of the {earned} "
        "earned.",
        days=days, penalty=points(grade.penalty), earned=points(grade.raw_score),
    )


def slip_sentence(grade: Grade) -> Sentence | None:
    """How many of the late days cost nothing; None when no slip day was spent."""
    if grade.slip_days <= 0:
        return None
    return sentence("Slip days spent: {days}. These late days cost nothing.", days=grade.slip_days)


class ChangedByHand(Protocol):
    """What a grade says of points by hand, wherever it was read."""

    @property
    def question(self) -> str | None: ...
    @property
    def change(self) -> float: ...
    @property
    def comment(self) -> str: ...


def adjustment_sentence(adjustment: ChangedByHand, titles: Mapping[str, str],
                        language: Language = ENGLISH) -> Sentence:
    """What a person changed, by how many points, and what they say to the student.

    Args:
        titles: what questions are called, by name; of one that is gone, its name is said.
    """
    change = f"{'-' if adjustment.change < 0 else '+'}{points(abs(adjustment.change))}"
    if adjustment.question is None:
        return sentence("Points changed by your instructor: {change} on the total. {comment}",
                        change=change, comment=adjustment.comment) if adjustment.comment else \
            sentence("Points changed by your instructor: {change} on the total.", change=change)
    question = say(titles.get(adjustment.question, adjustment.question), language)
    if adjustment.comment:
        return sentence("Points changed by your instructor: {change} on “{question}”. {comment}",
                        change=change, question=question, comment=adjustment.comment)
    return sentence("Points changed by your instructor: {change} on “{question}”.",
                    change=change, question=question)


def moment(at: datetime, assignment: Assignment) -> str:
    """A time as clocks in the course show it; where it says no zone, those of the due date."""
    zone = assignment.zone or (assignment.due.tzinfo if assignment.due else None)
    return clock(at, zone or at.tzinfo)


def newer_sentence(newer: SubmissionStatus | None) -> Sentence | None:
    """Why a grade counts though something was handed in, or graded again, after it; None where
    nothing was."""
    if newer is None:
        return None
    if newer is SubmissionStatus.UNREADABLE:
        return sentence("What was handed in last could not be read, and takes nothing away: this, "
                        "handed in before, counts.")
    return sentence("Grading failed since, through no fault of yours: this grade of before counts "
                    "until it succeeds.")


def newer_note(newer: SubmissionStatus | None, older: str = "an older one") -> str:
    """The same for staff; nothing where there is nothing newer. ``older`` is what counts."""
    if newer is None:
        return ""
    last = "last grading" if newer is SubmissionStatus.INTERNAL else "newest hand-in"
    return f"the {last} is {newer.value}, {older} counts"


def moved(grade: Grade, language: Language = ENGLISH) -> Iterator[Sentence]:
    """What is not said by the verdicts: that a hand-in counts which is not the newest, and what
    made the total another than their sum: lateness, slip days, people."""
    yield from filter(None, [newer_sentence(grade.newer), late_sentence(grade),
                             slip_sentence(grade)])
    titles = {question.name: question.title for question in grade.questions}
    for each in grade.adjustments:
        yield adjustment_sentence(each, titles, language)


def measured_sentence(measured: Measurement, language: Language = ENGLISH) -> Sentence:
    """What was measured, and of what."""
    return sentence("The grader measured: {percent} % of {what}.",
                    percent=measured.percent, what=say(measured.what, language))


def follow_through_sentence(question: QuestionGrade, assignment: Assignment) -> Sentence | None:
    """Why a run on corrected helpers decided the score; None when none did."""
    if question.follow_through is None:
        return None
    share = points(assignment.follow_through * 100)
    uses = assignment.question(question.name).uses
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


def mismatch_sentence(mismatch: Mismatch, language: Language = ENGLISH) -> Sentence:
    """In what respect an answer is wrong, in one sentence.

    Args:
        language: of the phrases that go into the sentence; the sentence is still to be said in it.
    """
    what = part(mismatch.where, language)
    match mismatch.kind:
        case MismatchKind.TYPE:
            return _type_sentence(what, mismatch.expected_type, mismatch.actual_type, language)
        case MismatchKind.SHAPE:
            return _shape_sentence(mismatch, what, language)
        case MismatchKind.DTYPE:
            expected, actual = mismatch.expected_dtype, mismatch.actual_dtype
            if expected in {"int", "float"}:  # Python's numbers have types only
                return _type_sentence(what, expected, actual, language)
            return sentence("Wrong dtype of {what}: it is {actual} and should be {expected}.",
                            what=what, actual=actual or "?", expected=expected or "?")
        case MismatchKind.DEVICE:
            return sentence(
                "Wrong device of {what}: it should be on the device of the input.", what=what)
        case MismatchKind.VALUES:
            return _values_sentence(mismatch, what)
        case MismatchKind.KEYS:
            return _keys_sentence(mismatch, what)
        case MismatchKind.TEXT:
            return _text_sentence(mismatch, what)
        case MismatchKind.NAN:
            if mismatch.wrong_count is None or mismatch.total_count == 1:
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
                "function from its inputs to its answer.", what=what,
            )
        case MismatchKind.MUTATED:
            if mismatch.where:
                return sentence(
                    "Your function changed its input ({where}). Work on a copy instead.",
                    where=what)
            return sentence("Your function changed its input. Work on a copy instead.")
        case MismatchKind.ACCEPTED:
            return sentence(
                "Your function accepted arguments that it should refuse. Raise an exception for "
                "them, for example ValueError."
            )
        case MismatchKind.OTHER:
            return sentence("The answer is not what the check asks for.")
        case _ as unknown:
            assert_never(unknown)


def part(where: Part | None, language: Language) -> str:
    """What the part of an answer is called; None is the whole answer."""
    where = where or Part()
    index = "".join(f"[{number}]" for number in where.index)
    if where.argument is not None:
        what = say(sentence("argument {name}", name=f"{where.argument}{index}"), language)
    else:
        what = say(where.name or sentence("your answer"), language) + index
    return say(sentence("gradient of {name}", name=what), language) if where.gradient else what


def _type_sentence(
    what: str, expected: str | None, actual: str | None, language: Language
) -> Sentence:
    if expected is None or actual is None:
        return sentence("Wrong type of {what}.", what=what)
    return sentence("Wrong type of {what}: it is {actual} and should be {expected}.", what=what,
                    actual=say(actual, language), expected=say(expected, language))


def _keys_sentence(mismatch: Mismatch, what: str) -> Sentence:
    """Of keys, or of members of a set, those that are missing and those that are too many."""
    missing, extra = (", ".join(each or ()) for each in (mismatch.missing, mismatch.extra))
    if mismatch.expected_type in ("set", "frozenset"):
        if not extra:
            return sentence("Members are missing in {what}: {missing}.", what=what,
                            missing=missing)
        if not missing:
            return sentence("Members of {what} should not be there: {extra}.", what=what,
                            extra=extra)
        return sentence("Wrong members of {what}: {missing} missing, and {extra} should not be "
                        "there.", what=what, missing=missing, extra=extra)
    if not extra:
        return sentence("Keys are missing in {what}: {missing}.", what=what, missing=missing)
    if not missing:
        return sentence("Keys of {what} should not be there: {extra}.", what=what, extra=extra)
    return sentence("Wrong keys of {what}: {missing} missing, and {extra} should not be there.",
                    what=what, missing=missing, extra=extra)


def _text_sentence(mismatch: Mismatch, what: str) -> Sentence:
    """Of a text that is printed, the first line that differs."""
    line, expected, actual = mismatch.line or 1, mismatch.expected_line, mismatch.actual_line
    if expected is None:
        return sentence("Line {line} of {what} should not be there: “{actual}”.", line=line,
                        what=what, actual=actual or "")
    if actual is None:
        return sentence("Line {line} of {what} is missing: “{expected}”.", line=line, what=what,
                        expected=expected)
    return sentence("Line {line} of {what} is “{actual}” and should be “{expected}”.", line=line,
                    what=what, actual=actual, expected=expected)


def _shape_sentence(mismatch: Mismatch, what: str, language: Language) -> Sentence:
    expected, actual = mismatch.expected_shape, mismatch.actual_shape
    if expected is None or actual is None:
        return sentence("Wrong shape of {what}.", what=what)
    if len(expected) == len(actual) == 1:  # a vector's, or a list's
        return sentence("Wrong length of {what}: it is {actual} and should be {expected}.",
                        what=what, actual=actual[0], expected=expected[0])
    shapes = {"what": what, "actual": shape_text(actual), "expected": shape_text(expected)}
    fault = shape_fault(expected, actual)
    if fault is not None:
        return sentence("Wrong shape of {what}: it is {actual} and should be {expected}. {fault}",
                        fault=say(fault, language), **shapes)
    if len(expected) != len(actual):
        return sentence("Wrong number of dimensions of {what}: its shape is {actual} and should be "
                        "{expected}.", **shapes)
    return sentence("Wrong shape of {what}: it is {actual} and should be {expected}.", **shapes)


def shape_fault(expected: Sequence[int], actual: Sequence[int]) -> Sentence | None:
    """What two different shapes tell about the mistake; None where they tell nothing."""
    if len(expected) != len(actual):
        return _dimensions_fault(list(expected), list(actual))
    if list(actual) == [*expected[:-2], expected[-1], expected[-2]]:
        return sentence("Height and width are swapped.")
    if list(actual) == list(expected)[::-1]:
        return sentence("The dimensions are in reverse order.")
    if sorted(actual) == sorted(expected):
        return sentence("The sizes are right, but their order is wrong.")
    differences = [a - e for a, e in zip(actual, expected, strict=True)]
    wrong = [index for index, difference in enumerate(differences) if difference]
    if len(wrong) == 1 and len(expected) > 2:
        return sentence("Only the dimension at index {index} is wrong.", index=wrong[0])
    if wrong != [len(expected) - 2, len(expected) - 1]:
        return None
    height, width = differences[-2:]
    if height == width == 1:
        return sentence("Height and width are each one too large: look at how you round, at the "
                        "padding, and at a window that sticks out.")
    if height == width == -1:
        return sentence("Height and width are each one too small: look at how you round, at the "
                        "padding, and at the first and the last place of the window.")
    return sentence("The height is off by {height} and the width by {width}: look at padding and "
                    "stride.", height=f"{height:+d}".replace("-", "−"),
                    width=f"{width:+d}".replace("-", "−"))


def _dimensions_fault(expected: list[int], actual: list[int]) -> Sentence | None:
    missing, extra = _left_out(expected, actual), _left_out(actual, expected)
    if missing is not None:
        return sentence(
            "The dimension at index {index}, of size {size}, is missing: was it summed up, indexed "
            "or squeezed away?", index=missing, size=expected[missing])
    if extra is not None:
        return sentence("There is a dimension too many, at index {index}, of size {size}.",
                        index=extra, size=actual[extra])
    return None


def _left_out(longer: list[int], shorter: list[int]) -> int | None:
    """The index of the one dimension that ``shorter`` lacks."""
    return next((index for index in range(len(longer))
                 if longer[:index] + longer[index + 1:] == shorter), None)


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
