"""Every route: closed to strangers, refused to the wrong role, answered for the right one.

The table below has to name every closed route of the OpenAPI document; a route without a line fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders_dmn import decision, dmn, input_data, literal
from tests.site import BROKEN, REPAIR, TOPIC, Site

ABSENT = "019aa7c5-0a44-7b12-8d2c-94d2c1b7e201"

Prepare = Callable[[Site], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One route: who may, who may not, and what makes it answer.

    Args:
        right, wrong: a user who may, and one who may not.
        status, refused: what they get; `refused` is never a success.
        prepare: makes what the path and body name; gives values for `{…}` in both.
        send: arguments for the client: `json`, `files`, `content`, `params`, `headers`.
    """

    right: str
    wrong: str = "render-bot"
    status: int = 200
    refused: int = 403
    prepare: Prepare = lambda _site: {}
    send: dict[str, Any] = field(default_factory=dict)


def a_case(site: Site) -> dict[str, Any]:
    return {"instance_id": site.start("chen")}


def a_task(site: Site) -> dict[str, Any]:
    return {"task_id": site.task(site.start("chen"))}


def a_claimed_task(site: Site) -> dict[str, Any]:
    made = a_task(site)
    with site.client("li") as li:
        assert li.post(f"/api/v1/tasks/{made['task_id']}/claim").status_code == 200
    return made


def a_job(site: Site) -> dict[str, Any]:
    job = site.job(site.start("chen"))
    return {"job_id": job.id, "lease_token": job.lease_token}


def an_incident(site: Site) -> dict[str, Any]:
    return {"incident_id": site.incident(site.start("chen"))}


def a_suspended_case(site: Site) -> dict[str, Any]:
    made = a_case(site)
    site.engine.execute(c.SuspendInstance(instance_id=made["instance_id"]), by=SYSTEM)
    return made


def a_file(site: Site) -> dict[str, Any]:
    case = site.start("chen")
    ref = site.engine.execute(c.AddAttachment(name="a.txt", content=b"hello", instance_id=case), by=SYSTEM)
    return {"attachment_id": ref.id}


def an_issued_document(site: Site) -> dict[str, Any]:
    return {"document_id": site.document(site.start("chen")).id}


def a_message_in_the_box(site: Site) -> dict[str, Any]:
    note = c.Notify(key="k", recipient="chen", subject="Done", body="It is done.")
    return {"notification_id": site.engine.execute(note, by=SYSTEM)}


def a_decision(site: Site) -> dict[str, Any]:
    rate = decision("rate", literal("area * 2"), inputs=["area"])
    files = {"rates.dmn": dmn(input_data("area", "number"), rate)}
    site.engine.execute(c.DeployDefinition(files=files, name="rates"), by=SYSTEM)
    return {"key": "_rate"}


def a_waiting_case(site: Site) -> dict[str, Any]:
    site.start("li", definition="news", key="k1")
    return {}


def a_token_of_chen(site: Site) -> dict[str, Any]:
    with site.client("chen") as chen:
        return {"token_id": chen.post("/api/v1/tokens", json={"name": "mine"}).json()["id"]}


FILE = {"files": {"file": ("note.txt", b"hello", "text/plain")}}
XML = {"content": REPAIR, "headers": {"Content-Type": "application/xml"}}
LEASE = {"lease_token": "{lease_token}"}
LOG = {"files": {"file": ("log.csv", b"case,activity,timestamp\n1,a,2026-01-01T08:00:00Z\n1,b,2026-01-01T09:00:00Z\n")}}
TASK = "/api/v1/tasks/{task_id}"
CASE = "/api/v1/instances/{instance_id}"
JOB = "/api/v1/jobs/{job_id}"
USER = "/api/v1/users/{username}"


def li(_site: Site) -> dict[str, Any]:
    return {"username": "li"}


