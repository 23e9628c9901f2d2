"""What operators and programs rely on: the OpenAPI document, health, metrics, headers, logs, errors."""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
import structlog
from openapi_spec_validator import validate

from tests.site import PASSWORD, Site

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def document(shared_site: Site) -> dict[str, Any]:
    """The OpenAPI document as clients get it."""
    with shared_site.stranger() as client:
        made: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return made


def wait_for_line(lines: Sequence[Mapping[str, Any]], **wanted: str) -> Mapping[str, Any]:
    """The log line of a request that says so; it is written just after the answer has left."""
    for _ in range(200):
        for line in lines:
            if wanted.items() <= line.items():
                return line
        time.sleep(0.01)
    raise AssertionError(f"no line with {wanted}")


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation with its name."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_body_and_answer_has_an_example(document: dict[str, Any]) -> None:
    bare = [
        f"{name} {status}"
        for name, operation in operations(document)
        for status, part in [("body", operation.get("requestBody", {})), *operation["responses"].items()]
        for media in part.get("content", {}).values()
        if "example" not in media
    ]

    assert bare == []


def test_every_operation_is_described_tagged_and_says_how_it_refuses(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}

    for name, operation in operations(document):
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name
        if operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys(), name


def test_every_type_of_problem_leads_to_its_meaning(shared_site: Site) -> None:
    with shared_site.stranger() as client:
        kinds = client.get("/api/v1/problems").json()["items"]
        answers = [client.get(kind["type"]) for kind in kinds]
        absent = client.get("/api/v1/problems/no-such-kind")

    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["meaning"] for answer in answers)
    assert absent.status_code == 404


def test_the_process_is_alive_and_ready(shared_site: Site) -> None:
    with shared_site.stranger() as client:
        live, ready = client.get("/healthz"), client.get("/readyz")

    assert live.json()["status"] == "ok"
    assert ready.json() == {"status": "ready", "checks": {"database": True, "schema": True}}


def test_a_database_of_another_schema_makes_the_process_unready(site: Site, database_url: str) -> None:
    other = sa.create_engine(database_url)
    with other.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    other.dispose()

    with site.stranger() as client:
        ready = client.get("/readyz")

    assert ready.status_code == 503
    assert ready.json() == {"status": "not ready", "checks": {"database": True, "schema": False}}


def test_metrics_count_requests_by_route_and_the_engines_own_figures(site: Site) -> None:
    case = site.start()
    with site.client("li") as li:
        li.get(f"/api/v1/tasks/{site.task(case)}")
        li.get("/api/v1/nothing/here")

        text = li.get("/metrics").text

    assert 'civiflow_requests_total{method="GET",route="/api/v1/tasks/{task_id}",status="200"} 1.0' in text
    assert 'civiflow_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
    assert "civiflow_open_tasks 1.0" in text
    assert case not in text


def test_metrics_are_for_this_machine_or_a_token_made_for_them(site: Site) -> None:
    with site.client("root") as root:
        own = root.post("/api/v1/tokens", json={"name": "prometheus", "scopes": ["metrics"]}).json()["token"]
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}

    with site.stranger(headers=elsewhere) as stranger, site.client("li") as li:
        statuses = [
            stranger.get("/metrics").status_code,
            li.get("/metrics", headers=elsewhere).status_code,
            stranger.get("/metrics", headers={"Authorization": f"Bearer {own}"}).status_code,
            stranger.get("/api/v1/tasks", headers={"Authorization": f"Bearer {own}"}).status_code,
        ]

    assert statuses == [401, 403, 200, 403]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/tasks", "/nowhere", "/static/none.js", "/api/v1/openapi.json"])
def test_every_answer_carries_the_security_headers(shared_site: Site, path: str) -> None:
    with shared_site.stranger() as client:
        headers = client.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_a_request_keeps_the_id_it_came_with_if_that_is_one(shared_site: Site) -> None:
    with shared_site.stranger() as client:
        given = client.get("/api/v1/tasks", headers={"X-Request-Id": "gateway-000017"})
        odd = client.get("/api/v1/tasks", headers={"X-Request-Id": "a b<script>"})

    assert given.headers["x-request-id"] == given.json()["request_id"] == "gateway-000017"
    assert len(odd.headers["x-request-id"]) == 36


