"""What a student reads: right, in words, step by step, in every language."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from example_results import (
    COURSE,
    a_check,
    a_grade,
    a_question,
    a_row,
    a_wrong_array,
    an_assignment,
    an_unreadable,
    soup,
    text_of,
)

from autograder import names
from autograder.course import Assignment, CourseError, load
from autograder.course.digests import suite_digest
from autograder.gradebook import CheckGrade, Grade, QuestionGrade
from autograder.report.grids import Contrast, grids
from autograder.report.hints import hint
from autograder.report.markdown import laid_out
from autograder.report.mismatches import mismatch_sentence
from autograder.report.pages import Reports, student_page
from autograder.report.patterns import pattern
from autograder.report.translations import Language
from autograder.report.words import (
    as_printed,
    call_text,
    one_line,
    say,
    visible,
)
from autograder.result import (
    Account,
    Array,
    CellError,
    Diagnosis,
    Evidence,
    Load,
    Mismatch,
    MismatchKind,
    Part,
    Performance,
    Status,
    SubmissionStatus,
    Wire,
    Wiring,
    sentence,
)

CONCEPT = "The kernel slides over the image."

CHINESE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"
msgid "Cross-correlation"
msgstr "互相关"
msgid "Two-dimensional cross-correlation"
msgstr "二维互相关"
msgid "Values are right."
msgstr "数值正确。"
msgid "You flip {what}."
msgstr "你翻转了{what}。"
msgid "The kernel slides over the image."
msgstr "卷积核在图像上滑动。"
"""


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return an_assignment(tmp_path)


def explained(folder: Path, language: str = "en") -> Assignment:
    """An assignment with a concept for corr2d, and with a Chinese catalogue."""
    catalogue = folder / "solutions" / "correlation" / "locale" / "zh.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CHINESE, encoding="utf-8")
    return an_assignment(folder, COURSE.replace(
        'name = "Convolution"', f'name = "Convolution"\nlanguage = "{language}"').replace(
        'cross-correlation"\npoints', f'cross-correlation"\nconcept = "{CONCEPT}"\npoints'))


def edition(page: str, language: str) -> Tag:
    found = soup(page).select_one(f'.edition[lang="{language}"]')
    assert found is not None
    return found


def english(grade: Grade, assignment: Assignment) -> str:
    """The English part of a student's page."""
    return str(edition(student_page(grade, assignment), "en"))


# The student's page -----------------------------------------------------------------------------

def test_a_failing_visible_check_shows_call_answers_and_the_wrong_elements(
        assignment: Assignment) -> None:
    page = english(a_grade("ann", a_question("corr2d", 1.0, checks=[a_wrong_array()])),
                        assignment)
    document, text = soup(page), text_of(page)
    assert "corr2d(tensor 1, 'max')" in text
    assert "2 of 4 differ, the first at index (0, 1); the largest error is 12.5" in text
    given, expected, actual = document.find_all("figure")
    assert [td.get_text() for td in given.select("tbody td")] == ["0", "1", "2", "3"]
    assert [td.get_text() for td in expected.select("tbody td")] == ["19", "25", "37", "43"]
    assert [td.get_text() for td in actual.select("tbody td")] == ["19", "12.5", "37", "NaN/∞"]
    assert [mark.get_text() for mark in document.find_all("mark")] == ["25", "43", "12.5", "NaN/∞"]


def test_a_passed_visible_check_shows_no_numbers(assignment: Assignment) -> None:
    check = a_wrong_array(status=Status.PASSED, mismatch=None)
    page = english(a_grade("ann", a_question(checks=[check])), assignment)
    assert not soup(page).find_all("figure")


def test_a_wrong_gradient_marks_nothing_in_an_answer_that_is_right(assignment: Assignment) -> None:
    mismatch = Mismatch(kind=MismatchKind.VALUES, where=Part(argument=1, gradient=True),
                        first_wrong=[0, 1], wrong_count=1, total_count=4)
    page = english(a_grade("ann", a_question(checks=[a_wrong_array(mismatch=mismatch)])),
                        assignment)
    assert "Wrong values in gradient of argument 1" in page
    assert [tag.get_text().split(" (")[0] for tag in soup(page).find_all("figcaption")] == [
        "tensor 1"]
    assert not soup(page).find_all("mark")


