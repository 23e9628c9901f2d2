"""What can be asked about accounts, groups and credentials, in the imperative.

Run by `Engine.execute(command, by=principal)` like every other command. Only administrators manage
accounts; everybody manages their own password, sessions and tokens. Passwords arrive as argon2
hashes and tokens as SHA-256 digests: the engine never sees a secret. Commands of signing in are
the door's own and refused to everyone but the system itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from engine.commands import Command
from engine.contracts.principal import Role


@dataclass(frozen=True, kw_only=True)
class CreateUser(Command):
    """Make an account; gives an `identity_views.UserRow`.

    Args:
        username: stored in Unicode form NFC; letters of any script, digits and `. _ - @`, at most 64.
        password_hash: argon2 hash, or '' for an account that cannot sign in with a password yet.
        groups, department: keys that exist.
        locale: 'zh', 'en', or '' for the site's own.
        topics: bots: the job types its tokens may be good for.

    Raises:
        InvalidInput: names every field that needs another value.
        WrongState: the user name is taken.
    """

    username: str
    kind: Literal["person", "bot"] = "person"
    display_name: str = ""
    display_name_en: str = ""
    password_hash: str = ""
    roles: tuple[Role, ...] = ()
    groups: tuple[str, ...] = ()
    department: str = ""
    locale: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UpdateUser(Command):
    """Change an account; None leaves a field as it is; gives an `identity_views.UserRow`.

    Users may change their own display names and locale; the rest is for administrators.

    Raises:
        WrongState: it would leave nobody to administer the site.
    """

    username: str
    display_name: str | None = None
    display_name_en: str | None = None
    roles: tuple[Role, ...] | None = None
    department: str | None = None
    locale: str | None = None
    topics: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class SetPassword(Command):
    """Give an account another password; ends all its sessions and tokens; gives a `UserRow`."""

    username: str
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class DisableUser(Command):
    """Shut an account out, or let it in again; shutting out ends sessions and tokens; gives a `UserRow`."""

    username: str
    disabled: bool = True


@dataclass(frozen=True, kw_only=True)
class CreateGroup(Command):
    """Make a candidate group or rename it; gives an `identity_views.GroupRow`."""

    key: str
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, kw_only=True)
class CreateDepartment(Command):
    """Make an organisational unit or rename it; gives an `identity_views.DepartmentRow`."""

    key: str
    name: str = ""
    name_en: str = ""
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class SetMembership(Command):
    """Say which groups an account is in: exactly these; gives an `identity_views.UserRow`."""

    username: str
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AttemptSignIn(Command):
    """Count a try to sign in before its password is looked at; gives an `identity_views.SignInAttempt`.

    Counting first leaves no gap for a thousand guesses at once. Tries are counted for the pair of
    user and address, and for the address; a device that this user has signed in from before has a
    count of its own. So a stranger's guesses keep neither the owner at another address out, nor the
    owner at the same address on a known device.

    Args:
        address: where the try comes from.
        device: an identifier proven by the device, or ''.
    """

    username: str
    address: str
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenSession(Command):
    """Sign a user in whose password was right; gives an `identity_views.SessionRow`.

    Args:
        token_sha256: digest of a fresh random token that only the browser holds.
        address, device: those of the attempt, whose counts start anew.
    """

    username: str
    token_sha256: bytes
    csrf_token: str
    lifetime: timedelta = timedelta(hours=12)
    user_agent: str = ""
    address: str = ""
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class TouchSession(Command):
    """Note that a session is in use, so that it does not time out; gives None."""

    session_id: str


@dataclass(frozen=True, kw_only=True)
class CloseSession(Command):
    """Sign out of one session; gives None. Closing a session that is gone changes nothing."""

    session_id: str


@dataclass(frozen=True, kw_only=True)
class CloseAllSessions(Command):
    """Sign a user out everywhere; gives how many sessions that ended."""

    username: str


@dataclass(frozen=True, kw_only=True)
class IssueToken(Command):
    """Make an API token; gives an `identity_views.TokenRow`.

    People issue their own; administrators issue those of bots. A bot's token names its topics.

    Args:
        token_sha256: digest of the token, which is shown once and never stored.
        prefix: the token's first characters, at most 12.
        scopes: of 'read', 'write', 'metrics'.
        lifetime: None for a token that stays good until it is revoked.
    """

    owner: str
    name: str
    token_sha256: bytes
    prefix: str
    scopes: tuple[str, ...] = ("read", "write")
    topics: tuple[str, ...] = ()
    lifetime: timedelta | None = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class RevokeToken(Command):
    """End an API token; gives an `identity_views.TokenRow`."""

    token_id: str


@dataclass(frozen=True, kw_only=True)
class NoteTokenUse(Command):
    """Note when a token was last used; gives None."""

    token_id: str


@dataclass(frozen=True, kw_only=True)
class CreateOneTimeLink(Command):
    """Let an account's owner set its password by a link that works once; gives a `OneTimeLinkRow`.

    An earlier link of the same account stops working.
    """

    username: str
    token_sha256: bytes
    lifetime: timedelta = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class UseOneTimeLink(Command):
    """Set the password of the link's account; ends its sessions and tokens; gives a `UserRow`.

    Raises:
        NotFound: no such link, or it was used or is too old.
    """

    token_sha256: bytes
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class ForgetStaleCredentials(Command):
    """Housekeeping: remove expired sessions, links and old counts of tries; gives how many rows went."""
