"""Working time against a reference that walks through time a minute at a time, and the laws it keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import Hours, Override, Rules, Span, Stop, WorkCalendar, YearDay
from engine.calendar.stops import union

SEASONS = Rules(
    hours=(
        Hours(),
        Hours(spans=(Span(540, 720),), weekdays=frozenset({5})),
        Hours(spans=(Span(510, 720), Span(870, 1110)), first=YearDay(6, 1), last=YearDay(9, 30)),
    ),
    days={
        date(2026, 11, 23): Override(kind="off"),
        date(2026, 11, 29): Override(kind="hours", spans=(Span(1200, 1440),)),
    },
)
CALENDARS = (
    WorkCalendar(zone=ZoneInfo("Asia/Shanghai")),
    WorkCalendar(zone=ZoneInfo("Asia/Shanghai"), rules=SEASONS),
    WorkCalendar(zone=ZoneInfo("America/New_York"), rules=Rules(holidays="none")),
    WorkCalendar(zone=ZoneInfo("Pacific/Apia"), rules=Rules(holidays="none")),
    WorkCalendar(zone=ZoneInfo("Europe/London"), rules=Rules(holidays="none", hours=(Hours(spans=(Span(0, 1440),)),))),
)
CALENDAR = st.sampled_from(CALENDARS)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENT = st.integers(0, 600_000).map(lambda minutes: BEGINNING + minutes * MINUTE)
NEAR_A_CHANGE = st.sampled_from(
    [datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC), datetime(2011, 12, 29, tzinfo=UTC)]
).flatmap(lambda start: st.integers(0, 5_000).map(lambda minutes: start + minutes * MINUTE))
START = st.one_of(MOMENT, NEAR_A_CHANGE)


@st.composite
def stops_after(draw: st.DrawFn, start: datetime, *, closed: bool = False) -> list[Stop]:
    """Up to four stops around an instant, which may overlap; the last may be open."""
    stops = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + draw(st.integers(-3_000, 20_000)) * MINUTE
        length = draw(st.integers(0, 8_000)) * MINUTE
        stops.append(Stop(begin=begin, end=begin + length if closed or draw(st.integers(0, 3)) else None))
    return stops


WITH_STOPS = START.flatmap(lambda start: st.tuples(st.just(start), stops_after(start)))
WITH_CLOSED_STOPS = START.flatmap(lambda start: st.tuples(st.just(start), stops_after(start, closed=True)))


@cache
def works_at(calendar: int, moment: datetime) -> bool:
    """Whether the offices are open in the minute that begins here, by the clock on their wall."""
    chosen = CALENDARS[calendar]
    local = moment.astimezone(chosen.zone)
    minute = local.hour * 60 + local.minute
    return any(span.begin <= minute < span.end for span in chosen.rules.spans(local.date()))


def runs_at(stops: list[Stop], moment: datetime) -> bool:
    return not any(stop.begin <= moment and (stop.end is None or moment < stop.end) for stop in stops)


@settings(max_examples=60, deadline=None)
@given(CALENDAR, WITH_STOPS, st.integers(0, 9_000))
def test_working_time_is_what_a_walk_through_the_minutes_counts(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], length: int
) -> None:
    start, stops = given_
    number = next(at for at, each in enumerate(CALENDARS) if each is calendar)

    counted = sum(
        works_at(number, moment) and runs_at(stops, moment)
        for moment in (start + minutes * MINUTE for minutes in range(length))
    )

    assert calendar.between(start, start + length * MINUTE, stops) == counted * MINUTE


@settings(max_examples=60, deadline=None)
@given(CALENDAR, WITH_STOPS, st.integers(1, 2_000))
def test_a_deadline_is_where_the_walk_has_counted_enough(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], work: int
) -> None:
    start, stops = given_

    due = calendar.add(start, work * MINUTE, stops)

    if due is None:
        opens = min(stop.begin for stop in stops if stop.end is None)
        assert calendar.between(start, max(start, opens), stops) < work * MINUTE
    else:
        assert calendar.between(start, due, stops) == work * MINUTE
        assert calendar.between(start, due - MINUTE, stops) == (work - 1) * MINUTE


@settings(deadline=None)
@given(CALENDAR, WITH_CLOSED_STOPS, st.integers(0, 20), st.integers(0, 20))
def test_days_one_after_the_other_are_days_at_once(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], some: int, more: int
) -> None:
    start, stops = given_

    at_once = calendar.add_days(start, some + more, stops)
    first = calendar.add_days(start, some, stops)

    assert first is not None
    assert calendar.add_days(first, more, stops) == at_once


@settings(deadline=None)
@given(CALENDAR, WITH_CLOSED_STOPS, st.integers(0, 3_000), st.integers(0, 3_000))
def test_working_time_one_after_the_other_is_working_time_at_once(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], some: int, more: int
) -> None:
    start, stops = given_

    at_once = calendar.add(start, (some + more) * MINUTE, stops)
    first = calendar.add(start, some * MINUTE, stops)

    assert first is not None
    assert calendar.add(first, more * MINUTE, stops) == at_once


@settings(deadline=None)
@given(CALENDAR, WITH_STOPS, st.integers(0, 30))
def test_counting_days_back_gives_what_was_added(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], days: int
) -> None:
    start, stops = given_

    due = calendar.add_days(start, days, stops)

    if due is not None:
        assert calendar.days_between(start, due, stops) == days


@settings(deadline=None)
@given(CALENDAR, WITH_STOPS, st.integers(0, 30), st.integers(0, 10), st.integers(0, 5_000))
def test_more_days_a_later_start_or_another_stop_never_make_it_earlier(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], days: int, more: int, later: int
) -> None:
    start, stops = given_
    due = calendar.add_days(start, days, stops)

    others = [
        calendar.add_days(start, days + more, stops),
        calendar.add_days(start + later * MINUTE, days, stops) if days else None,
        calendar.add_days(start, days, [*stops, Stop(begin=start, end=start + later * MINUTE)]),
    ]

    assert all(other is None or (due is not None and due <= other) for other in others)


@settings(deadline=None)
@given(CALENDAR, WITH_STOPS, st.integers(1, 30), st.randoms())
def test_stops_count_once_in_whatever_order_and_however_cut(
    calendar: WorkCalendar, given_: tuple[datetime, list[Stop]], days: int, random: object
) -> None:
    start, stops = given_
    halves = []
    for stop in stops:
        end = stop.end or stop.begin + timedelta(days=3)
        middle = stop.begin + (end - stop.begin) / 2
        halves += [Stop(begin=stop.begin, end=middle), Stop(begin=middle, end=stop.end)]
    again = [*stops, *reversed(halves)]
    random.shuffle(again)  # type: ignore[attr-defined]

    assert union(again) == union(stops)
    assert calendar.add_days(start, days, again) == calendar.add_days(start, days, stops)


@settings(deadline=None)
@given(CALENDAR, START, st.integers(1, 30))
def test_a_day_in_which_the_clock_stood_and_ran_again_costs_nothing(
    calendar: WorkCalendar, start: datetime, days: int
) -> None:
    day = start.astimezone(calendar.zone).date() + timedelta(days=2)
    opened = calendar.opened(day)
    stop = [Stop(begin=opened[0][0], end=calendar.closes(day))] if opened else []

    assert calendar.add_days(start, days, stop) == calendar.add_days(start, days)