def test_a_line_that_the_message_names_is_not_said_twice(assignment: Assignment) -> None:
    message = sentence("It raised {type} at line {line} of code cell {cell}.", type="ValueError",
                       line=5, cell=2)
    check = a_check(status=Status.ERROR, score=0.0, message=message, line=5, cell=1)
    page = soup(english(a_grade("ann", a_question(checks=[check])), assignment))
    assert text_of(str(page.select_one(".checks"))).count("line 5") == 1


def test_numbers_that_round_alike_are_shown_apart(assignment: Assignment) -> None:
    evidence = Evidence(function="f", expected=Array(shape=[2], dtype="float32", values=[2.0, 0.1]),
                        actual=Array(shape=[2], dtype="float32", values=[2.0, 0.1000001]))
    mismatch = Mismatch(kind=MismatchKind.VALUES, first_wrong=[1], wrong_count=1)
    check = a_wrong_array(evidence=evidence, mismatch=mismatch)
    page = english(a_grade("ann", a_question(checks=[check])), assignment)
    assert [mark.get_text() for mark in soup(page).find_all("mark")] == ["0.1", "0.1000001"]


def test_late_penalty_is_explained(assignment: Assignment) -> None:
    result = a_row("ann", 4, 2, 2, late_days=2, score=6.4, penalty=1.6)
    text = text_of(english(result, assignment))
    assert "6.4 / 9 points" in text
    assert "days begun: 2). Points taken off: 1.6 of the 8 earned." in text
    assert "late" not in text_of(english(a_row("ann", 4, 2, 2), assignment))


def test_diagnosis_message_and_follow_through_are_said(assignment: Assignment) -> None:
    question = a_question(
        "conv2d_true", 1.5, follow_through=2.0, message=sentence("Note {x}.", x=1),
        diagnosis=[Diagnosis(id="a", message=sentence("The kernel is flipped."), checks=["x"]),
                   Diagnosis(id="b", message=sentence("Both are transposed."), checks=["x"]),
                   Diagnosis(id="c", message=sentence("The bias is lost."), checks=["y"])])
    text = text_of(english(a_grade("ann", question), assignment))
    assert "more than one explanation: The kernel is flipped. Both are transposed. The bias" in text
    assert text.count("more than one explanation") == 1
    assert "Note 1." in text
    assert "builds on corr2d" in text
    assert "at most 75 % of the points" in text


@pytest.mark.parametrize(("corrected", "told"), [(Fraction(1), True), (Fraction(3, 4), False)])
def test_what_is_right_on_a_correct_helper_has_nothing_to_look_for(
    corrected: Fraction, told: bool, assignment: Assignment
) -> None:
    check = a_check(status=Status.FAILED, score=0.0)
    question = a_question("conv2d_true", 1.5, follow_through=1.5, checks=[check])
    result = question.result.model_copy(update={"corrected": corrected})
    text = text_of(english(a_grade("ann", question.model_copy(update={"result": result})),
                           assignment))
    assert ("On top of a correct corr2d all of this is right." in text) is told
    assert ("compare each step with your code" in text) is not told


@pytest.mark.parametrize("status", Status)
def test_a_status_is_told_by_words_and_symbol(status: Status, assignment: Assignment) -> None:
    question = a_question("corr2d", 0.0, status=status, checks=[a_check(status=status)])
    document = soup(english(a_grade("ann", question), assignment))
    outcomes = [" ".join(tag.get_text().split()) for tag in document.select(".outcome")]
    assert len(outcomes) == 2
    symbol, words = outcomes[0].split(" ", 1)
    assert len(symbol) == 1
    assert len(words) >= 6


def test_a_question_that_did_not_run_is_pending_and_not_zero(assignment: Assignment) -> None:
    question = a_question("corr2d", 0.0, status=Status.DEFERRED)
    text = text_of(english(a_grade("ann", question), assignment))
    assert "pending" in text
    assert "0 / 4" not in text


def test_what_did_not_run_is_listed_with_its_place_and_text(assignment: Assignment) -> None:
    errors = [CellError(cell=4, type="ZeroDivisionError", line=3, message="m")]
    page = english(a_grade("ann", load=Load(errors=errors)), assignment)
    cells = [td.get_text() for td in soup(page).select("tbody td")]
    assert cells == ["Code cell 5, line 3", "ZeroDivisionError: m"]


