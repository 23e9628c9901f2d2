"""Workers elsewhere that wait for jobs: woken by this process and by others, and never given what they lost."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from api.job_news import JobNews
from engine import SYSTEM, Engine, FakeClock
from engine import commands as c
from engine import identity_commands as ic
from tests.site import TOPIC, Site

LONG = 30
"""Seconds a worker waits; longer than its client does, so that only being woken answers in time."""


def take(site: Site, wait: float, topic: str = TOPIC) -> httpx.Response:
    """Ask for a job as a worker does."""
    with site.client("render-bot") as bot:
        return bot.post("/api/v1/jobs/activate", json={"worker": "w", "topics": [topic], "wait": wait})


def test_a_worker_that_waits_gets_the_job_of_a_case_begun_afterwards(site: Site) -> None:
    site.client("render-bot").close()  # its token is made here

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(take, site, LONG)
        case = site.start()
        with site.client("li") as li:
            li.post(f"/api/v1/tasks/{site.task(case)}/complete", json={})

        answer = waiting.result()

    assert [job["instance_id"] for job in answer.json()["items"]] == [case]


def test_a_worker_that_waits_hears_of_jobs_that_another_process_made(
    site: Site, database_url: str, clock: FakeClock
) -> None:
    site.client("render-bot").close()
    case = site.start()

    with ThreadPoolExecutor() as threads, Engine.open(database_url, clock=clock) as elsewhere:
        waiting = threads.submit(take, site, LONG)
        elsewhere.execute(c.CompleteTask(task_id=site.task(case)), by=SYSTEM)

        answer = waiting.result()

    assert [job["instance_id"] for job in answer.json()["items"]] == [case]


def test_many_who_wait_for_one_job_get_it_once(site: Site) -> None:
    site.client("render-bot").close()
    case = site.start()

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(take, site, 3) for _ in range(6)]
        site.engine.execute(c.CompleteTask(task_id=site.task(case)), by=SYSTEM)
        given = [job for each in waiting for job in each.result().json()["items"]]

    assert [job["instance_id"] for job in given] == [case]


def test_without_a_job_the_wait_ends_with_an_empty_answer(site: Site) -> None:
    answer = take(site, 0.3)

    assert answer.status_code == 200
    assert answer.json() == {"items": []}


def test_a_wait_of_more_than_a_minute_is_refused_by_its_name(site: Site) -> None:
    answer = take(site, 61)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "wait"


def test_a_token_revoked_during_the_wait_gets_nothing(site: Site) -> None:
    site.client("render-bot").close()
    case = site.start()

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(take, site, LONG)
        time.sleep(0.5)
        site.engine.execute(ic.DisableUser(username="render-bot"), by=SYSTEM)
        site.engine.execute(c.CompleteTask(task_id=site.task(case)), by=SYSTEM)
        answer = waiting.result()

    assert answer.status_code == 401
    assert len(site.engine.execute(c.ActivateJobs(worker="t", topics=(TOPIC,), limit=9), by=SYSTEM)) == 1


def test_a_worker_that_hung_up_takes_no_lease(site: Site) -> None:
    site.client("render-bot").close()
    case = site.start()
    body = {"worker": "gone", "topics": [TOPIC], "wait": LONG}
    with site.client("render-bot") as bot, suppress(httpx.ReadTimeout):
        bot.post("/api/v1/jobs/activate", json=body, timeout=1)

    site.engine.execute(c.CompleteTask(task_id=site.task(case)), by=SYSTEM)
    answer = take(site, LONG)

    assert [job["instance_id"] for job in answer.json()["items"]] == [case]


def test_the_news_of_one_topic_wake_nobody_who_waits_for_another() -> None:
    due = frozenset({"letters"})

    async def both() -> tuple[bool, bool]:
        news = JobNews(lambda topics: due & topics)
        until = time.monotonic() + 60
        letters = asyncio.create_task(news.wait(["letters"], until))
        payments = asyncio.create_task(news.wait(["payments"], until))
        await letters
        woken = letters.done(), payments.done()
        news.close()
        await payments
        return woken

    assert asyncio.run(both()) == (True, False)


def test_a_database_that_fails_once_keeps_nobody_waiting_for_good() -> None:
    failures = [RuntimeError("the database is away")]

    def due(topics: frozenset[str]) -> frozenset[str]:
        if failures:
            raise failures.pop()
        return topics

    async def wait() -> None:
        await JobNews(due).wait(["letters"], time.monotonic() + 60)

    asyncio.run(wait())

    assert not failures


@pytest.mark.parametrize("topics", [[TOPIC], ["payment.send"]])
def test_who_may_not_take_jobs_need_not_wait_to_hear_so(shared_site: Site, topics: list[str]) -> None:
    with shared_site.client("li") as li:
        answer = li.post("/api/v1/jobs/activate", json={"worker": "w", "topics": topics, "wait": LONG})

    assert answer.status_code == 403
