"""Repair dispatch: its tables fit together, its closing notice reads as one, rating takes nobody's working time."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from bots.documents import render_pdf
from engine import SYSTEM, Engine, FakeClock
from engine import commands as c
from engine.applications import Application
from engine.contracts.eventlog import LogFilter
from engine.contracts.principal import Principal
from engine.filters import TaskFilter
from engine.models.dmn import read_decision_file
from engine.models.dmn.model import Decision, DecisionTable
from engine.models.model import Process
from tests.builders import BOSS, LI, user
from tests.builders import process as model
from tests.packaged import packaged, packaged_process


@pytest.fixture
def application() -> Application:
    return packaged("repair_dispatch")


@pytest.fixture
def process() -> Process:
    return packaged_process("repair_dispatch")


def test_the_tables_name_only_what_there_is(application: Application) -> None:
    settings: Any = application.settings
    groups = {group.key for group in application.groups}
    units = {unit["key"] for unit in settings["units"]}
    categories = {each["code"] for each in settings["categories"]}
    majors = {each["major"] for each in settings["categories"]}
    grids = {each["code"] for each in settings["grids"]}
    rules = _table(application, "responsible_unit").rules
    columns = [
        {cell.text.strip('"') for cell in column} for column in zip(*(rule.inputs for rule in rules), strict=True)
    ]

    assert units <= groups
    assert {rule.outputs[0].text.strip('"') for rule in rules} == units
    for column, known in zip(
        columns, (categories, majors, grids, {"municipal", "operator", "residential"}), strict=True
    ):
        assert column <= known | {"-"}
    assert {cell.text for cell in rules[-1].inputs} == {"-"}


def test_each_category_has_one_row_of_limits_and_they_stand_nowhere_else(application: Application) -> None:
    settings: Any = application.settings
    rules = _table(application, "category_limits").rules
    limits = {rule.inputs[0].text.strip('"'): [int(cell.text) for cell in rule.outputs] for rule in rules}

    assert len(rules) == len(limits)
    assert list(limits) == [each["code"] for each in settings["categories"]]
    assert all(0 < urgent <= usual for usual, urgent in limits.values())
    for rule, category in zip(rules, settings["categories"], strict=True):
        assert rule.description.startswith(category["name"])
    assert not any("hours" in each for each in settings["categories"])


def test_a_new_case_is_due_by_the_limit_of_its_category(application: Application) -> None:
    clock = FakeClock(datetime(2026, 11, 16, 1, 0, tzinfo=UTC))  # Monday, 09:00 in Shanghai
    staff = Principal(id="ma", roles=frozenset({"staff"}), groups=frozenset({"inspectors"}))
    report = {
        "channel": "inspector",
        "reporter_name": "马一",
        "reporter_phone": "13900000001",
        "place": "海棠路 12 号",
        "description": "路面多处破损",
    }

    with Engine.open(clock=clock) as engine:
        engine.execute(c.DeployDefinition(files=application.files), by=SYSTEM)
        due = []
        for category in ("1101", "0201"):  # 4 hours and 24, and 12 around them
            start = c.StartInstance(definition="repair_dispatch", variables={**report, "category": category})
            case = engine.execute(start, by=staff).instance_id
            due.append(engine.read(BOSS).instance(case).row.due_at)

    assert due == [datetime(2026, 11, 18, 1, tzinfo=UTC), datetime(2026, 11, 20, 6, 30, tzinfo=UTC)]


def _table(application: Application, decision: str) -> DecisionTable:
    found = read_decision_file(application.files["dispatch.dmn"]).elements[decision]
    assert isinstance(found, Decision) and isinstance(found.logic, DecisionTable)
    return found.logic


def test_the_closing_notice_reads_as_a_notice(application: Application) -> None:
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
