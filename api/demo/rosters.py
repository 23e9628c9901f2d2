"""Who is on duty when: weekly patterns, turns among colleagues, leave, and skeleton staff on holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from api.demo.city import City, Person
from engine.calendar import WorkCalendar

Span = tuple[datetime, datetime]

_MOST_DAYS: Final = 120
"""Nobody of the city is away for longer."""
_OFFICE: Final = "office"


@dataclass(frozen=True, kw_only=True)
class Rosters:
    """The duty times of everybody in the city.

    Args:
        city: whose rosters and people these are.
        calendar: which days are working days; the others are weekends and holidays.
        until: the end of the story, from which leave is counted back.
    """

    city: City
    calendar: WorkCalendar
    until: datetime
    _days: dict[tuple[str, date], tuple[Span, ...]] = field(default_factory=dict, repr=False)

    def on_duty(self, person: Person, moment: datetime) -> bool:
        """Whether a person works at this moment."""
        day = moment.astimezone(self.calendar.zone).date()
        return any(begin <= moment < end for begin, end in self._spans(person, day))

    def add(self, person: Person, start: datetime, hours: float) -> datetime | None:
        """When so many hours of a person's own working time have passed; None if not within some months."""
        left = timedelta(hours=hours)
        for begin, end in self._spans_from(person, start):
            if left < end - begin:
                return begin + left
            left -= end - begin
        return None

    def _spans_from(self, person: Person, start: datetime) -> Iterator[Span]:
        first = start.astimezone(self.calendar.zone).date()
        for number in range(_MOST_DAYS):
            for begin, end in self._spans(person, first + timedelta(days=number)):
                if end > start:
                    yield max(begin, start), end

    def _spans(self, person: Person, day: date) -> tuple[Span, ...]:
        key = (person.username, day)
        if key not in self._days:
            self._days[key] = self._work_out(person, day)
        return self._days[key]

    def _work_out(self, person: Person, day: date) -> tuple[Span, ...]:
        if self._is_away(person, day):
            return ()
        weeks = self.city.rosters[person.roster or _OFFICE]
        week = weeks[((day.toordinal() - 1) // 7 + self._turn(person)) % len(weeks)]
        shift = week.get("workday" if self.calendar.is_workday(day) else "holiday", "")
        return tuple(
            (_instant(day, begin, self.calendar), _instant(day, end, self.calendar))
            for begin, end in self._hours(shift)
        )

    def _hours(self, shift: str) -> tuple[tuple[time, time], ...]:
        return self.city.shifts[shift] if shift else ()

    def _turn(self, person: Person) -> int:
        """Colleagues of a group take turns: each is one week further in the roster."""
        same = [each.username for each in self.city.people if each.groups == person.groups]
        return same.index(person.username)

    def _is_away(self, person: Person, day: date) -> bool:
        last = self.until.astimezone(self.calendar.zone).date()
        return any(end <= (last - day).days <= begin for begin, end in person.leave)


def _instant(day: date, at: time, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, at, calendar.zone).astimezone(UTC)