def test_an_ungraded_submission_shows_its_reason_and_what_to_do_and_no_score(
        assignment: Assignment) -> None:
    text = text_of(english(an_unreadable(), assignment))
    assert "The file is not a notebook." in text
    assert "Restart and Run All" in text
    assert "/ 9" not in text
    ours = a_row("ann", 4, 2, 3, status=SubmissionStatus.INTERNAL,
                 message=sentence("AssertionError: hidden input was 42"))
    text = text_of(english(ours, assignment))
    assert "will be graded again" in text
    assert "42" not in text
    assert "/ 9" not in text


# Hints ------------------------------------------------------------------------------------------

def test_a_hint_goes_from_symptom_over_concept_to_the_place(tmp_path: Path) -> None:
    failing = a_wrong_array(title="Rectangles.", cell=2, line=7)
    question = a_question(
        "corr2d", 1.0, checks=[failing, a_check("test_other", title="Squares.")],
        diagnosis=[Diagnosis(id="a", message=sentence("You flip it."), checks=["test_values"])])
    page = soup(english(a_grade("ann", question), explained(tmp_path)))
    steps = page.select(".hint details")
    assert [step.summary.get_text() for step in steps if step.summary] == [
        "Hint 1: What goes wrong", "Hint 2: The idea behind it", "Hint 3: Where to look"]
    assert not page.select("details[open]")
    first, second, third = (text_of(str(step)) for step in steps)
    assert "The shape is right" not in first  # the mismatch of this check does not say it
    assert "1 of 2 checks pass" in first and "Rectangles." in first and "Squares." not in first
    assert CONCEPT in second and "You flip it." in third
    assert second in first and third in second  # each is inside the one before
    assert "Code cell 3, line 7" in third
    assert CONCEPT not in third


def test_a_step_without_anything_to_say_is_left_out(assignment: Assignment) -> None:
    check = a_check(status=Status.ERROR, score=0.0, message=sentence("It raised X."))
    page = soup(english(a_grade("ann", a_question("corr2d", 0.0, checks=[check])), assignment))
    assert [summary.get_text() for summary in page.select(".hint summary")] == [
        "Hint 1: What goes wrong"], "there is nothing to compare"


@pytest.mark.parametrize("question", [
    a_question(checks=[a_check()]),
    a_question("corr2d", 0.0, status=Status.DEFERRED, checks=[a_check(status=Status.DEFERRED)]),
    a_question("corr2d", 0.0, status=Status.INTERNAL),
    a_question(checks=[a_check(status=Status.FAILED, score=0.0, max_score=0.0, follows="test_x")]),
], ids=["right", "deferred", "internal", "free of charge"])
def test_what_is_right_or_not_known_gets_no_hint(
        question: QuestionGrade, tmp_path: Path) -> None:
    assert hint(question, explained(tmp_path)) is None


def test_a_hint_tells_nothing_of_the_session_that_decided(tmp_path: Path) -> None:
    swapped = Mismatch(kind=MismatchKind.SHAPE, expected_shape=[41, 43], actual_shape=[43, 41])
    hidden = a_check(title="A title.", status=Status.FAILED, score=0.0,
                     decided=Account(status=Status.FAILED, mismatch=swapped))
    page = english(a_grade("ann", a_question("corr2d", 1.0, checks=[hidden])), explained(tmp_path))
    assert "swapped" not in page
    assert "41" not in page
    assert "Make a small example of “A title.”" in page


def of_shapes(expected: list[int], actual: list[int]) -> Mismatch:
    return Mismatch(kind=MismatchKind.SHAPE, expected_shape=expected, actual_shape=actual)


