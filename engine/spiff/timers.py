"""When timers are due: ISO 8601 dates, durations and cycles (BPMN 2.0, 10.5.5; ISO 8601-1:2019, 5.5 and 5.6).

Instants without an offset are read in the site's zone. A cycle that was missed (the machine was off) fires once
and then goes on with the next instant of its grid that lies ahead: missed firings are not made up. A day is 24 hours.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "Asia/Shanghai"

_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"(?P<sign>[+-])?P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=.)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?",
    re.ASCII,
)
_REPEAT = re.compile(r"R(-1|\d*)", re.ASCII)
_LAST_YEAR = 9998


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A length of time: calendar months, then exact time."""

    months: int = 0
    exact: timedelta = timedelta(0)

    def after(self, start: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        """The instant that lies `times` durations after an aware instant; UTC.

        Months are counted on the site's calendar: a month after 31 January is the last day of February.

        Raises:
            ValueError: the result lies beyond the year 9998.
        """
        local = start.astimezone(zone)
        years, month = divmod(local.month - 1 + self.months * times, 12)
        year = local.year + years
        if not 1 <= year <= _LAST_YEAR:
            raise ValueError(f"Expected a year between 1 and {_LAST_YEAR} but got {year}.")
        day = min(local.day, monthrange(year, month + 1)[1])
        moved = local.replace(year=year, month=month + 1, day=day) if self.months else local
        try:
            return moved.astimezone(UTC) + self.exact * times
        except OverflowError as error:
            raise ValueError(f"Expected an instant before the year {_LAST_YEAR}.") from error

    def __bool__(self) -> bool:
        return self.months > 0 or self.exact > timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """A repeating interval: `R3/PT10M`, `R/2026-01-01T08:00:00/P1D`.

    Args:
        times: firings in all; None without end.
        start: the first firing; None means one interval from now.
        interval: ISO 8601 duration, as written.
    """

    times: int | None
    start: datetime | None
    interval: str


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration such as 'P1DT2H', 'PT0.5S', 'P2W' or 'P1Y6M'.

    Raises:
        ValueError: it is none.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"Expected an ISO 8601 duration such as PT15M or P3D but got '{text}'.")
    part = {
        name: float((value or "0").replace(",", ".")) for name, value in match.groupdict().items() if name != "sign"
    }
    sign = -1 if match["sign"] == "-" else 1
    try:
        exact = timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except OverflowError as error:
        raise ValueError(f"Expected a shorter duration than '{text}'.") from error
    return Duration(months=sign * int(part["years"] * 12 + part["months"]), exact=sign * exact)


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an ISO 8601 date or date-time; a bare date is its first moment, no offset means the site's zone; UTC.

    A zone by name, as FEEL writes it ('2026-01-01T08:00:00@Europe/Paris'), is read too.

    Raises:
        ValueError: it is none.
    """
    plain, _, named = text.strip().partition("@")
    try:
        local = ZoneInfo(named) if named else zone
        if len(plain) <= len("2026-01-01"):
            return datetime.combine(date.fromisoformat(plain), time(), local).astimezone(UTC)
        instant = datetime.fromisoformat(plain)
        return (instant if instant.tzinfo else instant.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, LookupError, OSError, OverflowError) as error:
        raise ValueError(f"Expected a date or date-time such as 2026-01-31T08:00:00+08:00 but got '{text}'.") from error


def parse_repetition(text: str, zone: ZoneInfo) -> Repetition:
    """Read an ISO 8601 repeating interval: `Rn/duration`, `R/duration` or `Rn/start/duration`.

    Raises:
        ValueError: it is none (a cron expression, for one), or its interval is not longer than zero.
    """
    head, *rest = text.strip().split("/")
    match = _REPEAT.fullmatch(head)
    if match is None or not 1 <= len(rest) <= 2:
        raise ValueError(f"Expected a repeating interval such as R3/PT10M or R/P1D but got '{text}'.")
    times = int(match[1]) if match[1] not in ("", "-1") else None
    if times == 0:
        raise ValueError(f"Expected at least one repetition but got '{text}'.")
    if not parse_duration(rest[-1]):
        raise ValueError(f"Expected an interval longer than zero but got '{text}'.")
    start = parse_instant(rest[0], zone) if len(rest) == 2 else None
    return Repetition(times=times, start=start, interval=rest[-1])


def next_of_grid(due: datetime, interval: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `now` of the grid `due`, `due + interval`, `due + 2 × interval`, …

    Raises:
        ValueError: it lies too far ahead.
    """
    step = parse_duration(interval)
    times = 1 if step.months or now <= due else (now - due) // step.exact + 1
    while (instant := step.after(due, zone, times)) <= now:
        times += 1
    return instant
