"""What pages say where a bare value would say nothing: clocks that stand, keys, one choice, who is no person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from engine import commands as c
from engine.contracts.principal import SYSTEM, Principal
from tests.builders import process, user
from tests.site import Site

Arrive = Callable[..., Any]

FOLLOWS = '<zeebe:properties><zeebe:property name="civiflow:recalculate" value="true"/></zeebe:properties>'
STRANGER = Principal(id="stranger", roles=frozenset({"citizen"}))
DUE = "=add working days(since, 5, stops)"
STOPPED = [{"reason": "补正材料", "key": "a", "from": "2026-11-20T10:00:00", "to": None}]
WATCHED = process(
    "watched",
    "start -> review -> end",
    user("review", due=DUE, more=FOLLOWS),
    properties={"civiflow:dueDate": DUE, "civiflow:recalculate": "true"},
)


def test_lists_and_heads_say_that_a_clock_stands_and_why(visit: Arrive, town: Site) -> None:
    town.engine.execute(c.DeployDefinition(files={"watched.bpmn": WATCHED}, name="watched"), by=SYSTEM)
    start = c.StartInstance(definition="watched", variables={"since": "2026-11-16T09:00:00", "stops": []})
    case = town.engine.execute(start, by=SYSTEM).instance_id
    task = town.task(case)
    clerk = visit("li", language="zh")
    places = ("/cases", f"/cases/{case}", "/inbox?scope=groups", f"/tasks/{task}")

    town.engine.execute(c.SetVariables(instance_id=case, variables={"stops": STOPPED}), by=SYSTEM)
    stopped = [clerk.open(place).text for place in places]
    resumed = [{**STOPPED[0], "to": "2026-11-20T11:00:00"}]
    town.engine.execute(c.SetVariables(instance_id=case, variables={"stops": resumed}), by=SYSTEM)
    lists = [clerk.open(place).text for place in ("/cases", "/inbox?scope=groups")]

    assert [place for place, text in zip(places, stopped, strict=True) if "时钟暂停：补正材料" not in text] == []
    assert all("时钟暂停" not in text for text in lists)


def test_why_a_clock_stands_is_told_only_to_those_who_see_the_case(town: Site) -> None:
    town.engine.execute(c.DeployDefinition(files={"watched.bpmn": WATCHED}, name="watched"), by=SYSTEM)
    start = c.StartInstance(definition="watched", variables={"since": "2026-11-16T09:00:00", "stops": []})
    case = town.engine.execute(start, by=SYSTEM).instance_id
    town.engine.execute(c.SetVariables(instance_id=case, variables={"stops": STOPPED}), by=SYSTEM)

    whole = town.engine.read(SYSTEM).stopped_clocks([case])
    stranger = town.engine.read(STRANGER).stopped_clocks([case])

    assert whole == {case: "补正材料", town.task(case): "补正材料"}
    assert stranger == {}


def test_what_was_chosen_from_settings_and_variables_is_said_in_words(visit: Arrive, town: Site) -> None:
    choice = {
        "type": "select",
        "key": "kind",
        "label": "特别程序",
        "valuesExpression": "=for each in settings.kinds[list contains(offered, code)] return "
        '{"label": each.name, "value": each.code}',
    }
    files = {
        "app.yaml": "key: kinds\nname: 程序\nversion: 1.0.0\n"
        "settings: {kinds: [{code: site_inspection, name: 现场勘验}]}".encode(),
        "kinds.bpmn": process("kinds", "start -> choose -> wait -> end", user("choose", form="choose"), user("wait")),
        "forms/choose.json": json.dumps({"id": "choose", "components": [choice]}).encode(),
    }
    town.engine.execute(c.DeployDefinition(files=files, name="kinds"), by=SYSTEM)
    start = c.StartInstance(definition="kinds", variables={"offered": ["site_inspection"]})
    case = town.engine.execute(start, by=SYSTEM).instance_id

    visit("li").send(f"/tasks/{town.task(case)}/complete", {"kind": "site_inspection"})
    facts = visit("li", language="zh").open(f"/cases/{case}").tree.xpath('//dl[@class="facts"]/dd/text()')

    assert "现场勘验" in facts


def test_a_single_required_choice_is_said_and_handed_in(visit: Arrive, town: Site) -> None:
    channel = {
        "type": "radio",
        "key": "channel",
        "label": "上报渠道",
        "values": [{"label": "市民上报", "value": "public"}],
        "defaultValue": "public",
        "validate": {"required": True},
    }
    files = {
        "one.bpmn": process("one", "start -> say -> end", user("say", form="say")),
        "forms/say.json": json.dumps({"id": "say", "components": [channel]}).encode(),
    }
    town.engine.execute(c.DeployDefinition(files=files, name="one"), by=SYSTEM)
    case = town.engine.execute(c.StartInstance(definition="one"), by=SYSTEM).instance_id
    task, clerk = town.task(case), visit("li", language="zh")

    page = clerk.open(f"/tasks/{task}")
    clerk.send(f"/tasks/{task}/complete", {"channel": page.tree.xpath('//input[@name="channel"]/@value')[0]})

    assert page.tree.xpath('//input[@type="radio"]') == []
    assert "市民上报" in page.text
    assert town.engine.read(SYSTEM).instance(case).variables["channel"] == "public"


def test_the_system_is_called_by_a_word(visit: Arrive, town: Site) -> None:
    town.engine.execute(c.DeployDefinition(files={"watched.bpmn": WATCHED}, name="watched"), by=SYSTEM)

    page = visit("su", language="zh").open("/definitions")

    assert page.tree.xpath('//tr[contains(., "watched")]//span[contains(., "系统")]')
