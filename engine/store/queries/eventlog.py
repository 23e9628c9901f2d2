"""The engine's own event log as columns, for mining."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from engine.access import sees_all
from engine.contracts.eventlog import Columns, LogFilter
from engine.contracts.principal import Principal
from engine.store import tables as t
from engine.store.database import Database
from engine.store.queries.base import visible_instance

_activity, _instance, _definition = t.activity_instance, t.process_instance, t.process_definition
_TAKES_TIME = (
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "manualTask",
    "subProcess",
)


Names = Callable[[set[int]], dict[int, dict[str, str]]]
"""Gives element id → name for definitions by number."""


class StoredLog:
    """The log of the cases a principal may see; implements `contracts.eventlog.EventLog`.

    Instants come out as the database holds them, without a detour over datetime objects: a
    report scans hundreds of thousands of rows.
    """

    def __init__(self, database: Database, by: Principal, names: Names) -> None:
        self._database = database
        self._by = by
        self._names = names

    def cases(self, where: LogFilter) -> Columns:
        """One row a case."""
        statement = (
            sa.select(
                _instance.c.id,
                _definition.c.key,
                _definition.c.version,
                _instance.c.business_key,
                _micros(_instance.c.started_at),
                _micros(_instance.c.ended_at),
                _instance.c.state,
                _micros(_instance.c.due_at),
            )
            .join(_definition, _definition.c.no == _instance.c.definition_no)
            .where(*self._conditions(where))
            .order_by(_instance.c.started_at, _instance.c.id)
        )
        names = (
            "case_id", "definition_key", "version", "business_key",
            "started_at", "ended_at", "end_state", "due_at",
        )  # fmt: skip
        columns = self._fetch(statement, names)
        columns["end_state"] = ["running" if s == "suspended" else s for s in columns["end_state"]]
        return columns

    def activities(self, where: LogFilter) -> Columns:
        """One row an activity instance."""
        statement = (
            sa.select(
                _activity.c.id,
                _activity.c.instance_id,
                _activity.c.seq,
                _activity.c.element_id,
                _activity.c.definition_no,
                _activity.c.element_type,
                _micros(_activity.c.enabled_at),
                _micros(_activity.c.claimed_at),
                _micros(_activity.c.started_at),
                _micros(_activity.c.completed_at),
                _activity.c.state,
                _activity.c.performer,
                _activity.c.performer_kind,
                _activity.c.candidate_group,
                _activity.c.department,
                _micros(_activity.c.due_at),
                _activity.c.predecessors,
                _activity.c.waiting_for,
            )
            .join(_instance, _instance.c.id == _activity.c.instance_id)
            .join(_definition, _definition.c.no == _instance.c.definition_no)
            .where(*self._conditions(where))
            .order_by(_activity.c.instance_id, _activity.c.seq, _activity.c.id)
        )
        if where.since is not None or where.until is not None:
            statement = statement.where(*_period(where))
        if where.human_and_bot_only:
            statement = statement.where(_activity.c.element_type.in_(_TAKES_TIME))
        names = (
            "activity_id", "case_id", "seq", "element_id", "definition_no", "element_type", "enabled_at",
            "claimed_at", "started_at", "completed_at", "state", "performer", "performer_kind", "group",
            "department", "due_at", "predecessors", "waiting_for",
        )  # fmt: skip
        columns = self._fetch(statement, names)
        numbers = columns.pop("definition_no")
        names_of = self._names(set(numbers))
        columns["name"] = [
            names_of.get(no, {}).get(element) or element
            for no, element in zip(numbers, columns["element_id"], strict=True)
        ]
        columns["predecessors"] = [p or [] for p in columns["predecessors"]]
        columns["loop_index"] = _repeats(columns["case_id"], columns["element_id"])
        return columns

    def _conditions(self, where: LogFilter) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = []
        if not sees_all(self._by):
            conditions.append(visible_instance(self._by))
        if where.definition_key:
            conditions.append(_definition.c.key == where.definition_key)
        if where.version is not None:
            conditions.append(_definition.c.version == where.version)
        return conditions

    def _fetch(self, statement: sa.Select[Any], names: tuple[str, ...]) -> dict[str, list[Any]]:
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        transposed = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return {name: list(values) for name, values in zip(names, transposed, strict=True)}


def _micros(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, sa.BigInteger).label(column.key)


def _period(where: LogFilter) -> list[sa.ColumnElement[bool]]:
    done = sa.type_coerce(_activity.c.completed_at, sa.BigInteger)
    conditions = []
    if where.since is not None:
        conditions.append(done >= where.since)
    if where.until is not None:
        conditions.append(done < where.until)
    return conditions


def _repeats(cases: list[str], elements: list[str]) -> list[int]:
    """How many earlier instances of the same element each row's case had."""
    seen: dict[tuple[str, str], int] = {}
    out = []
    for pair in zip(cases, elements, strict=True):
        out.append(seen.get(pair, 0))
        seen[pair] = out[-1] + 1
    return out
