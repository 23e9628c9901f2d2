"""What only a browser shows: keys, focus, fields that come and go, drafts, narrow screens, accessibility."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api import assets
from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.filters import TaskFilter
from tests.builders import process, user
from tests.e2e.material import APPLICATION, photo
from tests.rich_form import RICH_FORM
from tests.site import PASSWORD, Site, running_site

AXE = assets.WEB / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, ZOOMED = (390, 844), (1440, 900), (720, 450)
RICH = process("rich", "start -> fill -> end", user("fill", form="rich"))

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a rich form, a drawn process, open tasks, an incident and a message."""
    made = assets.build()
    assert made.islands, made.problem
    folder = tmp_path_factory.mktemp("town")
    with running_site(f"sqlite:///{folder / 'town.db'}", folder) as site:
        rich = {"rich.bpmn": RICH, "forms/rich.json": json.dumps(RICH_FORM).encode()}
        drawn = {p.relative_to(APPLICATION).as_posix(): p.read_bytes() for p in APPLICATION.rglob("*") if p.is_file()}
        for files in (rich, drawn):
            site.engine.execute(c.DeployDefinition(files=files, name="test"), by=SYSTEM)
        for number in range(3):
            site.start(place=f"长桥路 {number} 号，一个很长很长很长很长很长很长的地点说明，用来看看会不会把页面撑破")
        site.incident(site.start())
        site.engine.execute(c.Notify(key="m", recipient="su", subject="案件超期", body="请督办。"), by=SYSTEM)
        yield site


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """Cookies of those who have signed in, by user name: signing in is slow on purpose."""
    return {}


