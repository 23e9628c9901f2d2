"""What FEEL's arithmetic operators mean (DMN 1.5, Tables 56 to 60 and 62): plain functions on FEEL values.

Every function gives None (null) for operands it is not defined for.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel import numbers
from engine.feel.comparison import aligned
from engine.feel.numbers import Number, is_number
from engine.feel.temporal import (
    DAY,
    SECOND,
    DaysDuration,
    FeelDate,
    FeelDateTime,
    FeelTime,
    MonthsDuration,
    time_from_nanos,
)

__all__ = ["ARITHMETIC", "negate"]

_MAX_NANOS = 2**63 * SECOND
_MAX_MONTHS = 12 * 10**9


def add(left: object, right: object) -> object:
    if is_number(left) and is_number(right):
        return numbers.add(left, right)  # type: ignore[arg-type]
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, DaysDuration | MonthsDuration) and not isinstance(right, DaysDuration | MonthsDuration):
        left, right = right, left
    return _add_duration(left, right, 1)


def subtract(left: object, right: object) -> object:
    if is_number(left) and is_number(right):
        return numbers.subtract(left, right)  # type: ignore[arg-type]
    if isinstance(right, DaysDuration | MonthsDuration):
        return _add_duration(left, right, -1)
    return _difference(left, right)


def _add_duration(left: object, right: object, sign: int) -> object:
    if isinstance(right, MonthsDuration):
        if isinstance(left, MonthsDuration):
            return _months(left.months + sign * right.months)
        return left.months_later(sign * right.months) if isinstance(left, FeelDate | FeelDateTime) else None
    if not isinstance(right, DaysDuration):
        return None
    nanos = sign * right.nanos
    if isinstance(left, DaysDuration):
        return _days(left.nanos + nanos)
    if isinstance(left, FeelDateTime):
        return left.later(nanos)
    if isinstance(left, FeelDate):
        return FeelDate.from_days((left.days * DAY + nanos) // DAY)
    return time_from_nanos(left.nanos + nanos, left.zone) if isinstance(left, FeelTime) else None


def _difference(left: object, right: object) -> DaysDuration | None:
    """Time between two points; null if only one of them has a zone (Table 57)."""
    if isinstance(left, FeelDate) and isinstance(right, FeelDate):
        return DaysDuration((left.days - right.days) * DAY)
    if isinstance(left, FeelTime) and isinstance(right, FeelTime):
        return _between(left, right)
    first, second = _moment(left), _moment(right)
    return None if first is None or second is None else _between(first, second)


def _between(left: FeelTime | FeelDateTime, right: FeelTime | FeelDateTime) -> DaysDuration | None:
    if (left.offset is None) != (right.offset is None):
        return None
    first, second = aligned(left, right)
    return DaysDuration(first - second)


def _moment(value: object) -> FeelDateTime | None:
    """A date counts as its midnight in UTC."""
    if isinstance(value, FeelDate):
        return FeelDateTime(value, FeelTime(0, 0, 0, 0, 0))
    return value if isinstance(value, FeelDateTime) else None


def multiply(left: object, right: object) -> object:
    if is_number(left):
        if is_number(right):
            return numbers.multiply(left, right)  # type: ignore[arg-type]
        left, right = right, left
    return _scale(left, right, numbers.multiply)


def divide(left: object, right: object) -> object:
    if is_number(left) and is_number(right):
        return numbers.divide(left, right)  # type: ignore[arg-type]
    if isinstance(left, DaysDuration) and isinstance(right, DaysDuration):
        return numbers.divide(Decimal(left.nanos), Decimal(right.nanos))
    if isinstance(left, MonthsDuration) and isinstance(right, MonthsDuration):
        return numbers.divide(left.months, right.months)
    return _scale(left, right, numbers.divide)


def _scale(duration: object, factor: object, scale: Callable[[Number, Number], Number | None]) -> object:
    """A duration times or divided by a number; fractions of a month or nanosecond are cut off."""
    if not is_number(factor):
        return None
    if isinstance(duration, DaysDuration):
        nanos = scale(Decimal(duration.nanos), factor)  # type: ignore[arg-type]
        return None if nanos is None else _days(int(nanos))
    if isinstance(duration, MonthsDuration):
        months = scale(duration.months, factor)  # type: ignore[arg-type]
        return None if months is None else _months(int(months))
    return None


def power(left: object, right: object) -> object:
    return numbers.power(left, right) if is_number(left) and is_number(right) else None  # type: ignore[arg-type]


def negate(value: object) -> object:
    if is_number(value):
        return numbers.negate(value)  # type: ignore[arg-type]
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    return MonthsDuration(-value.months) if isinstance(value, MonthsDuration) else None


def _days(nanos: int) -> DaysDuration | None:
    return DaysDuration(nanos) if abs(nanos) <= _MAX_NANOS else None


def _months(months: int) -> MonthsDuration | None:
    return MonthsDuration(months) if abs(months) <= _MAX_MONTHS else None


ARITHMETIC: dict[str, Callable[[object, object], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
