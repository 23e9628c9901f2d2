"""What every experiment needs: a durable database, the world outside, a folder on a real disk."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crash import figures
from tests.crash.receiver import Receiver
from tests.crash.storage import DISK, Storage, storage

pytest.register_assert_rewrite("tests.crash.stage")  # so that a failed assertion there shows its values

FAILED = pytest.StashKey[bool]()
_BEGAN = datetime.now(UTC)


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for those who clean up after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures of this run."""
    if lines := figures.recorded_since(_BEGAN):
        terminalreporter.section(f"figures, also in {figures.FILE.name}")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """For logs, data and the site's bots; after a failure the logs are kept in build/, for whoever looks into it."""
    path = Path(tempfile.mkdtemp(prefix="civiflow-crash-site-", dir=DISK))
    yield path
    if request.node.stash.get(FAILED, False):
        kept = figures.FILE.parent / "crash-logs" / re.sub(r"\W+", "_", request.node.name)
        shutil.copytree(path, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("var", "bots"))
        print(f"The logs are in {kept}.")
    shutil.rmtree(path, ignore_errors=True)