TABLE: dict[tuple[str, str], Line] = {
    ("GET", "/api/v1/session"): Line(right="chen", wrong="", refused=401),
    ("GET", "/api/v1/session/all"): Line(right="chen"),
    ("DELETE", "/api/v1/session/all"): Line(right="chen", status=204),
    ("PUT", "/api/v1/session/password"): Line(
        right="chen",
        send={"json": {"current_password": "a long enough passphrase", "password": "quite another passphrase"}},
    ),
    ("GET", "/api/v1/definitions"): Line(right="chen"),
    ("POST", "/api/v1/definitions"): Line(right="dora", wrong="li", status=201, send=XML),
    ("POST", "/api/v1/definitions/check"): Line(right="dora", wrong="li", send=XML),
    ("GET", "/api/v1/definitions/{definition}"): Line(right="dora", prepare=lambda _: {"definition": "repair"}),
    ("GET", "/api/v1/definitions/{definition}/xml"): Line(right="dora", prepare=lambda _: {"definition": "repair"}),
    ("GET", "/api/v1/definitions/{definition}/start-form"): Line(
        right="chen", prepare=lambda _: {"definition": "repair"}
    ),
    ("GET", "/api/v1/definitions/{definition}/resources/{path}"): Line(
        right="dora", prepare=lambda _: {"definition": "repair", "path": "repair.bpmn"}
    ),
    ("GET", "/api/v1/decisions"): Line(right="li", wrong="chen"),
    ("POST", "/api/v1/decisions/{key}/evaluate"): Line(
        right="dora", wrong="chen", prepare=a_decision, send={"json": {"inputs": {"area": 80}}}
    ),
    ("GET", "/api/v1/instances"): Line(right="chen"),
    ("POST", "/api/v1/instances"): Line(
        right="li",
        wrong="chen",
        status=201,
        refused=404,
        send={"json": {"definition": "news", "variables": {"key": "k"}}},
    ),
    ("GET", CASE): Line(right="chen", wrong="gu", refused=404, prepare=a_case),
    ("GET", "/api/v1/instances/by-number/{business_key}"): Line(
        right="chen",
        wrong="gu",
        refused=404,
        prepare=lambda site: {"business_key": site.engine.read(SYSTEM).instance(site.start("chen")).row.business_key},
    ),
    ("GET", CASE + "/events"): Line(right="chen", wrong="gu", refused=404, prepare=a_case),
    ("GET", CASE + "/decisions"): Line(right="chen", wrong="gu", refused=404, prepare=a_case),
    ("PATCH", CASE + "/variables"): Line(
        right="su", wrong="chen", prepare=a_case, send={"json": {"variables": {"unit": "道路养护"}}}
    ),
    ("POST", CASE + "/cancel"): Line(right="su", wrong="chen", prepare=a_case, send={"json": {"reason": "重复"}}),
    ("POST", CASE + "/suspend"): Line(right="su", wrong="li", prepare=a_case, send={"json": {}}),
    ("POST", CASE + "/resume"): Line(right="su", wrong="mei", prepare=a_suspended_case),
    ("GET", "/api/v1/tasks"): Line(right="chen"),
    ("GET", "/api/v1/tasks/counts"): Line(right="chen"),
    ("GET", TASK): Line(right="li", wrong="zhao", refused=404, prepare=a_task),
    ("POST", TASK + "/claim"): Line(right="li", wrong="zhao", refused=404, prepare=a_task),
    ("POST", TASK + "/unclaim"): Line(right="li", wrong="chen", refused=404, prepare=a_claimed_task),
    ("POST", TASK + "/delegate"): Line(
        right="li", wrong="zhao", refused=404, prepare=a_claimed_task, send={"json": {"to": "wang"}}
    ),
    ("PUT", TASK + "/draft"): Line(
        right="li", wrong="zhao", refused=404, prepare=a_claimed_task, send={"json": {"values": {"note": "x"}}}
    ),
    ("POST", TASK + "/complete"): Line(
        right="li", wrong="mei", refused=403, prepare=a_claimed_task, send={"json": {"variables": {}}}
    ),
    ("POST", "/api/v1/jobs/activate"): Line(
        right="render-bot", wrong="su", send={"json": {"worker": "w", "topics": [TOPIC]}}
    ),
    ("GET", "/api/v1/jobs"): Line(right="su"),
    ("POST", JOB + "/complete"): Line(right="render-bot", wrong="li", prepare=a_job, send={"json": LEASE}),
    ("POST", JOB + "/fail"): Line(
        right="render-bot", wrong="li", prepare=a_job, send={"json": {**LEASE, "message": "no paper"}}
    ),
    ("POST", JOB + "/error"): Line(
        right="render-bot", wrong="li", prepare=a_job, send={"json": {**LEASE, "code": "no_paper"}}
    ),
    ("POST", JOB + "/extend"): Line(
        right="render-bot", wrong="li", prepare=a_job, send={"json": {**LEASE, "lease_seconds": 30}}
    ),
    ("POST", "/api/v1/messages"): Line(
        right="su", wrong="chen", prepare=a_waiting_case, send={"json": {"name": "arrived", "correlation_key": "k1"}}
    ),
    ("POST", "/api/v1/signals"): Line(right="su", wrong="chen", send={"json": {"name": "storm"}}),
    ("GET", "/api/v1/incidents"): Line(right="su"),
    ("GET", "/api/v1/incidents/{incident_id}"): Line(right="su", wrong="gu", refused=404, prepare=an_incident),
    ("POST", "/api/v1/incidents/{incident_id}/retry"): Line(
        right="su", wrong="li", prepare=an_incident, send={"json": {"retries": 2}}
    ),
    ("POST", "/api/v1/attachments"): Line(right="chen", wrong="", refused=401, status=201, send=FILE),
    ("GET", "/api/v1/attachments/{attachment_id}"): Line(right="chen", wrong="gu", refused=404, prepare=a_file),
    ("GET", "/api/v1/documents"): Line(right="li"),
    ("POST", "/api/v1/documents/{document_id}/revoke"): Line(
        right="su", wrong="li", prepare=an_issued_document, send={"json": {"reason": "附件有误"}}
    ),
    ("GET", "/api/v1/archive"): Line(right="li"),
    ("GET", "/api/v1/notifications"): Line(right="chen"),
    ("POST", "/api/v1/notifications/{notification_id}/read"): Line(
        right="chen", wrong="gu", refused=404, status=204, prepare=a_message_in_the_box
    ),
    ("GET", "/api/v1/reports/bottlenecks"): Line(right="mei", wrong="li"),
    ("POST", "/api/v1/reports/bottlenecks"): Line(right="mei", wrong="li", send=LOG),
    ("GET", "/api/v1/users"): Line(right="root", wrong="su"),
    ("POST", "/api/v1/users"): Line(
        right="root", wrong="su", status=201, send={"json": {"username": "何清", "roles": ["staff"]}}
    ),
    ("GET", USER): Line(right="li", wrong="wang", refused=404, prepare=li),
    ("PATCH", USER): Line(right="root", wrong="wang", prepare=li, send={"json": {"display_name": "李"}}),
    ("POST", USER + "/one-time-link"): Line(right="root", wrong="su", status=201, prepare=li),
    ("GET", "/api/v1/people"): Line(right="li"),
    ("GET", "/api/v1/groups"): Line(right="chen"),
    ("PUT", "/api/v1/groups/{key}"): Line(
        right="root", wrong="mei", prepare=lambda _: {"key": "seats"}, send={"json": {"name": "受理席"}}
    ),
    ("GET", "/api/v1/departments"): Line(right="li"),
    ("PUT", "/api/v1/departments/{key}"): Line(
        right="root", wrong="mei", prepare=lambda _: {"key": "center"}, send={"json": {"parent": "office"}}
    ),
    ("GET", "/api/v1/calendar"): Line(right="chen"),
    ("GET", "/api/v1/calendar/versions"): Line(right="chen"),
    ("PUT", "/api/v1/calendar"): Line(
        right="root", wrong="su", send={"json": {"calendar": {"days": {"2026-11-23": "off"}}, "recalculate": True}}
    ),
    ("GET", "/api/v1/tokens"): Line(right="chen"),
    ("POST", "/api/v1/tokens"): Line(right="chen", status=201, send={"json": {"name": "script"}}),
    ("DELETE", "/api/v1/tokens/{token_id}"): Line(right="chen", wrong="gu", refused=404, prepare=a_token_of_chen),
}

