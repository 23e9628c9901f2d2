"""The inbox: lists from indexed columns, made for hundreds of thousands of open tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from engine.access import STAFF, queues_of, sees_all
from engine.clock import to_micros
from engine.errors import NotFound
from engine.filters import TaskFilter
from engine.store import tables as t
from engine.store.queries.base import (
    BaseReader,
    clamp,
    contains,
    decode_cursor,
    has_few_tasks,
    in_queue_of,
    instances_of,
    page_of,
    tasks_of,
    visible_instance,
)
from engine.store.types import is_id
from engine.views import InboxCounts, Page, TaskRow

_COUNT_UP_TO = 1000

_task, _queue, _instance, _definition = (
    t.user_task,
    t.task_candidate,
    t.process_instance,
    t.process_definition,
)

_ROWS = (
    sa.select(
        _task,
        _instance.c.business_key,
        _instance.c.subject,
        _definition.c.id.label("definition_id"),
        _definition.c.key.label("definition_key"),
        _definition.c.name.label("definition_name"),
    )
    .join(_instance, _instance.c.id == _task.c.instance_id)
    .join(_definition, _definition.c.no == _task.c.definition_no)
    .where(_task.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_CANDIDATES = (
    sa.select(_queue.c.task_id, _queue.c.kind, _queue.c.name)
    .where(_queue.c.task_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_queue.c.name)
)


def task_row(connection: sa.Connection, task_id: str) -> TaskRow:
    """One task as views show it."""
    return rows_of(connection, [task_id])[0]


def rows_of(connection: sa.Connection, ids: Sequence[str]) -> tuple[TaskRow, ...]:
    """Tasks by id, in the order asked for."""
    if not ids:
        return ()
    queues: dict[str, dict[str, list[str]]] = {}
    for row in connection.execute(_CANDIDATES, {"ids": ids}):
        queues.setdefault(row.task_id, {}).setdefault(row.kind, []).append(row.name)
    found = {row.id: _view(row, queues.get(row.id, {})) for row in connection.execute(_ROWS, {"ids": ids})}
    return tuple(found[key] for key in ids if key in found)


class TaskQueries(BaseReader):
    """Reads about user tasks."""

    def tasks(self, where: TaskFilter, *, cursor: str = "", limit: int = 50) -> Page[TaskRow]:
        """A page of tasks visible to the principal."""
        limit = clamp(limit)
        newest = where.sort == "created" or where.state == "completed"
        after = decode_cursor(cursor, datetime if newest else int, str)
        with self.connection() as connection:
            if where.scope == "groups" and not newest:
                keys = self._queue_page(connection, where, after, limit + 1)
            else:
                statement = self._listed(connection, where, after, newest).limit(limit + 1)
                keys = [(row[0], row[1]) for row in connection.execute(statement)]
            views = {row.id: row for row in rows_of(connection, [key for _, key in keys])}
        return page_of(keys, limit, lambda k: views[k[1]], lambda k: [_plain(k[0]), k[1]])

    def visible_task(self, connection: sa.Connection, task_id: str) -> Any:
        """A task's row if the principal may see it.

        Raises:
            NotFound: it may not, or there is none.
        """
        row = None
        if is_id(task_id):
            statement = sa.select(_task).where(_task.c.id == task_id, self._visible())
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise NotFound(f"There is no task {task_id!r}.")
        return row

    def inbox_counts(self) -> InboxCounts:
        """Numbers for the filters beside the inbox; each stops counting at a thousand."""
        mine = [_task.c.assignee == self.by.id, _task.c.state == "open"]
        now = to_micros(self.now)
        tomorrow = datetime.combine(self.now.astimezone(self.zone).date() + timedelta(days=1), time(), self.zone)
        with self.connection() as connection:
            return InboxCounts(
                mine=_count(connection, sa.select(_task.c.id).where(*mine)),
                groups=_count(
                    connection,
                    sa.select(_queue.c.task_id).where(in_queue_of(self.by), _queue.c.claimable).distinct(),
                ),
                overdue=_count(connection, sa.select(_task.c.id).where(*mine, _task.c.due_sort < now)),
                due_today=_count(
                    connection,
                    sa.select(_task.c.id).where(*mine, _task.c.due_sort >= now, _task.c.due_sort < to_micros(tomorrow)),
                ),
            )

    def _visible(self) -> sa.ColumnElement[bool]:
        if sees_all(self.by):
            return sa.true()
        by = self.by
        offered = sa.exists().where(_queue.c.task_id == _task.c.id, in_queue_of(by))
        people = (_task.c.assignee, _task.c.owner, _task.c.completed_by)
        return sa.or_(*(person == by.id for person in people), offered)

    def _task_in_lists(self, connection: sa.Connection, where: TaskFilter) -> sa.ColumnElement[bool]:
        """As `_visible`; to staff also what colleagues do in a case that is visible to them."""
        if sees_all(self.by):
            return sa.true()
        few, colleague = not where.instance_id and has_few_tasks(connection, self.by), self.by.has(*STAFF)
        if few:
            return _task.c.instance_id.in_(instances_of(self.by)) if colleague else _task.c.id.in_(tasks_of(self.by))
        if not colleague:
            return self._visible()
        return sa.exists().where(_instance.c.id == _task.c.instance_id, visible_instance(self.by))

    def _listed(
        self, connection: sa.Connection, where: TaskFilter, after: list[Any] | None, newest: bool
    ) -> sa.Select[Any]:
        """Keys of tasks assigned to me, or of all that I may see."""
        sort: sa.ColumnElement[Any] = _task.c.due_sort
        if newest:
            sort = _task.c.completed_at if where.state == "completed" else _task.c.created_at
        statement: sa.Select[Any] = sa.select(sort, _task.c.id)
        statement = statement.where(_task.c.tenant_id == 0, _task.c.state == where.state)
        if where.scope == "mine":
            person = _task.c.completed_by if where.state == "completed" else _task.c.assignee
            statement = statement.where(person == self.by.id)
        elif where.scope == "groups":
            kind_and_name = in_queue_of(self.by)
            if where.group:
                mine = where.group in self.by.groups or sees_all(self.by)
                kind_and_name = sa.and_(_queue.c.kind == "group", _queue.c.name == where.group, sa.literal(mine))
            offered = sa.exists().where(_queue.c.task_id == _task.c.id, kind_and_name)
            statement = statement.where(offered)
            if where.state == "open":
                statement = statement.where(_task.c.assignee.is_(None))
        else:
            statement = statement.where(self._task_in_lists(connection, where))
        statement = self._narrowed(statement, where)
        if after is not None:
            edge = sa.tuple_(sa.literal(after[0], sort.type), sa.literal(after[1], _task.c.id.type))
            here = sa.tuple_(sort, _task.c.id)
            statement = statement.where(here < edge if newest else here > edge)
        order = (sort.desc(), _task.c.id.desc()) if newest else (sort, _task.c.id)
        return statement.order_by(*order)

    def _queue_page(
        self, connection: sa.Connection, where: TaskFilter, after: list[Any] | None, limit: int
    ) -> list[tuple[int, str]]:
        """The most urgent of several queues: a short, indexed look into each, then merged."""
        queues = [(kind, name) for kind, names in queues_of(self.by).items() for name in names]
        if where.group:
            queues = [("group", where.group)] if where.group in self.by.groups or sees_all(self.by) else []
        found: dict[str, int] = {}
        for kind, name in queues:
            statement = (
                sa.select(_queue.c.due_sort, _queue.c.task_id)
                .where(_queue.c.kind == kind, _queue.c.name == name, _queue.c.claimable)
                .order_by(_queue.c.due_sort, _queue.c.task_id)
                .limit(limit)
            )
            if after is not None:
                edge = sa.tuple_(sa.literal(after[0]), sa.literal(after[1], _queue.c.task_id.type))
                statement = statement.where(sa.tuple_(_queue.c.due_sort, _queue.c.task_id) > edge)
            if where != TaskFilter(scope="groups", group=where.group):
                joined = statement.join(_task, _task.c.id == _queue.c.task_id)
                statement = self._narrowed(joined, where)
            found.update({row.task_id: row.due_sort for row in connection.execute(statement)})
        return sorted(((due, key) for key, due in found.items()))[:limit]

    def _narrowed(self, statement: sa.Select[Any], where: TaskFilter) -> sa.Select[Any]:
        if where.instance_id:
            wanted = where.instance_id if is_id(where.instance_id) else None
            statement = statement.where(_task.c.instance_id == wanted)
        if where.element_id:
            statement = statement.where(_task.c.element_id == where.element_id)
        if where.overdue:
            statement = statement.where(_task.c.due_sort < to_micros(self.now))
        if where.group and where.scope != "groups":
            grouped = sa.exists().where(
                _queue.c.task_id == _task.c.id, _queue.c.kind == "group", _queue.c.name == where.group
            )
            statement = statement.where(grouped)
        if where.definition_key:
            numbers = sa.select(_definition.c.no).where(_definition.c.key == where.definition_key)
            statement = statement.where(_task.c.definition_no.in_(numbers))
        if where.search:
            case = sa.exists().where(
                _instance.c.id == _task.c.instance_id,
                sa.or_(
                    contains(_instance.c.business_key, where.search),
                    contains(_instance.c.subject, where.search),
                ),
            )
            statement = statement.where(sa.or_(contains(_task.c.name, where.search), case))
        return statement


def _count(connection: sa.Connection, statement: sa.Select[Any]) -> int:
    limited = statement.limit(_COUNT_UP_TO).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(limited)).scalar_one())


def _plain(value: Any) -> Any:
    return to_micros(value) if isinstance(value, datetime) else value


def _view(row: Any, queues: dict[str, list[str]]) -> TaskRow:
    return TaskRow(
        id=row.id,
        instance_id=row.instance_id,
        business_key=row.business_key,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_name=row.definition_name,
        element_id=row.element_id,
        name=row.name,
        state=row.state,
        assignee=row.assignee,
        owner=row.owner,
        candidate_groups=tuple(queues.get("group", ())),
        candidate_users=tuple(queues.get("user", ())),
        priority=row.priority,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        due_at=row.due_at,
        follow_up_at=row.follow_up_at,
        completed_at=row.completed_at,
        completed_by=row.completed_by,
        form_key=row.form_key,
        revision=row.revision,
        suspended=row.suspended,
        subject=row.subject,
    )
