"""Migrations of the store's tables: one file in ``versions`` for each step.

To change the tables: edit ``autograder/store/tables.py``, raise its ``VERSION``, and write the next
file here. A test compares both, and says what is missing. Every step keeps all results.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, *, stamped: bool) -> None:
    """Bring the tables to the newest version, within the transaction that ``connection`` is in.

    Args:
        stamped: False where the tables are older than these versions, and say none.
    """
    config = Config()
    config.set_main_option("script_location", "autograder:store/migrations")
    config.attributes["connection"] = connection
    if not stamped:
        command.stamp(config, "1")
    command.upgrade(config, "head")
