"""Timers: the row is taken and the process moved in one transaction, so each goes off once.

Timers that nobody asked for by id go off several to a transaction, because a commit waits for the disk. Only cases
that nobody is at take part, so such a transaction waits for no other; should one of its timers fail, none of them has
gone off, and the caller goes through them one by one.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from engine.access import require
from engine.commands import FireTimer
from engine.handlers.advance import advance
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.starting import begin
from engine.spiff.timers import next_of_grid
from engine.store import timers
from engine.store.cases import load_free_instances, lock_instance

_LONGEST = 0.1
"""Seconds after which a transaction of several timers takes on no more: others wait for what it has locked, and no
timer is to spend the time that the next one's expressions are allowed."""


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
        _start(context, row)
    else:
        _go_off(Case.load(context, row.instance_id), row)
    return True


def fire_some(context: Context, limit: int) -> int:
    """Let the earliest timers go off, in one transaction that ends soon; gives how many did.

    Only cases that nobody is at take part, and each once; a start takes place alone, for it holds the counter of
    case numbers.

    Raises:
        Exception: one of them cannot go off; which is for the caller to find out.
    """
    uow = context.uow
    claimed = timers.claim(uow, limit)
    if claimed and claimed[0].instance_id is None:
        timers.remove(uow, claimed[0].id)
        _start(context, claimed[0])
        return 1
    free = load_free_instances(uow, {row.instance_id for row in claimed if row.instance_id is not None})
    fired, until = 0, time.monotonic() + _LONGEST
    for row in claimed:
        if time.monotonic() > until:
            break
        record = free.pop(row.instance_id, None)
        if record is None:
            continue
        own = uow.beside()  # a command's instant moves on with its case's
        timers.remove(own, row.id)
        _go_off(Case.of(replace(context, uow=own), record), row)
        uow.relay |= own.relay
        fired += 1
    return fired


def _go_off(case: Case, row: Any) -> None:
    cause = case.note("timer-fired", element=row.element_id, activity=row.id, stays=True)
    case.execution.fire(row.id)
    advance(case, cause)


def _start(context: Context, row: Any) -> None:
    """A timer start event: begin an instance, and wait for the next round of a cycle."""
    bundle = context.bundles.get(context.uow, row.definition_no)
    begin(context, bundle, {}, start_node=row.element_id, kind="instance-started-by-timer")
    interval, left = row.interval, row.remaining
    if interval and (left is None or left > 0):
        due = next_of_grid(row.due_at, interval, context.now, context.zone)
        timers.again(context.uow, row, due, None if left is None else left - 1)


HANDLERS = {FireTimer: fire}