@pytest.mark.parametrize(("fields", "symptom"), [
    ({"status": "error", "mismatch": None}, "Your code raises an exception and gives no answer."),
    ({"status": "timeout", "mismatch": None}, "Your code takes too long."),
    ({"mismatch": of_shapes([5, 3], [3, 5])}, "Height and width are swapped."),
    ({"mismatch": Mismatch(kind=MismatchKind.DTYPE)},
     "The numbers are right, but their type is wrong."),
    ({"mismatch": Mismatch(kind=MismatchKind.VALUES, where=Part(name="X", gradient=True))},
     "The answer is right, but its gradient is wrong."),
    ({"mismatch": Mismatch(kind=MismatchKind.VALUES, expected_shape=[2, 2], actual_shape=[2, 2])},
     "The shape is right, but some numbers are wrong."),
    ({}, "No check passes: begin with the first one, and leave the others for later."),
])
def test_the_symptom_is_what_the_failing_checks_show(
        fields: dict[str, Any], symptom: str, assignment: Assignment) -> None:
    found = hint(a_question("corr2d", 0.0, checks=[a_wrong_array(**fields)]), assignment)
    assert found is not None
    assert symptom in map(say, found.symptoms)


def test_a_right_answer_that_could_be_faster_is_told_so(assignment: Assignment) -> None:
    timed = a_question("corr2d", 3.0, status=Status.PASSED, checks=[a_check()],
                       performance=Performance(ratio=1.5))
    found = hint(timed, assignment)
    assert found is not None
    assert [say(each) for each in found.symptoms] == [
        "It is right, but it can be faster."]
    assert not found.titles and not found.places


NUMBERS = [1.0, 2.0, -3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]


@pytest.mark.parametrize(("actual", "said"), [
    ([0.0] * 9, "Every number is 0."),
    ([-number for number in NUMBERS], "Every number is −1 times what it should be."),
    ([number / 9 for number in NUMBERS], "Every number is 0.1111 times what it should be."),
    ([number + 0.5 for number in NUMBERS], "Every number is off by +0.5."),
    (NUMBERS[::-1], "The right numbers are there, in other places."),
    ([7.0, *NUMBERS[1:8], 0.0],
     "The numbers inside are right; only numbers at the border are wrong."),
    ([*NUMBERS[:4], 5.5, *NUMBERS[5:]], None),
    ([None, *NUMBERS[1:]], None),
])
def test_what_the_wrong_numbers_have_in_common_is_said(
        actual: list[float | None], said: str | None) -> None:
    found = pattern(Evidence(
        function="f", expected=Array(shape=[3, 3], dtype="float32", values=NUMBERS),
        actual=Array(shape=[3, 3], dtype="float32", values=actual)))
    assert (say(found) if found else None) == said


BORDER = [7.0, *NUMBERS[1:8], 0.0]
INSIDE = "The numbers inside are right; only numbers at the border are wrong."


@pytest.mark.parametrize(("shape", "expected", "actual", "said"), [
    ([3, 3], NUMBERS, [*NUMBERS[:5], 0.5, *NUMBERS[6:]], INSIDE),  # so it is there, too
    ([3, 3], NUMBERS, [*NUMBERS[:4], 5.5, *NUMBERS[5:]], f"“First.”: {INSIDE}"),
    ([2, 2], NUMBERS[:4], [0.5, *NUMBERS[1:4]], INSIDE),  # has no inside
    ([3, 3], NUMBERS, None, INSIDE),  # does not show
])
def test_what_the_numbers_of_one_answer_have_in_common_is_said_of_no_other(
        shape: list[int], expected: list[float], actual: list[float] | None, said: str,
        assignment: Assignment) -> None:
    def check(title: str, shape: list[int], expected: list[float], actual: list[float] | None
              ) -> CheckGrade:
        return a_wrong_array(title=title, mismatch=Mismatch(kind=MismatchKind.VALUES),
                             evidence=Evidence(
            function="f", expected=Array(shape=shape, dtype="float32", values=expected),
            actual=Array(shape=shape, dtype="float32", values=actual)))

    found = hint(a_question("corr2d", 0.0, checks=[
        check("First.", [3, 3], NUMBERS, BORDER), check("Second.", shape, expected, actual)]),
        assignment)
    assert found is not None
    assert [text for text in map(say, found.symptoms) if INSIDE in text] == [said]


def test_equal_numbers_tell_no_factor_from_a_term() -> None:
    found = pattern(Evidence(
        function="f", expected=Array(shape=[2, 2], dtype="float32", values=[2.0] * 4),
        actual=Array(shape=[2, 2], dtype="float32", values=[4.0] * 4)))
    assert found is None


# Languages --------------------------------------------------------------------------------------

