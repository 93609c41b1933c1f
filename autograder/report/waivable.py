"""The checks of an assignment, for whoever thinks of waiving one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from autograder.gradebook import Book
from autograder.result import CheckResult
from autograder.store import Store, StoreError


@dataclass(frozen=True)
class WaivableCheck:
    """A check, what it is worth, and how many students do not wholly pass it."""

    id: str
    title: str
    points: float
    failing: int
    is_waived: bool


@dataclass(frozen=True)
class WaivableQuestion:
    """A question's checks: first those that most do not pass."""

    name: str
    points: Decimal
    checks: list[WaivableCheck]

    @property
    def failing(self) -> list[WaivableCheck]:
        return [each for each in self.checks if each.failing or each.is_waived]

    @property
    def passed(self) -> list[WaivableCheck]:
        """Those that everybody passes."""
        return [each for each in self.checks if not (each.failing or each.is_waived)]


def waivable(store: Store, book: Book, name: str) -> list[WaivableQuestion]:
    """The questions of an assignment that have checks, in its order."""
    failing = book.checks(name)
    known = _checks(store, name, {(question, id) for question in failing
                                  for id in failing[question]})
    found = []
    for question in book.course.assignment(name).questions:
        checks = [(known.get((question.name, id)), id, many)
                  for id, many in failing.get(question.name, {}).items()]
        whole = sum((check.weight for check, *_ in checks if check), Fraction(0))
        if checks:
            waived = book.decisions.waived(name, question.name)
            found.append(WaivableQuestion(question.name, question.points, sorted((
                WaivableCheck(id, check.title if check else id,
                              float(Fraction(question.points) * check.weight / whole)
                              if check and whole else 0.0, many, id in waived)
                for check, id, many in checks), key=lambda each: -each.failing)))
    return found


def _checks(store: Store, name: str, wanted: set[tuple[str, str]]
            ) -> dict[tuple[str, str], CheckResult]:
    """These checks as the newest results have them: one or two results have all."""
    found: dict[tuple[str, str], CheckResult] = {}
    for number in sorted(store.counting_numbers(name).values(), reverse=True):
        if wanted <= found.keys():
            break
        with suppress(StoreError):  # of another version
            found = {(question.name, check.id): check for question in store.result(number).questions
                     for check in question.checks} | found
    return found
