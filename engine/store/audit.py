"""What `verify` reads: everything of a case, unfiltered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from engine.store import outbox
from engine.store import tables as t
from engine.store.cases import InstanceRecord
from engine.store.conditions import with_scope
from engine.store.deadlines import due_sort

ERASED = object()
"""Stands for a value that was erased; its digest is still in the chain."""

_STALE = timedelta(minutes=10)
_CONTINUE = "civiflow.continue"


def instances(connection: sa.Connection, instance_id: str, batch: int) -> Iterator[Any]:
    """Rows of cases in order of id, read in batches."""
    table = t.process_instance
    if instance_id:
        yield from connection.execute(sa.select(table).where(table.c.id == instance_id))
        return
    last: str | None = None
    while True:
        statement = sa.select(table).order_by(table.c.id).limit(batch)
        if last is not None:
            statement = statement.where(table.c.id > last)
        rows = connection.execute(statement).all()
        yield from rows
        if len(rows) < batch:
            return
        last = rows[-1].id


def as_record(row: Any) -> InstanceRecord:
    """An instance's row as the kernel holds it."""
    values = dict(row._mapping)
    values.pop("tenant_id")
    return InstanceRecord(**values)


def events(connection: sa.Connection, instance_id: str) -> list[Any]:
    """A case's events by number."""
    table = t.lifecycle_event
    return list(connection.execute(sa.select(table).where(table.c.instance_id == instance_id).order_by(table.c.number)))


def changes(connection: sa.Connection, instance_id: str) -> list[Any]:
    """A case's variable changes in order."""
    table = t.variable_change
    return list(connection.execute(with_scope(table).where(table.c.instance_id == instance_id).order_by(table.c.seq)))


def last_values(connection: sa.Connection, instance_id: str) -> dict[str, dict[str, Any]]:
    """Scope → variable → its last value, `ERASED` where it is gone."""
    last: dict[str, dict[str, Any]] = {}
    for change in changes(connection, instance_id):
        value = ERASED if change.value is None else orjson.loads(bytes(change.value))
        last.setdefault(change.scope_id, {})[change.name] = value
    return last


def scopes(connection: sa.Connection, instance_id: str) -> dict[str, dict[str, Any]]:
    """Inner scope → its variables."""
    table = t.variable_scope
    rows = connection.execute(sa.select(table.c.scope_id, table.c.variables).where(table.c.instance_id == instance_id))
    return {row.scope_id: row.variables for row in rows}


def activities(connection: sa.Connection, instance_id: str) -> list[Any]:
    """A case's activity instances."""
    table = t.activity_instance
    return list(connection.execute(with_scope(table).where(table.c.instance_id == instance_id)))


def open_incidents(connection: sa.Connection, instance_id: str) -> int:
    """How many incidents of a case are open."""
    table = t.incident
    statement = sa.select(sa.func.count()).where(table.c.instance_id == instance_id, table.c.state == "open")
    return int(connection.execute(statement).scalar_one())


def wait_ids(connection: sa.Connection, instance_id: str) -> dict[str, set[str]]:
    """Ids of a case's open waits by table; continuation jobs stand apart."""
    found: dict[str, set[str]] = {}
    for table, states in (
        (t.user_task, ("open",)),
        (t.job, ("available", "leased", "failed")),
        (t.timer, None),
        (t.message_subscription, None),
    ):
        statement = sa.select(table.c.id).where(table.c.instance_id == instance_id)
        if states is not None:
            statement = statement.where(table.c.state.in_(states))
        if table is t.job:
            statement = statement.where(table.c.topic != _CONTINUE)
        found[table.name] = set(connection.execute(statement).scalars())
    going_on = sa.select(t.job.c.id).where(
        t.job.c.instance_id == instance_id, t.job.c.topic == _CONTINUE, t.job.c.state == "available"
    )
    found["continuation"] = set(connection.execute(going_on).scalars())
    return found


def incident_subjects(connection: sa.Connection, instance_id: str) -> set[str]:
    """Activities with an open incident."""
    table = t.incident
    statement = sa.select(table.c.activity_id).where(table.c.instance_id == instance_id, table.c.state == "open")
    return set(connection.execute(statement).scalars())


