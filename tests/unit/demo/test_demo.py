"""The demo's data fit the packaged processes; and the main job played without a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.demo import play_once
from api.demo.actor import PROCESSES
from api.demo.city import load_city, read_data
from api.demo.story import ACTORS
from engine.applications import load_application


def test_the_people_fit_the_processes() -> None:
    city = load_city()
    applications = [load_application(PROCESSES / process) for process in [actor.process for actor in ACTORS]]
    roles = {group.key: group.role for application in applications for group in application.groups}

    for person in city.people:
        assert all(roles[group] in person.roles for group in person.groups), person.username
        assert person.roster in {*city.rosters, ""}, person.username
    away = {person.username for person in city.people if any(last == 0 for _, last in person.leave)}
    assert {group for person in city.people if person.username not in away for group in person.groups} == set(roles)
    assert {group for person in city.people if person.shown for group in person.groups} == set(roles)


def test_the_problems_fit_the_repair_process() -> None:
    settings: Mapping[str, Any] = load_application(PROCESSES / "repair_dispatch").settings
    city = load_city()

    assert {each["code"] for each in settings["categories"]} == {
        each["category"] for each in read_data("repair_dispatch")["problems"]
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
