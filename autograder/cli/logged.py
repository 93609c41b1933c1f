"""Lines of the log, as people ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.cli import console
from autograder.course import people
from autograder.course.tables import hint
from autograder.names import shown

if TYPE_CHECKING:
    from autograder.store import Store
    from autograder.store.events import Event


def lines(store: Store, verb: str | None, about: str | None) -> list[Event]:
    """The lines of a verb, or about somebody or something, or both; the oldest first. Where there
    is nothing about it, that is told, with what it may be a slip for.

    Raises:
        UsageError: the log has no line of the verb, but has lines.
    """
    everything = store.events.all()
    verbs = sorted({each.verb for each in everything})
    if verb is not None and verbs and verb not in verbs:
        raise console.UsageError(f"no line of the log is of {shown(verb)!r}{hint(verb, verbs)}; "
                                 f"there are: {', '.join(verbs)}")
    if about is None:
        return store.events.all(verb=verb)
    words = {word for each in everything for word in each.object.split(" · ")}
    if about not in words:
        about = _somebody(store, about)
    if about not in words:
        near = people.near(about, words)
        console.warn(f"nothing in the log is about {shown(about)!r}"
                     + (f"; did you mean {near[0]!r}?" if near else ""))
    return store.events.all(verb=verb, about=about)


def _somebody(store: Store, text: str) -> str:
    """The id of whom ``text`` means; ``text`` itself where that is nobody."""
    from autograder.cli import whom

    try:
        return whom.student(text, store.decisions().roster, ())
    except console.UsageError:
        return text