def test_the_page_holds_both_languages_and_opens_in_the_course_s(tmp_path: Path) -> None:
    for language, name in (("en", "English"), ("zh", "中文")):
        assignment = explained(tmp_path / language, language)
        page = soup(student_page(a_row("ann", 4, 2, 3), assignment))
        assert page.html is not None and page.html["lang"] == language
        [chosen] = page.select("input[checked]")
        [label] = page.select(f'label[for="{chosen["id"]}"]')
        assert (label.get_text(), label["lang"]) == (name, language)
        assert {part["lang"] for part in page.select("body > .edition")} == {"en", "zh"}
        assert not page.find_all("script")


def test_the_chinese_part_says_in_chinese_what_has_a_translation(tmp_path: Path) -> None:
    question = a_question(
        "corr2d", 1.0, title="Two-dimensional cross-correlation", checks=[a_wrong_array()],
        diagnosis=[Diagnosis(id="a", message=sentence("You flip {what}.", what="K"))])
    page = student_page(a_grade("ann", question), explained(tmp_path))
    chinese, english = (text_of(str(edition(page, language))) for language in ("zh", "en"))
    for said in ("互相关", "二维互相关", "数值正确。", "你翻转了K。", "卷积核在图像上滑动。"):
        assert said in chinese
        assert said not in english
    assert "You flip K." in english
    assert "You flip" not in chinese


def test_a_sentence_without_a_translation_is_shown_and_marked_as_english(tmp_path: Path) -> None:
    result = a_grade("ann", a_question("corr2d", 4.0, title="A new title"))
    marked = edition(student_page(result, explained(tmp_path)), "zh").select('[lang="en"]')
    assert {tag.get_text() for tag in marked} == {"A new title"}


def test_what_a_student_wrote_is_never_translated(tmp_path: Path) -> None:
    """Not even where it is a sentence of ours."""
    result = a_grade("Cross-correlation", load=Load(errors=[CellError(cell=0, type="passed")]))
    chinese = edition(student_page(result, explained(tmp_path)), "zh")
    assert "Cross-correlation" in str(chinese.header)
    assert "passed" in text_of(str(chinese.table))


def test_phrases_inside_a_sentence_are_translated_too() -> None:
    chinese = Language("zh", "中文", {
        "Wrong type of {what}: it is {actual} and should be {expected}.":
            "{what}：{actual}，应为 {expected}。",
        "your answer": "你的输出", "gradient of {name}": "{name} 的梯度",
        "argument {name}": "参数 {name}", "losses": "损失", "Tensor of real numbers": "实数张量"})
    for where, what in (
            (None, "你的输出"), (Part(index=(1,)), "你的输出[1]"),
            (Part(name="losses", index=(2,)), "损失[2]"),
            (Part(argument=1, gradient=True), "参数 1 的梯度"), (Part(name="bias"), "bias")):
        mismatch = Mismatch(kind=MismatchKind.TYPE, where=where, actual_type="list",
                            expected_type="Tensor of real numbers")
        said = say(mismatch_sentence(mismatch, chinese), chinese)
        assert said == f"{what}：list，应为 实数张量。"


def test_a_translation_that_asks_for_other_values_gives_way_to_english() -> None:
    chinese = Language("zh", "中文", {"{n} points": "{m} 分"})
    assert say(sentence("{n} points", n=3), chinese) == "3 points"


@pytest.mark.parametrize(("content", "complaint"), [
    (b'msgid "a"\nmsgstr "b"\nnonsense\n', "line 3: no line of a catalogue: nonsense"),
    (b'msgid "\xff"\n', "not UTF-8 text"),
])
def test_a_broken_catalogue_is_told_before_anything_is_graded(
        content: bytes, complaint: str, tmp_path: Path) -> None:
    assignment = explained(tmp_path)
    file = tmp_path / "solutions" / "correlation" / "locale" / "zh.po"
    file.write_bytes(content)
    with pytest.raises(CourseError, match=complaint) as raised:
        Reports(["ann"], assignment, tmp_path / "results")
    assert str(file) in str(raised.value)


def test_a_concept_changes_no_verdict(tmp_path: Path) -> None:
    with_concept, without = tmp_path / "with", tmp_path / "without"
    explained(with_concept)
    an_assignment(without)
    one, other = (load(folder / "grader.toml") for folder in (with_concept, without))
    assert one.assignment("correlation").questions[0].concept == CONCEPT
    assert suite_digest(one, "correlation") == suite_digest(other, "correlation")


