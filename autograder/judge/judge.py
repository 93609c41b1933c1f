"""``Judge`` runs a hidden suite against confined workers, and turns verdicts into a result.

It stays warm: it holds the collected suite, the references and a zygote for as long as it
lives, and grades one submission after the other.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Self

import torch

from autograder.course import TIERS, Assignment, Course, Question, Tier
from autograder.course.digests import question_digests, stale_questions, suite_digest
from autograder.course.secret import fingerprint
from autograder.judge.check_run import PUBLIC, drawing_key
from autograder.judge.exam import Panel, examine, lacks_names
from autograder.judge.examiner import Examiner, Misconceived, Recorded
from autograder.judge.explain.repair import Repairs
from autograder.judge.laid_out import given, lacking, stand_ins
from autograder.judge.rehearsed import Rehearsed
from autograder.judge.sessions import Sessions
from autograder.judge.staff import JudgeError
from autograder.judge.staff import load as load_staff
from autograder.judge.student_tests import examined
from autograder.judge.suite import Suite
from autograder.judge.suspects import suspects
from autograder.names import answers_by_word
from autograder.protocol.rules import meaningless
from autograder.result import (
    Environment,
    Load,
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    sentence,
    status_of,
)
from autograder.sandbox.client import SandboxError, TierUnavailable, Zygote, best_tier
from autograder.submission import (
    Notebook,
    Submission,
    Unreadable,
    divided,
    needed,
    predicted,
    read,
    suspicious,
)
from autograder.worker.lean import leave_out_the_compiler

_MANY_OBJECTS = 20_000
"""New objects, a few megabytes of them, before garbage is looked for; Python would after 700."""


class Judge:
    """Grades submissions of one assignment. Use it as a context manager, or ``close`` it."""

    def __init__(
        self, course: Course, assignment: str, *, secret: bytes, tier: Tier | None = None,
        recording: Recorded | None = None, start: Callable[[], Zygote] = Zygote,
    ) -> None:
        """Collect the suite, load the references, start a zygote.

        Args:
            secret: the course's secret, from which hidden inputs are drawn.
            tier: the sandbox tier to use; None is the strongest that this machine gives.
            recording: takes the place of suite, references and misconceptions.
            start: gives the zygote, when all else is ready. It is closed with the judge.

        Raises:
            JudgeError: the suite or a reference is broken, or the machine gives less than
                ``[sandbox] require`` asks for.
        """
        torch.set_num_threads(1)
        leave_out_the_compiler()
        self.course = course
        self.assignment = course.assignment(assignment).judged
        by_suite = self.assignment.examined
        _refuse_meaningless(course, by_suite)
        key = drawing_key(secret, assignment)
        if missing := lacking(self.assignment):
            raise JudgeError(
                f"{assignment} needs {', '.join(missing)}, which is not installed here; install it "
                f"in {sys.prefix} (pip install {' '.join(missing)}), or take it out of `needs`")
        self._given = given(course, assignment)
        beside = self._given.here if self._given else nullcontext
        if recording is None:
            staff = load_staff(course, assignment, beside)
            suite = Suite(course.suite(assignment), by_suite, classes=[
                name for name in by_suite.names
                if isinstance(getattr(staff.reference, name), type)])
        else:
            suite, staff = recording.suite, replace(recording.staff, beside=beside)
        self.examiner = Examiner(by_suite, suite, staff, key)
        self._suspects = [] if recording else suspects(self.assignment, staff)
        explaining = self.examiner.with_key(drawing_key(PUBLIC, assignment))
        self.panel = Panel(
            self.examiner, explaining,
            recording.misconceived(explaining) if recording else Misconceived(explaining))
        self.repairs = None if recording else Repairs(explaining, course.feedback.repair)
        self.rehearsed = None if recording else Rehearsed(self.examiner, explaining)
        self._zygote = self._started(start)
        try:
            self._tier = self._choose(tier)
        except JudgeError:
            self.close()
            raise
        self._digests = question_digests(course, assignment)
        self.environment = Environment.here(
            sandbox=self._tier, suite=suite_digest(course, assignment),
            fingerprint=fingerprint(secret))
        gc.collect()
        gc.freeze()  # torch's heap is here to stay: do not walk it again for every submission
        gc.set_threshold(_MANY_OBJECTS)

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result:
        """Grade one submission. Nothing a student did raises; a fault of ours is ``internal``.

        Args:
            earlier: a result of equal files, of which questions are kept that nothing has changed.
        """
        started = time.monotonic()
        try:
            if submission.problem is not None:
                raise Unreadable(submission.problem)
            handed_in = read(submission)
            notebook = self.surrounded(handed_in)
        except Unreadable as error:
            return self._ungraded(submission, SubmissionStatus.UNREADABLE, error.reason)
        try:
            try:
                load, questions = self._examine(notebook, earlier)
            except SandboxError:  # the zygote died, say: once more with a new one
                self._renew_zygote()
                load, questions = self._examine(notebook, earlier)
            suspicions = suspicious(handed_in)
            feedback = self.course.feedback
            predictions = predicted(handed_in, answers_by_word(feedback.answers.values())) \
                if feedback.predictions else []
        except Exception as error:
            return self._ungraded(
                submission, SubmissionStatus.INTERNAL,
                sentence("The grader failed ({reason}); the submission will be graded again.",
                         reason=f"{type(error).__name__}: {error}"[:300]),
            )
        status = status_of(questions)
        return Result(
            assignment=self.assignment.name, student=submission.student, status=status,
            message=sentence("The grader failed on a question; the submission will be graded "
                             "again.") if status is SubmissionStatus.INTERNAL else None,
            submission=submission.record, environment=self.environment, load=load,
            questions=[question.model_copy(update={"suite": self._digests[question.name]})
                       for question in questions],
            suspicions=suspicions, predictions=predictions,
            seconds=round(time.monotonic() - started, 3),
        )

    def surrounded(self, notebook: Notebook) -> Notebook:
        """A notebook with what it finds where it runs: the files that everybody is given, and what
        stands in for packages."""
        files = {**notebook.files, **(self._given.files if self._given else {})}
        return replace(notebook, files=files, stand_ins=stand_ins(self.assignment))

    def sessions(self, notebook: Notebook) -> Sessions:
        """Sessions with a notebook's code. Close them."""
        return Sessions(self._zygote, self._tier, self.assignment, notebook,
                        self.examiner.staff.program, self._given.folder if self._given else None,
                        self.rehearsed)

    def close(self) -> None:
        self._zygote.close()
        self.examiner.suite.close()
        if self._given is not None:
            self._given.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    def _examine(
        self, notebook: Notebook, earlier: Result | None
    ) -> tuple[Load, list[QuestionResult]]:
        """Run the statements that grading needs; all where a name turns out to be missing."""
        known = {question.name: question for question in earlier.questions} if earlier else {}
        known = {name: known[name] for name in self._digests if name in known}
        stale = stale_questions(known, {
            question.name: self._digests[question.name] for question in self.assignment.questions})
        if earlier is not None and not stale:
            return earlier.load, [known[question.name] for question in self.assignment.questions]
        graded = partial(self._examine_cells, earlier=known, stale=stale)
        cells = {"cells": len(notebook.cells) + len(notebook.errors)}
        every = divided(notebook)
        if self.assignment.cells == "needed":
            part = needed(every, self.assignment.names)
            with suppress(_NamesMissing):
                load, questions = graded(part, is_all=len(part.cells) == len(every.cells))
                run = {cell.index for cell in part.cells}
                left_out = sum(cell.index not in run for cell in notebook.cells)
                return load.model_copy(update=cells | {"left_out": left_out}), questions
        load, questions = graded(every, is_all=True)
        return load.model_copy(update=cells), questions

    def _examine_cells(
        self, notebook: Notebook, *, earlier: Mapping[str, QuestionResult], stale: Collection[str],
        is_all: bool,
    ) -> tuple[Load, list[QuestionResult]]:
        """Raises _NamesMissing where one is, and these are not all of a notebook's statements."""
        sessions = self.sessions(notebook)
        with self._zygote.pinned():
            try:
                if not is_all and lacks_names(self.panel, sessions, stale):
                    raise _NamesMissing
                questions = examine(self.panel, sessions, earlier, stale,
                                    partial(self._tests, sessions, earlier, stale),
                                    partial(self._rehearse, sessions),
                                    partial(self.repairs, sessions) if self.repairs else None)
            finally:
                output = sessions.close()
        load = sessions.told.load.model_copy(update={"output": output})
        if not is_all and _names_missing(load, questions):
            raise _NamesMissing
        places = [question.name for question in self.assignment.questions]
        return load, sorted(questions, key=lambda question: places.index(question.name))

    def _tests(
        self, sessions: Sessions, earlier: Mapping[str, QuestionResult], stale: Collection[str]
    ) -> list[QuestionResult]:
        """The verdicts on students' own tests."""
        seconds = self.assignment.limits.cell_seconds  # tests are many calls
        return [earlier[each.question.name] if each.question.name not in stale
                else examined(each, sessions, seconds) for each in self._suspects]

    def _rehearse(
        self, sessions: Sessions, question: Question, helpers: tuple[str, ...]
    ) -> None:
        if self.rehearsed is not None:
            self.rehearsed.meet(question, helpers, sessions.reference)

    def _renew_zygote(self) -> None:
        self._zygote.close()
        self._zygote = self._started(Zygote)

    def _started(self, start: Callable[[], Zygote]) -> Zygote:
        try:
            return start()
        except SandboxError as error:
            raise JudgeError(f"the sandbox does not start: {error}") from None

    def _choose(self, tier: Tier | None) -> Tier:
        limits = self.assignment.limits
        try:
            if tier is None:
                tier = best_tier(self._zygote, limits)
            else:
                self._zygote.spawn(tier, limits).stop()
        except TierUnavailable as error:
            raise JudgeError(f"this machine does not give the sandbox asked for: {error}") \
                from None
        required = self.course.sandbox.require
        if TIERS.index(tier) > TIERS.index(required):
            raise JudgeError(
                f"the sandbox would be {tier!r}, and grader.toml requires {required!r}; "
                "run `autograder doctor` for what this machine lacks, or lower [sandbox] require"
            )
        return tier

    def _ungraded(
        self, submission: Submission, status: SubmissionStatus, reason: Sentence
    ) -> Result:
        return Result(
            assignment=self.assignment.name, student=submission.student, status=status,
            message=reason, submission=submission.record, environment=self.environment,
        )


def _refuse_meaningless(course: Course, assignment: Assignment) -> None:
    """JudgeError where a pattern of a rule in force means nothing on this machine."""
    used = {name for question in assignment.questions for name in question.forbid}
    found = [f"rules.{name}.{key}: {pattern!r} means {_MEANT[key]}"
             for name, table in course.rules.items() if name in used
             for key, pattern in meaningless(table.rule)]
    if found:
        raise JudgeError("\n".join(f"{course.root / 'grader.toml'}: {each}" for each in found))


_MEANT = {
    "operators": "no operator of torch's; names are like aten::softmax or softmax",
    "calls": "no function that is here; write the module in full, as in numpy.linalg.inv, and see "
             "that its package is installed. Classes, methods and `@` are no functions",
}


class _NamesMissing(Exception):
    """The statements that seemed to be needed are not all that is."""


def _names_missing(load: Load, questions: Sequence[QuestionResult]) -> bool:
    """A graded name is missing, or a name was not defined where it was used."""
    checks = [check for question in questions for check in question.checks]
    return any(error.type == "NameError" for error in load.errors) or any(
        check.status is Status.MISSING
        or any(account and account.raised == "NameError"
               for account in (check.explained, check.decided)) for check in checks)
