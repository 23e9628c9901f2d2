"""Rows of command receipts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.statements import KEY, Prepared, is_key
from engine.store.unit_of_work import UnitOfWork

_FIND = Prepared(
    sa.select(t.command_receipt.c.command_digest, t.command_receipt.c.result).where(
        t.command_receipt.c.principal == sa.bindparam("by"), is_key(t.command_receipt.c.key)
    )
)

KEPT = timedelta(days=7)
"""How long a key is remembered."""


def find_receipt(uow: UnitOfWork, key: str) -> Any | None:
    """The receipt of this principal's key; a command under way with it is waited for."""
    uow.lock(f"receipt\x1f{uow.by.id}\x1f{key}")
    return _FIND.one_or_none(uow.connection, {"by": uow.by.id, KEY: key})


def write_receipt(uow: UnitOfWork, key: str, digest: bytes, result: object) -> None:
    """Remember what a command gave."""
    row = {
        "principal": uow.by.id,
        "key": key,
        "command_digest": digest,
        "result": result,
        "created_at": uow.now,
    }
    uow.insert(t.command_receipt, [row])


def forget_old(connection: sa.Connection, now: datetime) -> None:
    """Remove receipts that have been kept long enough."""
    table = t.command_receipt
    connection.execute(table.delete().where(table.c.created_at < now - KEPT))
