"""Grades a checkout: what stands in it, wherever the pipeline runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import gradebook
from autograder.course import Assignment, Course, Tier
from autograder.gradebook import Grade
from autograder.grading import one
from autograder.submission import Submission, SubmissionError, of_student
from autograder.submission.kinds import is_called, kind
from autograder.submission.tree import from_folder

# Who pushed, as pipelines say it; for the reports only.
_WHO = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER")


@dataclass(frozen=True)
class Graded:
    """One assignment of the checkout."""

    assignment: Assignment
    submission: Submission
    grade: Grade

    @property
    def content(self) -> str:
        """The text of the file that was graded."""
        return next(iter(self.submission.files.values()), b"").decode("utf-8", "replace")

    @property
    def share(self) -> float:
        """The share that was earned of the points that a pipeline can give, which marks no texts;
        bonus can bring more than 1."""
        possible = self.grade.max_score - sum(
            question.max_score for question in self.grade.questions
            if question.kind == "text" and not question.bonus)
        return self.grade.score / possible if possible else 1.0


def grade(course: Course, checkout: Path, names: Sequence[str], *, secret: bytes,
          student: str | None = None, tier: Tier | None = None) -> list[Graded]:
    """Grade assignments of a checkout. Nothing is kept, and nothing is late: a commit's time is
    whatever its author says.

    Args:
        names: the assignments; none is those whose notebook is in the checkout.

    Raises:
        SubmissionError: no assignment's notebook is.
        JudgeError: no judge can be made.
    """
    who = student or next((os.environ[name] for name in _WHO if os.environ.get(name)), "student")
    names = names or [name for name in course.assignments if _holds(checkout, name)]
    if not names:
        wanted = ", ".join(f"{name}.ipynb" for name in course.assignments)
        raise SubmissionError(f"{checkout}: no notebook of this course lies here ({wanted}); "
                              "check the repository out, or name an assignment by --assignment")
    graded = []
    for name in names:
        submission = of_student(checkout, who, course.assignment(name))
        result = one.grade(course, submission, secret=secret, tier=tier)
        graded.append(Graded(course.assignment(name), submission,
                             gradebook.grade(course, result)))
    return graded


def _holds(checkout: Path, name: str) -> bool:
    """Whether the assignment's notebook is there, outside folders such as ``.git``."""
    return any(kind(file.name) == "notebook" and is_called(file.name, name)
               for file in from_folder(checkout).files)
