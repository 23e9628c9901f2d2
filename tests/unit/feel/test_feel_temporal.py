"""Dates, times, durations: text, properties, arithmetic, comparison."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import (
    FeelDate,
    FeelDateTime,
    add_duration,
    compile_expression,
    format_value,
    from_feel,
    parse_date_time,
    parse_duration,
    to_datetime,
    to_feel,
)


def evaluate(source: str) -> str | None:
    return format_value(compile_expression(source).evaluate({}))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('date("2012-12-25")', "2012-12-25"),
        ('date("2012-02-30")', None),
        ('date("12-12-25")', None),
        ('date("-0044-03-15")', "-0044-03-15"),
        ('date("999999999-12-31")', "999999999-12-31"),
        ('date("01234-01-01")', None),
        ("date(2012, 12, 25)", "2012-12-25"),
        ("date(2012, 13, 25)", None),
        ('date(date and time("2012-12-25T11:00:00Z"))', "2012-12-25"),
        ('time("23:59:00.50")', "23:59:00.5"),
        ('time("23:59:00z")', "23:59:00Z"),
        ('time("23:59:00-05:30")', "23:59:00-05:30"),
        ('time("23:59:00@Asia/Shanghai")', "23:59:00@Asia/Shanghai"),
        ('time("23:59:00@Nowhere/City")', None),
        ('time("24:00:00")', "00:00:00"),
        ('time("9:00:00")', None),
        ('time(23, 59, 1.5, duration("PT8H"))', "23:59:01.5+08:00"),
        ('time(@"2012-12-25T11:00:00Z")', "11:00:00Z"),
        ('time(@"2012-12-25")', "00:00:00Z"),
        ('date and time("2012-12-24")', "2012-12-24T00:00:00"),
        ('date and time(date("2012-12-24"), time("23:59:00@Europe/Paris"))', "2012-12-24T23:59:00@Europe/Paris"),
        ('date and time(@"2026-07-01T00:00:00Z", "Asia/Shanghai")', "2026-07-01T08:00:00@Asia/Shanghai"),
        ('duration("P0DT25H")', "P1DT1H"),
        ('duration("-P1DT2H3M4.5S")', "-P1DT2H3M4.5S"),
        ('duration("P0Y13M")', "P1Y1M"),
        ('duration("PT0S")', "PT0S"),
        ('duration("P0M")', "P0M"),
        ('duration("P1Y1D")', None),
        ('duration("P")', None),
        ('duration("P1DT")', None),
        ('duration("1D")', None),
        ('@"2026-01-01"', "2026-01-01"),
        ('@"08:00:00"', "08:00:00"),
        ('@"2026-01-01T08:00:00+08:00"', "2026-01-01T08:00:00+08:00"),
        ('@"-P1M"', "-P1M"),
        ('years and months duration(date("2011-12-22"), date("2013-08-24"))', "P1Y8M"),
        ('years and months duration(date("2013-08-24"), date("2011-12-22"))', "-P1Y8M"),
        ('years and months duration(date("2026-01-31"), date("2026-02-28"))', "P0M"),
    ],
)
def test_text_and_values(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('date("2012-12-25") - date("2012-12-24")', "P1D"),
        ('@"2012-12-24T23:59:00" - @"2012-12-22T03:45:00"', "P2DT20H14M"),
        ('@"2012-12-24T23:59:00" + @"PT1M"', "2012-12-25T00:00:00"),
        ('@"PT1M" + @"2012-12-24T23:59:00"', "2012-12-25T00:00:00"),
        ('@"PT1M" - @"2012-12-24T23:59:00"', None),
        ('@"2021-01-31" + @"P1M"', "2021-02-28"),
        ('@"2024-03-31" - @"P1M"', "2024-02-29"),
        ('@"2021-01-01" + @"PT1H"', "2021-01-01"),
        ('@"2021-01-01" + @"PT36H"', "2021-01-02"),
        ('@"2021-01-01" - @"PT1H"', "2020-12-31"),
        ('time("23:59:00z") + duration("PT2M")', "00:01:00Z"),
        ('@"01:00:00" - @"02:00:00"', "-PT1H"),
        ('@"10:00:00Z" - @"10:00:00+01:00"', "PT1H"),
        ('@"10:00:00Z" - @"10:00:00"', None),
        ('@"2021-01-02T00:00:00Z" - @"2021-01-01"', "P1D"),
        ('@"2021-01-02T00:00:00" - @"2021-01-01"', None),
        ('@"2021-01-01" + @"2021-01-01"', None),
        ('@"P1Y" + @"P2M"', "P1Y2M"),
        ('@"P1D" - @"PT1H"', "PT23H"),
        ('@"P1Y" + @"P1D"', None),
        ('@"P1D" * 1.5', "P1DT12H"),
        ('2 * @"P5M"', "P10M"),
        ('@"P1Y" / 5', "P2M"),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P1Y" / @"P5M"', "2.4"),
        ('@"P1D" / 0', None),
        ('-@"P1D"', "-P1D"),
        ('@"2021-01-01" + 1', None),
        ('@"999999999-12-31" + @"P1D"', None),
        # Clocks in Paris go from 02:00 to 03:00 on 2026-03-29.
        ('@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H"', "2026-03-29T03:30:00@Europe/Paris"),
        ('@"2026-03-30T00:00:00@Europe/Paris" - @"2026-03-29T00:00:00@Europe/Paris"', "PT23H"),
    ],
)
def test_arithmetic(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@"2026-01-01" < @"2026-01-02"', "true"),
        ('@"2026-01-01T08:00:00+08:00" = @"2026-01-01T00:00:00Z"', "true"),
        ('@"2026-01-01T08:00:00@Asia/Shanghai" = @"2026-01-01T00:00:00Z"', "true"),
        ('@"10:00:00+01:00" < @"10:00:00Z"', "true"),
        ('@"2026-01-01T08:00:00" < @"2026-01-01T09:00:00Z"', "true"),
        ('@"2026-01-01" = @"2026-01-01T00:00:00"', None),
        ('@"PT24H" = @"P1D"', "true"),
        ('@"P1Y" = @"P12M"', "true"),
        ('@"P1Y" = @"P365D"', "false"),
        ('@"2026-01-15" in [@"2026-01-01"..@"2026-01-31"]', "true"),
    ],
)
def test_comparison(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@"2026-11-21".year', "2026"),
        ('@"2026-11-21".weekday', "6"),
        ('@"2026-11-21T08:09:10.5+08:00".second', "10.5"),
        ('@"2026-11-21T08:09:10+08:00".time offset', "PT8H"),
        ('@"2026-07-01T08:09:10@Europe/Paris".time offset', "PT2H"),
        ('@"2026-07-01T08:09:10@Europe/Paris".timezone', "Europe/Paris"),
        ('@"2026-11-21T08:09:10".time offset', None),
        ('@"08:09:10".minute', "9"),
        ('@"-P1Y8M".years', "-1"),
        ('@"-P1Y8M".months', "-8"),
        ('@"P1DT25H61M".hours', "2"),
        ('@"PT1.25S".seconds', "1.25"),
        ('@"P1D".months', None),
        ("day of year(date(2019, 9, 17))", "260"),
        ("day of week(date(2019, 9, 17))", "Tuesday"),
        ("month of year(date(2019, 9, 17))", "September"),
        ("week of year(date(2019, 9, 17))", "38"),
        ("week of year(date(2003, 12, 29))", "1"),
        ("week of year(date(2005, 1, 1))", "53"),
    ],
)
def test_properties_and_calendar(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@given(st.dates())
def test_the_calendar_agrees_with_pythons(day: date) -> None:
    feel = FeelDate(day.year, day.month, day.day)

    weeks = (feel.days, feel.weekday, feel.week_of_year, FeelDate.from_days(feel.days))

    assert weeks == (day.toordinal() - 719_163, day.isoweekday(), day.isocalendar().week, feel)


@given(st.integers(-365_000_000_000, 365_000_000_000))
def test_days_and_dates_are_one_to_one(days: int) -> None:
    day = FeelDate.from_days(days)

    again = None if day is None else day.days

    assert again == days or abs(days) > 365_000_000_000 - 10**9


def test_now_is_the_given_moment_and_today_its_day() -> None:
    moment = datetime(2026, 11, 21, 23, 30, tzinfo=timezone(timedelta(hours=8)))
    expression = compile_expression("[string(now()), string(today()), now() = now()]")

    result = expression.evaluate({}, now=moment)

    assert result == ["2026-11-21T23:30:00+08:00", "2026-11-21", True]


def test_now_is_one_moment_throughout_an_evaluation() -> None:
    expression = compile_expression("count(distinct values(for i in 1..1000 return string(now())))")

    result = expression.evaluate({})

    assert result == 1


def test_python_moments_keep_their_zone() -> None:
    moment = datetime(2026, 7, 1, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

    value = to_feel(moment)

    assert from_feel(value) == "2026-07-01T08:00:00@Asia/Shanghai"
    assert isinstance(value, FeelDateTime)
    assert to_datetime(value) == moment


def test_local_times_are_read_on_the_given_clock() -> None:
    value = parse_date_time("2026-07-01T08:00:00")

    assert value is not None
    moment = to_datetime(value, ZoneInfo("Asia/Shanghai"))

    assert moment == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P1M", "2026-02-28T09:00:00+00:00"),
        ("P1DT2H", "2026-02-01T11:00:00+00:00"),
        ("-P1Y", "2025-01-31T09:00:00+00:00"),
    ],
)
def test_durations_move_python_moments(duration: str, expected: str) -> None:
    value = parse_duration(duration)

    assert value is not None
    moved = add_duration(datetime(2026, 1, 31, 9, 0, tzinfo=UTC), value)

    assert moved is not None
    assert moved.isoformat() == expected


def test_a_moment_beyond_pythons_years_is_none() -> None:
    value = parse_date_time("12345-01-01T00:00:00Z")

    assert value is not None
    moment = to_datetime(value)

    assert moment is None
