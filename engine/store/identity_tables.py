"""Tables of accounts, groups and credentials. Of secrets only hashes and digests are kept."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from engine.store.types import Id, Instant, Json, metadata, tenant

department = Table(
    "department",
    metadata,
    Column("key", Text, primary_key=True),
    tenant(),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("parent", Text, nullable=False),  # '' at the top
)

user_account = Table(
    "user_account",
    metadata,
    Column("username", Text, primary_key=True),
    tenant(),
    Column("kind", Text, nullable=False),  # person bot
    Column("display_name", Text, nullable=False),
    Column("display_name_en", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2; '' cannot sign in
    Column("roles", Json, nullable=False),
    Column("works_here", Boolean, nullable=False),  # from the roles: neither citizen only nor bot
    Column("administers", Boolean, nullable=False),  # from the roles
    Column("department", Text, nullable=False),  # '' for none
    Column("locale", Text, nullable=False),
    Column("topics", Json, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("password_changed_at", Instant),
    Column("last_sign_in_at", Instant),
    Index(None, "works_here", "username"),
    Index(None, "administers"),
)

user_group = Table(
    "user_group",
    metadata,
    Column("key", Text, primary_key=True),
    tenant(),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("username", Text, ForeignKey("user_account.username"), primary_key=True),
    Column("group_key", Text, ForeignKey("user_group.key"), primary_key=True),
    Index(None, "group_key", "username"),
)

session = Table(
    "session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("username", Text, ForeignKey("user_account.username"), nullable=False, index=True),
    Column("csrf_token", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("user_agent", Text, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, ForeignKey("user_account.username"), nullable=False, index=True),
    Column("prefix", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("topics", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("username", Text, ForeignKey("user_account.username"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

sign_in_count = Table(
    "sign_in_count",
    metadata,
    Column("bucket", Text, primary_key=True),  # 'pair:…', 'address:…', 'user:…', 'device:…'
    Column("tries", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("blocked_until", Instant, nullable=False),
)
