"""Is this document genuine? A page for anybody: the code from the paper, and the file at hand if there is one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import Response
from starlette.datastructures import UploadFile as Uploaded

from api.pages.visit import AnyVisit, Visit
from api.verifying import find_proof, sha256_of
from engine.errors import InvalidInput, NotFound, TooManyAttempts

router = APIRouter(prefix="/documents/verify")

_NOTHING: dict[str, Any] = {
    "code": "",
    "proof": None,
    "mistake": "",
    "unknown": False,
    "blocked": "",
    "no_file": False,
    "digest": "",
    "compared": "",
}
"""What the page shows before anybody has asked."""


@router.get("")
def ask(visit: AnyVisit, code: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form, and the answer once there is a code."""
    return _answer(visit, code) if code.strip() else _page(visit)


@router.get("/{code}")
def answer(visit: AnyVisit, code: str) -> Response:
    """The answer for those who come by the QR code."""
    return _answer(visit, code)


@router.post("/{code}")
def compare(visit: AnyVisit, code: str, file: Annotated[UploadFile | str | None, File()] = None) -> Response:
    """The answer, and whether the file at hand is the one that was issued. The file is not kept."""
    if not isinstance(file, Uploaded) or not file.filename:
        return _answer(visit, code, no_file=True)
    return _answer(visit, code, digest=sha256_of(file.file), compared=file.filename)


def _answer(visit: Visit, code: str, **more: Any) -> Response:
    try:
        proof = find_proof(visit.engine, visit.request, code)
    except InvalidInput as error:
        said = error.problems[0]
        message = said.message_zh if visit.language == "zh" and said.message_zh else said.message
        return _page(visit, status=422, code=code, mistake=message)
    except NotFound:
        return _page(visit, status=404, code=code, unknown=True)
    except TooManyAttempts as error:
        words = visit.gettext("Too many unknown codes were asked for from here. Wait %(span)s and try again.")
        return _page(visit, status=429, code=code, blocked=words % {"span": visit.span(error.wait_seconds)})
    return _page(visit, code=proof.code, proof=proof, **more)


def _page(visit: Visit, *, status: int = 200, **values: Any) -> Response:
    return visit.render("documents/verify.html", status=status, **(_NOTHING | values))
