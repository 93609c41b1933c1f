"""Whom a command is about: a person, a section, a team, or everybody."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from autograder.cli.console import UsageError
from autograder.course.roster import Roster
from autograder.gradebook import Whom
from autograder.names import canonical, shown

HELP = "A student's id, e-mail or name elsewhere; section:A, team:red, or everybody."


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
    """The id of the student that ``text`` means.

    Raises:
        UsageError: nobody goes by it.
    """
    person = roster.find(text)
    if person is not None:
        return person.id
    spelled = {canonical(each): each for each in students}
    if (found := spelled.get(canonical(text))) is not None:
        return found
    raise UsageError(f"nobody goes by {shown(text)!r}{_near(text, [*students, *roster.people])}")


def _one_of(name: str, known: Collection[str], kind: str) -> str:
    known = sorted(each for each in known if each)
    if name not in known:
        raise UsageError(f"no {kind} {shown(name)!r}{_near(name, known)}; people.csv has "
                         f"{', '.join(known) or 'none'}")
    return name


def _near(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
