"""Who may do what: roles, and the rules that commands check. Visibility itself is part of each query.

| role | sees | does |
|---|---|---|
| citizen | cases they started, their own tasks | starts what is open to citizens, does their tasks |
| staff | cases they started or have, or had, a part in; their groups' tasks | claims and does tasks |
| supervisor | everything running | also delegates others' tasks, mends incidents, stops cases, sends messages |
| manager | everything running, reports | own tasks only |
| designer | definitions | deploys |
| bot | what its jobs show it | its topics' jobs; messages of other systems |
| administrator | everything | everything |
"""

from __future__ import annotations

from collections.abc import Collection

from engine.contracts.principal import Principal, Role
from engine.errors import Forbidden

OVERSEERS: tuple[Role, ...] = ("supervisor", "manager", "administrator")
"""Roles that see every case and task."""

OPERATORS: tuple[Role, ...] = ("supervisor", "administrator")
"""Roles that mend incidents and stop, resume and cancel cases."""

STAFF: tuple[Role, ...] = ("staff", "supervisor", "manager", "designer", "administrator")
"""Everybody who works for the city."""


EVERYBODY = ("role", "staff")
"""Kind and name of the queue of tasks that name no candidates: whoever works for the city may take them."""


def queues_of(by: Principal) -> dict[str, tuple[str, ...]]:
    """The queues a principal may take tasks from: kind → names."""
    kind, name = EVERYBODY
    mine = {"user": (by.id,), "group": tuple(sorted(by.groups)), kind: (name,) if by.has(*STAFF) else ()}
    return {kind: names for kind, names in mine.items() if names}


def sees_all(by: Principal) -> bool:
    """Whether every case is visible to the principal."""
    return by.has(*OVERSEERS)


def require(by: Principal, *roles: Role, to: str) -> None:
    """Refuse a principal that has none of the roles.

    Raises:
        Forbidden: `to` says what was asked for, such as 'deploy a process'.
    """
    if not by.has(*roles):
        wanted = " or ".join(roles)
        raise Forbidden(f"Expected role {wanted} to {to}, but {by.id} has {_list(by.roles)}.")


def may_start(by: Principal, startable_by: Collection[str]) -> bool:
    """Whether the principal may start a definition.

    Args:
        startable_by: roles and groups of its `civiflow:startableBy`; none means all staff.
    """
    if by.has("administrator"):
        return True
    if not startable_by:
        return by.has(*STAFF)
    return bool(by.roles & set(startable_by) or by.groups & set(startable_by))


def may_work_on(by: Principal, *, candidate_users: Collection[str], candidate_groups: Collection[str]) -> bool:
    """Whether the principal may take a task from its queue; one without candidates is open to all staff."""
    if not candidate_users and not candidate_groups:
        return by.has(*STAFF)
    return by.id in candidate_users or bool(by.groups & set(candidate_groups)) or by.has("administrator")


def _list(roles: Collection[str]) -> str:
    return ", ".join(sorted(roles)) or "no role"