# Words and numbers ------------------------------------------------------------------------------

@pytest.mark.parametrize(("fields", "words"), [
    ({"kind": "type", "actual_type": "list", "expected_type": "Tensor"},
     "Wrong type of your answer: it is list and should be Tensor."),
    ({"kind": "shape", "actual_shape": [3, 2], "expected_shape": [2, 3]},
     "Wrong shape of your answer: it is (3, 2) and should be (2, 3). "
     "Height and width are swapped."),
    ({"kind": "shape", "actual_shape": [5, 4, 3, 2], "expected_shape": [5, 4, 2, 3]},
     "Wrong shape of your answer: it is (5, 4, 3, 2) and should be (5, 4, 2, 3). "
     "Height and width are swapped."),
    ({"kind": "shape", "actual_shape": [4, 3, 2], "expected_shape": [2, 3, 4]},
     "Wrong shape of your answer: it is (4, 3, 2) and should be (2, 3, 4). "
     "The dimensions are in reverse order."),
    ({"kind": "shape", "actual_shape": [2, 4, 3], "expected_shape": [4, 3, 2]},
     "Wrong shape of your answer: it is (2, 4, 3) and should be (4, 3, 2). "
     "The sizes are right, but their order is wrong."),
    ({"kind": "shape", "actual_shape": [3, 6, 7], "expected_shape": [2, 3, 6, 7]},
     "Wrong shape of your answer: it is (3, 6, 7) and should be (2, 3, 6, 7). The dimension at "
     "index 0, of size 2, is missing: was it summed up, indexed or squeezed away?"),
    ({"kind": "shape", "actual_shape": [5, 1, 6], "expected_shape": [5, 6]},
     "Wrong shape of your answer: it is (5, 1, 6) and should be (5, 6). There is a dimension too "
     "many, at index 1, of size 1."),
    ({"kind": "shape", "actual_shape": [2, 4, 6, 7], "expected_shape": [2, 3, 6, 7]},
     "Wrong shape of your answer: it is (2, 4, 6, 7) and should be (2, 3, 6, 7). Only the "
     "dimension at index 1 is wrong."),
    ({"kind": "shape", "actual_shape": [1, 5, 7], "expected_shape": [1, 4, 6]},
     "Wrong shape of your answer: it is (1, 5, 7) and should be (1, 4, 6). Height and width are "
     "each one too large: look at how you round, at the padding, and at a window that sticks out."),
    ({"kind": "shape", "actual_shape": [3, 5], "expected_shape": [4, 6]},
     "Wrong shape of your answer: it is (3, 5) and should be (4, 6). Height and width are each "
     "one too small: look at how you round, at the padding, and at the first and the last place "
     "of the window."),
    ({"kind": "shape", "actual_shape": [8, 8], "expected_shape": [6, 9]},
     "Wrong shape of your answer: it is (8, 8) and should be (6, 9). The height is off by +2 and "
     "the width by −1: look at padding and stride."),
    ({"kind": "shape", "actual_shape": [2, 2], "expected_shape": [2, 3], "where": Part(index=(1,))},
     "Wrong shape of your answer[1]: it is (2, 2) and should be (2, 3)."),
    ({"kind": "shape", "actual_shape": [], "expected_shape": [2, 3]},
     "Wrong number of dimensions of your answer: its shape is () and should be (2, 3)."),
    ({"kind": "dtype", "actual_dtype": "float32", "expected_dtype": "float64"},
     "Wrong dtype of your answer: it is float32 and should be float64."),
    ({"kind": "dtype", "actual_dtype": "float", "expected_dtype": "int"},
     "Wrong type of your answer: it is float and should be int."),
    ({"kind": "shape", "actual_shape": [3], "expected_shape": [2]},
     "Wrong length of your answer: it is 3 and should be 2."),
    ({"kind": "device"}, "Wrong device of your answer: it should be on the device of the input."),
    ({"kind": "values", "wrong_count": 3, "total_count": 12, "first_wrong": [0, 1],
      "largest_error": 0.12345},
     "Wrong values in your answer: 3 of 12 differ, the first at index (0, 1); "
     "the largest error is 0.123."),
    ({"kind": "values", "wrong_count": 1, "total_count": 1, "first_wrong": [],
      "largest_error": 2.0}, "Wrong value in your answer: it is off by 2."),
    ({"kind": "values", "largest_error": 1.0, "where": Part(index=(0,))},
     "Wrong value in your answer[0]: it is off by 1."),
    ({"kind": "values", "wrong_count": 3, "total_count": 12, "first_wrong": [0, 1]},
     "Wrong values in your answer: 3 of 12 differ, the first at index (0, 1)."),
    ({"kind": "nan", "wrong_count": 1, "total_count": 4, "first_wrong": [2]},
     "NaN or infinity in your answer: 1 of 4 values differ, the first at index (2,)."),
    ({"kind": "gradient", "where": Part(name="X", gradient=True), "wrong_count": 1,
      "total_count": 4, "first_wrong": [0, 0], "largest_error": 1.0},
     "Wrong values in gradient of X: 1 of 4 differ, the first at index (0, 0); "
     "the largest error is 1."),
    ({"kind": "gradient", "where": Part(name="X", gradient=True)},
     "Wrong or missing gradient (gradient of X): autograd must be able to follow your function "
     "from its inputs to its answer."),
    ({"kind": "mutated", "where": Part(name="X")},
     "Your function changed its input (X). Work on a copy instead."),
    ({"kind": "accepted"},
     "Your function accepted arguments that it should refuse. Raise an exception for them, for "
     "example ValueError."),
    ({"kind": "other"}, "The answer is not what the check asks for."),
])
def test_a_mismatch_is_one_sentence(fields: dict[str, Any], words: str) -> None:
    assert say(mismatch_sentence(Mismatch(**fields))) == words


