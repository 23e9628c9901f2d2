"""The case page says in words which rule decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders import process, rule, user
from tests.builders_dmn import decision, dmn, input_data, table
from tests.site import Site

Arrive = Callable[..., Any]

MODEL = process("permit", "start -> unit -> look -> end", rule("unit", "_unit", "unit"), user("look"))
UNITS = dmn(
    input_data("面积", "number"),
    input_data("区域", "string"),
    decision(
        "unit",
        table(["面积", "区域"], ["unit"], '<= 50 | - | "街道办"', '> 50 | "新城", "老城" | "城管局"', policy="FIRST"),
        inputs=["面积", "区域"],
    ),
)
TEXTS = "unit: Responsible unit\n城管局: City management\n面积: area\n区域: district\n新城: New Town\n老城: Old Town\n"


def a_case(site: Site, **variables: object) -> str:
    files = {"permit.bpmn": MODEL, "units.dmn": UNITS, "texts/en.yaml": TEXTS.encode()}
    site.engine.execute(c.DeployDefinition(files=files, name="permit"), by=SYSTEM)
    return site.start("li", definition="permit", **variables)


def test_staff_read_which_rule_decided_in_their_language(town: Site, visit: Arrive) -> None:
    case = a_case(town, 面积=80, 区域="老城")

    chinese = visit("li", language="zh").open(f"/cases/{case}").text
    english = visit("su", language="en").open(f"/cases/{case}").text

    assert "规则 2：面积 > 50、区域 = 新城 / 老城 → 城管局" in chinese
    assert "Rule 2: area > 50, district = New Town / Old Town → City management" in english


def test_staff_see_the_rules_of_that_time_with_the_values_of_the_case(town: Site, visit: Arrive) -> None:
    case = a_case(town, 面积=80.5, 区域="老城")
    su, path = visit("su", language="zh"), "//a[starts-with(@href, '/decisions/_unit')]/@href"
    (address,) = su.open(f"/cases/{case}").tree.xpath(path)
    files = {"permit.bpmn": MODEL, "units.dmn": UNITS.replace(b"&gt; 50", b"&gt; 60")}
    town.engine.execute(c.DeployDefinition(files=files, name="permit"), by=SYSTEM)

    page = su.open(address)
    others = visit("zhao", language="zh").open(address)

    assert page.tree.xpath("//input[@name='in.面积']/@value") == ["80.5"]
    assert "生效的规则： 2" in page.text and "> 50" in page.text and "已有更新版本" in page.text
    assert "> 50" in su.open(su.open(f"/cases/{case}").tree.xpath(path)[0]).text
    assert others.status == 404 and "80" not in others.text


def test_a_decision_without_result_is_shown_with_its_reason(town: Site, visit: Arrive) -> None:
    case = a_case(town, 面积="大", 区域="老城")

    page = visit("su", language="zh").open(f"/cases/{case}").text

    assert "决策依据" in page and "没有结果" in page
    assert "decision «unit»" in page


def test_several_decisions_deployed_alone_lead_to_the_list_of_decisions(town: Site, visit: Arrive) -> None:
    several = dmn(decision("one", "<list/>"), decision("two", "<list/>"), namespace="urn:several")

    page = visit("dora").send("/definitions/new", files=[("files", ("several.dmn", several))])

    assert page.status == 200
    assert page.answer.url.path == "/decisions"


def test_of_what_a_table_says_in_both_languages_readers_get_theirs(town: Site, visit: Arrive) -> None:
    rules = ('<= 50 | "hall" | "面积小" | "small"', '> 50 | "office" | "面积大" | "large"')
    unit = decision("unit", table(["面积"], ["unit", "why", "why_en"], *rules), inputs=["面积"])
    files = {"permit.bpmn": MODEL, "units.dmn": dmn(input_data("面积", "number"), unit)}
    town.engine.execute(c.DeployDefinition(files=files, name="permit"), by=SYSTEM)
    case = town.start("li", definition="permit", 面积=80)

    chinese = visit("li", language="zh").open(f"/cases/{case}").text
    english = visit("su", language="en").open(f"/cases/{case}").text

    assert "规则 2：面积 > 50 → unit: office; why: 面积大" in chinese
    assert "Rule 2: 面积 > 50 → unit: office; why: large" in english
    assert "why_en: " not in chinese + english.partition("Variables")[0]
