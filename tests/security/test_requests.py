"""Requests of people who try more than the pages offer: extra fields, odd JSON, other sites, one pair of eyes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.filters import InstanceFilter, JobFilter, TaskFilter
from tests.builders import process, user
from tests.security.access_table import API, OPERATORS, PAGES, TABLE
from tests.security.roster import ROSTER, Things, filled, settle
from tests.site import PASSWORD, Site, running_site

WRITES = sorted(route for route in TABLE if not route.startswith("GET "))
PRIVILEGED = {
    "id": "019aa7c5-0a44-7b12-8d2c-94d2c1b7e201",
    "tenant_id": "other",
    "roles": ["administrator"],
    "role": "administrator",
    "is_admin": True,
    "created_by": "root",
    "started_by": "root",
    "owner": "root",
    "assignee": "li",
    "state": "completed",
    "password_hash": "x",
    "by": "system",
    "revision": 99,
    "__proto__": {"roles": ["administrator"]},
    "constructor": {"prototype": {"admin": True}},
    "groups": ["clerks"],
    "kind": "system",
    "version": 99,
}
FOUR_EYES = process(
    "four",
    "start -> one -> two -> end",
    user("one"),
    user(
        "two",
        more='<zeebe:properties><zeebe:property name="civiflow:excludedUsers" value="=[performers.one]"/>'
        "</zeebe:properties>",
    ),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("requests")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder) as running:
        settle(running)
        running.engine.execute(c.DeployDefinition(files={"four.bpmn": FOUR_EYES}, name="four"), by=SYSTEM)
        yield running


@pytest.fixture(scope="module")
def things(site: Site) -> Things:
    return Things(site)


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[httpx.Client]:
    """The administrator's session, which may do everything."""
    with site.browser("root") as client:
        yield client


def _seen(site: Site) -> tuple[object, ...]:
    """What no refused request may have changed."""
    reader = site.engine.read(SYSTEM)
    users = reader.users(limit=200).items
    due = {"due_jobs", "overdue_timers"}  # which come due while requests are sent
    return (
        [(u.username, u.roles, u.groups, u.disabled) for u in users],
        [(i.id, i.state) for i in reader.instances(InstanceFilter(), limit=200).items],
        [(t.id, t.state, t.assignee) for t in reader.tasks(TaskFilter(scope="all"), limit=200).items],
        len(reader.definitions(latest_only=False)),
        len(reader.groups()),
        {name: value for name, value in reader.figures().items() if name not in due},
        [(j.id, j.state) for j in reader.jobs(JobFilter(), limit=200).items],
    )


def _made(things: Things, route: str) -> dict[str, Any]:
    row = TABLE[route]
    return row.make(things) if row.make else {}


def _send(client: httpx.Client, route: str, made: dict[str, Any], **more: Any) -> httpx.Response:
    method, path = route.split(" ", 1)
    arguments = filled(dict(TABLE[route].send), made)
    return client.request(method, path.format(**made), **(arguments | more))


# fields that are nobody's business -------------------------------------------------------------------------------


@pytest.mark.parametrize("route", [r for r in WRITES if r in API and "json" in TABLE[r].send])
def test_a_privileged_field_is_refused_and_changes_nothing(site: Site, things: Things, route: str) -> None:
    made, body = _made(things, route), {}
    body = filled(dict(TABLE[route].send["json"]), made)
    extra = {name: value for name, value in PRIVILEGED.items() if name not in body}
    known = {"roles", "groups", "owner", "kind"}  # fields of accounts and tokens, which administrators set
    before = _seen(site)

    with site.client("su" if "administrator" not in TABLE[route].may else "root") as client:
        for name, value in extra.items():
            if name in known and ("/users" in route or "/tokens" in route):
                continue
            answer = _send(client, route, made, json={**body, name: value})
            asked = 404 if name == "version" and "/decisions/" in route else 422  # whoever asks says which version
            assert answer.status_code in {403, asked}, (name, answer.text)

    assert _seen(site) == before


