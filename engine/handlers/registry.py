"""Which handler carries out which command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.commands import Command
from engine.handlers import (
    attachments,
    calendars,
    credentials,
    definitions,
    documents,
    identity,
    incidents,
    instances,
    jobs,
    messages,
    notifications,
    timers,
    user_tasks,
)
from engine.handlers.context import Context

Handler = Callable[[Any, Context], Any]

_NOUNS: tuple[Mapping[Any, Any], ...] = (
    definitions.HANDLERS,
    instances.HANDLERS,
    user_tasks.HANDLERS,
    jobs.HANDLERS,
    timers.HANDLERS,
    messages.HANDLERS,
    incidents.HANDLERS,
    attachments.HANDLERS,
    calendars.HANDLERS,
    documents.HANDLERS,
    notifications.HANDLERS,
)


def _in_transaction(handler: Callable[[Any, Any], Any]) -> Handler:
    """Identity needs nothing but the transaction."""
    return lambda command, context: handler(command, context.uow)


HANDLERS: dict[type[Command], Handler] = {
    **{command: handler for noun in _NOUNS for command, handler in noun.items()},
    **{command: _in_transaction(handler) for command, handler in identity.HANDLERS.items()},
    **{command: _in_transaction(handler) for command, handler in credentials.HANDLERS.items()},
}
