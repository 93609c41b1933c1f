"""As much of a result as points depend on: small enough to read a whole term's at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from sys import intern
from typing import Any

from autograder.result import Result, Status, SubmissionStatus, earned_share


@dataclass(frozen=True)
class QuestionVerdict:
    """Of one question. ``earned`` is the share of the points that the student's own functions
    earned, 0 to 1, and ``corrected`` what the run on corrected helpers did."""

    status: Status
    earned: Fraction
    corrected: Fraction | None
    written: str  # its checks: id -> weight and earned share, as JSON; few are ever asked for

    @property
    def checks(self) -> dict[str, tuple[str, str]]:
        """Id -> weight and earned share, as fractions are written."""
        found: dict[str, tuple[str, str]] = json.loads(self.written)
        return found

    def without(self, waived: Collection[str]) -> Fraction:
        """What is earned where these checks count for nothing: all, where no other is left."""
        checks = self.checks
        left = [(Fraction(weight), Fraction(earned))
                for id, (weight, earned) in checks.items() if id not in waived]
        if checks and not left:
            left = [(Fraction(1), Fraction(1))]
        return earned_share(self.status, left)


@dataclass(frozen=True)
class Verdicts:
    """On one submission. ``due`` is a deadline that came with it; ``newer`` the status of what was
    handed in after it, where that is no grade and this one counts all the same."""

    student: str
    assignment: str
    status: SubmissionStatus
    submitted: datetime | None
    due: datetime | None
    questions: Mapping[str, QuestionVerdict]
    newer: SubmissionStatus | None = None

    @classmethod
    def of(cls, result: Result) -> Verdicts:
        return cls(
            result.student, result.assignment, result.status, result.submission.submitted_at,
            result.submission.due, {
                each.name: QuestionVerdict(each.status, each.earned, each.corrected, json.dumps({
                    check.id: (str(check.weight), str(check.earned)) for check in each.checks}))
                for each in result.questions})

    def written(self) -> str:
        """What of them has no place elsewhere in a store's row, as JSON."""
        return json.dumps({"due": self.due and self.due.isoformat(), "questions": {
            name: [each.status, str(each.earned), _text(each.corrected),
                   each.written] for name, each in self.questions.items()}})

    @classmethod
    def read(cls, written: str, student: str, assignment: str, status: str,
             submitted: datetime | None) -> Verdicts:
        """What ``written`` wrote, and the rest of the row."""
        said: dict[str, Any] = json.loads(written)
        due = said.get("due")
        return cls(student, assignment, SubmissionStatus(status), submitted,
                   due and datetime.fromisoformat(due), {
                       intern(name): QuestionVerdict(
                           Status(status), _fraction(earned),
                           None if corrected is None else _fraction(corrected), intern(checks))
                       for name, (status, earned, corrected, checks)
                       in said.get("questions", {}).items()})


@lru_cache(maxsize=1 << 12)  # most of a class's are 0 and 1
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def _text(fraction: Fraction | None) -> str | None:
    return None if fraction is None else str(fraction)
