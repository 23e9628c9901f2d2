"""Which tasks a list shows, and in which order: statements over indexed columns, written once for each shape of list.

A shape is the filter without the values that change from call to call (an instance, a search, the time, where the
page before ended): those are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from engine.access import STAFF, queues_of, sees_all
from engine.clock import to_micros
from engine.contracts.principal import Principal
from engine.filters import TaskFilter
from engine.store import tables as t
from engine.store.conditions import is_open
from engine.store.queries.base import has_few_tasks, in_queue_of, instances_of, pattern, tasks_of, visible_instance
from engine.store.statements import Prepared
from engine.store.types import is_id

_task, _queue, _instance, _definition = t.user_task, t.task_candidate, t.process_instance, t.process_definition
_GIVEN: Final = "?"

Key = tuple[Any, str]
"""What a list sorts by, and the task's id."""


def keys(
    connection: sa.Connection, by: Principal, where: TaskFilter, *, now: datetime, after: list[Any] | None, limit: int
) -> list[Key]:
    """The tasks on a page of a list that a principal may see, in order.

    Args:
        now: what is overdue depends on it.
        after: the key at which the page before ended.
        limit: how many at most.
    """
    shape = replace(
        where,
        instance_id=where.instance_id and _GIVEN,
        element_id=where.element_id and _GIVEN,
        definition_key=where.definition_key and _GIVEN,
        search=where.search and _GIVEN,
    )
    values = {**_values(where), "now": to_micros(now), "limit": limit}
    values |= {} if after is None else {"edge": after[0], "edge_id": after[1]}
    if where.scope == "groups" and not newest_first(where):
        return _merged(connection, by, shape, values, is_first=after is None)
    few = where.scope == "all" and not sees_all(by) and not where.instance_id and has_few_tasks(connection, by)
    statement = _listed(by, shape, is_first=after is None, few=few)
    return [(row[0], row[1]) for row in statement.all(connection, values)]


def newest_first(where: TaskFilter) -> bool:
    """Whether a list begins with the newest; others begin with the most urgent."""
    return where.sort == "created" or where.state == "completed"


def may_see(by: Principal) -> sa.ColumnElement[bool]:
    """The condition under which a task itself is visible: to those it is offered to, and those who had it."""
    if sees_all(by):
        return sa.true()
    offered = sa.exists().where(_queue.c.task_id == _task.c.id, in_queue_of(by))
    people = (_task.c.assignee, _task.c.owner, _task.c.completed_by)
    return sa.or_(*(person == by.id for person in people), offered)


def _values(where: TaskFilter) -> Mapping[str, Any]:
    return {
        "instance_id": where.instance_id if is_id(where.instance_id) else None,
        "element_id": where.element_id,
        "definition_key": where.definition_key,
        "pattern": pattern(where.search) if where.search else "",
    }


def _merged(
    connection: sa.Connection, by: Principal, shape: TaskFilter, values: Mapping[str, Any], *, is_first: bool
) -> list[Key]:
    """The most urgent of several queues: a short, indexed look into each, then merged."""
    queues = [(kind, name) for kind, names in queues_of(by).items() for name in names]
    if shape.group:
        queues = [("group", shape.group)] if shape.group in by.groups or sees_all(by) else []
    statement = _in_queue(replace(shape, group=""), is_first=is_first)
    found: dict[str, int] = {}
    for kind, name in queues:
        rows = statement.all(connection, {**values, "kind": kind, "name": name})
        found.update({row.task_id: row.due_sort for row in rows})
    return sorted((due, key) for key, due in found.items())[: values["limit"]]


