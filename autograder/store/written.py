"""What exports wrote into the gradebooks of platforms, so that the next export sees what a person
changed there since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Select, select

from autograder.store.database import Database
from autograder.store.tables import WrittenRow


class WrittenCells:
    """The cells that exports wrote, as they wrote them last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, format_name: str, assignment: str) -> dict[str, str]:
        """Student -> what the last export in this format that wrote a cell for them put there."""
        with self._database.session() as session:
            return {row.student: row.value
                    for row in session.scalars(_rows(format_name, assignment))}

    def keep(self, format_name: str, assignment: str, cells: Mapping[str, str]) -> None:
        """Remember what an export has written. Of other students stays what is known."""
        now = datetime.now(UTC)
        with self._database.exclusive() as session:
            known = {row.student: row for row in session.scalars(_rows(format_name, assignment))}
            for student, value in cells.items():
                if row := known.get(student):
                    row.at, row.value = now, value
                else:
                    session.add(WrittenRow(format=format_name, assignment=assignment,
                                           student=student, at=now, value=value))


def _rows(format_name: str, assignment: str) -> Select[WrittenRow]:
    return select(WrittenRow).where(
        WrittenRow.format == format_name, WrittenRow.assignment == assignment)
