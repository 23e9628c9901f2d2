"""Messages and signals: correlate, keep, start, broadcast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.access import OPERATORS, require
from engine.commands import BroadcastSignal, Command, Json, PublishMessage
from engine.errors import Conflict, InvalidInput, NotFound
from engine.handlers.advance import advance
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.starting import begin
from engine.store import messages, outbox
from engine.views import Published

WHILE_SUSPENDED = timedelta(days=30)
"""How long a message for a suspended case is kept at least."""

LONGEST_TTL = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class DeliverSignal(Command):
    """A signal reaches one subscription; sent by the outbox relay. Gives whether it still waited."""

    subscription_id: str
    variables: Json


@dataclass(frozen=True, kw_only=True)
class DeliverKept(Command):
    """A subscription and a kept message have missed each other; sent by the sweep. Gives whether they met."""

    subscription_id: str


def publish(command: PublishMessage, context: Context) -> Published:
    """Deliver a message to exactly one instance, start one, or keep it."""
    require(context.by, *OPERATORS, "bot", to="publish a message")
    uow, name, key = context.uow, command.name, command.correlation_key
    if not name:
        raise InvalidInput("Expected the name of the message.")
    if not timedelta(0) <= command.ttl <= LONGEST_TTL:
        raise InvalidInput("Expected a time to live of zero to 366 days.")
    if command.message_id:
        uow.lock(f"message\x1f{name}\x1f{command.message_id}")
        if messages.seen_before(uow, name, command.message_id):
            return Published(instance_ids=(), duplicate=True)

    found = messages.waiting(uow, "message", name, key)
    exact = [row for row in found if row.correlation_key is not None and row.correlation_key == key] or found
    if len(exact) > 1:
        raise Conflict(
            f"Expected one case waiting for message «{name}» with key {key!r} but there are several; "
            "publish it with a correlation key that names one."
        )
    if exact:
        reached = _deliver(context, exact[0].id, command)
    else:
        reached = _start(context, command)
    done = reached is not None
    if command.message_id or not done:
        ttl = command.ttl
        if not done and not ttl:
            raise NotFound(f"Nothing waits for message «{name}» with key {key!r}, and no process starts with it.")
        if ttl:
            _keep(context, name, key, command.message_id, command.variables, ttl, delivered=done)
    return Published(instance_ids=(reached,) if reached else (), kept=not done)


def broadcast(command: BroadcastSignal, context: Context) -> Published:
    """Send a signal to every instance that waits for it and start those that begin with it."""
    require(context.by, *OPERATORS, "bot", to="broadcast a signal")
    reached: list[str] = []
    for row in messages.waiting(context.uow, "signal", command.name, None, limit=100_000):
        outbox.put(context.uow, "signal-delivery", row.id, {"variables": dict(command.variables)})
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
    """Let one subscription catch a signal, or keep it until its case is resumed."""
    require(context.by, "administrator", to="deliver a signal to one case")
    found = _waiting_case(context, command.subscription_id)
    if found is None:
        return False
    case, row = found
    if case.record.state == "suspended":
        _keep(context, row.name, None, "", command.variables, WHILE_SUSPENDED, subscription=row.id)
    else:
        _catch(case, row, command.variables)
    return True


def deliver_kept(command: DeliverKept, context: Context) -> bool:
    """Let one subscription catch a message that is kept; gives whether there was one."""
    require(context.by, "administrator", to="deliver a kept message")
    found = _waiting_case(context, command.subscription_id)
    if found is None or found[0].record.state != "running":
        return False
    case, row = found
    kept = messages.take_kept(context.uow, row.id, row.kind, row.name, row.correlation_key)
    if kept is not None:
        _catch(case, row, kept.variables)
    return kept is not None


def deliver_kept_messages(case: Case) -> None:
    """Give a resumed case the messages and signals that came while it was stopped."""
    uow = case.context_.uow
    for row in messages.of_instance(uow, case.record.id):
        if row.id not in {wait.id for wait in case.execution.waiting()}:
            continue  # what was delivered before has ended this wait
        kept = messages.take_kept(uow, row.id, row.kind, row.name, row.correlation_key)
        if kept is not None:
            messages.remove(uow, row.id)
            case.note("message-correlated", element=row.element_id, message=kept.id, name=row.name)
            case.execution.deliver(row.id, kept.variables)


def _waiting_case(context: Context, subscription_id: str) -> tuple[Case, Any] | None:
    """Lock the case of a subscription; None if it does not wait any more."""
    row = messages.find(context.uow, subscription_id)
    if row is None or row.instance_id is None:
        return None
    case = Case.load(context, row.instance_id)
    row = messages.find(context.uow, subscription_id)
    return None if row is None else (case, row)


def _deliver(context: Context, subscription_id: str, command: PublishMessage) -> str | None:
    """Let one subscription catch a message; gives its instance, None if it stopped waiting meanwhile."""
    found = _waiting_case(context, subscription_id)
    if found is None:
        return None
    case, row = found
    if case.record.state == "suspended":
        _keep(context, command.name, command.correlation_key, "", command.variables, max(command.ttl, WHILE_SUSPENDED))
    else:
        _catch(case, row, command.variables)
    return case.record.id


def _keep(
    context: Context,
    name: str,
    key: str | None,
    message_id: str,
    variables: Json,
    ttl: timedelta,
    *,
    delivered: bool = False,
    subscription: str | None = None,
) -> None:
    messages.keep(
        context.uow,
        name=name,
        key=key,
        message_id=message_id,
        variables=variables,
        ttl=ttl,
        delivered=delivered,
        subscription_id=subscription,
    )


def _catch(case: Case, row: Any, variables: Json) -> None:
    cause = case.note(f"{row.kind}-received", element=row.element_id, activity=row.id, stays=True, name=row.name)
    messages.remove(case.context_.uow, row.id)
    case.execution.deliver(row.id, variables)
    advance(case, cause)


def _start(context: Context, command: PublishMessage) -> str | None:
    found = messages.starters(context.uow, "message", command.name)
    if len(found) > 1:
        raise Conflict(f"Expected one process that starts with message «{command.name}» but there are several.")
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


HANDLERS: dict[type[Command], Callable[[Any, Context], object]] = {
    PublishMessage: publish,
    BroadcastSignal: broadcast,
    DeliverSignal: deliver_signal,
    DeliverKept: deliver_kept,
}
