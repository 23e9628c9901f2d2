"""Beginning an instance, whoever asks for it: a person, a message, a signal or a timer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.contracts.errors import CiviflowError
from engine.errors import InvalidInput
from engine.feel import compile_expression, from_feel
from engine.handlers.advance import advance
from engine.handlers.bundle import Bundle
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.deadlines import case_deadline
from engine.ids import new_id
from engine.models.model import EventKind, Node
from engine.spiff import Program
from engine.spiff.timers import parse_duration, parse_instant, parse_repetition
from engine.store import tables as t
from engine.store.cases import InstanceRecord
from engine.views import Started

_MAX_BUSINESS_KEY = 120


def begin(
    context: Context,
    bundle: Bundle,
    variables: Mapping[str, object],
    *,
    business_key: str = "",
    start_node: str | None = None,
    kind: str = "instance-started",
) -> Started:
    """Start an instance of a definition; gives its ids and whether it has already ended."""
    if len(business_key) > _MAX_BUSINESS_KEY:
        raise InvalidInput(f"Expected a case number of at most {_MAX_BUSINESS_KEY} characters.")
    record = InstanceRecord(
        id=new_id(),
        definition_no=bundle.no,
        business_key=business_key or _case_number(context, bundle),
        state="running",
        started_at=context.now,
        started_by=context.by.id,
        changed_at=context.now,
    )
    case = Case(context, record, bundle)
    cause = case.note(kind, definition=bundle.id, business_key=record.business_key)
    for name, value in variables.items():
        case.write_local(record.id, name, value)
    if bundle.due is not None:
        record.due_at = case_deadline(case)
    case.begin(start_node)
    advance(case, cause, is_new=True)
    return Started(
        instance_id=record.id,
        business_key=record.business_key,
        definition_id=bundle.id,
        ended=record.ended_at is not None,
    )


def open_start_events(context: Context, no: int, program: Program) -> None:
    """Let the timer, message and signal start events of a new version wait."""
    for node in program.start_events:
        event = node.event
        if event is None or event.kind is EventKind.NONE:
            continue
        common = {"id": new_id(), "instance_id": None, "definition_no": no, "element_id": node.id}
        if event.kind is EventKind.TIMER:
            context.uow.insert(t.timer, [{**common, **_first_due(context, node), "suspended": False}])
        elif event.kind in {EventKind.MESSAGE, EventKind.SIGNAL}:
            name = event.name.text if event.name else ""
            row = {**common, "kind": event.kind.value, "name": name, "correlation_key": None}
            context.uow.insert(t.message_subscription, [row])


def _first_due(context: Context, node: Node) -> dict[str, object]:
    """When a timer start event goes off first, and whether it does so again."""
    event = node.event
    if event is None or event.timer is None:
        raise InvalidInput(f"Expected a time at the timer start event {node.id}.")
    text = event.timer.text
    try:
        if event.timer.is_feel:
            value = compile_expression(text).evaluate({}, now=context.local_now, functions=context.functions())
            text = str(from_feel(value))
        if event.timer_kind == "date":
            return {"due_at": parse_instant(text, context.zone), "interval": None, "remaining": None}
        if event.timer_kind == "duration":
            due = parse_duration(text).after(context.now, context.zone)
            return {"due_at": due, "interval": None, "remaining": None}
        cycle = parse_repetition(text, context.zone)
        due = cycle.start or parse_duration(cycle.interval).after(context.now, context.zone)
        left = None if cycle.times is None else cycle.times - 1
        return {"due_at": due, "interval": cycle.interval, "remaining": left}
    except (ValueError, CiviflowError) as error:
        raise InvalidInput(f"Timer start event {node.id}: {error}") from error


def _case_number(context: Context, bundle: Bundle) -> str:
    """`PREFIX-YYYYMMDD-0001`, counted anew each local day; the prefix is the process's own or its key."""
    prefix = bundle.program.process.properties.get("civiflow:caseNumberPrefix", "") or bundle.key
    prefix = re.sub(r"[\s/\\]+", "-", prefix)[:60]
    day = context.now.astimezone(context.zone).strftime("%Y%m%d")
    return f"{prefix}-{day}-{context.uow.next_number(f'{prefix}-{day}'):04d}"
