"""Signing in and out, and the one-time link that sets a first password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import security
from api.pages import menu
from api.pages.visit import AnyVisit, SignedInVisit, Visit
from engine.contracts.principal import SYSTEM
from engine.errors import InvalidInput, NotFound, NotSignedIn, TooManyAttempts

router = APIRouter()


@router.get("/")
def home(visit: AnyVisit) -> Response:
    """Send everybody to where their work is."""
    if visit.principal is None:
        return RedirectResponse("/sign-in", status_code=303)
    return RedirectResponse(menu.home_of(visit.principal), status_code=303)


@router.get("/sign-in")
def sign_in_page(visit: AnyVisit, next: str = "") -> Response:
    """The form; somebody who is signed in already is sent on."""
    if visit.principal is not None:
        return RedirectResponse(_own_path(next) or menu.home_of(visit.principal), status_code=303)
    return _sign_in_form(visit, next=next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    visit: AnyVisit,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Check the password; what was typed into the user name stays, the password never does."""
    try:
        opened = security.sign_in(visit.engine, username, password, request)
    except TooManyAttempts as error:
        words = visit.gettext("Too many tries. Wait %(span)s and try again.")
        problem = words % {"span": visit.span(error.wait_seconds)}
        return _sign_in_form(visit, next=next, username=username, problem=problem, status=429)
    except NotSignedIn:
        problem = visit.gettext("User name or password is wrong.")
        return _sign_in_form(visit, next=next, username=username, problem=problem, status=401)
    response = RedirectResponse(_own_path(next) or "/", status_code=303)
    opened.set_on(response)
    return response


@router.post("/sign-out")
def sign_out(request: Request, visit: SignedInVisit) -> Response:
    """End this session."""
    response = visit.go("/sign-in", notice="signed-out")
    security.sign_out(visit.engine, request, response)
    return response


@router.get("/welcome/{token}")
def welcome_page(visit: AnyVisit, token: str) -> Response:
    """The form behind a one-time link."""
    return _welcome_form(visit, token)


@router.post("/welcome/{token}")
def welcome(
    request: Request,
    visit: AnyVisit,
    token: str,
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Set the password and sign in."""
    if password != again:
        differs = visit.gettext("The two entries differ.")
        return _welcome_form(visit, token, problems=[("again", differs)], status=422)
    try:
        opened = security.use_one_time_link(visit.engine, token, password, request)
    except InvalidInput as error:
        texts = [p.message_zh if visit.language == "zh" and p.message_zh else p.message for p in error.problems]
        return _welcome_form(visit, token, problems=[("password", text) for text in texts], status=422)
    response = RedirectResponse("/", status_code=303)
    opened.set_on(response)
    return response


def _welcome_form(visit: Visit, token: str, *, problems: Sequence[tuple[str, str]] = (), status: int = 200) -> Response:
    link = visit.engine.read(SYSTEM).one_time_link(security.digest(token))
    if link is None:
        raise NotFound("Expected a link that is still good but it was used or is too old; ask for a new one.")
    return visit.render("welcome.html", status=status, link=link, problems=problems)


def _sign_in_form(
    visit: Visit,
    *,
    next: str,
    username: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    areas = _demo_accounts(visit)
    passwords = {account["password"] for accounts in areas.values() for account in accounts}
    return visit.render(
        "sign_in.html",
        status=status,
        next=_own_path(next),
        username=username,
        problem=problem,
        areas=areas,
        shared_password=passwords.pop() if len(passwords) == 1 else "",
    )


def _demo_accounts(visit: Visit) -> dict[str, list[dict[str, str]]]:
    """Accounts of the demo's own database by what they work on, as `app.state.demo_accounts` lists them."""
    found = getattr(visit.request.app.state, "demo_accounts", None) or ()
    suffix = "_en" if visit.language == "en" else ""
    areas: dict[str, list[dict[str, str]]] = {}
    for account in found:
        shown = {
            "username": account["username"],
            "password": account["password"],
            "name": account.get(f"name{suffix}") or account["username"],
            "role": account.get(f"role{suffix}") or "",
        }
        areas.setdefault(account.get(f"area{suffix}") or "", []).append(shown)
    return areas


def _own_path(path: str) -> str:
    """A path of this site, or '': never an address that leads elsewhere."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not set(path) & set("\r\n\t\\")
    return path if safe else ""
