"""A year as a calendar hangs on a wall: what each day is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.calendar.holidays import chinese_holiday, is_provisional
from engine.calendar.hours import Spans
from engine.calendar.rules import Rules

Kind = Literal["work", "rest", "holiday", "shifted", "site-off", "site-work", "site-hours"]


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day.

    Args:
        kind: 'work' and 'rest': a working day or weekend day like any other; 'holiday': off by law;
            'shifted': worked for a holiday; 'site-…': the site's own, off, worked, or with hours of its own.
        spans: when the offices are open; () when they are not.
        name, name_zh: of the holiday, or the site's reason.
    """

    day: date
    kind: Kind
    spans: Spans
    name: str = ""
    name_zh: str = ""


@dataclass(frozen=True, kw_only=True)
class Year:
    """All days of a year. `provisional`: no notice is known that says how its days are shifted."""

    number: int
    provisional: bool
    days: tuple[Day, ...]

    @property
    def workdays(self) -> int:
        """How many days are worked."""
        return sum(bool(day.spans) for day in self.days)


def year_of(rules: Rules, number: int) -> Year:
    """A year by a calendar's rules."""
    first = date(number, 1, 1).toordinal()
    last = date(number, 12, 31).toordinal()
    days = tuple(day_of(rules, date.fromordinal(ordinal)) for ordinal in range(first, last + 1))
    return Year(number=number, provisional=rules.holidays == "chinese" and is_provisional(number), days=days)


def day_of(rules: Rules, day: date) -> Day:
    """A day by a calendar's rules."""
    spans = rules.spans(day)
    override = rules.days.get(day)
    if override is not None:
        kinds: dict[str, Kind] = {"off": "site-off", "work": "site-work", "hours": "site-hours"}
        return Day(day=day, kind=kinds[override.kind], spans=spans, name=override.name, name_zh=override.name)
    holiday = chinese_holiday(day) if rules.holidays == "chinese" else None
    if holiday is not None:
        kind: Kind = "holiday" if holiday.off else "shifted"
        return Day(day=day, kind=kind, spans=spans, name=holiday.name, name_zh=holiday.name_zh)
    return Day(day=day, kind="work" if spans else "rest", spans=spans)
