"""Runs and results: the tables of stores that had no versions yet."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.Text(), nullable=False)
          for name in ("assignment", "command", "autograder")),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False)
          for name in ("key", "student", "assignment", "submission", "suite", "tier", "status")),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
    )
    for column in ("key", "student", "submission"):
        op.create_index(f"results_{column}", "results", [column])
