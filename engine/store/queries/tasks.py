"""The inbox: lists from indexed columns, made for hundreds of thousands of open tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.clock import to_micros
from engine.contracts.principal import Principal
from engine.errors import NotFound
from engine.filters import TaskFilter
from engine.store import tables as t
from engine.store.conditions import is_open
from engine.store.queries.base import BaseReader, clamp, decode_cursor, in_queue_of, once_a_principal, page_of
from engine.store.queries.files import attachment_view
from engine.store.queries.task_lists import keys, may_see, newest_first
from engine.store.statements import KEY, Prepared, is_key, look, one_of
from engine.store.types import is_id
from engine.views import Attachment, InboxCounts, Page, TaskRow

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
)
_CANDIDATES = sa.select(_queue.c.task_id, _queue.c.kind, _queue.c.name).order_by(_queue.c.name)


def task_row(connection: sa.Connection, task_id: str) -> TaskRow:
    """One task as views show it."""
    return rows_of(connection, [task_id])[0]


def rows_of(connection: sa.Connection, ids: Sequence[str]) -> tuple[TaskRow, ...]:
    """Tasks by id, in the order asked for."""
    if not ids:
        return ()
    rows, candidates = _of_tasks(len(ids))
    wanted = {str(n): key for n, key in enumerate(ids)}
    tasks, offers = look(connection, (rows, wanted), (candidates, wanted))
    queues: dict[str, dict[str, list[str]]] = {}
    for row in offers:
        queues.setdefault(row.task_id, {}).setdefault(row.kind, []).append(row.name)
    found = {row.id: _view(row, queues.get(row.id, {})) for row in tasks}
    return tuple(found[key] for key in ids if key in found)


@cache
def _of_tasks(number: int) -> tuple[Prepared, Prepared]:
    """The rows and the candidates of so many tasks, whose ids are the parameters `0`, `1`, …."""
    ids = [sa.bindparam(str(n), type_=_task.c.id.type) for n in range(number)]
    return (
        Prepared(_ROWS.where(one_of(_task.c.id, ids))),
        Prepared(_CANDIDATES.where(one_of(_queue.c.task_id, ids))),
    )


@once_a_principal
def _visible_task(by: Principal) -> Prepared:
    return Prepared(_ROWS.where(is_key(_task.c.id), may_see(by)))


_CANDIDATES_OF = Prepared(_CANDIDATES.where(is_key(_queue.c.task_id)))
_ROOT_SCOPE_OF = Prepared(
    sa.select(_instance.c.variables, _instance.c.has_scopes)
    .join(_task, _task.c.instance_id == _instance.c.id)
    .where(is_key(_task.c.id))
)
_FILES_OF = Prepared(
    sa.select(t.attachment)
    .join(_task, _task.c.instance_id == t.attachment.c.instance_id)
    .where(is_key(_task.c.id))
    .order_by(t.attachment.c.created_at, t.attachment.c.id)
)


@dataclass(frozen=True, kw_only=True)
class OpenedTask:
    """A task that the principal may see, with what its page needs.

    Args:
        row: the task's row as stored.
        view: as views show it.
        root: the variables of its case.
        has_scopes: whether there are inner scopes, too.
        files: of its case, in order of arrival.
    """

    row: Any
    view: TaskRow
    root: Mapping[str, Any]
    has_scopes: bool
    files: tuple[Attachment, ...]


class TaskQueries(BaseReader):
    """Reads about user tasks."""

    def tasks(self, where: TaskFilter, *, cursor: str = "", limit: int = 50) -> Page[TaskRow]:
        """A page of tasks visible to the principal."""
        limit = clamp(limit)
        after = decode_cursor(cursor, datetime if newest_first(where) else int, str)
        with self.connection() as connection:
            found = keys(connection, self.by, where, now=self.now, after=after, limit=limit + 1)
            views = {row.id: row for row in rows_of(connection, [key for _, key in found])}
        return page_of(found, limit, lambda k: views[k[1]], lambda k: [_plain(k[0]), k[1]])

    def opened_task(self, connection: sa.Connection, task_id: str) -> OpenedTask:
        """A task and what belongs to it, in one round trip, if the principal may see the task.

        Raises:
            NotFound: it may not, or there is none.
        """
        asked = (_visible_task(self.by), _CANDIDATES_OF, _ROOT_SCOPE_OF, _FILES_OF)
        rows, offers, roots, files = (
            look(connection, *((statement, {KEY: task_id}) for statement in asked)) if is_id(task_id) else ([],) * 4
        )
        if not rows:
            raise NotFound(f"There is no task {task_id!r}.")
        queues: dict[str, list[str]] = {}
        for offer in offers:
            queues.setdefault(offer.kind, []).append(offer.name)
        return OpenedTask(
            row=rows[0],
            view=_view(rows[0], queues),
            root=roots[0].variables,
            has_scopes=roots[0].has_scopes,
            files=tuple(map(attachment_view, files)),
        )

    def inbox_counts(self) -> InboxCounts:
        """Numbers for the filters beside the inbox; each stops counting at a thousand."""
        mine = [_task.c.assignee == self.by.id, is_open(_task)]
        now = to_micros(self.now)
        tomorrow = datetime.combine(self.now.astimezone(self.zone).date() + timedelta(days=1), time(), self.zone)
        with self.connection() as connection:
            return InboxCounts(
                mine=_count(connection, sa.select(_task.c.id).where(*mine)),
                groups=_count(
                    connection,
                    sa.select(_queue.c.task_id).where(in_queue_of(self.by, _queue.c.claimable)).distinct(),
                ),
                overdue=_count(connection, sa.select(_task.c.id).where(*mine, _task.c.due_sort < now)),
                due_today=_count(
                    connection,
                    sa.select(_task.c.id).where(*mine, _task.c.due_sort >= now, _task.c.due_sort < to_micros(tomorrow)),
                ),
            )


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
