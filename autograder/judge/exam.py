"""One submission's examination: what it is worth on secret inputs, and why on others.

Hidden and silent checks are decided on inputs drawn with the course's secret. Visible checks are
decided, and failures are explained, on inputs that everybody may know: in other sessions, or before
all that is secret where there is nothing to explain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from autograder.course import Assignment, Question
from autograder.judge import accounts, scoring
from autograder.judge.examiner import PATIENCE, Examiner, Misconceived
from autograder.judge.explain.absent import Absent
from autograder.judge.explain.diagnosis import diagnose
from autograder.judge.explain.repair import Searched
from autograder.judge.explain.wiring import wiring
from autograder.judge.scoring import Mark, Outcome, sound
from autograder.judge.sessions import Examinees, Helpers
from autograder.result import (
    Account,
    CheckResult,
    Diagnosis,
    MismatchKind,
    QuestionResult,
    Sentence,
    Status,
    Visibility,
    Wiring,
    earned_share,
    sentence,
)
from autograder.submission import near_names

T = TypeVar("T")
Marks = Mapping[str, Sequence[Mark]]  # by question
RepairSearch = Callable[[Question, Sequence[Outcome], Helpers], Searched]
"""Of a question: how it came out where that is told, and on what right helpers."""
_OnHelpers = tuple[Sequence[Outcome], Helpers]  # outcomes, and the right helpers they came on

# Checks that may run out of time before the rest of a question is given up: where a function it
# builds on has hung already, and where nothing is decided any more.
_LITTLE_PATIENCE = 1
_LONGEST_FAULT = 300  # characters of why an explanation broke


@dataclass(frozen=True)
class Panel:
    """Who examines: with secret inputs, and with those that may be shown. The same for every
    submission."""

    deciding: Examiner
    explaining: Examiner
    misconceived: Misconceived  # on the latter's inputs


def examine(
    panel: Panel, sessions: Examinees,
    earlier: Mapping[str, QuestionResult], stale: Collection[str],
    tests: Callable[[], list[QuestionResult]] = list,
    rehearse: Callable[[Question, Helpers], None] = lambda question, helpers: None,
    repair: RepairSearch | None = None,
) -> list[QuestionResult]:
    """Grade the questions named ``stale``, and those that build on one that came out otherwise.

    What is told of the student's own functions is asked before right helpers' callers meet what is
    secret: no process that a student hears of was there before that and after.

    Args:
        earlier: how the questions came out before, as far as they did.
        tests: the verdicts on the student's own tests, which are told as well.
        rehearse: is told of a question before it is put to right helpers.
        repair: looks for the smallest change that makes a question right.

    Returns:
        The verdicts on every question: shares of its points, and no points.
    """
    exam = _Exam(panel, sessions, earlier, rehearse, repair)
    exam.decide(stale)
    exam.explain()
    results = [exam.result(question) for question in panel.deciding.assignment.questions]
    results += tests()
    exam.follow_through()
    results = [exam.followed(result) for result in results]
    return [exam.repaired(result) for result in results]  # last: it takes nobody's time


def lacks_names(panel: Panel, sessions: Examinees, stale: Collection[str]) -> bool:
    """Whether a name is missing when the cells have run, and no check has: one that a cell reads,
    or one that questions named ``stale`` are about."""
    is_secret = any(check.visibility is not Visibility.VISIBLE for name in stale
                    for check in panel.deciding.suite.checks.get(name, ()))
    first = sessions.undecided() if is_secret else sessions.explaining()
    wanted = {name for question in panel.deciding.assignment.questions if question.name in stale
              for name in question.names}
    return not first.missing.isdisjoint(wanted) or any(
        error.type == "NameError" for error in first.load.errors)


@dataclass
class _Exam:
    """How far the examination of one submission is."""

    panel: Panel
    sessions: Examinees
    earlier: Mapping[str, QuestionResult]
    rehearse: Callable[[Question, Helpers], None]
    repair: RepairSearch | None
    # By question:
    decided: dict[str, list[Outcome]] = field(default_factory=dict)  # what counts, of this exam
    shown: dict[str, list[Outcome]] = field(default_factory=dict)  # what students may read of
    marks: dict[str, Sequence[Mark]] = field(default_factory=dict)  # earlier ones, too
    shown_marks: dict[str, Sequence[Mark]] = field(default_factory=dict)
    on_right_helpers: dict[str, _OnHelpers] = field(default_factory=dict)  # where some are wrong
    to_explain: dict[str, _OnHelpers] = field(default_factory=dict)  # by diagnosis and repair
    faults: dict[str, list[str]] = field(default_factory=dict)  # of ours, while explaining

    def __post_init__(self) -> None:
        for name, result in self.earlier.items():
            self.marks[name] = [Mark.decided(check) for check in result.checks]
            self.shown_marks[name] = [Mark.explained(check) for check in result.checks]

    @property
    def assignment(self) -> Assignment:
        return self.panel.deciding.assignment

    def decide(self, stale: Collection[str]) -> None:
        waiting = [question for question in self.assignment.questions if question.name in stale]
        while waiting:
            changed, before = set(), dict(self.marks)
            self.decided |= self._taken({(): waiting})
            for question in waiting:
                if before.get(question.name) != self.marks[question.name]:
                    changed.update(question.names)
            waiting = [question for question in self.assignment.questions
                       if question.name not in self.decided and changed.intersection(question.uses)]

    def follow_through(self) -> None:
        """Put questions that fail, and build on functions that are wrong, to right ones: those that
        build on the same ones to one process."""
        together: dict[Helpers, list[Question]] = {}
        for question in self.assignment.questions:
            if helpers := self._wrong_helpers(question):
                together.setdefault(helpers, []).append(question)
                self.rehearse(question, helpers)
        taken = self._taken(together)
        self.on_right_helpers |= {question.name: (taken[question.name], helpers)
                         for helpers, questions in together.items() for question in questions}

    def _wrong_helpers(self, question: Question) -> Helpers:
        """What has to be right before anybody can say what this question is worth by itself."""
        if question.name not in self.decided or scoring.summary(self.decided[question.name]) in (
                Status.PASSED, Status.INTERNAL, Status.MISSING):
            return ()
        return tuple(name for name in question.uses if (owner := self.assignment.owner(name))
                     and not sound(self.marks[owner.name]))

    def _taken(self, groups: Mapping[Helpers, Sequence[Question]]) -> dict[str, list[Outcome]]:
        """Every check of these questions, on these helpers, each in the session that decides it."""
        first = {corrected: self._visible_first(questions, corrected)
                 for corrected, questions in groups.items()}
        found = {question.name: list[Outcome]() for each in groups.values() for question in each}
        # What is explained comes after all that is secret: no clock of a process that students
        # hear of tells how long secret checks took.
        for is_secret in (True, False):
            for corrected, questions in groups.items():
                take = self._take_secret if is_secret else first[corrected] or self._take_visible
                for question in questions:
                    outcomes = [*found[question.name], *take(question, corrected)]
                    found[question.name] = self._in_order(question, outcomes)
                    if not corrected:
                        self.marks[question.name] = [o.mark for o in found[question.name]]
        return found

    def _visible_first(
        self, waiting: Sequence[Question], corrected: Helpers
    ) -> Callable[..., list[Outcome]] | None:
        """Most hand in what is right, and one process serves for all of it: visible checks are put
        first to the one that decides, before it meets anything secret. Where all of them pass, that
        is all that is told of this process. None where one does not: then nothing is."""
        checks = self.panel.deciding.suite.checks
        has_met = bool(self.decided) and not corrected
        if has_met or not any(check.visibility is not Visibility.VISIBLE
                              for question in waiting for check in checks[question.name]):
            return None  # the process has met what is secret, or it will not
        passed: dict[str, list[Outcome]] = {}
        for question in waiting:
            visible = [check for check in checks[question.name]
                       if check.visibility is Visibility.VISIBLE]
            passed[question.name] = self.panel.explaining.question(
                self.sessions.undecided(corrected), question, visible, _LITTLE_PATIENCE) \
                if visible else []
            if any(each.status is not Status.PASSED for each in passed[question.name]):
                return None
        return lambda question, corrected: passed[question.name]

    def explain(self) -> None:
        for question in self.assignment.questions:
            if question.name in self.decided:
                outcomes = self._explained(question, self.decided[question.name])
                self.shown[question.name] = outcomes
                self.shown_marks[question.name] = [outcome.mark for outcome in outcomes]

    def result(self, question: Question) -> QuestionResult:
        if question.name not in self.decided:
            return self.earlier[question.name]
        first, shown = self.decided[question.name], self.shown[question.name]
        status = scoring.summary(first)
        free = scoring.excuses(first, _inherited(self.assignment, question, self.marks))
        follows = scoring.excuses(shown, _inherited(self.assignment, question, self.shown_marks))
        # Where helpers are wrong, what is wrong beside them is known on right ones.
        diagnosis = [] if self._wrong_helpers(question) else self._diagnosed(
            question, shown, follows)
        explained = {o.check.id: self._account(o, follows) for o in shown}
        checks = [self._check(outcome, free, explained.get(outcome.check.id)) for outcome in first]
        return QuestionResult(
            name=question.name, status=status,
            message=self._message(question, shown, status), diagnosis=diagnosis,
            checks=checks,
            wiring=None if diagnosis or status is Status.PASSED else self._guarded(
                question, lambda: self._wiring(question, checks)),
            unexplained=self._unexplained(question),
            skipped=self.panel.deciding.suite.skipped[question.name],
            measured=next(filter(None, (outcome.measured for outcome in first)), None),
        )

    def followed(self, result: QuestionResult) -> QuestionResult:
        """With what it is worth on right helpers, and what is wrong there, where some are wrong."""
        if result.name not in self.on_right_helpers:
            return result
        question = self.assignment.question(result.name)
        second, helpers = self.on_right_helpers[result.name]
        shown = self._explained(question, second, helpers)
        diagnosis = self._diagnosed(question, shown, scoring.excuses(shown, {}), helpers)
        return result.model_copy(update={
            "corrected": _share(second, scoring.excuses(second, {})), "diagnosis": diagnosis,
            "wiring": None if diagnosis else result.wiring,
            "unexplained": self._unexplained(question)})

    def _diagnosed(
        self, question: Question, shown: Sequence[Outcome], excused: Container[str],
        helpers: Helpers = (),
    ) -> list[Diagnosis]:
        # Whatever is measured takes too long to be put to misconceptions and candidates as well.
        compared = [outcome for outcome in shown if not outcome.check.measures]
        self.to_explain[question.name] = compared, helpers
        candidates = [m for m in self.panel.explaining.staff.misconceptions
                      if m.name in question.names]
        return self._guarded(question, lambda: diagnose(
            compared, excused, candidates, self.panel.misconceived, question.name)) or []

    def _unexplained(self, question: Question) -> str | None:
        return "; ".join(self.faults.get(question.name, ())) or None

    def repaired(self, result: QuestionResult) -> QuestionResult:
        """With the smallest change that makes it right, where no misconception was named."""
        repair, explained = self.repair, self.to_explain.get(result.name)
        if repair is None or explained is None or result.diagnosis \
                or result.status in (Status.PASSED, Status.INTERNAL, Status.FORBIDDEN):
            return result
        question = self.assignment.question(result.name)
        found = self._guarded(question, lambda: repair(question, *explained))
        return result.model_copy(update={
            "repair": found.repair if found else None, "unexplained": self._unexplained(question)})

    def _take_visible(self, question: Question, corrected: Helpers) -> list[Outcome]:
        checks = [check for check in self.panel.deciding.suite.checks[question.name]
                  if check.visibility is Visibility.VISIBLE]
        if not checks:
            return []
        hung = not corrected and self._hung(question, lambda mark: mark.is_visible)
        return self.panel.explaining.question(
            self.sessions.explaining(corrected), question, checks, _patience(hung))

    def _take_secret(self, question: Question, corrected: Helpers) -> list[Outcome]:
        checks = [check for check in self.panel.deciding.suite.checks[question.name]
                  if check.visibility is not Visibility.VISIBLE]
        if not checks:
            return []
        hung = not corrected and self._hung(question, lambda mark: True)
        self.sessions.secrets_come(corrected)
        return self.panel.deciding.question(
            self.sessions.deciding(corrected), question, checks, _patience(hung))

    def _in_order(self, question: Question, outcomes: Sequence[Outcome]) -> list[Outcome]:
        checks = self.panel.deciding.suite.checks[question.name]
        return sorted(outcomes, key=lambda outcome: checks.index(outcome.check))

    @cached_property
    def _absent(self) -> Absent:
        """What is known of graded names that are not there."""
        told, names = self.sessions.told, self.assignment.names
        notebook = self.sessions.notebook
        near = near_names(notebook, names, self.panel.deciding.staff.variables) \
            if told.missing.intersection(names) else {}
        return Absent(notebook, told.load, near, told.layers)

    def _hung(self, question: Question, counts: Callable[[Mark], bool]) -> bool:
        """Whether a function that this question builds on ran out of time."""
        owners = filter(None, map(self.assignment.owner, question.uses))
        return any(mark.status is Status.TIMEOUT and counts(mark)
                   for owner in owners for mark in self.marks.get(owner.name, ()))

    def _explained(
        self, question: Question, decided: Sequence[Outcome], corrected: Helpers = ()
    ) -> list[Outcome]:
        """The outcomes that a student may read of: of visible checks, and, where a student may know
        that something failed, of hidden ones that draw what they ask, in an explaining session.
        What was measured explains itself."""
        visible = [o for o in decided if o.check.visibility is Visibility.VISIBLE]
        hidden = [o for o in decided
                  if o.check.visibility is Visibility.HIDDEN and o.measured is None]
        if all(o.status is Status.PASSED or o.status.is_undecided for o in visible + hidden):
            return visible
        examiner = self.panel.explaining
        again = self._guarded(question, lambda: examiner.question(
            self.sessions.explaining(corrected), question,
            [o.check for o in hidden if examiner.draws(question, o.check)], _LITTLE_PATIENCE)) or []
        return visible + [o for o in again if o.status is not Status.INTERNAL]

    def _guarded(self, question: Question, explain: Callable[[], T]) -> T | None:
        """What ``explain`` finds. A fault of ours in it costs the explanation, and no verdict."""
        try:
            return explain()
        except Exception as error:
            self.faults.setdefault(question.name, []).append(
                f"{type(error).__name__}: {error}"[:_LONGEST_FAULT])
            return None

    def _wiring(self, question: Question, checks: Iterable[CheckResult]) -> Wiring | None:
        """What a wrong sum of products adds up, where a check shows it."""
        examiner = self.panel.explaining
        for name in question.names:
            reference = getattr(examiner.staff.reference, name)
            if hasattr(reference, "sums_of_products"):
                return wiring(checks, self.sessions.explaining(), reference, name=name,
                              seconds=self.assignment.limits.call_seconds,
                              deny=question.denied)
        return None

    def _check(
        self, outcome: Outcome, free: Mapping[str, str], explained: Account | None
    ) -> CheckResult:
        """``free``: failures that cost nothing. ``explained``: how the check failed in an
        explaining session."""
        check = outcome.check
        failed = outcome.status is not Status.PASSED and outcome.internal is None
        is_visible = check.visibility is Visibility.VISIBLE
        return CheckResult(
            id=check.id, title=check.title, status=outcome.status, weight=check.weight,
            earned=_earned(outcome, free), visibility=check.visibility,
            explained=explained if failed else None,
            decided=self._account(outcome, free) if failed and not is_visible else None,
            fault=outcome.internal,
        )

    def _account(self, outcome: Outcome, follows: Mapping[str, str]) -> Account | None:
        return accounts.of_outcome(outcome, follows.get(outcome.check.id), self.sessions.line)

    def _message(
        self, question: Question, shown: Sequence[Outcome], status: Status
    ) -> Sentence | None:
        if status is Status.FORBIDDEN:
            seen = (o.verdict for o in shown if o.status is Status.FORBIDDEN)
            return next((verdict.message for verdict in seen if verdict and verdict.message),
                        sentence("On other inputs than are shown, it uses what this question "
                                 "forbids."))
        if status is Status.INTERNAL:
            return accounts.of_our_fault()
        if any(outcome.status is Status.MISSING for outcome in shown):
            for name in question.names:
                if name in self.sessions.told.missing:
                    return self._absent.missing(name)
        if status is not Status.PASSED:
            return next(filter(None, map(self._absent.taken, question.names)), None)
        return None


def _patience(hung: bool) -> int:
    return _LITTLE_PATIENCE if hung else PATIENCE


def _inherited(
    assignment: Assignment, question: Question, marks: Marks
) -> dict[MismatchKind, str]:
    """Faults of the contract that the functions this question builds on have been charged for."""
    found: dict[MismatchKind, str] = {}
    for name in question.uses:
        owner = assignment.owner(name)
        if owner is not None:
            charged = scoring.faults(marks[owner.name])
            found |= {kind: f"{owner.name}.{check}" for kind, check in charged.items()}
    return found


def _share(outcomes: Sequence[Outcome], free: Container[str]) -> Fraction | None:
    """The share of the points that these outcomes earn; None where that is not known."""
    status = scoring.summary(outcomes)
    return None if status is Status.INTERNAL else earned_share(
        status, [(outcome.check.weight, _earned(outcome, free)) for outcome in outcomes])


def _earned(outcome: Outcome, free: Container[str]) -> Fraction:
    """The share of its points that a check earns."""
    return Fraction(outcome.status is Status.PASSED or outcome.check.id in free)
