"""Issued documents: numbers, verification codes, seals, revocation, the archive."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from engine import document_commands as dc
from engine.access import OPERATORS, require
from engine.commands import Command
from engine.contracts.documents import ArchivedCase, IssuedDocument
from engine.contracts.files import FileRef
from engine.document_codes import new_code
from engine.errors import FieldProblem, Forbidden, InvalidInput, NotFound, WrongState
from engine.handlers.context import Context
from engine.ids import new_id
from engine.store import documents, sign_in_counts
from engine.store.queries.files import file_of_case
from engine.store.queries.instances import may_see_instance
from engine.store.types import is_id

_MAX_REASON = 1_000


def take_number(command: dc.TakeNumber, context: Context) -> int:
    """Give a series' next number, or the one this key has."""
    require(context.by, "bot", *OPERATORS, to="take a number")
    series = unicodedata.normalize("NFC", command.series).strip()
    if not series or not command.key:
        raise InvalidInput("Expected a series and a key to take a number for.")
    if command.instance_id:
        _require_case(context, command.instance_id)
    return documents.take_number(context.uow, series, command.key, command.instance_id)


def reserve(command: dc.ReserveDocument, context: Context) -> IssuedDocument:
    """Make up a code, or give the one this key of the case has."""
    require(context.by, "bot", "administrator", to="issue documents")
    _require_case(context, command.instance_id)
    row = {
        "id": new_id(),
        "code": new_code(),
        "instance_id": command.instance_id,
        "key": command.key,
        "state": "reserved",
        "reserved_at": context.now,
    }
    documents.reserve(context.uow, row)
    return _reserved(context, command.instance_id, command.key)


def seal(command: dc.SealDocument, context: Context) -> IssuedDocument:
    """Bind the reserved code to the file, for good."""
    require(context.by, "bot", "administrator", to="issue documents")
    _require_case(context, command.instance_id)
    entry = _reserved(context, command.instance_id, command.key)
    file = _file(context, command.instance_id, command.file_id)
    if entry.state == "revoked":
        raise WrongState(f"Expected a document that may still be issued but {entry.code} has been revoked.")
    if entry.file is not None:
        if entry.file.sha256 == file.sha256:
            return entry
        raise WrongState(f"Expected the file that {entry.code} was issued with but got another; reserve a new code.")

    values = {
        "state": "valid",
        "attachment_id": file.id,
        "sha256": bytes.fromhex(file.sha256),
        "title": command.title.strip() or file.name,
        "number": command.number.strip(),
        "issuer": command.issuer.strip(),
        "issued_on": command.issued_on,
        "year": _date(command.issued_on).year,
        "sealed_at": context.now,
    }
    return documents.change_document(context.uow.connection, entry.id, values)


def revoke(command: dc.RevokeDocument, context: Context) -> IssuedDocument:
    """Void a document; whoever asks about it is told why."""
    found = documents.document(context.uow.connection, command.document_id) if is_id(command.document_id) else None
    if found is None or found.state == "reserved" or not _may_see(context, found.instance_id):
        raise NotFound(f"There is no issued document {command.document_id!r}.")
    if not context.by.has("bot", *OPERATORS):
        raise Forbidden("Expected a supervisor or an administrator to revoke a document.")
    reason = " ".join(command.reason.split())
    if not 0 < len(reason) <= _MAX_REASON:
        raise _reason_refused(len(reason))
    if found.state == "revoked":
        return found

    values = {"state": "revoked", "revoked_at": context.now, "revoked_by": context.by.id, "reason": reason}
    return documents.change_document(context.uow.connection, found.id, values)


def archive(command: dc.ArchiveCase, context: Context) -> ArchivedCase:
    """Enter a case in the archive."""
    require(context.by, "bot", "administrator", to="archive cases")
    _require_case(context, command.instance_id)
    file = _file(context, command.instance_id, command.file_id)
    if not 1 <= command.year <= 9999 or command.files < 0:
        raise InvalidInput(f"Expected a year and a number of files but got {command.year} and {command.files}.")
    row = {
        "id": new_id(),
        "instance_id": command.instance_id,
        "key": command.key,
        "attachment_id": file.id,
        "number": command.number.strip(),
        "title": command.title.strip(),
        "year": command.year,
        "files": command.files,
        "archived_at": context.now,
        "archived_by": context.by.id,
    }
    return documents.archive(context.uow, row)


def note_unknown_code(command: dc.NoteUnknownCode, context: Context) -> None:
    """Count a code that does not exist against the address that asked."""
    if context.by.kind != "system":
        raise Forbidden("Expected the system itself: counting is the door's own business.")
    sign_in_counts.count_unknown_code(context.uow, command.address)


def _require_case(context: Context, instance_id: str) -> None:
    if not _may_see(context, instance_id):
        raise NotFound(f"There is no case {instance_id!r}.")


def _may_see(context: Context, instance_id: str) -> bool:
    return may_see_instance(context.uow.connection, context.by, instance_id)


def _reserved(context: Context, instance_id: str, key: str) -> IssuedDocument:
    entry = documents.reserved(context.uow.connection, instance_id, key)
    if entry is None:
        raise NotFound(f"There is no document reserved under {key!r} in this case; reserve it first.")
    return entry


def _file(context: Context, instance_id: str, file_id: str) -> FileRef:
    file = file_of_case(context.uow.connection, instance_id, file_id)
    if file is None:
        raise NotFound(f"There is no file {file_id!r} in this case; attach it first.")
    return file


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"Expected 'issued_on' to be a date such as 2026-11-22 but got {text!r:.40}.") from None


def _reason_refused(length: int) -> InvalidInput:
    message = f"Expected a reason of 1 to {_MAX_REASON:,} characters but got {length:,}."
    message_zh = f"请填写撤销原因，不超过 {_MAX_REASON} 字。"
    problem = FieldProblem(field="reason", code="required", message=message, message_zh=message_zh)
    return InvalidInput(message, problems=[problem])


HANDLERS: dict[type[Command], Callable[[Any, Context], Any]] = {
    dc.TakeNumber: take_number,
    dc.ReserveDocument: reserve,
    dc.SealDocument: seal,
    dc.RevokeDocument: revoke,
    dc.ArchiveCase: archive,
    dc.NoteUnknownCode: note_unknown_code,
}
