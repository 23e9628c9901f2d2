"""A calendar as people write it: what is meant, what is refused and where."""

from __future__ import annotations

from datetime import date

import pytest

from engine.calendar import Rules, day_of, read_calendar, write_calendar, year_of
from engine.errors import InvalidInput

EVERYTHING = """
name: 临墩市政务服务中心
hours:
  - spans: [[8:30, 12:00], [13:30, 18:00]]
  - {spans: [["9:00", "12:00"]], weekdays: [sat]}
  - {spans: [], weekdays: [wednesday]}
  - {spans: [["08:30", "12:00"], ["14:30", "18:00"]], from: 11-01, to: 02-29}
days:
  2026-11-23: off
  2026-11-24: {hours: off, name: 大雪}
  2026-11-29: {hours: [["22:00", "24:00"]]}
  2026-10-01: work
"""


@pytest.mark.parametrize(
    ("day", "kind", "hours"),
    [
        (date(2026, 10, 12), "work", "08:30–12:00 13:30–18:00"),
        (date(2026, 10, 14), "rest", ""),  # a Wednesday
        (date(2026, 10, 17), "work", "09:00–12:00"),  # a Saturday
        (date(2026, 10, 18), "rest", ""),
        (date(2026, 10, 10), "shifted", "09:00–12:00"),
        (date(2026, 10, 2), "holiday", ""),
        (date(2026, 10, 1), "site-work", "08:30–12:00 13:30–18:00"),
        (date(2026, 12, 31), "work", "08:30–12:00 14:30–18:00"),  # a season over New Year
        (date(2027, 2, 28), "rest", ""),
        (date(2026, 11, 23), "site-off", ""),
        (date(2026, 11, 29), "site-hours", "22:00–24:00"),
    ],
)
def test_a_day_is_what_the_last_entry_that_fits_it_says(day: date, kind: str, hours: str) -> None:
    rules = read_calendar(EVERYTHING).rules

    found = day_of(rules, day)

    assert (found.kind, " ".join(map(str, found.spans))) == (kind, hours)


def test_a_calendar_comes_back_from_its_own_text() -> None:
    document = read_calendar(EVERYTHING)

    assert read_calendar(write_calendar(document)) == document
    assert read_calendar("").rules == Rules()


def test_a_year_tells_its_working_days_and_whether_its_notice_is_missing() -> None:
    known, unknown = year_of(Rules(), 2026), year_of(Rules(), 2027)

    assert (known.provisional, known.workdays, len(known.days)) == (False, 248, 365)
    assert (unknown.provisional, unknown.workdays) == (True, 254)
    assert not year_of(Rules(holidays="none"), 2027).provisional


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("\nhours: [[9, 12]]", "line 2: Expected times of the day such as \"08:30\" under 'hours' but got 9"),
        ('hours: [["08:00", "25:00"]]', "but got '25:00'"),
        ('hours: [["08:00", "08:75"]]', "but got '08:75'"),
        ('hours: [["12:00", "08:00"]]', "in order that do not overlap"),
        ('hours: [["08:00", "12:00"], ["11:00", "13:00"]]', "do not overlap"),
        ("hours: []", "Expected spans such as"),
        ('hours: [{spans: [["08:00", "12:00"]], weekdays: [sat]}]', "an entry with spans under 'hours' without"),
        ('hours: [{spans: [["08:00", "12:00"]], weekdays: [someday]}]', "names of weekdays"),
        ('hours: [{spans: [["08:00", "12:00"]], from: 06-01}]', "both ends of the season"),
        (
            'hours: [{spans: [["08:00", "12:00"]], from: 06-31, to: 07-01}]',
            "a month and day such as 06-01 under 'from'",
        ),
        ("days:\n  2026-02-30: off", "line 2: Expected a date such as 2026-11-23 under 'days' but got '2026-02-30'"),
        ("days: {20261123: off}", "but got '20261123'"),
        ("days: {2026-11-23: holiday}", "off, work, or spans"),
        ("days: {2026-11-23: {hours: off, reason: snow}}", "Expected one of hours, name but found 'reason'"),
        ("days: {2026-11-23: off, 2026-11-23: work}", "'2026-11-23' once"),
        ("holidays: english", "'chinese' or 'none' under 'holidays'"),
        ("open: [1]", "one of name, holidays, hours, days but found 'open'"),
        (f"name: {'x' * 121}", "at most 120 characters"),
        ("[1]", "a mapping at the top"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line_and_field(content: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_calendar(content, "c.yaml")

    assert refused.value.message.startswith("c.yaml, line ")
    assert says in refused.value.message
