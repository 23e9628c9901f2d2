"""Figures for those who watch the installation: counts over indexes, cheap at any size."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.contracts.principal import Principal
from engine.errors import Forbidden
from engine.store import tables as t
from engine.store.conditions import in_state, is_open


class FigureQueries:
    """The part of the engine's reader that counts."""

    if TYPE_CHECKING:
        by: Principal
        now: datetime

        def connection(self) -> AbstractContextManager[sa.Connection]: ...

    def figures(self) -> dict[str, int]:
        """Counts by name: open_tasks, due_jobs, overdue_timers, open_incidents, unsent_messages.

        Raises:
            Forbidden: anybody but an administrator or the system asks.
        """
        if not self.by.has("administrator"):
            raise Forbidden("Expected an administrator: these are figures of the whole installation.")
        task, job, timer, incident = t.user_task.c, t.job.c, t.timer.c, t.incident.c
        due = in_state(t.job, "available") & job.suspended.is_(False) & (job.not_before <= self.now)
        overdue = timer.suspended.is_(False) & (timer.due_at <= self.now)
        counts = {
            "open_tasks": _count(t.user_task, (task.tenant_id == 0) & is_open(t.user_task)),
            "due_jobs": _count(t.job, due),
            "overdue_timers": _count(t.timer, overdue),
            "open_incidents": _count(t.incident, (incident.tenant_id == 0) & (incident.state == "open")),
            "unsent_messages": _count(t.outbox, sa.true()),
        }
        with self.connection() as connection:
            row = connection.execute(sa.select(*(query.label(name) for name, query in counts.items()))).one()
        return {name: int(value) for name, value in row._mapping.items()}


def _count(table: sa.Table, where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(where).scalar_subquery()
