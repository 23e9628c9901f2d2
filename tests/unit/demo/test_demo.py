"""The demo: a city with work behind it, made once; and the main job played without a screen."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.demo import Demo, ensure, play_once
from api.demo.city import PASSWORD, load_city
from api.security.passwords import check_new_password, verify_password
from engine import SYSTEM, Engine
from engine.applications import load_application
from engine.errors import InvalidInput
from engine.filters import IncidentFilter, InstanceFilter, TaskFilter
from engine.identity_commands import AttemptSignIn, CreateUser

REPAIR = Path(__file__).parents[3] / "processes" / "repair_dispatch"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a demo database with two weeks in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'var' / 'demo.db'}"
    assert ensure(url, weeks=2, per_day=4).told is not None
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
    assert min(started) < now - timedelta(days=9)


def test_everything_agrees_and_the_past_outage_left_its_incidents(url: str) -> None:
    with Engine.open(url) as engine:
        verification = engine.verify()
        resolved = engine.read(SYSTEM).incidents(IncidentFilter(state="resolved"), limit=50).items

    assert verification.problems == ()
    assert resolved
    assert {incident.element_id for incident in resolved} == {"write_notice"}


def test_closed_cases_carry_a_real_notice(url: str) -> None:
    with Engine.open(url) as engine:
        reader = engine.read(SYSTEM)
        closed = reader.instances(InstanceFilter(state="completed"), limit=200).items
        variables = [reader.instance(each.id).variables for each in closed]
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


def test_the_people_fit_the_process() -> None:
    application, city = load_application(REPAIR), load_city()
    roles = {group.key: group.role for group in application.groups}
    settings = application.settings

    for person in city.people:
        assert all(roles[group] in person.roles for group in person.groups), person.username
    staffed = {group for person in city.people for group in person.groups if not person.leave_days}
    assert staffed == set(roles)
    assert {each["code"] for each in settings["categories"]} == {problem.category for problem in city.problems}
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
