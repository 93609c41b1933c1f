"""In what respect an answer is wrong, as a sentence for whoever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from autograder.report.translations import ENGLISH, Language
from autograder.report.words import say, shape_text
from autograder.result import Mismatch, MismatchKind, Part, Sentence, sentence


def mismatch_sentence(mismatch: Mismatch, language: Language = ENGLISH) -> Sentence:
    """In what respect an answer is wrong, in one sentence.

    Args:
        language: of the phrases that go into the sentence; the sentence is still to be said in it.
    """
    what = _part(mismatch.where, language)
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


def _part(where: Part | None, language: Language) -> str:
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
