"""Working time: the hours offices are open, Chinese public holidays with their shifted workdays.

Deadlines count working time only. Holidays come from the `chinese-calendar` package, whose data
follow the State Council's yearly notice. For years it does not know yet, Monday to Friday are
working days but for the holidays of fixed date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from engine.errors import InvalidInput

_MOST_DAYS = timedelta(days=36_525)


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """When a site works.

    Args:
        zone: local time of the offices.
        hours: half-open spans of a working day, in order.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(13, 30), time(18)))

    def __post_init__(self) -> None:
        moments = [moment for span in self.hours for moment in span]
        if not moments or moments != sorted(set(moments)):
            raise InvalidInput("Expected working hours as spans of one day that follow each other, at least one.")

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on a day."""
        return _is_workday(day)

    def hours_per_day(self) -> float:
        """Working hours of a full day."""
        return sum((e.hour - s.hour) + (e.minute - s.minute) / 60 for s, e in self.hours)

    def add(self, start: datetime, work: timedelta) -> datetime:
        """The instant at which `work` of working time has passed since `start`.

        Args:
            start: aware.
            work: zero or more; time outside working hours does not count.

        Returns:
            An aware UTC datetime; at the end of a span rather than the beginning of the next.

        Raises:
            InvalidInput: it would lie more than a hundred years away.
        """
        if work <= timedelta(0):
            return start.astimezone(UTC)
        left = work
        for day in self._days(start.astimezone(self.zone).date(), None):
            if self.is_workday(day):
                for opening, closing in self.hours:
                    begin, end = _span(day, opening, closing, self.zone)
                    begin = max(begin, start.astimezone(UTC))
                    if end <= begin:
                        continue
                    if left <= end - begin:
                        return begin + left
                    left -= end - begin
        raise InvalidInput(f"Expected {work} of working time within a hundred years of {start}.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two aware instants; zero if `end` is not after `start`.

        Raises:
            InvalidInput: they are more than a hundred years apart.
        """
        total = timedelta(0)
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        if last - first > _MOST_DAYS:
            raise InvalidInput(f"Expected instants within a hundred years but got {start} and {end}.")
        for day in self._days(first, last):
            if self.is_workday(day):
                for opening, closing in self.hours:
                    a, b = _span(day, opening, closing, self.zone)
                    total += max(min(b, end) - max(a, start), timedelta(0))
        return total

    @staticmethod
    def _days(first: date, last: date | None) -> Iterator[date]:
        """Days in order, both ends included; without an end, a hundred years of them or as many as there are."""
        end = min((last or date.max).toordinal(), first.toordinal() + _MOST_DAYS.days)
        return map(date.fromordinal, range(first.toordinal(), end + 1))


def _span(day: date, opening: time, closing: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin, end = datetime.combine(day, opening, zone), datetime.combine(day, closing, zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


_FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Statutory holidays whose date needs neither a lunar calendar nor the yearly notice."""


@lru_cache(maxsize=4096)
def _is_workday(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED
