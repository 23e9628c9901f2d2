"""Reading cases: lists, one case's history, its tokens' rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from engine.access import sees_all
from engine.calendar_views import DeadlineChange
from engine.clock import from_micros, to_micros
from engine.contracts.principal import Principal
from engine.errors import InvalidInput, NotFound
from engine.filters import InstanceFilter
from engine.store import tables as t
from engine.store.conditions import in_state, with_scope
from engine.store.queries.base import (
    BaseReader,
    clamp,
    contains,
    decode_cursor,
    has_few_tasks,
    instances_of,
    page_of,
    visible_instance,
)
from engine.store.types import is_id
from engine.views import ActivityRow, EventRow, InstanceRow, Page, SubscriptionRow, TimerRow

_instance, _definition, _activity = t.process_instance, t.process_definition, t.activity_instance

_MOST_CHANGES = 50
_OPEN, _OVER = ("running", "suspended"), ("completed", "terminated", "cancelled")
_STATES: dict[str, tuple[str, ...]] = {
    "": (*_OPEN, *_OVER),
    "active": _OPEN,
    **{state: (state,) for state in (*_OPEN, *_OVER)},
}

_COLUMNS = (
    _instance.c.id,
    _instance.c.definition_no,
    _instance.c.business_key,
    _instance.c.subject,
    _instance.c.state,
    _instance.c.started_at,
    _instance.c.started_by,
    _instance.c.ended_at,
    _instance.c.due_at,
    _instance.c.incidents,
    _instance.c.revision,
    _definition.c.id.label("definition_id"),
    _definition.c.key.label("definition_key"),
    _definition.c.name.label("definition_name"),
    _definition.c.version,
)


def instance_row(connection: sa.Connection, instance_id: str) -> InstanceRow:
    """One case as views show it."""
    return _view(connection.execute(_select().where(_instance.c.id == instance_id)).one())


def may_see_instance(connection: sa.Connection, by: Principal, instance_id: str) -> bool:
    """Whether a case exists and a principal may add to it or read its files; bots, while they have a job there."""
    if not is_id(instance_id):
        return False
    visible = visible_instance(by)
    if by.has("bot"):
        job = sa.exists().where(t.job.c.instance_id == _instance.c.id, t.job.c.state == "leased")
        if by.topics:
            job = job.where(t.job.c.topic.in_(sorted(by.topics)))
        visible = sa.or_(visible, job)
    statement = sa.select(_instance.c.id).where(_instance.c.id == instance_id, visible)
    return connection.execute(statement).first() is not None


class InstanceQueries(BaseReader):
    """Reads about process instances."""

    def instances(self, where: InstanceFilter, *, cursor: str = "", limit: int = 50) -> Page[InstanceRow]:
        """A page of cases visible to the principal, the newest first."""
        limit = clamp(limit)
        after = decode_cursor(cursor, datetime, str)
        if where.state not in _STATES:
            raise InvalidInput(f"Expected a state of a case but got {where.state!r:.40}.")
        statement = _narrowed(_select().where(_instance.c.tenant_id == 0), where)
        if after is not None:
            edge = sa.tuple_(
                sa.literal(after[0], _instance.c.started_at.type),
                sa.literal(after[1], _instance.c.id.type),
            )
            statement = statement.where(sa.tuple_(_instance.c.started_at, _instance.c.id) < edge)
        statement = statement.order_by(_instance.c.started_at.desc(), _instance.c.id.desc())
        with self.connection() as connection:
            statement = statement.where(self._case_in_lists(connection)).limit(limit + 1)
            # each state is an ordered walk along one index; several of them are merged
            found = [connection.execute(statement.where(in_state(_instance, s))).all() for s in _STATES[where.state]]
        rows = sorted(chain(*found), key=lambda row: (row.started_at, row.id), reverse=True)
        return page_of(rows[: limit + 1], limit, _view, lambda row: [to_micros(row.started_at), row.id])

    def _case_in_lists(self, connection: sa.Connection) -> sa.ColumnElement[bool]:
        if not sees_all(self.by) and has_few_tasks(connection, self.by):
            return _instance.c.id.in_(instances_of(self.by))
        return visible_instance(self.by)

    def case_by_number(self, business_key: str) -> InstanceRow:
        """The newest visible case with this number."""
        statement = _select().where(_instance.c.business_key == business_key, visible_instance(self.by))
        with self.connection() as connection:
            newest = statement.order_by(_instance.c.started_at.desc()).limit(1)
            row = connection.execute(newest).one_or_none()
        if row is None:
            raise NotFound(f"There is no case {business_key!r}.")
        return _view(row)

    def events(self, instance_id: str, *, after: int = 0, limit: int = 500) -> tuple[EventRow, ...]:
        """A case's audit trail in order; `after` is the number of the last event already read."""
        table = t.lifecycle_event
        with self.connection() as connection:
            self.visible_instance_row(connection, instance_id)
            statement = (
                sa.select(table)
                .where(table.c.instance_id == instance_id, table.c.number > after)
                .order_by(table.c.number)
                .limit(clamp(limit))
            )
            rows = connection.execute(statement).all()
        return tuple(
            EventRow(
                seq=row.number,
                at=row.at,
                kind=row.kind,
                element_id=row.element_id,
                activity_id=row.activity_id,
                actor=row.actor,
                actor_kind=row.actor_kind,
                data=row.data or {},
            )
            for row in rows
        )

    def visible_instance_row(self, connection: sa.Connection, instance_id: str) -> Any:
        """The whole row of a visible case.

        Raises:
            NotFound: there is none, or it is not visible.
        """
        row = None
        if is_id(instance_id):
            statement = sa.select(_instance).where(_instance.c.id == instance_id, visible_instance(self.by))
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise NotFound(f"There is no case {instance_id!r}.")
        return row

    def activities_of(
        self, connection: sa.Connection, instance_id: str, names: dict[str, str]
    ) -> tuple[ActivityRow, ...]:
        """A case's activity instances in order."""
        statement = with_scope(_activity).where(_activity.c.instance_id == instance_id)
        statement = statement.order_by(_activity.c.seq, _activity.c.id)
        return tuple(_activity_view(row, names) for row in connection.execute(statement))

    def timers_of(self, connection: sa.Connection, instance_id: str, names: dict[str, str]) -> tuple[TimerRow, ...]:
        """A case's timers, the next first."""
        table = t.timer
        statement = sa.select(table).where(table.c.instance_id == instance_id).order_by(table.c.due_at)
        return tuple(
            TimerRow(
                id=row.id,
                instance_id=instance_id,
                element_id=row.element_id,
                element_name=names.get(row.element_id, ""),
                due_at=row.due_at,
            )
            for row in connection.execute(statement)
        )

    def deadline_changes_of(
        self, connection: sa.Connection, instance_id: str, names: dict[str, str]
    ) -> tuple[DeadlineChange, ...]:
        """How a case's deadlines moved with its data, the newest first."""
        table = t.lifecycle_event
        statement = (
            sa.select(table.c.at, table.c.element_id, table.c.actor, table.c.data)
            .where(table.c.instance_id == instance_id, table.c.kind == "deadline-changed")
            .order_by(table.c.number.desc())
            .limit(_MOST_CHANGES)
        )
        return tuple(
            DeadlineChange(
                at=row.at,
                element_id=row.element_id,
                element_name=names.get(row.element_id, ""),
                old=_instant(row.data, "old"),
                new=_instant(row.data, "new"),
                reason=(row.data or {}).get("reason") or "",
                actor=row.actor,
            )
            for row in connection.execute(statement)
        )

    def stopped_clocks(self, instance_ids: Collection[str]) -> Mapping[str, str]:
        """Why deadlines of cases stand still: the id of a case or of one of its tasks -> the reason of the open stop.

        Args:
            instance_ids: of cases; those that the principal may not see tell nothing.
        """
        table = t.lifecycle_event
        statement = (
            sa.select(table.c.instance_id, table.c.activity_id, table.c.data)
            .join(_instance, _instance.c.id == table.c.instance_id)
            .where(table.c.instance_id.in_(instance_ids), table.c.kind == "deadline-changed", visible_instance(self.by))
            .order_by(table.c.instance_id, table.c.number)
        )
        stands: dict[str, str] = {}
        with self.connection() as connection:
            rows = connection.execute(statement).all() if instance_ids else []
        for row in rows:
            data = row.data or {}
            if "timer" in data:
                continue
            whose = row.activity_id or row.instance_id
            stands.pop(whose, None)
            if data.get("new") is None:
                stands[whose] = data.get("reason") or ""
        return stands

    def subscriptions_of(self, connection: sa.Connection, instance_id: str) -> tuple[SubscriptionRow, ...]:
        """What messages and signals a case waits for."""
        table = t.message_subscription
        statement = sa.select(table).where(table.c.instance_id == instance_id).order_by(table.c.id)
        return tuple(
            SubscriptionRow(
                id=row.id,
                instance_id=row.instance_id,
                element_id=row.element_id,
                kind=row.kind,
                name=row.name,
                correlation_key=row.correlation_key,
            )
            for row in connection.execute(statement)
        )


