"""Chromium, and servers on databases that nobody has used."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import Databases
from tests.e2e.person import Person, complaints_of
from tests.e2e.server import Server
from tests.services import service_missing

CHROMIUM = Path("/usr/bin/chromium")
FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as Debian packages it."""
    if not CHROMIUM.exists():
        service_missing(f"Expected Chromium at {CHROMIUM} but it is not there; `make services` installs it.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def server(databases: Databases, tmp_path: Path) -> Iterator[Server]:
    """A server, not yet started, on a database without tables and with a folder for the site's own bots."""
    bots = tmp_path / "bots"
    bots.mkdir()
    url = databases.empty()
    server = Server(url, tmp_path, CIVIFLOW_BOTS_FOLDER=str(bots))
    yield server
    server.close()
    databases.drop(url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for those who clean up after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def visitor(
    browser: Browser, server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Person]]:
    """Makes people with a browser profile each; at the end no browser may have complained.

    A failed test leaves pictures of what they saw last in its folder.
    """
    people: list[Person] = []

    def arrive(**options: object) -> Person:
        people.append(Person(browser, server.url, **options))  # type: ignore[arg-type]
        return people[-1]

    yield arrive
    complaints = complaints_of(people)
    for number, person in enumerate(people):
        if request.node.stash.get(FAILED, False):
            person.photograph(tmp_path / f"person-{number}.png")
        person.close()
    assert not complaints, "\n".join(complaints)
