"""Records hold verdicts only: what they are worth is computed when somebody looks.

A record of ``autograder/result/v1`` becomes one of v2. Its shares stay, exactly. Its points go:
the score and the maximum of everything, the penalty, the days late, titles and bonus of questions,
which are grader.toml's. No deadline is known to have come with a submission. One that cannot be
read stays as it is.
"""

import json
import re
from fractions import Fraction
from typing import Any

from alembic import op

from autograder.store.migrations.records import rewrite

revision = "3"
down_revision = "2"

V1, V2 = "autograder/result/v1", "autograder/result/v2"
USUAL = Fraction(3, 4)  # what a run on corrected helpers was worth where grader.toml did not say
PART = re.compile(r"(gradient of )?(?:argument ([0-9]{1,4})|(.*?))((?:\[[0-9]{1,9}\])*)", re.DOTALL)


def upgrade() -> None:
    rewrite(_moved)
    op.drop_column("results", "score")


def _moved(record: str) -> str | None:
    """The record as v2; None where it is no v1."""
    try:
        result = json.loads(record)
        if result["schema"] != V1:
            return None
        return json.dumps(_result(result))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _result(result: dict[str, Any]) -> dict[str, Any]:
    for points in ("score", "max_score", "raw_score", "penalty"):
        result.pop(points, None)
    result["submission"].pop("late_days", None)
    result["submission"]["due"] = None
    result["environment"].pop("device", None)  # "cpu" always, which nothing has ever read
    for question in result.get("questions", ()):
        _question(question)
    return {**result, "schema": V2}


def _question(question: dict[str, Any]) -> None:
    through, possible = question.get("follow_through"), Fraction(str(question["max_score"]))
    if through is not None and "corrected" not in question:  # kept before shares were
        question["corrected"] = str(min(Fraction(1), Fraction(str(through)) / possible / USUAL))
    for points in ("title", "bonus", "score", "max_score", "follow_through"):
        question.pop(points, None)
    for check in question.get("checks", ()):
        _check(check)


def _check(check: dict[str, Any]) -> None:
    score, possible = check.pop("score"), check.pop("max_score")
    if "earned" not in check:  # kept before shares were
        check["weight"] = str(Fraction(str(possible)) or 1)
        check["earned"] = str(Fraction(str(score)) / Fraction(check["weight"]))
    values = (check.get("message") or {}).get("values", {})
    check["raised"] = values.get("type") if check.get("status") == "error" else None
    if mismatch := check.get("mismatch"):
        mismatch["where"] = _part(mismatch.get("where"))


def _part(words: str | None) -> dict[str, Any] | None:
    found = PART.fullmatch(words) if words else None
    if found is None:
        return None
    gradient, argument, name, index = found.groups()
    return {"name": name or "", "argument": None if argument is None else int(argument),
            "gradient": gradient is not None,
            "index": [int(number) for number in re.findall("[0-9]+", index)]}
