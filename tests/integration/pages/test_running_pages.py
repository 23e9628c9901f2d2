"""Pages of those who run the place: incidents, cases to stop, models, reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders import LI, node, process, user
from tests.site import REPAIR, Site

Arrive = Callable[..., Any]


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


def test_a_definitions_file_is_downloaded_as_it_was_uploaded(visit: Arrive, town: Site) -> None:
    (row,) = [row for row in town.engine.read(SYSTEM).definitions() if row.key == "repair"]

    answer = visit("li").client.get(f"/definitions/{row.id}/file")

    assert answer.content == REPAIR
    assert answer.headers["content-disposition"].startswith("attachment;")


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
