"""Who ticks is taken for dead only when it is: neither while the database is away, nor after the machine slept."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from api.scheduler import Ticks
from api.settings import Settings
from api.wiring import Background
from engine import Engine
from engine.errors import DatabaseAway
from tests.databases import Prepare, postgres_databases

A_MINUTE = 60


@pytest.fixture
def background(database_url: str) -> Iterator[Background]:
    """A scheduler at work."""
    with Engine.open(database_url) as engine:
        background = Background(engine, Settings(database=database_url), work=False, tick=True)
        background.start()
        yield background
        background.stop()


@pytest.mark.postgres
def test_a_scheduler_whose_database_is_away_is_not_taken_for_dead(
    postgres_url: str, prepare_database: Prepare | None
) -> None:
    with postgres_databases(postgres_url, prepare_database) as databases:
        url = databases.fresh()
        with Engine.open(url) as engine:
            ticks = Ticks(engine)
            ticks.start()
            databases.drop(url)
            ticks._last -= A_MINUTE

            with pytest.raises(DatabaseAway):
                ticks.fire_timers()

            assert ticks.alive
            ticks.stop()


def test_a_scheduler_that_stood_still_with_its_machine_is_not_taken_for_dead(background: Background) -> None:
    assert background.ticks is not None
    background.ticks._last -= A_MINUTE

    stopped = background.stopped(Event())

    assert not stopped


def test_a_scheduler_that_ended_is_noticed(background: Background) -> None:
    assert background.ticks is not None
    background.ticks.stop()

    stopped = background.stopped(Event(), again_after=0.1)

    assert stopped