def _instant(data: dict[str, Any] | None, key: str) -> datetime | None:
    micros = (data or {}).get(key)
    return None if micros is None else from_micros(micros)


def _select() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).join(_definition, _definition.c.no == _instance.c.definition_no)


def _narrowed(statement: sa.Select[Any], where: InstanceFilter) -> sa.Select[Any]:
    if where.definition_key:
        statement = statement.where(_definition.c.key == where.definition_key)
    if where.version is not None:
        statement = statement.where(_definition.c.version == where.version)
    if where.business_key:
        statement = statement.where(_instance.c.business_key == where.business_key)
    if where.started_by:
        statement = statement.where(_instance.c.started_by == where.started_by)
    if where.with_incidents:
        statement = statement.where(_instance.c.incidents > 0)
    if where.search:
        statement = statement.where(
            sa.or_(
                contains(_instance.c.business_key, where.search),
                contains(_instance.c.subject, where.search),
            )
        )
    return statement


def _view(row: Any) -> InstanceRow:
    return InstanceRow(
        id=row.id,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_name=row.definition_name,
        version=row.version,
        business_key=row.business_key,
        subject=row.subject,
        state=row.state,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        due_at=row.due_at,
        incidents=row.incidents,
        revision=row.revision,
    )


def _activity_view(row: Any, names: dict[str, str]) -> ActivityRow:
    enabled: datetime = row.enabled_at
    return ActivityRow(
        id=row.id,
        seq=row.seq,
        element_id=row.element_id,
        name=names.get(row.element_id, ""),
        element_type=row.element_type,
        scope_id=row.scope_id,
        state=row.state,
        enabled_at=enabled,
        claimed_at=row.claimed_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        performer=row.performer,
        performer_kind=row.performer_kind,
        due_at=row.due_at,
        loop_index=row.loop_index,
        reason=row.reason or "",
    )
