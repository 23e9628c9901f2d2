"""The register of issued documents and the archive of cases: what staff look up by number, title and year."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api.pages.visit import SignedInVisit, Visit
from engine.access import OPERATORS, STAFF, require
from engine.document_commands import RevokeDocument
from engine.errors import InvalidInput
from engine.filters import RegisterFilter

router = APIRouter(prefix="/archive")

_PAGE = 40
_YEARS = 12
Reason = Annotated[str, Form(max_length=2000)]


@router.get("")
def archive(
    visit: SignedInVisit,
    show: Literal["documents", "cases"] = "documents",
    search: Annotated[str, Query(max_length=200)] = "",
    year: Annotated[str, Query(pattern=r"^(\d{1,4})?$")] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Documents as they were issued, or cases as they were filed, the newest first."""
    require(visit.by, *STAFF, to="look things up in the archive")
    where = RegisterFilter(search=search.strip(), year=int(year) if year else None)
    reader = visit.reader
    page = (reader.issued_documents if show == "documents" else reader.archived_cases)(
        where, cursor=cursor, limit=_PAGE
    )
    this_year = visit.now.astimezone(visit.zone).year
    years = range(this_year, this_year - _YEARS, -1)
    return visit.render("documents/archive.html", show=show, where=where, page=page, years=years)


@router.get("/documents/{document_id}")
def document(visit: SignedInVisit, document_id: str) -> Response:
    """One issued document."""
    return _page(visit, document_id)


@router.post("/documents/{document_id}/revoke")
def revoke(visit: SignedInVisit, document_id: str, reason: Reason = "") -> Response:
    """Declare it void; what was typed stays if it is refused."""
    try:
        entry = visit.execute(RevokeDocument(document_id=document_id, reason=reason))
    except InvalidInput as error:
        said = error.problems[0]
        return _page(
            visit, document_id, reason=reason, problem=said.message_zh if visit.language == "zh" else said.message
        )
    return visit.go(f"/archive/documents/{document_id}", notice="document-revoked", name=entry.number or entry.title)


def _page(visit: Visit, document_id: str, *, reason: str = "", problem: str = "") -> Response:
    entry = visit.reader.issued_document(document_id)
    return visit.render(
        "documents/document.html",
        status=422 if problem else 200,
        document=entry,
        names=visit.names([entry.revoked_by]),
        may_revoke=visit.by.has(*OPERATORS) and entry.state == "valid",
        reason=reason,
        problem=problem,
    )