def test_a_person_makes_nothing_more_of_themselves(site: Site) -> None:
    with site.client("li") as client:
        for change in ({"roles": ["administrator"]}, {"groups": ["roads"]}, {"disabled": False}, {"kind": "bot"}):
            assert client.patch("/api/v1/users/li", json=change).status_code in {403, 422}
        for owner in ("root", "render-bot", "wang"):
            assert client.post("/api/v1/tokens", json={"name": "x", "owner": owner}).status_code in {403, 404}
        scopes = {"name": "x", "scopes": ["read", "write", "admin"]}
        assert client.post("/api/v1/tokens", json=scopes).status_code == 422

        me = client.get("/api/v1/session").json()

    assert (me["roles"], me["groups"]) == (["staff"], ["clerks"])


# odd JSON ---------------------------------------------------------------------------------------------------------

ODD_BODIES: dict[str, bytes] = {
    "deep": b'{"variables":' + b"[" * 100_000 + b"]" * 100_000 + b',"definition":"repair"}',
    "deep objects": b'{"definition":"repair","variables":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "huge number": b'{"definition":"repair","variables":{"n":' + b"9" * 100_000 + b"}}",
    "large exponent": b'{"definition":"repair","variables":{"n":1e999999}}',
    "NaN": b'{"definition":"repair","variables":{"n":NaN}}',
    "Infinity": b'{"definition":"repair","variables":{"n":-Infinity}}',
    "lone surrogate": b'{"definition":"repair","variables":{"n":"\\ud800"}}',
    "lone surrogate as a name": b'{"definition":"repair","variables":{"\\udfff":1}}',
    "NUL": b'{"definition":"repair","variables":{"a\\u0000":"\\u0000"}}',
    "same key twice": b'{"definition":"repair","definition":"news"}',
    "prototype": b'{"definition":"repair","variables":{"__proto__":{"a":1},"constructor":1,"typename":"set"}}',
    "many fields": b'{"definition":"repair","variables":{' + b",".join(b'"a%d":1' % n for n in range(100_000)) + b"}}",
    "ten megabytes": b'{"definition":"repair","variables":{"t":"' + b"x" * 10_000_000 + b'"}}',
    "not UTF-8": b'{"definition":"\xff\xfe"}',
    "UTF-16": '{"definition":"repair"}'.encode("utf-16"),
    "with a mark": b'\xef\xbb\xbf{"definition":"repair"}',
    "empty": b"",
    "list": b"[]",
    "text": b'"repair"',
    "null": b"null",
    "half": b'{"definition":',
    "wrong types": b'{"definition":{"a":1},"variables":[1],"business_key":7,"start_node":null}',
}


@pytest.mark.parametrize("name", sorted(ODD_BODIES))
def test_odd_json_is_refused_in_words_or_taken_as_it_is(site: Site, name: str) -> None:
    headers = {"Content-Type": "application/json"}

    with site.client("li") as client:
        answer = client.post("/api/v1/instances", content=ODD_BODIES[name], headers=headers)

        assert answer.status_code in {201, 400, 404, 413, 422}, answer.text[:200]
        if answer.status_code == 201:
            shown = client.get(answer.headers["location"])
            assert shown.status_code == 200
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.content) < 100_000
        assert client.get("/api/v1/session").status_code == 200


ODD_VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**70,
    1.5,
    True,
    "",
    "\u202e",
    "x" * 10_000,
    [],
    [[]],
    {},
    {"a": 1},
    "../x",
)


