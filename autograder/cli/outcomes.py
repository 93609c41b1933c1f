"""What a request ends with: points changed, a check waived, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.cli.console import UsageError
from autograder.cli.deciding import change, known_check, tell_effects

if TYPE_CHECKING:
    from autograder.gradebook import Decided
    from autograder.store import Store
    from autograder.store.requests import Request


def decided(request: Request, outcome: str, store: Store, *, add: str | None, set_: str | None,
            full: bool, waive: str | None) -> Decided | None:
    """The decision that a verb's options ask for; None where there are none.

    Raises:
        UsageError: there are several, or there is no such check.
    """
    from autograder.gradebook import Adjustment, Waiver, Whom

    many = sum([add is not None, set_ is not None, full, waive is not None])
    if many > 1:
        raise UsageError("--adjust, --set, --full and --waive each say what is decided; leave all "
                         "but one out")
    reason = f"request {request.number}"
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


def close(request: Request, outcome: str, decision: Decided | None, store: Store) -> str:
    """Keep what was decided and close the request by it; where somebody else was faster, it is
    taken back. Says whose points become others, and returns the outcome, with the decision's
    number.

    Raises:
        RequestError: it is closed.
    """
    from autograder.store.acts import KINDS
    from autograder.store.requests import RequestError

    if decision is None or request.closed is not None:
        store.requests.close(request.number, outcome)
        return outcome
    kind = next(name for name, each in KINDS.items() if each is type(decision))
    before = store.book()
    number = store.acts.add(decision)
    outcome = f"{outcome} ({kind} {number})"
    try:
        store.requests.close(request.number, outcome)
    except RequestError:
        store.acts.revoke(type(decision), number,
                          reason=f"request {request.number} was closed meanwhile")
        raise
    tell_effects(before, replace(before, decisions=before.decisions.having(decision)),
                 [decision.assignment])
    return outcome
