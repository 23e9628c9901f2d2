"""Reading jobs, as operators see them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from engine.errors import Forbidden, InvalidInput
from engine.filters import JobFilter
from engine.store import tables as t
from engine.store.conditions import in_state
from engine.store.jobs import due_of_topic
from engine.store.queries.base import BaseReader, clamp, decode_cursor, page_of, visible_work
from engine.store.types import is_id
from engine.views import JobRow, Page

_job, _instance, _definition = t.job, t.process_instance, t.process_definition
_STATES = ("available", "leased", "failed", "completed", "cancelled")


def job_row(connection: sa.Connection, job_id: str) -> JobRow:
    """One job as views show it."""
    return _view(connection.execute(_select().where(_job.c.id == job_id)).one())


class JobQueries(BaseReader):
    """Reads about jobs."""

    def jobs(self, where: JobFilter, *, cursor: str = "", limit: int = 50) -> Page[JobRow]:
        """A page of jobs of visible cases, the newest first."""
        limit = clamp(limit)
        after = decode_cursor(cursor, str)
        statement = _select().where(visible_work(self.by))
        if where.state:
            if where.state not in _STATES:
                raise InvalidInput(f"Expected a job state of {', '.join(_STATES)} but got {where.state!r}.")
            statement = statement.where(in_state(_job, where.state))
        if where.topic:
            statement = statement.where(_job.c.topic == where.topic)
        if where.instance_id:
            wanted = where.instance_id if is_id(where.instance_id) else None
            statement = statement.where(_job.c.instance_id == wanted)
        if after is not None:
            statement = statement.where(_job.c.id < after[0])
        with self.connection() as connection:
            rows = connection.execute(statement.order_by(_job.c.id.desc()).limit(limit + 1)).all()
        return page_of(rows, limit, _view, lambda row: [row.id])

    def due_topics(self, topics: Collection[str]) -> frozenset[str]:
        """Which of these topics have a job that could be taken now; for the system.

        Raises:
            Forbidden: somebody else asks, who would learn of cases that they may not see.
        """
        if self.by.kind != "system":
            raise Forbidden("Expected the system itself: due jobs of all cases are looked up by the door only.")
        with self.connection() as connection:
            return frozenset(topic for topic in topics if due_of_topic(connection, topic, self.now, 1))


def _select() -> sa.Select[Any]:
    return (
        sa.select(_job, _instance.c.business_key, _definition.c.key.label("definition_key"))
        .join(_instance, _instance.c.id == _job.c.instance_id)
        .join(_definition, _definition.c.no == _job.c.definition_no)
    )


def _view(row: Any) -> JobRow:
    return JobRow(
        id=row.id,
        instance_id=row.instance_id,
        definition_key=row.definition_key,
        element_id=row.element_id,
        element_name=row.element_name,
        topic=row.topic,
        state=row.state,
        attempts=row.attempts,
        retries=row.retries,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        not_before=row.not_before,
        error_message=row.error_message,
        error_details=row.error_details,
        created_at=row.created_at,
        priority=row.priority,
        business_key=row.business_key,
    )
