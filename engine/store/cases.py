"""Loading, locking and saving one process instance with everything that changes beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.errors import CorruptState, NotFound
from engine.store import tables as t
from engine.store.history import GENESIS, Event, link
from engine.store.projection import project
from engine.store.statements import KEY, Prepared, Write, is_key, one_of, select_where, update_where
from engine.store.types import is_id
from engine.store.unit_of_work import UnitOfWork

_UPDATES = (
    "changed_at",
    "subject",
    "state",
    "ended_at",
    "due_at",
    "incidents",
    "token_state",
    "variables",
    "has_scopes",
    "performers",
    "error",
    "event_count",
    "chain_head",
)
_UPDATE = update_where(
    t.process_instance.c.id, (*_UPDATES, "revision"), t.process_instance.c.revision == sa.bindparam("read_revision")
)
_ROOT_SCOPE = Prepared(
    sa.select(t.process_instance.c.variables, t.process_instance.c.has_scopes).where(is_key(t.process_instance.c.id))
)


@dataclass(slots=True, kw_only=True)
class InstanceRecord:
    """The row of a process instance, as the kernel holds it during a command."""

    id: str
    definition_no: int
    business_key: str
    state: str
    started_at: datetime
    started_by: str
    changed_at: datetime
    subject: str = ""
    revision: int = 0
    ended_at: datetime | None = None
    due_at: datetime | None = None
    incidents: int = 0
    token_state: bytes | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    has_scopes: bool = False
    performers: dict[str, str] | None = None
    event_count: int = 0
    chain_head: bytes = GENESIS
    error: str | None = None


@dataclass(slots=True)
class ScopeRecord:
    """An inner variable scope. `stored` tells whether it has a row yet, `dirty` whether it changed."""

    parent_id: str
    variables: dict[str, Any]
    stored: bool = False
    dirty: bool = True


def load_instance(uow: UnitOfWork, instance_id: str) -> InstanceRecord:
    """Lock an instance's row and read it; other commands on it wait until this one has committed.

    Raises:
        NotFound: there is no such instance.
    """
    if not is_id(instance_id):
        raise NotFound(f"There is no process instance {instance_id!r}.")
    row = select_where(t.process_instance.c.id, lock=True).one_or_none(uow.connection, {KEY: instance_id})
    if row is None:
        raise NotFound(f"There is no process instance {instance_id}.")
    return record_of(row)


def load_free_instances(uow: UnitOfWork, ids: Collection[str]) -> dict[str, InstanceRecord]:
    """Lock those of these instances that nobody else has locked, and read them."""
    rows = _free(len(ids)).all(uow.connection, {str(n): key for n, key in enumerate(ids)}) if ids else ()
    return {row.id: record_of(row) for row in rows}


@cache
def _free(number: int) -> Prepared:
    column = t.process_instance.c.id
    wanted = one_of(column, (sa.bindparam(str(n), type_=column.type) for n in range(number)))
    return Prepared(sa.select(t.process_instance).where(wanted).with_for_update(skip_locked=True))


def record_of(row: Any) -> InstanceRecord:
    """What the kernel holds of an instance's row."""
    values = row._asdict()
    values.pop("tenant_id")
    return InstanceRecord(**values)


def load_scopes(uow: UnitOfWork, instance_id: str) -> dict[str, ScopeRecord]:
    """The inner scopes of an instance by id."""
    table = t.variable_scope
    rows = uow.connection.execute(sa.select(table).where(table.c.instance_id == instance_id))
    return {r.scope_id: ScopeRecord(r.parent_id, r.variables, stored=True, dirty=False) for r in rows}


def insert_instance(uow: UnitOfWork, record: InstanceRecord) -> None:
    """Write the row of a new instance."""
    record.revision = 1
    values = {name: getattr(record, name) for name in record.__slots__}
    uow.insert(t.process_instance, [values])


def update_instance(uow: UnitOfWork, record: InstanceRecord) -> None:
    """Write an instance back, under the revision it was read with.

    Raises:
        CorruptState: somebody changed the row past the lock; a defect, never a user's fault.
    """
    values = {name: getattr(record, name) for name in _UPDATES}
    values |= {KEY: record.id, "read_revision": record.revision, "revision": record.revision + 1}
    uow.later(Write(_UPDATE, values, exactly_one=f"Process instance {record.id} was changed past its lock."))
    record.revision += 1


