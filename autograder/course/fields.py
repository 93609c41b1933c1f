"""What tables of grader.toml are made of: kinds of values, and how a slip is hinted at."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from pydantic_core import PydanticCustomError

from autograder.course.dates import zone_named

Tier = Literal["namespaces", "landlock", "none"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Sandbox tiers, strongest first."""

RuleName = Annotated[str, Field(min_length=1, max_length=100)]
"""What a question can forbid: one of ``autograder.rules.SHIPPED``, or of the course's own."""

RepairFeedback = Literal["line", "code", False]
"""What a student is told of a repair: the line and what to look at, the new code too, nothing."""

LanguageCode = Literal["en", "zh"]
"""The languages of what students read."""

Policy = Literal["latest", "best"]
"""Which of a student's submissions counts: the one handed in last, or the one with most points."""

LayoutName = Literal["folder", "canvas", "moodle", "gradescope", "nbgrader", "otter", "git"]
"""How a class's hand-ins lie, as people say it."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float):  # pydantic would take it for seconds since 1970
        raise PydanticCustomError("datetime_type", "a number is no time")
    return value


DueDate = Annotated[AwareDatetime, BeforeValidator(_no_number)]


def _zone(name: str) -> str:
    if zone_named(name) is None:
        raise PydanticCustomError(
            "timezone", "no zone of the time-zone database; write for example Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]


class Table(BaseModel):
    """Base of every table in grader.toml: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def hint(word: str, known: list[str]) -> str:
    """The end of a sentence about an unknown ``word``; empty where none of ``known`` is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
