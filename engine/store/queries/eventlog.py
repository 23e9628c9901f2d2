"""The engine's own event log as columns, for mining."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import sees_all
from engine.contracts.eventlog import Columns, LogFilter
from engine.contracts.principal import Principal
from engine.store import tables as t
from engine.store.conditions import scope_of
from engine.store.database import Database
from engine.store.queries.base import visible_instance

_activity, _instance, _definition, _task = t.activity_instance, t.process_instance, t.process_definition, t.user_task
_TAKES_TIME = (
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "manualTask",
    "subProcess",
)


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What the rows of the log do not say about the elements of a definition.

    Args:
        names: element id → name, '' where it has none.
        standard_loops: ids of elements whose rounds are the same work again, not one item of many.
    """

    names: Mapping[str, str]
    standard_loops: frozenset[str]


Facts = Callable[[set[int]], Mapping[int, ModelFacts]]
"""Gives the facts of definitions by number."""


class StoredLog:
    """The log of the cases a principal may see; implements `contracts.eventlog.EventLog`.

    Instants come out as the database holds them, without a detour over datetime objects: a
    report scans hundreds of thousands of rows.
    """

    def __init__(self, database: Database, by: Principal, facts: Facts) -> None:
        self._database = database
        self._by = by
        self._facts = facts

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
        """One row an activity instance.

        All of a case is read, whatever is asked for: which iteration a row is of stands in the rows around it.
        """
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
                scope_of(_activity),
                _activity.c.loop_index,
                sa.func.coalesce(_task.c.priority == 0, sa.false()),
                sa.and_(sa.true(), *_wanted(where)),
            )
            .join(_instance, _instance.c.id == _activity.c.instance_id)
            .join(_definition, _definition.c.no == _instance.c.definition_no)
            .outerjoin(_task, _task.c.id == _activity.c.id)
            .where(*self._conditions(where))
            .order_by(_activity.c.instance_id, _activity.c.seq, _activity.c.id)
        )
        names = (
            "activity_id", "case_id", "seq", "element_id", "definition_no", "element_type", "enabled_at",
            "claimed_at", "started_at", "completed_at", "state", "performer", "performer_kind", "group",
            "department", "due_at", "predecessors", "waiting_for", "scope_id", "loop_index", "offered", "wanted",
        )  # fmt: skip
        columns = self._fetch(statement, names)
        facts = self._facts(set(columns["definition_no"]))
        columns["predecessors"] = [p or [] for p in columns["predecessors"]]
        columns["iteration"] = _iterations(columns, facts)
        columns["name"] = [
            facts[no].names.get(element) or element
            for no, element in zip(columns.pop("definition_no"), columns["element_id"], strict=True)
        ]
        columns["offered"] = [bool(offered) for offered in columns["offered"]]
        del columns["scope_id"], columns["loop_index"]
        wanted = columns.pop("wanted")
        return {name: [v for v, keep in zip(values, wanted, strict=True) if keep] for name, values in columns.items()}

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


def _wanted(where: LogFilter) -> Iterable[sa.ColumnElement[bool]]:
    done = sa.type_coerce(_activity.c.completed_at, sa.BigInteger)
    if where.since is not None:
        yield sa.func.coalesce(done >= where.since, sa.false())
    if where.until is not None:
        yield sa.func.coalesce(done < where.until, sa.false())
    if where.human_and_bot_only:
        yield _activity.c.element_type.in_(_TAKES_TIME)


def _iterations(columns: Mapping[str, Sequence[Any]], facts: Mapping[int, ModelFacts]) -> list[str]:
    """Which instance of each multi-instance activity around it every row is of; see `ACTIVITY_COLUMNS`.

    A looped activity's instances stand in a scope of their own that no row stands for. What is around that scope
    is told by what led to its first instance: sequence flows do not cross the border of a scope.

    Args:
        columns: activity_id, case_id, scope_id, loop_index, predecessors, element_id, definition_no; ordered by
            case and seq, so that what is around a row comes before it.
        facts: of all these definitions.
    """
    out: list[str] = []
    around: dict[str, str] = {}
    """Activity or scope → the iteration of what happens in it."""
    beside: dict[str, str] = {}
    """Activity → the iteration of what is beside it."""
    names = ("activity_id", "case_id", "scope_id", "loop_index", "predecessors", "element_id", "definition_no")
    for id_, case, scope, index, led, element, no in zip(*(columns[name] for name in names), strict=True):
        if index is None or scope in around:
            outside = around.get(scope, "")
        else:
            outside = around[scope] = next((beside[p] for p in led if p in beside), around.get(case, ""))
        one_of_many = index is not None and element not in facts[no].standard_loops
        inside = f"{outside}.{index}".lstrip(".") if one_of_many else outside
        beside[id_], around[id_] = outside, inside
        out.append(inside)
    return out
