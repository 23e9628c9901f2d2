"""Decisions on their own pages: listed, read as tables, and tried with the rules that fire marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api import assets
from engine import commands as c
from engine.clock import FakeClock
from engine.contracts.principal import SYSTEM
from tests.builders import process, rule, user
from tests.builders_dmn import bkm, context, decision, dmn, input_data, item, literal, service, table
from tests.integration.pages.conftest import NOON
from tests.site import PASSWORD, Site, running_site

Arrive = Callable[..., Any]

MODEL = process("permit", "start -> price -> look -> end", rule("price", "_fee", "fee"), user("look"))
RULES = (
    '<= 50 | - | 2.5 | "小面积"',
    '> 50 | "城区" | 4 | "城区加价"',
    '> 50 | "郊区" | 3 | "郊区"',
)


def fees(*rules: str, more: str = "") -> bytes:
    return dmn(
        item("tZone", "string", allowed='"城区", "郊区"'),
        item("tPapers", "string", collection=True, allowed='"身份证", "执照"'),
        item("tPlace", parts=item("street", "string", tag="itemComponent") + item("no", "number", tag="itemComponent")),
        *(input_data("面积", "number"), input_data("区域", "tZone"), input_data("开始", "date")),
        *(input_data("期限", "days and time duration"), input_data("材料", "tPapers"), input_data("急", "boolean")),
        input_data("地点", "tPlace"),
        bkm("round up", ["x: number"], literal("ceiling(x)")),
        decision("rate", table(["面积", "区域"], ["price", "why"], *(rules or RULES)), inputs=["面积", "区域"]),
        decision(
            "fee",
            context(
                ("due", literal("round up(面积 * rate.price)")),
                ("until", literal("开始 + 期限")),
                ("papers", literal("count(材料)")),
                ("fast", literal("急")),
                ("where", literal("地点.street")),
            ),
            inputs=["面积", "开始", "期限", "材料", "急", "地点"],
            requires=["rate"],
            knows=["round up"],
        ),
        more,
    )


TEXTS = "fee: Fee\nrate: Rate\n面积: Area\n区域: District\n城区: Inner city\n郊区: Suburb\nlook: Look\nprice: Price\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a fee that rests on a table, asked by a process."""
    assets.build()
    folder: Path = tmp_path_factory.mktemp("town")
    with running_site(f"sqlite:///{folder / 'town.db'}", folder, clock=FakeClock(NOON)) as site:
        files = {"permit.bpmn": MODEL, "fees.dmn": fees(), "texts/en.yaml": TEXTS.encode()}
        site.engine.execute(c.DeployDefinition(files=files, name="permit", application="permits"), by=SYSTEM)
        yield site


def cells(row: Any) -> list[str]:
    return [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]


def asking(key: str, **values: str) -> str:
    given = "&".join(f"in.{quote(name)}={quote(value)}" for name, value in values.items())
    return f"/decisions/{key}?ask=1&{given}"


def test_staff_find_decisions_with_their_rules_and_findings(town: Site, visit: Arrive) -> None:
    page = visit("li").open("/decisions")
    searched = visit("li").open("/decisions?search=rat")
    nothing = visit("li", language="zh").open("/decisions?search=nonesuch")

    rate = next(row for row in page.tree.xpath("//tr[@data-row]") if "_rate" in row.text_content())
    assert cells(rate)[0] == "Rate_rate"
    assert {"permits", "1", "fees.dmn", "3 rules Unique", "clean"} <= set(cells(rate))
    assert "/decisions" in page.links()  # the way in the bar
    assert [row.xpath(".//a/@href")[0] for row in searched.tree.xpath("//tr[@data-row]")] == ["/decisions/_rate"]
    assert "没有找到这样的决策" in nothing.text


def test_citizens_have_no_way_there(town: Site, visit: Arrive) -> None:
    citizen = visit("chen")

    assert "/decisions" not in citizen.open("/messages").links()
    assert citizen.open("/decisions").status == 403
    assert citizen.open("/decisions/_rate").status == 403


def test_where_nothing_is_deployed_it_says_how_to_begin(tmp_path: Path) -> None:
    accepts = {"Accept": "text/html", "Accept-Language": "en"}
    with (
        running_site(f"sqlite:///{tmp_path / 'bare.db'}", tmp_path) as bare,
        bare.stranger(headers=accepts, follow_redirects=True) as browser,
    ):
        browser.post("/sign-in", data={"username": "dora", "password": PASSWORD})
        page = browser.get("/decisions").text

    assert "No decision is deployed yet" in page
    assert 'href="/definitions/new"' in page


