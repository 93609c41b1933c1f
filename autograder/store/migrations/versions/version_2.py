"""When a submission was handed in stands beside its result; runs claim what they grade."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

RESULTS = sa.table("results", sa.column("id", sa.Integer()), sa.column("record", sa.Text()),
                   sa.column("submitted", sa.DateTime(timezone=True)))


def upgrade() -> None:
    op.create_table(
        "claims",
        *(sa.Column(name, sa.Text(), primary_key=True)
          for name in ("assignment", "student", "submission")),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False),
    )
    op.create_index("results_assignment", "results", ["assignment", "student", "submission"])
    op.add_column("results", sa.Column("submitted", sa.DateTime(timezone=True)))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(RESULTS.c.id)).all():  # records are long
        record = json.loads(connection.scalars(
            sa.select(RESULTS.c.record).where(RESULTS.c.id == number)).one())
        if (said := record.get("submission", {}).get("submitted_at")) is not None:
            connection.execute(
                sa.update(RESULTS).where(RESULTS.c.id == number)
                .values(submitted=datetime.fromisoformat(said).astimezone(UTC)))
