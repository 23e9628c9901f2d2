"""An engine in memory goes back to a checkpoint: rows, clock, calendar, and what it knows of definitions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine import SYSTEM, Engine, FakeClock
from engine import calendar_commands as cc
from engine import commands as c
from engine.errors import InvalidInput, NotFound
from tests.builders import ADMIN, process, script

MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)
PREFIX = {"civiflow:caseNumberPrefix": "A"}


def deploy(engine: Engine, said: str) -> None:
    """Deploy a process that says something."""
    model = process("p", "start -> say -> end", script("say", f'"{said}"', "said"), properties=PREFIX)
    engine.execute(c.DeployDefinition(files={"p.bpmn": model}), by=SYSTEM)


def play(engine: Engine) -> tuple[str, str, object]:
    """Start a case: id, number, and what was said."""
    case = engine.execute(c.StartInstance(definition="p"), by=SYSTEM).instance_id
    found = engine.read(SYSTEM).instance(case)
    return case, found.row.business_key, found.variables["said"]


def test_what_happened_since_has_not_happened_and_may_happen_otherwise() -> None:
    with Engine.open(clock=FakeClock(MONDAY)) as engine:
        deploy(engine, "one")
        with engine.checkpoint() as go_back:
            deploy(engine, "two")
            forgotten, number, said = play(engine)

            go_back(FakeClock(MONDAY))
            before = play(engine)[1:]
            deploy(engine, "three")
            after = play(engine)[2]

            assert (number, said) == ("A-20261116-0001", "two")
            assert before == ("A-20261116-0001", "one")
            assert after == "three"
            with pytest.raises(NotFound):
                engine.read(SYSTEM).instance(forgotten)
            assert engine.verify().problems == ()


def test_time_and_the_calendar_go_back_too() -> None:
    clock = FakeClock(MONDAY)
    with Engine.open(clock=clock) as engine, engine.checkpoint() as go_back:
        engine.execute(cc.PublishCalendar(content="days: {2026-11-18: {hours: off, name: 大雪}}"), by=ADMIN)
        closed = not engine.calendar.is_workday(date(2026, 11, 18))
        clock.advance(timedelta(days=3))

        go_back(FakeClock(MONDAY))
        engine.execute(cc.PublishCalendar(content="days: {2026-11-19: {hours: off, name: 冰冻}}"), by=ADMIN)
        otherwise = [engine.calendar.is_workday(date(2026, 11, day)) for day in (18, 19)]
        go_back(FakeClock(MONDAY))
        open_again = [engine.calendar.is_workday(date(2026, 11, day)) for day in (18, 19)]

        assert closed
        assert otherwise == [True, False]
        assert open_again == [True, True]
        assert engine.now() == MONDAY


def test_a_database_that_is_kept_does_not_go_back(tmp_path: Path) -> None:
    with (
        Engine.open(f"sqlite:///{tmp_path}/kept.db") as engine,
        pytest.raises(InvalidInput, match="Expected a database in memory"),
        engine.checkpoint(),
    ):
        pass
