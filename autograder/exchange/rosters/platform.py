"""A learning platform's course, asked by LTI's Names and Role Provisioning: who is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograder.course.roster import Roster
from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, given
from autograder.names import shown

_LEARNERS = ("Learner", "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner")
_NOT_THERE = ("Inactive", "Deleted")


def entries(members: Iterable[Mapping[str, Any]], roster: Roster) -> list[Entry]:
    """The course's students there, and of others those whom this course knows. Roles are not taken:
    people.csv says them."""
    found = []
    for number, member in enumerate(members, 1):
        said = {name: shown(value) for name, value in member.items()
                if isinstance(value, str) and value}
        name = said.get("name") or " ".join(filter(None, (
            said.get("given_name"), said.get("family_name"))))
        entry = Entry(
            Row(number, said), name=name, email=said.get("email", ""), ids=given(
                lti=said.get("user_id", ""), sis_id=said.get("lis_person_sourcedid", "")))
        roles = member.get("roles")
        is_learner = isinstance(roles, list) and any(role in roles for role in _LEARNERS)
        is_test = isinstance(roles, list) and any("TestUser" in str(role) for role in roles)
        if said.get("status") not in _NOT_THERE and not is_test and entry.said \
                and (is_learner or roster.by(entry.said)):
            found.append(entry)
    return found