def test_the_log_names_request_principal_and_case_but_no_secret_and_no_value(site: Site) -> None:
    with (
        structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines,
        site.browser("li") as li,
    ):
        cookie, csrf = li.cookies["civiflow"], li.headers["X-CSRF-Token"]
        case = site.start("chen", phone="000-5550-1234")
        li.post(f"/api/v1/tasks/{site.task(case)}/complete", json={"variables": {"note": "secret remark"}})
        done = wait_for_line(lines, command="CompleteTask")

    text = json.dumps(lines, default=str)
    assert done["principal"] == "li"
    assert done["instance_id"] == case
    assert done["request_id"]
    for secret in (PASSWORD, cookie, csrf, "000-5550-1234", "secret remark", *site.tokens.values()):
        assert secret not in text


def test_an_upload_that_its_sender_gives_up_is_no_error_of_ours(site: Site) -> None:
    with site.client("chen") as chen:
        key = chen.headers["Authorization"]
    address = urlsplit(site.url)
    head = (
        f"POST /api/v1/attachments HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n"
    )

    with structlog.testing.capture_logs() as lines:
        with socket.create_connection((address.hostname, address.port)) as line:
            line.sendall(head.encode())
            time.sleep(0.3)  # long enough for it to wait for the rest
        wait_for_line(lines, route="/api/v1/attachments")

    assert [each["status"] for each in lines if each["event"] == "request"] == [400]
    assert [each for each in lines if each["log_level"] == "error"] == []


def test_an_unforeseen_error_gives_nothing_of_its_inside_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.engine, "_database", None)

    with site.stranger() as client:
        answer = client.get("/api/v1/session", headers={"Authorization": "Bearer civ_x"})
        ready = client.get("/readyz")

    assert answer.status_code == 500
    assert answer.json()["type"] == "/api/v1/problems/internal-error"
    assert "NoneType" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": False}


def test_who_asks_while_the_database_is_away_is_told_to_come_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_listens = sa.create_engine("postgresql+psycopg://civiflow@127.0.0.1:1/civiflow")
    with site.client("li") as client:
        for name, value in (("_snapshots", nobody_listens), ("engine", nobody_listens), ("_lookers", deque())):
            monkeypatch.setattr(site.engine._database, name, value)
        read = client.get("/api/v1/tasks")
        monkeypatch.undo()
        monkeypatch.setattr(site.engine._database, "engine", nobody_listens)
        monkeypatch.setattr(site.engine._database, "_writer", None)
        written = client.post("/api/v1/instances", json={"definition": "repair"})
        monkeypatch.undo()
        later = client.get("/api/v1/tasks")

    for answer in (read, written):
        assert (answer.status_code, answer.json()["type"]) == (503, "/api/v1/problems/database-away")
        assert answer.headers["Retry-After"] == "1"
        assert "idempotency key" in answer.json()["detail"]
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("DELETE", "/api/v1/tasks", 405),
        ("GET", "/api/v1/tasks/%00", 404),
        ("GET", "/api/v1/users/%FF", 404),
    ],
)
def test_odd_addresses_get_a_problem(shared_site: Site, method: str, path: str, status: int) -> None:
    with shared_site.client("root") as client:
        answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "%", "_", "\\", "'; drop table user_task; --", "𝒳" * 50, "\u202eabc"]
)
def test_any_text_may_be_searched_for(shared_site: Site, text: str) -> None:
    with shared_site.client("root") as client:
        answers = [
            client.get(f"/api/v1/{what}", params={"search": text}) for what in ("tasks", "instances", "users", "people")
        ]

    assert {answer.status_code for answer in answers} <= {200, 422}


def test_a_browser_that_is_not_signed_in_is_sent_to_the_sign_in_page(shared_site: Site) -> None:
    with shared_site.stranger(headers=HTML) as browser:
        answer: httpx.Response = browser.get("/inbox?overdue=1")
        api = browser.get("/api/v1/tasks")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/inbox%3Foverdue%3D1"
    assert api.status_code == 401
