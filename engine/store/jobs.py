"""Job rows: leasing them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.conditions import in_state, is_leased
from engine.store.unit_of_work import UnitOfWork


def lease(uow: UnitOfWork, *, topics: Sequence[str], limit: int, worker: str, token: str, until: datetime) -> list[Any]:
    """Take due jobs: the most important first, then the longest waiting. Rows others hold are skipped."""
    table = t.job
    due = (
        sa.select(table.c.id)
        .where(
            in_state(table, "available"),
            ~table.c.suspended,
            table.c.topic.in_(topics),
            table.c.not_before <= uow.now,
        )
        .order_by(table.c.priority.desc(), table.c.not_before, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(uow.connection.execute(due).scalars())
    if not ids:
        return []
    taken = uow.connection.execute(
        table.update()
        .where(table.c.id.in_(ids))
        .values(
            state="leased",
            lease_owner=worker,
            lease_token=token,
            lease_until=until,
            leased_at=uow.now,
            attempts=table.c.attempts + 1,
        )
        .returning(*table.c)
    )
    order = {key: place for place, key in enumerate(ids)}
    return sorted(taken.all(), key=lambda row: order[row.id])


def finish(uow: UnitOfWork, job_id: str, state: str, *, message: str = "") -> None:
    """The job is over."""
    table = t.job
    uow.connection.execute(
        table.update()
        .where(table.c.id == job_id)
        .values(state=state, completed_at=uow.now, error_message=message, lease_token=None)
    )


def set_failed(uow: UnitOfWork, job_id: str, message: str, details: str) -> None:
    """No attempt is left; an incident asks for help."""
    table = t.job
    uow.connection.execute(
        table.update()
        .where(table.c.id == job_id)
        .values(
            state="failed",
            retries=0,
            error_message=message[:4000],
            error_details=details[:64_000],
            lease_token=None,
            lease_until=None,
        )
    )


def retry_later(uow: UnitOfWork, job_id: str, left: int, not_before: datetime, message: str, details: str) -> None:
    """Another attempt, not before an instant."""
    table = t.job
    uow.connection.execute(
        table.update()
        .where(table.c.id == job_id)
        .values(
            state="available",
            retries=left,
            not_before=not_before,
            error_message=message[:4000],
            error_details=details[:64_000],
            lease_token=None,
            lease_until=None,
        )
    )


def retry_now(uow: UnitOfWork, job_id: str, retries: int) -> bool:
    """Give a failed job new attempts; tells whether it was failed."""
    table = t.job
    done = uow.connection.execute(
        table.update()
        .where(table.c.id == job_id, table.c.state == "failed")
        .values(state="available", retries=retries, not_before=uow.now)
    )
    return done.rowcount == 1


def extend(uow: UnitOfWork, job_id: str, token: str, until: datetime) -> bool:
    """Move the end of a lease that is still held; tells whether it was."""
    table = t.job
    done = uow.connection.execute(
        table.update()
        .where(
            table.c.id == job_id,
            table.c.state == "leased",
            table.c.lease_token == token,
            table.c.lease_until > uow.now,
        )
        .values(lease_until=until)
    )
    return done.rowcount == 1


def expired(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Jobs whose lease has run out."""
    table = t.job
    statement = (
        sa.select(table.c.id)
        .where(is_leased(table), table.c.lease_until <= now)
        .order_by(table.c.lease_until)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def due_of_topic(connection: sa.Connection, topic: str, now: datetime, limit: int) -> list[str]:
    """Jobs of one topic that could be taken now."""
    table = t.job
    statement = (
        sa.select(table.c.id)
        .where(
            in_state(table, "available"),
            ~table.c.suspended,
            table.c.topic == topic,
            table.c.not_before <= now,
        )
        .order_by(table.c.not_before)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def instance_facts(uow: UnitOfWork, instance_id: str) -> Any:
    """What a job's worker learns of its instance, without locking it."""
    table = t.process_instance
    columns = (table.c.business_key, table.c.variables, table.c.has_scopes)
    return uow.connection.execute(sa.select(*columns).where(table.c.id == instance_id)).one()
