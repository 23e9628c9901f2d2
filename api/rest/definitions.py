"""Upload, check and read process models."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.archives import MAX_BYTES, MAX_FILES, placed, read_zip
from api.downloads import download_headers
from api.rest.common import AuthenticatedRoute, Door, Key, listed
from api.rest.openapi import Responses, answer, refusals
from api.schemas.base import FindingOut, Variables
from api.schemas.decisions import DecisionOut
from api.schemas.definitions import (
    CheckOut,
    DefinitionDetailOut,
    DefinitionOut,
    DefinitionsOut,
    DeploymentOut,
    ElementOut,
)
from api.security import Person
from engine.commands import DeployDefinition
from engine.errors import Forbidden, InvalidInput
from engine.findings import Finding
from engine.views import Deployment

router = APIRouter(tags=["definitions"], route_class=AuthenticatedRoute)
uploads = APIRouter(tags=["definitions"], route_class=AuthenticatedRoute)

_XML = {"application/xml", "text/xml", "application/bpmn+xml"}
_ZIP = {"application/zip", "application/x-zip-compressed"}
_BINARY = {"type": "string", "format": "binary"}
_MINIMAL = '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">…'

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"files": {"type": "array", "items": _BINARY}}},
                "example": {"files": ["repair_dispatch.bpmn", "forms/report.json"]},
            },
            "application/zip": {"schema": _BINARY, "example": "(a ZIP archive of an application's folder)"},
            "application/xml": {"schema": {"type": "string"}, "example": _MINIMAL},
        },
    }
}


_UNCHANGED: Responses = {200: {"model": DeploymentOut, "description": "These very files were deployed before."}}


@router.get("/definitions")
def list_definitions(
    principal: Person,
    engine: Door,
    latest_only: Annotated[bool, Query(description="Leave out earlier versions.")] = True,
    startable: Annotated[bool, Query(description="Only those the caller may start.")] = False,
) -> DefinitionsOut:
    """Deployed process definitions."""
    rows = engine.read(principal).definitions(latest_only=latest_only, startable=startable)
    return DefinitionsOut(items=listed(rows, DefinitionOut.model_validate))


@router.get("/definitions/{definition}", responses=refusals(404))
def read_definition(definition: str, principal: Person, engine: Door) -> DefinitionDetailOut:
    """A definition by id, or by key for its latest version."""
    found = engine.read(principal).definition(definition)
    return DefinitionDetailOut(
        **DefinitionOut.model_validate(found.row).model_dump(),
        elements=[ElementOut(id=key, name=name, type=kind) for key, (name, kind) in found.elements.items()],
        findings=_findings(found.findings),
        resources=list(found.resources),
    )


@router.get(
    "/definitions/{definition}/xml",
    response_class=Response,
    responses=answer(_MINIMAL, "application/xml") | refusals(404),
)
def read_xml(definition: str, principal: Person, engine: Door) -> Response:
    """The BPMN file as it was deployed, for a diagram viewer."""
    found = engine.read(principal).definition(definition)
    return Response(found.xml, media_type="application/xml", headers=download_headers(f"{found.row.key}.bpmn"))


@router.get(
    "/definitions/{definition}/start-form",
    responses=answer({"type": "default", "components": []}) | refusals(404),
)
def read_start_form(definition: str, principal: Person, engine: Door) -> Variables | None:
    """The form-js schema one fills to start it; null if it has none."""
    schema = engine.read(principal).start_form(definition)
    return None if schema is None else dict(schema)


@router.get(
    "/definitions/{definition}/resources/{path:path}",
    response_class=Response,
    responses=answer("(the file)", "application/octet-stream") | refusals(404),
)
def read_resource(definition: str, path: str, principal: Person, engine: Door) -> Response:
    """A file that came with the definition, always as a download."""
    content = engine.read(principal).definition_resource(definition, path)
    return Response(content, media_type="application/octet-stream", headers=download_headers(path))


@uploads.post(
    "/definitions",
    status_code=201,
    openapi_extra=_BODY,
    responses=_UNCHANGED | refusals(413, 422),
)
async def deploy(
    request: Request,
    response: Response,
    principal: Person,
    engine: Door,
    key: Key = None,
    name: Annotated[str, Query(max_length=200, description="Shown in lists.")] = "",
    application: Annotated[str, Query(max_length=200)] = "",
) -> DeploymentOut:
    """Check models and make them startable: one BPMN file, several files, or an application's folder as ZIP.

    A model with findings of severity error is refused as a whole; the problem lists the findings.
    """
    files = await _read_files(request)
    command = DeployDefinition(files=files, name=name or _main_file(files), application=application)
    made: Deployment = await run_in_threadpool(engine.execute, command, by=principal, key=key)
    if made.definitions:
        response.headers["Location"] = f"/api/v1/definitions/{quote(made.definitions[0].id)}"
    if made.unchanged:
        response.status_code = 200
    return DeploymentOut(
        id=made.id,
        name=made.name,
        definitions=listed(made.definitions, DefinitionOut.model_validate),
        decisions=listed(made.decisions, DecisionOut.model_validate),
        findings=_findings(made.findings),
        unchanged=made.unchanged,
    )


@uploads.post("/definitions/check", openapi_extra=_BODY, responses=refusals(413, 422))
async def check(request: Request, principal: Person, engine: Door) -> CheckOut:
    """What would be found if these files were deployed; nothing is stored."""
    if not principal.has("designer", "administrator"):
        raise Forbidden("Expected a designer: checking models is for those who deploy them.")
    files = await _read_files(request)
    findings = await run_in_threadpool(engine.check, files)
    return CheckOut(deployable=all(finding.severity != "error" for finding in findings), findings=_findings(findings))


async def _read_files(request: Request) -> dict[str, bytes]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _XML:
        return {"model.bpmn": await request.body()}
    if kind in _ZIP:
        return placed(await run_in_threadpool(read_zip, await request.body()))
    if kind == "multipart/form-data":
        return await _read_parts(request)
    raise InvalidInput(
        f"Expected multipart/form-data, application/zip or application/xml but the Content-Type is {kind or 'missing'}."
    )


async def _read_parts(request: Request) -> dict[str, bytes]:
    form = await request.form(max_files=MAX_FILES, max_fields=20)
    request.state.form = form
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for _field, part in form.multi_items():
        if not isinstance(part, UploadFile) or not part.filename:
            continue
        content = await part.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InvalidInput(f"Expected at most {MAX_BYTES // 1_000_000} MB of files together.")
        found = read_zip(content) if part.filename.lower().endswith(".zip") else {_clean(part.filename): content}
        if twice := files.keys() & found.keys():
            raise InvalidInput(f"Expected one file named {min(twice)!r} but there are two.")
        files |= found
    if not files:
        raise InvalidInput("Expected files in the form but found none.")
    return placed(files)


def _clean(filename: str) -> str:
    parts = [part for part in filename.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    return "/".join(parts)[-200:]


def _main_file(files: dict[str, bytes]) -> str:
    return min((path for path in files if path.endswith((".bpmn", ".bpmn2", ".xml"))), default="")


def _findings(findings: tuple[Finding, ...]) -> list[FindingOut]:
    return listed(findings, FindingOut.model_validate)
