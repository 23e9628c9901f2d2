"""The calendar in force: the newest version that was published."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from engine.calendar import Rules, WorkCalendar, read_calendar
from engine.store import calendars as stored


class Calendars:
    """The newest published calendar, as this process of the application holds it.

    Which version is newest is read in the transaction of the command that asks, so every command computes
    with what is in force, on whichever machine it was published. Only commands that count working time ask;
    the calendar itself is read once a version.

    Args:
        zone: the site's time zone.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._held = WorkCalendar(zone=zone)

    def current(self, connection: Any) -> WorkCalendar:
        """The calendar in force."""
        held, newest = self._held, stored.newest(connection)
        if held.version == newest:
            return held
        rules = read_calendar(stored.content(connection, newest)).rules if newest else Rules()
        self._held = WorkCalendar(zone=held.zone, rules=rules, version=newest)
        return self._held
