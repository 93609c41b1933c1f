"""Migrations of the records that results are kept as."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

_RESULTS = sa.table("results", sa.column("id", sa.Integer()), sa.column("record", sa.Text()))


def rewrite(moved: Callable[[str], str | None]) -> None:
    """Put what ``moved`` makes of each record in its place; where it gives None, leave it."""
    connection = op.get_bind()
    for number in connection.scalars(sa.select(_RESULTS.c.id)).all():  # records are long
        record = connection.scalars(
            sa.select(_RESULTS.c.record).where(_RESULTS.c.id == number)).one()
        if (text := moved(record)) is not None:
            connection.execute(
                sa.update(_RESULTS).where(_RESULTS.c.id == number).values(record=text))
