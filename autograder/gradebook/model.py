"""Grades: what verdicts are worth. Computed whenever somebody looks, and kept nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from autograder import result as results
from autograder.course import QuestionKind
from autograder.gradebook.decisions import AdjustmentKind
from autograder.result import CheckResult, QuestionResult, Record, Result, SubmissionStatus


class CheckGrade(Record):
    """What one check brought, to four decimals."""

    id: str
    score: float
    max_score: float
    result: CheckResult = Field(exclude=True)


class RubricGrade(Record):
    """What one line of a rubric brought."""

    text: str
    score: float | None = Field(description="null: nobody has marked it by this line")
    max_score: float


class QuestionGrade(Record):
    """What one question brought, to the cent, beside the verdicts on it."""

    name: str
    title: str
    kind: QuestionKind = Field("code", description="a text is marked by a person")
    bonus: bool = Field(False, description="adds to the score and not to the maximum")
    score: float
    max_score: float
    follow_through: float | None = Field(
        None, description="score of the run on corrected helpers, when that run decided the score"
    )
    waived: list[str] = Field([], description="ids of checks that staff waived, from which this "
                              "student gains")
    checks: list[CheckGrade] = []
    rubric: list[RubricGrade] = Field([], description="what a text is marked by")
    result: QuestionResult = Field(exclude=True)


class AdjustmentGrade(Record):
    """Points that a person changed."""

    question: str | None = Field(description="null: the total")
    kind: AdjustmentKind
    change: float = Field(description="how many points more, or, below 0, less")
    comment: str = Field("", description="for the student")
    number: int | None = Field(None, description="for staff: the store's")
    by: str = Field("", description="for staff: who")
    reason: str = Field("", description="for staff: why")


class Grade(Record):
    """What one submission is worth. It counts only where ``is_graded``."""

    schema_: Literal["autograder/grade/v1"] = Field("autograder/grade/v1", alias="schema")
    score: float = Field(description="what counts: the questions' sum less the late penalty, and "
                         "what a person changed of the total")
    max_score: float = Field(description="of all questions without bonus")
    raw_score: float = Field(description="the questions' sum, before the late penalty")
    penalty: float = Field(0.0, description="points taken off for lateness")
    late_days: int = Field(0, description="days begun after the deadline")
    slip_days: int = Field(0, description="of these, days that cost nothing")
    due: datetime | None = Field(None, description="the deadline that applied")
    open: list[str] = Field([], description="questions whose points nobody knows yet")
    adjustments: list[AdjustmentGrade] = Field(
        [], description="what people changed, questions first; the questions' scores hold theirs")
    is_graded: bool = Field(True, description="whether it counts: the result's status is "
                            "`graded`, or a person has set the total")
    questions: list[QuestionGrade] = Field([], description="in the assignment's order")
    newer: SubmissionStatus | None = Field(
        None, description="of a grade that counts: the status of what was handed in after it, "
        "which is no grade and takes none away; null where there is no such thing")
    result: Result = Field(description="the verdicts: see result.schema.json")

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True,
        serialize_by_alias=True,
    )

    @property
    def assignment(self) -> str:
        return self.result.assignment

    @property
    def student(self) -> str:
        return self.result.student

    @property
    def status_word(self) -> str:
        """The result's status; ``by hand`` where only a person's word makes it count."""
        return "by hand" if self.is_graded and not self.result.is_graded \
            else self.result.status.value

    def question(self, name: str) -> QuestionGrade | None:
        """The grade of the question of that name; None where there is none."""
        return next((question for question in self.questions if question.name == name), None)

    def of_the_team(self) -> Grade:
        """The same without who of a team handed in."""
        handed_in = self.result.submission.model_copy(update={"handed_in_by": None})
        return self.model_copy(update={"result": self.result.model_copy(update={
            "submission": handed_in})})


def for_student(grade: Grade) -> Grade:
    """The part of a grade its student may see: ``result.for_student`` says of which verdicts."""
    seen = results.for_student(grade.result)
    verdicts = {question.name: question for question in seen.questions}
    adjustments = [AdjustmentGrade(question=each.question, kind=each.kind, change=each.change,
                                   comment=each.comment) for each in grade.adjustments]
    return grade.model_copy(update={"result": seen, "adjustments": adjustments, "questions": [
        question if question.kind == "text"  # what is said of it was written for the student
        else _with_verdicts(question, verdicts.get(question.name, question.result))
        for question in grade.questions]})


def _with_verdicts(question: QuestionGrade, seen: QuestionResult) -> QuestionGrade:
    """``question`` with no other verdicts than those of ``seen``."""
    checks = {check.id: check for check in seen.checks}
    return question.model_copy(update={"result": seen, "checks": [
        check.model_copy(update={"result": checks[check.id]})
        for check in question.checks if check.id in checks]})


def json_schema() -> dict[str, Any]:
    """JSON Schema of a grade as it is written."""
    return Grade.model_json_schema(by_alias=True, mode="serialization")
