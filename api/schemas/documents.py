"""Issued documents and the archive on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, example

_CODE = "K7RM-2XQ9-TBHV-5NCE"
_TITLE = "关于加强汛期值班工作的通知"
_NUMBER = "澄政办发〔2026〕12号"


class FileOut(Out):
    """A file of a case; `GET /attachments/{id}` hands it out."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str


class ProofOut(Out):
    """What the holder of a verification code may know."""

    model_config = ConfigDict(
        json_schema_extra=example(
            code=_CODE,
            state="valid",
            title=_TITLE,
            number=_NUMBER,
            issuer="澄湾市人民政府办公室",
            issued_on="2026-06-01",
            size=48213,
            sha256=s.FILE["sha256"],
            revoked_at=None,
            reason="",
        )
    )

    code: str
    state: Literal["valid", "revoked"]
    title: str
    number: str
    issuer: str
    issued_on: str = Field(description="The date it bears, ISO 8601.")
    size: int
    sha256: str = Field(description="Of the file as issued: compare it with yours.")
    revoked_at: datetime | None
    reason: str = Field(description="Why it was revoked.")


class IssuedDocumentOut(Out):
    """An entry of the register."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id=s.TASK,
            code=_CODE,
            instance_id=s.INSTANCE,
            business_key=s.CASE,
            state="revoked",
            file={**s.FILE, "name": "通知.pdf", "media_type": "application/pdf"},
            title=_TITLE,
            number=_NUMBER,
            issuer="澄湾市人民政府办公室",
            issued_on="2026-06-01",
            sealed_at=s.AT,
            revoked_at=s.LATER,
            revoked_by="su",
            reason="附件有误",
        )
    )

    id: str
    code: str
    instance_id: str
    business_key: str
    state: Literal["reserved", "valid", "revoked"]
    file: FileOut | None
    title: str
    number: str
    issuer: str
    issued_on: str
    sealed_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str
    reason: str


class RevokeIn(Body):
    """Why a document is void; whoever asks about it is told."""

    model_config = ConfigDict(json_schema_extra=example(reason="附件有误，以重新印发的为准"))

    reason: str = Field(min_length=1, max_length=1000)


class ArchivedCaseOut(Out):
    """A case in the archive; its file is a ZIP with all papers and their index."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id=s.TASK,
            instance_id=s.INSTANCE,
            business_key=s.CASE,
            file={**s.FILE, "name": "归档.zip", "media_type": "application/zip"},
            number=_NUMBER,
            title=_TITLE,
            year=2026,
            files=7,
            archived_at=s.LATER,
            archived_by="bots",
        )
    )

    id: str
    instance_id: str
    business_key: str
    file: FileOut
    number: str
    title: str
    year: int
    files: int
    archived_at: datetime
    archived_by: str
