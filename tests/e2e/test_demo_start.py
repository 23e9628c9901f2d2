"""What a newcomer meets after `make run`: an invented city at work, and accounts to look at it with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.person import Person
from tests.e2e.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

_PASSWORD = re.compile(r"all with the password (\S+)")
_ACCOUNT = re.compile(r"^  (\S+) +\S+ ", re.MULTILINE)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Server]:
    """A server that has just made its demo."""
    server = Server("", tmp_path)
    server.start("--demo", seconds=240)
    yield server
    server.close()


def test_every_account_of_the_demo_opens_the_desk_of_its_role(demo: Server, browser: Browser) -> None:
    password = _PASSWORD.search(demo.said)
    accounts = _ACCOUNT.findall(demo.said)
    assert password
    assert len(accounts) >= 8

    for username in accounts:
        with httpx.Client(base_url=demo.url, follow_redirects=True, timeout=20) as visitor:
            page = visitor.post("/sign-in", data={"username": username, "password": password[1]})
            assert page.status_code == 200, f"{username}: {page.text[:500]}"
            assert page.url.path in {"/inbox", "/start", "/reports", "/definitions"}, f"{username} is at {page.url}"

    newcomer = Person(browser, demo.url)
    newcomer.open("/")
    newcomer.page.get_by_text("城市问题上报与处置").click()
    newcomer.page.get_by_role("button", name="duty.supervisor").click()
    expect(newcomer.page.locator("header.topbar")).to_be_visible()
    newcomer.open("/inbox?scope=all&overdue=1")
    expect(newcomer.page.locator("tbody tr").first).to_contain_text("逾期")
    newcomer.open("/incidents")
    newcomer.sees("生成办结通知书")
    newcomer.open("/reports/repair_dispatch")
    newcomer.sees("时间去向排名", "处置")
    newcomer.drawn("accept", "handle")
    assert newcomer.complaints == []
    newcomer.close()
    assert demo.stop() == 0
    assert demo.errors() == []
