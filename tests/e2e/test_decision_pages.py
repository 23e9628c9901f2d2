"""Decisions in the browser: rules that fire light up, wide tables scroll in their own box, nobody is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api import assets
from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders_dmn import context, decision, dmn, input_data, item, literal, table
from tests.site import PASSWORD, Site, running_site

AXE = assets.WEB / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, ZOOMED, NARROW = (390, 844), (1440, 900), (720, 450), (1100, 800)
LONG = "缺少身份证明材料，请申请人在五个工作日内一次性补正，逾期未补正的视为撤回申请"

Open = Callable[..., Page]

COLUMNS = [f"条件{number}" for number in range(1, 37)]
WIDE_RULES = [
    " | ".join([*(f"> {rule}" if (rule + at) % 3 else "-" for at in range(36)), f'"{LONG}"', '"甲"', '"乙"', '"丙"'])
    for rule in range(100)
]
FEES = dmn(
    item("tZone", "string", allowed='"城区", "郊区"'),
    *(
        input_data("面积", "number"),
        input_data("区域", "tZone"),
        input_data("开始", "date"),
        input_data("急", "boolean"),
    ),
    decision(
        "单价",
        table(["面积", "区域"], ["单价"], "<= 50 | - | 2.5", '> 50 | "城区" | 4', '> 50 | "郊区" | 3', policy="FIRST"),
        inputs=["面积", "区域"],
    ),
    decision(
        "费用",
        context(("应付", literal("面积 * 单价")), ("说明", literal(f'if 急 then "{LONG}" else "无"'))),
        inputs=["面积", "开始", "急"],
        requires=["单价"],
    ),
)
WIDE = dmn(
    *(input_data(name, "number") for name in COLUMNS),
    decision("大表", table(COLUMNS, ["a", "b", "c", "d"], *WIDE_RULES, policy="RULE ORDER"), inputs=COLUMNS),
    namespace="urn:wide",
)
DESKS = (
    "/decisions",
    "/decisions?search=nothing-of-that-name",
    "/decisions/_单价",
    "/decisions/_单价?ask=1&in.面积=80&in.区域=郊区",
    "/decisions/_单价?ask=1",
    "/decisions/_费用?ask=1&in.面积=80&in.区域=郊区&in.急=true&in.开始=2026-11-22",
    "/decisions/_费用?ask=1&in.面积=many&in.区域=nowhere&feel={",
    "/decisions/_大表?ask=1&in.条件1=90",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a small decision, what rests on it, and a table of forty columns and a hundred rules."""
    made = assets.build()
    assert made.islands, made.problem
    folder: Path = tmp_path_factory.mktemp("town")
    with running_site(f"sqlite:///{folder / 'town.db'}", folder) as site:
        for name, files in {"fees.dmn": FEES, "wide.dmn": WIDE}.items():
            site.engine.execute(c.DeployDefinition(files={name: files}, name=name), by=SYSTEM)
        yield site


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    """Cookies of the one who has signed in: signing in is slow on purpose."""
    return {}


