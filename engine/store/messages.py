"""Subscriptions and the messages kept for those to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.ids import new_id
from engine.store import tables as t
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork


def waiting(uow: UnitOfWork, kind: str, name: str, key: str | None, *, limit: int = 2) -> list[Any]:
    """Subscriptions of instances that a message would reach: those with its key, and those without one."""
    table = t.message_subscription
    matches: sa.ColumnElement[bool] = table.c.correlation_key.is_(None)
    if key is not None:
        matches = sa.or_(table.c.correlation_key == key, matches)
    statement = (
        sa.select(table)
        .where(table.c.kind == kind, table.c.name == name, table.c.instance_id.is_not(None))
        .order_by(table.c.correlation_key.is_(None), table.c.id)
        .limit(limit)
    )
    return list(uow.connection.execute(statement.where(matches) if kind == "message" else statement))


def starters(uow: UnitOfWork, kind: str, name: str) -> list[Any]:
    """Start events of the latest versions that wait for this name."""
    table = t.message_subscription
    statement = sa.select(table).where(table.c.kind == kind, table.c.name == name, table.c.instance_id.is_(None))
    return list(uow.connection.execute(statement.order_by(table.c.id)))


def find(uow: UnitOfWork, subscription_id: str) -> Any | None:
    """A subscription by id, or None when it is over."""
    if not is_id(subscription_id):
        return None
    table = t.message_subscription
    return uow.connection.execute(sa.select(table).where(table.c.id == subscription_id)).one_or_none()


def of_instance(uow: UnitOfWork, instance_id: str) -> list[Any]:
    """The subscriptions of one instance."""
    table = t.message_subscription
    statement = sa.select(table).where(table.c.instance_id == instance_id)
    return list(uow.connection.execute(statement.order_by(table.c.id)))


def remove(uow: UnitOfWork, subscription_id: str) -> None:
    """The subscription has got what it waited for."""
    table = t.message_subscription
    uow.connection.execute(table.delete().where(table.c.id == subscription_id))


def seen_before(uow: UnitOfWork, name: str, message_id: str) -> bool:
    """Whether a message of this name and id came within its time to live."""
    table = t.kept_message
    statement = sa.select(table.c.id).where(
        table.c.name == name, table.c.message_id == message_id, table.c.expires_at > uow.now
    )
    return uow.connection.execute(statement.limit(1)).first() is not None


def keep(
    uow: UnitOfWork,
    *,
    name: str,
    key: str | None,
    message_id: str,
    variables: Mapping[str, object],
    ttl: timedelta,
    delivered: bool,
    subscription_id: str | None = None,
) -> None:
    """Keep a message for an instance to come, for one wait of a suspended case, or to recognise its duplicates."""
    row = {
        "id": new_id(),
        "name": name,
        "correlation_key": key,
        "message_id": message_id or None,
        "variables": {} if delivered else dict(variables),
        "published_at": uow.now,
        "expires_at": uow.now + ttl,
        "delivered": delivered,
        "subscription_id": subscription_id,
    }
    uow.connection.execute(t.kept_message.insert(), row)


def take_kept(uow: UnitOfWork, subscription_id: str, kind: str, name: str, key: str | None) -> Any | None:
    """Mark the oldest kept message that this wait would take as delivered, and give it; None if there is none."""
    kept = t.kept_message
    statement = (
        sa.select(kept)
        .where(kept.c.name == name, ~kept.c.delivered, kept.c.expires_at > uow.now)
        .where(sa.or_(kept.c.subscription_id == subscription_id, _is_for(kept, kind, key)))
        .order_by(kept.c.published_at, kept.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = uow.connection.execute(statement).one_or_none()
    if row is not None:
        uow.connection.execute(kept.update().where(kept.c.id == row.id).values(delivered=True))
    return row


def met_by_kept(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Waits of running cases for which a message is kept.

    Publisher and case may each have looked before the other committed; this is where they meet.
    """
    wait, kept, instance = t.message_subscription, t.kept_message, t.process_instance
    anybody = sa.and_(
        wait.c.kind == "message",
        kept.c.subscription_id.is_(None),
        sa.or_(wait.c.correlation_key.is_(None), wait.c.correlation_key == kept.c.correlation_key),
    )
    statement = (
        sa.select(wait.c.id)
        .join(kept, sa.and_(kept.c.name == wait.c.name, sa.or_(kept.c.subscription_id == wait.c.id, anybody)))
        .join(instance, instance.c.id == wait.c.instance_id)
        .where(~kept.c.delivered, kept.c.expires_at > now, instance.c.state == "running")
        .order_by(wait.c.id)
        .limit(limit)
    )
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def _is_for(kept: sa.Table, kind: str, key: str | None) -> sa.ColumnElement[bool]:
    if kind != "message":
        return sa.false()
    free = kept.c.subscription_id.is_(None)
    return free if key is None else sa.and_(free, kept.c.correlation_key == key)