@pytest.mark.parametrize("route", [r for r in WRITES if r in API and "json" in TABLE[r].send])
def test_a_value_of_the_wrong_type_is_never_an_error_of_the_server(site: Site, things: Things, route: str) -> None:
    made = _made(things, route)
    body = filled(dict(TABLE[route].send["json"]), made)

    with site.client("render-bot" if "/jobs" in route else "root") as client:
        for name, value in itertools.product(body, ODD_VALUES):
            answer = _send(client, route, made, json={**body, name: value})
            assert answer.status_code < 500, (name, value, answer.text)
            if answer.status_code == 401:  # that request ended the token, as it should
                return


# other sites ------------------------------------------------------------------------------------------------------

FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Referer": "https://evil.example/x"},
    {"Sec-Fetch-Site": "cross-site"},
    {},  # from our own page, it seems, but without the token
)


def test_no_other_site_changes_anything_by_a_session(site: Site, things: Things, browser: httpx.Client) -> None:
    made = {route: _made(things, route) for route in WRITES}
    token = browser.headers["X-CSRF-Token"]
    before = _seen(site)
    wrong = []

    for route, headers in itertools.product(WRITES, FOREIGN):
        browser.headers.pop("X-CSRF-Token", None)
        if headers:
            browser.headers["X-CSRF-Token"] = token  # even if it had leaked
        answer = _send(browser, route, made[route], headers=headers)
        open_to_all = route in {"POST /api/v1/session", "DELETE /api/v1/session", "POST /sign-in"}
        open_to_all |= "{token}" in route or "/documents/verify" in route
        if answer.status_code not in {401, 403} and not (open_to_all and not headers):
            wrong.append((route, headers, answer.status_code))
        if open_to_all and not headers:
            browser.headers["X-CSRF-Token"] = token

    browser.headers["X-CSRF-Token"] = token
    assert [w for w in wrong if w[0] not in PUBLIC_POSTS] == []
    assert _seen(site) == before


PUBLIC_POSTS = {"POST /documents/verify/{code}"}
"""Changes nothing: it compares an uploaded file."""


# headers ----------------------------------------------------------------------------------------------------------


def test_every_response_carries_the_headers_of_the_policy(site: Site, things: Things) -> None:
    asked = []
    made: dict[str, dict[str, Any]] = {}
    with site.client("root") as root, site.stranger(headers={"Accept": "text/html"}) as stranger:
        for route in TABLE:
            if route.startswith("GET "):
                made[route] = _made(things, route)
                path = route.split(" ", 1)[1].replace(":path", "").format(**made[route])
                asked += [(path, root.get(path)), (path, stranger.get(path))]
        asked += [
            ("absent", root.get("/nothing/here")),
            ("method", root.put("/inbox")),
            ("static", root.get("/static/x")),
        ]

    for path, answer in asked:
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert "cache-control" in headers and "server" not in headers and "x-powered-by" not in headers, path
        assert "access-control-allow-origin" not in headers, path
        for cookie in headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie or cookie.startswith("lang="), (path, cookie)
            assert "samesite=lax" in cookie.lower(), (path, cookie)


# sessions ---------------------------------------------------------------------------------------------------------


def test_what_ends_a_session_ends_it_within_seconds(site: Site) -> None:
    password = "yet another passphrase"
    endings = {
        "signed out": lambda root, own: own.delete("/api/v1/session"),
        "signed out everywhere": lambda root, own: own.delete("/api/v1/session/all"),
        "shut out": lambda root, own: root.patch("/api/v1/users/wang", json={"disabled": True}),
        "new password": lambda root, own: own.put(
            "/api/v1/session/password", json={"current_password": PASSWORD, "password": password}
        ),
    }
    for name, end in endings.items():
        with site.client("root") as root, site.browser("wang") as own, site.stranger() as thief:
            root.patch("/api/v1/users/wang", json={"disabled": False})
            thief.cookies.set("civiflow", own.cookies["civiflow"], domain="127.0.0.1")
            assert thief.get("/api/v1/session").status_code == 200

            assert end(root, own).is_success, name

            began = time.monotonic()
            assert thief.get("/api/v1/session").status_code == 401, name
            assert time.monotonic() - began < 5
            root.patch("/api/v1/users/wang", json={"disabled": False})


