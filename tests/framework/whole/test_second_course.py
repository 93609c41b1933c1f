"""The second course's hand-ins: right ones in unusual styles, wrong ones, broken ones."""

from __future__ import annotations

import pytest
from labs import REPOSITORY, Bench

from autograder.authoring import build
from autograder.course import Course, SandboxPolicy, load
from autograder.gradebook import grade
from autograder.sandbox.client import Zygote
from autograder.submission import find

ROOT = REPOSITORY / "examples" / "courses" / "attention"
COURSE = load(ROOT / "grader.toml")
SCORES = {
    "numpy_basics": {"ada": 13, "bao": 10, "cem": 1.53, "dora": 2.14, "eko": 0, "fay": 13},
    "attention": {"ada": 16, "bao": 8.44, "cem": 8.09, "dora": 0, "eko": 0, "fay": 14},
}


def hurried(course: Course) -> Course:
    """What hangs is given up after a second: `eko` hands in a loop without an end."""
    assignments = {name: each.model_copy(update={
        "limits": each.limits.model_copy(update={"call_seconds": 1})})
        for name, each in course.assignments.items()}
    return course.model_copy(update={
        "assignments": assignments, "sandbox": SandboxPolicy(require="none")})


@pytest.mark.parametrize("name", SCORES)
def test_every_hand_in_gets_what_it_is_worth(name: str, zygote: Zygote) -> None:
    """`fay` hands in a notebook, once with a module beside it; nobody but two wrote tests."""
    course, found = hurried(COURSE), {}
    with Bench(course, name, zygote, tier="none") as judge:
        for submission in find([ROOT / "submissions" / name], course.assignment(name)):
            result = judge.grade(submission)
            assert result.is_graded
            found[submission.student] = round(grade(course, result).score, 2)
    assert found == SCORES[name]


@pytest.mark.parametrize("name", SCORES)
def test_what_is_committed_is_what_the_masters_build(name: str) -> None:
    assert build.differences(COURSE, build.build(COURSE, name)) == []
