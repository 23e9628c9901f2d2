"""Timers that fall due together: one transaction carries several, and each goes off once, by itself, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine import Engine, FakeClock
from engine import commands as c
from engine.store import tables as t
from tests.builders import ADMIN, node, process, timer, user
from tests.desk import Desk

WAITING = process(
    "p", "start -> wait -> review -> end", node("intermediateCatchEvent", "wait", timer("PT1H")), user("review")
)


@pytest.fixture
def schedulers(database_url: str, engine: Engine, clock: FakeClock) -> Iterator[list[Engine]]:
    """Three engines on one database, as three machines run them."""
    with Engine.open(database_url, clock=clock) as second, Engine.open(database_url, clock=clock) as third:
        yield [engine, second, third]


def test_three_schedulers_let_each_timer_go_off_once(desk: Desk, clock: FakeClock, schedulers: list[Engine]) -> None:
    desk.deploy(WAITING)
    cases = [desk.start("p").instance_id for _ in range(120)]
    clock.advance(timedelta(hours=1))

    with ThreadPoolExecutor(3) as pool:
        fired = list(pool.map(lambda engine: engine.fire_due_timers(limit=500), schedulers))

    assert sum(fired) == len(cases)
    assert sorted(task.instance_id for task in desk.tasks()) == sorted(cases)
    desk.assert_sound()


def test_a_timer_that_cannot_go_off_takes_no_other_along(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(WAITING)
    cases = [desk.start("p").instance_id for _ in range(9)]
    table = t.process_instance
    with desk.engine._database.write() as connection:
        connection.execute(table.update().where(table.c.id == cases[4]).values(token_state=b"{"))
    clock.advance(timedelta(hours=1))

    fired = desk.engine.fire_due_timers()

    assert fired == 8
    assert {task.instance_id for task in desk.tasks()} == {*cases} - {cases[4]}
    assert [incident.instance_id for incident in desk.incidents()] == [cases[4]]


def test_timers_of_one_case_that_fall_due_together_see_what_the_first_did(desk: Desk, clock: FakeClock) -> None:
    first = node("boundaryEvent", "first", timer("PT1H"), attachedToRef="review")
    second = node("boundaryEvent", "second", timer("PT1H"), attachedToRef="review")
    flows = "start -> review -> end; first -> late -> end2; second -> later -> end3"
    desk.deploy(process("p", flows, user("review"), first, second, user("late"), user("later")))
    cases = [desk.start("p").instance_id for _ in range(3)]
    clock.advance(timedelta(hours=1))

    fired = desk.engine.fire_due_timers()

    assert fired == 3
    assert len(desk.tasks()) == len({task.instance_id for task in desk.tasks()}) == len(cases)
    desk.assert_sound()


def test_the_earliest_timers_go_off_first_and_the_limit_holds(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(WAITING)
    cases = []
    for _ in range(6):
        cases.append(desk.start("p").instance_id)
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(hours=1))

    fired = desk.engine.fire_due_timers(limit=4)

    assert fired == 4
    assert {task.instance_id for task in desk.tasks()} == {*cases[:4]}


def test_a_case_that_somebody_is_at_goes_on_when_they_are_done(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(WAITING)
    cases = [desk.start("p").instance_id for _ in range(20)]
    clock.advance(timedelta(hours=1))

    with ThreadPoolExecutor(3) as pool:
        people = [
            pool.submit(desk.engine.execute, c.SetVariables(instance_id=case, variables={"seen": True}), by=ADMIN)
            for case in cases
        ]
        fired = pool.submit(desk.engine.fire_due_timers)
        for person in people:
            person.result()
        count = fired.result() + desk.engine.fire_due_timers()

    assert count == len(cases)
    assert all(desk.see(case).variables["seen"] for case in cases)
    desk.assert_sound()
