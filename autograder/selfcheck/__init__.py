"""Students check themselves: the visible checks of one notebook, by the judge that grades it.

Nothing of the course is needed but the folder ``checks/`` that is built into its assignments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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


def check(notebook: Path, *, checks: Path | None = None, question: str | None = None,
          start: Callable[[], Zygote] = Zygote) -> SelfCheck:
    """Run the visible checks of a notebook: all of them, or one question's and those of what it
    builds on.

    It is the student's own code on the student's own machine: the strongest sandbox there is will
    do, and none will do as well.

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
    submission = Submission(student="you", assignment=assignment.name,
                            files={notebook.name: content_of(notebook)}, submitted_at=None)
    course = unconnected(course, assignment)
    with Judge(course, assignment.name, secret=PUBLIC,
               recording=recording, start=start) as judge:
        result = judge.grade(submission)
    questions = [first_things_first(each, result, assignment) for each in result.questions]
    result = result.model_copy(update={"questions": questions})
    return SelfCheck(assignment, grade(course, assignment.name, result))
