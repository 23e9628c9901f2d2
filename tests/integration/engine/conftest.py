"""An engine on each database, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine import Engine, FakeClock
from tests.desk import Desk

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def clock() -> FakeClock:
    """A Monday morning."""
    return FakeClock(MONDAY)


@pytest.fixture
def engine(database_url: str, clock: FakeClock) -> Iterator[Engine]:
    """An engine on a fresh database."""
    with Engine.open(database_url, clock=clock) as engine:
        yield engine


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """Short ways to do what tests do all the time."""
    return Desk(engine)
