"""Dates, durations and cycles (ISO 8601), and when they are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.spiff import compile_process
from engine.spiff.effects import IncidentOpened
from engine.spiff.timers import next_of_grid, parse_duration, parse_instant, parse_repetition
from tests.builders_model import catch, feel, flow, process, timer, user
from tests.host import NOON, Running

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("PT15M", "2026-03-02T04:15:00+00:00"),
        ("P1DT2H", "2026-03-03T06:00:00+00:00"),
        ("PT0.5S", "2026-03-02T04:00:00.500000+00:00"),
        ("P2W", "2026-03-16T04:00:00+00:00"),
        ("P1M", "2026-04-02T04:00:00+00:00"),
        ("P1Y2M3DT4H", "2027-05-05T08:00:00+00:00"),
        ("-PT1H", "2026-03-02T03:00:00+00:00"),
        ("PT36H", "2026-03-03T16:00:00+00:00"),
    ],
)
def test_durations_of_every_form_are_added_to_an_instant(text: str, after: str) -> None:
    assert parse_duration(text).after(NOON, SHANGHAI) == at(after)


def test_a_month_after_the_last_of_january_is_the_last_of_february_on_the_sites_calendar() -> None:
    start = at("2026-01-31T00:30:00+08:00")

    assert parse_duration("P1M").after(start, SHANGHAI) == at("2026-02-28T00:30:00+08:00")


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "1H", "P1H", "PT1D", "P1.5M", "PT1H1H", "P٣D", "0 0 * * *", "P" + "9" * 400 + "D"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999Y", "P99999999M", "P3650000D"])
def test_a_duration_that_leads_out_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        parse_duration(text).after(NOON, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-05", "2026-03-05T00:00:00+08:00"),
        ("2026-03-05T08:00:00", "2026-03-05T08:00:00+08:00"),
        ("2026-03-05T08:00:00Z", "2026-03-05T08:00:00+00:00"),
        ("2026-03-05T08:00:00+01:00", "2026-03-05T08:00:00+01:00"),
        ("2026-03-05T08:00:00@Europe/Paris", "2026-03-05T08:00:00+01:00"),
    ],
)
def test_an_instant_without_offset_is_read_in_the_sites_zone(text: str, instant: str) -> None:
    assert parse_instant(text, SHANGHAI) == at(instant)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-03-05T25:00:00", "2026-03-05T08:00:00@Mars/Base", "0001-01-01"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected a date"):
        parse_instant(text, SHANGHAI)


@pytest.mark.parametrize(
    "text", ["R0/PT1M", "R/PT0S", "R3", "PT1M", "R3/PT1M/PT2M/PT3M", "R/-PT1M", "0 0 9 * * ?", "Rx/PT1M"]
)
def test_what_is_no_repeating_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        parse_repetition(text, SHANGHAI)


def test_a_repeating_interval_may_name_its_start() -> None:
    read = parse_repetition("R5/2026-03-05T08:00:00/P1D", SHANGHAI)

    assert (read.times, read.start, read.interval) == (5, at("2026-03-05T08:00:00+08:00"), "P1D")


@pytest.mark.parametrize(
    ("interval", "now", "expected"),
    [
        ("PT10M", timedelta(0), timedelta(minutes=10)),
        ("PT10M", timedelta(minutes=9), timedelta(minutes=10)),
        ("PT10M", timedelta(minutes=10), timedelta(minutes=20)),
        ("PT10M", timedelta(minutes=47), timedelta(minutes=50)),
        ("PT1S", timedelta(days=3650), timedelta(days=3650, seconds=1)),
        ("P1M", timedelta(days=62), timedelta(days=92)),
    ],
)
def test_the_next_firing_of_a_grid_lies_after_now(interval: str, now: timedelta, expected: timedelta) -> None:
    assert next_of_grid(NOON, interval, NOON + now, SHANGHAI) == NOON + expected


@pytest.mark.parametrize(
    ("event", "due"),
    [
        (timer("2026-03-05T08:00:00", "date"), "2026-03-05T08:00:00+08:00"),
        (timer(feel('date("2026-03-05")'), "date"), "2026-03-05T00:00:00+08:00"),
        (timer(feel('date and time("2026-03-05T08:00:00+01:00")'), "date"), "2026-03-05T08:00:00+01:00"),
        (timer(feel('duration("PT2H") + duration("PT1H")')), "2026-03-02T07:00:00+00:00"),
        (timer(feel('"PT" + string(hours) + "H"')), "2026-03-02T09:00:00+00:00"),
        (timer(feel('"R2/PT" + string(hours) + "H"'), "cycle"), "2026-03-02T09:00:00+00:00"),
        (timer("R2/2026-03-05T08:00:00/PT1H", "cycle"), "2026-03-05T08:00:00+08:00"),
        (timer(feel("now()"), "date"), "2026-03-02T04:00:00+00:00"),
    ],
)
def test_timers_are_literals_or_feel_and_due_by_the_injected_clock(event: object, due: str) -> None:
    running = Running(process(flow("start -> wait -> a"), catch("wait", event), user("a")), hours=5)

    assert running.effects(IncidentOpened) == []
    assert running.due("wait") == at(due)


@pytest.mark.parametrize("text", ["null", '"soon"', "3", '"0 0 9 * * ?"', "missing"])
def test_a_timer_that_cannot_be_read_at_run_time_is_an_incident(text: str) -> None:
    running = Running(process(flow("start -> wait -> a"), catch("wait", timer(feel(text))), user("a")))

    (incident,) = running.effects(IncidentOpened)

    assert (incident.kind, incident.node) == ("expression", "wait")
    assert "timer of wait" in incident.message


def test_the_sites_zone_is_given_when_compiling() -> None:
    model = process(flow("start -> wait -> a"), catch("wait", timer("2026-03-05", "date")), user("a"))

    running = Running(compile_process(model, zone="Europe/Paris"))

    assert running.due("wait") == at("2026-03-05T00:00:00+01:00")
