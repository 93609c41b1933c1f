"""``checks/``: what students need to run an assignment's visible checks at home.

It lies in ``assignments/<name>/`` and is built (see ``making``): the visible part of the suite,
grader.toml reduced to what is checked, a recording of what these checks ask of the reference, and
translations of what is said about them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.course import load as load_course
from autograder.judge.suite import Suite
from autograder.selfcheck import handed_out, plain
from autograder.selfcheck.recording import Recording

NAME = "checks"
COURSE, ANSWERS, LOCALE = "grader.toml", "answers.json", "locale"


def opened(folder: Path) -> tuple[Course, Recording]:
    """What was built.

    Raises:
        CourseError, JudgeError: it is damaged, or another version's.
    """
    course = load_course(folder / COURSE)
    [(name, assignment)] = course.assignments.items()
    course = course.model_copy(update={
        "assignments": {name: assignment.translated_by(folder / LOCALE)}})
    return course, Recording.open(folder / ANSWERS, _suite(folder, assignment))


def _suite(folder: Path, assignment: Assignment) -> Suite:
    how: dict[str, Any] = {"collect": plain.collected, "is_built": True}
    if not handed_out.is_old(folder):
        return Suite(folder, assignment, **how)
    with handed_out.old_modules():
        return Suite(folder, assignment, handed_out.OldFixtures, **how)
