"""Judges that say in the run's log what they do, in whatever process they work."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.grading.executors.interface import Grader, MakeJudge
from autograder.result import Result
from autograder.submission import Submission
from autograder.telemetry.log import RunLog, event


@dataclass(frozen=True)
class Logged:
    """A ``MakeJudge``: where it is called, that process writes the run's log from then on."""

    make_judge: MakeJudge
    log: RunLog

    def __call__(self) -> Grader:
        self.log.begin()
        began = time.monotonic()
        judge = self.make_judge()
        event("judge ready", seconds=_since(began))
        return _LoggedJudge(judge)


class _LoggedJudge:
    def __init__(self, judge: Grader) -> None:
        self._judge = judge

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result:
        began = time.monotonic()
        result = self._judge.grade(submission, earlier)
        event("judged", assignment=submission.assignment, digest=submission.digest,
              status=result.status, seconds=_since(began))
        return result

    def close(self) -> None:
        self._judge.close()


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
