"""Who finds what in the bar: the main ways by role, and where each role begins."""

from __future__ import annotations

from dataclasses import dataclass

from api.i18n import mark
from engine.contracts.principal import Principal, Role


@dataclass(frozen=True, kw_only=True)
class Way:
    """One entry of the main navigation. `label` is the English source text."""

    name: str
    path: str
    label: str
    icon: str
    roles: frozenset[Role]


def _way(name: str, path: str, label: str, icon: str, *roles: Role) -> Way:
    return Way(name=name, path=path, label=label, icon=icon, roles=frozenset(roles))


WAYS = (
    _way("inbox", "/inbox", mark("Tasks"), "inbox", "citizen", "staff", "supervisor", "administrator"),
    _way("start", "/start", mark("New request"), "start", "citizen", "staff", "supervisor", "administrator"),
    _way("cases", "/cases", mark("Cases"), "cases", "citizen", "staff", "supervisor", "manager", "administrator"),
    _way("archive", "/archive", mark("Archive"), "file", "staff", "supervisor", "manager", "administrator"),
    _way("incidents", "/incidents", mark("Incidents"), "alert", "supervisor", "administrator"),
    _way("reports", "/reports", mark("Reports"), "chart", "supervisor", "manager", "administrator"),
    _way("definitions", "/definitions", mark("Processes"), "model", "designer", "manager", "administrator"),
    _way(
        "decisions",
        "/decisions",
        mark("Decisions"),
        "table",
        *("staff", "supervisor", "manager", "designer", "administrator"),
    ),
    _way("calendar", "/admin/calendar", mark("Calendar"), "clock", "administrator"),
    _way("users", "/admin/users", mark("People"), "users", "administrator"),
)


def ways_for(principal: Principal) -> tuple[Way, ...]:
    """The entries a person sees, in order."""
    return tuple(way for way in WAYS if not way.roles.isdisjoint(principal.roles))


def home_of(principal: Principal) -> str:
    """Where a person lands after signing in: what their role does all day."""
    if principal.has("staff", "supervisor"):
        return "/inbox"
    if principal.has("manager"):
        return "/reports"
    if principal.has("designer"):
        return "/definitions"
    if principal.has("citizen"):
        return "/start"
    return ways_for(principal)[0].path if ways_for(principal) else "/messages"
