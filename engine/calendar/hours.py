"""Opening hours: spans of a day, by weekday and by season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

MIDNIGHT: Final = 24 * 60


class Span(NamedTuple):
    """A half-open part of a day, in minutes after midnight; 24:00 is 1440."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.begin)}–{clock(self.end)}"


Spans = tuple[Span, ...]


def clock(minutes: int) -> str:
    """Minutes after midnight as people write them: 08:30."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


OFFICE_HOURS: Final[Spans] = (Span(8 * 60 + 30, 12 * 60), Span(13 * 60 + 30, 18 * 60))
"""What a site works that never said otherwise."""


class YearDay(NamedTuple):
    """A day of any year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When the offices are open on the days it is for.

    Args:
        spans: in order, not touching; none on days that it closes.
        weekdays: 0 for Monday to 6 for Sunday. Empty: every working day, whichever that is. A
            weekday that is named is worked although it may be a Saturday or a Sunday.
        first, last: both ends of a season, which may go over New Year; None: all the year.
    """

    spans: Spans = OFFICE_HOURS
    weekdays: frozenset[int] = frozenset()
    first: YearDay | None = None
    last: YearDay | None = None

    def holds_on(self, day: date, *, working: bool) -> bool:
        """Whether it tells the hours of a day; `working`: Monday to Friday, or a shifted workday."""
        if not (day.weekday() in self.weekdays if self.weekdays else working):
            return False
        if self.first is None or self.last is None:
            return True
        of_year = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= of_year <= self.last
        return of_year >= self.first or of_year <= self.last
