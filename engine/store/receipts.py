"""Rows of command receipts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.statements import insert
from engine.store.unit_of_work import UnitOfWork

_FIND = sa.select(t.command_receipt).where(
    t.command_receipt.c.principal == sa.bindparam("by"), t.command_receipt.c.key == sa.bindparam("key_")
)

KEPT = timedelta(days=7)
"""How long a key is remembered."""


def find_receipt(uow: UnitOfWork, key: str) -> Any | None:
    """The receipt of this principal's key; a command under way with it is waited for."""
    uow.lock(f"receipt\x1f{uow.by.id}\x1f{key}")
    return uow.connection.execute(_FIND, {"by": uow.by.id, "key_": key}).one_or_none()


def write_receipt(uow: UnitOfWork, key: str, digest: bytes, result: object) -> None:
    """Remember what a command gave."""
    uow.connection.execute(
        insert(t.command_receipt),
        {
            "principal": uow.by.id,
            "key": key,
            "command_digest": digest,
            "result": result,
            "created_at": uow.now,
        },
    )


def forget_old(connection: sa.Connection, now: datetime) -> None:
    """Remove receipts that have been kept long enough."""
    table = t.command_receipt
    connection.execute(table.delete().where(table.c.created_at < now - KEPT))
