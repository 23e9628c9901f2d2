"""Outbox rows: what is to leave an instance once its transaction has committed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from engine.ids import new_id
from engine.store import tables as t
from engine.store.unit_of_work import UnitOfWork

UNUSED_UPLOAD = timedelta(days=1)

SENT_IS_KNOWN = timedelta(days=30)
"""For how long it is known which entries have been sent, so that `civiflow verify` can tell that none is gone."""


def put(uow: UnitOfWork, topic: str, subject_id: str, payload: object) -> str:
    """Put something into the outbox: it leaves if, and only if, this transaction commits; gives the entry's id."""
    entry = new_id()
    row = {
        "id": entry,
        "topic": topic,
        "subject_id": subject_id,
        "payload": payload,
        "digest": digest(topic=topic, subject_id=subject_id, payload=payload),
        "created_at": uow.now,
    }
    uow.insert(t.outbox, [row])
    uow.relay = True
    return entry


def digest(*, topic: str, subject_id: str, payload: object) -> bytes:
    """What an entry's row must give as long as it waits."""
    text = orjson.dumps([topic, subject_id, payload], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=32).digest()


def pending(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """Numbers of entries to be sent, in order."""
    table = t.outbox
    statement = sa.select(table.c.seq).where(table.c.seq > after, table.c.incident_id.is_(None))
    return list(connection.execute(statement.order_by(table.c.seq).limit(limit)).scalars())


def take(uow: UnitOfWork, seq: int) -> Any | None:
    """Remove an entry and give it: whoever gets it sends it. None if it is gone, or somebody else is at it."""
    table = t.outbox
    free = (
        sa.select(table.c.seq)
        .where(table.c.seq == seq, table.c.incident_id.is_(None))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return uow.connection.execute(table.delete().where(table.c.seq == free).returning(*table.c)).one_or_none()


def note_sent(uow: UnitOfWork, entry: str) -> None:
    """Remember that an entry which was taken has been sent."""
    uow.insert(t.outbox_sent, [{"id": entry, "sent_at": uow.now}])


def hold_back(uow: UnitOfWork, row: Any, incident_id: str) -> None:
    """Put an entry that was taken back, until an incident is retried."""
    uow.connection.execute(t.outbox.insert(), {**row._mapping, "incident_id": incident_id})


def release(uow: UnitOfWork, incident_id: str) -> None:
    """Let what an incident held back be sent again."""
    table = t.outbox
    uow.connection.execute(table.update().where(table.c.incident_id == incident_id).values(incident_id=None))
    uow.relay = True


def forget_outdated(connection: sa.Connection, now: datetime) -> None:
    """Remove kept messages past their time, uploads that no form ever referred to, and what was sent long ago."""
    kept, upload, content, sent = t.kept_message, t.attachment, t.content, t.outbox_sent
    connection.execute(sent.delete().where(sent.c.sent_at < now - 2 * SENT_IS_KNOWN))
    connection.execute(kept.delete().where(kept.c.expires_at < now))
    connection.execute(upload.delete().where(upload.c.instance_id.is_(None), upload.c.created_at < now - UNUSED_UPLOAD))
    used = sa.exists().where(upload.c.sha256 == content.c.sha256)
    connection.execute(content.delete().where(~used))
