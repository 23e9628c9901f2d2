"""The schema: made whole on a new database, brought up to date by steps on an old one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from engine.errors import CorruptState
from engine.store import (  # they fill the metadata
    calendar_tables,  # noqa: F401
    decision_tables,  # noqa: F401
    document_tables,  # noqa: F401
    identity_tables,  # noqa: F401
    tables,
)
from engine.store.database import Database
from engine.store.types import metadata

HEAD = "0007"
"""The newest schema step; a test holds it against the folder of steps."""

_VERSION = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
_MIGRATION_LOCK = 7_205_759_403

sa.event.listen(
    tables.lifecycle_event,
    "after_create",
    sa.DDL(  # type: ignore[no-untyped-call]
        "alter table lifecycle_event alter column tx set default (pg_current_xact_id()::text::bigint)"
    ).execute_if(dialect="postgresql"),
)
for _table, _identity in (
    (tables.lifecycle_event, "using index uq_lifecycle_event_instance_id_number"),
    (tables.variable_change, "full"),
):
    for _change in (f"drop constraint pk_{_table.name}", f"replica identity {_identity}"):
        sa.event.listen(
            _table,
            "after_create",
            sa.DDL(f"alter table {_table.name} {_change}").execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
        )


def to_head(database: Database) -> None:
    """Create or upgrade the schema; several processes may do so at once, one does it.

    Raises:
        CorruptState: the database was written by a newer release.
    """
    if _brought_to_head(database) and database.is_postgres:
        database.engine.dispose()  # after a DROP or ALTER, psycopg has the server forget all that is prepared there


def _brought_to_head(database: Database) -> bool:
    """Whether there was anything to do."""
    with database.write() as connection:
        if database.is_postgres:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        version = _version(connection)
        if version == HEAD:
            return False
        if version is None:
            metadata.create_all(connection)
            _VERSION.create(connection)
            connection.execute(_VERSION.insert().values(version_num=HEAD))
            return True
        if version > HEAD:
            raise CorruptState(
                f"Expected a database of schema {HEAD} or older but it is at {version}: "
                "a newer release of Civiflow wrote it. Start that release."
            )
        upgrade(connection)
        return True


def is_current(database: Database) -> bool:
    """Whether the schema is the one that this release works with; asks one row."""
    with database.read() as connection:
        found = connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()
    return bool(found == HEAD)


def upgrade(connection: sa.Connection, to: str = HEAD) -> None:
    """Run the steps that a database lacks, up to a version."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()
    return found
