"""What Alembic runs for every command: on the connection that ``upgrade`` was given."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
