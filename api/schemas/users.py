"""Accounts, groups, sessions and tokens on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, example
from engine.contracts.principal import Role

_USER = {
    "username": "he.qing",
    "kind": "person",
    "display_name": "何清",
    "display_name_en": "He Qing",
    "roles": ["staff"],
    "groups": ["acceptance_seat"],
    "department": "acceptance_center",
    "locale": "zh",
    "topics": [],
    "disabled": False,
    "has_password": True,
    "created_at": s.AT,
    "last_sign_in_at": s.AT,
}

_TOKEN = {
    "id": s.TOKEN,
    "name": "文书机器人",
    "owner": "render-bot",
    "prefix": "civ_Jx3k9Qpa",
    "scopes": ["read", "write"],
    "topics": ["document.render"],
    "created_at": s.AT,
    "created_by": "administrator",
    "expires_at": "2027-11-21T08:30:00Z",
    "last_used_at": None,
    "revoked_at": None,
}

_ME = {
    "username": "he.qing",
    "kind": "person",
    "display_name": "何清",
    "roles": ["staff"],
    "groups": ["acceptance_seat"],
    "department": "acceptance_center",
    "locale": "zh",
    "csrf_token": "",
}

_SESSION = {
    "id": s.SESSION,
    "created_at": s.AT,
    "last_seen_at": s.AT,
    "expires_at": s.LATER,
    "user_agent": "Firefox",
    "current": True,
}

_PERSON = {
    "username": "he.qing",
    "display_name": "何清",
    "display_name_en": "He Qing",
    "department": "acceptance_center",
}

_GROUP = {"key": "acceptance_seat", "name": "受理席", "name_en": "Acceptance seat", "members": 6}

_DEPARTMENT = {
    "key": "acceptance_center",
    "name": "受理中心",
    "name_en": "Acceptance centre",
    "parent": "city_office",
}


class SignInIn(Body):
    """A user name and its password."""

    model_config = ConfigDict(json_schema_extra=example(username="he.qing", password="a long passphrase"))

    username: str = Field(max_length=200)
    password: str = Field(max_length=1000, repr=False)


class MeOut(Out):
    """Who is signed in. `csrf_token` goes into the header `X-CSRF-Token`; empty with an API token."""

    model_config = ConfigDict(json_schema_extra=example(**_ME))

    username: str
    kind: Literal["person", "bot", "system"]
    display_name: str
    roles: list[Role]
    groups: list[str]
    department: str
    locale: str
    csrf_token: str


class SessionOut(Out):
    """A place where one is signed in."""

    model_config = ConfigDict(json_schema_extra=example(**_SESSION))

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str
    current: bool


class SessionsOut(Out):
    """Places where one is signed in."""

    model_config = ConfigDict(json_schema_extra=example(items=[_SESSION]))

    items: list[SessionOut]


class OwnPasswordIn(Body):
    """One's own new password, with the old one as proof."""

    model_config = ConfigDict(
        json_schema_extra=example(current_password="a long passphrase", password="a longer passphrase")
    )

    current_password: str = Field(max_length=1000, repr=False)
    password: str = Field(max_length=1000, repr=False)


class UserOut(Out):
    """An account."""

    model_config = ConfigDict(json_schema_extra=example(**_USER))

    username: str
    kind: Literal["person", "bot"]
    display_name: str
    display_name_en: str
    roles: list[Role]
    groups: list[str]
    department: str
    locale: str
    topics: list[str]
    disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None


class UserIn(Body):
    """A new account. Without a password, hand out a one-time link."""

    model_config = ConfigDict(
        json_schema_extra=example(
            username="he.qing",
            display_name="何清",
            display_name_en="He Qing",
            roles=["staff"],
            groups=["acceptance_seat"],
            department="acceptance_center",
            locale="zh",
        )
    )

    username: str = Field(max_length=200)
    kind: Literal["person", "bot"] = "person"
    display_name: str = ""
    display_name_en: str = ""
    password: str = Field(default="", max_length=1000, repr=False)
    roles: list[Role] = []
    groups: list[str] = []
    department: str = ""
    locale: str = ""
    topics: list[str] = []


class UserChangeIn(Body):
    """What to change about an account; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=example(roles=["staff", "supervisor"], disabled=False))

    display_name: str | None = None
    display_name_en: str | None = None
    roles: list[Role] | None = None
    groups: list[str] | None = None
    department: str | None = None
    locale: str | None = None
    topics: list[str] | None = None
    disabled: bool | None = None


class PersonOut(Out):
    """A colleague."""

    model_config = ConfigDict(json_schema_extra=example(**_PERSON))

    username: str
    display_name: str
    display_name_en: str
    department: str


class PeopleOut(Out):
    """Colleagues."""

    model_config = ConfigDict(json_schema_extra=example(items=[_PERSON]))

    items: list[PersonOut]


class GroupIn(Body):
    """A candidate group's names."""

    model_config = ConfigDict(json_schema_extra=example(name="受理席", name_en="Acceptance seat"))

    name: str = ""
    name_en: str = ""


class GroupOut(Out):
    """A candidate group."""

    model_config = ConfigDict(json_schema_extra=example(**_GROUP))

    key: str
    name: str
    name_en: str
    members: int


class GroupsOut(Out):
    """Candidate groups."""

    model_config = ConfigDict(json_schema_extra=example(items=[_GROUP]))

    items: list[GroupOut]


class DepartmentIn(Body):
    """A department's names, and the one above it."""

    model_config = ConfigDict(
        json_schema_extra=example(name="受理中心", name_en="Acceptance centre", parent="city_office")
    )

    name: str = ""
    name_en: str = ""
    parent: str = ""


class DepartmentOut(Out):
    """An organisational unit."""

    model_config = ConfigDict(json_schema_extra=example(**_DEPARTMENT))

    key: str
    name: str
    name_en: str
    parent: str


class DepartmentsOut(Out):
    """Organisational units."""

    model_config = ConfigDict(json_schema_extra=example(items=[_DEPARTMENT]))

    items: list[DepartmentOut]


class TokenIn(Body):
    """A new API token: one's own, or as an administrator a bot's."""

    model_config = ConfigDict(
        json_schema_extra=example(name="文书机器人", owner="render-bot", topics=["document.render"], days=365)
    )

    name: str = Field(min_length=1, max_length=120)
    owner: str = ""
    scopes: list[Literal["read", "write", "metrics"]] = ["read", "write"]
    topics: list[str] = []
    days: int | None = Field(default=365, ge=1, le=3650, description="null: until it is revoked.")


class TokenOut(Out):
    """An API token without its secret."""

    model_config = ConfigDict(json_schema_extra=example(**_TOKEN))

    id: str
    name: str
    owner: str
    prefix: str
    scopes: list[str]
    topics: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewTokenOut(TokenOut):
    """A new API token. `token` is shown this once and stored nowhere."""

    model_config = ConfigDict(
        json_schema_extra=example(**_TOKEN, token="civ_Jx3k9Qpa_this_is_only_an_example_of_the_form")
    )

    token: str


class TokensOut(Out):
    """API tokens."""

    model_config = ConfigDict(json_schema_extra=example(items=[_TOKEN]))

    items: list[TokenOut]


class LinkOut(Out):
    """A link that sets an account's password once. Hand it over by a way that only its owner reads."""

    model_config = ConfigDict(
        json_schema_extra=example(
            username="he.qing",
            path="/welcome/this-is-only-an-example-of-the-form",
            expires_at="2026-11-22T08:30:00Z",
        )
    )

    username: str
    path: str
    expires_at: datetime
