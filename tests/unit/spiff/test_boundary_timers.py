"""Boundary timers: once, repeating on a grid, missed, interrupting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import NotFound
from engine.spiff.effects import Entered, IncidentOpened, Left, TimerOpened, WaitClosed
from tests.builders_model import (
    timer,
    watched,
)
from tests.host import NOON, Running


def test_an_interrupting_timer_ends_the_activity_and_takes_its_own_flow() -> None:
    running = Running(watched(timer("PT2H")))
    work = running.one("work")

    running.fire("late")

    assert running.at() == ["remind"]
    assert Left(activity=work, node="work", outcome="cancelled", reason="late") in running.all
    assert WaitClosed(wait=work, reason="late") in running.all
    assert next(e for e in running.effects(Entered) if e.node == "late").predecessors == (work,)
    with pytest.raises(NotFound):
        running.execution.complete(work, {})


def test_a_non_interrupting_timer_without_cycle_happens_once() -> None:
    running = Running(watched(timer("PT2H"), interrupting=False))

    running.fire("late")

    assert running.at() == ["remind", "work"]


def test_a_repeating_timer_opens_anew_on_its_grid_until_it_is_spent() -> None:
    running = Running(watched(timer("R3/PT10M", "cycle"), interrupting=False))
    first = running.one("late")

    for minutes in (10, 10, 10):
        running.advance(minutes=minutes)
        running.fire("late")

    opened = running.effects(TimerOpened)
    assert {e.timer for e in opened} == {first}
    assert [(e.due_at - NOON) / timedelta(minutes=1) for e in opened] == [10, 20, 30]
    assert running.at() == ["remind", "remind", "remind", "work"]


def test_a_repeating_timer_that_was_missed_fires_once_and_goes_on_with_its_grid() -> None:
    running = Running(watched(timer("R/PT10M", "cycle"), interrupting=False))

    running.advance(minutes=47)
    running.fire("late")

    assert (running.due("late") - NOON) / timedelta(minutes=1) == 50
    assert running.at("user-task") == ["remind", "work"]


def test_a_repeating_timer_that_interrupts_happens_once() -> None:
    running = Running(watched(timer("R3/PT10M", "cycle")))

    running.fire("late")

    assert running.at() == ["remind"]


def test_a_repeating_timer_ends_where_the_calendar_ends() -> None:
    running = Running(watched(timer("R/PT10M", "cycle"), interrupting=False))
    running.host.clock.move_to(datetime(9999, 12, 31, 23, 55, tzinfo=UTC))
    running.execution = type(running.execution).load(running.program, running.execution.dump(), running.host)

    running.fire("late")

    assert "no next firing" in running.effects(IncidentOpened)[0].message
    assert running.at("user-task") == ["remind", "work"]
