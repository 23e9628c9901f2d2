"""Repair dispatch speaks Chinese and English throughout, and its tables fit together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from engine import SYSTEM, Engine
from engine import commands as c
from engine.applications import Application, load_application
from engine.contracts.eventlog import LogFilter
from engine.filters import TaskFilter
from engine.models import read_model
from engine.models.forms import asker, read_form
from engine.models.model import Process
from engine.settings import fill_choices
from tests.builders import LI, user
from tests.builders import process as model

FOLDER = Path(__file__).parents[3] / "processes" / "repair_dispatch"


@pytest.fixture(scope="module")
def application() -> Application:
    return load_application(FOLDER)


@pytest.fixture(scope="module")
def process(application: Application) -> Process:
    (process,) = read_model(application.files["repair_dispatch.bpmn"], filename="repair_dispatch.bpmn").processes
    return process


def _forms(application: Application) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, content in application.files.items():
        if path.startswith("forms/"):
            yield path, orjson.loads(content)


def test_the_model_has_no_findings(application: Application) -> None:
    with Engine.open() as engine:
        findings = engine.check(application.files)

    assert findings == ()


def test_every_name_and_explanation_of_the_model_has_an_english_text(
    application: Application, process: Process
) -> None:
    english = yaml.safe_load(application.files["texts/en.yaml"])
    texts = {process.name, process.documentation}
    for node in process.nodes.values():
        texts |= {node.name, node.documentation, node.lane}
    texts |= {flow.name for flow in process.flows.values()}

    missing = sorted(texts - {""} - set(english))

    assert missing == []
    assert sorted(set(english) - texts) == []


def test_every_label_of_every_form_has_both_languages(application: Application) -> None:
    missing = []

    for path, schema in _forms(application):
        form = read_form(fill_choices(schema, application.settings))
        for part in form.walk():
            for text in ("label", "description", "text"):
                if getattr(part, text) and f"{text}_en" not in part.properties:
                    missing.append((path, part.id, text))
            missing += [(path, part.id, each.label) for each in part.options if "en" not in each.labels]

    assert missing == []


def test_every_choice_of_the_forms_is_known_before_a_case_exists(application: Application) -> None:
    choosing = {"select", "radio", "checklist"}

    empty = [
        (path, part.id)
        for path, schema in _forms(application)
        for part in read_form(fill_choices(schema, application.settings, asker(LI))).walk()
        if part.type in choosing and not part.options
    ]

    assert empty == []


def test_every_form_belongs_to_a_step_and_every_step_has_its_form(application: Application, process: Process) -> None:
    wanted = {node.user_task.form_key for node in process.nodes.values() if node.user_task}

    there = {schema["id"] for _, schema in _forms(application)}

    assert wanted == there


def test_the_tables_name_only_what_there_is(application: Application) -> None:
    settings: Any = application.settings
    groups = {group.key for group in application.groups}
    units = {unit["key"] for unit in settings["units"]}
    categories = {each["code"] for each in settings["categories"]} | {each["major"] for each in settings["categories"]}
    grids = {each["code"] for each in settings["grids"]} | {each["district"] for each in settings["grids"]}
    rules = settings["dispatch_rules"]

    assert units <= groups
    assert {rule["unit"] for rule in rules} <= units
    assert {rule["for_category"] for rule in rules} <= categories | {"*"}
    assert {rule["for_grid"] for rule in rules} <= grids | {"*"}
    assert {rule["for_ownership"] for rule in rules} <= {"*", "municipal", "operator", "residential"}
    assert (rules[-1]["for_category"], rules[-1]["for_grid"], rules[-1]["for_ownership"]) == ("*", "*", "*")
    assert all(each["urgent_hours"] <= each["hours"] for each in settings["categories"])


def test_the_closing_notice_reads_as_a_notice(application: Application) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    from bots.documents import render_pdf

    data = {
        "centre": "澄湾市城市运行管理中心", "phone": "12345", "description": "路灯不亮", "place": "海棠路 12 号",
        "category_name": "公用设施 / 路灯不亮", "problem": "路灯不亮", "grid_name": "海棠街道一网格",
        "unit_name": "路灯管理所", "reporter_name": "王一", "channel": "public", "handling_note": "已恢复照明",
        "reported_at": "2026-03-01T16:30:00.000001Z", "handling_due": "2026-03-04T09:30:00+08:00", "reworks": 1,
        "photos_before": [], "photos_after": [{"id": "x", "name": "not-a-picture.txt"}], "check_note": None,
    }  # fmt: skip

    template = application.files["templates/closing_notice.typ"]
    facts = {"businessKey": "AJ-20260302-0001", "today": "2026-03-05"}
    pages = PdfReader(BytesIO(render_pdf(template, data, name="closing_notice.typ", inputs=facts))).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")

    assert len(pages) == 1
    for part in ("办结通知书", "案卷号：AJ-20260302-0001", "王一", "海棠路12号", "路灯管理所处置完毕", "返工次数1次"):
        assert part in text, text
    assert "2026年3月2日反映" in text, "half past midnight in China is still the day before in UTC"
    assert "2026年3月5日" in text
    assert "请您在五日内" in text


def test_time_for_the_rating_is_not_the_units_time(process: Process) -> None:
    assert process.nodes["rate"].properties["civiflow:waitingFor"] == "applicant"
    outside = '<zeebe:properties><zeebe:property name="civiflow:waitingFor" value="applicant"/></zeebe:properties>'
    files = {"m.bpmn": model("p", "start -> inside -> rate -> end", user("inside"), user("rate", more=outside))}

    with Engine.open() as engine:
        engine.execute(c.DeployDefinition(files=files), by=SYSTEM)
        engine.execute(c.StartInstance(definition="p"), by=LI)
        for _ in range(2):
            (task,) = engine.read(LI).tasks(TaskFilter(scope="groups")).items
            engine.execute(c.CompleteTask(task_id=task.id), by=LI)
        log = engine.event_log(SYSTEM).activities(LogFilter())

    waited = dict(zip(log["element_id"], log["waiting_for"], strict=True))
    assert (waited["inside"], waited["rate"]) == (None, "applicant")
