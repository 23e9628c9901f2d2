"""Properties of values that are no contexts: `date.year`, `range.start`, … (DMN 1.5, Tables 64 to 67)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel.numbers import Number
from engine.feel.temporal import DAY, SECOND, DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.values import Range

__all__ = ["NO_PROPERTY", "get_property"]

NO_PROPERTY = object()
"""The value has no property of that name."""


def get_property(value: object, name: str) -> object:
    """The property of a temporal value or a range; `NO_PROPERTY` if it has none of that name."""
    read = _PROPERTIES.get(type(value), {}).get(name)
    return NO_PROPERTY if read is None else read(value)


def _seconds(nanos: int) -> Number:
    """Nanoseconds as a number of seconds."""
    return nanos // SECOND if nanos % SECOND == 0 else Decimal(nanos).scaleb(-9).normalize()


def _offset(value: FeelTime | FeelDateTime) -> DaysDuration | None:
    return None if value.offset is None else DaysDuration(value.offset * SECOND)


def _zone_name(value: FeelTime) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _part(nanos: int, unit: int, limit: int) -> int:
    """How many whole units, less than `limit` of them, with the sign of the duration."""
    part = abs(nanos) // unit % limit
    return -part if nanos < 0 else part


def _duration_seconds(nanos: int) -> Number:
    part = _seconds(abs(nanos) % (60 * SECOND))
    return -part if nanos < 0 else part


def _months_part(months: int) -> int:
    return -(abs(months) % 12) if months < 0 else months % 12


def _years_part(months: int) -> int:
    return -(abs(months) // 12) if months < 0 else months // 12


_Readers = dict[str, Callable[..., object]]

_DATE: _Readers = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.weekday,
}
_TIME: _Readers = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: _seconds(value.second * SECOND + value.nano),
    "time offset": _offset,
    "timezone": _zone_name,
}


def _date_part(read: Callable[..., object]) -> Callable[..., object]:
    return lambda value: read(value.date)


def _time_part(read: Callable[..., object]) -> Callable[..., object]:
    return lambda value: read(value.time)


_PROPERTIES: dict[type, _Readers] = {
    FeelDate: _DATE,
    FeelTime: _TIME,
    FeelDateTime: {
        **{name: _date_part(read) for name, read in _DATE.items()},
        **{name: _time_part(read) for name, read in _TIME.items()},
        # The offset of a zone depends on the day.
        "time offset": _offset,
    },
    MonthsDuration: {
        "years": lambda value: _years_part(value.months),
        "months": lambda value: _months_part(value.months),
        **dict.fromkeys(["days", "hours", "minutes", "seconds"], lambda value: None),
    },
    DaysDuration: {
        "days": lambda value: _part(value.nanos, DAY, 2**80),
        "hours": lambda value: _part(value.nanos, 3600 * SECOND, 24),
        "minutes": lambda value: _part(value.nanos, 60 * SECOND, 60),
        "seconds": lambda value: _duration_seconds(value.nanos),
        **dict.fromkeys(["years", "months"], lambda value: None),
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
