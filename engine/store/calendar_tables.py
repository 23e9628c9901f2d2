"""The table of the site's calendars: versions are appended, never changed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from engine.store.types import Instant, metadata, tenant

calendar_version = Table(
    "calendar_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 …; the newest is in force
    tenant(),
    Column("content", Text, nullable=False),  # YAML, as it was published
    Column("note", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Text, nullable=False),
)
