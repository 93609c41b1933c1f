"""A grade as a document: what a student may read of it, and what programs can rely on."""

from __future__ import annotations

import json

import jsonschema
import pytest
from example_results import a_check, a_grade, a_question, a_result, an_unreadable
from labs import REPOSITORY

from autograder import gradebook, result
from autograder.gradebook import for_student
from autograder.result import (
    Part,
    Status,
    SubmissionStatus,
    Visibility,
    sentence,
)

SCHEMAS = {"result": result.json_schema, "grade": gradebook.json_schema}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_document_describes_the_models(name: str) -> None:
    """`make docs` writes them."""
    file = REPOSITORY / "docs" / f"{name}.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == SCHEMAS[name]()


def test_what_is_written_is_as_the_documents_say() -> None:
    grade = a_grade("ann", a_question(checks=[a_check()]), a_question("conv2d_true", 1.0))
    for name, document in (("grade", grade), ("result", grade.result)):
        jsonschema.validate(json.loads(document.model_dump_json()), SCHEMAS[name]())


def test_verdicts_are_written_once() -> None:
    written = json.loads(a_grade("ann", a_question(checks=[a_check()])).model_dump_json())
    assert written["questions"] == [{
        "name": "corr2d", "title": "Question corr2d", "kind": "code", "bonus": False,
        "score": 4.0, "max_score": 4.0, "follow_through": None, "waived": [],
        "checks": [{"id": "test_values", "score": 1.0, "max_score": 1.0}], "rubric": []}]
    [question] = written["result"]["questions"]
    assert question["status"] == "passed" and "score" not in question


def test_a_student_sees_no_points_of_a_check_that_is_silent() -> None:
    silent = a_check("test_silent", visibility=Visibility.SILENT)
    hidden = a_check("test_hidden", status=Status.FAILED, score=0.0)
    seen = for_student(a_grade("ann", a_question(score=2.0, checks=[silent, hidden])))
    [question] = seen.questions
    assert [check.id for check in question.checks] == ["test_hidden"]
    assert question.result == seen.result.questions[0]
    assert question.score == 2.0
    assert "silent" not in seen.model_dump_json()


def test_what_a_failure_of_ours_says_is_for_staff_and_why_a_file_is_unreadable_is_not() -> None:
    said = sentence("The grader failed ({reason}).", reason="assert hidden == 42")
    ours = a_grade("ann", status=SubmissionStatus.INTERNAL, message=said)
    assert for_student(ours).result.message is None
    assert for_student(an_unreadable()).result.message == an_unreadable().result.message
    assert result.for_student(a_result(message=said)).message == said


def test_an_element_of_a_part_is_a_part() -> None:
    weight = Part(name="weight", gradient=True)
    assert weight.at(3).at(0) == Part(name="weight", gradient=True, index=(3, 0))
    assert Part().at(1) == Part(index=(1,)) != Part()
