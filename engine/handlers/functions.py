"""Functions that the engine adds to FEEL: working time, which only the site's calendar knows, and cycles of timers.

    add working time(start, hours[, stops])         when so many working hours have passed
    add working days(start, days[, stops])          close of business of the n-th working day after start's day
    working hours between(start, end[, stops])      a number; fractions are minutes and seconds
    working days between(start, end[, stops])       the other way round from `add working days`
    is working day(date)                            whether the offices are open on that day
    stop clock(stops, reason, at[, key])            the list of stops with a new one that is open
    resume clock(stops, at[, key])                  the list with the open ones, or that of a key, closed
    cycle([times,] interval)                        a repeating interval as timers take it: R3/PT10M

All are pure: they know the calendar and their arguments, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import WorkCalendar
from engine.errors import ExpressionError
from engine.feel import DaysDuration, MonthsDuration, format_value, to_feel
from engine.handlers.stopped import Stops, as_instant, shown

NAMES: Final = (
    "add working time",
    "add working days",
    "working hours between",
    "working days between",
    "is working day",
    "stop clock",
    "resume clock",
    "cycle",
)

_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_HOURS: Final = 100_000
_MOST_DAYS: Final = 10_000


def feel_functions(zone: ZoneInfo, calendar: Callable[[], WorkCalendar]) -> Mapping[str, Callable[..., object]]:
    """Host functions by name, taking and giving FEEL values, or texts as variables hold them.

    Args:
        zone: the site's.
        calendar: gives the calendar in force; called by those functions alone that count working time.
    """

    def instant(value: object, argument: str, function: str) -> datetime:
        found = as_instant(value, zone)
        if found is None:
            raise ExpressionError(
                f"Expected a date, or a date and time, as '{argument}' of '{function}' but got {shown(value)}."
            )
        return found

    def local(due: datetime | None) -> object:
        return None if due is None else to_feel(due.astimezone(zone))

    def add_working_time(start: object, hours: object, stops: object = None) -> object:
        begin = instant(start, "start", "add working time")
        if isinstance(hours, bool) or not isinstance(hours, Decimal | int) or not 0 <= hours <= _MOST_HOURS:
            raise ExpressionError(
                f"Expected 0 to {_MOST_HOURS:,} hours as 'hours' of 'add working time' but got {shown(hours)}."
            )
        work = timedelta(microseconds=int(hours * 3_600_000_000))
        return local(calendar().add(begin, work, Stops.read(stops, zone, "add working time").intervals))

    def add_working_days(start: object, days: object, stops: object = None) -> object:
        begin = instant(start, "start", "add working days")
        if isinstance(days, bool) or not isinstance(days, Decimal | int) or days % 1 or not 0 <= days <= _MOST_DAYS:
            raise ExpressionError(
                f"Expected a whole number up to {_MOST_DAYS:,} as 'days' of 'add working days' but got {shown(days)}."
            )
        return local(calendar().add_days(begin, int(days), Stops.read(stops, zone, "add working days").intervals))

    def working_hours_between(start: object, end: object, stops: object = None) -> object:
        begin, until = instant(start, "start", "working hours between"), instant(end, "end", "working hours between")
        passed = calendar().between(begin, until, Stops.read(stops, zone, "working hours between").intervals)
        return to_feel(Decimal(passed // _MICROSECOND) / 3_600_000_000)

    def working_days_between(start: object, end: object, stops: object = None) -> object:
        begin, until = instant(start, "start", "working days between"), instant(end, "end", "working days between")
        return calendar().days_between(begin, until, Stops.read(stops, zone, "working days between").intervals)

    def is_working_day(date: object) -> object:
        return calendar().is_workday(instant(date, "date", "is working day").astimezone(zone).date())

    def stop_clock(stops: object, reason: object, at: object, key: object = None) -> object:
        moment = instant(at, "at", "stop clock")
        return Stops.read(stops, zone, "stop clock").stop(reason, to_feel(moment.astimezone(zone)), key)

    def resume_clock(stops: object, at: object, key: object = None) -> object:
        moment = instant(at, "at", "resume clock")
        return Stops.read(stops, zone, "resume clock").resume(moment, to_feel(moment.astimezone(zone)), key)

    def cycle(times: object, interval: object = None) -> object:
        count, length = (None, times) if interval is None else (times, interval)
        if not isinstance(length, DaysDuration | MonthsDuration):
            raise ExpressionError(f"Expected a duration as 'interval' of 'cycle' but got {shown(length)}.")
        if count is None:
            return f"R/{format_value(length)}"
        if isinstance(count, bool) or not isinstance(count, Decimal | int) or count % 1 or count < 1:
            raise ExpressionError(f"Expected a whole number from 1 as 'times' of 'cycle' but got {shown(count)}.")
        return f"R{int(count)}/{format_value(length)}"

    functions = (
        add_working_time,
        add_working_days,
        working_hours_between,
        working_days_between,
        is_working_day,
        stop_clock,
        resume_clock,
        cycle,
    )
    return dict(zip(NAMES, functions, strict=True))
