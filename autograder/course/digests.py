"""What verdicts depend on, as digests: where one differs, a question is graded again.

A question's result keeps the digest that it was made under. ``grading.plan`` looks for results of
the whole suite's digest; where there is none, ``Judge`` takes over those questions of an earlier
result whose own digest is still the same. What verdicts are worth is in none: see ``gradebook``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from autograder.course.tables import Course
from autograder.result import QuestionResult, Status


def suite_digest(course: Course, assignment: str) -> str:
    """Digest of all that decides an assignment's verdicts: suite, reference, misconceptions, what
    is timed against, and what grader.toml says of its questions and limits."""
    digests = question_digests(course, assignment)
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()


def question_digests(course: Course, assignment: str) -> dict[str, str]:
    """Question -> digest of all that decides its verdicts.

    A question's own is its ``test_<question>.py``, its ``misconceptions/<question>.py`` and its
    table; everything else is shared.
    """
    table, solutions = course.assignments[assignment], course.solutions(assignment)
    own = {f"test_{question.name}.py" for question in table.questions}
    suite = {file.relative_to(course.suite(assignment)).as_posix(): _content(file)
             for file in sorted(course.suite(assignment).rglob("*.py"))}
    shared = {name: content for name, content in suite.items() if name not in own} | {
        name: _content(solutions / name)
        for name in ("reference.py", "misconceptions.py", "baseline.py", *table.files)}
    rules = table.model_dump(mode="json", include={"cells", "limits"}) | table.model_dump(
        mode="json", include={"files", "needs", "stand_ins"}, exclude_defaults=True)
    digests = {}
    for question in table.questions:
        asked = question.model_dump(mode="json", exclude={
            "title", "concept", "points", "bonus", "rubric", *([] if question.of else ["of"])})
        decides = [shared, rules, suite.get(f"test_{question.name}.py"), asked]
        if own_rules := {name: course.rules[name].model_dump(mode="json")
                         for name in question.forbid if name in course.rules}:
            decides.append(own_rules)
        decides += [_content(file) for file in course.variants(assignment, "misconceptions")
                    if file.parent != solutions and file.stem == question.name]
        if question.kind == "tests":  # all right and wrong implementations of what they are about
            right, wrong = (course.variants(assignment, kind)
                            for kind in ("alternatives", "misconceptions"))
            decides += map(_content, [*(right or [solutions / "alternatives.py"]), *wrong])
        digests[question.name] = hashlib.sha256(
            json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return digests


def stale_questions(
    earlier: Mapping[str, QuestionResult], digests: Mapping[str, str]
) -> list[str]:
    """Those of ``digests`` that are to be judged: they have not been, by what decides them now, or
    our own fault ended it."""
    return [name for name, digest in digests.items()
            if name not in earlier or earlier[name].suite != digest
            or earlier[name].status is Status.INTERNAL]


def _content(file: Path) -> str:
    """Digest of what a file holds; of one that is not there, the empty one's."""
    return hashlib.sha256(file.read_bytes() if file.exists() else b"").hexdigest()
