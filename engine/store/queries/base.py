"""What all reads share: the connection, who asks, cursors, and which cases are visible."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from engine.access import STAFF, queues_of, sees_all
from engine.clock import from_micros
from engine.contracts.principal import Principal
from engine.errors import InvalidInput
from engine.store import tables as t
from engine.store.conditions import is_open, was_assigned_to
from engine.store.database import Database
from engine.store.statements import Prepared, one_of
from engine.store.types import is_id
from engine.views import Page

T = TypeVar("T")
MOST_ROWS = 500
_LONGEST_SEARCH = 200
_FEW = 2_000
once_a_principal = lru_cache(maxsize=1_000)
"""Conditions are built once for a principal: they hold nothing else, and building them costs more than asking."""


class BaseReader:
    """A principal's view of the store.

    Args:
        database: where to look.
        by: who looks.
        now: the current instant; what is overdue depends on it.
        zone: the site's, for what "today" means.
    """

    def __init__(self, database: Database, by: Principal, now: datetime, zone: ZoneInfo) -> None:
        self._database = database
        self.by = by
        self.now = now
        self.zone = zone
        self._open: sa.Connection | None = None

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """A connection for reading; nested uses share one, and see one moment."""
        if self._open is not None:
            yield self._open
            return
        with self._database.read() as connection:
            self._open = connection
            try:
                yield connection
            finally:
                self._open = None

    @contextmanager
    def glance(self) -> Iterator[sa.Connection]:
        """A connection for one prepared statement; within `connection`, the same one."""
        with nullcontext(self._open) if self._open is not None else self._database.glance() as connection:
            yield connection


@once_a_principal
def visible_instance(by: Principal) -> sa.ColumnElement[bool]:
    """The condition under which a process instance is visible."""
    instance = t.process_instance
    if sees_all(by):
        return sa.true()
    return sa.or_(instance.c.started_by == by.id, has_part(by, instance.c.id))


def visible_work(by: Principal) -> sa.ColumnElement[bool]:
    """The condition under which a case's jobs and incidents are visible: to those in it who work for the city."""
    return visible_instance(by) if by.has(*STAFF) else sa.false()


def has_part(by: Principal, instance_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the principal has, or had, a task in a case, or could take one."""
    task, queue = t.user_task.alias(), t.task_candidate  # an alias: the query around may be about tasks too
    offered = sa.exists().where(queue.c.task_id == task.c.id, in_queue_of(by))
    mine = sa.or_(task.c.assignee == by.id, task.c.completed_by == by.id, task.c.owner == by.id, offered)
    return sa.exists().where(task.c.instance_id == instance_id, mine)


@once_a_principal
def in_queue_of(by: Principal, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a candidate row stands in a queue of the principal.

    Args:
        more: what holds beside it; said for each kind of queue, so that an index of this and the queue is found.
    """
    queue = t.task_candidate
    return sa.or_(
        *(sa.and_(queue.c.kind == kind, one_of(queue.c.name, names), *more) for kind, names in queues_of(by).items())
    )


@once_a_principal
def tasks_of(by: Principal) -> sa.CompoundSelect[Any]:
    """Ids of the tasks that are, were or could be the principal's."""
    return sa.union_all(*_tasks_of(by))


def _tasks_of(by: Principal) -> list[sa.Select[Any]]:
    """These ids in parts, each from an index of its own."""
    task, queue = t.user_task.alias(), t.task_candidate.alias()
    mine = (
        sa.and_(task.c.assignee == by.id, is_open(task)),
        was_assigned_to(task, by.id),
        task.c.completed_by == by.id,
        task.c.owner == by.id,
    )
    own = [sa.select(task.c.id).where(condition) for condition in mine]
    offered = [
        sa.select(queue.c.task_id).where(queue.c.kind == kind, one_of(queue.c.name, names))
        for kind, names in queues_of(by).items()
    ]
    return [*own, *offered]


def has_few_tasks(connection: sa.Connection, by: Principal) -> bool:
    """Whether gathering all tasks of a principal is cheaper than meeting them on the way through a list."""
    found = _up_to_few(by).one_or_none(connection, {})
    return found is not None and int(found.number) <= _FEW


@once_a_principal
def _up_to_few(by: Principal) -> Prepared:
    parts: list[sa.Select[Any]] = [
        part.with_only_columns(sa.literal_column("1").label("one")) for part in _tasks_of(by)
    ]
    some = sa.union_all(*parts).limit(_FEW + 1).subquery()  # no ids: an index need not be left for them
    return Prepared(sa.select(sa.func.count().label("number")).select_from(some))


@once_a_principal
def instances_of(by: Principal) -> sa.CompoundSelect[Any]:
    """Ids of the cases that a principal started or has tasks in."""
    task, instance = t.user_task.alias(), t.process_instance.alias()
    return sa.union_all(
        sa.select(instance.c.id).where(instance.c.started_by == by.id),
        sa.select(task.c.instance_id).where(task.c.id.in_(tasks_of(by))),
    )


def contains(column: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    """Whether a text holds a part, taken literally.

    Raises:
        InvalidInput: the part is longer than anything people search for.
    """
    return column.ilike(pattern(part), escape="\\")


def pattern(part: str) -> str:
    """What `ilike` takes to find a part literally.

    Raises:
        InvalidInput: the part is longer than anything people search for.
    """
    if len(part) > _LONGEST_SEARCH:
        raise InvalidInput(f"Expected at most {_LONGEST_SEARCH} characters to search for but got {len(part):,}.")
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def page_of(
    rows: Iterable[Any],
    limit: int,
    make: Callable[[Any], T],
    key: Callable[[Any], list[Any]],
) -> Page[T]:
    """A page from one row more than asked for."""
    found = list(rows)
    more = len(found) > limit
    found = found[:limit]
    cursor = encode_cursor(key(found[-1])) if more and found else ""
    return Page(items=tuple(make(row) for row in found), next_cursor=cursor)


def clamp(limit: int) -> int:
    """A page size between 1 and 500."""
    return max(1, min(limit, MOST_ROWS))


def encode_cursor(key: list[Any]) -> str:
    """Where the next page begins, as an opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[Any] | None:
    """What `encode_cursor` was given, or None for the first page.

    Args:
        cursor: as a list gave it, or ''.
        kinds: what its parts are: `datetime` (kept as microseconds), `int`, or `str` for an id.

    Raises:
        InvalidInput: it was not made by this list.
    """
    if not cursor:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_PARTS[kind](part) for kind, part in zip(kinds, key, strict=True)]
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput("Expected a cursor as this list gave it; start from the first page.") from error


def _integer(part: Any) -> int:
    if type(part) is int and 0 <= part < 2**63:
        return part
    raise ValueError("not an integer")


def _id(part: Any) -> str:
    if isinstance(part, str) and is_id(part):
        return part
    raise ValueError("not an id")


_PARTS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda part: from_micros(_integer(part)),
    int: _integer,
    str: _id,
}
