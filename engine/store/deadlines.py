"""Due times of open tasks and timers, read and changed together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from engine.clock import to_micros
from engine.store import tables as t
from engine.store.conditions import not_completed
from engine.store.unit_of_work import UnitOfWork

FAR = 2**62
"""`due_sort` of a task without a due date: after every real one."""

KIND = "deadline"
"""Kind of the incident that says that a deadline cannot be evaluated."""


def due_sort(due_at: datetime | None) -> int:
    """By what lists sort a task."""
    return FAR if due_at is None else to_micros(due_at)


def due_of(uow: UnitOfWork, waits: Collection[str]) -> dict[str, datetime | None]:
    """When these open tasks and timers are due, by id."""
    found: dict[str, datetime | None] = {}
    for table in (t.user_task, t.timer):
        rows = uow.connection.execute(sa.select(table.c.id, table.c.due_at).where(table.c.id.in_(waits)))
        found |= {row.id: row.due_at for row in rows}
    return found


def move_task(uow: UnitOfWork, task_id: str, due_at: datetime | None) -> None:
    """Give a task another due date. Its revision stays: whoever has its form open may hand it in."""
    sort = due_sort(due_at)
    uow.connection.execute(t.user_task.update().where(t.user_task.c.id == task_id).values(due_at=due_at, due_sort=sort))
    uow.connection.execute(t.task_candidate.update().where(t.task_candidate.c.task_id == task_id).values(due_sort=sort))


def move_timer(uow: UnitOfWork, timer_id: str, due_at: datetime | None) -> None:
    """Let a timer go off at another time; None lets it stand still."""
    uow.connection.execute(t.timer.update().where(t.timer.c.id == timer_id).values(due_at=due_at))


def problems(uow: UnitOfWork, instance_id: str) -> dict[str | None, list[str]]:
    """Open incidents that say that a deadline cannot be evaluated: wait (None for the case's own) → their ids."""
    table = t.incident
    statement = sa.select(table.c.id, table.c.activity_id).where(
        table.c.instance_id == instance_id, table.c.state == "open", table.c.kind == KIND
    )
    found: dict[str | None, list[str]] = {}
    for row in uow.connection.execute(statement):
        found.setdefault(row.activity_id, []).append(row.id)
    return found


def cases_to_recalculate(connection: sa.Connection, definitions: Collection[int]) -> list[str]:
    """Ids of the cases of these definitions that are not over, the oldest first."""
    table = t.process_instance
    statement = (
        sa.select(table.c.id).where(table.c.definition_no.in_(definitions), _goes_on(table)).order_by(table.c.id)
    )
    return list(connection.execute(statement).scalars())


def running_definitions(connection: sa.Connection) -> list[int]:
    """Numbers of the definitions of which there are cases that are not over."""
    table = t.process_instance
    statement = sa.select(table.c.definition_no).where(_goes_on(table)).distinct()
    return list(connection.execute(statement).scalars())


def _goes_on(instance: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(instance.c.state.in_(("running", "suspended")), not_completed(instance))
