"""A timekeeper that says where it was asked, and loads no torch to do so."""

from __future__ import annotations

from collections.abc import Sequence

from distributed import get_worker

from autograder.course import Question
from autograder.result import Result
from autograder.submission import Submission


class FakeTimer:
    """Adds to the student's name what it was to time, and what the Dask worker it is on has."""

    def time(self, submission: Submission, result: Result, questions: Sequence[Question]) -> Result:
        try:
            where = f"on a worker with {dict(get_worker().state.total_resources)}"
        except ValueError:
            where = "here"
        names = ", ".join(question.name for question in questions)
        return result.model_copy(update={"student": f"{result.student}; {names} {where}"})

    def close(self) -> None:
        pass
