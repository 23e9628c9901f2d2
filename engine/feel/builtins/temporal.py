"""Functions of dates, `now`, `today` and `is` (DMN 1.5, 10.3.4.6, 10.3.4.8 and 10.3.4.11)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import same
from engine.feel.convert import to_feel
from engine.feel.runtime import Run
from engine.feel.temporal import FeelDate, FeelDateTime

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: FeelDate | FeelDateTime) -> FeelDate:
    return value.date if isinstance(value, FeelDateTime) else value


@builtin("day of year", "date: day")
def _day_of_year(run: Run, value: FeelDate | FeelDateTime) -> int:
    return _day(value).day_of_year


@builtin("day of week", "date: day")
def _day_of_week(run: Run, value: FeelDate | FeelDateTime) -> str:
    return _WEEKDAYS[_day(value).weekday - 1]


@builtin("month of year", "date: day")
def _month_of_year(run: Run, value: FeelDate | FeelDateTime) -> str:
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", "date: day")
def _week_of_year(run: Run, value: FeelDate | FeelDateTime) -> int:
    return _day(value).week_of_year


@builtin("now")
def _now(run: Run) -> object:
    return to_feel(run.now())


@builtin("today")
def _today(run: Run) -> object:
    return to_feel(run.now().date())


@builtin("is", "value1: any", "value2: any")
def _is(run: Run, left: object, right: object) -> bool:
    return same(left, right, run.step)
