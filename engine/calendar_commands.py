"""What can be asked about the site's working calendar, in the imperative.

Run by `Engine.execute(command, by=principal)` like every other command.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.commands import Command


@dataclass(frozen=True, kw_only=True)
class PublishCalendar(Command):
    """Put a version of the site's calendar in force; gives a `calendar_views.CalendarVersion`.

    The one in force already comes back if it says the same.

    Args:
        content: YAML, as `docs/calendar.md` describes it.
        note: why, for the history.
        base: the version that was changed; None publishes whatever came in between.

    Raises:
        InvalidInput: names the line and the field.
        VersionMismatch: somebody published another version after `base`.
    """

    content: str
    note: str = ""
    base: int | None = None


@dataclass(frozen=True, kw_only=True)
class RecalculateDeadlines(Command):
    """Evaluate the deadlines of a case that are marked `civiflow:recalculate`; gives how many changed."""

    instance_id: str
