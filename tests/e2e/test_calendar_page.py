"""The calendar's page in a real browser: look, change a day, preview, publish, move deadlines; on a phone too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine import Engine
from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders import process, user
from tests.e2e.person import PASSWORD, Person
from tests.e2e.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLLOWS = '<zeebe:properties><zeebe:property name="civiflow:recalculate" value="true"/></zeebe:properties>'
DUE = "=add working days(since, 5, stops)"
MODEL = process(
    "letter",
    "start -> answer -> end",
    user("answer", groups="desk", due=DUE, more=FOLLOWS),
    properties={
        "civiflow:subject": '="关于道路积水的来信"',
        "civiflow:dueDate": DUE,
        "civiflow:recalculate": "true",
        "civiflow:milestones": '=[{name: "受理", name_en: "Accept", due: add working days(since, 1), reached: since},'
        ' {name: "答复来信人", name_en: "Answer", due: add working days(since, 5, stops)}]',
    },
)
STOP = {"reason": "等待补正材料", "key": None, "from": "2027-03-02T10:00:00", "to": None}


def picture(person: Person, name: str) -> None:
    """Keep what the person sees, where somebody asks for pictures."""
    if folder := os.environ.get("CIVIFLOW_PICTURES"):
        person.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_an_administrator_changes_a_day_and_moves_the_deadlines(server: Server, visitor: Callable[..., Person]) -> None:
    server.start()
    admin = visitor(language="en")
    admin.open(server.welcome_path)
    for field in admin.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    admin.page.locator("main").get_by_role("button").first.click()
    expect(admin.page.locator("header.topbar")).to_be_visible()
    with Engine.open(server.database) as engine:
        engine.execute(c.DeployDefinition(files={"m.bpmn": MODEL}), by=SYSTEM)
        start = c.StartInstance(definition="letter", variables={"since": "2027-03-01T09:00:00", "stops": []})
        case = engine.execute(start, by=SYSTEM).instance_id

    admin.open("/admin/calendar?year=2027")
    page = admin.page
    expect(page.get_by_text("Provisional", exact=True)).to_be_visible()
    picture(admin, "year")
    page.locator('a.day[href*="2027-03-03"]').click()
    page.get_by_label("to (if several)").fill("2027-03-04")
    page.get_by_label("Name", exact=True).fill("Snow")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_text("Preview: not in force yet")).to_be_visible()
    expect(page.locator(".day.is-site-off.is-changed")).to_have_count(2)
    picture(admin, "preview")
    page.get_by_label("Other hours", exact=True).fill("nine to five")
    page.get_by_label("open at other hours").check()
    page.get_by_label("Day", exact=True).fill("2027-03-05")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Enter hours such as")
    picture(admin, "wrong")
    page.get_by_label("Why, for the history").fill("Notice 12")
    page.get_by_label("Move the open deadlines").check()
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_text("deadlines moved / cases looked at: 2 / 1")).to_be_visible()
    expect(page.get_by_text("Notice 12")).to_be_visible()
    picture(admin, "published")
    with Engine.open(server.database) as engine:
        assert [v.note for v in engine.read(SYSTEM).calendar_versions()] == ["Notice 12"]
        due = engine.read(SYSTEM).instance(case).row.due_at
        assert due is not None
        assert due.date().isoformat() == "2027-03-10"

    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator(".day.is-changed")).to_have_count(1)

    with Engine.open(server.database) as engine:
        engine.execute(c.SetVariables(instance_id=case, variables={"stops": [STOP]}), by=SYSTEM)
    phone = visitor(language="zh", size=(360, 740))
    phone.sign_in("admin")
    phone.open("/admin/calendar?year=2027")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, "phone")
    phone.open(f"/cases/{case}")
    expect(phone.page.get_by_text("时钟暂停：等待补正材料").first).to_be_visible()
    picture(phone, "milestones-phone")
    admin.open(f"/cases/{case}")
    expect(admin.page.get_by_text("clock stopped: 等待补正材料").first).to_be_visible()
    admin.page.get_by_text("How deadlines moved").click()
    expect(admin.page.get_by_text("The whole case").first).to_be_visible()
    picture(admin, "milestones")
