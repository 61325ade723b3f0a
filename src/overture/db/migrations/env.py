"""Alembic's entry: always given an open connection by `overture.db.migrate`."""

from alembic import context

from overture.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
