"""Messages to users inside Civiflow."""

from __future__ import annotations

from engine.access import require
from engine.commands import Notify, ReadNotification
from engine.errors import InvalidInput, NotFound
from engine.handlers.context import Context
from engine.ids import new_id
from engine.store import tables as t
from engine.store.queries.instances import may_see_instance
from engine.store.types import is_id


def notify(command: Notify, context: Context) -> str:
    """Write a message; the same key twice is one message."""
    require(context.by, "bot", "supervisor", "administrator", to="send messages")
    if not command.recipient or not command.key:
        raise InvalidInput("Expected a recipient and a key.")
    if command.instance_id and not may_see_instance(context.uow.connection, context.by, command.instance_id):
        raise NotFound(f"There is no case {command.instance_id!r} to send a message about.")
    row = {
        "id": new_id(),
        "key": command.key,
        "recipient": command.recipient,
        "subject": command.subject[:500],
        "body": command.body[:20_000],
        "instance_id": command.instance_id or None,
        "created_at": context.now,
    }
    if context.uow.insert_or_skip(t.notification, row):
        return str(row["id"])
    table = t.notification
    same = table.select().where(table.c.key == command.key)
    return str(context.uow.connection.execute(same).one().id)


def read(command: ReadNotification, context: Context) -> None:
    """Mark one's own message as read."""
    table = t.notification
    if is_id(command.notification_id):
        done = context.uow.connection.execute(
            table.update()
            .where(table.c.id == command.notification_id, table.c.recipient == context.by.id)
            .values(read_at=context.now)
        )
        if done.rowcount:
            return
    raise NotFound(f"There is no message {command.notification_id!r} for you.")


HANDLERS = {Notify: notify, ReadNotification: read}
