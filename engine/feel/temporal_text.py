"""Reading and writing dates, times and durations as text (DMN 1.5, Table 72 and 10.3.4.1).

The readers return None for text that is not of their form or names no real date; they never raise.
"""

from __future__ import annotations

import re

from engine.feel.temporal import (
    DAY,
    MAX_YEAR,
    SECOND,
    DaysDuration,
    FeelDate,
    FeelDateTime,
    FeelTime,
    MonthsDuration,
    Zone,
    days_in_month,
    find_zone,
)

__all__ = [
    "Temporal",
    "format_temporal",
    "make_date",
    "make_time",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_temporal",
    "parse_time",
]

Temporal = FeelDate | FeelTime | FeelDateTime | DaysDuration | MonthsDuration

_MAX_OFFSET = 14 * 3600
_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@(\S+))?",
    re.ASCII,
)
_MONTHS = re.compile(r"(-?)P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?(?:T(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]*))?S)?)?",
    re.ASCII,
)


def parse_date(text: str) -> FeelDate | None:
    """A date such as `2026-01-31`."""
    match = _DATE.fullmatch(text)
    if match is None or text.startswith("-0000"):
        return None
    year, month, day = (int(part) for part in match.groups())
    return make_date(year, month, day)


def make_date(year: int, month: int, day: int) -> FeelDate | None:
    """The date, if the calendar has it."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return FeelDate(year, month, day)


def parse_time(text: str) -> FeelTime | None:
    """A time such as `08:30:00`, `08:30:00.5Z`, `08:30:00+08:00` or `08:30:00@Asia/Shanghai`.

    `24:00:00` is midnight at the end of a day (XML Schema), which a clock shows as 00:00:00.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, name = match.groups()
    zone: Zone = None
    if utc:
        zone = 0
    elif sign:
        if int(minutes) > 59 or int(seconds or 0) > 59:
            return None
        zone = (int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)) * (-1 if sign == "-" else 1)
    elif name:
        if find_zone(name) is None:
            return None
        zone = name
    nano = _nanos(fraction)
    if hour == "24" and (minute, second, nano) == ("00", "00", 0):
        hour = "00"
    return make_time(int(hour), int(minute), int(second), nano, zone)


def make_time(hour: int, minute: int, second: int, nano: int = 0, zone: Zone = None) -> FeelTime | None:
    """The time, if a clock shows it; offsets reach 14 hours (XML Schema)."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59 and 0 <= nano < SECOND):
        return None
    if isinstance(zone, int) and abs(zone) > _MAX_OFFSET:
        return None
    return FeelTime(hour, minute, second, nano, zone)


def parse_date_time(text: str) -> FeelDateTime | None:
    """A date and time such as `2026-01-31T08:30:00+08:00`; a date alone means its first moment."""
    day, separator, clock = text.partition("T")
    date = parse_date(day)
    time = parse_time(clock) if separator else FeelTime(0, 0, 0)
    if date is None or time is None:
        return None
    if clock.startswith("24"):
        next_day = FeelDate.from_days(date.days + 1)
        return None if next_day is None else FeelDateTime(next_day, time)
    return FeelDateTime(date, time)


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    """A duration such as `P1DT2H` or `P1Y6M`; the two kinds do not mix (XPath data model)."""
    match = _MONTHS.fullmatch(text)
    if match is not None and any(match.groups()[1:]):
        sign, years, months = match.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return MonthsDuration(-total if sign else total)
    match = _DAYS.fullmatch(text)
    if match is None or not any(match.groups()[1:]) or text.endswith("T"):
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    total = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    total = total * SECOND + _nanos(fraction)
    return DaysDuration(-total if sign else total)


def parse_temporal(text: str) -> Temporal | None:
    """What `@"…"` means: a date, time, date and time, or duration."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def format_temporal(value: Temporal) -> str:
    """The canonical text, which the readers above read back to the same value."""
    if isinstance(value, FeelDate):
        return f"{'-' if value.year < 0 else ''}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"
    if isinstance(value, FeelTime):
        clock = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_fraction(value.nano)}"
        return clock + _format_zone(value.zone)
    if isinstance(value, FeelDateTime):
        return f"{format_temporal(value.date)}T{format_temporal(value.time)}"
    if isinstance(value, MonthsDuration):
        years, months = divmod(abs(value.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if value.months < 0 else ''}P{parts or '0M'}"
    return _format_days(value)


def _format_days(value: DaysDuration) -> str:
    days, rest = divmod(abs(value.nanos), DAY)
    seconds, nano = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    clock = (f"{hour}H" if hour else "") + (f"{minute}M" if minute else "")
    if second or nano:
        clock += f"{second}{_fraction(nano)}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if value.nanos < 0 else ''}P{text or 'T0S'}"


def _format_zone(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone), 60)
    text = f"{'-' if zone < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _nanos(fraction: str | None) -> int:
    """Digits after the decimal point of a second; beyond nanoseconds they are cut off."""
    return int((fraction or "0")[:9].ljust(9, "0"))


def _fraction(nano: int) -> str:
    return f".{nano:09d}".rstrip("0") if nano else ""
