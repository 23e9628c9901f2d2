"""Who sent a request: the dependency that every route but the public ones stands on."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.security import cookies
from api.security.origin import require_same_origin
from engine import Engine
from engine import identity_commands as c
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import DatabaseAway, Forbidden, NotSignedIn
from engine.identity_views import SessionRow, SignedIn

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NOTED_EVERY = timedelta(minutes=1)
_NOTED_WITHIN = 0.05
"""How often the use of a credential is noted, and for how many seconds nobody minds waiting for that."""


def signed_in(request: Request) -> SignedIn | None:
    """Whom the request's API token or session stands for, or None; looked up once a request.

    Blocking (database). A request that carries a bad token is nobody's, whatever cookie it carries.
    """
    if not hasattr(request.state, "signed_in"):
        found = _look_up(request)
        request.state.signed_in = found
        request.state.principal_id = found.principal.id if found else ""
    known: SignedIn | None = request.state.signed_in
    return known


def current_principal(request: Request) -> Principal | None:
    """Who sent the request, or None. Blocking (database)."""
    found = signed_in(request)
    return found.principal if found else None


def csrf_token(request: Request) -> str:
    """What the hidden field `csrf_token` of every form has to carry; '' when nobody is signed in."""
    found = signed_in(request)
    return found.session.csrf_token if found and found.session else ""


async def require_principal(request: Request) -> Principal:
    """Who sent the request; a dependency of every route that is not public.

    A changing request with a session has to prove that it comes from our own pages: by its origin,
    and by the session's CSRF token in the header `X-CSRF-Token` or the form field `csrf_token`.
    A request with an API token needs neither: no browser adds the token by itself.

    Raises:
        NotSignedIn: nobody, or a credential that is not good.
        Forbidden: another site sent it, the CSRF token is missing, or the API token's scope is too small.
    """
    known = hasattr(request.state, "signed_in")
    found = request.state.signed_in if known else await run_in_threadpool(signed_in, request)
    if found is None:
        raise NotSignedIn
    if found.session is not None:
        await _require_own_page(request, found.session)
    else:
        _require_scope(request, found)
    structlog.contextvars.bind_contextvars(principal=found.principal.id)
    return found.principal


async def ask_again(request: Request) -> Principal:
    """As `require_principal`, looked up anew: for a request that has waited, whose token may have been revoked."""
    del request.state.signed_in
    return await require_principal(request)


async def require_person(request: Request) -> Principal:
    """Like `require_principal`, for all that is no bot's business: a stolen bot token reads nothing.

    Raises:
        Forbidden: a bot asks.
    """
    principal = await require_principal(request)
    if principal.kind == "bot":
        raise Forbidden("Expected a person: a bot's token is good for jobs and messages only.")
    return principal


Caller = Annotated[Principal, Depends(require_principal)]
"""A parameter of routes for people and bots."""

Person = Annotated[Principal, Depends(require_person)]
"""A parameter of routes for people."""


def _look_up(request: Request) -> SignedIn | None:
    engine: Engine = request.app.state.engine
    now = engine.now()
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            return None
        found = engine.read(SYSTEM).principal_for_token(cookies.digest(credential.strip()))
    elif token := cookies.session_token(request):
        found = engine.read(SYSTEM).principal_for_session(cookies.digest(token))
    else:
        return None
    if found is not None and (found.last_used_at is None or now - found.last_used_at > _NOTED_EVERY):
        with suppress(DatabaseAway):  # somebody writes at length: whoever asks next has it noted
            engine.execute(_note_of_use(found), by=SYSTEM, within=_NOTED_WITHIN)
    return found


def _note_of_use(found: SignedIn) -> c.TouchSession | c.NoteTokenUse:
    if found.session is not None:
        return c.TouchSession(session_id=found.session.id)
    return c.NoteTokenUse(token_id=found.token_id)


def _require_scope(request: Request, found: SignedIn) -> None:
    needed = "read" if request.method in _SAFE else "write"
    if needed not in found.scopes:
        scopes = ", ".join(sorted(found.scopes))
        raise Forbidden(f"Expected an API token with scope {needed} but this one has {scopes}.")


async def _require_own_page(request: Request, session: SessionRow) -> None:
    if request.method in _SAFE:
        return
    require_same_origin(request)
    sent = request.headers.get("x-csrf-token")
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        form = await request.form()
        request.state.form = form  # the middleware closes its files
        field = form.get("csrf_token")
        sent = field if isinstance(field, str) else None
    if sent is None or not secrets.compare_digest(sent.encode(), session.csrf_token.encode()):
        raise Forbidden(
            "Expected the session's CSRF token in the header X-CSRF-Token or the field csrf_token; "
            "reload the page and try again."
        )
