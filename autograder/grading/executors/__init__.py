"""Where judges work: in this process, in several of this machine, or on a cluster of others.

Each executor is one method, ``run``: tasks in, outcomes out (``interface.py``).
"""

from __future__ import annotations

import os

from autograder.grading.executors.here import Here, Seated
from autograder.grading.executors.interface import (
    Executor,
    Grader,
    Judged,
    JudgedOrLost,
    Lost,
    MakeJudge,
    ToJudge,
)
from autograder.grading.executors.logged import Logged
from autograder.grading.executors.pool import Pool

__all__ = ["Executor", "Grader", "Here", "Judged", "JudgedOrLost", "Logged", "Lost", "MakeJudge",
           "Pool", "Seated", "ToJudge", "local"]


def local(make_judge: MakeJudge, submissions: int, workers: int | None = None) -> Executor:
    """Judges on this machine, for a run over so many submissions.

    By what was asked for, not by what is left of it: a submission that kills processes is left
    over by every run, and must not kill one.

    Args:
        workers: processes; None is one for each core. With 1, or for one submission, it is this
            process.
    """
    if workers == 1 or submissions == 1:
        return Here(make_judge)
    return Pool(make_judge, workers or os.cpu_count() or 1)
