"""R2: of many who complete one task at the same moment, one succeeds and the others are told."""

from __future__ import annotations

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.crash import figures, kinds
from tests.crash.client import Client
from tests.crash.crew import Case
from tests.crash.figures import pick
from tests.crash.receiver import Receiver
from tests.crash.stage import staged
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(900)

AT_ONCE = 20
STRAIGHT = Counter({(element, "completed"): 1 for element in ("start", "do", "end")})
TASK = kinds.Kind(name="crash_task", process="crash_task", start=kinds.Fill(by=kinds.CLERK.id))


def test_of_twenty_who_complete_a_task_at_once_one_succeeds(durable: Storage, receiver: Receiver, folder: Path) -> None:
    number = pick(short=10, full=100)
    servers = 3 if durable.kind == "postgres" else 2
    with staged(durable, receiver, folder, servers=servers, workers=0, schedulers=0) as stage:
        stage.installation.start()
        cases, tasks = open_tasks(stage.client, number)

        with ThreadPoolExecutor(AT_ONCE) as crowd:
            everyone = [rush(stage.client, crowd, task, [f"{task}-{n}" for n in range(AT_ONCE)]) for task in tasks]
            again = [ask(stage.client, task, f"{task}-{n}", n) for task in tasks[:10] for n in range(AT_ONCE)]
        first = [answer for answers in everyone[:10] for answer in answers]

        figures.record(
            f"races over HTTP, {durable.kind}",
            tasks=number,
            at_once=AT_ONCE,
            servers=servers,
            successes=sum(answer.status_code == 200 for answers in everyone for answer in answers),
            conflicts=sum(answer.status_code == 409 for answers in everyone for answer in answers),
        )
        for answers in everyone:
            assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
            told = {json.loads(answer.content)["type"] for answer in answers if answer.status_code == 409}
            assert told == {"/api/v1/problems/stale-task"}
        assert [a.status_code for a in again] == [a.status_code for a in first]
        assert [a.content for a in again if a.status_code == 200] == [a.content for a in first if a.status_code == 200]
        stage.end()
    stage.audit(cases, {TASK.name: STRAIGHT})


def test_twenty_repeats_at_once_under_one_key_get_one_answer(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    number = pick(short=10, full=100)
    servers = 3 if durable.kind == "postgres" else 2
    with staged(durable, receiver, folder, servers=servers, workers=0, schedulers=0) as stage:
        stage.installation.start()
        cases, tasks = open_tasks(stage.client, number)

        with ThreadPoolExecutor(AT_ONCE) as crowd:
            everyone = [rush(stage.client, crowd, task, [task] * AT_ONCE, same=True) for task in tasks]

        figures.record(
            f"repeats at once, {durable.kind}",
            tasks=number,
            at_once=AT_ONCE,
            different_answers=sum(len({answer.content for answer in answers}) - 1 for answers in everyone),
        )
        for answers in everyone:
            assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
        stage.end()
    stage.audit(cases, {TASK.name: STRAIGHT})


def open_tasks(client: Client, number: int) -> tuple[list[Case], list[str]]:
    """Cases that each wait at one task, and the tasks."""
    cases, tasks = [], []
    for each in range(number):
        answer = client.command("/instances", {"definition": "crash_task"}, by=kinds.CLERK.id, key=f"start-{each}")
        instance = answer.json()["instance_id"]
        cases.append(Case(kind=TASK, key=f"{each}", pair="", instance=instance, ended=True))
        (task,) = client.get(f"/instances/{instance}")["tasks"]
        tasks.append(task["id"])
    return cases, tasks


def rush(
    client: Client, crowd: ThreadPoolExecutor, task: str, keys: list[str], *, same: bool = False
) -> list[httpx.Response]:
    """All at the same moment, each over a connection of their own; `same`: the same person with the same words."""
    gate = threading.Barrier(len(keys))

    def one(number: int) -> httpx.Response:
        gate.wait(60)
        return ask(client, task, keys[number], 0 if same else number)

    return list(crowd.map(one, range(len(keys))))


def ask(client: Client, task: str, key: str, number: int) -> httpx.Response:
    body = {"variables": {"by": number}}
    headers = {"Idempotency-Key": key}
    return client.ask("POST", f"/tasks/{task}/complete", kinds.CLERKS[number].id, json=body, headers=headers)