def test_a_role_that_is_taken_away_is_gone_at_once(site: Site) -> None:
    with site.client("root") as root, site.client("su") as su:
        assert su.get("/incidents").status_code == 200

        root.patch("/api/v1/users/su", json={"roles": ["staff"]})

        assert su.get("/incidents").status_code == 403
        root.patch("/api/v1/users/su", json={"roles": ["supervisor"]})


def test_a_flood_of_guesses_is_throttled_by_the_tenth_and_the_owner_gets_in(site: Site) -> None:
    with site.browser("zhao") as owner, site.stranger() as guesser:
        guesses = [
            guesser.post("/api/v1/session", json={"username": name, "password": f"guess {n}"}).status_code
            for n, name in enumerate(["zhao", " zhao", "zhao\u200b", "zhao "] * 8)
        ]
        page = guesser.post("/sign-in", data={"username": "zhao", "password": "x"})

        assert 429 in guesses[:10] and set(guesses[10:]) == {429}
        assert page.status_code == 429
        again = owner.post("/api/v1/session", json={"username": "zhao", "password": PASSWORD})
        assert again.status_code == 201


# four eyes --------------------------------------------------------------------------------------------------------


def test_nobody_does_both_steps_whichever_way_they_come(site: Site) -> None:
    ways = 0
    case = site.start("li", "four")
    with site.client("li") as li, site.client("wang") as wang, site.browser("li") as page:
        first = site.task(case)
        assert li.post(f"/api/v1/tasks/{first}/complete", json={}).status_code == 200
        second = site.task(case)
        csrf = {"csrf_token": page.headers["X-CSRF-Token"]}
        for _round in range(10):
            tries = [
                li.post(f"/api/v1/tasks/{second}/claim"),
                li.post(f"/api/v1/tasks/{second}/complete", json={}),
                li.post(f"/api/v1/tasks/{second}/complete", json={}, headers={"Idempotency-Key": f"k{_round}"}),
                li.post(f"/api/v1/tasks/{second}/delegate", json={"to": "li"}),
                page.post(f"/tasks/{second}/claim", data=csrf),
                page.post(f"/tasks/{second}/complete", data=csrf),
                page.post(f"/tasks/{second}/delegate", data=csrf | {"to": "li"}),
            ]
            assert wang.post(f"/api/v1/tasks/{second}/claim").status_code == 200
            tries += [
                wang.post(f"/api/v1/tasks/{second}/delegate", json={"to": "li"}),
                wang.post(f"/api/v1/tasks/{second}/delegate", json={"to": " li "}),
                li.post(f"/api/v1/tasks/{second}/complete", json={}),
            ]
            assert wang.post(f"/api/v1/tasks/{second}/unclaim").status_code == 200
            assert [t.status_code for t in tries if t.status_code < 400] == []
            ways += len(tries)

        assert ways == 100
        assert site.task(case) == second
        assert wang.post(f"/api/v1/tasks/{second}/complete", json={}).status_code == 200


def test_rights_do_not_open_the_second_pair_of_eyes(site: Site) -> None:
    assert {"administrator", "supervisor"} == set(OPERATORS) and "administrator" in ROSTER and PAGES
    for who in ("su", "root"):
        case = site.start("li", "four")
        with site.client(who) as client:
            assert client.post(f"/api/v1/tasks/{site.task(case)}/complete", json={}).status_code == 200
            second = site.task(case)
            assert client.post(f"/api/v1/tasks/{second}/complete", json={}).status_code == 403
            assert client.post(f"/api/v1/tasks/{second}/claim").status_code == 403

            assert site.engine.read(SYSTEM).task(second).row.state == "open"
            site.engine.execute(c.CancelInstance(instance_id=case, reason=str(timedelta(0))), by=SYSTEM)
