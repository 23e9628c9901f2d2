"""What must hold when all is over, read from the database itself: nothing lost, stuck, or done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from engine import Engine
from engine.store import tables as t
from tests.crash.crew import Case
from tests.crash.receiver import Receiver

Trace = Counter[tuple[str, str]]
"""(element, state) → how many activity instances."""

FINISHING = ("task-completed", "job-completed", "timer-fired", "message-received", "activity-completed")
EFFECTS = ("effect", "outside")
"""Elements of the harness's own processes that call the world outside."""


class Audit:
    """A look at one database.

    Args:
        engine: opened on it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Any rows."""
        with self._engine._database.read() as connection:
            return list(connection.execute(statement).all())

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        """How many rows there are."""
        return int(self.rows(sa.select(sa.func.count()).select_from(table).where(*where))[0][0])

    def traces(self, instances: Iterable[str]) -> dict[str, Trace]:
        """The way each case went."""
        wanted = set(instances)
        found: dict[str, Trace] = {instance: Counter() for instance in wanted}
        table = t.activity_instance
        for row in self.rows(sa.select(table.c.instance_id, table.c.element_id, table.c.state)):
            if row.instance_id in wanted:
                found[row.instance_id][row.element_id, row.state] += 1
        return found

    def lost(self, cases: Iterable[Case]) -> list[str]:
        """Cases whose start was answered and which are not there, and rows nobody has started."""
        there = {row.id for row in self.rows(sa.select(t.process_instance.c.id))}
        known = {case.instance for case in cases}
        return [f"{each} is gone" for each in known - there] + [f"{each} was never asked for" for each in there - known]

    def stuck(self) -> list[str]:
        """What is still open though every case should have ended."""
        instance, task, job = t.process_instance, t.user_task, t.job
        waiting = {
            "cases": self.count(instance, instance.c.state.in_(("running", "suspended"))),
            "tasks": self.count(task, task.c.state == "open"),
            "jobs": self.count(job, job.c.state.in_(("available", "leased", "failed"))),
            "timers": self.count(t.timer, t.timer.c.instance_id.is_not(None)),
            "waits for messages": self.count(t.message_subscription, t.message_subscription.c.instance_id.is_not(None)),
            "unsent entries": self.count(t.outbox),
            "messages nobody took": self.count(t.kept_message, ~t.kept_message.c.delivered),
            "incidents": self.count(t.incident, t.incident.c.state == "open"),
        }
        return [f"{number} {what}" for what, number in waiting.items() if number]

    def twice(self) -> list[str]:
        """Activities that the log finishes more than once, and jobs reported on more than once."""
        table = t.lifecycle_event
        statement = (
            sa.select(table.c.activity_id, table.c.kind, sa.func.count())
            .where(table.c.kind.in_(FINISHING), table.c.activity_id.is_not(None))
            .group_by(table.c.activity_id, table.c.kind)
            .having(sa.func.count() > 1)
        )
        return [f"{kind} {number} times for {activity}" for activity, kind, number in self.rows(statement)]

    def strayed(self, cases: Iterable[Case], undisturbed: Mapping[str, Trace]) -> list[str]:
        """Cases that did not go the way a case of their kind goes when nothing is killed."""
        cases = list(cases)
        traces = self.traces(case.instance for case in cases)
        wrong = []
        for case in cases:
            differs = _difference(undisturbed[case.kind.name], traces[case.instance])
            if differs:
                wrong.append(f"{case.key} {case.instance}: {differs}")
        return wrong

    def effects(self, receiver: Receiver) -> list[str]:
        """Jobs whose effect did not arrive, and effects under keys that no job has."""
        table = t.job
        rows = self.rows(sa.select(table.c.id).where(table.c.element_id.in_(EFFECTS), table.c.state == "completed"))
        expected = {f"job:{row.id}" for row in rows}
        arrived = set(receiver.received)
        missing = [f"{key} never arrived" for key in expected - arrived]
        return missing + [f"{key} ({receiver.elements[key]}) is nobody's" for key in arrived - expected]

    def notices(self) -> list[str]:
        """Jobs of the built-in message bot that left no message, or more than one."""
        jobs = self.count(t.job, t.job.c.topic == "notify.user", t.job.c.state == "completed")
        messages = self.count(t.notification)
        return [] if jobs == messages else [f"{jobs} jobs to tell somebody, but {messages} messages"]

    def documents(self) -> list[str]:
        """Cases with the same document twice."""
        table = t.attachment
        statement = (
            sa.select(table.c.instance_id, table.c.name, sa.func.count())
            .where(table.c.instance_id.is_not(None), table.c.media_type == "application/pdf")
            .group_by(table.c.instance_id, table.c.name)
            .having(sa.func.count() > 1)
        )
        return [f"{number} × {name} in {instance}" for instance, name, number in self.rows(statement)]


def _difference(expected: Trace, found: Trace) -> str:
    more, less = found - expected, expected - found
    parts = [f"+{number} {element} {state}" for (element, state), number in more.items()]
    return ", ".join(parts + [f"-{number} {element} {state}" for (element, state), number in less.items()])
