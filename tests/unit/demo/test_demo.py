"""The demo: a city with work behind it, made once; and the main job played without a screen."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.demo import Demo, ensure, play_once
from api.demo.city import PASSWORD, load_city, read_data
from api.demo.seeding import PROCESSES as FOLDER
from api.demo.story import ACTORS
from api.reports import own_report
from api.security.passwords import check_new_password, verify_password
from engine import SYSTEM, Engine
from engine.applications import load_application
from engine.clock import to_micros
from engine.contracts.eventlog import LogFilter
from engine.errors import InvalidInput
from engine.filters import IncidentFilter, InstanceFilter, TaskFilter
from engine.identity_commands import AttemptSignIn, CreateUser

PROCESSES = [actor.process for actor in ACTORS]
DOCUMENTS = {"write_notice"}
"""Elements at which documents are written."""


def waits_by_group(engine: Engine, element: str) -> dict[str, list[float]]:
    """Hours until somebody took a task up, finished or not, by the group it was offered to."""
    rows, now = (
        engine.event_log(SYSTEM).activities(LogFilter(definition_key="repair_dispatch")),
        to_micros(engine.now()),
    )
    columns = ("element_id", "group", "enabled_at", "claimed_at")
    waits: dict[str, list[float]] = {}
    for element_id, group, enabled, claimed in zip(*(rows[name] for name in columns), strict=True):
        if element_id == element:
            waits.setdefault(group, []).append(((claimed or now) - enabled) / 3.6e9)
    return waits


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a demo database with some weeks in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'var' / 'demo.db'}"
    assert ensure(url, days=25).told is not None
    return url


def test_the_city_has_work_behind_it_and_before_it(url: str) -> None:
    with Engine.open(url) as engine:
        reader = engine.read(SYSTEM)
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


def test_the_work_ends_now_and_nothing_is_in_the_future(url: str) -> None:
    with Engine.open(url) as engine:
        cases = engine.read(SYSTEM).instances(InstanceFilter(), limit=200).items
    now = datetime.now(UTC)

    started = [case.started_at for case in cases]

    assert max(started) <= now
    assert max(started) > now - timedelta(days=4)
    assert min(started) < now - timedelta(days=20)


def test_everything_agrees_and_only_the_planned_outages_left_incidents(url: str) -> None:
    with Engine.open(url) as engine:
        verification = engine.verify()
        incidents = engine.read(SYSTEM).incidents(IncidentFilter(state=""), limit=200).items

    assert verification.problems == ()
    assert Counter(incident.state for incident in incidents).keys() == {"open", "resolved"}
    assert {incident.element_id for incident in incidents} <= DOCUMENTS
    assert all("文档服务" in incident.message for incident in incidents)


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_has_cases_in_many_stages(url: str, process: str) -> None:
    with Engine.open(url) as engine:
        log = engine.event_log(SYSTEM)
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


def test_the_badly_staffed_unit_is_where_cases_wait_longest(url: str) -> None:
    with Engine.open(url) as engine:
        where = LogFilter(definition_key="repair_dispatch")
        report = own_report(engine, load_city().named("gu.chengyi").principal, where, language="zh")
        waits = waits_by_group(engine, "handle")
    first = next(finding for finding in report.findings if finding.kind == "queue")

    assert first.element_id == "handle"
    assert max(waits, key=lambda group: sum(waits[group])) == "unit_lighting"
    assert sum(waits["unit_lighting"]) > sum(sum(hours) for group, hours in waits.items() if group != "unit_lighting")


def test_every_desk_has_work(url: str) -> None:
    now, idle = datetime.now(UTC), []
    with Engine.open(url) as engine:
        overdue = 0
        for person in load_city().people:
            reader = engine.read(person.principal)
            tasks = [task for scope in ("mine", "groups") for task in reader.tasks(TaskFilter(scope=scope)).items]
            overdue += sum(task.due_at is not None and task.due_at < now for task in tasks)
            if person.shown and person.groups and not tasks:
                idle.append(person.username)

    assert idle == []
    assert overdue > 3


def test_closed_cases_carry_a_real_notice(url: str) -> None:
    with Engine.open(url) as engine:
        reader = engine.read(SYSTEM)
        closed = reader.instances(InstanceFilter(state="completed"), limit=200).items
        variables: list[Mapping[str, Any]] = [reader.instance(each.id).variables for each in closed]
        written = [each["closing_notice"] for each in variables if "closing_notice" in each]
        attachment, content = reader.attachment(written[0]["id"])

    assert attachment.ref.name.startswith("办结通知书-AJ-")
    assert content.startswith(b"%PDF-")


def test_a_second_start_changes_nothing(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes()

    again = ensure(url)

    assert again.told is None
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if each.name.endswith(".filling")] == []


def test_the_accounts_can_sign_in_with_the_password_that_is_shown(url: str, tmp_path: Path) -> None:
    demo: Demo = ensure(url)
    copy = shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "copy.db")

    with Engine.open(f"sqlite:///{copy}") as engine:
        tries = [AttemptSignIn(username=a["username"], address="127.0.0.1") for a in demo.accounts]
        hashes = [engine.execute(attempt, by=SYSTEM).password_hash for attempt in tries]

    assert len(demo.accounts) >= 8
    assert len(set(hashes)) == 1
    assert verify_password(hashes[0], demo.password)
    for account in demo.accounts:
        assert {"username", "password", "name", "name_en", "role", "role_en", "display_name"} <= set(account)
        check_new_password(PASSWORD, username=account["username"])


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'real.db'}"
    with Engine.open(url) as engine:
        engine.execute(CreateUser(username="li", roles=("staff",)), by=SYSTEM)

    with pytest.raises(InvalidInput, match="database of its own"):
        ensure(url)


def test_the_people_fit_the_processes() -> None:
    city = load_city()
    applications = [load_application(FOLDER / process) for process in PROCESSES]
    roles = {group.key: group.role for application in applications for group in application.groups}

    for person in city.people:
        assert all(roles[group] in person.roles for group in person.groups), person.username
        assert person.roster in {*city.rosters, ""}, person.username
    away = {person.username for person in city.people if any(last == 0 for _, last in person.leave)}
    assert {group for person in city.people if person.username not in away for group in person.groups} == set(roles)
    assert {group for person in city.people if person.shown for group in person.groups} == set(roles)


def test_the_problems_fit_the_repair_process() -> None:
    settings: Mapping[str, Any] = load_application(FOLDER / "repair_dispatch").settings
    city = load_city()

    assert {each["code"] for each in settings["categories"]} == {
        each["category"] for each in read_data("repair")["problems"]
    }
    assert {each["code"] for each in settings["grids"]} == {place.grid for place in city.places}
    assert settings["duty_supervisor"] in {person.username for person in city.with_role("supervisor")}


def test_the_main_job_plays_headless() -> None:
    done = json.loads(json.dumps(play_once(), ensure_ascii=False))

    assert done["case"] == {"number": "AJ-20260302-0001", "subject": "路灯不亮：海棠路 12 号", "state": "completed"}
    steps = ["accept", "verify", "dispatch", "sign", "handle", "check", "rate"]
    assert [task["task"] for task in done["tasks"]] == steps
    handled, checked = done["tasks"][4], done["tasks"][5]
    assert handled["username"] != checked["username"]
    assert done["incident"]["at"] == "生成办结通知书"
    assert done["incident"]["retried_by"] == "duty.supervisor"
    assert done["document"]["is_pdf"]
    assert done["document"]["size"] > 10_000
    assert done["messages"] == ["您反映的问题已办结（AJ-20260302-0001）· Case closed"]
    assert "处置" in done["report"]["top_finding"]["zh"]
    assert done["verified"]