@pytest.fixture
def opened(browser: Browser, town: Site, state: dict[str, Any]) -> Iterator[Open]:
    """Opens a page; at the end the browser may not have complained, nor asked anybody else."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def go(path: str, *, size: tuple[int, int] = DESK, language: str = "en", **options: Any) -> Page:
        made = browser.new_context(
            base_url=town.url,
            viewport={"width": size[0], "height": size[1]},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            storage_state=state.get("root"),
            **options,
        )
        contexts.append(made)
        page = made.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
        )
        page.on("request", lambda r: None if r.url.startswith(town.url) else complaints.append(r.url))
        if "root" not in state:
            page.goto("/sign-in")
            page.fill("#username", "root")
            page.fill("#password", PASSWORD)
            page.click("form[data-sign-in] button")
            page.wait_for_load_state()
            state["root"] = made.storage_state()
        page.goto(path)
        return page

    yield go
    for each in contexts:
        each.close()
    assert complaints == []


def test_a_table_is_tried_and_the_rule_that_fires_lights_up(opened: Open) -> None:
    page = opened("/decisions")

    page.get_by_role("link", name="单价").click()
    page.get_by_label("面积").fill("80")
    page.get_by_label("区域").select_option("郊区")
    page.get_by_role("button", name="Decide").click()
    page.wait_for_url("**#answer")

    rows = page.locator("table.decision-table tbody tr")
    expect(page.locator("#answer .outcome")).to_have_text("3")
    expect(rows.nth(2)).to_have_class("is-hit")
    expect(rows.nth(2)).to_contain_text("fires")
    assert rows.nth(2).locator("td").first.evaluate("e => getComputedStyle(e).backgroundColor") != rows.nth(0).locator(
        "td"
    ).first.evaluate("e => getComputedStyle(e).backgroundColor")
    expect(rows.nth(1).locator("td.fails")).to_contain_text("城区")
    expect(page.get_by_label("面积")).to_have_value("80")
    page.reload()
    expect(page.locator("#answer .outcome")).to_have_text("3")


def test_keys_alone_are_enough_and_a_wrong_value_is_found_from_the_summary(opened: Open) -> None:
    page = opened("/decisions/_单价")

    page.get_by_label("面积").focus()
    page.keyboard.type("eighty")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("面积")).to_be_focused()
    expect(page.get_by_label("面积")).to_have_value("eighty")
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    page.keyboard.press("Enter")

    expect(page.locator("#answer .outcome")).to_have_text("2.5")


def test_without_scripts_it_answers_too(opened: Open) -> None:
    page = opened("/decisions/_费用", language="zh", java_script_enabled=False)

    page.get_by_label("面积").fill("10")
    page.get_by_label("急").select_option("true")
    page.get_by_role("button", name="试算").click()

    expect(page.locator("#answer")).to_contain_text(LONG)
    page.locator("details.area summary").click()
    expect(page.locator("details.area tr.is-hit")).to_contain_text("生效")


def test_a_hundred_rules_of_forty_columns_scroll_in_their_own_box(opened: Open) -> None:
    page = opened("/decisions/_大表?ask=1&feel={" + ",".join(f"条件{n}: 41.5" for n in range(1, 37)) + "}")
    box, head = page.locator(".sheet-scroll"), page.locator("table.decision-table thead")

    before = head.bounding_box()
    page.get_by_role("link", name="42", exact=True).click()
    shown = page.locator("#t1-42")

    expect(shown).to_be_in_viewport()
    after = head.locator("th").first.bounding_box()
    assert before and after
    top = box.bounding_box()
    assert top and abs(after["y"] - top["y"]) < 3  # the head stays
    assert box.evaluate("e => e.scrollTop") > 0
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(box).not_to_have_js_property("scrollLeft", 0)


def test_no_decision_page_breaks_a_rule_of_accessibility(opened: Open) -> None:
    axe = AXE.read_text("utf-8")
    broken = {}

    for path in DESKS:
        page = opened(path)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']})")
        broken |= {f"{path}: {v['id']}": [n["html"][:160] for n in v["nodes"]][:3] for v in found["violations"]}
        page.context.close()

    assert broken == {}


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh"), (ZOOMED, "en"), (NARROW, "en")])
def test_no_decision_page_is_wider_than_its_window(opened: Open, size: tuple[int, int], language: str) -> None:
    wide = {}

    for path in DESKS:
        page = opened(path, size=size, language=language)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0:
            wide[path] = too_wide
        page.context.close()

    assert wide == {}


def test_what_one_presses_on_a_phone_is_large_enough(opened: Open) -> None:
    small = {}
    measure = """[...document.querySelectorAll('button, .btn, .mainnav a, select, input:not([type=hidden])')]
        .filter(e => e.offsetParent && !e.closest('.out-of-sight') && !e.matches('.out-of-sight'))
        .filter(e => { const box = (e.matches('[type=checkbox], [type=radio]') ? e.closest('label, td') : e)
            .getBoundingClientRect(); return box.height < 43.5 && box.width > 1; })
        .map(e => e.outerHTML.slice(0, 90))"""

    for path in DESKS:
        page = opened(path, size=PHONE)
        if found := page.evaluate(measure):
            small[path] = found
        page.context.close()

    assert small == {}
