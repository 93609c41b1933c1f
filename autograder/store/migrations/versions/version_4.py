"""What a session saw that met secret inputs is apart from what a student may read.

A record of ``autograder/result/v2`` becomes one of v3. One worker answered all checks then, so all
that was told of any of them becomes the deciding session's, for staff; students read outcomes and
diagnoses, until the submission is graded again. One that cannot be read stays as it is.
"""

import json
from typing import Any

from autograder.store.migrations.records import rewrite

revision = "4"
down_revision = "3"

V2, V3 = "autograder/result/v2", "autograder/result/v3"
TOLD = ("message", "raised", "line", "cell", "mismatch", "evidence", "follows")


def upgrade() -> None:
    rewrite(_moved)


def _moved(record: str) -> str | None:
    """The record as v3; None where it is no v2."""
    try:
        result = json.loads(record)
        if result["schema"] != V2:
            return None
        for question in result.get("questions", ()):
            _question(question)
        return json.dumps({**result, "schema": V3})
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _question(question: dict[str, Any]) -> None:
    timed = question.get("performance") is not None  # no secret input was met there
    question["wiring"] = None
    if question["status"] == "forbidden" and not timed:
        question["message"] = None
    for check in question.get("checks", ()):
        told = {name: check.pop(name, None) for name in TOLD}
        if any(value is not None for value in told.values()):
            account = {"status": check["status"], **told}
            check["explained" if timed else "decided"] = account