def test_a_table_is_read_as_a_table(town: Site, visit: Arrive) -> None:
    page = visit("su", language="zh").open("/decisions/_rate")

    (sheet,) = page.tree.xpath("//table[contains(@class, 'decision-table')]")
    assert sheet.xpath("./caption")[0].text_content() == "“rate”的规则"
    assert all(head.get("scope") == "col" for head in sheet.xpath("./thead//th"))
    assert all(row.xpath("./th/@scope") == ["row"] for row in sheet.xpath("./tbody/tr"))
    assert cells(sheet.xpath("./tbody/tr[2]")[0]) == ["2", "> 50", "城区", "4", "城区加价"]
    assert cells(sheet.xpath("./tbody/tr[1]")[0])[2] == "–任意"
    assert "唯一：最多一条规则符合" in page.text
    assert "被谁使用 fee 决策" in page.text


def test_boxed_expressions_requirements_and_uses_are_shown(town: Site, visit: Arrive) -> None:
    page = visit("su").open("/decisions/_fee")

    assert "round up(面积 * rate.price)" in page.text
    assert "Rate decision" in page.text and "round up knowledge model" in page.text
    assert "permit version 1 · Price" in page.text
    assert "/decisions/_rate" in page.links()


def test_every_boxed_expression_can_be_read(town: Site, visit: Arrive) -> None:
    logic = (
        "<conditional><if><literalExpression><text>n &gt; 1</text></literalExpression></if>"
        "<then><filter><in><list><literalExpression><text>1</text></literalExpression></list></in>"
        "<match><literalExpression><text>item &gt; 0</text></literalExpression></match></filter></then>"
        '<else><for iteratorVariable="one"><in><relation><column name="a"/><row><literalExpression><text>"甲"</text>'
        "</literalExpression></row></relation></in><return><invocation><literalExpression><text>twice</text>"
        '</literalExpression><binding><parameter name="x"/><literalExpression><text>2</text></literalExpression>'
        "</binding></invocation></return></for></else></conditional>"
    )
    files = dmn(
        input_data("n", "number"),
        bkm("twice", ["x: number"], literal("x * 2")),
        decision("all boxes", logic, inputs=["n"], knows=["twice"]),
        service("offered", outputs=["all boxes"], data=["n"]),
        namespace="urn:boxes",
    )
    town.engine.execute(c.DeployDefinition(files={"boxes.dmn": files}, name="boxes"), by=SYSTEM)

    page = visit("su", language="zh").open("/decisions/_all_boxes")
    offered = visit("su", language="zh").open(asking("_offered", n="3"))

    for words in ("如果", "n > 1", "中取", "item > 0", "对每个 one", "甲", "调用", "twice", "否则"):
        assert words in page.text
    assert "决策服务：对外给出下列决策的结果" in offered.text
    assert offered.tree.xpath("//*[@id='answer']//p[contains(@class, 'outcome')]")[0].text_content() == "1"


def test_rules_that_fire_are_marked_in_words_and_so_is_why_others_do_not(town: Site, visit: Arrive) -> None:
    page = visit("su").open(asking("_rate", 面积="80", 区域="城区"))

    rows = page.tree.xpath("//table[contains(@class, 'is-lit')]/tbody/tr")
    assert [row.get("class") for row in rows] == ["is-miss", "is-hit", "is-miss"]
    assert cells(rows[0])[:2] == ["1", "does not match: ≤ 50"]
    assert cells(rows[1]) == ["2fires", "matches: > 50", "matches: Inner city", "4", "城区加价"]
    assert cells(rows[2])[1:3] == ["matches: > 50", "does not match: Suburb"]
    assert "given:= 80" in page.text
    assert "Rules that fire: 2" in page.text
    assert '"price": 4' in page.text


def test_rules_after_the_first_that_matches_were_not_looked_at(town: Site, visit: Arrive) -> None:
    first = dmn(
        input_data("n", "number"),
        decision("first", table(["n"], ["out"], "> 9 | 1", "> 1 | 2", "> 0 | 3", policy="FIRST"), inputs=["n"]),
        namespace="urn:first",
    )
    town.engine.execute(c.DeployDefinition(files={"first.dmn": first}, name="first"), by=SYSTEM)

    page = visit("su").open(asking("_first", n="5"))

    rows = page.tree.xpath("//table[contains(@class, 'is-lit')]/tbody/tr")
    assert [row.get("class") for row in rows] == ["is-miss", "is-hit", "is-unasked"]
    assert cells(rows[2])[0] == "3not looked at"


