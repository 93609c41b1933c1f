"""What changed between two runs: who, by how much, by which check, whatever a name holds."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import warm
from bs4 import BeautifulSoup
from example_results import HOSTILE, a_result

from autograder import course
from autograder.course import Course
from autograder.report.changes import comparison_csv, comparison_page
from autograder.result import (
    CheckResult,
    Performance,
    QuestionResult,
    Result,
    Status,
    SubmissionStatus,
)
from autograder.store import Run, Store
from autograder.store.changes import Cause, Comparison, RunError, chosen, compare

GRADER_TOML = """
[course]
name = "Convolution"
[late]
per_day = 0.25
[assignments.correlation]
title = "Cross-correlation"
questions = [{ name = "corr2d", title = "Cross-correlation", points = 4 }]
[assignments.pooling]
title = "Pooling"
questions = [{ name = "pool2d", title = "Pooling", points = 1 }]
"""
PASSED, FAILED = Status.PASSED, Status.FAILED
DUE = datetime(2026, 10, 12, tzinfo=UTC)


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    (tmp_path / "grader.toml").write_text(GRADER_TOML, encoding="utf-8")
    return course.load(tmp_path / "grader.toml")


@pytest.fixture
def store(lab: Course) -> Iterator[Store]:
    with Store(lab) as store:
        yield store


def check(id: str, status: Status, weight: int = 1) -> CheckResult:
    return CheckResult(id=id, title=f"Title of {id}.", status=status, weight=Fraction(weight),
                       earned=Fraction(status is PASSED))


def question(*checks: CheckResult, **fields: Any) -> QuestionResult:
    status = PASSED if all(check.status is PASSED for check in checks) else FAILED
    return QuestionResult(**{"name": "corr2d", "status": status, "checks": list(checks)} | fields)


def result(student: str, *questions: QuestionResult, files: str = "a", **fields: Any) -> Result:
    return a_result(student, *questions, digest=files * 64, **fields)


WRONG = question(check("rectangles", FAILED), check("squares", PASSED))
RIGHT = question(check("rectangles", PASSED), check("squares", PASSED))


def graded(store: Store, *results: Result, assignment: str = "correlation") -> int:
    run = store.begin(assignment, "autograder grade")
    for each in results:
        store.add(run, each)
    store.finish(run)
    return run


def changed(
    lab: Course, store: Store, before: str = "last-1", after: str = "last"
) -> Comparison:
    return compare(lab, store, *chosen(store.runs(), before, after))


# What changed ---------------------------------------------------------------------------------

def test_who_changed_by_how_much_and_by_which_check(lab: Course, store: Store) -> None:
    graded(store, result("ann", WRONG), result("bob", RIGHT), result("cem", WRONG))
    graded(store, result("ann", RIGHT), result("bob", WRONG))
    found = changed(lab, store)
    assert found.students == 3
    assert [(each.student, each.before, each.after, each.points) for each in found.changes] == [
        ("ann", 2, 4, 2), ("bob", 4, 2, -2)]
    assert found.changes[0].causes == (
        Cause("corr2d", "Title of rectangles.", "failed", "passed", 2),)


@pytest.mark.parametrize(("after", "cause"), [
    (result("ann", question(check("rectangles", Status.TIMEOUT), check("squares", PASSED))),
     Cause("corr2d", "Title of rectangles.", "failed", "timeout", 0)),
    (result("ann", question(check("rectangles", FAILED), check("squares", PASSED),
                            check("more", PASSED, 0))),
     Cause("corr2d", "Title of more.", "none", "passed", 0)),
    (result("ann", WRONG.model_copy(update={"corrected": Fraction(1)})),
     Cause("corr2d", "by a run on corrected helpers", "no", "3", 1)),
    (result("ann", WRONG.model_copy(update={
        "performance": Performance(ratio=2, tier="50%")})),
     Cause("corr2d", "speed", "not timed", "50%", 0)),
    (result("ann", WRONG, submitted_at=DUE + timedelta(hours=1), due=DUE),
     Cause("", "taken off for lateness", "0", "0.5", -0.5)),
    (result("ann"), Cause("corr2d", "question", "failed", "none", -2)),
])
def test_every_part_of_a_result_can_be_the_cause(
    lab: Course, store: Store, after: Result, cause: Cause
) -> None:
    graded(store, result("ann", WRONG))
    graded(store, after)
    [change] = changed(lab, store).changes
    assert change.causes == (cause,)


@pytest.mark.parametrize("after", [
    question(check("rectangles", FAILED), check("squares", PASSED), check("more", FAILED)),
    question(check("rectangles", FAILED, 3), check("squares", PASSED)),
    question(check("rectangles", PASSED, 2), check("squares", PASSED), check("more", PASSED)),
], ids=["one-more", "heavier", "both"])
def test_the_causes_add_up_where_weights_change(
    lab: Course, store: Store, after: QuestionResult
) -> None:
    graded(store, result("ann", WRONG))
    graded(store, result("ann", after))
    [change] = changed(lab, store).changes
    assert change.causes[-1].what == "all else: weights, waived checks, points by hand"
    assert sum(cause.points or 0 for cause in change.causes) == pytest.approx(change.points)


def test_what_is_not_graded_has_no_score_to_change(lab: Course, store: Store) -> None:
    graded(store, result("ann", RIGHT))
    graded(store, result("ann", status=SubmissionStatus.UNREADABLE), result("bob", RIGHT))
    ann, bob = changed(lab, store).changes
    assert (ann.before, ann.after, ann.points) == (4, None, None)
    assert ann.causes[0] == Cause("", "status", "graded", "unreadable", None)
    assert (bob.before, bob.after) == (None, 4)
    assert bob.causes == (Cause("", "result", "none", "graded", None),)


def test_another_result_that_says_the_same_is_no_change(lab: Course, store: Store) -> None:
    graded(store, result("ann", WRONG))
    graded(store, result("ann", WRONG))
    assert changed(lab, store).changes == ()


def test_other_files_are_named_as_a_cause(lab: Course, store: Store) -> None:
    graded(store, result("ann", WRONG))
    graded(store, result("ann", RIGHT, files="b"))
    [change] = changed(lab, store).changes
    assert change.causes[0] == Cause("", "files", "aaaaaaaa", "bbbbbbbb", None)


def test_what_does_not_count_is_no_change(lab: Course, store: Store) -> None:
    graded(store, result("ann", RIGHT))
    graded(store, result("ann", WRONG, files="b"))
    runs = chosen(store.runs(), "last-1", "last")
    assert compare(lab, store, *runs, "best").changes == ()
    assert len(compare(lab, store, *runs, "latest").changes) == 1


def test_a_run_that_found_everything_stands_for_what_it_found(lab: Course, store: Store) -> None:
    graded(store, result("ann", WRONG))
    nothing_new = graded(store)
    graded(store, result("ann", RIGHT))
    assert changed(lab, store, "last-2", "last-1").changes == ()
    assert [each.points for each in changed(lab, store, str(nothing_new), "last").changes] == [2]


# Which runs -----------------------------------------------------------------------------------

def a_run(number: int, assignment: str) -> Run:
    return Run(number, datetime(2026, 10, 12, tzinfo=UTC), None, assignment, "grade", 0)


RUNS = [a_run(1, "correlation"), a_run(2, "pooling"), a_run(3, "correlation"), a_run(4, "pooling"),
        a_run(5, "correlation")]


@pytest.mark.parametrize(("words", "assignment", "numbers"), [
    (("last-1", "last"), None, (3, 5)),
    (("last-2", "last-1"), None, (1, 3)),
    (("last-1", "last"), "pooling", (2, 4)),
    (("2", "last"), None, (2, 4)),  # on the assignment of run 2
    (("last", "3"), None, (5, 3)),
    (("1", "5"), None, (1, 5)),
])
def test_a_run_is_named_by_its_number_or_from_the_last_one(
    words: tuple[str, str], assignment: str | None, numbers: tuple[int, int]
) -> None:
    assert tuple(run.id for run in chosen(RUNS, *words, assignment)) == numbers


@pytest.mark.parametrize(("words", "assignment", "said"), [
    (("1", "2"), None, "run 2 is on pooling, not on correlation; compare two on one assignment"),
    (("1", "last"), "pooling", "run 1 is on correlation, not on pooling"),
    (("9", "last"), None, "no run 9; autograder runs lists them"),
    (("last-3", "last"), None, "no run last-3: there are 3 on this assignment"),
    (("first", "last"), None, "'first' names no run; write a number, last, or last-1"),
    (("last-1", "last"), "lenet", "no run last-1: there are 0 on this assignment"),
])
def test_runs_that_cannot_be_compared_are_refused_with_the_reason(
    words: tuple[str, str], assignment: str | None, said: str
) -> None:
    with pytest.raises(RunError, match=said):
        chosen(RUNS, *words, assignment)


def test_without_any_run_there_is_nothing_to_compare() -> None:
    with pytest.raises(RunError, match="there are 0"):
        chosen([], "last-1", "last")


# What people see ------------------------------------------------------------------------------

def autograder(lab: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.autograder(*arguments, cwd=lab.root, env={"COLUMNS": "140", "PATH": ""})


@pytest.fixture
def compared(lab: Course, store: Store) -> Comparison:
    formula = '=HYPERLINK("x")'
    graded(store, result("ann", WRONG), result(HOSTILE, WRONG), result(formula, WRONG))
    graded(store, result("ann", RIGHT), result(HOSTILE, RIGHT), result(formula, RIGHT))
    return changed(lab, store)


def test_the_verb_shows_it_and_writes_a_page_and_a_table(lab: Course, compared: Comparison) -> None:
    done = autograder(lab, "diff", "--html", "changes.html", "--csv", "changes.csv")
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.split()[:1] == ["ann"]]
    assert line.split()[:4] == ["ann", "2", "4", "+2"]
    assert "corr2d: Title of rectangles.: failed → passed (+2)" in line
    assert "Run 1 to 2. More points: 3, fewer: 0, other changes: 0, unchanged: 0. " \
           "Mean change of their scores: +2" in done.stdout
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    with (lab.root / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ann"] == {
        "student": "ann", "score before": "2", "score after": "4", "change": "2",
        "question": "corr2d", "what": "Title of rectangles.", "before": "failed",
        "after": "passed", "points": "2"}
    page = BeautifulSoup((lab.root / "changes.html").read_text(encoding="utf-8"), "html.parser")
    assert "Title of rectangles." in page.get_text()
    assert {(lab.root / name).stat().st_mode & 0o777
            for name in ("changes.html", "changes.csv")} == {0o600}


def test_a_name_can_do_nothing_to_the_page(compared: Comparison) -> None:
    page = BeautifulSoup(comparison_page(compared, "correlation", UTC), "html.parser")
    assert page.find(["script", "img"]) is None
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert policy is not None and "script-src 'none'" in str(policy["content"])
    assert all("\u202e" not in text and "\x07" not in text for text in page.strings)


def test_a_name_is_no_formula_in_the_table(compared: Comparison) -> None:
    rows = list(csv.reader(comparison_csv(compared).splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_the_verb_that_lists_runs_says_what_each_made(lab: Course, compared: Comparison) -> None:
    done = autograder(lab, "runs", "correlation")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if "autograder grade" in line]
    assert [(line[0], *line[4:]) for line in lines] == [
        (number, "correlation", "3", "finished", "autograder", "grade") for number in "12"]


def test_a_mistake_in_a_run_is_one_line(lab: Course, compared: Comparison) -> None:
    done = autograder(lab, "diff", "7")
    assert (done.returncode, done.stderr) == (2, "error: no run 7; autograder runs lists them\n")


def test_reports_and_exports_are_of_the_submission_that_counts(lab: Course, store: Store) -> None:
    graded(store, result("ann", RIGHT))
    graded(store, result("ann", WRONG, files="b"))
    for options, score in ((("--best",), "4"), (("--latest",), "2"), ((), "2")):
        done = autograder(lab, "report", "correlation", *options)
        assert done.returncode == 0, done.stderr
        with (lab.root / "results/correlation/grades.csv").open(encoding="utf-8") as file:
            assert [row["score"] for row in csv.DictReader(file)] == [score]
        done = autograder(lab, "export", "gradescope", "correlation", "-o", "out", *options)
        assert done.returncode == 0, done.stderr
        exported = json.loads((lab.root / "out/ann.gradescope.json").read_text(encoding="utf-8"))
        assert exported["score"] == float(score)
    (lab.root / "grader.toml").write_text(
        GRADER_TOML.replace('"Convolution"', '"Convolution"\ncounts = "best"'), encoding="utf-8")
    autograder(lab, "report", "correlation")
    with (lab.root / "results/correlation/grades.csv").open(encoding="utf-8") as file:
        assert [row["score"] for row in csv.DictReader(file)] == ["4"]


def test_other_points_are_a_change_of_no_run(lab: Course, store: Store) -> None:
    graded(store, result("ann", WRONG))
    graded(store, result("ann", RIGHT))
    (lab.root / "grader.toml").write_text(
        GRADER_TOML.replace("points = 4", "points = 10"), encoding="utf-8")
    later = course.load(lab.root / "grader.toml")
    [change] = changed(later, store).changes
    assert (change.before, change.after) == (5, 10)
    assert change.causes == (Cause("corr2d", "Title of rectangles.", "failed", "passed", 5),)


def test_runs_on_what_grader_toml_has_no_more_cannot_be_compared(
    lab: Course, store: Store
) -> None:
    graded(store, result("ann", WRONG), assignment="lenet")
    graded(store, result("ann", RIGHT), assignment="lenet")
    with pytest.raises(RunError, match="run 1 is on lenet, which grader"):
        changed(lab, store)
