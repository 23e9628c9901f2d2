"""What reads and commands of the working calendar, and of deadlines that follow it, give back.

Instants are aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CalendarVersion:
    """A published version of the site's calendar. `content` is YAML."""

    version: int
    content: str
    note: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, kw_only=True)
class Recalculation:
    """What a recalculation of all deadlines did: cases looked at, deadlines changed, cases that could not be."""

    cases: int
    changed: int
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeadlineChange:
    """A deadline that followed the data: when it moved, from what to what, and why.

    Args:
        element_id, element_name: of the task or timer; '' for the case's own deadline.
        old, new: None where there was, or is, none: the clock stands.
        reason: of the open stop; '' where none is open.
    """

    at: datetime
    element_id: str
    element_name: str
    old: datetime | None
    new: datetime | None
    reason: str
    actor: str


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A stage of a case and when it is, or was, to be reached.

    Args:
        name, name_en: as the model says, in the site's language and in English.
        due_at: None where there is no deadline, or while the clock stands.
        reached_at: when it was met.
        stopped: why the clock stands; '' if it runs.
    """

    name: str
    name_en: str = ""
    due_at: datetime | None = None
    reached_at: datetime | None = None
    stopped: str = ""
