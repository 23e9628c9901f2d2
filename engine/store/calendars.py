"""Versions of the site's calendar: appended, never changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from engine.calendar_views import CalendarVersion
from engine.store.calendar_tables import calendar_version as table
from engine.store.unit_of_work import UnitOfWork

_NEWEST = sa.select(sa.func.coalesce(sa.func.max(table.c.version), 0))


def newest(connection: sa.Connection) -> int:
    """The number of the version in force; 0 if none was published."""
    return int(connection.execute(_NEWEST).scalar_one())


def content(connection: sa.Connection, version: int) -> str:
    """What was published as a version."""
    return str(connection.execute(sa.select(table.c.content).where(table.c.version == version)).scalar_one())


def append(uow: UnitOfWork, text: str, note: str) -> CalendarVersion:
    """Publish a version; the caller holds the lock `calendar`."""
    made = CalendarVersion(
        version=newest(uow.connection) + 1, content=text, note=note, published_at=uow.now, published_by=uow.by.id
    )
    uow.connection.execute(table.insert().values(**asdict(made)))
    return made


def versions(connection: sa.Connection, limit: int) -> tuple[CalendarVersion, ...]:
    """The history, the newest first."""
    rows = connection.execute(sa.select(table).order_by(table.c.version.desc()).limit(limit))
    return tuple(map(_view, rows))


def version(connection: sa.Connection, number: int) -> CalendarVersion | None:
    """One version; None if there is none of that number."""
    row = connection.execute(sa.select(table).where(table.c.version == number)).one_or_none()
    return None if row is None else _view(row)


def _view(row: Any) -> CalendarVersion:
    return CalendarVersion(
        version=row.version,
        content=row.content,
        note=row.note,
        published_at=row.published_at,
        published_by=row.published_by,
    )