@pytest.mark.parametrize("kind", MismatchKind)
def test_a_mismatch_of_which_only_the_kind_is_known_has_a_sentence(kind: MismatchKind) -> None:
    words = say(mismatch_sentence(Mismatch(kind=kind)))
    assert words.endswith(".")
    assert "None" not in words


def test_a_call_without_tensors_is_shown_whole() -> None:
    assert call_text(Evidence(function="f", arguments=["8", "(1, 2)"])) == "f(8, (1, 2))"


def test_invisible_characters_are_made_visible_and_letters_are_kept() -> None:
    assert visible("a\u202eb\u2066\x00\ud800é漢") == "a⟨U+202E⟩b⟨U+2066⟩⟨U+0000⟩⟨U+D800⟩é漢"


@pytest.mark.parametrize("hidden", "\u2065\ue000\u200b\u2028\x1b", ids=ascii)
def test_what_no_name_may_have_no_report_shows(hidden: str) -> None:
    """U+2065 is not assigned, and drawn as nothing; U+E000 is whatever a font makes of it."""
    assert names.student_id(f"a{hidden}b").replace(" ", "") == "ab"
    assert hidden not in names.shown(f"a{hidden}b")
    assert visible(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"
    assert hidden not in one_line(f"a{hidden}b") + as_printed(f"a{hidden}b")


def texts(array: Array, *wrong: int) -> list[tuple[str, list[list[str]]]]:
    return [(grid.caption, [[cell.text + "*" * cell.marked for cell in row] for row in grid.rows])
            for grid in grids(array, Contrast(frozenset(wrong)))]


def test_tensors_of_any_number_of_dimensions_become_grids() -> None:
    def counting(*shape: int) -> Array:
        return Array(shape=list(shape), dtype="int64", values=list(range(math.prod(shape))))
    assert texts(counting(), 0) == [("", [["0*"]])]
    assert texts(counting(3), 1) == [("", [["0", "1*", "2"]])]
    assert texts(counting(2, 1), 1) == [("", [["0"], ["1*"]])]
    assert texts(counting(2, 1, 2), 2) == [
        ("[0, :, :]", [["0", "1"]]), ("[1, :, :]", [["2*", "3"]])]
    assert [caption for caption, _ in texts(counting(2, 2, 1, 1))] == [
        "[0, 0, :, :]", "[0, 1, :, :]", "[1, 0, :, :]", "[1, 1, :, :]"]


def test_numbers_are_shaded_by_size_and_sign() -> None:
    [grid] = grids(Array(shape=[2, 3], dtype="f", values=[-4.0, -1.0, 0.0, 1.0, 2.1, None]))
    assert [[cell.shade for cell in row] for row in grid.rows] == [
        ["n4", "n1", ""], ["p1", "p3", ""]]


def test_as_many_elements_are_marked_as_differ(assignment: Assignment) -> None:
    """The farthest ones, in the given answer as in the expected one."""
    evidence = Evidence(
        function="f", expected=Array(shape=[2, 2], dtype="f", values=[1.0, 2.0, 3.0, 4.0]),
        actual=Array(shape=[2, 2], dtype="f", values=[1.0, 2.5, 3.0000001, None]))
    check = a_wrong_array(evidence=evidence, mismatch=Mismatch(
        kind=MismatchKind.VALUES, wrong_count=2, total_count=4, first_wrong=[0, 1]))
    page = soup(english(a_grade("ann", a_question(checks=[check])), assignment))
    assert [mark.get_text() for mark in page.find_all("mark")] == ["2", "4", "2.5", "NaN/∞"]


def test_a_wiring_shows_which_pixel_met_which_weight(assignment: Assignment) -> None:
    wiring = Wiring(function="corr2d", image=[1, 2], kernel=[1, 1], output=[0, 1],
                    given=[Wire(pixel=[0, 0], weight=[0, 0])],
                    expected=[Wire(pixel=[0, 1], weight=[0, 0])])
    page = soup(english(a_grade("ann", a_question(wiring=wiring)), assignment))
    expected, given = ([cell.get_text() for cell in table.select("tbody td")]
                       for table in page.select(".callout table"))
    assert (expected, given) == (["·", "K[0, 0]"], ["K[0, 0]", "·"])
    assert len(page.select(".callout mark")) == 4
    assert "output (0, 1) of corr2d" in text_of(str(page))


@pytest.mark.parametrize("array", [
    Array(shape=[10**9, 0], dtype="f", values=[]),
    Array(shape=[2, 2], dtype="f", values=[1.0]),
    Array(shape=[2, 2], dtype="f", values=None),
    Array(shape=[100, 100], dtype="f", values=[0.0] * 10_000),
    Array(shape=[-1, -1], dtype="f", values=[0.0]),
])
def test_empty_huge_and_contradictory_tensors_are_described_only(
        array: Array, assignment: Assignment) -> None:
    assert grids(array) == []
    check = a_wrong_array(evidence=Evidence(function="f", actual=array))
    page = english(a_grade("ann", a_question(checks=[check])), assignment)
    said = ("empty: it has no elements", "too large to show")
    assert [each in page for each in said] == [0 in array.shape, 0 not in array.shape]


@pytest.mark.parametrize("text", [
    "\n".join("  " * deep + f"- level {deep}" for deep in range(20)) + "\n\nand after all",
    ">" * 40 + " in nobody's words", "| what |\n|---|\n| the norm | |w| of weights |",
    "```python and what I mean\nx\n```", "```因为如此\nx\n```"])
def test_no_layout_of_a_text_leaves_words_out(text: str) -> None:
    """A marker sees such a text as it was typed."""
    assert laid_out(text) is None


@pytest.mark.parametrize("columns", [3, 30, 1000])
def test_a_table_whose_rows_leave_their_cells_out_is_not_filled_up(columns: int) -> None:
    """Of 20 000 letters it made a page of 65 536 cells, in a second."""
    head = "> " + "|a" * columns + "|\n> " + "|-" * columns + "|\n"
    assert laid_out(head + "> |\n" * ((20_000 - len(head)) // 4)) is None


@pytest.mark.parametrize("text", [
    "| n | n² | n³ |\n|--:|--:|--:|\n" + "| 7 | 49 | 343 |\n" * 1000, "a\n\n---\n\n" * 2000,
    "7. seven\n8. eight\n   - inside\n\n       code\n", "| a | b |\n|:-:|--|\n| 1 \\| 2 | `x` |",
    "# A *b* _c_ **d** \\_ `` ` `` é∑中\n\n> q\n\n~~~text\ncode\n~~~\nline  \nb\\\nline\n***\nS\n-",
    "&amp; <b>b</b> <!-- c --> [x](y) ![i](j)\n\n[r]: s\n\u202e\x00\tt", "01. one\n1) two\n\n* *"])
def test_a_text_of_which_every_word_is_there_is_laid_out(text: str) -> None:
    assert laid_out(text)
