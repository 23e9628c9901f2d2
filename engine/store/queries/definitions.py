"""Reading definitions, their files, forms and texts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.access import may_start
from engine.errors import NotFound
from engine.findings import Finding, Severity
from engine.store import definitions as stored
from engine.store import tables as t
from engine.store.queries.base import BaseReader
from engine.views import DefinitionRow


def startable_by(row: Any) -> tuple[str, ...]:
    """Roles and groups of a definition's `civiflow:startableBy`; empty means all staff."""
    listed = (row.properties or {}).get("civiflow:startableBy", "")
    return tuple(part.strip() for part in listed.split(",") if part.strip())


def definition_row(connection: sa.Connection, row: Any) -> DefinitionRow:
    """A definition's row as views show it."""
    deployment = connection.execute(
        sa.select(t.deployment).where(t.deployment.c.id == row.deployment_id)
    ).one()
    running = connection.execute(
        sa.select(sa.func.count())
        .select_from(t.process_instance)
        .where(
            t.process_instance.c.definition_no == row.no,
            t.process_instance.c.state.in_(("running", "suspended")),
        )
    ).scalar_one()
    return DefinitionRow(
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        application=deployment.application,
        deployed_at=deployment.deployed_at,
        deployed_by=deployment.deployed_by,
        is_latest=row.is_latest,
        has_start_form=bool(row.properties.get("has_start_form")),
        startable_by=startable_by(row),
        running=running,
        documentation=row.properties.get("documentation", ""),
        warnings=sum(f["severity"] == Severity.WARNING for f in row.findings),
    )


def findings_of(row: Any) -> tuple[Finding, ...]:
    """The findings stored with a definition."""
    return tuple(Finding(**{**f, "severity": Severity(f["severity"])}) for f in row.findings)


class DefinitionQueries(BaseReader):
    """Reads about deployed definitions; every signed-in user may see that a process exists."""

    def definitions(self, *, latest_only: bool = True, startable: bool = False) -> tuple[DefinitionRow, ...]:
        """Definitions by name; with `startable`, only those the principal may start."""
        table = t.process_definition
        statement = sa.select(table).order_by(table.c.name, table.c.key, table.c.version.desc())
        if latest_only:
            statement = statement.where(table.c.is_latest)
        with self.connection() as connection:
            rows = list(connection.execute(statement))
            if startable:
                rows = [r for r in rows if may_start(self.by, startable_by(r)) and _has_plain_start(r)]
            return tuple(definition_row(connection, row) for row in rows)

    def definition_versions(self, key: str) -> tuple[DefinitionRow, ...]:
        """All versions of a key, the newest first."""
        table = t.process_definition
        statement = sa.select(table).where(table.c.key == key).order_by(table.c.version.desc())
        with self.connection() as connection:
            return tuple(definition_row(connection, row) for row in connection.execute(statement))

    def definition_resource(self, definition: str, path: str) -> bytes:
        """A file that came with a definition."""
        with self.connection() as connection:
            row = self._definition(connection, definition)
            files = stored.resources(connection, row.deployment_id)
        if path not in files:
            listed = ", ".join(sorted(files))
            raise NotFound(f"There is no file {path!r} with {row.id}; it came with: {listed}.")
        return files[path]

    def _definition(self, connection: sa.Connection, reference: str) -> Any:
        row = stored.by_reference(connection, reference)
        if row is None:
            raise NotFound(f"There is no process definition {reference!r}.")
        return row


def _has_plain_start(row: Any) -> bool:
    return bool(row.properties.get("has_plain_start", True))
