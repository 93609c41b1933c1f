"""A learning platform's course, asked by LTI's Names and Role Provisioning: who is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograder.course.roster import Roster
from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, given
from autograder.identity.whom import at_platform, is_another, is_learner
from autograder.names import shown

_NOT_THERE = ("Inactive", "Deleted")


def entries(members: Iterable[Mapping[str, Any]], roster: Roster, came: Mapping[str, str]
            ) -> tuple[list[Entry], list[str]]:
    """The course's students there, and of others those whom this course knows; and a line for staff
    about each who is not taken over. Roles are not taken: people.csv says them.

    Args:
        came: student -> the platform's id by which they came before.
    """
    known = at_platform(roster, came)
    found, notes = [], []
    for number, member in enumerate(members, 1):
        said = {name: shown(value) for name, value in member.items()
                if isinstance(value, str) and value}
        name = said.get("name") or " ".join(filter(None, (
            said.get("given_name"), said.get("family_name"))))
        entry = Entry(
            Row(number, said), name=name, email=said.get("email", ""), ids=given(
                lti=said.get("user_id", ""), sis_id=said.get("lis_person_sourcedid", "")))
        roles = member.get("roles")
        is_test = isinstance(roles, list) and any("TestUser" in str(role) for role in roles)
        if said.get("status") not in _NOT_THERE and not is_test and entry.said \
                and (is_learner(roles) or roster.by(entry.said)):
            if other := _other(entry, roster, known, is_learner(roles)):
                notes.append(other)
            else:
                found.append(entry)
    return found, notes


def _other(entry: Entry, roster: Roster, known: Mapping[str, str], is_student: bool) -> str | None:
    """Why a line may be of somebody else than it says; None where it is of nobody else. People may
    have chosen their addresses: who is known by the platform's id is known by nothing else."""
    sub = entry.ids.get("lti", "")
    for id in sorted(roster.by(entry.said) - roster.by({"lti": sub})):
        if is_another(roster, id, sub, known):
            why = f"is {known[id]!r} there" if id in known else "is another there"
        elif is_student and roster.person(id).role == "staff":
            why = "is of the staff, and that is a student there"
        else:
            continue
        return (f"{id}: {sub!r} of the platform has the same address or number, and is not taken "
                f"over: {id} {why}; if they are one, write {sub!r} into the column lti")
    return None
