"""Files of cases: downloaded, never shown in the browser; and sent ahead of the form they belong to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import JSONResponse, Response

from api.downloads import download_headers
from api.pages.uploads import store
from api.pages.visit import SignedInVisit

router = APIRouter()


@router.get("/files/{attachment_id}")
def download(visit: SignedInVisit, attachment_id: str) -> Response:
    """The file, to be saved: whatever is inside, it runs nothing in our pages."""
    attachment, content = visit.reader.attachment(attachment_id)
    return Response(content, media_type=attachment.ref.media_type, headers=download_headers(attachment.ref.name))


@router.post("/files")
def upload(visit: SignedInVisit, file: Annotated[UploadFile, File()]) -> JSONResponse:
    """Keep a file for a form that is still being filled in; the form names it by its id."""
    ref = store(visit, file)
    return JSONResponse({"id": ref.id, "name": ref.name, "size": ref.size, "size_text": visit.size(ref.size)})
