"""A hidden suite: collected once, then run again for every submission."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.course import Assignment
from autograder.judge import skipping
from autograder.judge.check_run import CheckRun, Verdict
from autograder.judge.fixtures import Fixtures
from autograder.judge.items import Collect, Item, Items
from autograder.judge.mistakes import mistakes
from autograder.judge.staff import JudgeError
from autograder.result import SkippedCheck, Visibility

_LONGEST_FAULT = 2_000  # characters of why a check broke


@dataclass(frozen=True)
class Check:
    """One check as its author described it."""

    id: str
    question: str
    title: str
    weight: Fraction
    visibility: Visibility
    follows: tuple[str, ...]
    seconds: float | None
    proves: tuple[str, ...]
    measures: bool


class Suite:
    """All checks of one assignment, in the order of its questions; and, apart from them, those that
    their author takes out."""

    def __init__(
        self, directory: Path, assignment: Assignment, fixtures: type[Fixtures] = Fixtures,
        classes: Collection[str] = (), collect: Collect | None = None, is_built: bool = False,
    ) -> None:
        """Collect.

        Args:
            classes: graded names whose references are classes.
            collect: in the place of pytest.
            is_built: it was made of a suite whose text has been looked at.

        Raises:
            JudgeError: a file is broken or calls what it cannot, or a question has no checks.
        """
        if not directory.is_dir():
            raise JudgeError(f"{directory}: no such directory; the hidden suite belongs there")
        self._fixtures = fixtures()
        self._collected: Items = (collect or _by_pytest)(directory, self._fixtures)
        if not is_built:
            skipping.refuse_calls(directory)
            if found := list(mistakes(directory, assignment.names, classes)):
                raise JudgeError("\n".join(f"{directory}: {each}" for each in found))
        self._items: dict[Check, Item] = {}
        out: dict[Check, str] = {}
        for item in self._collected.items:
            check = _describe(item)
            if check in self._items:
                raise JudgeError(f"{item.nodeid}: the check {check.id} stands twice")
            home = item.path.stem.removeprefix("test_")
            if home != check.question and home in {each.name for each in assignment.questions}:
                raise JudgeError(f"{item.nodeid}: belongs to the question {check.question!r}; "
                                 f"move it to test_{check.question}.py")
            self._items[check] = item
            if (reason := skipping.reason(item)) is not None:
                out[check] = reason
        every = self._ordered(directory, assignment)
        self.checks = {question: [check for check in checks if check not in out]
                       for question, checks in every.items()}
        self.skipped = {question: [SkippedCheck(id=check.id, title=check.title, reason=out[check])
                                   for check in checks if check in out]
                        for question, checks in every.items()}
        for question, left in self.checks.items():
            if not left:
                raise JudgeError(f"{directory}: every check of the question {question!r} is "
                                 "skipped; leave one, or take the question out of grader.toml")

    def run(self, check: Check, run: CheckRun) -> BaseException | None:
        """Run one check; the exception that ended it, None when it passed."""
        self._fixtures.run = run
        try:
            return self._collected.run(self._items[check])
        finally:
            self._fixtures.run = None
            run.last = None  # pytest keeps the fixtures, and these the run, until the next one

    def source(self, check: Check) -> str:
        """The program of one check."""
        return inspect.getsource(self._items[check].function)  # type: ignore[attr-defined]

    def close(self) -> None:
        self._collected.close()

    def _ordered(self, directory: Path, assignment: Assignment) -> dict[str, list[Check]]:
        ordered: dict[str, list[Check]] = {question.name: [] for question in assignment.questions}
        for check in self._items:
            if check.question not in ordered:
                raise JudgeError(f"{directory}: {check.id} belongs to the question "
                                 f"{check.question!r}, which grader.toml does not have")
            ordered[check.question].append(check)
        for name, checks in ordered.items():
            if not checks:
                raise JudgeError(f"{directory}: no check belongs to the question {name!r}; "
                                 f"write test_{name}.py with pytest.mark.question({name!r})")
            _consistent(name, checks)
        return ordered


def _by_pytest(directory: Path, fixtures: Fixtures) -> Items:
    # Where plain suites are read, nobody needs pytest.
    from autograder.judge.collecting import collected

    return collected(directory, fixtures)


def _describe(item: Item) -> Check:
    question = item.get_closest_marker("question")
    if question is None or len(question.args) != 1:
        raise JudgeError(f"{item.nodeid}: says no question; "
                         'write pytestmark = pytest.mark.question("corr2d") in its file')
    function = getattr(item, "function", None)
    title = (getattr(function, "__doc__", None) or "").strip().splitlines()
    if not title:
        raise JudgeError(f"{item.nodeid}: has no docstring; its first line is the check's title")
    follows, proves = ([name for mark in item.iter_markers(marker) for name in mark.args]
                       for marker in ("follows", "proves"))
    visibility = _marked(item, "visibility", Visibility, Visibility.HIDDEN,
                         '"visible", "hidden" or "silent"')
    measures = "measure" in inspect.signature(function).parameters if function else False
    if measures and visibility is not Visibility.HIDDEN:
        raise JudgeError(f"{item.nodeid}: is {visibility}, and what is measured is told without "
                         "what it was measured on; make the check hidden")
    return Check(
        id=item.name,
        question=str(question.args[0]),
        title=title[0],
        weight=_marked(item, "weight", _positive, Fraction(1), "a number above 0"),
        visibility=visibility,
        follows=tuple(follows),
        seconds=_marked(item, "seconds", lambda value: float(_positive(value)), None,
                        "a number above 0"),
        proves=tuple(proves),
        measures=measures,
    )


def _marked(
    item: Item, name: str, read: Callable[[Any], Any], default: Any, wanted: str
) -> Any:
    marker = item.get_closest_marker(name)
    if marker is None:
        return default
    try:
        [value] = marker.args
        return read(value)
    except ValueError:
        raise JudgeError(f"{item.nodeid}: pytest.mark.{name} takes {wanted}, "
                         f"and not {marker.args!r}") from None


def _positive(value: Any) -> Fraction:
    number = Fraction(str(value))
    if number <= 0:
        raise ValueError(value)
    return number


def _consistent(question: str, checks: Iterable[Check]) -> None:
    ids = [check.id for check in checks]
    for check in checks:
        if ids.count(check.id) > 1:
            raise JudgeError(f"question {question}: the check {check.id} stands twice")
        unknown = set(check.follows) - set(ids)
        if unknown:
            raise JudgeError(f"question {question}: {check.id} follows {', '.join(unknown)}, "
                             "which is no check of this question")


def verdict_of(ended: BaseException | None) -> Verdict | None:
    """The Verdict that ended a check; None when it passed.

    Raises:
        JudgeError: the check ended by another exception: a fault of the suite's, or ours.
    """
    if ended is None or isinstance(ended, Verdict):
        return ended
    place = "".join(f"{note}: " for note in getattr(ended, "__notes__", ()))
    raise JudgeError(f"{place}{type(ended).__name__}: {ended}"[:_LONGEST_FAULT]) from ended
