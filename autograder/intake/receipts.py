"""Receipts: what a student keeps of a hand-in, and can show when it is disputed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import AutograderError

_PURPOSE = b"autograder/receipt/v1"  # the course's secret has others, and nobody may mix them


class ReceiptError(AutograderError):
    """It is no receipt. The text says why."""


class Receipt(BaseModel):
    """What was handed in, by whom, and when, under the course's seal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["autograder/receipt/v1"] = "autograder/receipt/v1"
    course: str
    student: str
    assignment: str
    number: int = Field(description="of the hand-in, in the course's store")
    at: AwareDatetime
    digest: str = Field(description="SHA-256 of the files, with their names")
    seal: str = Field("", description="HMAC-SHA-256 of all this, by a key that the course has")

    def written(self) -> str:
        """As a file."""
        return self.model_dump_json(indent=2) + "\n"


def sealed(secret: bytes, *, course: str, student: str, assignment: str, number: int,
           at: datetime, digest: str) -> Receipt:
    """The receipt that a course gives."""
    receipt = Receipt(course=course, student=student, assignment=assignment, number=number, at=at,
                      digest=digest)
    return receipt.model_copy(update={"seal": _seal(receipt, secret)})


def read(text: str) -> Receipt:
    """A receipt out of a file, whoever wrote it.

    Raises:
        ReceiptError: it is none.
    """
    try:
        return Receipt.model_validate_json(text)
    except ValidationError:
        raise ReceiptError("not a receipt; give the file that a student was given, unchanged") \
            from None


def is_genuine(receipt: Receipt, secret: bytes) -> bool:
    """Whether the course of this secret has given it."""
    return hmac.compare_digest(receipt.seal.encode(), _seal(receipt, secret).encode())


def _seal(receipt: Receipt, secret: bytes) -> str:
    said = receipt.model_dump(mode="json", exclude={"seal"})
    key = hmac.digest(secret, _PURPOSE, "sha256")
    return hmac.new(key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).hexdigest()
