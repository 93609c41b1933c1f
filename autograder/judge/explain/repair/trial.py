"""A student's session in which one definition after the other takes the place of theirs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from autograder.judge.explain.repair.definitions import Definition
from autograder.judge.explain.repair.editing import Edit
from autograder.judge.implementation import Allowance, Student
from autograder.protocol import Reply, Request, RunCell
from autograder.rules import Rule
from autograder.sandbox.client import WorkerLost

_CALL_SECONDS = 1.0  # of a candidate; whose right version takes longer is not repaired
_MOST_LOST = 16  # workers that the candidates of one search may cost: each loads the notebook anew


class NoTrial(Exception):
    """No candidate can be tried any more."""


@dataclass
class Clock:
    """Seconds of CPU that one search may take: the judge's, and those for which a worker is waited
    for, which are the worker's. They are taken from what trials of the submission may take."""

    seconds: float
    allowance: Allowance
    _began: float = field(default_factory=time.process_time)
    _given: float = field(init=False)

    def __post_init__(self) -> None:
        self._given = self.allowance.left

    @property
    def used(self) -> float:
        return time.process_time() - self._began + self._given - self.allowance.left

    @property
    def is_over(self) -> bool:
        own = time.process_time() - self._began
        return self.used > self.seconds or own > self.allowance.left

    def stop(self) -> None:
        self.allowance.left -= time.process_time() - self._began


class Trial:
    """An implementation: the student's, with one candidate in it. One that hangs or ends its worker
    costs itself; the next is given a fresh worker."""

    def __init__(self, student: Student, graded: tuple[str, ...]) -> None:
        self._student = student
        self._graded = graded
        self._lost = 0
        self._is_lost = False
        self._tried: Definition | None = None  # whose candidate the worker holds
        self.missing = student.missing

    def define(self, edit: Edit, source: str) -> bool:
        """Put a candidate, ``source``, in the place of the definition that ``edit`` changes; False
        where it does not even run. All other definitions are the student's.

        Raises:
            NoTrial: too many candidates ended their workers.
        """
        if self._lost > _MOST_LOST:
            raise NoTrial
        self._is_lost, definition = False, edit.definition
        if self._tried is not None and self._tried.node is not definition.node:
            self._run(self._tried, self._tried.source)
        self._tried, self._is_lost = definition, False
        self.missing = self._student.missing - {definition.name}
        return self._run(definition, source)

    def forget(self) -> None:
        """Give the next candidate a fresh worker."""
        self._student.restart()
        self._tried = None

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (), seed: int = 0
    ) -> Reply:
        if self._is_lost:  # what answers next is the student's own definition
            raise WorkerLost("crashed", "the candidate ended its worker")
        try:
            return self._student.request(
                request, seconds=min(seconds, _CALL_SECONDS), deny=deny, seed=seed)
        except WorkerLost:
            self._lost += 1
            self._is_lost, self._tried = True, None
            raise

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        return self._student.apart(program, request, seconds=min(seconds, _CALL_SECONDS))

    def _run(self, definition: Definition, source: str) -> bool:
        try:
            cell = RunCell(definition.cell, source, self._graded)
            return self.request(cell, seconds=_CALL_SECONDS).raised is None
        except WorkerLost:
            return False