def save_scopes(uow: UnitOfWork, instance_id: str, scopes: dict[str, ScopeRecord], closed: list[str]) -> None:
    """Write scopes that are new or changed, and remove those that ended."""
    table = t.variable_scope
    if closed:
        uow.connection.execute(table.delete().where(table.c.instance_id == instance_id, table.c.scope_id.in_(closed)))
    fresh = [
        {"instance_id": instance_id, "scope_id": k, "parent_id": s.parent_id, "variables": s.variables}
        for k, s in scopes.items()
        if not s.stored
    ]
    uow.insert(table, fresh)
    for key, scope in scopes.items():
        if scope.stored and scope.dirty:
            uow.connection.execute(
                table.update()
                .where(table.c.instance_id == instance_id, table.c.scope_id == key)
                .values(variables=scope.variables)
            )


def append_events(uow: UnitOfWork, record: InstanceRecord, events: list[Event], element_types: dict[str, str]) -> None:
    """Append events to an instance's chain, with their variable changes and the activity projection.

    Args:
        record: its `event_count` and `chain_head` move on.
        element_types: element id → BPMN type, for new activity rows.
    """
    rows: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    inserts: dict[str, dict[str, Any]] = {}
    updates: dict[str, dict[str, Any]] = {}
    number, head = record.event_count, record.chain_head
    for event in events:
        number += 1
        row = _event_row(uow, event, number, head)
        head = row["link"]
        rows.append({"instance_id": record.id, **row})
        changes += [
            {
                "instance_id": record.id,
                "event_number": number,
                "scope_id": _inner(change.scope_id, record.id),
                "name": change.name,
                "value": change.value,
                "salt": change.salt,
                "digest": change.digest,
            }
            for change in event.changes
        ]
        for activity, patch, is_new in project(rows[-1]):
            if is_new:
                inserts[activity] = patch
            else:
                held = inserts if activity in inserts else updates
                held.setdefault(activity, {}).update(patch)
    record.event_count, record.chain_head = number, head
    uow.insert(t.lifecycle_event, rows)
    uow.insert(t.variable_change, changes)
    for activity, patch in inserts.items():
        patch.update(
            id=activity,
            instance_id=record.id,
            definition_no=record.definition_no,
            scope_id=_inner(patch["scope_id"], record.id),
            element_type=element_types.get(patch["element_id"], ""),
        )
    uow.insert(t.activity_instance, list(inserts.values()))
    for activity, patch in updates.items():
        uow.change(t.activity_instance.c.id, activity, patch)


def _inner(scope_id: str, instance_id: str) -> str | None:
    """A scope as rows have it (`conditions.scope_of`)."""
    return None if scope_id == instance_id else scope_id


def _event_row(uow: UnitOfWork, event: Event, number: int, before: bytes) -> dict[str, Any]:
    """An event's row but for its instance, with the link that follows from the one before."""
    row: dict[str, Any] = {
        "number": number,
        "at": uow.now,
        "kind": event.kind,
        "element_id": event.element_id,
        "activity_id": event.activity_id,
        "actor": uow.by.id,
        "actor_kind": uow.by.kind,
        "data": event.data,
    }
    return {**row, "link": link(before, **row, changes=[(c.scope_id, c.name, c.digest) for c in event.changes])}


def open_activities(uow: UnitOfWork, instance_id: str) -> list[Any]:
    """Id and element of an instance's activity instances that are not over, in order."""
    table = t.activity_instance
    statement = sa.select(table.c.id, table.c.element_id).where(
        table.c.instance_id == instance_id, table.c.state == "open"
    )
    return list(uow.connection.execute(statement.order_by(table.c.seq, table.c.id)))


def lock_instance(uow: UnitOfWork, instance_id: str) -> None:
    """Take an instance's row lock and nothing else; SQLite holds the whole file's lock anyway."""
    if uow.is_postgres:
        table = t.process_instance
        uow.connection.execute(sa.select(table.c.id).where(table.c.id == instance_id).with_for_update())


def visible_variables(
    connection: sa.Connection, instance_id: str, scope_id: str, *, only_inputs_of: str = ""
) -> dict[str, Any]:
    """What a scope sees: its own variables over those of the scopes around it.

    Args:
        only_inputs_of: an activity's id; where its input mappings made a scope, that alone is seen.
    """
    scope = t.variable_scope
    root = _ROOT_SCOPE.one_or_none(connection, {KEY: instance_id})
    if root is None:
        raise CorruptState(f"Expected the case {instance_id}, whose variables are asked for, but its row is gone.")
    if not root.has_scopes:
        return dict(root.variables)
    rows = connection.execute(sa.select(scope).where(scope.c.instance_id == instance_id))
    scopes = {row.scope_id: row for row in rows}
    if only_inputs_of in scopes:
        return dict(scopes[only_inputs_of].variables)
    merged: dict[str, Any] = {}
    while scope_id in scopes:
        merged = {**scopes[scope_id].variables, **merged}
        scope_id = scopes[scope_id].parent_id
    return {**root.variables, **merged}
