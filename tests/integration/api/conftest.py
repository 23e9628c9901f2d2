"""Sites for tests of the API: on both databases, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.clock import FakeClock
from tests.site import Site, running_site

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    """The site's clock; it stands until it is moved."""
    return FakeClock(NOON)


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Site]:
    """A site of the test's own."""
    with running_site(database_url, tmp_path, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for tests that change nothing."""
    folder = tmp_path_factory.mktemp("site")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder, clock=FakeClock(NOON)) as running:
        yield running
