"""Who was told of what."""

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision = "7"


def upgrade() -> None:
    text, moment = sa.Text(), sa.DateTime(timezone=True)
    op.create_table(
        "notices", sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(name, text, nullable=False)
          for name in ("about", "kind", "student", "assignment", "place")),
        sa.Column("at", moment, nullable=False), sa.Column("state", text, nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("due", moment, nullable=False))
    op.create_index("notices_about", "notices", ["about"], unique=True)
    op.create_index("notices_state", "notices", ["state", "due"])
