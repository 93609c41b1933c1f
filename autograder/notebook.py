"""What students import: visible checks from Python, in a notebook or anywhere else, and what they
predict::

    from autograder.notebook import check, observe, predict

    check(corr2d)
    predict("shape", (2, 2))  # in one cell
    observe("shape", corr2d(X, K).shape)  # in the next
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograder.jupyter.predicting import observe, predict

if TYPE_CHECKING:
    from autograder.jupyter.checking import KernelAnswer

__all__ = ["check", "observe", "predict"]


def check(
    *questions: Any, checks: str | os.PathLike[str] | None = None,
    language: Literal["en", "zh"] | None = None,
) -> KernelAnswer:
    """Run the visible checks of your functions as they are now: as the last line of a cell, its
    answer is shown below. ``.passed`` says whether all is right.

    Args:
        questions: functions or classes themselves, or names of these or of questions; none: all.
        checks: the folder ``checks/`` of the assignment; None is to look for it beside the
            notebook, and above it.
        language: what to answer in; None is the course's own.

    Raises:
        SubmissionError: there are no such checks. The text says what to do.
        CourseError, JudgeError: the checks are damaged, or another version's.
    """
    from autograder.jupyter.checking import checked
    from autograder.jupyter.session import current

    given = {each.__name__: each for each in questions if not isinstance(each, str)}
    names = [each if isinstance(each, str) else each.__name__ for each in questions]
    return checked(current(), names, given=given, spoken=language,
                   checks=None if checks is None else Path(checks))
