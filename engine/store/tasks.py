"""User task rows as commands read and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store import tables as t
from engine.store.cases import InstanceRecord, record_of
from engine.store.queries.base import in_queue_of
from engine.store.statements import KEY, Prepared, is_key, look, select_where
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork

_LOAD = (
    Prepared(
        sa.select(t.process_instance)
        .join(t.user_task, t.user_task.c.instance_id == t.process_instance.c.id)
        .where(is_key(t.user_task.c.id))
        .with_for_update(of=t.process_instance)
    ),
    select_where(t.user_task.c.id),
    select_where(t.task_candidate.c.task_id),
)


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Whose queues a task stands in."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    any: bool = False
    """Whether there is a queue at all; one for everybody names no users and no groups."""


@dataclass(frozen=True, kw_only=True)
class LockedTask:
    """A task whose case is locked.

    Args:
        case: the record of its instance.
        row: the task's row.
        queues: where it stands.
    """

    case: InstanceRecord
    row: Any
    queues: Candidates


def load(uow: UnitOfWork, task_id: str) -> LockedTask:
    """Lock a task's case, then read the task and its queues; other commands on the case wait from now on.

    On PostgreSQL it is one round trip of three statements, not a join: each sees what was committed when it begins,
    so the task is read as whoever held the lock before has left it.

    Raises:
        NotFound: there is no such task.
    """
    instances, tasks, offers = (
        look(uow.connection, *((statement, {KEY: task_id}) for statement in _LOAD)) if is_id(task_id) else ([],) * 3
    )
    if not instances or not tasks:
        raise NotFound(f"There is no task {task_id!r}.")
    queues = Candidates(
        users=tuple(r.name for r in offers if r.kind == "user"),
        groups=tuple(r.name for r in offers if r.kind == "group"),
        any=bool(offers),
    )
    return LockedTask(case=record_of(instances[0]), row=tasks[0], queues=queues)


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
