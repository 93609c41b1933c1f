"""Makes ``checks/``. The reference itself, the misconceptions' code and hidden checks stay at home.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import torch

from autograder.authoring.catalogues import excerpt, in_python, of_table
from autograder.authoring.pruning import visible_part
from autograder.course import Assignment, Course, FeedbackTable, SandboxPolicy
from autograder.course.packing import as_toml
from autograder.judge.check_run import PUBLIC, drawing_key
from autograder.judge.expected import BOUND
from autograder.judge.laid_out import given
from autograder.judge.staff import JudgeError
from autograder.judge.staff import load as load_staff
from autograder.judge.suite import Suite
from autograder.protocol import alike
from autograder.report.translations import FOREIGN
from autograder.result import Visibility
from autograder.selfcheck.folder import ANSWERS, COURSE, LOCALE, NAME
from autograder.selfcheck.recording import record

_SIZE = 4.0  # a bound is what a few answers were seen to scatter by, in units of their last place


def files(course: Course, assignment: str) -> dict[str, bytes]:
    """The folder's files by their path in ``assignments/<name>/``; none where no check is visible.

    Raises:
        JudgeError: the suite is broken, or a visible check cannot be taken out of it.
    """
    if not course.suite(assignment).is_dir():  # not written yet
        return {}
    visible = _visible(course, assignment)
    reduced = _reduced(course.assignment(assignment), visible)
    if reduced is None:
        return {}
    made = {path.relative_to(course.suite(assignment)).as_posix(): part
            for path in sorted(course.suite(assignment).rglob("test_*.py"))
            if (part := visible_part(path.read_text(encoding="utf-8")))}
    recorded = _recorded(course, reduced, made, visible)
    said = [*of_table(reduced), *(text for part in made.values() for text in in_python(part)),
            *(each["message"] for each in recorded["misconceptions"])]
    made[ANSWERS] = _lines(recorded)
    given_files = {f"solutions/{assignment}/{name}":
                   (course.solutions(assignment) / name).read_bytes()
                   for name in reduced.files}
    made[COURSE] = as_toml(Course(
        name=course.name, language=course.language, sandbox=SandboxPolicy(require="none"),
        feedback=FeedbackTable(answers=course.feedback.answers),
        assignments={assignment: reduced}))
    catalogues = {f"{LOCALE}/{code}.po": excerpt(
        course.solutions(assignment) / "locale" / f"{code}.po", said, code) for code in FOREIGN}
    return {f"{NAME}/{name}": content for name, content in [
        *((name, text.encode()) for name, text in made.items()), *given_files.items(),
        *((name, content) for name, content in catalogues.items() if content)]}


def same_answers(one: bytes, other: bytes) -> bool:
    """Whether two recordings say the same, but for what processors compute differently: the last
    digits of answers, and, within a factor, what is allowed for these, which is measured by them.
    """
    try:
        (ours, allowed), (theirs, also) = (_apart(json.loads(each)) for each in (one, other))
    except (ValueError, TypeError, LookupError):
        return False
    return alike(ours, theirs, _alike) and alike(allowed, also, _of_a_size)


def _apart(recorded: Any) -> tuple[Any, list[Any]]:
    """A recording without the answers that are bounds, and these."""
    bounds = []
    for name, calls in recorded["calls"].items():
        if name.endswith(f".{BOUND}"):
            bounds += [call.pop("answer") for call in calls]
    return recorded, bounds


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-3, abs_tol=1e-5)
    return type(one) is type(other) and bool(one == other)


def _of_a_size(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return max(one, other) <= _SIZE * min(one, other) + _SIZE
    return _alike(one, other)


def _visible(course: Course, assignment: str) -> dict[str, list[str]]:
    """Question -> ids of its visible checks."""
    suite = Suite(course.suite(assignment), course.assignment(assignment).examined)
    try:
        return {question: [check.id for check in checks
                           if check.visibility is Visibility.VISIBLE]
                for question, checks in suite.checks.items()}
    finally:
        suite.close()


def _reduced(assignment: Assignment, visible: Mapping[str, list[str]]) -> Assignment | None:
    """The assignment with those questions that have visible checks."""
    kept = [question for question in assignment.questions if visible.get(question.name)]
    names = {name for question in kept for name in question.names}
    questions = [question.model_copy(update={
        "uses": [name for name in question.uses if name in names], "concept": ""})
        for question in kept]
    if not questions:
        return None
    return assignment.model_copy(update={"questions": questions, "due": None})


def _recorded(
    course: Course, assignment: Assignment, sources: Mapping[str, str],
    visible: Mapping[str, list[str]],
) -> dict[str, Any]:
    """The answers, recorded with nothing at hand but what students will have of the suite."""
    torch.set_num_threads(1)
    silent = redirect_stdout(io.StringIO())  # what references print is for the checks
    with silent, tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(text, encoding="utf-8")
        suite = Suite(Path(folder), assignment)
        try:
            for question, checks in suite.checks.items():
                if [check.id for check in checks] != visible[question]:
                    raise JudgeError(
                        f"{question}: its visible checks ({', '.join(visible[question])}) cannot "
                        'be taken out of the suite; give each a @pytest.mark.visibility("visible") '
                        "of its own, at the top level of its file")
            found = given(course, assignment.name)
            staff = load_staff(course, assignment.name, found.here if found else nullcontext)
            return record(assignment, suite, staff, drawing_key(PUBLIC, assignment.name))
        finally:
            suite.close()


def _lines(document: Mapping[str, Any]) -> str:
    """JSON with a line for each call and each misconception."""

    def lines(value: Any, depth: int) -> str:
        if depth == 0 or not isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            return "[\n" + ",\n".join(lines(item, depth - 1) for item in value) + "\n]"
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {lines(item, depth - 1)}"
                                  for key, item in value.items()) + "\n}"

    return f"{lines(document, 3)}\n"
