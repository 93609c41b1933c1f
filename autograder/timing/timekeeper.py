"""Times submissions one after the other, and turns ratios into shares of the points.

A student's function is timed in pairs with the staff's own, vectorized solution
(``solutions/<assignment>/baseline.py``), in random order, for every problem that grader.toml names.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Self

import torch

from autograder.course import TIERS, Course, Device, Limits, Question, Timed
from autograder.course.digests import question_digests
from autograder.judge.check_run import (
    built_in,
    called_though_forbidden,
    how_ended,
    raised_verdict,
)
from autograder.judge.scoring import Mark, sound
from autograder.judge.staff import JudgeError
from autograder.judge.staff import load as load_staff
from autograder.result import (
    Account,
    CheckResult,
    Evidence,
    Mismatch,
    MismatchKind,
    Performance,
    QuestionResult,
    Result,
    Sentence,
    Status,
    Visibility,
    sentence,
)
from autograder.rules import Rule
from autograder.sandbox.client import SandboxError, WorkerLost, Zygote
from autograder.submission import Cell, Notebook, Submission, divided, needed, read
from autograder.timing.devices import exclusive, opened_gpu
from autograder.timing.devices.cpu import Cores
from autograder.timing.devices.interface import Equipment
from autograder.timing.measuring import LEAST_PATIENCE, Measured, TooSlow, measure, warm
from autograder.timing.pending import deferred, joined
from autograder.timing.protocol import CallEnded, Restless, Runner, WrongAnswer
from autograder.timing.statistics import MOST_PAIRS, combined, share
from autograder.timing.tasks import Task
from autograder.timing.turns import Unfair
from autograder.worker.driver import CudaError

_SECONDS = 60.0  # for all problems of a question
_SUSPICIOUS = 0.5  # of the staff's time: for a person to look at


class Timekeeper:
    """Times submissions of one assignment. Use it as a context manager, or ``close`` it."""

    def __init__(self, course: Course, assignment: str) -> None:
        """Load the references and the staff's solution, start a zygote.

        Raises:
            JudgeError: one of them is broken.
        """
        torch.set_num_threads(1)
        self._assignment = course.assignment(assignment)
        self._digests = question_digests(course, assignment)
        self._reference = load_staff(course, assignment).reference
        file = course.solutions(assignment) / "baseline.py"
        if not file.exists():
            raise JudgeError(f"{file}: no such file; it defines the staff's solution, against "
                             "which functions are timed")
        try:
            source = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise JudgeError(f"{file}: cannot be read: {error}") from None
        self._staff = Notebook((Cell(0, source),), ())
        timed_on = {question.performance.device for question in self._assignment.questions
                    if question.performance}
        self._zygotes: dict[Device, Zygote] = {"cpu": Zygote()} if "cpu" in timed_on else {}
        self._devices: dict[Device, Equipment] = {}
        self._tasks: dict[str, list[Task]] = {}  # by question
        self._kept: dict[Hashable, tuple[Runner, list[float]]] = {}  # the staff's, warm
        self._cores = sorted(os.sched_getaffinity(0))
        gc.collect()
        gc.freeze()

    def time(
        self, submission: Submission, result: Result, questions: Collection[Question]
    ) -> Result:
        """``result`` with these timed questions decided, or ``deferred`` with a reason.

        Raises:
            JudgeError: the staff's solution does not answer, or answers wrongly.
        """
        notebook = divided(read(submission))
        timed = [self._alone(question, notebook, result) for question in questions]
        return joined(result, self._assignment, [
            each.model_copy(update={"suite": self._digests[each.name]}) for each in timed])

    def close(self) -> None:
        self._forget()
        for equipment in self._devices.values():
            equipment.close()
        for zygote in self._zygotes.values():
            zygote.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _alone(
        self, question: Question, notebook: Notebook, result: Result
    ) -> QuestionResult:
        """While nobody else uses what it is timed on."""
        assert question.performance is not None
        try:
            uuid = self._equipment(question.performance.device).uuid
        except (CudaError, OSError) as failed:
            return deferred(question, sentence(
                "The grader could not use the device; it will be timed again."), str(failed))
        with exclusive(uuid):
            return self._question(question, notebook, result)

    def _question(
        self, question: Question, notebook: Notebook, result: Result
    ) -> QuestionResult:
        timed = question.performance
        owner = self._assignment.owner(timed.of) if timed else None
        assert timed is not None and owner is not None
        examined = result.question(owner.name)
        if examined is None or not is_sound(examined):
            forbidden = examined is not None and examined.status is Status.FORBIDDEN
            return _ended(question, Status.FORBIDDEN if forbidden else Status.FAILED, sentence(
                "Not timed: speed counts only when the answers of {name} are "
                "right.", name=timed.of))
        if len(self._cores) < timed.threads:
            return deferred(question, sentence(
                "This machine has fewer cores than it is timed on ({count}).",
                count=timed.threads))
        reference = getattr(self._reference, timed.of)
        tasks = self._tasks.setdefault(
            question.name, [Task(problem, reference) for problem in timed.problems])
        measured: list[Measured | None] = []
        try:
            for task in tasks:
                each = self._problem(task, timed, notebook, result.environment.sandbox, owner)
                measured.append(each)
                if each is not None and each.decision.bound is None:
                    return _too_busy(question)
        except Restless:
            return _too_busy(question)
        except Unfair as unfair:
            return deferred(question, unfair.message, unfair.suspicion)
        except WrongAnswer:
            return _ended(question, Status.FAILED, sentence(
                "{name} answered wrongly while it was timed.", name=timed.of),
                Mismatch(kind=MismatchKind.VALUES))
        except CallEnded as ended:
            return _raised(question, timed.of, ended)
        except (SandboxError, CudaError):
            self._renew(timed.device)
            return deferred(question, sentence(
                "The grader failed while it timed this; it will be timed again."))
        except WorkerLost as lost:
            return _ended(question, Status.CRASHED, how_ended(lost))
        return _decided(question, timed, tasks, measured, self._equipment(timed.device))

    def _equipment(self, device: Device) -> Equipment:
        """Raises CudaError or OSError where the device cannot be used."""
        if device not in self._devices:
            self._devices[device] = Cores() if device == "cpu" else opened_gpu()
        return self._devices[device]

    def _zygote_for(self, device: Device) -> Zygote:
        if device not in self._zygotes:
            self._zygotes[device] = Zygote(device=device)
        return self._zygotes[device]

    def _renew(self, device: Device) -> None:
        """After a failure: what is broken is made anew when it is needed next."""
        self._forget()
        zygote = self._zygotes.get(device)
        if zygote is not None and not zygote.alive:
            self._zygotes.pop(device).close()
        equipment = self._devices.pop(device, None)
        if equipment is not None:
            equipment.close()

    def _problem(
        self, task: Task, timed: Timed, notebook: Notebook, tier: str, owner: Question
    ) -> Measured | None:
        """One problem, the student's function in a fresh worker; None when it is too slow. That,
        and that its times alone vary too much, is believed the second time, in two fresh ones."""
        cores = self._cores[-timed.threads :]
        limits = self._assignment.limits
        limits = limits.model_copy(update={
            "submission_seconds": limits.load_seconds + MOST_PAIRS * LEAST_PATIENCE})
        deny = tuple(replace(rule, loops=False) for rule in owner.denied)  # to count takes time
        kind = timed.of, timed.threads, task.problem.model_dump_json(), tier
        measured = None

        def runner(part: Notebook) -> Runner:
            return self._runner(part, task, timed, tier, limits, cores, deny)

        for _ in range(2):
            with self._warmed(kind, task, lambda: runner(self._staff)) as (staff, times), \
                    closing(runner(notebook)) as student:
                try:
                    measured = measure(
                        staff, student, task, times, [limit for limit, _ in timed.tiers],
                        _SECONDS / len(timed.problems))
                except TooSlow:
                    measured = None
            if measured is not None and not measured.decision.varies:
                break
            self._forget()
        return measured

    @contextmanager
    def _warmed(
        self, kind: Hashable, task: Task, made: Callable[[], Runner]
    ) -> Iterator[tuple[Runner, list[float]]]:
        """The staff's solution, warm, with the times of its first calls. On the machine's own cores
        it waits for the next submission, unless something failed beside it."""
        staff, times = self._kept.pop(kind) if kind in self._kept else (made(), [])
        try:
            if not times:
                times = warm(staff, task)
            yield staff, times
        except BaseException:
            staff.close()
            raise
        if staff.equipment.is_apart or staff.has_worked_long:
            staff.close()
        else:
            self._kept[kind] = staff, times

    def _forget(self) -> None:
        while self._kept:
            _, (staff, _) = self._kept.popitem()
            staff.close()

    def _runner(
        self, notebook: Notebook, task: Task, timed: Timed, tier: str, limits: Limits,
        cores: Sequence[int], deny: tuple[Rule, ...],
    ) -> Runner:
        """A runner with the cells that the function needs; with all where that is not enough."""
        known = next(each for each in TIERS if each == tier)

        def runner_of(part: Notebook) -> Runner:
            return Runner(self._zygote_for(timed.device), known, limits, part, timed.of,
                          equipment=self._equipment(timed.device), shapes=[task.shapes],
                          cores=cores, deny=deny)

        runner = runner_of(needed(notebook, [timed.of]))
        if self._assignment.cells == "all" or runner.missing:
            runner.close()
            runner = runner_of(notebook)
        return runner


def is_sound(question: QuestionResult) -> bool:
    """Right but for faults of the contract: dtype, device, refusals and their like."""
    return bool(question.checks) and sound(map(Mark.decided, question.checks))


# Results --------------------------------------------------------------------------------------

def _too_busy(question: Question) -> QuestionResult:
    return deferred(question, sentence(
        "The machine was too busy to time it fairly; it will be timed again."))


def _decided(
    question: Question, timed: Timed, tasks: Sequence[Task],
    measured: Sequence[Measured | None], equipment: Equipment,
) -> QuestionResult:
    known = [each for each in measured if each is not None]
    performance = Performance(
        pairs=sum(each.pairs for each in known), disturbed=sum(each.disturbed for each in known),
        device=timed.device, transfer=equipment.transfer, suspicion=_suspicion(known))
    if len(known) == len(measured):
        ratio = combined([each.decision.ratio for each in known])
        performance = performance.model_copy(update={
            "ratio": round(ratio.median, 4), "interval": (round(ratio.low, 4),
                                                          round(ratio.high, 4))})
    checks, earned = [], Fraction(0)
    for number, (task, each) in enumerate(zip(tasks, measured, strict=True), 1):
        bound = None if each is None else each.decision.bound
        worth = 0.0 if bound is None else share(bound, timed.tiers)
        earned += Fraction(str(worth)) / len(tasks)
        status = Status.PASSED if worth else Status.FAILED
        checks.append(CheckResult(
            id=f"problem_{number}", title=_title(task), visibility=Visibility.VISIBLE,
            status=status, earned=Fraction(str(worth)),
            explained=Account(status=status, message=_verdict(each, worth, timed))))
    return QuestionResult(
        name=question.name, status=Status.PASSED if earned else Status.FAILED, checks=checks,
        performance=performance.model_copy(update={"tier": f"{float(earned):.0%}"}))


def _title(task: Task) -> str:
    shapes = [" × ".join(map(str, shape)) for shape in task.problem.tensors]
    return "; ".join([*shapes, *map(str, task.numbers)])


def _verdict(measured: Measured | None, worth: float, timed: Timed) -> Sentence:
    if measured is None:
        return sentence("More than {limit} times the staff solution's time.",
                        limit=timed.tiers[-1][0])
    ratio = measured.decision.ratio
    values: dict[str, str | int] = {
        "ratio": f"{ratio.median:.2f}", "low": f"{ratio.low:.2f}", "high": f"{ratio.high:.2f}",
        "pairs": measured.pairs, "share": round(100 * worth)}
    if measured.decision.varies:
        return sentence(
            "Between {low} and {high} times the staff solution's time, from {pairs} pairs of "
            "calls. Its own times vary so much, not the machine's, that {high} counts: {share} % "
            "of the points.", **values)
    return sentence(
        "{ratio} times the staff solution's time (between {low} and {high}, from {pairs} pairs of "
        "calls): {share} % of the points.", **values)


def _suspicion(measured: Sequence[Measured]) -> str:
    """For staff: what is so fast that a person should look at the code."""
    fast = [each for each in measured if each.decision.ratio.high < _SUSPICIOUS]
    return "; ".join(
        f"{each.decision.ratio.median:.2f} times the staff solution's "
        f"{1000 * each.staff_seconds:.1f} ms, right in all of {each.pairs + each.disturbed} pairs"
        for each in fast)


def _ended(
    question: Question, status: Status, message: Sentence, mismatch: Mismatch | None = None,
    raised: str | None = None,
) -> QuestionResult:
    """No points: how it ended stands in the place of the ratio."""
    assert question.performance is not None
    check = CheckResult(
        id="timed_calls", title=sentence("Timed calls").text, status=status,
        visibility=Visibility.VISIBLE, explained=Account(
            status=status, message=message, mismatch=mismatch, raised=raised))
    return QuestionResult(
        name=question.name, status=status, message=message, checks=[check],
        performance=Performance(device=question.performance.device))


def _raised(question: Question, name: str, ended: CallEnded) -> QuestionResult:
    if ended.reply.denied:
        return _ended(question, Status.FORBIDDEN, called_though_forbidden(ended.reply.denied[0]))
    assert ended.reply.raised is not None
    verdict = raised_verdict(ended.reply.raised, Evidence(function=name))
    return _ended(question, Status.ERROR, verdict.message or sentence("It raised an exception."),
                  raised=built_in(ended.reply.raised))
