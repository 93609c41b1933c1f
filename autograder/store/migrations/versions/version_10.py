"""Who of a team handed in stands beside its result: what is whose is asked with every page."""

import json

import sqlalchemy as sa
from alembic import op

revision = "10"
down_revision = "9"

RESULTS = sa.table("results", sa.column("id", sa.Integer()), sa.column("record", sa.Text()),
                   sa.column("handed_in_by", sa.Text()))


def upgrade() -> None:
    op.add_column("results", sa.Column("handed_in_by", sa.Text()))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(RESULTS.c.id).where(
            RESULTS.c.record.contains('"handed_in_by": "'))).all():  # records are long
        record = connection.scalars(
            sa.select(RESULTS.c.record).where(RESULTS.c.id == number)).one()
        connection.execute(sa.update(RESULTS).where(RESULTS.c.id == number)
                           .values(handed_in_by=_said(record)))
    of_a_team = sa.text("handed_in_by IS NOT NULL")
    op.create_index("results_team", "results",
                    ["student", "assignment", "submission", "handed_in_by"],
                    sqlite_where=of_a_team, postgresql_where=of_a_team)


def _said(record: str) -> str | None:
    """Who handed in; None where a record does not say, or nobody can read it."""
    try:
        said = json.loads(record)["submission"]["handed_in_by"]
    except (ValueError, LookupError, TypeError):
        return None
    return said if isinstance(said, str) else None
