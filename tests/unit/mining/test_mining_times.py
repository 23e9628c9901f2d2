"""Times as people and programs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mining.readers.times import TimeParser, day_order, is_null_date, micros


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05T09:03:04Z", "2024-01-05T09:03:04+00:00"),
        ("2024-01-05T09:03:04.123+08:00", "2024-01-05T01:03:04.123000+00:00"),
        ("2024-01-05 09:03:04+0800", "2024-01-05T01:03:04+00:00"),
        ("2024/1/5 9:03", "2024-01-05T09:03:00+00:00"),
        ("2024.01.05", "2024-01-05T00:00:00+00:00"),
        ("2024年1月5日 9时3分4秒", "2024-01-05T09:03:04+00:00"),
        ("2024年1月5日", "2024-01-05T00:00:00+00:00"),
        ("2024-1-5 下午 2:10", "2024-01-05T14:10:00+00:00"),
        ("2024-1-5 上午12:10", "2024-01-05T00:10:00+00:00"),
        ("1/13/2024 2:10:00 PM", "2024-01-13T14:10:00+00:00"),
        ("13/1/2024 12:10 AM", "2024-01-13T00:10:00+00:00"),
        ("31.12.2024 23:59", "2024-12-31T23:59:00+00:00"),
        ("05.03.24", "2024-03-05T00:00:00+00:00"),
        ("05-Jan-2024 10:00", "2024-01-05T10:00:00+00:00"),
        ("Jan 5, 2024 10:00", "2024-01-05T10:00:00+00:00"),
        ("20240105", "2024-01-05T00:00:00+00:00"),
        ("20240105090304", "2024-01-05T09:03:04+00:00"),
        ("1704445384", "2024-01-05T09:03:04+00:00"),
        ("1704445384123", "2024-01-05T09:03:04.123000+00:00"),
        ("45296", "2024-01-05T00:00:00+00:00"),
        ("45296.5", "2024-01-05T12:00:00+00:00"),
    ],
)
def test_reads_every_usual_spelling(text: str, expected: str) -> None:
    found = TimeParser(UTC).parse(text)

    assert found == micros(datetime.fromisoformat(expected))


@pytest.mark.parametrize("text", ["soon", "2024-13-01", "32/12/2024", "2024-02-30", "7", "12:30", "5-Mum-2024"])
def test_what_is_no_time_is_not_guessed(text: str) -> None:
    assert TimeParser(UTC).parse(text) is None


def test_a_zone_applies_only_to_times_that_name_none() -> None:
    parser = TimeParser(ZoneInfo("Asia/Shanghai"))

    local, absolute = parser.parse("2024-01-05 09:00:00"), parser.parse("2024-01-05 09:00:00Z")

    assert absolute is not None
    assert local == absolute - 8 * 3_600_000_000
    assert parser.naive == 1


@given(
    st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_iso_times_are_read_to_the_microsecond(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))

    assert TimeParser(UTC).parse(aware.isoformat()) == micros(aware)


def test_the_order_of_day_and_month_needs_evidence_without_contradiction() -> None:
    assert day_order(["01/02/2024", "13/02/2024"]) is True
    assert day_order(["01/02/2024", "02/13/2024"]) is False
    assert day_order(["01/02/2024", "2024-05-05"]) is None
    assert day_order(["13/02/2024", "02/13/2024"]) is None


@pytest.mark.parametrize(
    ("text", "null"),
    [
        ("1970-01-01T01:00:00+01:00", True),
        ("1900-01-01", True),
        ("0001-01-01", True),
        ("9999-12-31", True),
        ("1970-02-01", False),
        ("2024-01-01", False),
    ],
)
def test_dates_that_stand_for_none_are_told_apart(text: str, null: bool) -> None:
    found = TimeParser(UTC).parse(text)

    assert found is not None
    assert is_null_date(found) is null
