"""Accounts and groups: who may change what, and what a change takes with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from engine import identity_commands as c
from engine.commands import Command
from engine.contracts.principal import Principal
from engine.errors import FieldProblem, Forbidden, InvalidInput, NotFound, WrongState
from engine.handlers import identity_rules as rules
from engine.identity_views import DepartmentRow, GroupRow, UserRow
from engine.store import accounts
from engine.store import identity_tables as t
from engine.store.unit_of_work import UnitOfWork


def create_user(command: c.CreateUser, uow: UnitOfWork) -> UserRow:
    """Make an account."""
    _administrators_only(uow.by)
    username = unicodedata.normalize("NFC", command.username)
    problems = rules.username(username)
    problems += rules.names(command.display_name, command.display_name_en)
    problems += rules.role(command.kind, command.roles, command.topics)
    problems += _unknown_groups(uow, command.groups)
    problems += _unknown_department(uow, command.department)
    problems += rules.locale(command.locale)
    rules.refuse(problems)

    made = uow.insert_or_skip(
        t.user_account,
        {
            "username": username,
            "kind": command.kind,
            "display_name": command.display_name or username,
            "display_name_en": command.display_name_en,
            "password_hash": command.password_hash,
            **accounts.role_columns(command.roles),
            "department": command.department,
            "locale": command.locale,
            "topics": sorted(set(command.topics)),
            "disabled": False,
            "created_at": uow.now,
            "created_by": uow.by.id,
        },
    )
    if not made:
        raise WrongState(f"Expected a new user name but there is an account named {username!r} already.")
    accounts.set_groups(uow.connection, username, command.groups)
    return _account(uow, username)


def update_user(command: c.UpdateUser, uow: UnitOfWork) -> UserRow:
    """Change an account's names, roles, department, locale or topics."""
    for_administrators = (command.roles, command.department, command.topics)
    own = command.username == uow.by.id and all(value is None for value in for_administrators)
    if not own:
        _administrators_only(uow.by)
    user = _account(uow, command.username)

    problems = rules.names(command.display_name or "", command.display_name_en or "")
    if command.roles is not None or command.topics is not None:
        roles = user.roles if command.roles is None else command.roles
        topics = user.topics if command.topics is None else command.topics
        problems += rules.role(user.kind, roles, topics)
    problems += _unknown_department(uow, command.department)
    problems += rules.locale(command.locale or "")
    rules.refuse(problems)
    if command.roles is not None and "administrator" not in command.roles:
        _keep_an_administrator(uow, user)

    fields = ("display_name", "display_name_en", "department", "locale", "topics")
    values = {name: getattr(command, name) for name in fields if getattr(command, name) is not None}
    if command.roles is not None:
        values |= accounts.role_columns(command.roles)
    accounts.change_user(uow.connection, user.username, values)
    return _account(uow, user.username)


def set_password(command: c.SetPassword, uow: UnitOfWork) -> UserRow:
    """Give an account another password; what was signed in before is signed out."""
    if command.username != uow.by.id:
        _administrators_only(uow.by)
    user = _account(uow, command.username)
    return change_password(uow, user, command.password_hash)


def change_password(uow: UnitOfWork, user: UserRow, password_hash: str) -> UserRow:
    """Write a password and end every session, token and link of the account."""
    if user.kind == "bot":
        raise WrongState(f"Expected a person's account but {user.username!r} is a bot: it signs in by API token.")
    if not password_hash.startswith("$argon2"):
        raise InvalidInput("Expected an argon2 hash of the password but got something else.")
    values = {"password_hash": password_hash, "password_changed_at": uow.now}
    accounts.change_user(uow.connection, user.username, values)
    accounts.end_credentials(uow.connection, user.username, uow.now)
    return _account(uow, user.username)


def disable_user(command: c.DisableUser, uow: UnitOfWork) -> UserRow:
    """Shut an account out, or let it in again."""
    _administrators_only(uow.by)
    user = _account(uow, command.username)
    if command.disabled:
        _keep_an_administrator(uow, user)
        accounts.end_credentials(uow.connection, user.username, uow.now)
    accounts.change_user(uow.connection, user.username, {"disabled": command.disabled})
    return _account(uow, user.username)


def set_membership(command: c.SetMembership, uow: UnitOfWork) -> UserRow:
    """Put an account into exactly these groups."""
    _administrators_only(uow.by)
    user = _account(uow, command.username)
    rules.refuse(_unknown_groups(uow, command.groups))
    accounts.set_groups(uow.connection, user.username, command.groups)
    return _account(uow, user.username)


def create_group(command: c.CreateGroup, uow: UnitOfWork) -> GroupRow:
    """Make a group or rename it."""
    _administrators_only(uow.by)
    key = unicodedata.normalize("NFC", command.key)
    rules.refuse(rules.new_key(key) + rules.names(command.name, command.name_en))
    values = {"name": command.name or key, "name_en": command.name_en}
    accounts.put_named(uow.connection, t.user_group, key, values)
    return accounts.group_rows(uow.connection, t.user_group.c.key == key)[0]


def create_department(command: c.CreateDepartment, uow: UnitOfWork) -> DepartmentRow:
    """Make a department or rename it."""
    _administrators_only(uow.by)
    key = unicodedata.normalize("NFC", command.key)
    problems = rules.new_key(key) + rules.names(command.name, command.name_en)
    problems += _unknown_department(uow, command.parent, "parent")
    if key in _ancestors(uow, command.parent):
        problems += rules.cycle()
    rules.refuse(problems)
    values = {"name": command.name or key, "name_en": command.name_en, "parent": command.parent}
    accounts.put_named(uow.connection, t.department, key, values)
    return DepartmentRow(key=key, name=values["name"], name_en=command.name_en, parent=command.parent)


HANDLERS: dict[type[Command], Callable[..., Any]] = {
    c.CreateUser: create_user,
    c.UpdateUser: update_user,
    c.SetPassword: set_password,
    c.DisableUser: disable_user,
    c.SetMembership: set_membership,
    c.CreateGroup: create_group,
    c.CreateDepartment: create_department,
}


def _account(uow: UnitOfWork, username: str) -> UserRow:
    user = accounts.lock_user(uow.connection, username)
    if user is None:
        raise NotFound(f"Expected an account but found none named {username!r}.")
    return user


def _administrators_only(by: Principal) -> None:
    if not by.has("administrator"):
        raise Forbidden("Expected an administrator: only administrators manage accounts and groups.")


def _keep_an_administrator(uow: UnitOfWork, user: UserRow) -> None:
    if "administrator" in user.roles and not accounts.other_administrators(uow.connection, user.username):
        raise WrongState(f"Expected another administrator to remain but {user.username!r} is the last; make one first.")


def _ancestors(uow: UnitOfWork, key: str) -> set[str]:
    parents = {row.key: row.parent for row in accounts.department_rows(uow.connection)}
    found: set[str] = set()
    while key and key not in found:
        found.add(key)
        key = parents.get(key, "")
    return found


def _unknown_groups(uow: UnitOfWork, keys: tuple[str, ...]) -> list[FieldProblem]:
    return rules.known(accounts.missing_keys(uow.connection, t.user_group, keys), "groups")


def _unknown_department(uow: UnitOfWork, key: str | None, field: str = "department") -> list[FieldProblem]:
    keys = (key,) if key else ()
    return rules.known(accounts.missing_keys(uow.connection, t.department, keys), field)
