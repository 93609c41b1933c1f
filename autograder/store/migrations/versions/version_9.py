"""What the judge stopped says so by itself.

It was read from an exception's type, which a student may call ``Timeout`` as well. In records of
before, the reason tells both apart: these three the judge alone gives.
"""

import json

from autograder.store.migrations.records import rewrite

revision = "9"
down_revision = "8"

REASONS = {
    "It was not run: the {seconds} seconds that all cells may take together were over.": "timeout",
    "It took longer than the {seconds} seconds that one statement may take, and was left out.":
        "timeout",
    "It ended the process that ran it, and was left out.": "crashed",
}


def upgrade() -> None:
    rewrite(_said)


def _said(record: str) -> str | None:
    """The record, with what was stopped; None where nothing was, or nobody can read it."""
    if not any(reason in record for reason in REASONS):
        return None
    try:
        result = json.loads(record)
        for error in result["load"]["errors"]:
            reason = error["reason"]
            error["stopped"] = reason and REASONS.get(reason["text"])
        return json.dumps(result)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
