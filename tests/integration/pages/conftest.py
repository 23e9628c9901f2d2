"""A site with a process whose forms have every kind of field, and people who look at its pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from lxml import html

from api import assets
from engine import commands as c
from engine.clock import FakeClock
from engine.contracts.principal import SYSTEM
from tests.builders import process, user
from tests.rich_form import RICH_FORM
from tests.site import PASSWORD, Site, running_site

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
RICH = process(
    "rich",
    "start -> fill -> end",
    user("fill", form="rich"),
    properties={"civiflow:startableBy": "citizen,staff"},
)


@dataclass
class Page:
    """An answer, read as a page."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.answer.status_code

    @property
    def tree(self) -> html.HtmlElement:
        """The markup."""
        return html.fromstring(self.answer.text)

    @property
    def text(self) -> str:
        """What the page says in its content, blanks folded."""
        (main,) = self.tree.xpath("//main")
        return re.sub(r"\s+", " ", main.text_content())

    def links(self) -> set[str]:
        """Where one can go from here."""
        return set(self.tree.xpath("//a/@href"))


@dataclass
class Visitor:
    """A browser profile: cookies, and the CSRF token that stands in every page."""

    client: httpx.Client

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> Page:
        """Send the sign-in form."""
        data = {"username": username, "password": password, **more}
        return Page(self.client.post("/sign-in", data=data))

    def open(self, path: str) -> Page:
        """Go to an address; redirects are followed."""
        return Page(self.client.get(path))

    def send(
        self, path: str, data: dict[str, object] | None = None, *, csrf: str | None = None, **more: object
    ) -> Page:
        """Post a form with the session's CSRF token."""
        token = self.csrf() if csrf is None else csrf
        return Page(self.client.post(path, data={"csrf_token": token, **(data or {})}, **more))  # type: ignore[arg-type]

    def csrf(self) -> str:
        """The token that stands in every page."""
        return str(self.open("/messages").tree.xpath('//input[@name="csrf_token"]/@value')[0])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests of a module; each test has cases of its own."""
    assets.build()
    folder: Path = tmp_path_factory.mktemp("town")
    with running_site(f"sqlite:///{folder / 'town.db'}", folder, clock=FakeClock(NOON)) as site:
        files = {"rich.bpmn": RICH, "forms/rich.json": json.dumps(RICH_FORM).encode()}
        site.engine.execute(c.DeployDefinition(files=files, name="rich"), by=SYSTEM)
        yield site


@pytest.fixture(scope="module")
def sessions() -> dict[str, httpx.Cookies]:
    """Sessions that are still good, by user name: signing in is slow on purpose."""
    return {}


@pytest.fixture
def visit(town: Site, sessions: dict[str, httpx.Cookies]) -> Iterator[object]:
    """Makes visitors; a name signs them in, by a session of their own where a test is about to end it."""
    clients: list[httpx.Client] = []

    def arrive(username: str = "", language: str = "en", *, own_session: bool = False) -> Visitor:
        headers = {"Accept": "text/html", "Accept-Language": language}
        known = None if own_session else sessions.get(username)
        clients.append(town.stranger(headers=headers, follow_redirects=True, cookies=known))
        visitor = Visitor(clients[-1])
        if username and known is None:
            assert visitor.sign_in(username).status == 200
            if not own_session:
                sessions[username] = httpx.Cookies(clients[-1].cookies)
        return visitor

    yield arrive
    for client in clients:
        client.close()
