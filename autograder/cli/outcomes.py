"""What a request ends with: points changed, a check waived, or nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from autograder.cli.console import UsageError

if TYPE_CHECKING:
    from autograder.gradebook import AdjustmentKind
    from autograder.store import Store
    from autograder.store.requests import Request


def points(text: str | None) -> Decimal | None:
    """A number as it was typed, to the cent. Raises UsageError where it is none."""
    if text is None:
        return None
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite():
        raise UsageError(f"{text!r} is no number of points; write for example 1.5")
    return found.quantize(Decimal("0.01"))


def adjusted(request: Request, added: Decimal | None, given: Decimal | None, outcome: str,
             store: Store) -> int:
    """Change the points that a request is about: by so many, to so many, or, without either, to all
    of them. Returns the adjustment's number."""
    from autograder.gradebook import Whom

    kind: AdjustmentKind = "add" if added is not None else "set" if given is not None else "full"
    return store.acts.adjust(
        request.assignment, Whom("person", request.student), request.question, kind,
        added if added is not None else given, reason=f"request {request.number}", comment=outcome)


def waived(request: Request, check: str, store: Store) -> int:
    """Take a check of the request's question out, for everybody. Returns the waiver's number.

    Raises:
        UsageError: there is no such check.
    """
    question = request.question
    if question is None:
        raise UsageError(f"request {request.number} is about the total, and a check is a "
                         "question's; open one on the question")
    known = {id for each in store.book().verdicts
             if each.assignment == request.assignment and question in each.questions
             for id in each.questions[question].checks}
    if check not in known:
        raise UsageError(f"no result of {question} has a check {check!r}; there are: "
                         f"{', '.join(sorted(known)) or 'none'}")
    return store.acts.waive(request.assignment, question, check,
                            reason=f"request {request.number}")


def close(request: Request, outcome: str, decided: tuple[str, int] | None, store: Store) -> None:
    """Close it; where somebody else was faster, what was decided here is taken back."""
    from autograder.store.requests import RequestError

    if decided is None:
        store.requests.close(request.number, outcome)
        return
    kind, number = decided
    try:
        store.requests.close(request.number, f"{outcome} ({kind} {number})")
    except RequestError:
        store.acts.revoke(kind, number, reason=f"request {request.number} was closed meanwhile")
        raise
