"""Who asks: the identity every read and command carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["citizen", "staff", "supervisor", "manager", "designer", "bot", "administrator"]


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A signed-in person, a bot, or the system itself.

    Args:
        id: user name, bot name, or 'system'.
        kind: written into the event log beside the id.
        roles: what the principal may do in general.
        groups: candidate groups whose tasks it may take.
        department: its organisational unit, or ''.
        display_name: shown to people.
        topics: job types a bot's credential is good for; empty means any, for the engine's own workers.
    """

    id: str
    kind: Literal["person", "bot", "system"] = "person"
    roles: frozenset[Role] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    department: str = ""
    display_name: str = ""
    topics: frozenset[str] = field(default_factory=frozenset)

    def has(self, *roles: Role) -> bool:
        """Whether the principal has any of these roles."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Principal(id="system", kind="system", roles=frozenset({"administrator"}), display_name="Civiflow")
"""The engine itself: timers, continuation jobs, sweeps."""
