"""Tables of what was issued: numbers taken, documents with their verification codes, archived cases."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.types import Id, Instant, metadata, tenant

taken_number = Table(
    "taken_number",
    metadata,
    Column("series", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # who asked: the same key has the same number
    tenant(),
    Column("number", Integer, nullable=False),
    Column("instance_id", Id, index=True),
    Column("taken_at", Instant, nullable=False),
    Column("taken_by", Text, nullable=False),
    UniqueConstraint("series", "number"),
)

issued_document = Table(
    "issued_document",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("code", Text, nullable=False, unique=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("key", Text, nullable=False),  # of the reservation
    Column("state", Text, nullable=False),  # reserved valid revoked
    Column("reserved_at", Instant, nullable=False),
    Column("attachment_id", Id, ForeignKey("attachment.id")),  # this and what follows once it is sealed
    Column("sha256", LargeBinary),  # kept beside the file: the proof outlives it
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("number", Text, nullable=False, server_default=text("''")),
    Column("issuer", Text, nullable=False, server_default=text("''")),
    Column("issued_on", Text, nullable=False, server_default=text("''")),  # ISO 8601 date
    Column("year", Integer),
    Column("sealed_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("instance_id", "key"),
    Index(None, "tenant_id", "sealed_at", "id"),
    Index(None, "attachment_id"),
)

archived_case = Table(
    "archived_case",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("attachment_id", Id, ForeignKey("attachment.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Column("archived_at", Instant, nullable=False),
    Column("archived_by", Text, nullable=False),
    UniqueConstraint("instance_id", "key"),
    Index(None, "tenant_id", "archived_at", "id"),
)
