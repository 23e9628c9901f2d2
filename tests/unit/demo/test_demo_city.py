"""The demo's city after some weeks: work done and work to do, at every desk, and nothing that was not planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.demo import seed
from api.demo.actor import Actor
from api.demo.city import load_city
from api.demo.story import ACTORS
from api.reports import own_report
from engine import SYSTEM, Engine, FakeClock
from engine.clock import to_micros
from engine.contracts.eventlog import LogFilter
from engine.filters import IncidentFilter, InstanceFilter, JobFilter, RegisterFilter, TaskFilter

PROCESSES = [actor.process for actor in ACTORS]
DOCUMENTS = "document.render"
"""The bot whose service is down now and then."""
pytestmark = pytest.mark.timeout(300)  # a fixture that takes a quarter of a minute on a quiet machine
FRIDAY = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
"""Half past ten in the city."""
SITE = "https://chengwan.example"


@pytest.fixture(scope="module")
def city() -> Iterator[Engine]:
    """The city after some weeks, on a Friday morning."""
    clock = FakeClock(FRIDAY - timedelta(days=21))
    with Engine.open("sqlite://", clock=clock) as engine:
        seed(engine, clock, until=FRIDAY, site_url=SITE)
        yield engine


def waits_by_group(engine: Engine, element: str) -> dict[str, list[float]]:
    """Hours until somebody took a task up, finished or not, by the group it was offered to."""
    rows = engine.event_log(SYSTEM).activities(LogFilter(definition_key="repair_dispatch"))
    now = to_micros(engine.now())
    columns = ("element_id", "group", "enabled_at", "claimed_at")
    waits: dict[str, list[float]] = {}
    for element_id, group, enabled, claimed in zip(*(rows[name] for name in columns), strict=True):
        if element_id == element:
            waits.setdefault(group, []).append(((claimed or now) - enabled) / 3.6e9)
    return waits


def test_the_city_has_work_behind_it_and_before_it(city: Engine) -> None:
    reader = city.read(SYSTEM)
    cases = reader.instances(InstanceFilter(), limit=200).items
    open_ = reader.tasks(TaskFilter(scope="all"), limit=200).items
    done = reader.tasks(TaskFilter(scope="all", state="completed"), limit=200).items
    state = Counter(case.state for case in cases)

    assert state["completed"] > 10
    assert state["running"] > 0
    assert set(state) == {"completed", "running"}
    assert {"accept", "verify", "dispatch", "sign", "handle", "check"} <= {task.element_id for task in done}
    assert open_
    assert all(case.subject for case in cases)


def test_everything_agrees_and_only_the_planned_outages_left_incidents(city: Engine) -> None:
    verification = city.verify()
    reader = city.read(SYSTEM)
    incidents = reader.incidents(IncidentFilter(state=""), limit=200).items
    topics = {
        job.topic
        for each in incidents
        for job in reader.jobs(JobFilter(instance_id=each.instance_id)).items
        if job.id == each.job_id
    }

    assert verification.problems == ()
    assert {incident.state for incident in incidents} == {"open", "resolved"}
    assert topics == {DOCUMENTS}
    assert all("文档服务" in incident.message for incident in incidents)


def test_issued_papers_say_where_they_can_be_checked(city: Engine) -> None:
    reader = city.read(SYSTEM)
    document = reader.issued_documents(RegisterFilter()).items[0]

    _, content = reader.attachment(document.file.id if document.file else "")

    pages = PdfReader(BytesIO(content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert f"{SITE}/documents/verify/{document.code}" in text


@pytest.mark.parametrize("actor", ACTORS)
def test_somebody_knows_how_to_do_each_task(city: Engine, actor: type[Actor[Any]]) -> None:
    elements = city.read(SYSTEM).definition(actor.process).elements

    tasks = {element for element, (_, kind) in elements.items() if kind == "userTask"}

    assert tasks
    assert {task for task in tasks if not hasattr(actor, f"do_{task}")} == set()
    assert actor.quick <= tasks


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_has_cases_in_many_stages(city: Engine, process: str) -> None:
    log = city.event_log(SYSTEM)
    activities = log.activities(LogFilter(definition_key=process))
    cases = log.cases(LogFilter(definition_key=process))

    standing = {
        element
        for element, state, kind in zip(
            activities["element_id"], activities["state"], activities["element_type"], strict=True
        )
        if state == "open" and kind not in {"boundaryEvent", "subProcess"}
    }
    assert len(standing) >= 5
    assert "completed" in cases["end_state"]


def test_the_badly_staffed_unit_is_where_cases_wait_longest(city: Engine) -> None:
    where = LogFilter(definition_key="repair_dispatch")
    report = own_report(city, load_city().named("gu.chengyi").principal, where, language="zh")
    waits = waits_by_group(city, "handle")
    first = next(finding for finding in report.findings if finding.kind == "queue")

    assert first.element_id == "handle"
    assert "在“路灯管理所”" in first.text_zh
    assert max(waits, key=lambda group: sum(waits[group])) == "unit_lighting"
    assert sum(waits["unit_lighting"]) > sum(sum(hours) for group, hours in waits.items() if group != "unit_lighting")


def test_every_desk_has_work_some_of_it_late_and_some_due_today(city: Engine) -> None:
    now, idle, due = city.now(), [], []
    tonight = now + timedelta(hours=12)

    for person in load_city().people:
        reader = city.read(person.principal)
        tasks = [task for scope in ("mine", "groups") for task in reader.tasks(TaskFilter(scope=scope)).items]
        due += [task.due_at for task in tasks if task.due_at is not None]
        if person.shown and person.groups and not tasks:
            idle.append(person.username)

    assert idle == []
    assert sum(at < now for at in due) > 3
    assert sum(now <= at < tonight for at in due) > 3


def test_closed_cases_carry_a_real_notice(city: Engine) -> None:
    reader = city.read(SYSTEM)
    closed = reader.instances(InstanceFilter(state="completed"), limit=200).items
    variables: list[Mapping[str, Any]] = [reader.instance(each.id).variables for each in closed]
    written = [each["closing_notice"] for each in variables if "closing_notice" in each]
    attachment, content = reader.attachment(written[0]["id"])

    assert attachment.ref.name.startswith("办结通知书-AJ-")
    assert content.startswith(b"%PDF-")
