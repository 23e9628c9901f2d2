"""Signing in and out, API tokens and one-time links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import identity_commands as c
from engine.commands import Command
from engine.contracts.principal import Principal
from engine.errors import Forbidden, NotFound, WrongState
from engine.handlers import identity_rules as rules
from engine.handlers.identity import change_password
from engine.identity_views import OneTimeLinkRow, SessionRow, SignInAttempt, TokenRow, UserRow
from engine.ids import new_id
from engine.store import accounts, credentials, sign_in_counts
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork


def attempt_sign_in(command: c.AttemptSignIn, uow: UnitOfWork) -> SignInAttempt:
    """Count a try; give the hash to check the password against, or the time to wait."""
    _system_only(uow.by)
    wait = sign_in_counts.count_try(uow, command.username, command.address, command.device)
    if wait:
        return SignInAttempt(password_hash=None, wait=wait)
    found = accounts.password_hash(uow.connection, command.username)
    return SignInAttempt(password_hash=found or None)


def open_session(command: c.OpenSession, uow: UnitOfWork) -> SessionRow:
    """Sign a user in under a fresh token."""
    _system_only(uow.by)
    user = accounts.lock_user(uow.connection, command.username)
    if user is None or user.disabled:
        raise NotFound("Expected an account that may sign in but found none.")
    sign_in_counts.forget_tries(uow, command.username, command.address, command.device)
    accounts.change_user(uow.connection, user.username, {"last_sign_in_at": uow.now})
    session = SessionRow(
        id=new_id(),
        username=user.username,
        csrf_token=command.csrf_token,
        created_at=uow.now,
        last_seen_at=uow.now,
        expires_at=uow.now + command.lifetime,
        user_agent=command.user_agent[:200],
    )
    credentials.add_session(uow.connection, session, command.token_sha256)
    return session


def touch_session(command: c.TouchSession, uow: UnitOfWork) -> None:
    """Note that a session is in use."""
    _system_only(uow.by)
    credentials.touch_session(uow.connection, command.session_id, uow.now)


def close_session(command: c.CloseSession, uow: UnitOfWork) -> None:
    """Sign out of one of one's own sessions."""
    if is_id(command.session_id):
        owner = None if uow.by.has("administrator") else uow.by.id
        credentials.end_session(uow.connection, command.session_id, owner)


def close_all_sessions(command: c.CloseAllSessions, uow: UnitOfWork) -> int:
    """Sign a user out everywhere."""
    if command.username != uow.by.id and not uow.by.has("administrator"):
        raise NotFound(f"Expected an account visible to you but found none named {command.username!r}.")
    return accounts.end_sessions(uow.connection, command.username)


def issue_token(command: c.IssueToken, uow: UnitOfWork) -> TokenRow:
    """Make an API token for oneself, or as an administrator for a bot."""
    owner = accounts.lock_user(uow.connection, command.owner)
    own = command.owner == uow.by.id
    if owner is None or not (own or uow.by.has("administrator")):
        raise NotFound(f"Expected an account visible to you but found none named {command.owner!r}.")
    if not own and owner.kind != "bot" and uow.by.kind != "system":
        raise Forbidden("Expected a bot: a person's token would let you act in that person's name.")
    if owner.disabled:
        raise WrongState(f"Expected an account that may sign in but {owner.username!r} is disabled.")
    rules.refuse(
        rules.token(
            name=command.name,
            scopes=command.scopes,
            topics=command.topics,
            may=owner.topics,
            is_bot=owner.kind == "bot",
        )
    )

    token = TokenRow(
        id=new_id(),
        name=command.name.strip(),
        owner=owner.username,
        prefix=command.prefix[:12],
        scopes=tuple(sorted(set(command.scopes))),
        topics=tuple(sorted(set(command.topics))),
        created_at=uow.now,
        created_by=uow.by.id,
        expires_at=None if command.lifetime is None else uow.now + command.lifetime,
        last_used_at=None,
        revoked_at=None,
    )
    credentials.add_token(uow.connection, token, command.token_sha256)
    return token


def revoke_token(command: c.RevokeToken, uow: UnitOfWork) -> TokenRow:
    """End a token; one that has ended stays as it is."""
    token = credentials.lock_token(uow.connection, command.token_id) if is_id(command.token_id) else None
    if token is None or not (token.owner == uow.by.id or uow.by.has("administrator")):
        raise NotFound("Expected a token of yours but found none with this id.")
    return credentials.revoke_token(uow.connection, token.id, uow.now)


def note_token_use(command: c.NoteTokenUse, uow: UnitOfWork) -> None:
    """Note when a token was last used."""
    _system_only(uow.by)
    credentials.touch_token(uow.connection, command.token_id, uow.now)


def create_one_time_link(command: c.CreateOneTimeLink, uow: UnitOfWork) -> OneTimeLinkRow:
    """Let an account's owner set its password once."""
    if not uow.by.has("administrator"):
        raise Forbidden("Expected an administrator: only administrators hand out links to set a password.")
    user = accounts.lock_user(uow.connection, command.username)
    if user is None or user.disabled or user.kind == "bot":
        raise NotFound(f"Expected an account that may sign in but found none named {command.username!r}.")
    expires_at = uow.now + command.lifetime
    credentials.replace_link(
        uow.connection,
        command.token_sha256,
        {"username": user.username, "created_at": uow.now, "created_by": uow.by.id, "expires_at": expires_at},
    )
    return OneTimeLinkRow(username=user.username, display_name=user.display_name, expires_at=expires_at)


def use_one_time_link(command: c.UseOneTimeLink, uow: UnitOfWork) -> UserRow:
    """Set the password of the link's account and use the link up."""
    _system_only(uow.by)
    username = credentials.take_link(uow.connection, command.token_sha256, uow.now)
    user = accounts.lock_user(uow.connection, username) if username else None
    if user is None or user.disabled:
        raise NotFound("Expected a link that is still good but it was used or is too old; ask for a new one.")
    return change_password(uow, user, command.password_hash)


def forget_stale_credentials(_command: c.ForgetStaleCredentials, uow: UnitOfWork) -> int:
    """Housekeeping of sessions, links and counts of tries."""
    _system_only(uow.by)
    return credentials.forget_expired(uow.connection, uow.now) + sign_in_counts.forget_old(uow)


HANDLERS: dict[type[Command], Callable[..., Any]] = {
    c.AttemptSignIn: attempt_sign_in,
    c.OpenSession: open_session,
    c.TouchSession: touch_session,
    c.CloseSession: close_session,
    c.CloseAllSessions: close_all_sessions,
    c.IssueToken: issue_token,
    c.RevokeToken: revoke_token,
    c.NoteTokenUse: note_token_use,
    c.CreateOneTimeLink: create_one_time_link,
    c.UseOneTimeLink: use_one_time_link,
    c.ForgetStaleCredentials: forget_stale_credentials,
}


def _system_only(by: Principal) -> None:
    if by.kind != "system":
        raise Forbidden("Expected the system itself: signing in is the door's own business.")
