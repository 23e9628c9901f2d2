"""Reading incidents; they are visible with their case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import to_micros
from engine.errors import NotFound
from engine.filters import IncidentFilter
from engine.store import tables as t
from engine.store.queries.base import BaseReader, clamp, decode_cursor, page_of, visible_work
from engine.store.types import is_id
from engine.views import IncidentRow, Page

_incident, _instance, _definition = t.incident, t.process_instance, t.process_definition


def incident_row(connection: sa.Connection, incident_id: str) -> IncidentRow:
    """One incident as views show it; its element's name is filled in by the reader."""
    return _view(connection.execute(_select().where(_incident.c.id == incident_id)).one())


class IncidentQueries(BaseReader):
    """Reads about incidents."""

    def incidents(self, where: IncidentFilter, *, cursor: str = "", limit: int = 50) -> Page[IncidentRow]:
        """A page of incidents of visible cases, the newest first."""
        limit = clamp(limit)
        after = decode_cursor(cursor, datetime, str)
        statement = _select().where(_incident.c.tenant_id == 0, visible_work(self.by))
        if where.state:
            statement = statement.where(_incident.c.state == where.state)
        if where.definition_key:
            statement = statement.where(_definition.c.key == where.definition_key)
        if where.instance_id:
            wanted = where.instance_id if is_id(where.instance_id) else None
            statement = statement.where(_incident.c.instance_id == wanted)
        if after is not None:
            edge = sa.tuple_(
                sa.literal(after[0], _incident.c.created_at.type),
                sa.literal(after[1], _incident.c.id.type),
            )
            statement = statement.where(sa.tuple_(_incident.c.created_at, _incident.c.id) < edge)
        statement = statement.order_by(_incident.c.created_at.desc(), _incident.c.id.desc())
        with self.connection() as connection:
            rows = connection.execute(statement.limit(limit + 1)).all()
        return page_of(rows, limit, _view, lambda row: [to_micros(row.created_at), row.id])

    def incident(self, incident_id: str) -> IncidentRow:
        """One incident of a visible case."""
        row = None
        if is_id(incident_id):
            with self.connection() as connection:
                row = connection.execute(
                    _select().where(_incident.c.id == incident_id, visible_work(self.by))
                ).one_or_none()
        if row is None:
            raise NotFound(f"There is no incident {incident_id!r}.")
        return _view(row)


def _select() -> sa.Select[Any]:
    return (
        sa.select(
            _incident,
            _instance.c.business_key,
            _definition.c.id.label("definition_id"),
            _definition.c.key.label("definition_key"),
            _definition.c.name.label("definition_name"),
        )
        .join(_instance, _instance.c.id == _incident.c.instance_id)
        .join(_definition, _definition.c.no == _incident.c.definition_no)
    )


def _view(row: Any) -> IncidentRow:
    return IncidentRow(
        id=row.id,
        instance_id=row.instance_id,
        business_key=row.business_key,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_name=row.definition_name,
        element_id=row.element_id,
        element_name=row.element_name,
        activity_id=row.activity_id,
        job_id=row.job_id,
        kind=row.kind,
        message=row.message,
        details=row.details,
        state=row.state,
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )
