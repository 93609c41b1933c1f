"""The items of a suite, whoever collected them: pytest, or at home the reader of plain suites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from autograder.judge.fixtures import Fixtures

MARKERS = (
    "question(name): the question that every check of this file belongs to",
    "weight(n): this check's share of the question's points; 1 unless said",
    "visibility(level): visible, hidden (unless said) or silent",
    "follows(*checks): a failure costs nothing when one of these checks of the question failed",
    "seconds(n): how long one call may take, where the course's limit is too short",
    "proves(*words): what the docstring promises to grade and this check proves, by its own words",
)
"""What suites say of a check by ``pytest.mark``."""


class CheckMark(Protocol):
    """What ``pytest.mark.weight(2)`` says."""

    @property
    def args(self) -> tuple[Any, ...]: ...

    @property
    def kwargs(self) -> Mapping[str, Any]: ...


class Item(Protocol):
    """One check as it was collected."""

    @property
    def name(self) -> str: ...

    @property
    def nodeid(self) -> str: ...

    @property
    def path(self) -> Path: ...

    def iter_markers(self, name: str) -> Iterable[CheckMark]: ...

    def get_closest_marker(self, name: str) -> CheckMark | None: ...


class Items(Protocol):
    """The items of a directory, to be run as often as one likes."""

    @property
    def items(self) -> Sequence[Any]:
        """Each an ``Item``."""

    def run(self, item: Any) -> BaseException | None:
        """Run one; the exception that ended it, None when it passed. It has a note of the suite's
        file and line that led to it."""

    def close(self) -> None: ...


Collect = Callable[[Path, Fixtures], Items]
"""Collects a directory, whose checks are given these fixtures. Raises JudgeError."""