@lru_cache(maxsize=200)
def _in_queue(shape: TaskFilter, *, is_first: bool) -> Prepared:
    statement = (
        sa.select(_queue.c.due_sort, _queue.c.task_id)
        .where(_queue.c.kind == sa.bindparam("kind"), _queue.c.name == sa.bindparam("name"), _queue.c.claimable)
        .order_by(_queue.c.due_sort, _queue.c.task_id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )
    if not is_first:
        here = sa.tuple_(_queue.c.due_sort, _queue.c.task_id)
        statement = statement.where(here > _edge(_queue.c.due_sort, _queue.c.task_id))
    if shape != TaskFilter(scope="groups"):
        statement = _narrowed(statement.join(_task, _task.c.id == _queue.c.task_id), shape)
    return Prepared(statement)


@lru_cache(maxsize=1_000)
def _listed(by: Principal, shape: TaskFilter, *, is_first: bool, few: bool) -> Prepared:
    """Keys of tasks assigned to me, or of all that I may see."""
    newest = newest_first(shape)
    sort: sa.Column[Any] = _task.c.due_sort
    if newest:
        sort = _task.c.completed_at if shape.state == "completed" else _task.c.created_at
    statement: sa.Select[Any] = sa.select(sort, _task.c.id)
    in_state = is_open(_task) if shape.state == "open" else _task.c.state == shape.state
    statement = statement.where(_task.c.tenant_id == 0, in_state)
    if shape.scope == "mine":
        person = _task.c.completed_by if shape.state == "completed" else _task.c.assignee
        statement = statement.where(person == by.id)
    elif shape.scope == "groups":
        statement = _offered(statement, by, shape)
    else:
        statement = statement.where(_in_lists(by, few))
    statement = _narrowed(statement, shape)
    if not is_first:
        here, edge = sa.tuple_(sort, _task.c.id), _edge(sort, _task.c.id)
        statement = statement.where(here < edge if newest else here > edge)
    order = (sort.desc(), _task.c.id.desc()) if newest else (sort, _task.c.id)
    return Prepared(statement.order_by(*order).limit(sa.bindparam("limit", type_=sa.Integer)))


def _offered(statement: sa.Select[Any], by: Principal, shape: TaskFilter) -> sa.Select[Any]:
    queue = in_queue_of(by)
    if shape.group:
        mine = shape.group in by.groups or sees_all(by)
        queue = sa.and_(_queue.c.kind == "group", _queue.c.name == shape.group, sa.true() if mine else sa.false())
    statement = statement.where(sa.exists().where(_queue.c.task_id == _task.c.id, queue))
    return statement.where(_task.c.assignee.is_(None)) if shape.state == "open" else statement


def _in_lists(by: Principal, few: bool) -> sa.ColumnElement[bool]:
    """As `may_see`; to staff also what colleagues do in a case that is visible to them."""
    colleague = by.has(*STAFF)
    if sees_all(by):
        return sa.true()
    if few:
        return _task.c.instance_id.in_(instances_of(by)) if colleague else _task.c.id.in_(tasks_of(by))
    if not colleague:
        return may_see(by)
    return sa.exists().where(_instance.c.id == _task.c.instance_id, visible_instance(by))


def _edge(sort: sa.Column[Any], key: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.tuple_(sa.bindparam("edge", type_=sort.type), sa.bindparam("edge_id", type_=key.type))


def _narrowed(statement: sa.Select[Any], shape: TaskFilter) -> sa.Select[Any]:
    for name in ("instance_id", "element_id"):
        if getattr(shape, name):
            statement = statement.where(_task.c[name] == sa.bindparam(name, type_=_task.c[name].type))
    if shape.overdue:
        statement = statement.where(_task.c.due_sort < sa.bindparam("now", type_=sa.BigInteger))
    if shape.group and shape.scope != "groups":
        grouped = sa.exists().where(
            _queue.c.task_id == _task.c.id, _queue.c.kind == "group", _queue.c.name == shape.group
        )
        statement = statement.where(grouped)
    if shape.definition_key:
        numbers = sa.select(_definition.c.no).where(_definition.c.key == sa.bindparam("definition_key"))
        statement = statement.where(_task.c.definition_no.in_(numbers))
    if shape.search:
        case = sa.exists().where(
            _instance.c.id == _task.c.instance_id, sa.or_(_found(_instance.c.business_key), _found(_instance.c.subject))
        )
        statement = statement.where(sa.or_(_found(_task.c.name), case))
    return statement


def _found(text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return text.ilike(sa.bindparam("pattern", type_=sa.Text), escape="\\")
