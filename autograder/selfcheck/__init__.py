"""Students check themselves: the visible checks of one notebook, by the judge that grades it.

Nothing of the course is needed but the folder ``checks/`` that is built into its assignments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from autograder.course import Assignment
from autograder.gradebook import Grade, grade
from autograder.judge import Judge
from autograder.judge.check_run import PUBLIC
from autograder.result import Status
from autograder.sandbox.client import Zygote
from autograder.selfcheck import folder
from autograder.selfcheck.alone import first_things_first, narrowed, unconnected
from autograder.selfcheck.finding import content_of, found_for
from autograder.submission import Submission


@dataclass(frozen=True)
class SelfCheck:
    """How the visible checks came out, and what they are checks of."""

    assignment: Assignment  # reduced to the questions that were checked
    grade: Grade  # of the visible checks alone

    @property
    def passed(self) -> bool:
        return bool(self.grade.questions) and all(
            question.result.status is Status.PASSED for question in self.grade.questions)


class Checker:
    """A warm judge of one notebook's visible checks: all of them, or one question's and those of
    what it builds on. Use it as a context manager.

    It is the student's own code on the student's own machine: the strongest sandbox there is will
    do, and none will do as well.
    """

    def __init__(self, notebook: Path, *, checks: Path | None = None, question: str | None = None,
                 start: Callable[[], Zygote] = Zygote) -> None:
        """
        Args:
            checks: the folder they lie in; None is to look for it.
            start: gives what starts workers.

        Raises:
            SubmissionError: there is no such notebook, no checks for it, or no such question.
            CourseError, JudgeError: the checks are damaged, or another version's.
        """
        course, recording = folder.opened(found_for(notebook, checks))
        [assignment] = course.assignments.values()
        if question is not None:
            assignment = narrowed(assignment, question)
        self._notebook = notebook
        self._assignment = assignment
        self._course = unconnected(course, assignment)
        self._judge = Judge(self._course, assignment.name, secret=PUBLIC,
                            recording=recording, start=start)

    def check(self) -> SelfCheck:
        """How the notebook, as it is now, fares."""
        name = self._assignment.name
        result = self._judge.grade(Submission(
            student="you", assignment=name,
            files={self._notebook.name: content_of(self._notebook)}, submitted_at=None))
        result = result.model_copy(update={"questions": [
            first_things_first(each, result, self._assignment) for each in result.questions]})
        return SelfCheck(self._assignment, grade(self._course, result))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._judge.close()


def check(notebook: Path, *, checks: Path | None = None, question: str | None = None,
          start: Callable[[], Zygote] = Zygote) -> SelfCheck:
    """Run the visible checks of a notebook once. Takes and raises what ``Checker`` does."""
    with Checker(notebook, checks=checks, question=question, start=start) as checker:
        return checker.check()
