"""Runs schema steps on the connection that `engine.store.migrate` hands in."""

from alembic import context

from engine.store import identity_tables, tables  # noqa: F401  (they fill the metadata)
from engine.store.types import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
