"""What a site says of its working days: hours, where holidays come from, days that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from engine.calendar.holidays import chinese_holiday
from engine.calendar.hours import Hours, Spans


@dataclass(frozen=True, kw_only=True)
class Override:
    """A day that is not as it would be.

    Args:
        kind: 'off'; 'work': the hours of a working day; 'hours': those of `spans`.
        spans: for 'hours', at least one.
        name: why, for people.
    """

    kind: Literal["off", "work", "hours"]
    spans: Spans = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The content of a calendar.

    Args:
        hours: the last one that holds on a day tells its hours.
        holidays: 'chinese': statutory holidays and shifted workdays; 'none': weekends only.
        days: those that differ.
    """

    hours: tuple[Hours, ...] = (Hours(),)
    holidays: Literal["chinese", "none"] = "chinese"
    days: Mapping[date, Override] = field(default_factory=lambda: MappingProxyType({}))

    def spans(self, day: date) -> Spans:
        """When the offices are open on a day: local time, in order."""
        override = self.days.get(day)
        if override is not None:
            if override.kind == "work":
                return self._hours(day, working=True)
            return override.spans if override.kind == "hours" else ()
        holiday = chinese_holiday(day) if self.holidays == "chinese" else None
        if holiday is not None:
            return () if holiday.off else self._hours(day, working=True)
        return self._hours(day, working=day.weekday() < 5)

    def _hours(self, day: date, *, working: bool) -> Spans:
        found: Spans = ()
        for hours in self.hours:
            if hours.holds_on(day, working=working):
                found = hours.spans
        return found
