"""What identity commands and reads give back: plain data. No row carries a password or a secret token.

Instants are aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engine.contracts.principal import Principal, Role


@dataclass(frozen=True, kw_only=True)
class UserRow:
    """An account as administrators see it, and everyone their own."""

    username: str
    kind: Literal["person", "bot"]
    display_name: str
    display_name_en: str
    roles: tuple[Role, ...]
    groups: tuple[str, ...]
    department: str
    locale: str
    topics: tuple[str, ...]
    disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """A colleague, as far as one needs to know to hand them a task."""

    username: str
    display_name: str
    display_name_en: str
    department: str


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A candidate group; `members` counts accounts that are not disabled."""

    key: str
    name: str
    name_en: str
    members: int


@dataclass(frozen=True, kw_only=True)
class DepartmentRow:
    """An organisational unit; `parent` is '' at the top."""

    key: str
    name: str
    name_en: str
    parent: str


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A sign-in that is still good. The CSRF token is known only to the session's own pages."""

    id: str
    username: str
    csrf_token: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Whom a session or an API token stands for.

    Args:
        principal: with the roles and groups of this moment.
        locale: the user's chosen language, or ''.
        session: set if it is a browser session.
        scopes: what an API token is good for; a session is good for everything its user may do.
        token_id: set if it is an API token.
        last_used_at: of the session or token, as far as it was noted.
    """

    principal: Principal
    locale: str = ""
    session: SessionRow | None = None
    scopes: frozenset[str] = frozenset()
    token_id: str = ""
    last_used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """An API token without its secret; `prefix` is its beginning, so that its owner recognises it."""

    id: str
    name: str
    owner: str
    prefix: str
    scopes: tuple[str, ...]
    topics: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OneTimeLinkRow:
    """A link that is still good, and whose password it sets."""

    username: str
    display_name: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignInAttempt:
    """What is needed to check a password, or how long to wait before the next try.

    Args:
        password_hash: of the account, or None if there is none that can sign in with a password.
        wait: nothing, or the time until the next try is listened to.
    """

    password_hash: str | None
    wait: timedelta = timedelta(0)
