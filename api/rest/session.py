"""Signing in and out, and one's own account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.rest.common import AuthenticatedRoute, Door
from api.rest.openapi import refusals
from api.schemas.users import MeOut, OwnPasswordIn, SessionOut, SessionsOut, SignInIn
from api.security import (
    Caller,
    Person,
    check_new_password,
    hash_password,
    open_session,
    sign_in,
    sign_out,
    signed_in,
    verify_password,
)
from api.security.cookies import clear_session, known_device
from api.security.origin import address_block, require_same_origin
from engine import identity_commands as c
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import FieldProblem, InvalidInput, NotSignedIn, TooManyAttempts
from engine.identity_views import SessionRow

public = APIRouter(tags=["session"])
router = APIRouter(tags=["session"], route_class=AuthenticatedRoute)


@public.post("/session", status_code=201, openapi_extra={"x-access": "public"}, responses=refusals(401, 403, 422, 429))
def sign_in_with_password(body: SignInIn, request: Request, response: Response, engine: Door) -> MeOut:
    """Sign in: sets the session's cookie and gives its CSRF token. Refused over plain HTTP from elsewhere."""
    opened = sign_in(engine, body.username, body.password, request)
    opened.set_on(response)
    user = engine.read(SYSTEM).user(opened.session.username)
    return MeOut(
        username=user.username,
        kind=user.kind,
        display_name=user.display_name,
        roles=list(user.roles),
        groups=list(user.groups),
        department=user.department,
        locale=user.locale,
        csrf_token=opened.session.csrf_token,
    )


@public.delete("/session", status_code=204, openapi_extra={"x-access": "public"}, responses=refusals(403))
def sign_out_here(request: Request, response: Response, engine: Door) -> None:
    """Sign out of this session. Without one nothing happens."""
    require_same_origin(request)
    sign_out(engine, request)
    clear_session(request, response)


@router.get("/session")
def who_am_i(principal: Caller, request: Request) -> MeOut:
    """Who is signed in, or whom the API token stands for."""
    return _me(principal, request)


@router.get("/session/all")
def list_my_sessions(principal: Person, request: Request, engine: Door) -> SessionsOut:
    """Where one is signed in."""
    found = signed_in(request)
    own = found.session.id if found and found.session else ""
    rows = engine.read(principal).sessions()
    return SessionsOut(items=[_session(row, own) for row in rows])


@router.delete("/session/all", status_code=204)
def sign_out_everywhere(principal: Person, response: Response, request: Request, engine: Door) -> None:
    """Sign out everywhere, here too."""
    engine.execute(c.CloseAllSessions(username=principal.id), by=principal)
    clear_session(request, response)


@router.put("/session/password", responses=refusals(401, 422, 429))
def change_my_password(
    body: OwnPasswordIn, principal: Person, request: Request, response: Response, engine: Door
) -> MeOut:
    """Change one's own password. Ends all one's sessions and API tokens; this session gets a fresh cookie."""
    attempt = engine.execute(
        c.AttemptSignIn(
            username=principal.id, address=address_block(request), device=known_device(request, principal.id)
        ),
        by=SYSTEM,
    )
    if attempt.wait:
        raise TooManyAttempts(wait_seconds=int(attempt.wait.total_seconds()) + 1)
    if not verify_password(attempt.password_hash, body.current_password):
        message = "Expected your present password."
        problem = FieldProblem(field="current_password", code="wrong", message=message, message_zh="当前密码不正确。")
        raise InvalidInput(message, problems=[problem])
    check_new_password(body.password, username=principal.id)
    command = c.SetPassword(username=principal.id, password_hash=hash_password(body.password))
    engine.execute(command, by=principal)
    found = signed_in(request)
    if found is None:
        raise NotSignedIn
    if found.session is None:
        return _me(principal, request)
    opened = open_session(engine, principal.id, request)
    opened.set_on(response)
    return _me(principal, request).model_copy(update={"csrf_token": opened.session.csrf_token})


def _me(principal: Principal, request: Request) -> MeOut:
    found = signed_in(request)
    return MeOut(
        username=principal.id,
        kind=principal.kind,
        display_name=principal.display_name,
        roles=sorted(principal.roles),
        groups=sorted(principal.groups),
        department=principal.department,
        locale=found.locale if found else "",
        csrf_token=found.session.csrf_token if found and found.session else "",
    )


def _session(row: SessionRow, own: str) -> SessionOut:
    return SessionOut(
        id=row.id,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        user_agent=row.user_agent,
        current=row.id == own,
    )
