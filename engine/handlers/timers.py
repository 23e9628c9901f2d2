"""Timers: the row is taken and the process moved in one transaction, so each goes off once."""

from __future__ import annotations

from typing import Any

from engine.access import require
from engine.commands import FireTimer
from engine.handlers.advance import advance
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.starting import begin
from engine.spiff.timers import next_of_grid
from engine.store import timers
from engine.store.cases import lock_instance


def fire(command: FireTimer, context: Context) -> bool:
    """Let a timer go off if it is due and still there."""
    require(context.by, "administrator", to="fire a timer")
    uow = context.uow
    seen = timers.peek(uow, command.timer_id)
    if seen is None:
        return False
    if seen.instance_id is not None:
        lock_instance(uow, seen.instance_id)  # instance first, then its rows: every command locks in this order
    row = timers.take(uow, command.timer_id)
    if row is None:
        return False
    if row.instance_id is None:
        return _start(context, row)
    case = Case.load(context, row.instance_id)
    cause = case.note("timer-fired", element=row.element_id, activity=row.id, stays=True)
    case.execution.fire(row.id)
    advance(case, cause)
    return True


def _start(context: Context, row: Any) -> bool:
    """A timer start event: begin an instance, and wait for the next round of a cycle."""
    bundle = context.bundles.get(context.uow, row.definition_no)
    begin(context, bundle, {}, start_node=row.element_id, kind="instance-started-by-timer")
    interval, left = row.interval, row.remaining
    if interval and (left is None or left > 0):
        due = next_of_grid(row.due_at, interval, context.now, context.zone)
        timers.again(context.uow, row, due, None if left is None else left - 1)
    return True


HANDLERS = {FireTimer: fire}
