"""The site's calendar: published by versions, in force at once for every engine on the database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine import Engine, FakeClock
from engine import calendar_commands as cc
from engine.errors import Forbidden, InvalidInput, VersionMismatch
from tests.builders import ADMIN, BOSS, LI, process, user
from tests.desk import Desk
from tests.integration.engine.test_deadlines import DUE, MONDAY_MORNING, WATCHED, at, changes, dues, set_

SNOW = "days: {2026-11-18: {hours: off, name: 大雪}}"


def publish(engine: Engine, content: str, **more: object) -> int:
    """Publish a version; gives its number."""
    made = engine.execute(cc.PublishCalendar(content=content, **more), by=ADMIN)  # type: ignore[arg-type]
    return int(made.version)


def test_a_published_version_is_in_force_for_every_engine_at_once(database_url: str, clock: FakeClock) -> None:
    if database_url == "sqlite://":
        pytest.skip("a database in memory has one engine")
    with Engine.open(database_url, clock=clock) as here, Engine.open(database_url, clock=clock) as there:
        desk = Desk(there)
        desk.deploy(WATCHED)
        before = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

        publish(here, SNOW, note="storm")
        after = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

        assert dues(desk, before) == (at(23),) * 3
        assert dues(desk, after) == (at(24),) * 3
        assert not here.calendar.is_workday(date(2026, 11, 18))
        desk.assert_sound()


def test_versions_are_appended_and_tell_who_published_them_when_and_why(engine: Engine, clock: FakeClock) -> None:
    first = publish(engine, SNOW, note="storm")
    same = publish(engine, "# a comment more\n" + SNOW)
    clock.move_to(datetime(2026, 11, 20, tzinfo=UTC))
    second = publish(engine, "holidays: none")

    assert (first, same, second) == (1, 1, 2)
    history = engine.read(LI).calendar_versions()
    assert [(v.version, v.note, v.published_by, v.published_at.day) for v in history] == [
        (2, "", "root", 20),
        (1, "storm", "root", 16),
    ]
    assert engine.calendar.version == 2
    assert engine.calendar.is_workday(date(2026, 10, 1))


def test_only_an_administrator_publishes_and_nobody_overwrites_what_came_in_between(engine: Engine) -> None:
    publish(engine, SNOW, base=0)

    with pytest.raises(Forbidden):
        engine.execute(cc.PublishCalendar(content=SNOW), by=BOSS)
    with pytest.raises(VersionMismatch, match=r"changes to version 1 .* to version 0"):
        publish(engine, "holidays: none", base=0)
    with pytest.raises(InvalidInput, match=r"calendar, line 2: .*'2026-13-01'"):
        publish(engine, "days:\n  2026-13-01: off")
    assert engine.calendar.version == 1


def test_existing_deadlines_are_recalculated_when_asked_and_counted(engine: Engine) -> None:
    desk = Desk(engine)
    desk.deploy(WATCHED)
    desk.deploy(process("still", "start -> review -> end", user("review", due=DUE)))
    following = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    later = desk.start("p", since="2026-11-18T09:00:00", stops=[]).instance_id
    fixed = desk.start("still", since=MONDAY_MORNING, stops=[]).instance_id
    publish(engine, SNOW)
    told: list[tuple[int, int]] = []

    done = engine.recalculate_deadlines(by=ADMIN, progress=lambda at, of: told.append((at, of)))
    again = engine.recalculate_deadlines(by=ADMIN)

    assert (done.cases, done.changed, done.failed) == (2, 3, ())
    assert told == [(1, 2), (2, 2)]
    assert again.changed == 0
    assert dues(desk, following) == (at(24),) * 3
    assert dues(desk, later) == (at(25),) * 3
    assert dues(desk, fixed) == (None, at(23))
    assert {event.actor for event in changes(desk, following)} == {"root"}
    desk.assert_sound()
    with pytest.raises(Forbidden):
        engine.recalculate_deadlines(by=BOSS)


MILESTONES = (
    '=[{name: "受理", name_en: "Accept", due: add working days(since, 1), reached: accepted},'
    ' {name: "答复", name_en: "Answer", due: add working days(since, 5, stops)}]'
)


def test_milestones_are_computed_when_the_case_is_looked_at(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review"), properties={"civiflow:milestones": MILESTONES}))
    case = desk.start("p", since=MONDAY_MORNING, accepted="2026-11-16T10:00:00", stops=[]).instance_id
    running = desk.see(case).milestones
    stop = {"reason": "补正材料", "key": None, "from": "2026-11-17T10:00:00", "to": None}

    set_(desk, case, stops=[stop])
    standing = desk.see(case).milestones

    assert [(m.name, m.name_en, m.due_at, m.reached_at, m.stopped) for m in running] == [
        ("受理", "Accept", at(17), at(16, 10), ""),
        ("答复", "Answer", at(23), None, ""),
    ]
    assert [(m.due_at, m.stopped) for m in standing] == [(at(17), ""), (None, "补正材料")]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("=[1]", "Expected milestone 1 to be {name, name_en, due, reached, stopped} but got 1"),
        ('=[{name: "a", due: "soon"}]', "'due' of milestone 'a' but got 'soon'"),
        ("=add working days(nothing, 1)", "as 'start' of 'add working days' but got null"),
        ('=for i in 1..99 return {name: "a"}', "at most 50 milestones but got 99"),
    ],
)
def test_milestones_that_cannot_be_computed_keep_nobody_from_the_case(desk: Desk, expression: str, says: str) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review"), properties={"civiflow:milestones": expression}))
    case = desk.start("p").instance_id

    seen = desk.see(case)

    assert seen.milestones == ()
    assert says in seen.milestones_problem


def test_a_case_counts_working_time_by_the_hours_of_its_season_and_weekday(engine: Engine) -> None:
    content = """
    hours:
      - spans: [["08:30", "12:00"], ["13:30", "18:00"]]
      - {spans: [["09:00", "12:00"]], weekdays: [saturday]}
      - {spans: [["08:30", "12:00"], ["14:30", "18:30"]], from: 06-01, to: 09-30}
    """
    publish(engine, content)
    calendar = engine.calendar

    assert calendar.add_days(at(20), 1) == at(21, 12)  # a Saturday
    assert calendar.add_days(datetime(2026, 6, 9, tzinfo=UTC), 1) == datetime(2026, 6, 10, 10, 30, tzinfo=UTC)
    assert calendar.add_days(datetime(2026, 10, 9, tzinfo=UTC), 1) == datetime(2026, 10, 10, 4, tzinfo=UTC)
