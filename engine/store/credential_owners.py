"""Whom a session or an API token stands for: asked on every request, so one statement each, built once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.contracts.principal import Principal
from engine.identity_views import SessionRow, SignedIn
from engine.store import identity_tables as t
from engine.store.statements import Prepared
from engine.store.types import Instant

_user, _member, _session, _token = t.user_account, t.membership, t.session, t.api_token
_now: sa.BindParameter[datetime] = sa.bindparam("now", type_=Instant())


def _owned(
    table: sa.Table, owner: sa.Column[Any], columns: Sequence[sa.ColumnElement[Any]], *good: sa.ColumnElement[bool]
) -> Prepared:
    """A credential that is good, with its owner: a row for each of the owner's groups, or one without."""
    return Prepared(
        sa.select(
            *columns,
            _user.c.username,
            _user.c.kind,
            _user.c.roles,
            _user.c.department,
            _user.c.display_name,
            _user.c.locale,
            _user.c.topics,
            _member.c.group_key,
        )
        .select_from(table.join(_user, _user.c.username == owner))
        .outerjoin(_member, _member.c.username == _user.c.username)
        .where(table.c.token_sha256 == sa.bindparam("digest", type_=sa.LargeBinary), _user.c.disabled.is_(False), *good)
    )


_OF_SESSION = _owned(
    _session,
    _session.c.username,
    [_session.c[name] for name in ("id", "csrf_token", "created_at", "last_seen_at", "expires_at", "user_agent")],
    _session.c.expires_at > _now,
    _session.c.last_seen_at > sa.bindparam("idle_since", type_=Instant()),
)
_OF_TOKEN = _owned(
    _token,
    _token.c.owner,
    [_token.c.id, _token.c.scopes, _token.c.topics.label("token_topics"), _token.c.last_used_at],
    _token.c.revoked_at.is_(None),
    sa.or_(_token.c.expires_at.is_(None), _token.c.expires_at > _now),
)


def of_session(connection: sa.Connection, digest: bytes, now: datetime, idle: timedelta) -> SignedIn | None:
    """Whom a session of this digest stands for; None if it has ended, or rested for longer than `idle`."""
    rows = _OF_SESSION.all(connection, {"digest": digest, "now": now, "idle_since": now - idle})
    if not rows:
        return None
    row = rows[0]
    session = SessionRow(
        id=row.id,
        username=row.username,
        csrf_token=row.csrf_token,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        user_agent=row.user_agent,
    )
    return SignedIn(principal=_principal(rows), locale=row.locale, session=session, last_used_at=session.last_seen_at)


def of_token(connection: sa.Connection, digest: bytes, now: datetime) -> SignedIn | None:
    """Whom an API token of this digest stands for; None if it is not good."""
    rows = _OF_TOKEN.all(connection, {"digest": digest, "now": now})
    if not rows:
        return None
    row = rows[0]
    topics = frozenset(row.token_topics)
    if row.kind == "bot":
        topics &= frozenset(row.topics)
        if not topics:
            return None  # no topics would mean all topics to the engine
    return SignedIn(
        principal=_principal(rows, topics),
        locale=row.locale,
        scopes=frozenset(row.scopes),
        token_id=row.id,
        last_used_at=row.last_used_at,
    )


def _principal(rows: Sequence[Any], topics: frozenset[str] = frozenset()) -> Principal:
    row = rows[0]
    return Principal(
        id=row.username,
        kind=row.kind,
        roles=frozenset(row.roles),
        groups=frozenset(each.group_key for each in rows if each.group_key is not None),
        department=row.department,
        display_name=row.display_name,
        topics=topics,
    )
