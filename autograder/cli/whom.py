"""Whom a command is about: a person, a section, a team, or everybody."""

from __future__ import annotations

from collections.abc import Collection

from autograder.cli.console import UsageError
from autograder.course import people
from autograder.course.fields import hint
from autograder.course.roster import Roster
from autograder.gradebook import Whom
from autograder.names import canonical, shown

HELP = "A student's id, e-mail, id elsewhere or full name; section:A, team:red, or everybody."


def whom(text: str, roster: Roster, students: Collection[str]) -> Whom:
    """Whom ``text`` means.

    Args:
        students: who is known beside ``roster``: whose results the store has.

    Raises:
        UsageError: nobody.
    """
    if text == "everybody":
        return Whom("all")
    kind, _, name = text.partition(":")
    if name and kind == "section":
        return Whom("section", _one_of(
            name, {section for each in roster.students for section in each.sections}, kind))
    if name and kind == "team":
        return Whom("team", _one_of(name, {each.team for each in roster.students}, kind))
    return Whom("person", student(text, roster, students))


def student(text: str, roster: Roster, students: Collection[str]) -> str:
    """The id of the student that ``text`` means: an id, or the full name of one person alone.

    Raises:
        UsageError: nobody goes by it, or several people are called so.
    """
    found = _known(text, roster, students)
    if found is not None:
        return found
    names = _names(roster, students)
    near = people.near(canonical(text), names)
    meant = f"; did you mean {names[near[0]]!r}?" if near else ""
    raise UsageError(f"nobody goes by {shown(text)!r}{meant}")


def _known(text: str, roster: Roster, students: Collection[str]) -> str | None:
    if (person := roster.find(text)) is not None:
        return person.id
    wanted = canonical(text)
    if (found := {canonical(each): each for each in students}.get(wanted)) is not None:
        return found
    called = [each.id for each in roster.people.values()
              if each.name and canonical(each.name) == wanted]
    if len(called) > 1:
        raise UsageError(f"{len(called)} people are called {shown(text)!r}: {', '.join(called)}; "
                         "name one by the id")
    return called[0] if called else None


def _names(roster: Roster, students: Collection[str]) -> dict[str, str]:
    """What everybody goes by, as spellings are compared -> the id."""
    return {canonical(name): id for name, id in (
        *((each, each) for each in students),
        *((each.name, each.id) for each in roster.people.values() if each.name),
        *((each, each) for each in roster.people))}


def _one_of(name: str, known: Collection[str], kind: str) -> str:
    known = sorted(each for each in known if each)
    if name not in known:
        raise UsageError(f"no {kind} {shown(name)!r}{hint(name, known)}; people.csv has "
                         f"{', '.join(known) or 'none'}")
    return name
