"""Working time skips nights, weekends, holidays, and works on shifted workdays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Holiday, WorkCalendar, chinese_holiday, is_provisional

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(zone=ZONE)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001


def at(*parts: int) -> datetime:
    """A local moment."""
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (at(2026, 11, 16, 9, 0), 2, at(2026, 11, 16, 11, 0)),
        (at(2026, 11, 16, 11, 0), 2, at(2026, 11, 16, 14, 30)),  # over lunch
        (at(2026, 11, 16, 17, 0), 2, at(2026, 11, 17, 9, 30)),  # over night
        (at(2026, 11, 20, 17, 0), 2, at(2026, 11, 23, 9, 30)),  # over the weekend
        (at(2026, 9, 30, 17, 0), 2, at(2026, 10, 8, 9, 30)),  # over National Day
        (at(2026, 11, 21, 12, 0), 0, at(2026, 11, 21, 12, 0)),
        (at(2026, 11, 16, 17, 0), 1, at(2026, 11, 16, 18, 0)),  # ends with the day, not at the next one's start
        (at(2027, 9, 30, 17, 0), 2, at(2027, 10, 4, 9, 30)),  # a year without notice yet
    ],
)
def test_deadlines_count_working_time(start: datetime, hours: float, due: datetime) -> None:
    assert CALENDAR.add(start, timedelta(hours=hours)) == due


@pytest.mark.parametrize(
    ("year", "off"),
    [
        (2027, "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03"),
        (2100, "01-01 02-08 02-09 02-10 02-11 04-04 05-01 05-02 06-12 09-18 10-01 10-02 10-03"),
        (2150, "01-01 05-01 05-02 10-01 10-02 10-03"),  # beyond what is computed of the lunar calendar
    ],
)
def test_a_year_without_a_notice_has_the_holidays_of_the_law_and_no_shifted_workdays(year: int, off: str) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    found = {day: holiday for day in days if (holiday := chinese_holiday(day)) is not None}

    assert is_provisional(year)
    assert " ".join(f"{day:%m-%d}" for day in found) == off
    assert all(holiday.off and holiday.name and holiday.name_zh for holiday in found.values())


def test_a_year_with_a_notice_is_as_it_was_announced() -> None:
    eve, shifted = chinese_holiday(date(2026, 2, 16)), chinese_holiday(date(2026, 2, 14))

    assert not is_provisional(2026)
    assert eve == Holiday(off=True, name="Spring Festival", name_zh="春节")
    assert shifted == Holiday(off=False, name="Spring Festival", name_zh="春节")
    assert chinese_holiday(date(2026, 11, 21)) is None  # a Saturday like any other


def test_a_shifted_workday_is_worked_and_a_holiday_is_not() -> None:
    assert CALENDAR.is_workday(date(2026, 10, 10))  # a Saturday, worked for National Day
    assert not CALENDAR.is_workday(date(2026, 10, 1))


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(hours=80)))
def test_the_time_between_a_start_and_its_deadline_is_what_was_given(start: datetime, work: timedelta) -> None:
    assert CALENDAR.between(start, CALENDAR.add(start, work)) == work


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=40)), st.timedeltas(timedelta(0), timedelta(hours=40)))
def test_waiting_longer_is_never_due_earlier(start: datetime, some: timedelta, more: timedelta) -> None:
    assert CALENDAR.add(start, some + more) >= CALENDAR.add(start, some)
