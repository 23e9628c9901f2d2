"""User tasks, jobs, timers and subscriptions by the id of the token they stand for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store import tables as t
from engine.store.statements import KEY, select_where
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork


def find(uow: UnitOfWork, table: sa.Table, key: str, what: str) -> Any:
    """The row of a wait by id.

    Raises:
        NotFound: there is none; `what` names it in the message.
    """
    row = None
    if is_id(key):
        row = select_where(table.c.id).one_or_none(uow.connection, {KEY: key})
    if row is None:
        raise NotFound(f"There is no {what} {key!r}.")
    return row


def close(uow: UnitOfWork, ids: list[str]) -> None:
    """These waits are over without being done: tasks and jobs are cancelled, the rest removed."""
    run = uow.connection.execute
    run(t.timer.delete().where(t.timer.c.id.in_(ids)))
    run(t.message_subscription.delete().where(t.message_subscription.c.id.in_(ids)))
    for table in (t.user_task, t.job):
        open_states = ("open",) if table is t.user_task else ("available", "leased", "failed")
        run(
            table.update()
            .where(table.c.id.in_(ids), table.c.state.in_(open_states))
            .values(state="cancelled", completed_at=uow.now)
        )
    run(
        t.task_candidate.update()
        .where(t.task_candidate.c.task_id.in_(ids), t.task_candidate.c.claimable)
        .values(claimable=False)
    )


def open_ids(uow: UnitOfWork, instance_id: str) -> list[str]:
    """Ids of all open waits of an instance."""
    of = [
        sa.select(table.c.id).where(table.c.instance_id == instance_id)
        for table in (t.user_task, t.job, t.timer, t.message_subscription)
    ]
    return list(uow.connection.execute(sa.union(*of)).scalars())


def set_suspended(uow: UnitOfWork, instance_id: str, suspended: bool) -> None:
    """Stop or let go the waits of an instance."""
    for table in (t.user_task, t.job, t.timer):
        uow.connection.execute(
            table.update()
            .where(table.c.instance_id == instance_id, table.c.suspended != suspended)
            .values(suspended=suspended)
        )


def resolve_incidents(uow: UnitOfWork, instance_id: str, *, only: list[str] | None = None) -> int:
    """Mark open incidents of an instance as resolved; gives how many.

    Args:
        only: of these activities; None for all but those of deliveries, which outlive their case.
    """
    table = t.incident
    where = [table.c.instance_id == instance_id, table.c.state == "open", table.c.kind != "delivery"]
    if only is not None:
        where.append(table.c.activity_id.in_(only))
    done = uow.connection.execute(
        table.update().where(*where).values(state="resolved", resolved_at=uow.now, resolved_by=uow.by.id)
    )
    return done.rowcount


def resolve_incident(uow: UnitOfWork, incident_id: str) -> None:
    """Mark one incident as resolved."""
    table = t.incident
    uow.connection.execute(
        table.update()
        .where(table.c.id == incident_id)
        .values(state="resolved", resolved_at=uow.now, resolved_by=uow.by.id)
    )


def forget_jobs(uow: UnitOfWork, job_ids: Collection[str]) -> None:
    """Make room for jobs that retried tasks open under the same ids."""
    over = ("failed", "cancelled", "completed")
    uow.connection.execute(t.job.delete().where(t.job.c.id.in_(job_ids), t.job.c.state.in_(over)))
