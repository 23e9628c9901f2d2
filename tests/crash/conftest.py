"""What every experiment needs: a durable database, the world outside, a folder on a real disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.receiver import Receiver
from tests.crash.storage import DISK, Storage, storage


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def durable(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """A test that asks runs on SQLite with full durability and on a PostgreSQL cluster of its own."""
    with storage(request.param) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Counts what reaches the world outside."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def folder() -> Iterator[Path]:
    """For logs, data and the site's bots; kept if the test fails, for whoever looks into it."""
    path = Path(tempfile.mkdtemp(prefix="civiflow-crash-site-", dir=DISK))
    yield path
    shutil.rmtree(path, ignore_errors=True)
