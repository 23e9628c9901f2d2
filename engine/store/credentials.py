"""Writes of sessions, API tokens and one-time links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.identity_views import SessionRow, TokenRow
from engine.store import accounts
from engine.store.identity_tables import api_token, one_time_link, session


def add_session(connection: sa.Connection, row: SessionRow, token_sha256: bytes) -> None:
    """Store a new session under the digest of its token."""
    connection.execute(
        session.insert().values(
            id=row.id,
            token_sha256=token_sha256,
            username=row.username,
            csrf_token=row.csrf_token,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            user_agent=row.user_agent,
        )
    )


def touch_session(connection: sa.Connection, session_id: str, now: datetime) -> None:
    """Move a session's last use forward."""
    connection.execute(session.update().where(session.c.id == session_id).values(last_seen_at=now))


def end_session(connection: sa.Connection, session_id: str, owner: str | None) -> None:
    """End a session, of this owner if one is given."""
    where = session.c.id == session_id
    if owner is not None:
        where &= session.c.username == owner
    connection.execute(session.delete().where(where))


def add_token(connection: sa.Connection, row: TokenRow, token_sha256: bytes) -> None:
    """Store a new API token under its digest."""
    connection.execute(
        api_token.insert().values(
            id=row.id,
            token_sha256=token_sha256,
            name=row.name,
            owner=row.owner,
            prefix=row.prefix,
            scopes=list(row.scopes),
            topics=list(row.topics),
            created_at=row.created_at,
            created_by=row.created_by,
            expires_at=row.expires_at,
        )
    )


def lock_token(connection: sa.Connection, token_id: str) -> TokenRow | None:
    """A token, held against other writers; None if there is none."""
    connection.execute(sa.select(api_token.c.id).where(api_token.c.id == token_id).with_for_update())
    found = accounts.token_rows(connection, api_token.c.id == token_id)
    return found[0] if found else None


def revoke_token(connection: sa.Connection, token_id: str, now: datetime) -> TokenRow:
    """End a token now, unless it was ended before."""
    this = api_token.c.id == token_id
    connection.execute(api_token.update().where(this, api_token.c.revoked_at.is_(None)).values(revoked_at=now))
    return accounts.token_rows(connection, this)[0]


def touch_token(connection: sa.Connection, token_id: str, now: datetime) -> None:
    """Move a token's last use forward."""
    connection.execute(api_token.update().where(api_token.c.id == token_id).values(last_used_at=now))


def replace_link(connection: sa.Connection, token_sha256: bytes, values: Mapping[str, Any]) -> None:
    """Store a one-time link in place of those its account had."""
    connection.execute(one_time_link.delete().where(one_time_link.c.username == values["username"]))
    connection.execute(one_time_link.insert().values(token_sha256=token_sha256, **values))


def take_link(connection: sa.Connection, token_sha256: bytes, now: datetime) -> str | None:
    """Use a link up; gives its account's user name, or None if it is not good. Of two at once one gets it."""
    taken = connection.execute(
        one_time_link.delete()
        .where(one_time_link.c.token_sha256 == token_sha256, one_time_link.c.expires_at > now)
        .returning(one_time_link.c.username)
    )
    return taken.scalar_one_or_none()


def forget_expired(connection: sa.Connection, now: datetime) -> int:
    """Remove sessions and links that have expired; gives how many."""
    gone = 0
    for table in (session, one_time_link):
        gone += connection.execute(table.delete().where(table.c.expires_at <= now)).rowcount
    return gone
