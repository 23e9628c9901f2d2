"""Accounts, groups, departments and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Key, Limit, listed, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.users import (
    DepartmentIn,
    DepartmentOut,
    DepartmentsOut,
    GroupIn,
    GroupOut,
    GroupsOut,
    LinkOut,
    NewTokenOut,
    PeopleOut,
    PersonOut,
    TokenIn,
    TokenOut,
    TokensOut,
    UserChangeIn,
    UserIn,
    UserOut,
)
from api.security import Person, check_new_password, clean_username, digest, fresh_token, hash_password
from engine import identity_commands as c
from engine.access import require
from engine.errors import InvalidInput

router = APIRouter(tags=["users"], route_class=AuthenticatedRoute)

TOKEN_PREFIX = "civ_"  # noqa: S105 - what tokens begin with, so that scanners of leaked secrets know them


@router.get("/users")
def list_users(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    search: Annotated[str, Query(max_length=200)] = "",
    group: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[UserOut]:
    """Accounts, for administrators."""
    page = engine.read(principal).users(
        search=clean_username(search), group=group, cursor=clean_username(cursor), limit=limit
    )
    return page_of(page, UserOut.model_validate, request, response)


@router.post("/users", status_code=201, responses=refusals(409))
def create_user(body: UserIn, response: Response, principal: Person, engine: Door, key: Key = None) -> UserOut:
    """Make an account, for administrators."""
    require(principal, "administrator", to="manage accounts")
    if body.password and body.kind == "bot":
        raise InvalidInput("Expected no password for a bot: it signs in by API token.")
    if body.password:
        check_new_password(body.password, username=body.username)
    # With an idempotency key the command has to be the same each time, which a salted hash is not.
    command = c.CreateUser(
        username=body.username.strip(),
        kind=body.kind,
        display_name=body.display_name,
        display_name_en=body.display_name_en,
        password_hash=hash_password(body.password) if body.password else "",
        roles=tuple(body.roles),
        groups=tuple(body.groups),
        department=body.department,
        locale=body.locale,
        topics=tuple(body.topics),
    )
    user = engine.execute(command, by=principal, key=None if body.password else key)
    response.headers["Location"] = f"/api/v1/users/{quote(user.username)}"
    return UserOut.model_validate(user)


@router.get("/users/{username}", responses=refusals(404))
def read_user(username: str, principal: Person, engine: Door) -> UserOut:
    """An account: any for administrators, their own for everyone else."""
    return UserOut.model_validate(engine.read(principal).user(clean_username(username)))


@router.patch("/users/{username}", responses=refusals(404, 409))
def change_user(username: str, body: UserChangeIn, principal: Person, engine: Door) -> UserOut:
    """Change an account. Shutting it out ends its sessions and API tokens at once."""
    username = clean_username(username)
    own_only = body.model_dump(exclude_none=True).keys() <= {"display_name", "display_name_en", "locale"}
    if not own_only:
        require(principal, "administrator", to="manage accounts")
    changes = c.UpdateUser(
        username=username,
        display_name=body.display_name,
        display_name_en=body.display_name_en,
        roles=None if body.roles is None else tuple(body.roles),
        department=body.department,
        locale=body.locale,
        topics=None if body.topics is None else tuple(body.topics),
    )
    user = engine.execute(changes, by=principal)
    if body.groups is not None:
        user = engine.execute(c.SetMembership(username=username, groups=tuple(body.groups)), by=principal)
    if body.disabled is not None and body.disabled != user.disabled:
        user = engine.execute(c.DisableUser(username=username, disabled=body.disabled), by=principal)
    return UserOut.model_validate(user)


@router.post("/users/{username}/one-time-link", status_code=201, responses=refusals(404))
def create_one_time_link(username: str, principal: Person, engine: Door) -> LinkOut:
    """A link by which the account's owner sets a password once, within a day. Ends nothing until it is used."""
    token = fresh_token()
    command = c.CreateOneTimeLink(username=clean_username(username), token_sha256=digest(token))
    link = engine.execute(command, by=principal)
    return LinkOut(username=link.username, path=f"/welcome/{token}", expires_at=link.expires_at)


@router.get("/people")
def list_people(
    principal: Person,
    engine: Door,
    search: Annotated[str, Query(max_length=200)] = "",
    group: Annotated[str, Query(description="Members of this group only.")] = "",
) -> PeopleOut:
    """Colleagues one can hand a task to. Citizens neither see the list nor stand in it."""
    reader = engine.read(principal)
    rows = reader.people_in_group(group) if group else reader.people(search=clean_username(search))
    return PeopleOut(items=listed(rows, PersonOut.model_validate))


@router.get("/groups")
def list_groups(principal: Person, engine: Door) -> GroupsOut:
    """Candidate groups."""
    return GroupsOut(items=listed(engine.read(principal).groups(), GroupOut.model_validate))


@router.put("/groups/{key}")
def put_group(key: str, body: GroupIn, principal: Person, engine: Door) -> GroupOut:
    """Make a group, or rename it; for administrators."""
    command = c.CreateGroup(key=key, name=body.name, name_en=body.name_en)
    return GroupOut.model_validate(engine.execute(command, by=principal))


@router.get("/departments")
def list_departments(principal: Person, engine: Door) -> DepartmentsOut:
    """Organisational units."""
    return DepartmentsOut(items=listed(engine.read(principal).departments(), DepartmentOut.model_validate))


@router.put("/departments/{key}")
def put_department(key: str, body: DepartmentIn, principal: Person, engine: Door) -> DepartmentOut:
    """Make a department, rename it, or move it; for administrators."""
    command = c.CreateDepartment(key=key, name=body.name, name_en=body.name_en, parent=body.parent)
    return DepartmentOut.model_validate(engine.execute(command, by=principal))


@router.get("/tokens", responses=refusals(404))
def list_tokens(
    principal: Person,
    engine: Door,
    owner: Annotated[str, Query(description="Somebody else's, for administrators.")] = "",
) -> TokensOut:
    """API tokens without their secrets."""
    return TokensOut(items=listed(engine.read(principal).tokens(owner), TokenOut.model_validate))


@router.post("/tokens", status_code=201, responses=refusals(404, 409))
def issue_token(body: TokenIn, principal: Person, engine: Door) -> NewTokenOut:
    """Make an API token: one's own, or as an administrator a bot's. It is shown this once."""
    token = TOKEN_PREFIX + fresh_token()
    command = c.IssueToken(
        owner=body.owner or principal.id,
        name=body.name,
        token_sha256=digest(token),
        prefix=token[:12],
        scopes=tuple(body.scopes),
        topics=tuple(body.topics),
        lifetime=None if body.days is None else timedelta(days=body.days),
    )
    row = engine.execute(command, by=principal)
    return NewTokenOut(**TokenOut.model_validate(row).model_dump(), token=token)


@router.delete("/tokens/{token_id}", responses=refusals(404))
def revoke_token(token_id: str, principal: Person, engine: Door) -> TokenOut:
    """End an API token."""
    return TokenOut.model_validate(engine.execute(c.RevokeToken(token_id=token_id), by=principal))
