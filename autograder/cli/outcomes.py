"""What a request ends with: points changed, a check waived, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.cli.console import UsageError
from autograder.cli.deciding import change, known_check

if TYPE_CHECKING:
    from autograder.gradebook import Decided
    from autograder.store import Store
    from autograder.store.requests import SecondLook


def decided(request: SecondLook, outcome: str, store: Store, *, add: str | None, set_: str | None,
            full: bool, waive: str | None) -> Decided | None:
    """The decision that a verb's options ask for; None where there are none.

    Raises:
        UsageError: there are several, or there is no such check.
    """
    from autograder.gradebook import Adjustment, Waiver, Whom
    from autograder.store.requests import reason_of

    many = sum([add is not None, set_ is not None, full, waive is not None])
    if many > 1:
        raise UsageError("--adjust, --set, --full and --waive each say what is decided; leave all "
                         "but one out")
    reason = reason_of(request.number)
    if waive is not None:
        if request.question is None:
            raise UsageError(f"request {request.number} is about the total, and a check is a "
                             "question's; open one on the question")
        known_check(store, request.assignment, request.question, waive)
        return Waiver(assignment=request.assignment, reason=reason, question=request.question,
                      check=waive)
    if not many:
        return None
    kind, points = change(add, set_, full)
    return Adjustment(
        assignment=request.assignment, reason=reason, whom=Whom("person", request.student),
        question=request.question, kind=kind, points=points, comment=outcome)
