"""Doing the work over HTTP: versions, repeats, pages, files, reports."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from engine.clock import FakeClock
from tests.site import TOPIC, Site

TASKS = "/api/v1/tasks"


def test_a_case_goes_from_start_to_end(site: Site) -> None:
    with site.client("chen") as chen, site.client("li") as li, site.client("render-bot") as bot:
        started = chen.post("/api/v1/instances", json={"definition": "repair", "variables": {"place": "长桥路"}})
        offered = li.get(TASKS, params={"scope": "groups"}).json()["items"]
        task = offered[0]["id"]
        li.post(f"{TASKS}/{task}/claim")
        mine = li.get(TASKS).json()["items"]
        done = li.post(f"{TASKS}/{task}/complete", json={"variables": {"unit": "道路养护"}})
        job = bot.post("/api/v1/jobs/activate", json={"worker": "w", "topics": [TOPIC]}).json()["items"][0]
        body = {"lease_token": job["lease_token"], "variables": {"document": "d1"}}
        ended = bot.post(f"/api/v1/jobs/{job['id']}/complete", json=body)
        case = chen.get(started.headers["location"]).json()

    assert [item["id"] for item in mine] == [task]
    assert done.json()["ended"] is False
    assert job["variables"] == {"place": "长桥路", "unit": "道路养护"}
    assert ended.json()["ended"] is True
    assert case["state"] == "completed"
    assert case["variables"] == {"place": "长桥路", "unit": "道路养护", "document": "d1"}
    assert site.engine.verify().clean


def test_an_older_version_of_a_task_is_refused(site: Site) -> None:
    with site.client("li") as li:
        path = f"{TASKS}/{site.task(site.start())}"
        before = li.get(path).headers["etag"]
        claimed = li.post(f"{path}/claim", headers={"If-Match": before})

        stale = li.post(f"{path}/complete", headers={"If-Match": before}, json={})
        fresh = li.post(f"{path}/complete", headers={"If-Match": claimed.headers["etag"]}, json={})

    assert claimed.headers["etag"] != before
    assert stale.status_code == 412
    assert stale.json()["type"] == "/api/v1/problems/version-mismatch"
    assert fresh.status_code == 200


@pytest.mark.parametrize("tag", ["3", 'W/"3"', '"x"', '""', '"' + "9" * 50 + '"'])
def test_an_if_match_that_no_task_can_have_is_refused(site: Site, tag: str) -> None:
    with site.client("li") as li:
        answer = li.post(f"{TASKS}/{site.task(site.start())}/claim", headers={"If-Match": tag})

    assert answer.status_code == 422


def test_a_task_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    with site.client("li") as li:
        path = f"{TASKS}/{site.task(site.start())}"
        tag = li.get(path).headers["etag"]

        again = li.get(path, headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""


def test_a_task_done_by_one_is_stale_for_the_other(site: Site) -> None:
    with site.client("li") as li, site.client("wang") as wang:
        path = f"{TASKS}/{site.task(site.start())}"
        li.post(f"{path}/complete", json={})

        answer = wang.post(f"{path}/complete", json={})

    assert answer.status_code == 409
    assert answer.json()["type"] == "/api/v1/problems/stale-task"


def test_of_many_who_complete_a_task_at_once_one_succeeds(site: Site) -> None:
    path = f"{TASKS}/{site.task(site.start())}/complete"

    def complete(number: int) -> int:
        with site.client("li" if number % 2 else "wang") as client:
            return client.post(path, json={}).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(complete, range(10)))

    assert statuses == [200] + [409] * 9


def test_a_repeat_with_the_same_key_gives_the_first_answer_and_starts_nothing(site: Site) -> None:
    with site.client("chen") as chen:
        request = {"json": {"definition": "repair"}, "headers": {"Idempotency-Key": "order-17"}}

        first, second = (chen.post("/api/v1/instances", **request) for _ in range(2))

        assert first.status_code == second.status_code == 201
        assert first.json() == second.json()
        assert len(chen.get("/api/v1/instances").json()["items"]) == 1


def test_a_key_is_good_for_one_request_of_one_user(site: Site) -> None:
    with site.client("chen") as chen, site.client("gu") as gu:
        headers = {"Idempotency-Key": "order-17"}
        first = chen.post("/api/v1/instances", json={"definition": "repair"}, headers=headers)

        other = chen.post("/api/v1/instances", json={"definition": "repair", "variables": {"x": 1}}, headers=headers)
        of_another = gu.post("/api/v1/instances", json={"definition": "repair"}, headers=headers)

    assert other.status_code == 422
    assert other.json()["type"] == "/api/v1/problems/idempotency-mismatch"
    assert of_another.status_code == 201
    assert of_another.json()["instance_id"] != first.json()["instance_id"]


def test_pages_follow_each_other_without_gap_or_overlap(site: Site) -> None:
    made = {site.start() for _ in range(5)}

    with site.client("chen") as chen:
        seen, path = [], "/api/v1/instances?limit=2&state=active"
        while path:
            answer = chen.get(path)
            seen += [item["id"] for item in answer.json()["items"]]
            path = answer.links.get("next", {}).get("url", "")

    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "W10", "////", "WzEsMiwzXQ", "é"])
def test_a_cursor_that_no_list_gave_is_refused(site: Site, cursor: str) -> None:
    with site.client("li") as li:
        answers = [li.get(f"/api/v1/{what}", params={"cursor": cursor}) for what in ("tasks", "instances", "incidents")]

    assert {answer.status_code for answer in answers} == {422}


def test_a_stale_lease_is_refused_and_the_job_goes_to_another_worker(site: Site, clock: FakeClock) -> None:
    job = site.job(site.start())
    clock.advance(timedelta(minutes=2))
    site.engine.sweep()
    clock.advance(timedelta(minutes=2))

    with site.client("render-bot") as bot:
        late = bot.post(f"/api/v1/jobs/{job.id}/complete", json={"lease_token": job.lease_token})
        again = bot.post("/api/v1/jobs/activate", json={"worker": "w2", "topics": [TOPIC]}).json()["items"]

    assert late.status_code == 409
    assert late.json()["type"] == "/api/v1/problems/stale-lease"
    assert [item["id"] for item in again] == [job.id]
    assert again[0]["attempt"] == 2
    assert again[0]["idempotency_key"] == job.idempotency_key


def test_a_bots_token_is_good_for_its_topics_and_for_nothing_else(site: Site) -> None:
    job = site.job(site.start())

    with site.client("render-bot") as bot:
        others = bot.post("/api/v1/jobs/activate", json={"worker": "w", "topics": ["payment.send"]})
        reads = [bot.get(f"/api/v1/{what}").status_code for what in ("tasks", "instances", "users", "people", "tokens")]
        case = bot.get(f"/api/v1/instances/{job.instance_id}")

    assert others.json() == {"items": []}
    assert reads == [403] * 5
    assert case.status_code == 403


def test_a_read_only_token_changes_nothing(site: Site) -> None:
    with site.client("chen") as chen:
        token = chen.post("/api/v1/tokens", json={"name": "reader", "scopes": ["read"]}).json()["token"]
    with site.stranger(headers={"Authorization": f"Bearer {token}"}) as reader:
        listed = reader.get("/api/v1/instances")
        started = reader.post("/api/v1/instances", json={"definition": "repair"})

    assert listed.status_code == 200
    assert started.status_code == 403


def test_a_token_ends_when_it_is_revoked_or_too_old(site: Site, clock: FakeClock) -> None:
    with site.client("chen") as chen:
        kept, revoked = (chen.post("/api/v1/tokens", json={"name": n, "days": 1}).json() for n in "ab")
        chen.delete(f"/api/v1/tokens/{revoked['id']}")

        assert _as(site, revoked["token"]).status_code == 401
        assert _as(site, kept["token"]).status_code == 200
        clock.advance(timedelta(days=1))

        assert _as(site, kept["token"]).status_code == 401
        assert "token" not in chen.get("/api/v1/tokens").json()["items"][0]


def test_nobody_issues_a_token_in_another_persons_name(site: Site) -> None:
    with site.client("root") as root, site.client("chen") as chen:
        for_person = root.post("/api/v1/tokens", json={"name": "x", "owner": "li"})
        by_citizen = chen.post("/api/v1/tokens", json={"name": "x", "owner": "li"})
        for_bot = root.post("/api/v1/tokens", json={"name": "x", "owner": "render-bot", "topics": [TOPIC]})
        too_wide = root.post("/api/v1/tokens", json={"name": "x", "owner": "render-bot", "topics": ["payment.send"]})

    assert [a.status_code for a in (for_person, by_citizen, for_bot, too_wide)] == [403, 404, 201, 422]


def test_the_last_administrator_stays(site: Site) -> None:
    with site.client("root") as root:
        disabled = root.patch("/api/v1/users/root", json={"disabled": True})
        demoted = root.patch("/api/v1/users/root", json={"roles": ["staff"]})
        root.post("/api/v1/users", json={"username": "second", "roles": ["administrator"]})
        then = root.patch("/api/v1/users/second", json={"roles": ["staff"]})

    assert [disabled.status_code, demoted.status_code, then.status_code] == [409, 409, 200]


def test_a_user_cannot_raise_their_own_role(site: Site) -> None:
    with site.client("li") as li:
        raised = li.patch("/api/v1/users/li", json={"roles": ["administrator"]})
        joined = li.patch("/api/v1/users/li", json={"groups": ["roads"]})
        renamed = li.patch("/api/v1/users/li", json={"display_name": "李明", "locale": "en"})

    assert [raised.status_code, joined.status_code, renamed.status_code] == [403, 403, 200]
    assert renamed.json()["roles"] == ["staff"]


def test_citizens_neither_see_the_staff_nor_stand_among_them(site: Site) -> None:
    with site.client("chen") as chen, site.client("li") as li:
        seen_by_citizen = chen.get("/api/v1/people").json()["items"]
        seen_by_staff = {person["username"] for person in li.get("/api/v1/people").json()["items"]}

    assert seen_by_citizen == []
    assert {"li", "wang", "su"} <= seen_by_staff
    assert not seen_by_staff & {"chen", "gu", "render-bot"}


def test_an_operator_mends_an_incident(site: Site) -> None:
    case = site.start()
    incident = site.incident(case)

    with site.client("su") as su, site.client("render-bot") as bot:
        retried = su.post(f"/api/v1/incidents/{incident}/retry", json={"variables": {"printer": "b"}, "retries": 2})
        job = bot.post("/api/v1/jobs/activate", json={"worker": "w", "topics": [TOPIC]}).json()["items"][0]
        events = su.get(f"/api/v1/instances/{case}/events").json()["items"]

    assert retried.json()["state"] == "resolved"
    assert job["variables"]["printer"] == "b"
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    assert "su" in {event["actor"] for event in events}


def test_the_bottleneck_report_of_a_process_counts_what_was_done(site: Site, clock: FakeClock) -> None:
    case = site.start()
    clock.advance(timedelta(hours=5))
    site.job(case)

    with site.client("mei") as mei:
        report = mei.get("/api/v1/reports/bottlenecks", params={"definition": "repair", "language": "zh"}).json()

    accept = next(a for a in report["activities"] if a["element_id"] == "accept")
    assert accept["count"] == 1
    assert report["meta"]["cases"]["running"] == 1
    assert report["findings"][0]["text_zh"]


def test_an_uploaded_log_that_is_none_says_what_is_missing(site: Site) -> None:
    with site.client("mei") as mei:
        answer = mei.post("/api/v1/reports/bottlenecks", files={"file": ("任务.csv", "名称,备注\n甲,乙\n".encode())})

    assert answer.status_code == 422
    assert answer.json()["type"] == "/api/v1/problems/log-format-error"
    assert "任务.csv" in answer.json()["detail"]
    assert "/tmp" not in answer.text


def _as(site: Site, token: str) -> httpx.Response:
    with site.stranger(headers={"Authorization": f"Bearer {token}"}) as client:
        return client.get("/api/v1/session")
