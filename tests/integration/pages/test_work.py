"""The work itself on pages: start, take, fill in, hand over, complete; files; conflicts; incidents; models; reports."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine import identity_commands as ic
from engine.contracts.principal import SYSTEM, Principal
from engine.filters import InstanceFilter, TaskFilter
from tests.builders import node, process, user
from tests.site import REPAIR, Site

Arrive = Callable[..., Any]

LI = Principal(id="li", roles=frozenset({"staff"}), groups=frozenset({"clerks"}))
WANG = Principal(id="wang", roles=frozenset({"staff"}), groups=frozenset({"clerks"}))
PLACE_FORM = '<bpmn:extensionElements><zeebe:formDefinition formId="place"/></bpmn:extensionElements>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def test_a_case_goes_from_the_catalogue_to_its_end(visit: Arrive) -> None:
    citizen, clerk = visit("chen"), visit("li")

    received = citizen.send("/start/rich", {"once": "a"})
    number = received.tree.xpath('//*[contains(@class, "case-number")]')[0].text_content()
    queue = clerk.open("/inbox?scope=groups&search=" + number)
    (claim,) = queue.tree.xpath('//tr[@data-row]//form[contains(@action, "/claim")]/@action')
    task = clerk.send(claim)
    done = clerk.send(claim.replace("/claim", "/complete"), {"name": "李", "items": "rows"})

    assert "We have received your request" in received.text
    assert str(task.answer.url).endswith(claim.removesuffix("/claim"))
    assert "is now yours" in task.text
    assert done.answer.url.path == "/inbox"
    assert "The case is closed" in done.text


def test_the_same_form_sent_twice_starts_one_case(visit: Arrive, town: Site) -> None:
    visitor = visit("gu")

    first = visitor.send("/start/repair", {"once": "same"})
    second = visitor.send("/start/repair", {"once": "same"})

    assert first.answer.url == second.answer.url
    assert len(town.engine.read(SYSTEM).instances(InstanceFilter(started_by="gu")).items) == 1


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_in_both_languages(
    visit: Arrive, town: Site
) -> None:
    task = rich_task(town)
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
    visitor, task = visit("li"), rich_task(town)

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


def test_an_offer_is_no_next_step_and_no_stage(visit: Arrive, town: Site) -> None:
    offer = user("withdraw", groups="", assignee="=instance.startedBy", more='<zeebe:priorityDefinition priority="0"/>')
    model = process(
        "offer",
        "start -> both -> withdraw -> end_a; both -> fill -> end_b",
        node("parallelGateway", "both"),
        offer,
        user("fill", groups="", assignee="=instance.startedBy"),
        properties={"civiflow:startableBy": "citizen"},
    )
    town.engine.execute(c.DeployDefinition(files={"offer.bpmn": model}, name="offer"), by=SYSTEM)
    citizen = visit("chen")

    received = citizen.send("/start/offer", {"once": "offer"})
    (next_step,) = received.tree.xpath('//a[contains(@href, "/tasks/")]/@href')
    (case,) = received.tree.xpath('//a[contains(@href, "/cases/")]/@href')
    before = citizen.open(case)
    citizen.send(f"{next_step}/complete")
    after = citizen.open(case)

    assert "fill" in citizen.open(next_step).text
    for page, turn in ((before, ["fill"]), (after, [])):
        assert page.tree.xpath('//div[contains(@class, "is-warn")]//a/text()') == turn
        assert page.tree.xpath('//a[contains(@href, "/tasks/")][text()="withdraw"]')
        assert "withdraw" not in page.tree.xpath('//section[@aria-labelledby="stages-title"]')[0].text_content()
    assert "Optional" in citizen.open("/inbox").text


def test_the_timeline_names_what_cut_a_step_short(visit: Arrive, town: Site) -> None:
    settled = (
        "<bpmn:conditionalEventDefinition><bpmn:condition>=settled</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
    boundary = node("boundaryEvent", "settled_event", settled, attachedToRef="ask").replace(
        'name="settled_event"', 'name="已有结果"'
    )
    model = process("cut", "start -> ask -> end_a; settled_event -> end_b", user("ask"), boundary)
    town.engine.execute(c.DeployDefinition(files={"cut.bpmn": model}, name="cut"), by=SYSTEM)
    case = town.engine.execute(c.StartInstance(definition="cut"), by=SYSTEM).instance_id

    town.engine.execute(c.SetVariables(instance_id=case, variables={"settled": True}), by=SYSTEM)
    page = visit("su").open(f"/cases/{case}")

    (step,) = page.tree.xpath('//li[@data-element="ask"]')
    assert "已有结果" in step.text_content()
    assert "settled_event" not in step.text_content()


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
    visitor, task = visit("li"), rich_task(town)
    town.engine.execute(c.ClaimTask(task_id=task), by=LI)

    kept = visitor.send(f"/tasks/{task}/draft", {"amount": "so far", "items": "rows", "items[0].title": "证明"})
    page = visitor.open(f"/tasks/{task}")

    assert kept.answer.json()["text"].startswith("Draft kept")
    assert page.tree.xpath('//input[@name="amount"]/@value') == ["so far"]
    assert page.tree.xpath('//input[@name="items[0].title"]/@value')[0] == "证明"


def test_a_row_is_added_without_scripts_and_nothing_is_handed_in(visit: Arrive, town: Site) -> None:
    task = rich_task(town)

    page = visit("li").send(
        f"/tasks/{task}/complete", {"items": "rows", "items[0].title": "一", "add-row": "items", "name": "李"}
    )

    assert page.status == 200
    assert page.tree.xpath('//input[@name="items[1].title"]')
    assert town.engine.read(SYSTEM).task(task).row.state == "open"


def test_files_travel_with_the_form_survive_a_refusal_and_are_only_ever_downloaded(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), rich_task(town)
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

    page = visit("li").send(
        f"/tasks/{rich_task(town)}/complete", {"items": "rows", "name": "李"}, files={"files": program}
    )

    assert page.status == 422
    assert page.tree.xpath('//div[@class="error-summary"]//a/@href') == ["#f-files"]


def test_a_file_that_is_somebody_elses_is_neither_shown_nor_taken(visit: Arrive, town: Site) -> None:
    secret = town.engine.execute(c.AddAttachment(name="private.png", content=PNG), by=WANG)
    visitor, task = visit("li"), rich_task(town)

    shown = visitor.open(f"/files/{secret.id}")
    visitor.send(f"/tasks/{task}/complete", {"items": "rows", "name": "李", "files": secret.id})

    assert shown.status == 404
    assert not town.engine.read(SYSTEM).task(task).attachments


def test_whoever_is_second_is_told_who_was_first_and_loses_nothing(visit: Arrive, town: Site) -> None:
    task = rich_task(town)
    visitor = visit("li")
    town.engine.execute(c.ClaimTask(task_id=task), by=WANG)
    town.engine.execute(c.CompleteTask(task_id=task, variables={"name": "王"}), by=WANG)

    claim = visitor.send(f"/tasks/{task}/claim")
    complete = visitor.send(f"/tasks/{task}/complete", {"name": "我写的", "items": "rows"})

    assert (claim.status, complete.status) == (409, 409)
    assert "wang has just completed this task." in claim.text
    assert "What you typed stands below." in complete.text
    assert "我写的" in complete.tree.xpath('//input[@name="name"]/@value')


def test_an_outdated_page_completes_nothing(visit: Arrive, town: Site) -> None:
    task = rich_task(town)
    visitor = visit("li")
    before = town.engine.read(SYSTEM).task(task).row.revision
    town.engine.execute(c.ClaimTask(task_id=task), by=LI)

    page = visitor.send(f"/tasks/{task}/complete", {"revision": str(before), "name": "李", "items": "rows"})

    assert page.status == 409
    assert "This task has changed since you opened it." in page.text
    assert page.tree.xpath('//form[contains(@action, "/complete")]//input[@name="revision"]/@value') != [str(before)]


def test_a_task_is_put_back_and_handed_over(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), rich_task(town)
    read = town.engine.read(SYSTEM).task
    town.engine.execute(ic.UpdateUser(username="wang", department="office"), by=SYSTEM)

    taken = visitor.send(f"/tasks/{task}/claim")
    visitor.send(f"/tasks/{task}/unclaim")
    put_back = read(task).row.assignee
    visitor.send(f"/tasks/{task}/claim")
    handed = visitor.send(f"/tasks/{task}/delegate", {"to": "wang", "reason": "休假"})

    assert "wang · 办公室" in taken.text
    assert put_back is None
    assert read(task).row.assignee == "wang"
    assert "Handed over to wang." in handed.text


def test_an_operator_reads_an_incident_corrects_and_retries(visit: Arrive, town: Site) -> None:
    incident = town.incident(town.start())
    boss = visit("su")

    listed = boss.open("/incidents")
    shown = boss.open(f"/incidents/{incident}")
    garbled = boss.send(f"/incidents/{incident}/retry", {"variables": '{"printer": '})
    retried = boss.send(f"/incidents/{incident}/retry", {"variables": '{"printer": "二楼"}', "retries": "2"})

    assert "no printer" in listed.text
    assert "no printer" in shown.text
    assert garbled.status == 422
    assert garbled.tree.xpath("//textarea[@name='variables']")[0].text.strip() == '{"printer":'
    assert retried.answer.url.path.startswith("/cases/")
    assert "Trying again" in retried.text
    assert "二楼" in retried.text


def test_several_incidents_are_retried_at_once(visit: Arrive, town: Site) -> None:
    incidents = [town.incident(town.start()) for _ in range(2)]

    page = visit("su").send("/incidents/retry", {"incident": incidents})

    assert "Trying again: 2 incidents." in page.text
    assert {town.engine.read(SYSTEM).incident(i).state for i in incidents} == {"resolved"}


def test_a_case_is_suspended_resumed_and_cancelled_with_a_reason(visit: Arrive, town: Site) -> None:
    case = town.start()
    boss, clerk = visit("su"), visit("li")

    boss.send(f"/cases/{case}/suspend", {"reason": "等材料"})
    waiting = clerk.send(f"/tasks/{town.task(case)}/complete")
    boss.send(f"/cases/{case}/resume")
    ended = boss.send(f"/cases/{case}/cancel", {"reason": "误报"})

    assert waiting.status == 409
    assert "is cancelled" in ended.text
    assert town.engine.read(SYSTEM).instance(case).row.state == "cancelled"


def test_a_model_with_errors_is_shown_with_its_findings_and_not_deployed(visit: Arrive, town: Site) -> None:
    broken = process(
        "broken", "start -> choose; choose -> a; choose -> b", node("exclusiveGateway", "choose"), user("a")
    )
    designer = visit("dora")

    page = designer.send("/definitions/new", files={"files": ("broken.bpmn", broken, "text/xml")})
    chinese = visit("dora", language="zh").send("/definitions/new", files={"files": ("破.bpmn", broken, "text/xml")})

    assert page.status == 422
    assert re.search(r"Not deployed: \d+ error", page.text)
    assert "choose" in page.text
    assert "未部署" in chinese.text
    assert "broken" not in {row.key for row in town.engine.read(SYSTEM).definitions()}


def test_a_clean_model_is_checked_deployed_and_versioned(visit: Arrive) -> None:
    model = process("permit", "start -> a -> end", user("a"))
    changed = process("permit", "start -> a -> b -> end", user("a"), user("b"))
    designer = visit("dora")

    checked = designer.send("/definitions/new", {"check": "1"}, files={"files": ("p.bpmn", model, "text/xml")})
    first = designer.send("/definitions/new", files={"files": ("p.bpmn", model, "text/xml")})
    same = designer.send("/definitions/new", files={"files": ("p.bpmn", model, "text/xml")})
    second = designer.send("/definitions/new", files={"files": ("p.bpmn", changed, "text/xml")})

    assert "can be deployed" in checked.text
    assert "version 1" in first.text
    assert "Nothing has changed" in same.text
    assert "version 2" in second.text


@pytest.mark.parametrize(
    ("name", "content"), [("x.bpmn", b"hello"), ("x.zip", b"PK\x03\x04broken"), ("x.json", b"{}"), ("x.bpmn", b"")]
)
def test_a_file_that_is_no_model_is_refused_in_words(visit: Arrive, name: str, content: bytes) -> None:
    page = visit("dora").send("/definitions/new", files={"files": (name, content, "text/xml")})

    assert page.status == 422
    assert page.tree.xpath('//*[@role="alert"]')


def test_a_report_is_made_of_cases_and_of_an_imported_log(visit: Arrive, town: Site) -> None:
    town.engine.execute(c.CompleteTask(task_id=town.task(town.start())), by=LI)
    town.start()  # its task stays open: one that was done while the clock stood is left out
    log = "案件号,活动,时间\n1,受理,2026-01-05 09:00\n1,办结,2026-01-06 09:00\n2,受理,2026-01-05 10:00\n"
    manager = visit("mei")

    own = manager.open("/reports/repair?since=2026-01-01&until=2026-12-31")
    imported = manager.send("/reports/import", files={"file": ("案件.csv", log.encode(), "text/csv")})
    refused = manager.send("/reports/import", files={"file": ("x.csv", b"a,b\n1,2\n", "text/csv")})

    assert "accept" in own.text
    assert "办结" in imported.text
    assert imported.tree.xpath("//main//*[local-name()='svg'][@role='img']")
    assert refused.status == 422
    assert "x.csv" in refused.text


def test_a_report_folds_groups_under_their_activity_and_shows_offers_apart(visit: Arrive, town: Site) -> None:
    offer = user("withdraw", more='<zeebe:priorityDefinition priority="0"/>')
    flows = "start -> fork; fork -> mend -> end; fork -> withdraw -> end_gone"
    parts = (user("mend", groups="=unit"), offer, node("parallelGateway", "fork"))
    town.engine.execute(c.DeployDefinition(files={"lamp.bpmn": process("lamp", flows, *parts)}), by=SYSTEM)
    for unit in ("clerks", "roads"):
        town.engine.execute(c.StartInstance(definition="lamp", variables={"unit": unit}), by=LI)

    page = visit("mei").open("/reports/lamp")

    (folded,) = page.tree.xpath("//tr[@class='folded']//details")
    assert not folded.get("open")
    assert len(folded.xpath(".//tbody/tr")) == 2
    (offers,) = page.tree.xpath("//section[@aria-labelledby='offers-title']//tbody/tr")
    assert [cell.text_content().split()[0] for cell in offers] == ["withdraw", "2", "0", "2"]
    assert "withdraw" not in page.tree.xpath("//section[@aria-labelledby='activities-title']")[0].text_content()


def test_messages_are_counted_read_and_marked(visit: Arrive, town: Site) -> None:
    town.engine.execute(c.Notify(key="m1", recipient="zhao", subject="请评价", body="案件已办结。"), by=SYSTEM)
    visitor = visit("zhao")

    before = visitor.open("/messages")
    ids = before.tree.xpath('//form[@action="/messages/read"]//input[@name="id"]/@value')
    after = visitor.send("/messages/read", {"id": ids})

    assert "请评价" in before.text
    assert before.tree.xpath('//header//*[contains(@class, "is-loud")]')
    assert not after.tree.xpath('//header//*[contains(@class, "is-loud")]')


def test_lists_turn_pages_and_keep_their_filters(visit: Arrive, town: Site) -> None:
    for _ in range(45):
        town.start(by="gu")
    visitor = visit("su")

    first = visitor.open("/cases?process=repair")
    (following,) = first.tree.xpath('//a[@rel="next"]/@href')
    second = visitor.open(following)

    numbers = [page.tree.xpath("//tr[@data-row]/td[1]//a/@href") for page in (first, second)]
    assert len(numbers[0]) == 40
    assert numbers[1]
    assert not set(numbers[0]) & set(numbers[1])
    assert "process=repair" in following


def test_a_definitions_file_is_downloaded_as_it_was_uploaded(visit: Arrive, town: Site) -> None:
    (row,) = [row for row in town.engine.read(SYSTEM).definitions() if row.key == "repair"]

    answer = visit("li").client.get(f"/definitions/{row.id}/file")

    assert answer.content == REPAIR
    assert answer.headers["content-disposition"].startswith("attachment;")


def rich_task(town: Site) -> str:
    """The open task of a fresh case with the rich form."""
    case = town.engine.execute(c.StartInstance(definition="rich"), by=SYSTEM).instance_id
    where = TaskFilter(scope="all", instance_id=case)
    return str(town.engine.read(SYSTEM).tasks(where).items[0].id)
