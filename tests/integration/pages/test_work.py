"""The work itself on pages: start, take, hand over, complete; offers; conflicts; messages; long lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import commands as c
from engine import identity_commands as ic
from engine.contracts.principal import SYSTEM
from engine.filters import InstanceFilter
from tests.builders import LI, WANG, node, process, user
from tests.site import Site

Arrive = Callable[..., Any]


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


def test_whoever_is_second_is_told_who_was_first_and_loses_nothing(visit: Arrive, town: Site) -> None:
    task = town.task(town.start(definition="rich"))
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
    task = town.task(town.start(definition="rich"))
    visitor = visit("li")
    before = town.engine.read(SYSTEM).task(task).row.revision
    town.engine.execute(c.ClaimTask(task_id=task), by=LI)

    page = visitor.send(f"/tasks/{task}/complete", {"revision": str(before), "name": "李", "items": "rows"})

    assert page.status == 409
    assert "This task has changed since you opened it." in page.text
    assert page.tree.xpath('//form[contains(@action, "/complete")]//input[@name="revision"]/@value') != [str(before)]


def test_a_task_is_put_back_and_handed_over(visit: Arrive, town: Site) -> None:
    visitor, task = visit("li"), town.task(town.start(definition="rich"))
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