@pytest.fixture
def opened(browser: Browser, town: Site, sessions: dict[str, Any]) -> Iterator[Open]:
    """Opens a page as somebody; at the end the browser may not have complained, nor asked anybody else."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def go(person: str, path: str, *, size: tuple[int, int] = DESK, language: str = "en", **options: Any) -> Page:
        context = browser.new_context(
            base_url=town.url,
            viewport={"width": size[0], "height": size[1]},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            storage_state=sessions.get(person),
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("request", lambda r: None if r.url.startswith(town.url) else complaints.append(r.url))
        if person not in sessions:
            page.goto("/sign-in")
            page.fill("#username", person)
            page.fill("#password", PASSWORD)
            page.click("form[data-sign-in] button")
            page.wait_for_load_state()
            sessions[person] = context.storage_state()
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def desks(town: Site) -> list[tuple[str, str]]:
    """A page of every kind, and who opens it."""
    open_task = town.engine.read(SYSTEM).tasks(TaskFilter(scope="all", definition_key="repair")).items[0]
    incident = town.engine.read(SYSTEM).incidents(_any_incident()).items[0]
    return [
        ("li", "/inbox?scope=groups"),
        ("li", "/inbox?search=nothing-matches-this"),
        ("chen", "/start"),
        ("chen", "/start/repair_dispatch"),
        ("li", f"/tasks/{rich_task(town)}"),
        ("li", f"/tasks/{open_task.id}"),
        ("su", "/cases"),
        ("su", f"/cases/{incident.instance_id}"),
        ("chen", f"/cases/{open_task.instance_id}"),
        ("su", "/incidents"),
        ("su", f"/incidents/{incident.id}"),
        ("su", "/messages"),
        ("mei", "/reports"),
        ("mei", "/reports/repair"),
        ("mei", "/reports/import"),
        ("dora", "/definitions"),
        ("dora", "/definitions/repair_dispatch"),
        ("dora", "/definitions/new"),
        ("root", "/admin/users"),
        ("root", "/admin/users/li"),
        ("li", "/nowhere"),
    ]


def test_no_page_breaks_a_rule_of_accessibility(opened: Open, town: Site) -> None:
    axe = AXE.read_text("utf-8")
    broken = {}

    for person, path in desks(town):
        page = opened(person, path)
        page.wait_for_timeout(150)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']})")
        broken |= {f"{path}: {v['id']}": [n["html"][:160] for n in v["nodes"]][:3] for v in found["violations"]}
        page.context.close()

    assert broken == {}


@pytest.mark.parametrize("size", [PHONE, ZOOMED])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_a_phone_or_a_zoomed_window(
    opened: Open, town: Site, size: tuple[int, int], language: str
) -> None:
    wide = {}

    for person, path in desks(town):
        page = opened(person, path, size=size, language=language)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0:
            wide[path] = too_wide
        page.context.close()

    assert wide == {}


@pytest.mark.parametrize("size", [PHONE, ZOOMED])
def test_a_menu_opens_inside_the_window(opened: Open, town: Site, size: tuple[int, int]) -> None:
    incident = town.engine.read(SYSTEM).incidents(_any_incident()).items[0]
    page = opened("su", f"/cases/{incident.instance_id}", size=size)

    for menu in page.locator("details.menu").all():
        menu.locator("summary").click()
        box = menu.locator(".sheet").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        menu.locator("summary").click()


def test_what_one_presses_on_a_phone_is_large_enough(opened: Open, town: Site) -> None:
    small = {}
    measure = """[...document.querySelectorAll('button, .btn, .mainnav a, select, input:not([type=hidden])')]
        .filter(e => e.offsetParent && !e.closest('.out-of-sight') && !e.matches('.out-of-sight, .drop > input'))
        .filter(e => { const box = (e.matches('[type=checkbox], [type=radio]') ? e.closest('label, td') : e)
            .getBoundingClientRect(); return box.height < 43.5 && box.width > 1; })
        .map(e => e.outerHTML.slice(0, 90))"""

    for person, path in desks(town):
        page = opened(person, path, size=PHONE)
        if found := page.evaluate(measure):
            small[path] = found
        page.context.close()

    assert small == {}


def test_the_inbox_is_worked_by_keys_alone(opened: Open, town: Site) -> None:
    rich_task(town)
    page = opened("li", "/inbox?scope=groups")

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr[data-row]").first).to_have_class("is-current")
    page.keyboard.press("c")
    page.wait_for_url("**/tasks/*")
    expect(page.locator(".notice.is-good")).to_contain_text("is now yours")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    expect(page.locator(".notice.is-good, .error-summary")).to_be_visible()


def test_keys_are_letters_while_one_types(opened: Open) -> None:
    page = opened("li", "/inbox?scope=groups")

    page.locator("#search").press_sequentially("jck?/")

    expect(page.locator("#search")).to_have_value("jck?/")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_list_is_narrowed_while_one_types_and_the_address_says_how(opened: Open, town: Site) -> None:
    case = town.start(place="独一无二")
    number = town.engine.read(SYSTEM).instance(case).row.business_key
    page = opened("li", "/inbox?scope=groups")

    page.locator("#search").press_sequentially(number)

    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.wait_for_url(f"**search={number}**")
    expect(page.locator("#search")).to_be_focused()


def test_fields_come_and_go_and_what_was_typed_stays(opened: Open, town: Site) -> None:
    page = opened("li", f"/tasks/{rich_task(town)}")
    reason = page.locator('[data-field="reason"]')

    page.fill('[name="name"]', "李")
    expect(reason).to_be_hidden()
    page.check('[name="urgent"]')
    expect(reason).to_be_visible()
    page.fill('[name="reason"]', "有人被困")
    page.uncheck('[name="urgent"]')
    expect(reason).to_be_hidden()
    page.check('[name="urgent"]')
    expect(page.locator('[name="reason"]')).to_have_value("有人被困")
    expect(page.locator('[name="name"]')).to_have_value("李")


def test_rows_are_added_and_removed_and_numbered_anew(opened: Open, town: Site) -> None:
    page = opened("li", f"/tasks/{rich_task(town)}")

    page.get_by_role("button", name="Add an entry").click()
    page.get_by_role("button", name="Add an entry").click()
    for number, title in enumerate("一二三"):
        page.fill(f'[name="items[{number}].title"]', title)
    page.locator("[data-list-row]").nth(1).get_by_role("button").click()

    expect(page.locator("[data-list-row]")).to_have_count(2)
    expect(page.locator('[name="items[1].title"]')).to_have_value("三")
    expect(page.locator('label[for="f-items[1].title"]')).to_have_count(1)


def test_a_draft_outlives_the_window(opened: Open, town: Site) -> None:
    path = f"/tasks/{rich_task(town)}"
    page = opened("li", path)
    page.locator('[data-key="claim-this"]').click()
    page.wait_for_load_state()

    page.fill('[name="applicant.note"]', "写到一半\n第二行")
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft kept")
    page.context.close()
    again = opened("li", path)

    expect(again.locator('[name="applicant.note"]')).to_have_value("写到一半\n第二行")


def test_a_file_is_sent_ahead_and_handed_in_with_the_form(opened: Open, town: Site, tmp_path: Path) -> None:
    task = rich_task(town)
    page = opened("li", f"/tasks/{task}")

    page.set_input_files('input[type="file"]', [photo(tmp_path, "前.png", 40), photo(tmp_path, "后.png", 90)])
    expect(page.locator("li.file")).to_have_count(2)
    page.locator("li.file", has_text="前.png").get_by_role("button").click()
    page.fill('[name="name"]', "李")
    page.fill('[name="items[0].title"]', "照片")
    page.locator('[data-key="complete"]').click()
    page.wait_for_url("**/inbox*")

    assert [a.ref.name for a in town.engine.read(SYSTEM).task(task).attachments] == ["后.png"]


def test_after_a_refusal_the_reader_stands_before_the_summary_and_gets_to_the_field(opened: Open, town: Site) -> None:
    page = opened("li", f"/tasks/{rich_task(town)}")

    page.locator('[data-key="complete"]').click()
    page.wait_for_load_state()

    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").first.click()
    expect(page.locator('[name="name"]')).to_be_focused()


def test_everything_works_without_scripts(opened: Open, town: Site) -> None:
    task = rich_task(town)
    page = opened("li", f"/tasks/{task}", java_script_enabled=False)

    page.locator('[data-key="claim-this"]').click()
    page.get_by_role("button", name="Add an entry").click()
    page.fill('[name="name"]', "李")
    page.fill('[name="items[0].title"]', "一")
    page.fill('[name="items[1].title"]', "二")
    page.locator('[data-key="complete"]').click()
    page.wait_for_url("**/inbox*")

    variables = town.engine.read(SYSTEM).instance(town.engine.read(SYSTEM).task(task).row.instance_id).variables
    assert [row["title"] for row in variables["items"]] == ["一", "二"]  # type: ignore[index,attr-defined]


def test_a_diagram_is_drawn_named_in_the_readers_language_and_keeps_its_mark(opened: Open) -> None:
    page = opened("dora", "/definitions/repair_dispatch")

    expect(page.locator('#diagram [data-element-id="accept"]')).to_contain_text("Accept")
    expect(page.locator("#diagram .bjs-powered-by")).to_be_visible()
    page.get_by_role("link", name="Handle", exact=True).click()
    expect(page.locator('#diagram [data-element-id="handle"].selected')).to_be_visible()


def test_the_map_of_an_imported_log_and_its_table_say_the_same(opened: Open, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("case,activity,timestamp\n1,报案,2026-01-05 09:00\n1,结案,2026-01-07 09:00\n", "utf-8")
    page = opened("mei", "/reports/import")

    page.set_input_files("#file", log)
    page.get_by_role("button", name="Make the report").click()

    expect(page.locator(".map-scroll svg")).to_contain_text("结案")
    expect(page.locator("table").first).to_contain_text("结案")


def rich_task(town: Site) -> str:
    """The open task of a fresh case with the rich form."""
    case = town.engine.execute(c.StartInstance(definition="rich"), by=SYSTEM).instance_id
    return str(town.engine.read(SYSTEM).tasks(TaskFilter(scope="all", instance_id=case)).items[0].id)


def _any_incident() -> Any:
    from engine.filters import IncidentFilter

    return IncidentFilter(definition_key="repair")
