"""Timer rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork


def due(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Timers that should go off, the earliest first."""
    table = t.timer
    statement = (
        sa.select(table.c.id)
        .where(~table.c.suspended, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def next_due(connection: sa.Connection) -> datetime | None:
    """When the next timer goes off; None if there is none."""
    table = t.timer
    found: datetime | None = connection.execute(
        sa.select(sa.func.min(table.c.due_at)).where(~table.c.suspended)
    ).scalar_one()
    return found


def peek(uow: UnitOfWork, timer_id: str) -> Any | None:
    """A timer's row, not locked, or None."""
    if not is_id(timer_id):
        return None
    table = t.timer
    return uow.connection.execute(sa.select(table).where(table.c.id == timer_id)).one_or_none()


def take(uow: UnitOfWork, timer_id: str) -> Any | None:
    """Remove a due timer and give its row: whoever gets it fires it. None if it is gone or not due."""
    table = t.timer
    gone = table.delete().where(table.c.id == timer_id, ~table.c.suspended, table.c.due_at <= uow.now)
    return uow.connection.execute(gone.returning(*table.c)).one_or_none()


def again(uow: UnitOfWork, row: Any, due_at: datetime, remaining: int | None) -> None:
    """Let a start timer go off once more."""
    values = dict(row._mapping)
    uow.connection.execute(t.timer.insert(), {**values, "due_at": due_at, "remaining": remaining})