ROUTES = sorted(TABLE)
NAMES = [f"{method} {path.removeprefix('/api/v1')}" for method, path in ROUTES]


def ask(client: httpx.Client, route: tuple[str, str], made: dict[str, Any]) -> httpx.Response:
    method, path = route
    return client.request(method, _filled(path, made), **_filled(TABLE[route].send, made))


def _filled(value: Any, made: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, made) for key, inner in value.items()}
    if isinstance(value, str) and "{" in value:
        return value.format(**({"job_id": ABSENT, "lease_token": "x"} | made))
    return value


def test_the_table_names_every_closed_route(shared_site: Site) -> None:
    with shared_site.stranger() as client:
        document = client.get("/api/v1/openapi.json").json()

    closed = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["security"] and path != "/metrics"
    }

    assert closed == set(TABLE)


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_stranger_learns_nothing(shared_site: Site, route: tuple[str, str]) -> None:
    names = dict.fromkeys(
        ("instance_id", "task_id", "incident_id", "attachment_id", "notification_id", "token_id", "document_id"), ABSENT
    )
    names |= {"username": "li", "definition": "repair", "path": "repair.bpmn", "key": "k", "business_key": "x"}

    with shared_site.stranger() as client:
        answer = ask(client, route, names)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "bearer" in answer.headers["www-authenticate"].lower()


