"""Files of cases: stored by content, typed by content, handed out as downloads only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.downloads import download_headers
from api.rest.common import AuthenticatedRoute, Door, note
from api.rest.openapi import answer, refusals
from api.schemas.tasks import UploadOut
from api.security import Caller
from api.settings import Settings
from engine.commands import AddAttachment
from engine.errors import InvalidInput

router = APIRouter(tags=["attachments"], route_class=AuthenticatedRoute)
uploads = APIRouter(tags=["attachments"], route_class=AuthenticatedRoute)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                "example": {"file": "现场照片.png"},
            }
        },
    }
}


@uploads.post("/attachments", status_code=201, openapi_extra=_BODY, responses=refusals(413, 422))
async def upload(
    request: Request,
    response: Response,
    principal: Caller,
    engine: Door,
    instance_id: Annotated[str, Query(description="The case; empty for a file that a form will name.")] = "",
) -> UploadOut:
    """Store a file. What it is, is told from its content; size and type are limited."""
    settings: Settings = request.app.state.settings
    form = await request.form(max_files=1, max_fields=5)
    request.state.form = form
    part = form.get("file")
    if not isinstance(part, UploadFile):
        raise InvalidInput("Expected a file in the form field 'file' but found none.")
    content = await part.read(settings.attachment_limit + 1)
    if len(content) > settings.attachment_limit:
        megabytes = settings.attachment_limit // 1_000_000
        raise InvalidInput(f"Expected a file of at most {megabytes} MB but it is larger.")
    command = AddAttachment(
        name=part.filename or "",
        content=content,
        instance_id=instance_id,
        allowed_types=settings.attachment_types,
    )
    ref = await run_in_threadpool(engine.execute, command, by=principal)
    note(request, instance_id=instance_id, command="AddAttachment")
    response.headers["Location"] = f"/api/v1/attachments/{ref.id}"
    return UploadOut.model_validate(ref.as_variable())


@router.get(
    "/attachments/{attachment_id}",
    response_class=Response,
    responses=answer("(the file)", "*/*") | refusals(404),
)
def download(attachment_id: str, principal: Caller, engine: Door) -> Response:
    """A file's content, always as a download."""
    attachment, content = engine.read(principal).attachment(attachment_id)
    headers = download_headers(attachment.ref.name) | {"ETag": f'"{attachment.ref.sha256}"'}
    return Response(content, media_type=attachment.ref.media_type, headers=headers)
