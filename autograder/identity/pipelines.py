"""Pipelines that hand in for whom they run, by the identity token that their service gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.course.door import DoorTable, PipelineTable
from autograder.course.roster import Person, Roster
from autograder.identity.issuers import Issuer, Published
from autograder.identity.tokens import NotProven, forged, issuer_of
from autograder.identity.whom import known_by
from autograder.names import shown
from autograder.result import sentence


@dataclass(frozen=True)
class _Service:
    """What a service calls what it says. Of merge requests and what others begin nothing is taken:
    there a stranger's changes run in somebody's repository."""

    name: str
    issuer: str
    repository: str
    actor: str
    event: str
    pushes: tuple[str, ...]


_SERVICES = (
    _Service("github", "https://token.actions.githubusercontent.com", "repository", "actor",
             "event_name", ("push", "workflow_dispatch")),
    _Service("gitlab", "https://gitlab.com", "project_path", "user_login", "pipeline_source",
             ("push", "web")))


def is_identity(token: str) -> bool:
    """Whether it is a signed statement, and none of the door's own tokens."""
    return token.count(".") == 2


def whose(token: str, door: DoorTable, url: str, published: Published, people: Roster,
          assignment: str) -> Person:
    """Who hands in an assignment by a pipeline: whose push it is, into a repository of their own or
    their team's. Its name alone proves little where people can make repositories.

    Args:
        url: the door's, for which the token has to be made.

    Raises:
        NotProven: nobody.
        ProviderError: the service's keys cannot be had.
    """
    for service in _SERVICES:
        table: PipelineTable | None = getattr(door, service.name)
        issuer = service.issuer if table is None else table.issuer or service.issuer
        if table is None or issuer_of(token) != issuer:
            continue
        claims = Issuer(issuer, published).claims(token, url)
        if claims.get(service.event) not in service.pushes:
            raise NotProven(sentence(
                "Pipelines hand in when something is pushed, or when somebody starts them."))
        repository = claims.get(service.repository)
        owner, actor = (known_by(people, table.column or service.name, account) for account in (
            _account(table.repositories, assignment, repository), claims.get(service.actor)))
        if owner is None or actor is None or not (
                actor is owner or (owner.team and actor.team == owner.team)):
            raise NotProven(sentence(
                "By the repository {repository} you hand in for nobody of this course at "
                "{assignment}. Check its name, and ask the course's staff whether they know your "
                "account.", repository=shown(str(repository), 200), assignment=assignment))
        return actor
    raise forged()


def _account(pattern: str, assignment: str, repository: object) -> str | None:
    """Whose repository it is; None where it is not for this assignment."""
    wanted = re.escape(pattern).replace(r"\{assignment\}", re.escape(assignment)).replace(
        r"\{account\}", r"([\w.-]+)")
    found = re.fullmatch(wanted, repository, re.ASCII) if isinstance(repository, str) else None
    return found and found[1]
