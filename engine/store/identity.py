"""Reads of accounts, groups and credentials, with visibility as part of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.access import STAFF
from engine.contracts.principal import Principal
from engine.errors import Forbidden, NotFound
from engine.identity_views import (
    DepartmentRow,
    GroupRow,
    OneTimeLinkRow,
    PersonRow,
    SessionRow,
    SignedIn,
    TokenRow,
    UserRow,
)
from engine.store import accounts, credential_owners
from engine.store import identity_tables as t
from engine.views import Page

IDLE_LIMIT = timedelta(hours=2)
"""A session that is not used for this long has ended (ASVS 5.0, 7.3.1)."""


class IdentityQueries:
    """The part of the engine's reader that knows people. `self.by` asks, at `self.now`."""

    if TYPE_CHECKING:
        by: Principal
        now: datetime

        def connection(self) -> AbstractContextManager[sa.Connection]: ...
        def glance(self) -> AbstractContextManager[sa.Connection]: ...

    def users(
        self,
        *,
        search: str = "",
        group: str = "",
        with_disabled: bool = True,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[UserRow]:
        """Accounts by user name, for administrators; the cursor is the last user name of the page before.

        Raises:
            Forbidden: somebody else asks.
        """
        if not self.by.has("administrator"):
            raise Forbidden("Expected an administrator: accounts are listed for administrators only.")
        u, m = t.user_account, t.membership
        where = u.c.username > cursor
        if search:
            where &= _contains(search)
        if group:
            where &= u.c.username.in_(sa.select(m.c.username).where(m.c.group_key == group))
        if not with_disabled:
            where &= u.c.disabled.is_(False)
        with self.connection() as connection:
            found = accounts.user_rows(connection, where, limit + 1)
        more = len(found) > limit
        return Page(items=found[:limit], next_cursor=found[limit - 1].username if more else "")

    def user(self, username: str) -> UserRow:
        """One account: any for administrators, their own for everyone else.

        Raises:
            NotFound: there is none, or it is not yours.
        """
        if username == self.by.id or self.by.has("administrator"):
            with self.connection() as connection:
                found = accounts.user_row(connection, username)
            if found is not None:
                return found
        raise NotFound(f"Expected an account visible to you but found none named {username!r}.")

    def people(self, *, search: str = "", limit: int = 20) -> tuple[PersonRow, ...]:
        """Colleagues to hand a task to. Citizens neither see the list nor stand in it."""
        return self._people(_contains(search) if search else sa.true(), limit)

    def people_in_group(self, group: str) -> tuple[PersonRow, ...]:
        """The members of a candidate group that are not disabled."""
        m = t.membership
        members = sa.select(m.c.username).where(m.c.group_key == group)
        return self._people(t.user_account.c.username.in_(members), 1000)

    def names(self, usernames: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """User name → display name and its English form, for staff; citizens learn only their own."""
        u = t.user_account
        known = set(usernames) if _works_here(self.by) else set(usernames) & {self.by.id}
        query = sa.select(u.c.username, u.c.display_name, u.c.display_name_en)
        with self.connection() as connection:
            rows = connection.execute(query.where(u.c.username.in_(sorted(known)))).all() if known else []
        return {row.username: (row.display_name, row.display_name_en) for row in rows}

    def groups(self) -> tuple[GroupRow, ...]:
        """All candidate groups; citizens see only those they are in."""
        with self.connection() as connection:
            if _works_here(self.by):
                return accounts.group_rows(connection)
            return accounts.group_rows(connection, t.user_group.c.key.in_(sorted(self.by.groups)))

    def departments(self) -> tuple[DepartmentRow, ...]:
        """The organisational units, for those who work in them."""
        if not _works_here(self.by):
            return ()
        with self.connection() as connection:
            return accounts.department_rows(connection)

    def tokens(self, owner: str = "") -> tuple[TokenRow, ...]:
        """API tokens of an account, one's own by default; administrators may ask for any.

        Raises:
            NotFound: somebody else's, and you are no administrator.
        """
        owner = owner or self.by.id
        if owner != self.by.id and not self.by.has("administrator"):
            raise NotFound(f"Expected an account visible to you but found none named {owner!r}.")
        with self.connection() as connection:
            return accounts.token_rows(connection, t.api_token.c.owner == owner)

    def sessions(self) -> tuple[SessionRow, ...]:
        """One's own sessions that are good now, the newest first."""
        with self.connection() as connection:
            return accounts.session_rows(connection, (t.session.c.username == self.by.id) & _alive(self.now))

    def has_administrator(self) -> bool:
        """Whether anybody can sign in and administer the site; False on a first start. For the system."""
        _system_only(self.by)
        u = t.user_account
        query = sa.select(u.c.username).where(u.c.administers, u.c.disabled.is_(False), u.c.password_hash != "")
        with self.connection() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def principal_for_session(self, token_sha256: bytes) -> SignedIn | None:
        """Whom a browser's session stands for; None if it has ended. For the system.

        Roles and groups are those of this moment, so a change of either needs no new sign-in.
        """
        _system_only(self.by)
        with self.glance() as connection:
            return credential_owners.of_session(connection, token_sha256, self.now, IDLE_LIMIT)

    def principal_for_token(self, token_sha256: bytes) -> SignedIn | None:
        """Whom an API token stands for; None if it is not good. For the system."""
        _system_only(self.by)
        with self.glance() as connection:
            return credential_owners.of_token(connection, token_sha256, self.now)

    def one_time_link(self, token_sha256: bytes) -> OneTimeLinkRow | None:
        """Whose password a link sets; None if it is used up or too old. For the system."""
        _system_only(self.by)
        link, u = t.one_time_link, t.user_account
        query = (
            sa.select(u.c.username, u.c.display_name, link.c.expires_at)
            .select_from(link.join(u, u.c.username == link.c.username))
            .where(link.c.token_sha256 == token_sha256, link.c.expires_at > self.now, u.c.disabled.is_(False))
        )
        with self.connection() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return OneTimeLinkRow(username=row.username, display_name=row.display_name, expires_at=row.expires_at)

    def _people(self, where: sa.ColumnElement[bool], limit: int) -> tuple[PersonRow, ...]:
        if not _works_here(self.by):
            return ()
        u = t.user_account
        where &= u.c.disabled.is_(False) & (u.c.kind == "person") & u.c.works_here
        query = (
            sa.select(u.c.username, u.c.display_name, u.c.display_name_en, u.c.department)
            .where(where)
            .order_by(u.c.username)
            .limit(limit)
        )
        with self.connection() as connection:
            rows = connection.execute(query).all()
        return tuple(
            PersonRow(
                username=row.username,
                display_name=row.display_name,
                display_name_en=row.display_name_en,
                department=row.department,
            )
            for row in rows
        )


def _contains(search: str) -> sa.ColumnElement[bool]:
    u = t.user_account
    return (
        u.c.username.icontains(search, autoescape=True)
        | u.c.display_name.icontains(search, autoescape=True)
        | u.c.display_name_en.icontains(search, autoescape=True)
    )


def _alive(now: datetime) -> sa.ColumnElement[bool]:
    return (t.session.c.expires_at > now) & (t.session.c.last_seen_at > now - IDLE_LIMIT)


def _works_here(by: Principal) -> bool:
    return by.has(*STAFF)


def _system_only(by: Principal) -> None:
    if by.kind != "system":
        raise Forbidden("Expected the system itself: credentials are looked up by the door only.")
