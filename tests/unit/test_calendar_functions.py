"""Clocks that stop, as models write them: FEEL over lists of stops that are kept in a variable."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from engine.calendar import WorkCalendar, read_calendar, write_calendar
from engine.errors import ExpressionError
from engine.feel import compile_expression, from_feel
from engine.handlers.functions import NAMES, feel_functions

CALENDAR = WorkCalendar(zone=ZoneInfo("Asia/Shanghai"))
FUNCTIONS = feel_functions(CALENDAR.zone, lambda: CALENDAR)


def feel(source: str, **variables: object) -> object:
    """What an expression gives, as a variable would hold it."""
    expression = compile_expression(source, functions=NAMES)
    return from_feel(expression.evaluate(variables, functions=FUNCTIONS))


STOPS = [{"reason": "补正", "key": "a", "from": "2026-11-17T10:00:00@Asia/Shanghai", "to": "2026-11-19T02:00:00Z"}]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('add working days("2026-11-16T09:00:00", 1)', "2026-11-17T18:00:00@Asia/Shanghai"),
        ('add working days(start: "2026-11-16", days: 5)', "2026-11-23T18:00:00@Asia/Shanghai"),
        ('add working days("2026-11-20T23:59:59", 1)', "2026-11-23T18:00:00@Asia/Shanghai"),
        ('add working days("2026-09-30T17:00:00", 1)', "2026-10-08T18:00:00@Asia/Shanghai"),
        (
            'add working days("2026-10-09T17:00:00", 1)',
            "2026-10-10T18:00:00@Asia/Shanghai",
        ),  # a Saturday that is worked
        ('add working days("2026-11-15T17:00:00Z", 1)', "2026-11-17T18:00:00@Asia/Shanghai"),  # 16 November there
        ('add working days("2026-11-16T09:00:00", 5, null)', "2026-11-23T18:00:00@Asia/Shanghai"),
        ('add working days("2026-11-16T09:00:00", 5, stops)', "2026-11-25T18:00:00@Asia/Shanghai"),
        ('add working time("2026-11-17T09:00:00", 2, stops)', "2026-11-19T11:00:00@Asia/Shanghai"),
        ('working hours between("2026-11-17T09:00:00", "2026-11-19T11:00:00", stops)', 2),
        ('working days between("2026-11-16T09:00:00", "2026-11-25T18:00:00", stops)', 5),
        ('working days between("2026-11-16T09:00:00", "2026-11-25T17:59:00", stops)', 4),
        ('working days between("2026-11-25", "2026-11-16")', 0),
        ('working hours between("2026-11-17T09:00", "2026-11-17T10:30+08:00")', 1.5),  # as a form's fields give them
        ('is working day(@"2026-10-10")', True),
        ('is working day("2026-10-01")', False),
        ('is working day("2026-11-15T17:00:00Z")', True),  # Monday there
    ],
)
def test_deadlines_leave_out_the_time_in_which_the_clock_stands(source: str, value: object) -> None:
    assert feel(source, stops=STOPS) == value


@pytest.mark.parametrize(
    "source",
    ['add working days("2026-11-16T09:00:00", 5, stops)', 'add working time("2026-11-17T09:00:00", 20, stops)'],
)
def test_a_clock_that_stands_has_no_deadline_until_it_runs_again(source: str) -> None:
    stopped = feel('stop clock(stops, "waits for an expert", "2026-11-18T09:00:00", "b")', stops=STOPS)

    while_it_stands = feel(source, stops=stopped)
    resumed = feel('resume clock(stops, "2026-11-19T09:00:00", "b")', stops=stopped)
    afterwards = feel(source, stops=resumed)

    assert while_it_stands is None
    assert afterwards == feel(source, stops=STOPS)  # it lay within the other stop


def test_a_deadline_that_was_missed_before_the_clock_stopped_stays_missed() -> None:
    stops = feel('stop clock(null, "late excuse", "2026-11-18T09:00:00")')

    assert feel('add working days("2026-11-16T09:00:00", 1, stops)', stops=stops) == "2026-11-17T18:00:00@Asia/Shanghai"


def test_stops_go_through_a_variable_and_back() -> None:
    stopped = feel(
        'stop clock(stop clock(stops, "补正", now, "材料"), "听证", later)',
        stops=None,
        now="2026-11-18",
        later="2026-11-19T10:00:00",
    )
    kept = orjson.loads(orjson.dumps(stopped))
    again = feel('stop clock(stops, "补正 again", "2026-11-20", "材料")', stops=kept)
    one = feel('resume clock(stops, "2026-11-20T08:00:00", "材料")', stops=kept)
    every = feel('resume clock(stops, "2026-11-20T08:00:00")', stops=kept)

    assert kept == [
        {"reason": "补正", "key": "材料", "from": "2026-11-18T00:00:00@Asia/Shanghai", "to": None},
        {"reason": "听证", "key": None, "from": "2026-11-19T10:00:00@Asia/Shanghai", "to": None},
    ]
    assert again == kept
    assert [entry["to"] is None for entry in one] == [False, True]  # type: ignore[attr-defined]
    assert [entry["to"] for entry in every] == ["2026-11-20T08:00:00@Asia/Shanghai"] * 2  # type: ignore[attr-defined]
    assert feel('resume clock(stops, "2026-11-21")', stops=every) == every


PAGE = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^(\w.*?)\s+// (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("source", "value"), EXAMPLES)
def test_an_example_of_the_page_gives_what_it_says(source: str, value: str) -> None:
    assert str(feel(source)) == {"true": "True"}.get(value, value)


def test_the_page_names_every_function_and_its_calendar_can_be_published() -> None:
    (calendar,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    document = read_calendar(calendar)

    assert len(EXAMPLES) == 5
    assert all(f"`{name}(" in PAGE for name in NAMES)
    assert read_calendar(write_calendar(document)) == document
    assert len(document.rules.days) == 3


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("add working days(null, 3)", "as 'start' of 'add working days' but got null"),
        ('add working days("tomorrow", 3)', "but got 'tomorrow'"),
        ('add working days("2026-11-16", 1.5)', "a whole number up to 10,000 as 'days'"),
        ('add working days("2026-11-16", -1)', "a whole number"),
        ('add working days("2026-11-16", true)', "but got true"),
        ('add working days("2026-11-16", "3")', "but got '3'"),
        ('add working time("2026-11-16", 100001)', "0 to 100,000 hours"),
        (
            'add working days("2026-11-16", 3, "none")',
            "a list of stops as 'stops' of 'add working days' but got 'none'",
        ),
        (
            'add working days("2026-11-16", 3, [3])',
            "entry 1 of 'stops' of 'add working days' to be {reason, key, from, to}",
        ),
        ('add working days("2026-11-16", 3, [{to: null}])', "'from' of entry 1"),
        (
            'add working days("2026-11-16", 3, [{from: "x"}])',
            "'from' of entry 1 of 'stops' of 'add working days' but got 'x'",
        ),
        ('working hours between("2026-11-16", "2026-11-17", [{from: "2026-11-16", to: 3}])', "'to' of entry 1"),
        (
            'working days between("2026-11-16", "2026-11-17", [{from: "2026-11-16", to: "2026-11-15"}])',
            "'to' not before 'from' in entry 1",
        ),
        ('stop clock([], "", "2026-11-16")', "a text as 'reason' of 'stop clock'"),
        ('stop clock([], "why", null)', "as 'at' of 'stop clock'"),
        ('stop clock([], "why", "2026-11-16", 3)', "as 'key' of 'stop clock' but got 3"),
        ('resume clock(stop clock([], "why", "2026-11-16"), "2026-11-15")', "where entry 1 of 'stops' begins"),
        ("is working day(17)", "as 'date' of 'is working day' but got 17"),
    ],
)
def test_what_cannot_be_meant_names_the_argument_and_the_entry(source: str, says: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        feel(source)

    assert refused.value.message.startswith("Expected ")
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('cycle(duration("PT10M"))', "R/PT10M"),
        ('cycle(3, duration("P1M"))', "R3/P1M"),
        ('cycle(times: 2, interval: @"P1D")', "R2/P1D"),
    ],
)
def test_cycles_of_timers(source: str, value: str) -> None:
    assert feel(source) == value


@pytest.mark.parametrize("source", ["cycle(3)", 'cycle(0, @"P1D")', 'cycle(1.5, @"P1D")', 'cycle(true, @"P1D")'])
def test_what_is_no_cycle_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError, match="'cycle'"):
        feel(source)
