"""Messages and signals: correlate, keep, start, broadcast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.access import STAFF, require
from engine.commands import BroadcastSignal, Command, Json, PublishMessage
from engine.errors import Conflict, InvalidInput, NotFound
from engine.handlers.advance import advance
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.starting import begin
from engine.store import messages, waits
from engine.store.cases import lock_instance
from engine.views import Published

WHILE_SUSPENDED = timedelta(days=30)
"""How long a message for a suspended case is kept at least."""

LONGEST_TTL = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class DeliverSignal(Command):
    """A signal reaches one subscription; sent by the outbox relay. Gives whether it still waited."""

    subscription_id: str
    variables: Json


def publish(command: PublishMessage, context: Context) -> Published:
    """Deliver a message to exactly one instance, start one, or keep it."""
    require(context.by, *STAFF, "bot", to="publish a message")
    uow, name, key = context.uow, command.name, command.correlation_key
    if not name:
        raise InvalidInput("Expected the name of the message.")
    if not timedelta(0) <= command.ttl <= LONGEST_TTL:
        raise InvalidInput("Expected a time to live of zero to 366 days.")
    if command.message_id and messages.seen_before(uow, name, command.message_id):
        return Published(instance_ids=(), duplicate=True)

    found = messages.waiting(uow, "message", name, key)
    exact = [row for row in found if row.correlation_key is not None and row.correlation_key == key] or found
    if len(exact) > 1:
        raise Conflict(
            f"Expected one case waiting for message «{name}» with key {key!r} but there are several; "
            "publish it with a correlation key that names one."
        )
    if exact:
        reached = _deliver(context, exact[0], command)
    else:
        reached = _start(context, command)
    done = reached is not None
    if command.message_id or not done:
        ttl = command.ttl
        if not done and not ttl:
            raise NotFound(
                f"Nothing waits for message «{name}» with key {key!r}, and no process starts with it."
            )
        if ttl:
            messages.keep(
                uow,
                name=name,
                key=key,
                message_id=command.message_id,
                variables=command.variables,
                ttl=ttl,
                delivered=done,
            )
    return Published(instance_ids=(reached,) if reached else (), kept=not done)


def broadcast(command: BroadcastSignal, context: Context) -> Published:
    """Send a signal to every instance that waits for it and start those that begin with it."""
    require(context.by, *STAFF, "bot", to="broadcast a signal")
    reached: list[str] = []
    for row in messages.waiting(context.uow, "signal", command.name, None, limit=100_000):
        context.uow.send("signal-delivery", row.id, {"variables": dict(command.variables)})
        reached.append(row.instance_id)
    for row in messages.starters(context.uow, "signal", command.name):
        bundle = context.bundles.get(context.uow, row.definition_no)
        started = begin(
            context,
            bundle,
            command.variables,
            start_node=row.element_id,
            kind="instance-started-by-signal",
        )
        reached.append(started.instance_id)
    return Published(instance_ids=tuple(dict.fromkeys(reached)))


def deliver_signal(command: DeliverSignal, context: Context) -> bool:
    """Let one subscription catch a signal."""
    row = messages.find(context.uow, command.subscription_id)
    if row is None or row.instance_id is None:
        return False
    lock_instance(context.uow, row.instance_id)
    if messages.find(context.uow, command.subscription_id) is None:
        return False
    _catch(Case.load(context, row.instance_id), row, command.variables)
    return True


def deliver_kept_messages(case: Case) -> None:
    """Give a resumed case the messages that came while it was stopped."""
    uow = case.context_.uow
    for row in messages.of_instance(uow, case.record.id):
        kept = waits.kept_message(uow, row.name, row.correlation_key)
        if kept is not None:
            messages.remove(uow, row.id)
            case.note("message-correlated", element=row.element_id, message=kept.id, name=row.name)
            case.execution.deliver(row.id, kept.variables)


def _deliver(context: Context, row: Any, command: PublishMessage) -> str | None:
    lock_instance(context.uow, row.instance_id)
    if messages.find(context.uow, row.id) is None:
        return None  # it stopped waiting while we waited for its lock
    case = Case.load(context, row.instance_id)
    if case.record.state == "suspended":
        messages.keep(
            context.uow,
            name=command.name,
            key=command.correlation_key,
            message_id=command.message_id,
            variables=command.variables,
            ttl=max(command.ttl, WHILE_SUSPENDED),
            delivered=False,
        )
        return case.record.id
    _catch(case, row, command.variables)
    return case.record.id


def _catch(case: Case, row: Any, variables: Json) -> None:
    cause = case.note(
        f"{row.kind}-received", element=row.element_id, activity=row.id, stays=True, name=row.name
    )
    messages.remove(case.context_.uow, row.id)
    case.execution.deliver(row.id, variables)
    advance(case, cause)


def _start(context: Context, command: PublishMessage) -> str | None:
    found = messages.starters(context.uow, "message", command.name)
    if len(found) > 1:
        raise Conflict(
            f"Expected one process that starts with message «{command.name}» but there are several."
        )
    if not found:
        return None
    bundle = context.bundles.get(context.uow, found[0].definition_no)
    started = begin(
        context,
        bundle,
        command.variables,
        start_node=found[0].element_id,
        kind="instance-started-by-message",
    )
    return started.instance_id


HANDLERS = {PublishMessage: publish, BroadcastSignal: broadcast, DeliverSignal: deliver_signal}
