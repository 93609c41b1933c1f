"""What a learning platform said of those who came from it."""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision = "6"


def upgrade() -> None:
    text = sa.Text()
    op.create_table(
        "launches", *(sa.Column(name, text, primary_key=True)
                      for name in ("platform", "kind", "assignment", "student")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", text, nullable=False))
