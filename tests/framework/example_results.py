"""Results and grades for tests, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from autograder.course import Assignment, load
from autograder.gradebook import CheckGrade, Grade, QuestionGrade
from autograder.result import (
    Account,
    Array,
    CellError,
    CheckResult,
    Diagnosis,
    Environment,
    Evidence,
    Load,
    Mismatch,
    MismatchKind,
    Part,
    Performance,
    QuestionResult,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    Visibility,
    sentence,
)

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202egnp\x1b[31m\x07\u200b{x}'
"""Markup, a quote that ends an attribute, bidirectional and control characters, braces."""

COURSE = """
[course]
name = "Convolution"
[assignments.correlation]
title = "Cross-correlation"
due = 2026-10-12T23:59:00+02:00
[[assignments.correlation.questions]]
name = "corr2d"
title = "Two-dimensional cross-correlation"
points = 4
[[assignments.correlation.questions]]
name = "conv2d_true"
title = "True convolution"
points = 2
uses = ["corr2d"]
[[assignments.correlation.questions]]
name = "edge_kernel"
title = "Kernels that find edges"
points = 3
[[assignments.correlation.questions]]
name = "fft"
title = "Convolution by FFT"
points = 1
bonus = true
"""


def an_assignment(folder: Path, course: str = COURSE) -> Assignment:
    """The assignment ``correlation`` of a course in ``folder``."""
    file = folder / "grader.toml"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(course, encoding="utf-8")
    return load(file).assignment("correlation")


POINTS = {"corr2d": 4.0, "conv2d_true": 2.0, "edge_kernel": 3.0}
SUBMITTED = datetime(2026, 10, 12, 20, 30, tzinfo=UTC)
ENVIRONMENT = Environment(
    autograder="0.1.0", python="3.11", torch="2.13", platform="linux", sandbox="namespaces",
    suite="s" * 64, seed="5eed")


# Results: verdicts ----------------------------------------------------------------------------

def a_result(student: str = "ann", *questions: QuestionResult, digest: str = "d" * 64,
             submitted_at: datetime | None = None, due: datetime | None = None,
             **fields: Any) -> Result:
    given: dict[str, Any] = {
        "assignment": "correlation", "student": student, "status": SubmissionStatus.GRADED,
        "questions": list(questions), "environment": ENVIRONMENT,
        "submission": SubmissionRecord(digest=digest, files={"lab.ipynb": "f" * 64},
                                       submitted_at=submitted_at, due=due)}
    return Result(**(given | fields))


def verdicts(earned: float | Fraction, name: str = "corr2d", **fields: Any) -> QuestionResult:
    """On a question whose one check earned this share of its points."""
    share = Fraction(str(earned)) if isinstance(earned, float) else Fraction(earned)
    status = Status.PASSED if share == 1 else Status.FAILED
    check = CheckResult(id="test_all", title="Everything.", status=status, earned=share)
    return QuestionResult(**({"name": name, "status": status, "checks": [check]} | fields))


# Grades: what verdicts are worth --------------------------------------------------------------
# Made by hand, so that pages and exports are tested on any points. A field of the verdict is given
# beside those of the grade.

def a_check(id: str = "test_values", score: float = 1.0, max_score: float = 1.0,
            **fields: Any) -> CheckGrade:
    """Fields of an account are both sessions', where there are two."""
    given = {"title": "Values are right.", "status": Status.PASSED}
    told = {name: fields.pop(name) for name in Account.model_fields if name != "status"
            and name in fields}
    checked: dict[str, Any] = given | fields
    if told:
        account = Account(status=checked["status"], **told)
        of_two = {} if checked.get("visibility") is Visibility.VISIBLE else {"decided": account}
        checked = {"explained": account} | of_two | checked
    return CheckGrade(id=id, score=score, max_score=max_score, result=CheckResult(id=id, **checked))