@pytest.mark.parametrize("route", [route for route in ROUTES if TABLE[route].wrong], ids=str)
def test_the_wrong_role_is_refused(site: Site, route: tuple[str, str]) -> None:
    line = TABLE[route]
    made = line.prepare(site)

    with site.client(line.wrong) as client:
        answer = ask(client, route, made)

    assert answer.status_code == line.refused, answer.text
    assert answer.json()["type"].startswith("/api/v1/problems/")


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_the_right_role_is_answered(site: Site, route: tuple[str, str]) -> None:
    line = TABLE[route]
    made = line.prepare(site)

    with site.client(line.right) as client:
        answer = ask(client, route, made)

    assert answer.status_code == line.status, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if "json" in TABLE[r].send],
    ids=str,
)
def test_a_field_that_does_not_exist_is_refused(shared_site: Site, route: tuple[str, str]) -> None:
    line = TABLE[route]
    made = dict.fromkeys(("task_id", "instance_id", "incident_id", "document_id"), ABSENT)
    made |= {"username": "li", "key": "k"}
    body = {**_filled(line.send["json"], made), "administrator": True}

    with shared_site.client(line.right) as client:
        answer = client.request(route[0], _filled(route[1], made), json=body)

    assert answer.status_code == 422
    assert "administrator" in [error["field"] for error in answer.json()["errors"]]


def test_findings_of_a_broken_model_name_elements(site: Site) -> None:
    with site.client("dora") as client:
        headers = {"Content-Type": "application/xml"}
        checked = client.post("/api/v1/definitions/check", content=BROKEN, headers=headers)
        deployed = client.post("/api/v1/definitions", content=BROKEN, headers=headers)

    assert checked.json()["deployable"] is False
    assert deployed.status_code == 422
    assert deployed.json()["type"] == "/api/v1/problems/invalid-model"
    errors = [finding for finding in deployed.json()["findings"] if finding["severity"] == "error"]
    assert errors
    assert all(finding["element"] and finding["message"] and finding["message_zh"] for finding in errors)
