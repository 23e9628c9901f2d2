"""Rows of accounts, groups and credentials: what handlers write and what reads are made of.

Nothing here asks who may; handlers and `identity_queries` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.identity_views import DepartmentRow, GroupRow, SessionRow, TokenRow, UserRow
from engine.store import identity_tables as t


def user_rows(connection: sa.Connection, where: sa.ColumnElement[bool], limit: int = 1000) -> tuple[UserRow, ...]:
    """Accounts with their groups, ordered by user name."""
    u = t.user_account
    found = connection.execute(sa.select(u).where(where).order_by(u.c.username).limit(limit)).all()
    groups = groups_of(connection, [row.username for row in found])
    return tuple(_user(row, groups.get(row.username, ())) for row in found)


def user_row(connection: sa.Connection, username: str) -> UserRow | None:
    """One account, or None."""
    found = user_rows(connection, t.user_account.c.username == username, 1)
    return found[0] if found else None


def lock_user(connection: sa.Connection, username: str) -> UserRow | None:
    """One account, held against other writers until the transaction ends; None if there is none."""
    u = t.user_account
    connection.execute(sa.select(u.c.username).where(u.c.username == username).with_for_update())
    return user_row(connection, username)


def password_hash(connection: sa.Connection, username: str) -> str:
    """The argon2 hash of an account that may sign in with a password; '' if there is none."""
    u = t.user_account
    found = connection.execute(
        sa.select(u.c.password_hash).where(u.c.username == username, u.c.disabled.is_(False))
    ).scalar_one_or_none()
    return found or ""


def groups_of(connection: sa.Connection, usernames: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """User name → group keys in order, for those in any group."""
    m = t.membership
    rows = connection.execute(
        sa.select(m.c.username, m.c.group_key).where(m.c.username.in_(usernames)).order_by(m.c.group_key)
    )
    groups: dict[str, tuple[str, ...]] = {}
    for username, key in rows:
        groups[username] = (*groups.get(username, ()), key)
    return groups


def change_user(connection: sa.Connection, username: str, values: Mapping[str, Any]) -> None:
    """Write columns of one account; nothing happens for none."""
    if values:
        u = t.user_account
        connection.execute(u.update().where(u.c.username == username).values(**values))


def set_groups(connection: sa.Connection, username: str, groups: Iterable[str]) -> None:
    """Make an account a member of exactly these groups."""
    m = t.membership
    connection.execute(m.delete().where(m.c.username == username))
    if rows := [{"username": username, "group_key": key} for key in sorted(set(groups))]:
        connection.execute(m.insert(), rows)


def role_columns(roles: Iterable[str]) -> dict[str, object]:
    """The columns that follow from an account's roles."""
    given = sorted(set(roles))
    return {
        "roles": given,
        "works_here": not {"citizen", "bot"}.issuperset(given),
        "administers": "administrator" in given,
    }


def other_administrators(connection: sa.Connection, username: str) -> bool:
    """Whether anybody else could administer the site. Holds the administrators' accounts until the
    transaction ends, so that two of them cannot remove each other at once."""
    u = t.user_account
    rows = connection.execute(
        sa.select(u.c.username).where(u.c.administers, u.c.disabled.is_(False)).order_by(u.c.username).with_for_update()
    )
    return any(row.username != username for row in rows.all())


def missing_keys(connection: sa.Connection, table: sa.Table, keys: Iterable[str]) -> list[str]:
    """Which of these group or department keys do not exist, in order."""
    wanted = set(keys)
    known = set(connection.execute(sa.select(table.c.key).where(table.c.key.in_(wanted))).scalars())
    return sorted(wanted - known)


def put_named(connection: sa.Connection, table: sa.Table, key: str, values: Mapping[str, str]) -> None:
    """Insert a group or department, or change it if its key exists."""
    changed = connection.execute(table.update().where(table.c.key == key).values(**values))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(key=key, **values))


def group_rows(connection: sa.Connection, where: sa.ColumnElement[bool] | None = None) -> tuple[GroupRow, ...]:
    """Groups with the number of members that are not disabled, ordered by key."""
    g, m, u = t.user_group, t.membership, t.user_account
    members = (
        sa.select(sa.func.count())
        .select_from(m.join(u, u.c.username == m.c.username))
        .where(m.c.group_key == g.c.key, u.c.disabled.is_(False))
        .scalar_subquery()
    )
    query = sa.select(g.c.key, g.c.name, g.c.name_en, members.label("members")).order_by(g.c.key)
    rows = connection.execute(query if where is None else query.where(where))
    return tuple(GroupRow(key=r.key, name=r.name, name_en=r.name_en, members=r.members) for r in rows)


def department_rows(connection: sa.Connection) -> tuple[DepartmentRow, ...]:
    """All departments, ordered by key."""
    d = t.department
    rows = connection.execute(sa.select(d.c.key, d.c.name, d.c.name_en, d.c.parent).order_by(d.c.key))
    return tuple(DepartmentRow(key=r.key, name=r.name, name_en=r.name_en, parent=r.parent) for r in rows)


def end_credentials(connection: sa.Connection, username: str, now: datetime) -> int:
    """End every session, token and link of an account at once; gives how many sessions that were."""
    a = t.api_token
    connection.execute(a.update().where(a.c.owner == username, a.c.revoked_at.is_(None)).values(revoked_at=now))
    connection.execute(t.one_time_link.delete().where(t.one_time_link.c.username == username))
    return end_sessions(connection, username)


def end_sessions(connection: sa.Connection, username: str) -> int:
    """End every session of an account; gives how many."""
    return connection.execute(t.session.delete().where(t.session.c.username == username)).rowcount


def session_rows(connection: sa.Connection, where: sa.ColumnElement[bool]) -> tuple[SessionRow, ...]:
    """Sessions, the newest first."""
    rows = connection.execute(sa.select(t.session).where(where).order_by(t.session.c.created_at.desc()))
    return tuple(
        SessionRow(
            id=row.id,
            username=row.username,
            csrf_token=row.csrf_token,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            user_agent=row.user_agent,
        )
        for row in rows
    )


def token_rows(connection: sa.Connection, where: sa.ColumnElement[bool]) -> tuple[TokenRow, ...]:
    """API tokens, the newest first."""
    rows = connection.execute(sa.select(t.api_token).where(where).order_by(t.api_token.c.id.desc()))
    return tuple(
        TokenRow(
            id=row.id,
            name=row.name,
            owner=row.owner,
            prefix=row.prefix,
            scopes=tuple(row.scopes),
            topics=tuple(row.topics),
            created_at=row.created_at,
            created_by=row.created_by,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    )


def _user(row: Any, groups: tuple[str, ...]) -> UserRow:
    return UserRow(
        username=row.username,
        kind=row.kind,
        display_name=row.display_name,
        display_name_en=row.display_name_en,
        roles=tuple(row.roles),
        groups=groups,
        department=row.department,
        locale=row.locale,
        topics=tuple(row.topics),
        disabled=row.disabled,
        has_password=bool(row.password_hash),
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )
