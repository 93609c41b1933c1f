"""The table at the end of docs/authoring.md: what share of each question's points is for what kind
of check, in this repository's course.

``make docs`` writes it; a test holds it to what this makes.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from autograder.authoring.promises import PromiseKind, shares
from autograder.course import Course, load

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "authoring.md"
HEADING = "## What this course's points are for\n"


def section(course: Course) -> str:
    """The last section of the page."""
    rows = [f"| {assignment} | `{question}` | {' | '.join(map(_percent, kinds.values()))} |"
            for assignment in course.assignments
            for question, kinds in shares(course, assignment).items()]
    return "\n".join([
        HEADING,
        "Written by `make docs` from the suites; do not edit it here. Texts, tests and timed "
        "questions have no such checks.", "",
        f"| assignment | question | {' | '.join(PromiseKind)} |",
        "| --- | --- |" + " ---: |" * len(PromiseKind), *rows, ""])


def _percent(share: Fraction) -> str:
    return f"{round(100 * share)} %" if share else ""


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    PAGE.write_text(kept + section(load(REPOSITORY / "grader.toml")), encoding="utf-8")
