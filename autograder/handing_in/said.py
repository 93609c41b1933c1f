"""What a door answers, as far as it is read: a newer door may say more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from autograder.result import Sentence

# At either end of the calendar there are moments that have no local time.
ShownMoment: TypeAlias = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 2, tzinfo=UTC),
                                                        lt=datetime(9999, 1, 1, tzinfo=UTC))]


class DoorSays(BaseModel):
    """Base of all that comes from a door: what is unknown is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Acknowledged(DoorSays):
    """A receipt, as its student reads it."""

    number: int = Field(ge=0)
    student: str
    assignment: str
    at: ShownMoment
    digest: str


class HowFar(DoorSays):
    """How far a hand-in is."""

    state: str
    before: int | None = None
    look_again: float = 1.0
    page: str = ""

    @property
    def is_over(self) -> bool:
        return self.has_result or self.state == "internal"

    @property
    def has_result(self) -> bool:
        return self.state in ("graded", "unreadable")


class QuestionWorth(DoorSays):
    """What one question brought."""

    name: str
    title: str
    kind: str = "code"
    score: float
    max_score: float
    bonus: bool = False


class VerdictTold(DoorSays):
    """How one question came out."""

    name: str
    status: str


class FilesTold(DoorSays):
    """What is said of the files."""

    said: list[Sentence] = []


class ResultTold(DoorSays):
    """The verdicts."""

    status: str
    message: Sentence | None = None
    submission: FilesTold = FilesTold()
    questions: list[VerdictTold] = []


class AdjustmentTold(DoorSays):
    """What a person changed by hand: of one question, or, of None, of the total."""

    question: str | None = None
    change: float
    comment: str = ""


class Worth(DoorSays):
    """What a hand-in is worth."""

    score: float
    max_score: float
    raw_score: float = 0.0
    penalty: float = 0.0
    late_days: int = 0
    open: list[str] = []
    adjustments: list[AdjustmentTold] = []
    is_graded: bool
    questions: list[QuestionWorth] = []
    result: ResultTold

    def status_of(self, question: str) -> str:
        return next((each.status for each in self.result.questions if each.name == question), "")


class TurnedDown(DoorSays):
    """Why something was not done."""

    reason: str
    again: ShownMoment | None = None


class Offer(DoorSays):
    """An assignment of the door's course."""

    name: str
    title: str = ""
    score: float | None = None  # what counts
    max_score: float = 0.0
