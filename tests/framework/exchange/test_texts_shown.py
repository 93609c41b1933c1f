"""A question in free text, in every format and on every page: it waits or is marked, it never
fails, and what its student wrote is text and nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from example_results import HOSTILE, a_result, soup, text_of, verdicts
from nbformat import v4
from rich.console import Console

from autograder.course import Course, load
from autograder.exchange import FORMATS, feedback, otter_plugin, workflow
from autograder.exchange.ci import Graded
from autograder.exchange.format import PerStudent
from autograder.exchange.opening import opened
from autograder.exchange.pending import why_not_final
from autograder.gradebook import Decisions, Grade, TextMark, grade
from autograder.report.pages import class_page, student_page
from autograder.report.prose import Prose
from autograder.report.rows import StudentRow
from autograder.report.terminal import summary
from autograder.result import QuestionResult, SkippedCheck, Status
from autograder.submission import Submission, answers

TOML = """
[course]
name = "Convolution"
[assignments.correlation]
title = "Cross-correlation"
[[assignments.correlation.questions]]
name = "corr2d"
title = "Correlation"
points = 4
[[assignments.correlation.questions]]
name = "essay"
title = "Why?"
concept = "An idea."
kind = "text"
points = 3
rubric = [{text = "Names the idea", points = 1}, {text = "Gives a reason", points = 2}]
"""
ITEMS = {"Names the idea": Decimal(1), "Gives a reason": Decimal("0.5")}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "grader.toml").write_text(TOML, encoding="utf-8")
    return load(tmp_path / "grader.toml")


Grading = Callable[..., Grade]


@pytest.fixture
def graded(course: Course) -> Grading:
    """The grade of a submission that is right, with this mark for its text."""

    def found(points: str | None = None, comment: str = "", text: str | None = "Because.",
              **mark: Any) -> Grade:
        given = [] if points is None else [TextMark(
            assignment="correlation", reason="secret reason", student="ann", question="essay",
            points=Decimal(points), comment=comment, **mark)]
        result = a_result("ann", verdicts(1), QuestionResult(
            name="essay", status=Status.DEFERRED, text=text))
        return grade(course, result, Decisions(marks=given))

    return found


def rendered(name: str, grade: Grade, course: Course) -> Any:
    [wanted] = [each for each in FORMATS if each.name == name]
    assert isinstance(wanted, PerStudent)
    text = wanted.render(grade, course.assignment("correlation"))
    assert text is not None
    return ElementTree.fromstring(text.split("\n", 1)[1]) if name == "junit" else json.loads(text)


# Formats --------------------------------------------------------------------------------------

@pytest.mark.parametrize("points", [None, "0", "1.5", "3"])
def test_no_format_calls_a_text_a_failed_test(
    points: str | None, graded: Grading, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = graded(points)
    junit = rendered("junit", found, course)
    assert [each for each in junit.iter() if each.tag in ("failure", "error")] == []
    ctrf = rendered("ctrf", found, course)["results"]
    assert [test["status"] for test in ctrf["tests"]] == ["passed"]
    gradescope = rendered("gradescope", found, course)
    [essay] = [test for test in gradescope["tests"] if test["name"] == "Why?"]
    assert essay.get("status") != "failed" and ("score" in essay) == (points is not None)
    [test] = [test for test in rendered("prairielearn", found, course)["tests"]
              if test["name"] == "Why?"]
    assert ("points" in test) == (points is not None)
    for variable in ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"):
        monkeypatch.setenv(variable, "x")
    classroom = rendered("classroom50", found, course)
    assert all(test["passed"] for test in classroom["tests"])
    assert len(classroom["tests"]) == (1 if points is None else 2)
    assert classroom["max-score"] == 700
    prose = Prose(course.assignment("correlation"))
    for question in found.questions:
        otter = otter_plugin._graded(question, prose)
        assert all(each.passed for each in otter.test_case_results)


def test_a_pipeline_asks_nobody_for_a_mark(graded: Grading, course: Course) -> None:
    found, assignment = graded(), course.assignment("correlation")
    submission = Submission("ann", "correlation", {"lab.ipynb": b""}, None)
    assert Graded(assignment, submission, found).share == 1
    assert list(workflow.annotate(found, assignment, "lab.ipynb", "")) == []
    assert "Not marked yet." in workflow.summary([found], {"correlation": assignment})


def test_a_gradebook_is_told_who_still_waits_for_a_mark(graded: Grading) -> None:
    assert why_not_final(graded()) == ["ann: not marked yet: essay; the score can rise"]
    assert why_not_final(graded("0")) == []


@pytest.mark.parametrize("metadata", [{answers.KEY: {"text": "essay"}}, {}])
def test_feedback_stands_below_the_cell_that_answers(
    metadata: dict[str, Any], graded: Grading, course: Course
) -> None:
    notebook = v4.new_notebook(cells=[
        v4.new_markdown_cell(answers.commented("essay", "Because."), metadata=metadata),
        v4.new_code_cell("def corr2d(): pass")])
    made = feedback.with_feedback(opened({"lab.ipynb": nbformat.writes(notebook).encode()}),
                                  graded("1.5", "Say why."), course.assignment("correlation"))
    shown = plain(made.cells[2].source)
    assert "Why?: 1.5 / 3" in shown and "Say why." in shown


def plain(markdown: str) -> str:
    return text_of(f"<p>{markdown}</p>")


# Pages ----------------------------------------------------------------------------------------

def test_a_students_page_says_what_she_wrote_and_what_it_brought(
    graded: Grading, course: Course
) -> None:
    page = text_of(student_page(graded("1.5", "Say why.", items=ITEMS),
                                course.assignment("correlation")))
    for said in ("What you wrote: Because.", "Say why.", "✓ marked 1.5 / 3",
                 "Names the idea (points: 1 of 1)", "Gives a reason (points: 0.5 of 2)",
                 "已批改", "0.5 / 2 分：Gives a reason", "你写的内容："):
        assert said in page
    assert "secret reason" not in page and "An idea." not in page and "wrong" not in page


@pytest.mark.parametrize(("text", "said"), [
    ("Because.", "What you wrote: Because."), ("", "You wrote nothing in its cell."),
    (None, "No cell of your notebook answers this question."),
])
def test_a_text_that_nobody_has_marked_waits(
    text: str | None, said: str, graded: Grading, course: Course
) -> None:
    page = text_of(student_page(graded(text=text), course.assignment("correlation")))
    assert said in page and "? not marked yet" in page and "Gives a reason (points: 2)" in page
    assert "wrong" not in page and "尚未批改" in page


def test_what_a_student_wrote_is_text_and_whole(graded: Grading, course: Course) -> None:
    long = HOSTILE + "x" * 10_000 + " end"
    page = student_page(graded(text=long), course.assignment("correlation"))
    assert soup(page).select("img, script:not([type])") == soup(student_page(
        graded(), course.assignment("correlation"))).select("img, script:not([type])")
    assert "<img src=x" in soup(page).get_text() and "⟨U+202E⟩" in page
    assert soup(page).get_text().count("x end") == 2  # in either language


def test_the_class_sees_what_is_still_to_be_marked(graded: Grading, course: Course) -> None:
    assignment = course.assignment("correlation")
    page = text_of(class_page([StudentRow.of(graded())], assignment))
    assert "Texts to be marked: 1. autograder marks list correlation says whose." in page
    assert "not marked" in page
    assert "to be marked" not in text_of(class_page([StudentRow.of(graded("0"))], assignment))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(summary([graded()], assignment))
    assert "texts to be marked: 1; whose, says autograder marks list correlation" in captured.get()


def test_the_class_sees_what_was_taken_out(course: Course) -> None:
    skipped = [SkippedCheck(id="test_old", title="An old check.", reason="the sheet was wrong")]
    result = a_result("ann", verdicts(1, skipped=skipped))
    found = grade(course, result)
    page = text_of(class_page([StudentRow.of(found)], course.assignment("correlation")))
    assert "Waived from the start" in page
    assert "An old check." in page and "the sheet was wrong" in page
    own = student_page(found, course.assignment("correlation"))
    assert "An old check." not in own and "the sheet was wrong" not in own
