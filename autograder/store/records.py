"""Results as rows of the store."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from pydantic import ValidationError

from autograder.gradebook import Verdicts
from autograder.result import Result
from autograder.store.tables import ResultRow


def result_key(*, digest: str, assignment: str, suite: str, tier: str, autograder: str,
               torch: str, fingerprint: str) -> str:
    """What a result depends on, as one hash: an equal key means an equal outcome.

    Who handed in, and when, is not in it, nor what it is worth: the gradebook says that.
    """
    parts = [digest, assignment, suite, tier, autograder, torch, fingerprint]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def key_of(result: Result) -> str:
    """The key of a finished result."""
    made = result.environment
    return result_key(digest=result.submission.digest, assignment=result.assignment,
                      suite=made.suite, tier=made.sandbox, autograder=made.autograder,
                      torch=made.torch, fingerprint=made.seed)


def row_of(run: int, result: Result, created: datetime) -> ResultRow:
    """The row that keeps ``result``."""
    return ResultRow(
        run_id=run, key=key_of(result), student=result.student, assignment=result.assignment,
        submission=result.submission.digest, submitted=result.submission.submitted_at,
        verdicts=Verdicts.of(result).written(), suite=result.environment.suite,
        tier=result.environment.sandbox, status=result.status.value, created=created,
        handed_in_by=result.submission.handed_in_by,
        # Not model_dump_json: that refuses half a surrogate pair, and drops infinities.
        record=json.dumps(result.model_dump(mode="json")))


def read(record: str) -> Result | None:
    """A kept record; None when this version cannot read it any more."""
    try:
        return Result.model_validate(json.loads(record))
    except (ValidationError, ValueError):
        return None
