"""User task rows as commands read and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store import tables as t
from engine.store.queries.base import in_queue_of
from engine.store.statements import KEY, Prepared, is_key, select_where
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork

_INSTANCE_OF = Prepared(sa.select(t.user_task.c.instance_id).where(is_key(t.user_task.c.id)))


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Whose queues a task stands in."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    any: bool = False
    """Whether there is a queue at all; one for everybody names no users and no groups."""


def instance_of(uow: UnitOfWork, task_id: str) -> str:
    """The instance a task belongs to, read before locking it.

    Raises:
        NotFound: there is no such task.
    """
    found = None
    if is_id(task_id):
        found = _INSTANCE_OF.one_or_none(uow.connection, {KEY: task_id})
    if found is None:
        raise NotFound(f"There is no task {task_id!r}.")
    return str(found.instance_id)


def load(uow: UnitOfWork, task_id: str) -> Any:
    """A task's row; its instance is locked by now."""
    return select_where(t.user_task.c.id).one_or_none(uow.connection, {KEY: task_id})


def candidates(connection: sa.Connection, task_id: str) -> Candidates:
    """The candidate users and groups of a task."""
    rows = select_where(t.task_candidate.c.task_id).all(connection, {KEY: task_id})
    return Candidates(
        users=tuple(r.name for r in rows if r.kind == "user"),
        groups=tuple(r.name for r in rows if r.kind == "group"),
        any=bool(rows),
    )


def change(uow: UnitOfWork, row: Any, *, claimable: bool | None = None, **values: Any) -> None:
    """Change a task; its revision counts up, and its queues show or hide it."""
    changed = {**values, "revision": row.revision + 1}
    uow.change(t.user_task.c.id, row.id, changed)
    if claimable is not None:
        uow.change(t.task_candidate.c.task_id, row.id, {"claimable": claimable})


def keep_draft(uow: UnitOfWork, row: Any, values: dict[str, Any]) -> None:
    """Keep what was typed. The revision stays: whoever typed it may hand in what they see."""
    uow.connection.execute(t.user_task.update().where(t.user_task.c.id == row.id).values(draft=values))


def next_for(uow: UnitOfWork, instance_id: str) -> str:
    """A task of the same case that who asks may do now, or ''; an offer (priority 0) is nobody's next task."""
    user = uow.by.id
    table, queue = t.user_task, t.task_candidate
    waiting = sa.exists().where(queue.c.task_id == table.c.id, queue.c.claimable, in_queue_of(uow.by))
    statement = (
        sa.select(table.c.id, table.c.excluded_users)
        .where(
            table.c.instance_id == instance_id,
            table.c.state == "open",
            ~table.c.suspended,
            table.c.priority > 0,
            sa.or_(table.c.assignee == user, waiting),
        )
        .order_by(table.c.due_sort, table.c.id)
        .limit(20)
    )
    for row in uow.connection.execute(statement):
        if user not in (row.excluded_users or ()):
            return str(row.id)
    return ""
