"""Files: stored once by content, bound to the case whose form refers to them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from engine.access import sees_all
from engine.commands import AddAttachment
from engine.contracts.files import FileRef
from engine.errors import Forbidden, InvalidInput
from engine.handlers.context import Context
from engine.handlers.media import sniff
from engine.ids import new_id
from engine.store import tables as t
from engine.store.queries.instances import may_see_instance
from engine.store.types import is_id

MAX_BYTES = 20_000_000
MAX_BYTES_OF_BOTS = 60_000_000
"""What bots make of many files, such as the archive of a case, may be larger than any of them."""

MAX_NAME = 200


def add(command: AddAttachment, context: Context) -> FileRef:
    """Store a file; the same content under the same name in the same case is one attachment."""
    name = _clean_name(command.name)
    if not command.content:
        raise InvalidInput(f"Expected a file with content but {name!r} is empty.")
    most = MAX_BYTES_OF_BOTS if context.by.has("bot") and command.instance_id else MAX_BYTES
    if len(command.content) > most:
        raise InvalidInput(f"Expected a file of at most {most // 1_000_000} MB but {name!r} is larger.")
    media_type = sniff(command.content, name)
    if command.allowed_types is not None and media_type not in command.allowed_types:
        raise InvalidInput(f"Expected a file of an allowed type but {name!r} is {media_type}.")
    uow = context.uow
    if command.instance_id and not may_see_instance(uow.connection, context.by, command.instance_id):
        raise Forbidden("Expected a case you take part in to attach a file to.")

    digest = hashlib.sha256(command.content).digest()
    uow.insert_or_skip(t.content, {"sha256": digest, "size": len(command.content), "body": command.content})
    table = t.attachment
    if command.instance_id:
        same = uow.connection.execute(
            table.select().where(
                table.c.instance_id == command.instance_id, table.c.sha256 == digest, table.c.name == name
            )
        ).first()
        if same is not None:
            return _ref(same.id, name, same.media_type, same.size, digest)
    ref = _ref(new_id(), name, media_type, len(command.content), digest)
    uow.connection.execute(
        table.insert(),
        {
            "id": ref.id,
            "instance_id": command.instance_id or None,
            "sha256": digest,
            "name": name,
            "media_type": ref.media_type,
            "size": ref.size,
            "created_at": context.now,
            "created_by": context.by.id,
        },
    )
    return ref


def bind_attachments(context: Context, instance_id: str, variables: Mapping[str, object]) -> None:
    """Make the uploads that a form refers to part of the case.

    Raises:
        InvalidInput: a reference names a file that is not the sender's own upload, nor the case's.
    """
    table, run = t.attachment, context.uow.connection.execute
    for reference in _references(variables):
        file_id = reference["id"]
        row = run(table.select().where(table.c.id == file_id).with_for_update()).one_or_none()
        if row is None or (row.instance_id is None and row.created_by != context.by.id):
            raise InvalidInput(f"Expected an uploaded file but {file_id} is unknown; upload it again.")
        if (reference["sha256"], reference["size"]) != (bytes(row.sha256).hex(), row.size):
            raise InvalidInput(f"Expected file {file_id} as it was uploaded, but its size or digest differ.")
        if row.instance_id is None:
            run(table.update().where(table.c.id == file_id).values(instance_id=instance_id))
        elif row.instance_id != instance_id and not sees_all(context.by):
            raise InvalidInput(f"Expected a file of this case but {file_id} belongs to another.")


def _references(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if {"id", "sha256", "size"} <= value.keys() and isinstance(value["id"], str) and is_id(value["id"]):
            yield value
            return
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)


def _clean_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    if not name:
        raise InvalidInput("Expected a file name.")
    if len(name) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        name = stem[: MAX_NAME - len(suffix) - 1] + dot + suffix if dot else name[:MAX_NAME]
    return name


def _ref(key: str, name: str, media_type: str, size: int, digest: bytes) -> FileRef:
    return FileRef(id=key, name=name, media_type=media_type, size=size, sha256=digest.hex())


HANDLERS = {AddAttachment: add}
