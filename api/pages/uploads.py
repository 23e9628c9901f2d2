"""Taking a file from a form into the engine, within the site's limits."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile

from api.pages.visit import Visit
from engine.commands import AddAttachment
from engine.contracts.files import FileRef
from engine.errors import FieldProblem, InvalidInput

_USUAL_LIMIT = 20_000_000


def store(visit: Visit, file: UploadFile, *, field: str = "file") -> FileRef:
    """Keep an upload that no case refers to yet; it is swept after a day if none ever does.

    Raises:
        InvalidInput: larger than the site allows, empty, or of a kind it does not take; names the field.
    """
    limit: int = getattr(_settings(visit), "attachment_limit", _USUAL_LIMIT)
    name = file.filename or "file"
    content = file.file.read(limit + 1)
    if len(content) > limit:
        megabytes = limit // 1_000_000
        raise _refused(
            field,
            "too_large",
            f"Expected a file of at most {megabytes} MB but “{name}” is larger.",
            f"文件不能超过 {megabytes} MB，但“{name}”更大。",
        )
    if not content:
        raise _refused(
            field,
            "empty",
            f"Expected a file with content but “{name}” is empty.",
            f"文件“{name}”是空的，请换一个。",
        )
    allowed = getattr(_settings(visit), "attachment_types", None)
    try:
        ref: FileRef = visit.execute(AddAttachment(name=name, content=content, allowed_types=allowed))
    except InvalidInput as error:
        raise _refused(field, "not_taken", error.message, f"不接受文件“{name}”，请换一种格式。") from error
    return ref


def _settings(visit: Visit) -> Any:
    return getattr(visit.request.app.state, "settings", None)


def _refused(field: str, code: str, message: str, message_zh: str) -> InvalidInput:
    problem = FieldProblem(field=field, code=code, message=message, message_zh=message_zh)
    return InvalidInput(message, problems=[problem])
