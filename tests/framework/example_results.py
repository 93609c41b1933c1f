"""Results for tests of what people read, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from autograder.course import Assignment, load
from autograder.result import (
    Array,
    CellError,
    CheckResult,
    Diagnosis,
    Environment,
    Evidence,
    Load,
    Mismatch,
    MismatchKind,
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


def a_check(id: str = "test_values", **fields: Any) -> CheckResult:
    given = {"title": "Values are right.", "status": Status.PASSED, "score": 1.0, "max_score": 1.0}
    return CheckResult(id=id, **(given | fields))


def a_question(name: str = "corr2d", score: float = 4.0, **fields: Any) -> QuestionResult:
    full = score == POINTS.get(name)
    given = {"title": f"Question {name}", "status": Status.PASSED if full else Status.FAILED,
             "max_score": POINTS.get(name, 1.0)}
    return QuestionResult(name=name, score=score, **(given | fields))


def a_result(student: str = "ann", *questions: QuestionResult, late_days: int = 0,
             **fields: Any) -> Result:
    raw = sum(question.score for question in questions)
    given: dict[str, Any] = {
        "assignment": "correlation", "student": student, "status": SubmissionStatus.GRADED,
        "score": raw, "max_score": 9.0, "raw_score": raw, "questions": list(questions),
        "submission": SubmissionRecord(
            digest="d" * 64, files={"lab.ipynb": "f" * 64}, late_days=late_days,
            submitted_at=datetime(2026, 10, 12, 20, 30, tzinfo=UTC)),
        "environment": Environment(
            autograder="0.1.0", python="3.11", torch="2.13", platform="linux",
            sandbox="namespaces", suite="s" * 64, seed="5eed"),
    }
    return Result(**(given | fields))


def a_row(student: str, *scores: float, **fields: Any) -> Result:
    """A graded result from the scores of corr2d, conv2d_true and edge_kernel."""
    pairs = zip(POINTS, scores, strict=True)
    return a_result(student, *(a_question(*pair) for pair in pairs), **fields)


def an_unreadable(student: str = "una", reason: str = "The file is not a notebook.") -> Result:
    return a_result(student, status=SubmissionStatus.UNREADABLE, score=0.0,
                    message=sentence("{reason}", reason=reason))


def a_wrong_array(**fields: Any) -> CheckResult:
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


def a_hostile_result() -> Result:
    """Hostile text in every field that a student can influence, and in some they cannot."""
    evidence = Evidence(
        function=HOSTILE, arguments=[HOSTILE, Array(shape=[1], dtype=HOSTILE, values=[1.0])],
        expected=HOSTILE, actual=HOSTILE)
    mismatch = Mismatch(kind=MismatchKind.TYPE, actual_type=HOSTILE, expected_type="Tensor",
                        where=HOSTILE)
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
              CellError(cell=1, type="Timeout", message=HOSTILE)]
    return a_result(student, question, submission=record,
                    load=Load(cells=2, errors=errors, output=HOSTILE))


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def text_of(page: str) -> str:
    return " ".join(soup(page).get_text(" ").split())
