"""Conversion functions (DMN 1.5, 10.3.4.1, Table 72)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.numbers import Number, multiply, parse_number, whole
from engine.feel.runtime import Run
from engine.feel.temporal import SECOND, DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.temporal_text import (
    make_date,
    make_time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from engine.feel.values import format_value


@builtin("date", "from: string")
def _date(run: Run, text: str) -> FeelDate | None:
    return parse_date(text)


@builtin("date", "from: day")
def _date_of(run: Run, value: FeelDate | FeelDateTime) -> FeelDate:
    return value.date if isinstance(value, FeelDateTime) else value


@builtin("date", "year: number", "month: number", "day: number")
def _date_from_parts(run: Run, year: Number, month: Number, day: Number) -> FeelDate | None:
    parts = whole(year), whole(month), whole(day)
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return None
    return make_date(parts[0], parts[1], parts[2])


@builtin("date and time", "from: string")
def _date_and_time(run: Run, text: str) -> FeelDateTime | None:
    return parse_date_time(text)


@builtin("date and time", "from: day")
def _date_and_time_of(run: Run, value: FeelDate | FeelDateTime) -> FeelDateTime:
    """A date is converted as implicitly elsewhere: to its midnight in UTC."""
    return value if isinstance(value, FeelDateTime) else FeelDateTime(value, FeelTime(0, 0, 0, 0, 0))


@builtin("date and time", "date: day", "time: time")
def _date_and_time_from_parts(run: Run, day: FeelDate | FeelDateTime, time: FeelTime) -> FeelDateTime:
    return FeelDateTime(day.date if isinstance(day, FeelDateTime) else day, time)


@builtin("date and time", "date: date and time", "timezone: string")
def _date_and_time_in_zone(run: Run, moment: FeelDateTime, zone: str) -> FeelDateTime | None:
    """Camunda's extension: the same moment on the clock of another zone."""
    there = parse_time(f"00:00:00{'' if zone[:1] in ('+', '-', 'Z') else '@'}{zone}")
    if there is None or moment.offset is None:
        return None
    return FeelDateTime.from_instant(moment.local_nanos - moment.offset * SECOND, there.zone)


@builtin("time", "from: string")
def _time(run: Run, text: str) -> FeelTime | None:
    return parse_time(text)


@builtin("time", "from: time")
def _time_of_time(run: Run, value: FeelTime) -> FeelTime:
    return value


@builtin("time", "from: day")
def _time_of(run: Run, value: FeelDate | FeelDateTime) -> FeelTime:
    return value.time if isinstance(value, FeelDateTime) else FeelTime(0, 0, 0, 0, 0)


@builtin("time", "hour: number", "minute: number", "second: number", "offset?: days duration")
def _time_from_parts(
    run: Run, hour: Number, minute: Number, second: Number, offset: DaysDuration | None
) -> FeelTime | None:
    hours, minutes = whole(hour), whole(minute)
    if hours is None or minutes is None or not 0 <= second < 60:
        return None
    nanos = int(multiply(second, SECOND) or 0)
    zone = None if offset is None else offset.nanos // SECOND
    return make_time(hours, minutes, nanos // SECOND, nanos % SECOND, zone)


@builtin("number", "from: string")
def _number_from_text(run: Run, text: str) -> Number | None:
    return parse_number(text)


@builtin("number", "from: number")
def _number_of(run: Run, value: Number) -> Number:
    return value


@builtin("number", "from: string", "grouping separator?: string", "decimal separator?: string")
def _number(run: Run, text: str, grouping: str | None, point: str | None) -> Number | None:
    if grouping not in (" ", ",", ".", None) or point not in (",", ".", None):
        return None
    if grouping == point and point is not None:
        return None
    plain = text.replace(grouping, "") if grouping else text
    return parse_number(plain.replace(point, ".") if point else plain)


@builtin("string", "from: value")
def _string(run: Run, value: object) -> str | None:
    return format_value(value, run.grow)


@builtin("duration", "from: string")
def _duration(run: Run, text: str) -> DaysDuration | MonthsDuration | None:
    return parse_duration(text)


@builtin("duration", "from: duration")
def _duration_of(run: Run, value: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    return value


@builtin("years and months duration", "from: day", "to: day")
def _years_and_months(run: Run, start: FeelDate | FeelDateTime, end: FeelDate | FeelDateTime) -> MonthsDuration:
    """Whole months between the two days; negative if `to` is earlier."""
    first = start.date if isinstance(start, FeelDateTime) else start
    last = end.date if isinstance(end, FeelDateTime) else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return MonthsDuration(months)
