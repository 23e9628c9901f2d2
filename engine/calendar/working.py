"""Working time: counted only while the offices are open and the clock runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from engine.calendar.rules import Rules
from engine.calendar.stops import NEVER, Gap, Stop, stands_at, stands_for_ever_from, union, without
from engine.errors import InvalidInput

_MOST_DAYS = timedelta(days=36_525)
_MOST_KEPT = 40_000


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """When a site works. Immutable; every answer follows from it and the arguments alone.

    Args:
        zone: local time of the offices.
        rules: their hours, holidays and days that differ.
        version: which published version the rules are; 0: none was published.
    """

    zone: ZoneInfo
    rules: Rules = field(default_factory=Rules)
    version: int = 0
    _opened: dict[date, tuple[Gap, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on a day."""
        return bool(self.opened(day))

    def opened(self, day: date) -> tuple[Gap, ...]:
        """When the offices are open on a day: half-open UTC intervals in order."""
        known = self._opened.get(day)
        if known is None:
            if len(self._opened) >= _MOST_KEPT:
                self._opened.clear()
            known = self._opened[day] = tuple(self._instants(day))
        return known

    def closes(self, day: date) -> datetime | None:
        """Close of business of a day; None if it is not worked.

        Offices that are open until midnight close a second earlier here, so that the instant is of that day.
        """
        opened = self.opened(day)
        if not opened:
            return None
        close = opened[-1][1]
        return close if close.astimezone(self.zone).date() == day else close - timedelta(seconds=1)

    @overload
    def add(self, start: datetime, work: timedelta) -> datetime: ...
    @overload
    def add(self, start: datetime, work: timedelta, stops: Iterable[Stop]) -> datetime | None: ...
    def add(self, start: datetime, work: timedelta, stops: Iterable[Stop] = ()) -> datetime | None:
        """The instant at which `work` of working time has passed since `start`.

        Args:
            start: aware.
            work: zero or more; time outside working hours does not count.
            stops: nor does time in these; those that overlap count once.

        Returns:
            An aware UTC datetime; at the end of a span rather than the beginning of the next. None if a
            stop without an end begins before.

        Raises:
            InvalidInput: it would lie more than a hundred years away.
        """
        if work <= timedelta(0):
            return start.astimezone(UTC)
        left, gaps = work, union(stops)
        stands = stands_for_ever_from(gaps)
        for day in self._days(start.astimezone(self.zone).date(), None):
            for begin, end in self._running(day, start, NEVER, gaps):
                if left <= end - begin:
                    return begin + left
                left -= end - begin
            if self._ends_after(day, stands):
                return None
        raise InvalidInput(f"Expected {work} of working time within a hundred years of {start}.")

    def between(self, start: datetime, end: datetime, stops: Iterable[Stop] = ()) -> timedelta:
        """Working time between two aware instants, less the stops; zero if `end` is not after `start`.

        Raises:
            InvalidInput: they are more than a hundred years apart.
        """
        gaps = union(stops)
        days = self._days(*self._local(start, end))
        spans = (span for day in days for span in self._running(day, start, end, gaps))
        return sum((last - first for first, last in spans), timedelta(0))

    @overload
    def add_days(self, start: datetime, days: int) -> datetime: ...
    @overload
    def add_days(self, start: datetime, days: int, stops: Iterable[Stop]) -> datetime | None: ...
    def add_days(self, start: datetime, days: int, stops: Iterable[Stop] = ()) -> datetime | None:
        """Close of business of the n-th working day after the day of `start`, which does not count.

        A working day counts if the clock runs when it closes, so that a stop which ends on the day
        it began costs nothing.

        Args:
            start: aware.
            days: working days; 0 gives `start`.
            stops: when the clock stands.

        Returns:
            An aware UTC datetime; None if a stop without an end begins before.

        Raises:
            InvalidInput: it would lie more than a hundred years away.
        """
        if days <= 0:
            return start.astimezone(UTC)
        left, gaps = days, union(stops)
        stands = stands_for_ever_from(gaps)
        for day in self._days(start.astimezone(self.zone).date() + timedelta(days=1), None):
            close = self.closes(day)
            if close is not None and not stands_at(close, gaps):
                left -= 1
                if not left:
                    return close
            if self._ends_after(day, stands):
                return None
        raise InvalidInput(f"Expected {days} working days within a hundred years of {start}.")

    def days_between(self, start: datetime, end: datetime, stops: Iterable[Stop] = ()) -> int:
        """Working days after the day of `start` that have closed at `end`, the clock running as they did.

        The other way round from `add_days`: `days_between(start, add_days(start, n, stops), stops)` is n.

        Raises:
            InvalidInput: the instants are more than a hundred years apart.
        """
        gaps = union(stops)
        first, last = self._local(start, end)
        closes = (self.closes(day) for day in self._days(first, last) if day > first)
        return sum(close is not None and close <= end and not stands_at(close, gaps) for close in closes)

    def _instants(self, day: date) -> Iterator[Gap]:
        """A day's spans in UTC. What a change of the zone's offset leaves out is left out."""
        midnight = datetime.combine(day, datetime.min.time())
        before = None
        for span in self.rules.spans(day):
            begin, end = (midnight + timedelta(minutes=minutes) for minutes in span)
            first = begin.replace(tzinfo=self.zone).astimezone(UTC)
            last = end.replace(tzinfo=self.zone).astimezone(UTC)
            if before is not None:
                first = max(first, before)
            if first < last and first.astimezone(self.zone).date() == day:  # a zone may leave out a whole day
                before = last
                yield first, last

    def _running(self, day: date, start: datetime, end: datetime, gaps: list[Gap]) -> Iterator[Gap]:
        for first, last in self.opened(day):
            first, last = max(first, start), min(last, end)
            if first < last:
                yield from without(first.astimezone(UTC), last.astimezone(UTC), gaps)

    def _ends_after(self, day: date, moment: datetime) -> bool:
        """Whether a moment has come by the end of a day."""
        return moment != NEVER and moment.astimezone(self.zone).date() <= day

    def _local(self, start: datetime, end: datetime) -> tuple[date, date]:
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        if last - first > _MOST_DAYS:
            raise InvalidInput(f"Expected instants within a hundred years but got {start} and {end}.")
        return first, last

    @staticmethod
    def _days(first: date, last: date | None) -> Iterator[date]:
        """Days in order, both ends included; without an end, a hundred years of them or as many as there are."""
        end = min((last or date.max).toordinal(), first.toordinal() + _MOST_DAYS.days)
        return map(date.fromordinal, range(first.toordinal(), end + 1))
