"""Outbox rows: what is to leave an instance once its transaction has committed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t

UNUSED_UPLOAD = timedelta(days=1)


def pending(connection: sa.Connection, limit: int) -> list[Any]:
    """Entries not yet sent, in order."""
    table = t.outbox
    return list(connection.execute(sa.select(table).order_by(table.c.seq).limit(limit)))


def done(connection: sa.Connection, seq: int) -> None:
    """An entry has been sent."""
    connection.execute(t.outbox.delete().where(t.outbox.c.seq == seq))


def forget_outdated(connection: sa.Connection, now: datetime) -> None:
    """Remove kept messages past their time and uploads that no form ever referred to."""
    kept, upload, content = t.kept_message, t.attachment, t.content
    connection.execute(kept.delete().where(kept.c.expires_at < now))
    connection.execute(
        upload.delete().where(upload.c.instance_id.is_(None), upload.c.created_at < now - UNUSED_UPLOAD)
    )
    used = sa.select(upload.c.sha256)
    connection.execute(content.delete().where(content.c.sha256.not_in(used)))
