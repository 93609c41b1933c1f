"""What a learning platform said when people came from it, so that verbs can ask it for names and
send it scores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import delete, select

from autograder.store.database import Database
from autograder.store.tables import LaunchRow

_PERSON = "person"


class Launches:
    """What platforms said last, by their issuers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, platform: str, student: str, id: str) -> None:
        """What the platform calls somebody of the course."""
        self._put(platform, {(_PERSON, "", student): id})

    def keep_services(self, platform: str, context: str, assignment: str | None,
                      urls: Mapping[str, str], only: str | None = None) -> None:
        """Where the platform's course ``context`` gives names, and takes scores of the assignment
        that a link leads to, if of any. A link that leads to none says nothing of scores.

        Args:
            only: the platform's course that counts; None: the first that a link came from. Whoever
                was led here from another one says nothing. What another one had said before goes.
        """
        if (only or self.service(platform, "context")) not in (None, context):
            return
        said = {(kind, "" if kind in ("names", "columns") else assignment, ""): url
                for kind, url in urls.items()}
        if self.service(platform, "context") not in (None, context):
            with self._database.exclusive() as session:
                session.execute(delete(LaunchRow).where(
                    LaunchRow.platform == platform, LaunchRow.kind != _PERSON))
        self._put(platform, {("context", "", ""): context} | {
            (kind, name, student): url
            for (kind, name, student), url in said.items() if name is not None})

    def ids(self, platform: str) -> dict[str, str]:
        """Student -> what the platform calls them."""
        with self._database.session() as session:
            return {row.student: row.value for row in session.scalars(select(LaunchRow).where(
                LaunchRow.platform == platform, LaunchRow.kind == _PERSON))}

    def service(self, platform: str, kind: str, assignment: str = "") -> str | None:
        """The address of one of its services; None where no link said it."""
        with self._database.session() as session:
            row = session.get(LaunchRow, (platform, kind, assignment, ""))
            return None if row is None else row.value

    def _put(self, platform: str, said: Mapping[tuple[str, str, str], str]) -> None:
        with self._database.exclusive() as session:
            for (kind, assignment, student), value in said.items():
                session.merge(LaunchRow(platform=platform, kind=kind, assignment=assignment,
                                        student=student, at=datetime.now(UTC), value=value))