def test_values_are_typed_as_people_write_them_and_answered_in_words(town: Site, visit: Arrive) -> None:
    path = asking("_fee", 面积="80.4", 区域="郊区", 开始="2026-11-22", 期限="2天", 急="true") + (
        f"&in.{quote('材料')}={quote('身份证')}&in.{quote('材料')}={quote('执照')}&in.{quote('地点.street')}={quote('长桥路')}"
    )
    page = visit("su", language="zh").open(path)

    answer = page.tree.xpath("//*[@id='answer']")[0]
    said = dict(zip(*(answer.xpath(f".//dl/{tag}/text()") for tag in ("dt", "dd")), strict=True))
    assert said == {"due": "242", "until": "2026年11月24日", "papers": "2", "fast": "是", "where": "长桥路"}
    below = page.tree.xpath("//details[contains(@class, 'area')]")[0]
    assert "rate = price：3；why：郊区" in " ".join(below.text_content().split())
    assert [row.get("class") for row in below.xpath(".//tbody/tr")] == ["is-miss", "is-miss", "is-hit"]


def test_the_form_has_a_field_for_everything_the_graph_needs(town: Site, visit: Arrive) -> None:
    tree = visit("su").open("/decisions/_fee").tree

    assert tree.xpath("//select[@name='in.区域']/option/@value") == ["", "城区", "郊区"]
    assert tree.xpath("//select[@name='in.急']/option/text()") == ["not given", "yes", "no"]
    assert tree.xpath("//input[@name='in.开始']/@type") == ["date"]
    assert tree.xpath("//input[@name='in.材料']/@value") == ["身份证", "执照"]
    assert tree.xpath("//fieldset[legend='地点']//input/@name") == ["in.地点.street", "in.地点.no"]
    labels = {label.get("for") for label in tree.xpath("//main//label[@for]")}
    assert set(tree.xpath("//form//input[@type='text']/@id")) <= labels


def test_each_wrong_value_is_named_and_everything_typed_stays(town: Site, visit: Arrive) -> None:
    wrong = {
        "in.面积": "很大",
        "in.区域": "海外",
        "in.开始": "明天",
        "in.期限": "很久",
        "in.地点.no": "一号",
        "feel": "{急: ",
    }
    page = visit("su", language="zh").send("/decisions/_fee", wrong)

    assert page.status == 422
    problems = [" ".join(one.text_content().split()) for one in page.tree.xpath("//p[@class='problem']")]
    assert problems[:5] == [
        "请填写数字，如 12 或 12.5。",
        "请填写日期，如 2026-11-22。",
        "请填写时长，如 P3D 或“3 天”，PT8H 或“8 小时”。",
        "请填写数字，如 12 或 12.5。",
        "请填写允许的值：城区、郊区。",
    ]
    assert problems[5].startswith("不是可读的 FEEL")
    for name in ("in.面积", "in.开始", "in.期限", "in.地点.no"):
        assert page.tree.xpath(f"//input[@name='{name}']/@value") == [wrong[name]]
    assert page.tree.xpath("//select[@name='in.区域']/option[@selected]/@value") == ["海外"]
    assert page.tree.xpath("//textarea[@name='feel']")[0].text.strip() == "{急:"
    assert not page.tree.xpath("//*[@id='answer']")
    targets = page.tree.xpath("//div[@class='error-summary']//a/@href")
    assert len(targets) == 6 and all(page.tree.xpath(f"//*[@id='{target[1:]}']") for target in targets)


def test_an_expert_gives_feel_in_a_field_and_beside_them(town: Site, visit: Arrive) -> None:
    page = visit("su").open(
        asking("_rate", 面积="=40 * 2") + "&feel=" + quote('{"区域": if 面积 = 80 then "郊区" else null}')
    )

    assert "Rules that fire: 3" in page.text


def test_the_answer_has_an_address_that_can_be_handed_on(town: Site, visit: Arrive) -> None:
    su = visit("su")
    page = su.send("/decisions/_rate", {"in.面积": "80", "in.区域": "城区", "feel": ""})

    address = str(page.answer.url)
    assert page.answer.history[0].status_code == 303
    assert "in.%E9%9D%A2%E7%A7%AF=80" in address and "feel" not in address and "csrf" not in address
    again = visit("li").open(address)
    assert "Rules that fire: 2" in again.text


def test_more_than_an_address_holds_is_answered_all_the_same(town: Site, visit: Arrive) -> None:
    page = visit("su").send(
        "/decisions/_rate", {"in.面积": "80", "feel": '{"区域": "城区", "x": "' + "长" * 3000 + '"}'}
    )

    assert page.status == 200 and not page.answer.history
    assert "Rules that fire: 2" in page.text
    assert "There are too many values for a link." in page.text


