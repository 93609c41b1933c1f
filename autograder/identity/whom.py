"""Finds the person of the course whom a provider, a platform or a pipeline names.

Ids are compared letter by letter: two letters that look alike, or that Unicode folds into one, are
two people's. Addresses and accounts are so in any case of A to Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from autograder.course.roster import Person, Roster, base
from autograder.identity.tokens import NotProven, TokenClaims
from autograder.names import shown
from autograder.result import sentence

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
"""Before the names of a platform's claims."""

_LEARNERS = ("Learner", "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner")
_ANY_CASE = ("email", "github", "gitlab")


def known_by(people: Roster, column: str, said: object) -> Person | None:
    """Who has exactly this in a column of the table of people; None where that is nobody, or more
    than one."""
    kind = column.casefold()
    if not isinstance(said, str) or not said:
        return None
    found = [person for person in people.people.values()
             if any(base(each) == kind and _same(kind, value, said)
                    for each, value in person.said.items())]
    return found[0] if len(found) == 1 else None


def of_claim(people: Roster, claims: TokenClaims, claim: str, column: str) -> Person:
    """Whom a provider's claim means.

    Raises:
        NotProven: nobody of the course, or the provider has not verified the address.
    """
    said = claims.get(claim)
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(said)
    if "email" in (claim, column.casefold()) and not _is_verified(claims):
        raise NotProven(sentence(
            "Your address was not verified where you logged in. Verify it there, and log in "
            "again."))
    return known_by(people, column, said) or stranger(said)


def of_launch(people: Roster, claims: TokenClaims, columns: list[str], came: Mapping[str, str]
              ) -> Person:
    """Whom a platform's launch means: whoever is known by its own id; else by the institution's
    number and the address, which have to be one person's, and of nobody who has another id there,
    nor said by an id that is somebody else's, nor of staff by a student there.

    Args:
        came: student -> the platform's id by which they came before.

    Raises:
        NotProven: nobody of the course, or not surely.
    """
    sub, lis = claims["sub"], claims.get(f"{CLAIM}lis")
    said = {"lti": sub, "sis_id": lis.get("person_sourcedid") if isinstance(lis, dict) else None,
            "email": claims.get("email") if _is_verified(claims) else None}
    if "lti" in columns and (person := known_by(people, "lti", sub)) is not None:
        return person
    found = {person.id: person for column in columns
             if (person := known_by(people, column, said[column])) is not None}
    if len(found) != 1:
        stranger(said["email"] or said["sis_id"])
    [(id, person)] = found.items()
    known = at_platform(people, came)
    if is_another(people, id, sub, known) or (
            id not in known and person.role == "staff" and is_learner(claims[f"{CLAIM}roles"])):
        raise NotProven(sentence(
            "You came as {account}, but by this account of the learning platform that cannot be "
            "told for certain. Ask the course's staff to write down whose it is.",
            account=shown(str(said["email"] or said["sis_id"]), 100)))
    return person


def at_platform(people: Roster, came: Mapping[str, str]) -> dict[str, str]:
    """Student -> the platform's id: that of the table of people, or by which they ``came``."""
    return {**came, **{id: person.ids["lti"] for id, person in people.people.items()
                       if "lti" in person.ids}}


def is_learner(roles: object) -> bool:
    """Whether a platform calls somebody a student of its course."""
    return isinstance(roles, list) and any(role in roles for role in _LEARNERS)


def is_another(people: Roster, id: str, sub: str, known: Mapping[str, str]) -> bool:
    """Whether somebody of the course who is ``known`` at the platform is not who is called ``sub``
    there, or somebody else is. Who has only the address is not taken for them."""
    return known.get(id, sub) != sub or any(
        each == sub and other != id and other in people.people for other, each in known.items())


def _is_verified(claims: TokenClaims) -> bool:
    """Whether it may be that somebody has looked whose the address is; many do not say."""
    return claims.get("email_verified", True) in (True, "true")


def stranger(said: object) -> NoReturn:
    """Raises NotProven: of whom the table of people does not know."""
    if isinstance(said, str) and said:
        raise NotProven(sentence(
            "You came as {account}, whom this course's list of people does not have. Ask the "
            "course's staff to put you on it.", account=shown(said, 100)))
    raise NotProven(sentence(
        "Where you logged in, nothing was said by which this course knows you. Ask the course's "
        "staff for a link that lets you in."))


def _same(kind: str, value: str, said: str) -> bool:
    return value == said or (kind in _ANY_CASE and value.isascii() and said.isascii()
                             and value.lower() == said.lower())
