"""Signing in and out, in a browser."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.security import cookies
from api.security.origin import address_block, require_safe_transport, require_same_origin
from api.security.passwords import check_new_password, hash_password, verify_password
from engine import Engine
from engine import identity_commands as c
from engine.contracts.principal import SYSTEM
from engine.errors import NotFound, NotSignedIn, TooManyAttempts
from engine.identity_views import SessionRow

log = structlog.get_logger("civiflow.security")


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """A session that was just opened. `set_on` hands its secret to the browser; nothing else has it."""

    session: SessionRow
    token: str
    request: Request
    lifetime: timedelta

    def set_on(self, response: Response) -> None:
        """Put the session's cookie, and the known device's, on a response."""
        cookies.set_session(self.request, response, self.token, self.lifetime)
        cookies.remember_device(self.request, response, self.session.username)


def sign_in(engine: Engine, username: str, password: str, request: Request) -> NewSession:
    """Check a password and open a session under a fresh token; a session the browser had is closed.

    Blocking (argon2, database): call it from a `def` route.

    Raises:
        Forbidden: over plain HTTP from elsewhere, or sent by another site's page.
        TooManyAttempts: how many seconds to wait is in `wait_seconds`.
        NotSignedIn: user name or password is wrong; it does not say which.
    """
    require_safe_transport(request)
    require_same_origin(request)
    username = clean_username(username)
    device, address = cookies.known_device(request, username), address_block(request)
    attempt = engine.execute(c.AttemptSignIn(username=username, address=address, device=device), by=SYSTEM)
    if attempt.wait:
        seconds = int(attempt.wait.total_seconds()) + 1
        log.warning("sign-in throttled", wait_seconds=seconds)
        raise TooManyAttempts(f"Too many tries to sign in; wait {seconds} seconds.", wait_seconds=seconds)
    if not verify_password(attempt.password_hash, password):
        log.warning("sign-in failed")
        raise NotSignedIn("Expected the right user name and password; one of them is not.")
    sign_out(engine, request)
    return open_session(engine, username, request)


def open_session(engine: Engine, username: str, request: Request) -> NewSession:
    """Open a session for somebody who has proven who they are, by a password or a one-time link."""
    token, lifetime = cookies.fresh_token(), request.app.state.settings.session_lifetime
    session = engine.execute(
        c.OpenSession(
            username=username,
            token_sha256=cookies.digest(token),
            csrf_token=cookies.fresh_token(),
            lifetime=lifetime,
            user_agent=request.headers.get("user-agent", ""),
            address=address_block(request),
            device=cookies.known_device(request, username),
        ),
        by=SYSTEM,
    )
    log.info("signed in", principal=username)
    return NewSession(session=session, token=token, request=request, lifetime=lifetime)


def sign_out(engine: Engine, request: Request, response: Response | None = None) -> None:
    """End the browser's session, on the server first; clears its cookie on `response` if given."""
    if token := cookies.session_token(request):
        found = engine.read(SYSTEM).principal_for_session(cookies.digest(token))
        if found is not None and found.session is not None:
            engine.execute(c.CloseSession(session_id=found.session.id), by=SYSTEM)
            log.info("signed out", principal=found.principal.id)
    if response is not None:
        cookies.clear_session(request, response)


def use_one_time_link(engine: Engine, token: str, password: str, request: Request) -> NewSession:
    """Set the password of a one-time link's account and sign in.

    Raises:
        NotFound: the link was used or is too old.
        InvalidInput: the password would be guessed first.
    """
    require_safe_transport(request)
    require_same_origin(request)
    link = engine.read(SYSTEM).one_time_link(cookies.digest(token))
    if link is None:
        raise NotFound("Expected a link that is still good but it was used or is too old; ask for a new one.")
    check_new_password(password, username=link.username)
    command = c.UseOneTimeLink(token_sha256=cookies.digest(token), password_hash=hash_password(password))
    user = engine.execute(command, by=SYSTEM)
    return open_session(engine, user.username, request)


def clean_username(text: str) -> str:
    """A user name as it is stored: NFC, without blanks around it or anything that cannot be in one."""
    printable = "".join(character for character in text if character.isprintable())
    return unicodedata.normalize("NFC", printable.strip())[:64]
