"""Forms on pages: what is refused, what comes and goes, drafts, rows, files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.filters import TaskFilter
from tests.builders import LI, WANG, node, process, user
from tests.site import Site

Arrive = Callable[..., Any]

PLACE_FORM = '<bpmn:extensionElements><zeebe:formDefinition formId="place"/></bpmn:extensionElements>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_in_both_languages(
    visit: Arrive, town: Site
) -> None:
    task = town.task(town.start(definition="rich"))
    typed = {"amount": "much", "tags": ["a", "c"], "urgent": "true", "items": "rows", "items[0].title": ""}

    english = visit("li").send(f"/tasks/{task}/complete", typed)
    chinese = visit("li", language="zh").send(f"/tasks/{task}/complete", typed)

    assert (english.status, chinese.status) == (422, 422)
    assert "Full name: This field is needed." in english.text
    assert "Expected a number but got “much”." in english.text
    assert "姓名：请填写此项。" in chinese.text
    assert chinese.tree.xpath('//input[@name="amount"]/@value') == ["much"]
    assert chinese.tree.xpath('//input[@name="tags"][@checked]/@value') == ["a", "c"]
    assert set(chinese.tree.xpath('//div[@class="error-summary"]//a/@href')) == {
        "#f-name",
        "#f-amount",
        "#f-reason",
        "#f-items[0].title",
    }
    assert town.engine.read(SYSTEM).task(task).row.state == "open"


def test_fields_come_and_go_with_what_is_typed(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), town.task(town.start(definition="rich"))

    calm = visitor.send(f"/tasks/{task}/visibility", {"name": "x"}).answer.json()
    urgent = visitor.send(f"/tasks/{task}/visibility", {"name": "x", "urgent": "true"}).answer.json()

    assert calm == {"hidden": ["reason"]}
    assert urgent == {"hidden": []}


def test_conditions_of_a_form_see_the_settings_of_the_application(visit: Arrive, town: Site) -> None:
    asked = {
        "type": "textfield",
        "key": "house",
        "label": "房号",
        "conditional": {"hide": "=street != settings.street"},
    }
    form = {"id": "place", "components": [{"type": "textfield", "key": "street", "label": "街道"}, asked]}
    files = {
        "place.bpmn": process(
            "place", "start -> visit -> end", node("startEvent", "start", PLACE_FORM), user("visit", form="place")
        ),
        "forms/place.json": json.dumps(form).encode(),
        "app.yaml": "settings: {street: 海棠路}".encode(),
    }
    town.engine.execute(c.DeployDefinition(files=files, name="place"), by=SYSTEM)
    visitor = visit("li")

    page = visitor.open("/start/place")
    elsewhere = visitor.send("/start/place/visibility", {"street": "古渡路"}).answer.json()
    here = visitor.send("/start/place/visibility", {"street": "海棠路"}).answer.json()
    visitor.send("/start/place", {"street": "海棠路", "house": "12", "once": "place"})
    (task,) = town.engine.read(LI).tasks(TaskFilter(scope="groups", search="place")).items
    at_work = visitor.send(f"/tasks/{task.id}/visibility", {"street": "古渡路"}).answer.json()

    assert page.tree.xpath('//div[@data-field="house"]/@hidden')
    assert page.tree.xpath("//form/@data-conditions") == ["/start/place/visibility"]
    assert (elsewhere, here, at_work) == ({"hidden": ["house"]}, {"hidden": []}, {"hidden": ["house"]})


def test_what_is_only_shown_stays_when_other_fields_change_or_are_refused(visit: Arrive, town: Site) -> None:
    shown = {
        "type": "textfield",
        "key": "street",
        "label": "街道",
        "readonly": True,
        "conditional": {"hide": "=street = null"},
    }
    form = {"id": "shown", "components": [shown, {"type": "textfield", "key": "note", "validate": {"required": True}}]}
    files = {
        "shown.bpmn": process("shown", "start -> look -> end", user("look", form="shown")),
        "forms/shown.json": json.dumps(form).encode(),
    }
    town.engine.execute(c.DeployDefinition(files=files, name="shown"), by=SYSTEM)
    started = town.engine.execute(c.StartInstance(definition="shown", variables={"street": "海棠路"}), by=SYSTEM)
    (task,) = town.engine.read(LI).tasks(TaskFilter(scope="groups", search=started.business_key)).items
    visitor = visit("li")

    asked = visitor.send(f"/tasks/{task.id}/visibility", {"note": "x"}).answer.json()
    refused = visitor.send(f"/tasks/{task.id}/complete", {"note": ""})

    assert asked == {"hidden": []}
    assert refused.status == 422
    assert refused.tree.xpath('//input[@name="street"]/@value') == ["海棠路"]


def test_a_choice_that_is_no_longer_offered_is_still_said_in_words(visit: Arrive, town: Site) -> None:
    choice = {
        "type": "radio",
        "key": "verdict",
        "label": "决定",
        "valuesExpression": '=if open then [{"label": "申请延期", "value": "extend"}] else []',
    }
    files = {
        "later.bpmn": process("later", "start -> decide -> wait -> end", user("decide", form="decide"), user("wait")),
        "forms/decide.json": json.dumps({"id": "decide", "components": [choice]}).encode(),
        "texts/zh.yaml": "extend: 申请延期".encode(),
    }
    town.engine.execute(c.DeployDefinition(files=files, name="later"), by=SYSTEM)
    started = town.engine.execute(c.StartInstance(definition="later", variables={"open": True}), by=SYSTEM)
    (task,) = town.engine.read(LI).tasks(TaskFilter(scope="groups", search=started.business_key)).items

    visit("li").send(f"/tasks/{task.id}/complete", {"verdict": "extend"})
    town.engine.execute(c.SetVariables(instance_id=started.instance_id, variables={"open": False}), by=SYSTEM)
    page = visit("li", language="zh").open(f"/cases/{started.instance_id}")

    assert "申请延期" in page.text


def test_a_draft_is_kept_unchecked_and_put_back(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), town.task(town.start(definition="rich"))
    town.engine.execute(c.ClaimTask(task_id=task), by=LI)

    kept = visitor.send(f"/tasks/{task}/draft", {"amount": "so far", "items": "rows", "items[0].title": "证明"})
    page = visitor.open(f"/tasks/{task}")

    assert kept.answer.json()["text"].startswith("Draft kept")
    assert page.tree.xpath('//input[@name="amount"]/@value') == ["so far"]
    assert page.tree.xpath('//input[@name="items[0].title"]/@value')[0] == "证明"


def test_a_row_is_added_without_scripts_and_nothing_is_handed_in(visit: Arrive, town: Site) -> None:
    task = town.task(town.start(definition="rich"))

    page = visit("li").send(
        f"/tasks/{task}/complete", {"items": "rows", "items[0].title": "一", "add-row": "items", "name": "李"}
    )

    assert page.status == 200
    assert page.tree.xpath('//input[@name="items[1].title"]')
    assert town.engine.read(SYSTEM).task(task).row.state == "open"


def test_files_travel_with_the_form_survive_a_refusal_and_are_only_ever_downloaded(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), town.task(town.start(definition="rich"))
    photo = ("现场 <照片>.png", PNG, "text/html")

    refused = visitor.send(f"/tasks/{task}/complete", {"items": "rows"}, files={"files": photo})
    (kept,) = refused.tree.xpath('//input[@name="files"][@type="hidden"]/@value')
    visitor.send(f"/tasks/{task}/complete", {"items": "rows", "name": "李", "files": kept})
    answer = visitor.client.get(f"/files/{kept}")

    assert refused.status == 422
    assert town.engine.read(SYSTEM).task(task).row.state == "completed"
    assert answer.content == PNG
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_file_of_a_kind_that_is_not_taken_is_refused_at_its_field(visit: Arrive, town: Site) -> None:
    program = ("tool.exe", b"MZ\x90\0\x03\0\0\0", "image/png")
    task = town.task(town.start(definition="rich"))

    page = visit("li").send(f"/tasks/{task}/complete", {"items": "rows", "name": "李"}, files={"files": program})

    assert page.status == 422
    assert page.tree.xpath('//div[@class="error-summary"]//a/@href') == ["#f-files"]


def test_a_file_that_is_somebody_elses_is_neither_shown_nor_taken(visit: Arrive, town: Site) -> None:
    secret = town.engine.execute(c.AddAttachment(name="private.png", content=PNG), by=WANG)
    visitor, task = visit("li"), town.task(town.start(definition="rich"))

    shown = visitor.open(f"/files/{secret.id}")
    visitor.send(f"/tasks/{task}/complete", {"items": "rows", "name": "李", "files": secret.id})

    assert shown.status == 404
    assert not town.engine.read(SYSTEM).task(task).attachments
