"""A repair is told wherever a diagnosis is: where to look, and for what. Staff see the change."""

from __future__ import annotations

import html
import io
from pathlib import Path

import nbformat
import pytest
from example_results import (
    HOSTILE,
    a_check,
    a_grade,
    a_question,
    an_assignment,
    soup,
    verdicts,
)
from rich.console import Console

from autograder.course import Assignment
from autograder.exchange.feedback import with_feedback
from autograder.exchange.opening import opened
from autograder.gradebook import Grade, for_student
from autograder.report.checking import checked
from autograder.report.pages import class_page, student_page
from autograder.report.prose import Prose
from autograder.report.repaired import repair_sentence
from autograder.report.rows import StudentRow
from autograder.report.translations import ENGLISH
from autograder.result import QuestionResult, Repair, RepairKind, Status

DIFFERENCE = f"--- handed in\n+++ repaired\n-    return y  # {HOSTILE}\n+    return SECRET + y"
REPAIR = Repair(kind=RepairKind.AXIS, function="corr2d", cell=2, line=45, difference=DIFFERENCE)
TOLD = "Code cell 3, line 45: This line decides it: look at which axis is meant"


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return an_assignment(tmp_path)


def repaired(repair: Repair = REPAIR) -> Grade:
    check = a_check(status=Status.FAILED, score=0.0)
    return a_grade("ann", a_question("corr2d", 0.0, checks=[check], repair=repair))


@pytest.mark.parametrize("kind", RepairKind)
def test_every_kind_has_a_sentence_that_names_the_line(kind: RepairKind) -> None:
    said = str(repair_sentence(REPAIR.model_copy(update={"kind": kind})))
    assert said.startswith("Code cell 3, line 45: ") and "{" not in said


def test_the_page_tells_the_line_in_both_languages_and_no_code(assignment: Assignment) -> None:
    page = student_page(repaired(), assignment)
    assert TOLD in soup(page).get_text() and "第 3 个代码单元格，第 45 行" in page
    assert "SECRET" not in page and "Work out the element" not in page


def test_the_page_shows_the_code_where_the_course_says_so(assignment: Assignment) -> None:
    page = student_page(repaired(REPAIR.model_copy(update={"code": DIFFERENCE})), assignment)
    [shown, *_] = soup(page).select(".hint pre")
    assert "+    return SECRET + y" in shown.get_text() and "<script>alert" not in page
    assert not shown.find_all(["script", "img"])


def test_staff_read_the_change_escaped(assignment: Assignment) -> None:
    page = class_page([StudentRow.of(repaired())], assignment)
    [row] = soup(page).select("#repairs ~ details")
    assert TOLD in row.get_text() and "+    return SECRET + y" in row.get_text()
    assert [a["href"] for a in row.find_all("a")] == ["ann.html"]
    assert not row.find_all(["script", "img"])


def test_text_notebook_and_terminal_tell_it_and_no_code(assignment: Assignment) -> None:
    seen = for_student(repaired())
    text = "\n".join(Prose(assignment).about(seen.questions[0]))
    notebook = nbformat.writes(with_feedback(
        opened({"correlation.py": b"def corr2d(X, K): pass"}), repaired(), assignment))
    console = Console(width=300, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(checked(seen.result, assignment, ENGLISH))
    for told in (text, notebook, capture.get()):
        assert TOLD in html.unescape(told) and "SECRET" not in told


def test_a_result_without_the_field_is_read() -> None:
    """As those are that were kept before."""
    record = verdicts(0.5).model_dump()
    del record["repair"]
    assert QuestionResult.model_validate(record).repair is None
