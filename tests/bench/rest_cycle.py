"""A case over REST: start it, list my tasks, open the form, submit it; CPU of the server, its children included.

The six-node process of the speed comparison, its user task assigned to the caller and with a form. A real
`civiflow serve` answers over real HTTP on one connection that is kept open, authenticated by an API token
(`per_cpu_s`: scripts in FEEL; `python_per_cpu_s`: in Python) and by a browser's session (`session_per_cpu_s`). Its
CPU time counts, the client's does not; PostgreSQL's own is noted apart. Two baselines: a bare FastAPI application of
four routes that answers with the very same bytes, and the engine in process without any web server.

    python tests/bench/rest_cycle.py          # CIVIFLOW_SHORT=1: fewer instances
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson

from engine import Engine, Principal
from engine import commands as c
from engine.filters import TaskFilter
from tests.bench.frame import (
    SHORT,
    Comparison,
    cpu,
    cpu_of,
    main,
    part,
    part_on_each,
    postgres_cpu,
    postgres_url,
    sqlite_url,
)
from tests.bench.parts.served import Client, Server, civiflow, python
from tests.bench.parts.site import furnish, sign_in

COUNT = 60 if SHORT else 400
WARM = 10 if SHORT else 30
LI = Principal(id="li", roles=frozenset({"staff"}), groups=frozenset({"clerks"}))
STEPS = ("start", "list", "open", "submit")

Answers = dict[str, str]


def cycle(client: Client, definition: str, after: Callable[[str], None] = lambda step: None) -> Answers:
    """One case from start to end; gives what was answered."""
    body = {"definition": definition, "variables": {"amount": 120}}
    started = client.ask("POST", "/api/v1/instances", body, expect=201)
    after("start")
    listed = client.ask("GET", "/api/v1/tasks?scope=mine&limit=50")
    after("list")
    instance = orjson.loads(started)["instance_id"]
    (task,) = (row["id"] for row in orjson.loads(listed)["items"] if row["instance_id"] == instance)
    opened = client.ask("GET", f"/api/v1/tasks/{task}")
    after("open")
    assert orjson.loads(opened)["form"]["components"]
    done = client.ask("POST", f"/api/v1/tasks/{task}/complete", {"variables": {"approved": True}})
    after("submit")
    assert orjson.loads(done)["ended"]
    return dict(zip(STEPS, (text.decode() for text in (started, listed, opened, done)), strict=True))


def rate(server: Server, client: Client, definition: str) -> float:
    """Cases a CPU second of the server."""
    for _ in range(WARM):
        cycle(client, definition)
    before = server.cpu()
    for _ in range(COUNT):
        cycle(client, definition)
    return COUNT / (server.cpu() - before)


def milliseconds(server: Server, client: Client, definition: str) -> dict[str, float]:
    """CPU of the server's own process by step, in milliseconds."""
    spent = dict.fromkeys(STEPS, 0.0)
    last = cpu_of(server.pid)

    def note(step: str) -> None:
        nonlocal last
        now = cpu_of(server.pid)
        spent[step] += now - last
        last = now

    rounds = COUNT // 4
    for _ in range(rounds):
        cycle(client, definition, note)
    return {f"ms_{step}": seconds / rounds * 1000 for step, seconds in spent.items()}


def served(url: str) -> dict[str, float]:
    """All figures of a server on one database."""
    token = furnish(url)
    with tempfile.TemporaryDirectory() as var, civiflow("serve", "--database", url, var=Path(var)) as server:
        bearer = f"Bearer {token}"
        figures = {"per_cpu_s": rate(server, server.client(Authorization=bearer), "approval_feel")}
        figures["python_per_cpu_s"] = rate(server, server.client(Authorization=bearer), "approval_python")
        figures["session_per_cpu_s"] = rate(server, sign_in(server), "approval_feel")
        return figures | milliseconds(server, server.client(Authorization=bearer), "approval_feel")


@part
def sqlite() -> dict[str, float]:
    """`civiflow serve` on SQLite."""
    with sqlite_url() as url:
        return served(url)


@part
def postgres() -> dict[str, float]:
    """`civiflow serve` on PostgreSQL."""
    with postgres_url() as url:
        token = furnish(url)
        with tempfile.TemporaryDirectory() as var, civiflow("serve", "--database", url, var=Path(var)) as server:
            client = server.client(Authorization=f"Bearer {token}")
            for _ in range(WARM):
                cycle(client, "approval_feel")
            before = postgres_cpu(url)
            for _ in range(COUNT // 2):
                cycle(client, "approval_feel")
            database = (postgres_cpu(url) - before) / (COUNT // 2) * 1000
    with postgres_url() as url:
        return {**served(url), "ms_in_postgres": database}


@part
def bare() -> dict[str, float]:
    """The same bytes from a bare FastAPI application."""
    with sqlite_url() as url, tempfile.TemporaryDirectory() as var:
        token = furnish(url)
        with civiflow("serve", "--database", url, var=Path(var)) as server:
            answers = cycle(server.client(Authorization=f"Bearer {token}"), "approval_feel")
        file = Path(var) / "answers.json"
        file.write_text(json.dumps(answers))
        with python("tests.bench.parts.bare", str(file)) as server:
            client = server.client(Authorization=f"Bearer {token}")
            figures = {"per_cpu_s": rate(server, client, "approval_feel")}
            return figures | milliseconds(server, client, "approval_feel")


@part_on_each
def in_process(url: str) -> dict[str, float]:
    """The same four steps as calls of the engine."""
    furnish(url)
    with Engine.open(url) as engine:

        def once() -> None:
            start = c.StartInstance(definition="approval_feel", variables={"amount": 120})
            instance = engine.execute(start, by=LI).instance_id
            tasks = engine.read(LI).tasks(TaskFilter(scope="mine")).items
            (task,) = (task.id for task in tasks if task.instance_id == instance)
            assert engine.read(LI).task(task).form
            assert engine.execute(c.CompleteTask(task_id=task, variables={"approved": True}), by=LI).ended

        for _ in range(WARM):
            once()
        before = cpu()
        for _ in range(COUNT):
            once()
        return {"per_cpu_s": COUNT / (cpu() - before)}


if __name__ == "__main__":
    goal = {"per_cpu_s": 120.0, "python_per_cpu_s": 120.0}
    main(
        Comparison(
            name="rest_cycle.sqlite",
            what="a case over REST on SQLite, beside a bare FastAPI application that answers the same bytes",
            measured=sqlite,
            baseline=bare,
            by="per_cpu_s",
            at_least=goal,
        ),
        Comparison(
            name="rest_cycle.postgres",
            what="a case over REST on PostgreSQL, beside the bare application",
            measured=postgres,
            baseline=bare,
            by="per_cpu_s",
            at_least=goal,
        ),
        Comparison(
            name="rest_cycle.sqlite_over_engine",
            what="a case over REST on SQLite, beside the engine in process",
            measured=sqlite,
            baseline=in_process.sqlite,
            by="per_cpu_s",
        ),
        Comparison(
            name="rest_cycle.postgres_over_engine",
            what="a case over REST on PostgreSQL, beside the engine in process",
            measured=postgres,
            baseline=in_process.postgres,
            by="per_cpu_s",
        ),
        rounds=1 if SHORT else 3,
    )
