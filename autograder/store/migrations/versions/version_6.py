"""What the door receives, and who may come in by it."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"


def upgrade() -> None:
    text, moment = sa.Text(), sa.DateTime(timezone=True)
    op.create_table(
        "handins", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", moment, nullable=False), sa.Column("student", text, nullable=False),
        sa.Column("assignment", text, nullable=False), sa.Column("way", text, nullable=False),
        sa.Column("digest", text, nullable=False), sa.Column("state", text, nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False), sa.Column("submission", text),
        sa.Column("ended", moment))
    op.create_index("handins_state", "handins", ["state"])
    op.create_index("handins_student", "handins", ["student", "assignment"])
    op.create_table(
        "keys", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", text, nullable=False), sa.Column("kind", text, nullable=False),
        sa.Column("student", text, nullable=False), sa.Column("role", text),
        sa.Column("scope", text, nullable=False), sa.Column("made", moment, nullable=False),
        sa.Column("expires", moment, nullable=False), sa.Column("ended", moment))
    op.create_index("keys_digest", "keys", ["digest"], unique=True)
