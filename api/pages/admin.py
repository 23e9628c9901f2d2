"""People: accounts with their roles and groups, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api import security
from api.pages.visit import SignedInVisit, Visit
from engine.contracts.principal import Role
from engine.errors import InvalidInput, WrongState
from engine.identity_commands import CreateOneTimeLink, CreateUser, DisableUser, SetMembership, UpdateUser
from engine.identity_views import UserRow

router = APIRouter(prefix="/admin/users")

Keys = Annotated[list[str], Form()]
_ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "bot")


@router.get("")
def users(
    visit: SignedInVisit,
    search: Annotated[str, Query(max_length=200)] = "",
    group: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """All accounts."""
    return _list(visit, search=search, group=group, cursor=cursor)


@router.post("")
def create(
    visit: SignedInVisit,
    username: Annotated[str, Form(max_length=200)] = "",
    display_name: Annotated[str, Form(max_length=200)] = "",
    roles: Keys = [],  # noqa: B006
    groups: Keys = [],  # noqa: B006
) -> Response:
    """Make an account; its owner sets the password by a link that works once."""
    command = CreateUser(
        username=security.clean_username(username),
        display_name=display_name.strip(),
        roles=tuple(role for role in _ROLES if role in roles),
        groups=tuple(groups),
    )
    try:
        row: UserRow = visit.execute(command)
    except (InvalidInput, WrongState) as error:
        typed = {"username": username, "display_name": display_name, "roles": roles, "groups": groups}
        return _list(visit, typed=typed, problems=_problems(visit, error), status=422)
    return _with_link(visit, row)


@router.get("/{username}")
def user(visit: SignedInVisit, username: str) -> Response:
    """One account."""
    return _one(visit, visit.reader.user(username))


@router.post("/{username}")
def save(
    visit: SignedInVisit,
    username: str,
    display_name: Annotated[str, Form(max_length=200)] = "",
    display_name_en: Annotated[str, Form(max_length=200)] = "",
    roles: Keys = [],  # noqa: B006
    groups: Keys = [],  # noqa: B006
) -> Response:
    """Change names, roles and groups."""
    try:
        visit.execute(
            UpdateUser(
                username=username,
                display_name=display_name.strip(),
                display_name_en=display_name_en.strip(),
                roles=tuple(role for role in _ROLES if role in roles),
            )
        )
        visit.execute(SetMembership(username=username, groups=tuple(groups)))
    except (InvalidInput, WrongState) as error:
        return _one(visit, visit.reader.user(username), problems=_problems(visit, error), status=422)
    return visit.go("/admin/users", notice="user-saved", name=display_name or username)


@router.post("/{username}/disable")
def disable(visit: SignedInVisit, username: str, disabled: Annotated[bool, Form()] = True) -> Response:
    """Shut an account out, or let it in again."""
    row: UserRow = visit.execute(DisableUser(username=username, disabled=disabled))
    notice = "user-disabled" if disabled else "user-enabled"
    return visit.go("/admin/users", notice=notice, name=row.display_name or username)


@router.post("/{username}/link")
def new_link(visit: SignedInVisit, username: str) -> Response:
    """Make a link by which the owner sets a password."""
    return _with_link(visit, visit.reader.user(username))


def _with_link(visit: Visit, row: UserRow) -> Response:
    token = security.fresh_token()
    visit.execute(CreateOneTimeLink(username=row.username, token_sha256=security.digest(token)))
    settings = visit.request.app.state.settings
    base = settings.public_url.rstrip("/") or str(visit.request.base_url).rstrip("/")
    return _one(visit, row, link=f"{base}/welcome/{token}")


def _list(
    visit: Visit,
    *,
    search: str = "",
    group: str = "",
    cursor: str = "",
    typed: dict[str, Any] | None = None,
    problems: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> Response:
    page = visit.reader.users(search=search, group=group, cursor=cursor)
    return visit.render(
        "admin/users.html",
        status=status,
        page=page,
        search=search,
        group=group,
        groups=visit.reader.groups(),
        roles=_ROLES,
        typed=typed or {"username": "", "display_name": "", "roles": ["staff"], "groups": []},
        problems=problems,
    )


def _one(
    visit: Visit, row: UserRow, *, link: str = "", problems: Sequence[tuple[str, str]] = (), status: int = 200
) -> Response:
    groups = visit.reader.groups()
    return visit.render(
        "admin/user.html", status=status, row=row, link=link, groups=groups, roles=_ROLES, problems=problems
    )


def _problems(visit: Visit, error: InvalidInput | WrongState) -> list[tuple[str, str]]:
    named = getattr(error, "problems", ())
    chinese = visit.language == "zh"
    return [(p.field, p.message_zh if chinese and p.message_zh else p.message) for p in named] or [
        ("username", error.message)
    ]