def failed_jobs(connection: sa.Connection, instance_id: str) -> set[str]:
    """Jobs without an attempt left."""
    table = t.job
    statement = sa.select(table.c.id).where(table.c.instance_id == instance_id, table.c.state == "failed")
    return set(connection.execute(statement).scalars())


def wrongly_suspended(connection: sa.Connection, instance_id: str, suspended: bool) -> dict[str, int]:
    """How many waits do not stand still, or go, as their case does, by table; none is left out."""
    found: dict[str, int] = {}
    for table in (t.user_task, t.job, t.timer):
        statement = sa.select(sa.func.count()).where(table.c.instance_id == instance_id, table.c.suspended != suspended)
        if "state" in table.c:
            statement = statement.where(table.c.state.in_(("open", "available", "leased", "failed")))
        if count := connection.execute(statement).scalar_one():
            found[table.name] = count
    return found


def wrongly_queued(connection: sa.Connection, instance_id: str) -> list[str]:
    """Tasks that a queue shows though they are taken or done, or hides though they are free."""
    task, queue = t.user_task, t.task_candidate
    free = sa.and_(task.c.state == "open", task.c.assignee.is_(None))
    statement = (
        sa.select(task.c.id)
        .join(queue, queue.c.task_id == task.c.id)
        .where(task.c.instance_id == instance_id, queue.c.claimable != free)
    )
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def due_times(connection: sa.Connection, instance_id: str) -> dict[str, datetime | None]:
    """When the open tasks and the timers of a case are due, by id."""
    task, timer = t.user_task, t.timer
    tasks = sa.select(task.c.id, task.c.due_at).where(task.c.instance_id == instance_id, task.c.state == "open")
    timers = sa.select(timer.c.id, timer.c.due_at).where(timer.c.instance_id == instance_id)
    return {row.id: row.due_at for statement in (tasks, timers) for row in connection.execute(statement)}


def wrongly_sorted(connection: sa.Connection, instance_id: str) -> list[str]:
    """Open tasks that lists or queues sort by something else than their due date."""
    task, queue = t.user_task, t.task_candidate
    statement = (
        sa.select(task.c.id, task.c.due_at, task.c.due_sort, queue.c.due_sort.label("queued"))
        .outerjoin(queue, queue.c.task_id == task.c.id)
        .where(task.c.instance_id == instance_id, task.c.state == "open")
    )
    rows = connection.execute(statement)
    return list({r.id for r in rows if {r.due_sort, r.queued} - {None} != {due_sort(r.due_at)}})


def open_waits(connection: sa.Connection, instance_id: str) -> dict[str, int]:
    """How many waits of a case are open, by table; a continuation that is no longer needed ends itself."""
    found = wait_ids(connection, instance_id)
    return {name: len(ids) for name, ids in found.items() if name != "continuation"}


def lost_entries(connection: sa.Connection, entries: Collection[str]) -> set[str]:
    """Which of these outbox entries neither wait nor have been sent."""
    lost = set(entries)
    for table in (t.outbox, t.outbox_sent) if lost else ():
        lost -= set(connection.execute(sa.select(table.c.id).where(table.c.id.in_(lost))).scalars())
    return lost


def orphans(connection: sa.Connection, now: datetime) -> Iterator[tuple[str, str]]:
    """Rows that belong to no case, and outbox entries that nobody sends."""
    instance = t.process_instance
    for table in (t.user_task, t.job, t.timer, t.message_subscription, t.lifecycle_event, t.activity_instance):
        alone = (
            sa.select(sa.func.count())
            .select_from(table.outerjoin(instance, instance.c.id == table.c.instance_id))
            .where(table.c.instance_id.is_not(None), instance.c.id.is_(None))
        )
        count = connection.execute(alone).scalar_one()
        if count:
            yield table.name, f"{count} rows belong to no case."
    box = t.outbox
    for row in connection.execute(sa.select(box)):
        if outbox.digest(topic=row.topic, subject_id=row.subject_id, payload=row.payload) != bytes(row.digest):
            yield f"{box.name} {row.seq}", "It is not what was put into the outbox."
    waiting = (box.c.created_at < now - _STALE, box.c.incident_id.is_(None))
    late = connection.execute(sa.select(sa.func.count()).where(*waiting)).scalar_one()
    if late:
        yield box.name, f"{late} entries have waited for over ten minutes to be sent."
