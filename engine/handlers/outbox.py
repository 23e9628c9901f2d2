"""The outbox: an entry is removed, and what it asks for is done, in one transaction. So each goes once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine.commands import BroadcastSignal, PublishMessage
from engine.handlers import messages
from engine.handlers.advance import save
from engine.handlers.asked import check_fields
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.messages import DeliverSignal
from engine.handlers.rows import Rows
from engine.store import messages as subscriptions
from engine.store import outbox

Handler = Callable[[Any, Context], object]

MESSAGE_TTL = timedelta(hours=1)
"""How long a message thrown by a process waits for the process that is to catch it."""


def send(context: Context, seq: int) -> bool:
    """Send one entry; False if it is gone, or somebody else is at it.

    Raises:
        CiviflowError: it cannot be delivered; nothing has changed.
    """
    row = outbox.take(context.uow, seq)
    if row is None:
        return False
    command = _command(row)
    check_fields(command)
    handler: Handler = messages.HANDLERS[type(command)]
    handler(command, context)
    outbox.note_sent(context.uow, row.id)
    return True


def give_up(context: Context, seq: int, reason: str) -> None:
    """Hold an entry that cannot be delivered back, behind an incident of its case."""
    row = outbox.take(context.uow, seq)
    if row is None:
        return
    instance_id = row.subject_id
    if row.topic == "signal-delivery":
        subscription = subscriptions.find(context.uow, row.subject_id)
        if subscription is None:
            return  # it waits no more
        instance_id = subscription.instance_id
    case = Case.load(context, instance_id)
    name = (row.payload or {}).get("name", "")
    cause = case.note("delivery-failed", topic=row.topic, name=name)
    rows = Rows(case, cause)
    message = f"Expected to deliver {row.topic} «{name}» but: {reason} Mend the cause, then retry."
    outbox.hold_back(context.uow, row, rows.open_incident(element="", activity=None, kind="delivery", message=message))
    save(case, rows, cause)


def _command(row: Any) -> PublishMessage | BroadcastSignal | DeliverSignal:
    payload = row.payload
    if row.topic == "message":
        return PublishMessage(
            name=payload["name"],
            correlation_key=payload["correlation_key"],
            variables=payload["variables"],
            ttl=MESSAGE_TTL,
        )
    if row.topic == "signal":
        return BroadcastSignal(name=payload["name"], variables=payload["variables"])
    return DeliverSignal(subscription_id=row.subject_id, variables=payload["variables"])
