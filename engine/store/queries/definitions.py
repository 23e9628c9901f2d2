"""Reading definitions, their files, forms and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.access import STAFF, may_start
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
    return definition_rows(connection, [row])[0]


def definition_rows(
    connection: sa.Connection, rows: Sequence[Any], *, counted: bool = True
) -> tuple[DefinitionRow, ...]:
    """Definitions' rows as views show them; three queries, however many there are."""
    made = t.deployment
    of = {row.deployment_id for row in rows}
    deployments = {d.id: d for d in connection.execute(sa.select(made).where(made.c.id.in_(of)))}
    running = _running(connection, [row.no for row in rows]) if counted else None
    return tuple(
        _view(row, deployments[row.deployment_id], None if running is None else running.get(row.no, 0)) for row in rows
    )


def _running(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, int]:
    """How many cases of each run: as long a walk along the index as there are cases."""
    instance = t.process_instance
    counted = (
        sa.select(instance.c.definition_no, sa.func.count())
        .where(
            instance.c.definition_no.in_(numbers),
            instance.c.state.in_(("running", "suspended")),
        )
        .group_by(instance.c.definition_no)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _view(row: Any, deployment: Any, running: int | None) -> DefinitionRow:
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
    """Reads about deployed definitions: staff see all, everybody else what they may start."""

    def definitions(
        self, *, latest_only: bool = True, startable: bool = False, counted: bool = True
    ) -> tuple[DefinitionRow, ...]:
        """Definitions by name; with `startable`, only those the principal may start.

        Without `counted` nobody counts their running cases, which takes long where there are very many.
        """
        table = t.process_definition
        statement = sa.select(table).order_by(table.c.name, table.c.key, table.c.version.desc())
        if latest_only:
            statement = statement.where(table.c.is_latest)
        with self.connection() as connection:
            rows = list(connection.execute(statement))
            rows = [r for r in rows if self._may_read(r)]
            if startable:
                rows = [r for r in rows if may_start(self.by, startable_by(r)) and _has_plain_start(r)]
            return definition_rows(connection, rows, counted=counted)

    def definition_versions(self, key: str) -> tuple[DefinitionRow, ...]:
        """All versions of a key, the newest first."""
        table = t.process_definition
        statement = sa.select(table).where(table.c.key == key).order_by(table.c.version.desc())
        with self.connection() as connection:
            return definition_rows(connection, [row for row in connection.execute(statement) if self._may_read(row)])

    def definition_resource(self, definition: str, path: str) -> bytes:
        """A file that came with a definition."""
        with self.connection() as connection:
            row = self._readable(connection, definition)
            content = stored.resource(connection, row.deployment_id, path)
            if content is None:
                listed = ", ".join(stored.paths(connection, row.deployment_id))
                raise NotFound(f"There is no file {path!r} with {row.id}; it came with: {listed}.")
            return content

    def _readable(self, connection: sa.Connection, reference: str) -> Any:
        """A definition whose model, forms and settings the principal may read; otherwise there is none."""
        row = self._definition(connection, reference)
        if not self._may_read(row):
            raise NotFound(_absent(reference))
        return row

    def _may_read(self, row: Any) -> bool:
        return self.by.has(*STAFF) or may_start(self.by, startable_by(row))

    def _definition(self, connection: sa.Connection, reference: str) -> Any:
        row = stored.by_reference(connection, reference)
        if row is None:
            raise NotFound(_absent(reference))
        return row


def _absent(reference: str) -> str:
    return f"There is no process definition {reference!r}."


def _has_plain_start(row: Any) -> bool:
    return bool(row.properties.get("has_plain_start", True))
