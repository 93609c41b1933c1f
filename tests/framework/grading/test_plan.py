"""What a submission needs is a value, which follows from the store and writes nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_judge import FakeJudge, fake_jury
from test_run import DUE, GRADED, INTERNAL, a_course, handed_in

from autograder import gradebook
from autograder.course import Course, StoreTable, load
from autograder.grading import finish
from autograder.grading.executors import Judged, Lost, ToJudge
from autograder.grading.plan import Kept, Need, Planner, ToKeep
from autograder.grading.stale import stale
from autograder.result import Result, Status, SubmissionStatus, sentence
from autograder.store import Store
from autograder.submission import Submission

SPEED = """
[[assignments.correlation.questions]]
name = "speed"
title = "Speed"
points = 2
performance = { of = "corr2d", problems = [{ tensors = [[4, 4], [2, 2]] }] }
"""


class Desk:
    """A course with a store in memory, and what a run over it would plan."""

    def __init__(self, lab: Course, store: Store) -> None:
        self.lab = lab
        self.store = store

    def plan(self, submission: Submission, suite: str = "5" * 64, **options: Any) -> Need:
        return self.planner(suite, **options).step(submission)

    def planner(self, suite: str = "5" * 64, **options: Any) -> Planner:
        jury = replace(fake_jury(self.lab, suite=suite), make_timer=options.pop("make_timer", None),
                       digests=dict.fromkeys(("corr2d", "speed"), "d"))
        changed = {name: options.pop(name) for name in (
            "fingerprint", "devices", "digests", "tiers") if name in options}
        return Planner(self.lab.assignment("correlation"), replace(jury, **changed),
                       self.store, **options)

    def judged(self, submission: Submission, earlier: Result | None = None) -> Result:
        task = ToJudge(submission, earlier)
        jury = self.planner().jury
        return finish.judged(Judged(task, FakeJudge(self.lab.root).grade(submission)), self.lab,
                             jury)

    def score(self, result: Result) -> float:
        return gradebook.grade(self.lab, result).score

    def keep(self, result: Result) -> Result:
        self.store.add(self.store.begin("correlation", ""), result)
        return result


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    lab = a_course(tmp_path).model_copy(update={"store": StoreTable(url="sqlite://")})
    with Store(lab) as store:
        yield Desk(lab, store)


@pytest.fixture
def ann(desk: Desk) -> Submission:
    return handed_in(desk.lab, "ann")[0]


# What it needs --------------------------------------------------------------------------------

def test_what_nobody_has_graded_is_to_be_judged(desk: Desk, ann: Submission) -> None:
    assert desk.plan(ann) == ToJudge(ann, None)


def test_what_the_store_has_as_it_is_needs_nothing(desk: Desk, ann: Submission) -> None:
    result = desk.keep(desk.judged(ann))
    assert desk.plan(ann) == Kept(result)


def test_planning_keeps_nothing(desk: Desk, ann: Submission) -> None:
    problem = sentence("{name} is not a notebook.", name="lab.docx")
    for submission in (ann, replace(ann, problem=problem)):
        desk.plan(submission)
    assert desk.store.history("ann") == []


def test_equal_files_of_another_student_are_only_to_be_kept(desk: Desk, ann: Submission) -> None:
    found = desk.keep(desk.judged(ann))
    step = desk.plan(replace(ann, student="bob", submitted_at=DUE + timedelta(hours=1)))
    assert isinstance(step, ToKeep) and not step.fresh
    assert (step.result.student, desk.score(step.result)) == ("bob", 2.02)
    assert step.result.questions == found.questions


def test_another_due_date_needs_nothing(desk: Desk, ann: Submission) -> None:
    late = replace(ann, student="bob", submitted_at=DUE + timedelta(hours=1))
    result = desk.keep(desk.judged(late))
    assert desk.score(result) == 2.02
    desk.lab = a_course(desk.lab.root, due=DUE + timedelta(days=2))
    assert desk.plan(late) == Kept(result)
    assert desk.score(result) == 2.25


def test_an_extension_that_comes_with_a_submission_is_only_to_be_kept(
    desk: Desk, ann: Submission
) -> None:
    late = replace(ann, student="bob", submitted_at=DUE + timedelta(hours=1))
    desk.keep(desk.judged(late))
    step = desk.plan(replace(late, due=DUE + timedelta(days=2)))
    assert isinstance(step, ToKeep) and desk.score(step.result) == 2.25


def test_a_known_time_is_never_replaced_by_an_unknown_one(desk: Desk, ann: Submission) -> None:
    """Her folder was named alone, which says nothing of when it came: she was on time."""
    late = replace(ann, submitted_at=DUE + timedelta(hours=1), due=DUE + timedelta(minutes=9))
    result = desk.keep(desk.judged(late))
    unknown = replace(ann, submitted_at=None)
    assert desk.planner().dated(unknown).record == late.record
    assert desk.plan(desk.planner().dated(unknown)) == Kept(result)
    assert desk.planner().dated(replace(unknown, student="bob")).submitted_at is None
    corrected = replace(ann, submitted_at=DUE)
    assert desk.planner().dated(corrected) == corrected


def test_older_files_handed_in_again_are_to_be_kept_again(desk: Desk) -> None:
    """Where nobody knows when: or the files that were graded since would count."""
    first, second = (replace(each, student="ann", submitted_at=None)
                     for each in handed_in(desk.lab, "ann", "bob"))
    result = desk.keep(desk.judged(first))
    desk.keep(desk.judged(second))
    assert desk.plan(first) == ToKeep(result)


def test_a_suite_that_is_as_it_was_puts_its_verdict_back(desk: Desk, ann: Submission) -> None:
    """Whoever changes a suite and takes that back wants the grades of before: whatever was kept
    since, of the same files, is not to count."""
    ann = replace(ann, submitted_at=DUE)
    good = desk.keep(desk.judged(ann))
    made = good.environment.model_copy(update={"suite": "6" * 64})
    desk.keep(good.model_copy(update={"environment": made, "questions": []}))
    assert desk.plan(ann) == ToKeep(good)
    desk.keep(good)
    assert desk.plan(ann) == Kept(good)
    assert [grade.score for grade in desk.store.grades("correlation")] == [2.25]


def test_a_fault_of_ours_over_a_grade_is_mended_by_the_same_command(
    desk: Desk, ann: Submission
) -> None:
    ann = replace(ann, submitted_at=DUE)
    good = desk.keep(desk.judged(ann))
    desk.keep(finish.judged(Lost(ToJudge(ann)), desk.lab, desk.planner().jury))
    assert desk.plan(ann) == ToKeep(good)
    desk.keep(good)
    assert desk.plan(ann) == Kept(good)
    assert [(grade.score, grade.newer) for grade in desk.store.grades("correlation")] == [
        (2.25, None)]


def test_what_cannot_be_read_is_to_be_kept_with_the_reason(desk: Desk, ann: Submission) -> None:
    problem = sentence("{name} is not a notebook.", name="lab.docx")
    unreadable = replace(ann, problem=problem)
    step = desk.plan(unreadable)
    assert isinstance(step, ToKeep) and step.fresh
    assert (step.result.status, step.result.message) == (SubmissionStatus.UNREADABLE, problem)
    assert desk.score(step.result) == 0
    desk.keep(step.result)
    assert desk.plan(unreadable) == Kept(step.result)


def test_a_fault_of_ours_is_to_be_judged_again(desk: Desk) -> None:
    [submission] = handed_in(desk.lab, "internal")
    assert desk.keep(desk.judged(submission)).status is INTERNAL
    assert desk.plan(submission) == ToJudge(submission, None)


# What holds of an earlier result --------------------------------------------------------------

def test_after_a_change_of_the_suite_the_earlier_result_travels_along(
    desk: Desk, ann: Submission
) -> None:
    result = desk.keep(desk.judged(ann))
    assert desk.plan(ann, suite="6" * 64) == ToJudge(ann, result)


def test_by_another_secret_nothing_earlier_holds(desk: Desk, ann: Submission) -> None:
    desk.keep(desk.judged(ann))
    assert desk.plan(ann, suite="6" * 64, fingerprint="other") == ToJudge(ann, None)


def test_by_force_nothing_earlier_holds(desk: Desk, ann: Submission) -> None:
    desk.keep(desk.judged(ann))
    assert desk.plan(ann, force=True) == ToJudge(ann, None)
    assert desk.plan(ann, suite="6" * 64, force=True) == ToJudge(ann, None)


@pytest.mark.parametrize(("options", "why"), [
    ({}, None),
    ({"fingerprint": "other"}, "made with another secret"),
    ({"tiers": ("landlock",)}, "made in another sandbox: namespaces"),
    ({"suite": "6" * 64, "digests": {"corr2d": "another"}}, "changed since: corr2d"),
    ({"suite": "6" * 64}, "the checks are the same; the list of questions, its order or a timed "
                          "question is not"),
])
def test_a_regrade_says_first_what_a_run_then_plans(
    desk: Desk, ann: Submission, options: dict[str, Any], why: str | None
) -> None:
    made = desk.judged(ann)
    result = desk.keep(made.model_copy(update={"questions": [
        each.model_copy(update={"suite": "d"}) for each in made.questions]}))
    planner = desk.planner(**options)
    assert (planner.step(ann) == Kept(result)) is (why is None)
    found = stale(desk.lab.assignment("correlation"), planner.jury, desk.store, {"ann"})
    assert [str(each.why) for each in found] == ([] if why is None else [why])


# What is timed --------------------------------------------------------------------------------

@pytest.fixture
def timed(desk: Desk) -> Desk:
    """With a question that is timed."""
    file = desk.lab.root / "grader.toml"
    text = file.read_text().replace("questions = [{", "[[assignments.correlation.questions]]\n")
    text = text.replace("}]", "").replace('", title', '"\ntitle').replace(', points', "\npoints")
    file.write_text(text + SPEED)
    desk.lab = load(file)
    return desk


def no_timer() -> Any:
    raise AssertionError("nobody is to be timed here")


def test_what_is_judged_waits_to_be_timed(timed: Desk, ann: Submission) -> None:
    result = timed.keep(timed.judged(ann))
    assert [(each.name, each.status) for each in result.questions][1] == ("speed", Status.DEFERRED)
    task = timed.planner(make_timer=no_timer).timing(ann)
    assert (task.submission, task.result, task.kept) == (ann, result, True)
    assert [question.name for question in task.questions] == ["speed"]


def test_nothing_waits_for_a_device_that_is_not_there(timed: Desk, ann: Submission) -> None:
    result = timed.judged(ann)
    assert timed.planner(make_timer=no_timer, devices=()).awaited(result) == []
    assert timed.planner(make_timer=None).awaited(result) == []


def test_nothing_waits_where_only_correctness_was_asked_for(timed: Desk, ann: Submission) -> None:
    assert timed.planner(make_timer=no_timer, only="correctness").awaited(timed.judged(ann)) == []


def test_what_is_timed_is_timed_again_only_by_force(timed: Desk, ann: Submission) -> None:
    made = timed.judged(ann)
    done = made.model_copy(update={"questions": [
        made.questions[0], made.questions[1].model_copy(update={"status": Status.PASSED})]})
    assert timed.planner(make_timer=no_timer).awaited(done) == []
    assert timed.planner(make_timer=no_timer, force=True).awaited(done) == []
    again = timed.planner(make_timer=no_timer, only="performance", force=True)
    assert [question.name for question in again.awaited(done)] == ["speed"]


def test_timing_by_force_takes_what_is_judged_from_the_store(timed: Desk, ann: Submission) -> None:
    result = timed.keep(timed.judged(ann))
    assert timed.plan(ann, only="performance", force=True) == Kept(result)


# The last step --------------------------------------------------------------------------------

def test_what_was_timed_lasts_while_its_function_comes_out_alike(
    timed: Desk, ann: Submission
) -> None:
    before = timed.judged(ann)
    fast = before.questions[1].model_copy(update={"status": Status.PASSED, "suite": "d"})
    earlier = before.model_copy(update={"questions": [before.questions[0], fast]})
    assert timed.judged(ann, earlier).questions[1].status is Status.PASSED
    assert timed.judged(ann).questions[1].status is Status.DEFERRED


def test_a_lost_submission_is_for_the_staff_to_look_into(desk: Desk, ann: Submission) -> None:
    result = finish.judged(Lost(ToJudge(ann)), desk.lab, desk.planner().jury)
    assert (result.student, result.status, desk.score(result)) == ("ann", INTERNAL, 0)
    assert "ended the grader's own process twice" in str(result.message)


def test_a_judges_result_knows_when_it_was_handed_in(desk: Desk, ann: Submission) -> None:
    result = desk.judged(replace(ann, student="bob", submitted_at=DUE + timedelta(hours=1)))
    assert (result.status, desk.score(result)) == (GRADED, 2.02)
