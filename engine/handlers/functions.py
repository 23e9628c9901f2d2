"""Functions that the engine adds to FEEL: working time, which only the site's calendar knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.calendar import WorkCalendar
from engine.errors import ExpressionError
from engine.feel import FeelDate, FeelDateTime, parse_date, parse_date_time, to_datetime, to_feel

NAMES = ("add working time", "working hours between")

_MICROSECOND = timedelta(microseconds=1)
_MOST_HOURS = 100_000


def feel_functions(calendar: WorkCalendar) -> Mapping[str, Callable[..., object]]:
    """Host functions by name, taking and giving FEEL values.

    `add working time(start, hours)`: the date and time at which so many working hours have passed.
    `working hours between(start, end)`: a number; fractions are minutes and seconds.
    """

    def add_working_time(start: object, hours: object) -> object:
        if not isinstance(hours, Decimal | int) or not 0 <= hours <= _MOST_HOURS:
            raise ExpressionError(f"Expected 0 to {_MOST_HOURS:,} hours in 'add working time(start, hours)'.")
        begin = _instant(start, calendar.zone, NAMES[0])
        due = calendar.add(begin, timedelta(microseconds=int(hours * 3_600_000_000)))
        return to_feel(due.astimezone(calendar.zone))

    def working_hours_between(start: object, end: object) -> object:
        begin, stop = (_instant(value, calendar.zone, NAMES[1]) for value in (start, end))
        return to_feel(Decimal(calendar.between(begin, stop) // _MICROSECOND) / 3_600_000_000)

    return dict(zip(NAMES, (add_working_time, working_hours_between), strict=True))


def _instant(value: object, zone: ZoneInfo, function: str) -> datetime:
    """An aware instant from a FEEL date (and time), or from ISO 8601 text as variables hold it."""
    instant = as_instant(value, zone)
    if instant is None:
        raise ExpressionError(f"Expected a date and time as argument of '{function}' but got {value!r}.")
    return instant


def as_instant(value: object, zone: ZoneInfo) -> datetime | None:
    """The UTC instant of a FEEL date (and time) or of ISO 8601 text, local if it names no zone; None otherwise."""
    if isinstance(value, str):
        value = parse_date_time(value) or parse_date(value)
    if isinstance(value, FeelDateTime | FeelDate):
        return to_datetime(value, zone)
    return None