def a_question(name: str = "corr2d", score: float = 4.0, max_score: float | None = None,
               checks: Sequence[CheckGrade] = (), **fields: Any) -> QuestionGrade:
    own = {key: fields.pop(key) for key in ("title", "bonus", "follow_through") if key in fields}
    possible = POINTS.get(name, 1.0) if max_score is None else max_score
    # So that the verdicts are worth what is said here.
    share = Fraction(str(score)) / Fraction(str(possible)) if possible else Fraction(0)
    checks = [check.model_copy(update={
        "result": check.result.model_copy(update={"earned": share})}) for check in checks]
    status = Status.PASSED if score == possible else Status.FAILED
    result = QuestionResult(name=name, checks=[check.result for check in checks],
                            **({"status": status} | fields))
    return QuestionGrade(**({"title": f"Question {name}"} | own), name=name, score=score,
                         max_score=possible, checks=checks, result=result)


def a_grade(student: str = "ann", *questions: QuestionGrade, late_days: int = 0,
            score: float | None = None, penalty: float = 0.0, max_score: float = 9.0,
            **fields: Any) -> Grade:
    raw = sum(question.score for question in questions)
    result = a_result(student, *(question.result for question in questions),
                      **({"submitted_at": SUBMITTED} | fields))
    return Grade(
        score=raw if score is None else score, max_score=max_score, raw_score=raw,
        penalty=penalty, late_days=late_days, questions=list(questions), result=result,
        is_graded=result.is_graded,
        open=[each.name for each in questions if each.result.status.is_undecided])


def a_row(student: str, *scores: float, **fields: Any) -> Grade:
    """A graded submission's grade from the scores of corr2d, conv2d_true and edge_kernel."""
    pairs = zip(POINTS, scores, strict=True)
    return a_grade(student, *(a_question(*pair) for pair in pairs), **fields)


def an_unreadable(student: str = "una", reason: str = "The file is not a notebook.") -> Grade:
    return a_grade(student, status=SubmissionStatus.UNREADABLE,
                   message=sentence("{reason}", reason=reason))


def a_wrong_array(**fields: Any) -> CheckGrade:
    """A visible check that failed at (0, 1)."""
    given: dict[str, Any] = {
        "status": Status.FAILED, "score": 0.0, "visibility": Visibility.VISIBLE,
        "mismatch": Mismatch(kind=MismatchKind.VALUES, first_wrong=[0, 1], wrong_count=2,
                             total_count=4, largest_error=12.5),
        "evidence": Evidence(
            function="corr2d",
            arguments=[Array(shape=[2, 2], dtype="float32", values=[0.0, 1.0, 2.0, 3.0]), "'max'"],
            expected=Array(shape=[2, 2], dtype="float32", values=[19.0, 25.0, 37.0, 43.0]),
            actual=Array(shape=[2, 2], dtype="float32", values=[19.0, 12.5, 37.0, None])),
    }
    return a_check(**(given | fields))


def a_hostile_grade() -> Grade:
    """Hostile text in every field that a student can influence, and in some they cannot."""
    evidence = Evidence(
        function=HOSTILE, arguments=[HOSTILE, Array(shape=[1], dtype=HOSTILE, values=[1.0])],
        expected=HOSTILE, actual=HOSTILE)
    mismatch = Mismatch(kind=MismatchKind.TYPE, actual_type=HOSTILE, expected_type="Tensor",
                        where=Part(name=HOSTILE))
    check = a_check(
        title=HOSTILE, status=Status.CRASHED, score=0.0, visibility=Visibility.VISIBLE, line=3,
        cell=1, message=sentence("Raised {type}.", type=HOSTILE), evidence=evidence,
        mismatch=mismatch, follows=HOSTILE)
    question = a_question(
        "corr2d", 0.0, title=HOSTILE, message=sentence("Did you mean {name}?", name=HOSTILE),
        diagnosis=[Diagnosis(id=HOSTILE, message=sentence("You wrote {it}.", it=HOSTILE))],
        checks=[check], performance=Performance(ratio=1.5, tier=HOSTILE, device=HOSTILE))
    student = HOSTILE.replace("/", "")  # ids are safe as file names and nothing more
    record = SubmissionRecord(digest="d", files={HOSTILE: "f"})
    errors = [CellError(cell=0, type=HOSTILE, message=HOSTILE),
              CellError(cell=1, type="Timeout", stopped="timeout", message=HOSTILE)]
    return a_grade(student, question, submission=record,
                    load=Load(cells=2, errors=errors, output=HOSTILE))


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def text_of(page: str) -> str:
    return " ".join(soup(page).get_text(" ").split())
