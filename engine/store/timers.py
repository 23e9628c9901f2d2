"""Timer rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.statements import KEY, Prepared, Write, is_key
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork

_DUE = (
    sa.select(t.timer.c.id, t.timer.c.instance_id)
    .where(~t.timer.c.suspended, t.timer.c.due_at <= sa.bindparam("now", type_=t.timer.c.due_at.type))
    .order_by(t.timer.c.due_at, t.timer.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_CLAIM = Prepared(_DUE.with_only_columns(*t.timer.c).with_for_update(skip_locked=True))
_GONE = Prepared(t.timer.delete().where(is_key(t.timer.c.id)))
_PEEK = Prepared(sa.select(t.timer).where(is_key(t.timer.c.id)))
_TAKE = Prepared(
    t.timer.delete()
    .where(
        is_key(t.timer.c.id),
        ~t.timer.c.suspended,
        t.timer.c.due_at <= sa.bindparam("now", type_=t.timer.c.due_at.type),
    )
    .returning(*t.timer.c)
)


def due(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Timers that should go off, the earliest first."""
    return list(connection.execute(_DUE, {"now": now, "limit": limit}).scalars())


def claim(uow: UnitOfWork, limit: int) -> list[Any]:
    """Rows of timers that should go off and that nobody else is at, until the transaction ends."""
    return _CLAIM.all(uow.connection, {"now": uow.now, "limit": limit})


def remove(uow: UnitOfWork, timer_id: str) -> None:
    """Remove a timer that was claimed: whoever claimed it fires it."""
    uow.later(Write(_GONE, {KEY: timer_id}))


def peek(uow: UnitOfWork, timer_id: str) -> Any | None:
    """A timer's row, not locked, or None."""
    if not is_id(timer_id):
        return None
    return _PEEK.one_or_none(uow.connection, {KEY: timer_id})


def take(uow: UnitOfWork, timer_id: str) -> Any | None:
    """Remove a due timer and give its row: whoever gets it fires it. None if it is gone or not due."""
    return _TAKE.one_or_none(uow.connection, {KEY: timer_id, "now": uow.now})


def again(uow: UnitOfWork, row: Any, due_at: datetime, remaining: int | None) -> None:
    """Let a start timer go off once more."""
    values = row._asdict()
    uow.connection.execute(t.timer.insert(), {**values, "due_at": due_at, "remaining": remaining})
