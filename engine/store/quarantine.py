"""Rows of cases that are set aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store import waits
from engine.store.unit_of_work import UnitOfWork


def owner(uow: UnitOfWork, wait_id: str) -> Any | None:
    """Instance, definition and element of a timer, job or subscription, or None if it is gone."""
    for table in (t.timer, t.job, t.message_subscription):
        columns = (table.c.instance_id, table.c.definition_no, table.c.element_id)
        row = uow.connection.execute(sa.select(*columns).where(table.c.id == wait_id)).one_or_none()
        if row is not None:
            return row
    return None


def postpone(uow: UnitOfWork, timer_id: str, due_at: datetime) -> None:
    """Let a timer be tried again at another instant."""
    uow.connection.execute(t.timer.update().where(t.timer.c.id == timer_id).values(due_at=due_at))


def suspend_case(uow: UnitOfWork, instance_id: str, reason: str) -> None:
    """Stop everything of a case and say why. Its log is left alone: nothing happened in the process."""
    table = t.process_instance
    uow.connection.execute(
        table.update()
        .where(table.c.id == instance_id, table.c.state.in_(("running", "suspended")))
        .values(state="suspended", error=reason[:2000])
    )
    waits.set_suspended(uow, instance_id, True)


def has_open_incident(uow: UnitOfWork, instance_id: str, kind: str) -> bool:
    """Whether a case already has an open incident of a kind."""
    table = t.incident
    statement = sa.select(table.c.id).where(
        table.c.instance_id == instance_id, table.c.kind == kind, table.c.state == "open"
    )
    return uow.connection.execute(statement.limit(1)).first() is not None


def open_incident(uow: UnitOfWork, row: dict[str, Any]) -> None:
    """Write an incident and count it on its case."""
    uow.connection.execute(t.incident.insert(), row)
    table = t.process_instance
    uow.connection.execute(
        table.update().where(table.c.id == row["instance_id"]).values(incidents=table.c.incidents + 1)
    )
