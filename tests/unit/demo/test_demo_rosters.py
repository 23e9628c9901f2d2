"""Who is on duty when: turns, leave, weekends, holidays and the working days shifted to make up for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.demo.city import City, Person, load_city
from api.demo.rosters import Rosters
from engine.calendar import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def rosters() -> Rosters:
    """The city's rosters, for a story that ends on a Friday in November."""
    return Rosters(city=load_city(), calendar=WorkCalendar(zone=ZONE), until=END)


def noon(day: date) -> datetime:
    """Eleven in the morning, when every shift but the late one works."""
    return datetime(day.year, day.month, day.day, 11, 0, tzinfo=ZONE)


def on_duty(rosters: Rosters, people: list[Person], day: date, hour: int = 11) -> list[str]:
    """Who of some people works at an hour."""
    return [person.username for person in people if rosters.on_duty(person, noon(day).replace(hour=hour))]


def group(city: City, name: str) -> list[Person]:
    """Those whose only group it is."""
    return [person for person in city.in_group(name) if len(person.groups) == 1]


def offices(city: City) -> list[Person]:
    """Those who keep office hours and nothing else."""
    return [person for person in city.people if person.roster == "" and "citizen" not in person.roles]


def test_colleagues_take_turns_at_shifts(rosters: Rosters) -> None:
    seats = group(rosters.city, "acceptance_seat")
    monday = date(2026, 11, 9)

    early = [on_duty(rosters, seats, monday + timedelta(weeks=week), hour=8) for week in range(3)]
    late = [on_duty(rosters, seats, monday + timedelta(weeks=week), hour=19) for week in range(3)]

    assert all(len(names) == 1 for names in early + late)
    assert len({names[0] for names in early}) == len({names[0] for names in late}) == len(seats)


def test_on_a_holiday_one_of_three_is_on_duty_and_offices_are_closed(rosters: Rosters) -> None:
    seats, clerks = group(rosters.city, "acceptance_seat"), offices(rosters.city)

    days = [date(2026, 10, day) for day in (1, 2, 3)]

    assert [len(on_duty(rosters, seats, day)) for day in days] == [1, 1, 1]
    assert [on_duty(rosters, clerks, day) for day in days] == [[], [], []]


def test_a_saturday_that_makes_up_for_a_holiday_is_worked(rosters: Rosters) -> None:
    clerks = offices(rosters.city)

    made_up, usual = date(2026, 10, 10), date(2026, 10, 17)

    assert len(on_duty(rosters, clerks, made_up)) == len(clerks)
    assert on_duty(rosters, clerks, usual) == []


def test_who_is_on_leave_does_nothing_until_they_are_back(rosters: Rosters) -> None:
    away = next(person for person in rosters.city.people if person.leave and person.leave[0][1] > 0)
    first, last = away.leave[0]
    start = END - timedelta(days=first)

    taken_up = rosters.add(away, start, 0.5)

    assert not any(rosters.on_duty(away, start + timedelta(hours=hours)) for hours in range(24))
    assert taken_up is not None
    assert taken_up > END - timedelta(days=last)


def test_work_goes_on_where_the_shift_before_it_ended(rosters: Rosters) -> None:
    clerk = offices(rosters.city)[0]
    friday = datetime(2026, 11, 13, 17, 0, tzinfo=ZONE)

    done = rosters.add(clerk, friday, 2.0)

    assert done == datetime(2026, 11, 16, 9, 30, tzinfo=ZONE)
