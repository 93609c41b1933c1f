"""The smallest change of a student's own code that makes it right: a proof of what is wrong.

Candidates are edits of the syntax tree, made here and run by workers only, in explaining sessions
that nobody else uses. See ``docs/architecture.md``.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Question, RepairFeedback
from autograder.judge.check_run import drawing_key
from autograder.judge.examiner import Examiner
from autograder.judge.explain.repair.candidates import Clue
from autograder.judge.explain.repair.definitions import definitions
from autograder.judge.explain.repair.goal import Goal
from autograder.judge.explain.repair.search import Search, holds
from autograder.judge.explain.repair.trial import Clock, Trial
from autograder.judge.implementation import Local
from autograder.judge.scoring import Outcome
from autograder.judge.sessions import Sessions
from autograder.judge.suite import Check
from autograder.result import Repair, Status
from autograder.submission import Notebook, needed

SECONDS = 8.0
"""Of CPU, for one question."""

_SLOWEST_LOAD = 3.0  # seconds: a notebook that takes longer is not loaded again and again
_MOST_KEPT = 256  # searches


@dataclass(frozen=True)
class Searched:
    """What came of one search."""

    repair: Repair | None = None
    candidates: int = 0
    seconds: float = 0.0  # of CPU


class Repairs:
    """Looks for repairs of one assignment's questions, and keeps what it found by the code that
    each depended on."""

    def __init__(self, examiner: Examiner, feedback: RepairFeedback) -> None:
        """``examiner``: the explaining one; no other comes in here."""
        self._examiner = examiner
        self._another = examiner.with_key(drawing_key(b"repair", examiner.assignment.name))
        self._feedback = feedback
        self._right: dict[Check, bool] = {}  # of textbook code
        self._kept: OrderedDict[str, Searched] = OrderedDict()

    def __call__(
        self, sessions: Sessions, question: Question, before: Sequence[Outcome],
        corrected: Sequence[str],
    ) -> Searched:
        """Look for a repair of ``question``.

        Args:
            before: how the student's code fared in explaining sessions.
            corrected: functions that were stood in for meanwhile.
        """
        goal = Goal(before, lambda check: self._is_right(question, check))
        is_slow = sessions.told.load.seconds > _SLOWEST_LOAD
        if self._feedback is False or is_slow or not goal.is_worth_it:
            return Searched()
        notebook = needed(sessions.notebook, question.names)
        key = _digest(notebook, question.name, *corrected)
        if key not in self._kept:
            found = self._searched(sessions, notebook, question, goal, corrected)
            if sessions.trial_allowance.left <= 0:  # it may have ended for others' want of time
                return found
            self._kept[key] = found
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def _searched(
        self, sessions: Sessions, notebook: Notebook, question: Question, goal: Goal,
        corrected: Sequence[str],
    ) -> Searched:
        graded = self._examiner.assignment.names
        known = definitions(notebook, question.names, graded)
        if not known:
            return Searched()
        outcome = goal.before(goal.order[0])
        clue = Clue.of(outcome.verdict.raised if outcome.verdict else None)
        clock = Clock(SECONDS, sessions.trial_allowance)
        try:
            with sessions.trial(corrected) as student:
                search = Search(self._examiner, question, goal, clock,
                                Trial(student, tuple(graded)))
                hit = search.run(known, clue)
            if hit is not None:
                with sessions.trial(corrected) as student:
                    if not holds(hit, self._another, question, goal,
                                 Trial(student, tuple(graded))):
                        hit = None
        finally:
            seconds = clock.used
            clock.stop()
        repair = None if hit is None else hit.repair
        if repair is not None and self._feedback == "code":
            repair = repair.model_copy(update={"code": repair.difference})
        return Searched(repair, search.tried, round(seconds, 3))

    def _is_right(self, question: Question, check: Check) -> bool:
        """Whether code as textbooks write it has right values on a check."""
        if check not in self._right:
            staff = self._examiner.staff
            values = {name: getattr(staff.reference, name)
                      for name in self._examiner.assignment.names}
            outcomes = [self._examiner.check(
                Local(values | {each.name: each.implementation}), question, check)
                for each in staff.alternatives
                if each.name in question.names and each.at_least < 1]
            self._right[check] = all(
                outcome.status is Status.PASSED or outcome.mark.is_fault for outcome in outcomes)
        return self._right[check]


def _digest(notebook: Notebook, *names: str) -> str:
    """Of all that a search depends on."""
    parts = [*names, *(f"{cell.index}\n{cell.source}" for cell in notebook.cells)]
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
