"""FEEL's dates, times, dates and times, and the two durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8).

Own classes, because the standard's domain is wider than Python's: years up to ±999,999,999,
nanoseconds, times with a zone name, durations in months. The calendar is the proleptic
Gregorian one. `==` between these classes asks for the same element of the domain (FEEL's `is`);
FEEL's `=` is in `engine.feel.comparison`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = [
    "DAY",
    "MAX_YEAR",
    "SECOND",
    "DaysDuration",
    "FeelDate",
    "FeelDateTime",
    "FeelTime",
    "MonthsDuration",
    "Zone",
    "days_in_month",
    "find_zone",
    "time_from_nanos",
]

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
MAX_YEAR = 999_999_999

Zone = int | str | None
"""An offset from UTC in seconds, an IANA zone name, or None for local time."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (wall-clock arithmetic)


@dataclass(frozen=True, slots=True)
class FeelDate:
    """A day of the calendar; `months_later` and the operators keep the year within ±999,999,999."""

    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        year = self.year - (self.month <= 2)
        era, year_of_era = divmod(year, 400)
        day_of_year = (153 * (self.month + (-3 if self.month > 2 else 9)) + 2) // 5 + self.day - 1
        return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday (ISO 8601)."""
        return (self.days + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        return self.days - FeelDate(self.year, 1, 1).days + 1

    @property
    def week_of_year(self) -> int:
        """ISO 8601 week number: the week belongs to the year of its Thursday."""
        thursday = FeelDate.from_days(self.days + 4 - self.weekday)
        return 0 if thursday is None else (thursday.day_of_year - 1) // 7 + 1

    @staticmethod
    def from_days(days: int) -> FeelDate | None:
        """The date so many days after 1970-01-01; None beyond the legal years."""
        era, day_of_era = divmod(days + 719_468, 146_097)
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted = (5 * day_of_year + 2) // 153
        month = shifted + (3 if shifted < 10 else -9)
        year = era * 400 + year_of_era + (month <= 2)
        if abs(year) > MAX_YEAR:
            return None
        return FeelDate(year, month, day_of_year - (153 * shifted + 2) // 5 + 1)

    def months_later(self, months: int) -> FeelDate | None:
        """The same day so many months later, or that month's last day if it is shorter."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        if abs(year) > MAX_YEAR:
            return None
        return FeelDate(year, month + 1, min(self.day, days_in_month(year, month + 1)))


@dataclass(frozen=True, slots=True)
class FeelTime:
    """A time of day, local or with an offset or zone."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    zone: Zone = None

    @property
    def nanos(self) -> int:
        """Nanoseconds since midnight on its own clock."""
        return (self.hour * 3600 + self.minute * 60 + self.second) * SECOND + self.nano

    @property
    def offset(self) -> int | None:
        """Seconds ahead of UTC; a zone name counts with its offset of 1 January 1970, as there is no date."""
        return _offset_at(self.zone, 0)


@dataclass(frozen=True, slots=True)
class FeelDateTime:
    """A date and a time of day; the time carries the zone."""

    date: FeelDate
    time: FeelTime

    @property
    def local_nanos(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on its own clock."""
        return self.date.days * DAY + self.time.nanos

    @property
    def offset(self) -> int | None:
        """Seconds ahead of UTC at this moment; None for local time."""
        return _offset_at(self.time.zone, self.local_nanos // SECOND)

    def later(self, nanos: int) -> FeelDateTime | None:
        """So many nanoseconds later, counted on the instant, so that changes of daylight saving are right."""
        zone = self.time.zone
        if not isinstance(zone, str):
            return _from_local(self.local_nanos + nanos, zone)
        instant = self.local_nanos - (self.offset or 0) * SECOND + nanos
        return FeelDateTime.from_instant(instant, zone)

    @staticmethod
    def from_instant(nanos: int, zone: Zone) -> FeelDateTime | None:
        """The moment so many nanoseconds after 1970-01-01T00:00:00Z, on the clock of a zone."""
        offset = _offset_of_instant(zone, nanos // SECOND)
        return _from_local(nanos + offset * SECOND, zone)

    def months_later(self, months: int) -> FeelDateTime | None:
        date = self.date.months_later(months)
        return None if date is None else FeelDateTime(date, self.time)


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def time_from_nanos(nanos: int, zone: Zone) -> FeelTime:
    """The time so many nanoseconds after midnight, modulo one day."""
    seconds, nano = divmod(nanos % DAY, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return FeelTime(hour, minute, second, nano, zone)


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _from_local(nanos: int, zone: Zone) -> FeelDateTime | None:
    date = FeelDate.from_days(nanos // DAY)
    return None if date is None else FeelDateTime(date, time_from_nanos(nanos, zone))


def _offset_at(zone: Zone, local_seconds: int) -> int | None:
    """The offset of a zone when its own clock shows so many seconds since 1970-01-01T00:00:00."""
    if not isinstance(zone, str):
        return zone
    info = find_zone(zone)
    if info is None:
        return None
    return _seconds((_EPOCH + _in_python(local_seconds)).replace(tzinfo=info).utcoffset())


def _offset_of_instant(zone: Zone, seconds: int) -> int:
    if not isinstance(zone, str):
        return zone or 0
    info = find_zone(zone)
    if info is None:
        return 0
    moment = (_EPOCH + _in_python(seconds)).replace(tzinfo=UTC)
    return _seconds(moment.astimezone(info).utcoffset())


def _in_python(seconds: int) -> timedelta:
    """Far years are moved by whole 400-year cycles into Python's range; the calendar repeats with them."""
    if not -60_000_000_000 < seconds < 250_000_000_000:
        seconds %= 146_097 * 86_400
    return timedelta(seconds=seconds)


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else int(offset.total_seconds())
