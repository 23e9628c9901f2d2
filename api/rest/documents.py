"""Issued documents: what anybody with the code may ask, the register, the archive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Key, Limit, note, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.documents import ArchivedCaseOut, IssuedDocumentOut, ProofOut, RevokeIn
from api.security import Person
from api.verifying import find_proof
from engine.document_commands import RevokeDocument
from engine.filters import RegisterFilter

public = APIRouter(tags=["documents"])
router = APIRouter(tags=["documents"], route_class=AuthenticatedRoute)

Search = Annotated[str, Query(max_length=200, description="Part of the number, title or case number.")]
Year = Annotated[int | None, Query(ge=1, le=9999)]


@public.get("/documents/{code}", openapi_extra={"x-access": "public"}, responses=refusals(404, 422, 429))
def verify(code: str, request: Request, engine: Door) -> ProofOut:
    """What was issued under a verification code; compare `sha256` with the file in hand. Needs no sign-in.

    422 if it cannot be a code (a typo, mostly), 404 if nothing was issued under it, 429 after too many
    unknown codes from one address.
    """
    return ProofOut.model_validate(find_proof(engine, request, code))


@router.get("/documents")
def list_issued(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    search: Search = "",
    year: Year = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[IssuedDocumentOut]:
    """Documents issued in cases visible to the caller, the newest first; for staff."""
    where = RegisterFilter(search=search.strip(), year=year)
    page = engine.read(principal).issued_documents(where, cursor=cursor, limit=limit)
    return page_of(page, IssuedDocumentOut.model_validate, request, response)


@router.post("/documents/{document_id}/revoke", responses=refusals(404))
def revoke(
    document_id: str, body: RevokeIn, request: Request, principal: Person, engine: Door, key: Key = None
) -> IssuedDocumentOut:
    """Declare a document void; for supervisors and administrators."""
    command = RevokeDocument(document_id=document_id, reason=body.reason)
    entry = engine.execute(command, by=principal, key=key)
    note(request, instance_id=entry.instance_id, command="RevokeDocument")
    return IssuedDocumentOut.model_validate(entry)


@router.get("/archive")
def list_archived(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    search: Search = "",
    year: Year = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[ArchivedCaseOut]:
    """Archived cases visible to the caller, the newest first; for staff."""
    where = RegisterFilter(search=search.strip(), year=year)
    page = engine.read(principal).archived_cases(where, cursor=cursor, limit=limit)
    return page_of(page, ArchivedCaseOut.model_validate, request, response)