def test_why_there_is_no_result_is_said_in_the_readers_language(town: Site, visit: Arrive) -> None:
    both = dmn(
        input_data("n", "number"),
        decision("both", table(["n"], ["out"], "> 1 | 1", "> 2 | 2"), inputs=["n"]),
        decision("none", table(["n"], ["out"], "> 1 | 1"), inputs=["n"]),
        namespace="urn:both",
    )
    town.engine.execute(c.DeployDefinition(files={"both.dmn": both}, name="both"), by=SYSTEM)
    reader = visit("su", language="zh")

    ambiguous, unmatched, missing = (
        reader.open(asking("_both", n="3")),
        reader.open(asking("_none", n="1")),
        reader.open("/decisions/_both?ask=1"),
    )

    assert "符合但未生效的规则： 1、2" in ambiguous.text
    assert [row.get("class") for row in ambiguous.tree.xpath("//table[contains(@class, 'is-lit')]/tbody/tr")] == [
        "is-near has-finding" if row == 2 else "is-near" for row in (1, 2)
    ]
    assert "没有结果的原因： both：按命中策略“唯一”最多只能有一条规则符合，但规则 1、2 都符合" in ambiguous.text
    assert "没有规则符合；叉号标出" in unmatched.text and "没有结果的原因" not in unmatched.text
    assert "没有给出：n" in missing.text


def test_an_answer_that_takes_too_long_is_said_so(town: Site, visit: Arrive) -> None:
    slow = dmn(
        input_data("n", "number"),
        decision("slow", literal("count(for i in 1..n, j in 1..n return i * j)"), inputs=["n"]),
        namespace="urn:slow",
    )
    town.engine.execute(c.DeployDefinition(files={"slow.dmn": slow}, name="slow"), by=SYSTEM)

    page = visit("su").open(asking("_slow", n="100000"))

    assert page.status == 200
    assert (
        "No answer. It takes too long or makes too much; have it go through fewer items. (Expected the expression to"
        in page.text
    )
    assert page.tree.xpath("//input[@name='in.n']/@value") == ["100000"]


def test_findings_stand_beside_the_rules_they_are_about(town: Site, visit: Arrive) -> None:
    overlapping = dmn(
        input_data("n", "number"),
        decision("over", table(["n"], ["out"], "> 1 | 1", "> 2 | 2", "<= 1 | 0"), inputs=["n"]),
        namespace="urn:over",
    )
    town.engine.execute(c.DeployDefinition(files={"over.dmn": overlapping}, name="over"), by=SYSTEM)

    page = visit("su", language="zh").open("/decisions/_over")

    marked = page.tree.xpath("//tr[contains(@class, 'has-finding')]")
    assert [row.get("id") for row in marked] == ["t1-2"]
    assert "与第 1 条规则重叠" in marked[0].xpath(".//a/@title")[0]
    assert "请缩小第 1 条规则" in page.text


def test_versions_say_what_changed(town: Site, visit: Arrive) -> None:
    def deploy(*rules: str) -> None:
        made = dmn(
            input_data("n", "number"),
            decision("limit", table(["n"], ["days"], *rules, policy="FIRST"), inputs=["n"]),
            decision("above", literal("limit + 1"), requires=["limit"]),
            namespace="urn:limit",
        )
        town.engine.execute(c.DeployDefinition(files={"limit.dmn": made}, name="limit"), by=SYSTEM)

    deploy("> 10 | 5", "> 5 | 3", "- | 1")
    deploy("> 10 | 7", "> 5 | 3", "> 2 | 2", "- | 1")
    su = visit("su")

    newest, oldest, above = (
        su.open("/decisions/_limit"),
        su.open("/decisions/_limit?version=1"),
        su.open("/decisions/_above"),
    )

    assert "What changed since version 1" in newest.text
    changes = [" ".join(li.text_content().split()) for li in newest.tree.xpath("//section[@id='changes']//li")]
    assert changes[0] == "changed rule 1: days 5 → 7"
    assert any("added" in change for change in changes)
    assert "there is a newer version" in oldest.text and "What changed" not in oldest.text
    assert "Of what it rests on: limit" in above.text
    assert "> 2" not in oldest.tree.xpath("//table[contains(@class, 'decision-table')]")[0].text_content()


def test_the_file_comes_back_as_it_was_uploaded(town: Site, visit: Arrive) -> None:
    answer = visit("su").open("/decisions/_rate/file").answer

    assert answer.content == fees()
    assert "fees.dmn" in answer.headers["content-disposition"]


