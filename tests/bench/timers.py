"""Timers that fall due in the same second: how many go off per CPU second, and how long people wait meanwhile.

Baseline: the least a platform can do for a timer, on the same database and as durable: take its row, change its case's
row and write one event, a transaction a timer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from frame import SHORT, Comparison, cpu, main, part_on_each

from engine import SYSTEM, Engine, FakeClock, Principal
from engine import commands as c
from engine.filters import TaskFilter

COUNT = 500 if SHORT else 10_000
CLERK = Principal(id="li", roles=frozenset({"staff"}))
MODEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="https://civiflow.example/bench">
  <process id="reminder" isExecutable="true">
    <startEvent id="asked"/>
    <sequenceFlow id="f1" sourceRef="asked" targetRef="ten_days"/>
    <intermediateCatchEvent id="ten_days">
      <timerEventDefinition><timeDuration>P10D</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="ten_days" targetRef="remind"/>
    <userTask id="remind" name="Remind"/>
    <sequenceFlow id="f3" sourceRef="remind" targetRef="done"/>
    <endEvent id="done"/>
  </process>
</definitions>"""


@part_on_each
def fired(url: str) -> Mapping[str, float]:
    clock = FakeClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    with Engine.open(url, clock=clock) as engine:
        engine.execute(c.DeployDefinition(files={"reminder.bpmn": MODEL}), by=SYSTEM)
        for _ in range(COUNT):
            engine.execute(c.StartInstance(definition="reminder"), by=CLERK)
        clock.advance(timedelta(days=10))
        over, waited = threading.Event(), list[float]()
        person = threading.Thread(target=_work, args=(engine, over, waited))
        person.start()
        began, before, count = time.perf_counter(), cpu(), 0
        while some := engine.fire_due_timers(limit=200):
            count += some
        used, took = cpu() - before, time.perf_counter() - began
        over.set()
        person.join()
        assert count == COUNT
        queue = sa.text("select count(*) from user_task where state = 'open' and element_id = 'remind'")
        assert _scalar(url, queue) == COUNT
        assert _scalar(url, sa.text("select count(*) from timer")) == len(waited)
    return {
        "per_cpu_s": COUNT / used,
        "wall_s": took,
        "request_ms_median": sorted(waited)[len(waited) // 2] * 1000,
        "request_ms_longest": max(waited) * 1000,
    }


def _work(engine: Engine, over: threading.Event, waited: list[float]) -> None:
    """Somebody who works meanwhile: starts a case and looks at the inbox, twenty times a second."""
    while not over.is_set():
        began = time.perf_counter()
        engine.execute(c.StartInstance(definition="reminder"), by=CLERK)
        engine.read(CLERK).tasks(TaskFilter(scope="groups"), limit=20)
        waited.append(time.perf_counter() - began)
        over.wait(0.05)


@part_on_each
def bare_statements(url: str) -> Mapping[str, float]:
    count = COUNT // 5  # the disk's patience is not what is measured
    metadata = sa.MetaData()
    timer = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("due", sa.Integer))
    case = sa.Table("c", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Text))
    event = sa.Table("e", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("kind", sa.Text))
    made = sa.create_engine(url)
    metadata.create_all(made)
    with made.begin() as connection:
        if not url.startswith("postgresql"):
            connection.exec_driver_sql("pragma synchronous=full")
        connection.execute(timer.insert(), [{"id": n + 1, "due": n} for n in range(count)])
        connection.execute(case.insert(), [{"id": n + 1, "state": "waits"} for n in range(count)])
    before = cpu()
    with made.connect() as connection:
        for n in range(1, count + 1):
            connection.execute(timer.delete().where(timer.c.id == n))
            connection.execute(case.update().where(case.c.id == n).values(state="reminded"))
            connection.execute(event.insert().values(kind="timer-fired"))
            connection.commit()
    used = cpu() - before
    made.dispose()
    return {"per_cpu_s": count / used}


def _scalar(url: str, statement: sa.TextClause) -> int:
    made = sa.create_engine(url)
    with made.connect() as connection:
        found = int(connection.execute(statement).scalar_one())
    made.dispose()
    return found


if __name__ == "__main__":
    main(
        Comparison(
            name="timers",
            what=f"{COUNT:,} timers due at once on SQLite, while somebody works; beside three bare statements a timer",
            measured=fired.sqlite,
            baseline=bare_statements.sqlite,
            by="per_cpu_s",
            at_most={"wall_s": 30},
        ),
        Comparison(
            name="timers_postgres",
            what="the same on PostgreSQL",
            measured=fired.postgres,
            baseline=bare_statements.postgres,
            by="per_cpu_s",
            at_most={"wall_s": 30},
        ),
        rounds=1,
    )