def test_a_decision_that_is_not_there_is_not_found(town: Site, visit: Arrive) -> None:
    su = visit("su")

    assert su.open("/decisions/_nothing").status == 404
    assert su.open("/decisions/_rate?version=99").status == 404
    assert su.open("/decisions/_rate?against=99").status == 404


def test_a_decision_uploaded_alone_leads_to_its_page(town: Site, visit: Arrive) -> None:
    alone = dmn(decision("alone", literal("1")), namespace="urn:alone")

    page = visit("dora").send("/definitions/new", files=[("files", ("alone.dmn", alone))])

    assert page.answer.url.path == "/decisions/_alone"
    assert "Deployed: alone" in page.text


def test_decisions_are_linked_from_the_process_they_came_with(town: Site, visit: Arrive) -> None:
    page = visit("dora").open("/definitions/permit")

    assert {"/decisions/_rate", "/decisions/_fee"} <= page.links()


def test_checked_files_can_be_tried_before_they_are_deployed(town: Site, visit: Arrive) -> None:
    dora = visit("dora")
    before = len(town.engine.read(SYSTEM).decisions(latest_only=False))
    draft = dmn(
        input_data("n", "number"),
        decision("draft", table(["n"], ["out"], '> 1 | "<多>"', '<= 1 | "少"'), inputs=["n"]),
        namespace="urn:draft",
    )

    checked = dora.send("/definitions/new", {"check": "1"}, files=[("files", ("draft.dmn", draft))])
    (form,) = checked.tree.xpath("//form[@action='/decisions/draft/try']")
    carried = {
        "draft.path": form.xpath(".//input[@name='draft.path']/@value")[0],
        "draft.content": form.xpath(".//textarea")[0].text.removeprefix("\n"),
    }
    page = dora.send("/decisions/draft/try", {"key": "_draft", **carried})
    asked = dora.send("/decisions/draft/try", {"key": "_draft", **carried, "in.n": "3", "ask": "1"})

    assert "not deployed" in page.text and "Versions" not in page.text
    assert "Rules that fire: 1" in asked.text and "<多>" in asked.text
    assert len(asked.tree.xpath("//tr[@class='is-hit']")) == 1
    assert asked.tree.xpath("//textarea[@name='draft.content']")[0].text.strip() == draft.decode().strip()
    assert len(town.engine.read(SYSTEM).decisions(latest_only=False)) == before
    assert visit("li").send("/decisions/draft/try", {"key": "_draft", **carried}).status == 403
    assert dora.send("/decisions/draft/try", {"key": "_draft"}).status == 422


def test_a_knowledge_model_called_by_several_decisions_is_shown_each_time(town: Site, visit: Arrive) -> None:
    shared = dmn(
        input_data("n", "number"),
        bkm("band", ["x: number"], table(["x"], ["out"], "> 5 | 1", "<= 5 | 2")),
        decision("low", literal("band(n)"), inputs=["n"], knows=["band"]),
        decision("high", literal("band(n + 5)"), inputs=["n"], knows=["band"]),
        decision("sum", literal("low + high + band(1) + band(9)"), requires=["low", "high"], knows=["band"]),
        namespace="urn:shared",
    )
    town.engine.execute(c.DeployDefinition(files={"shared.dmn": shared}, name="shared"), by=SYSTEM)

    page = visit("su").open(asking("_sum", n="3"))

    ids = page.tree.xpath("//tr/@id")
    assert len(ids) == len(set(ids)) and len(ids) >= 8
    assert "Asked 2 times" in page.text
    assert page.tree.xpath("//*[@id='answer']//p[contains(@class, 'outcome')]")[0].text_content() == "6"


def test_of_rules_that_match_by_priority_one_decides(town: Site, visit: Arrive) -> None:
    logic = table(
        ["n"], ["out"], '> 1 | "low"', '> 2 | "high"', '> 3 | "low"', policy="PRIORITY", output_values=['"high", "low"']
    )
    files = dmn(input_data("n", "number"), decision("by_priority", logic, inputs=["n"]), namespace="urn:priority")
    town.engine.execute(c.DeployDefinition(files={"priority.dmn": files}, name="priority"), by=SYSTEM)

    page = visit("su").open(asking("_by_priority", n="9"))

    rows = page.tree.xpath("//table[contains(@class, 'is-lit')]/tbody/tr")
    assert [row.get("class").split()[0] for row in rows] == ["is-near", "is-hit", "is-near"]
    assert [cells(row)[0].removesuffix("finding") for row in rows] == ["1matches", "2fires", "3matches"]
    assert "Rules that fire: 2" in page.text and "Rules that match and do not decide: 1, 3" in page.text
