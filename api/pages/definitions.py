"""Processes: what is deployed, one definition with its diagram, and the upload with its findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from api.archives import MAX_BYTES, placed, read_zip, refused, too_large
from api.downloads import download_headers
from api.pages import diagrams, drafts
from api.pages.environment import path_part
from api.pages.visit import SignedInVisit, Visit
from engine.access import OVERSEERS, require
from engine.commands import DeployDefinition
from engine.decisions import DecisionLibrary
from engine.errors import InvalidInput, InvalidModel
from engine.findings import Finding, Severity
from engine.views import Deployment

router = APIRouter(prefix="/definitions")

_MODELS = (".bpmn", ".bpmn2", ".xml")


@router.get("")
def definitions(visit: SignedInVisit) -> Response:
    """The latest version of every process."""
    rows = visit.reader.definitions(latest_only=True)
    names = visit.names(row.deployed_by for row in rows)
    return visit.render("definitions/list.html", rows=rows, names=names, may_deploy=_may_deploy(visit))


@router.get("/new")
def upload_page(visit: SignedInVisit) -> Response:
    """The upload form."""
    require(visit.by, "designer", "administrator", to="deploy a process")
    return _upload_form(visit)


@router.post("/new")
def upload(
    visit: SignedInVisit,
    files: Annotated[list[UploadFile], File()],
    name: Annotated[str, Form(max_length=200)] = "",
    check: Annotated[bool, Form()] = False,
) -> Response:
    """Check the files and deploy them, or show what is wrong with them on their own diagram."""
    require(visit.by, "designer", "administrator", to="deploy a process")
    content: Mapping[str, bytes] = {}
    try:
        content = _read(files)
        if check:
            found = visit.engine.check(content)
            rejected = any(finding.severity is Severity.ERROR for finding in found)
            return _upload_form(visit, name=name, content=content, findings=found, rejected=rejected, checked=True)
        made: Deployment = visit.execute(DeployDefinition(files=content, name=name.strip() or _model_of(content)))
    except InvalidModel as error:
        findings = [finding for finding in error.findings if isinstance(finding, Finding)]
        return _upload_form(visit, name=name, content=content, findings=findings, rejected=True)
    except InvalidInput as error:
        return _upload_form(visit, name=name, problem=_said(visit, error))
    notice = "deployed-unchanged" if made.unchanged else "deployed"
    if not made.definitions:  # decisions alone
        only = f"/{path_part(made.decisions[0].key)}" if len(made.decisions) == 1 else ""
        return visit.go(f"/decisions{only}", notice=notice, name=made.name)
    row = made.definitions[0]
    return visit.go(f"/definitions/{row.id}", notice=notice, name=f"{visit.process_name(row)} v{row.version}")


@router.get("/{definition_id}")
def definition_page(visit: SignedInVisit, definition_id: str) -> Response:
    """One definition: diagram, steps, findings, versions, files."""
    detail = visit.reader.definition(definition_id)
    row = detail.row
    versions = visit.reader.definition_versions(row.key)
    startable = visit.reader.definitions(startable=True, counted=False)
    return visit.render(
        "definitions/detail.html",
        row=row,
        findings=_by_severity(detail.findings),
        resources=detail.resources,
        elements=visit.elements_of(row.id),
        versions=versions,
        decisions=visit.reader.decision_summaries(visit.reader.decisions_of(row.id)),
        names=visit.names([row.deployed_by]),
        marks=diagrams.offending(detail.findings),
        startable=row.is_latest and row.key in {other.key for other in startable},
        may_deploy=_may_deploy(visit),
        may_report=visit.by.has(*OVERSEERS),
    )


@router.get("/{definition_id}/file")
def definition_file(visit: SignedInVisit, definition_id: str) -> Response:
    """The model as it was uploaded: for the diagram, and to be saved."""
    detail = visit.reader.definition(definition_id)
    headers = download_headers(f"{detail.row.key}.bpmn") | {"Cache-Control": "private, max-age=86400"}
    return Response(detail.xml.encode(), media_type="application/octet-stream", headers=headers)


def _upload_form(
    visit: Visit,
    *,
    name: str = "",
    problem: str = "",
    content: Mapping[str, bytes] | None = None,
    findings: Sequence[Finding] = (),
    rejected: bool = False,
    checked: bool = False,
) -> Response:
    model = _model_of(content or {})
    return visit.render(
        "definitions/upload.html",
        status=422 if rejected or problem else 200,
        name=name,
        problem=problem,
        rejected=rejected,
        checked=checked and not rejected,
        filename=PurePosixPath(model or min(content or {}, default="")).name,
        findings=_by_severity(findings),
        errors=sum(finding.severity is Severity.ERROR for finding in findings),
        xml=_text_of((content or {}).get(model, b"")) if rejected else "",
        marks=diagrams.offending(findings),
        drafts=drafts.fields(content or {}) if checked and not rejected else (),
        decisions=_decisions_in(content or {}) if checked and not rejected else (),
    )


def _decisions_in(content: Mapping[str, bytes]) -> Sequence[tuple[str, str]]:
    """Ids and names of the decisions among the files, to be tried before they are deployed."""
    models = DecisionLibrary(content).models.values()
    return [(key, name or key) for model in models for key, name in model.keys.items()]


def _read(files: Sequence[UploadFile]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for file in files:
        if not file.filename:
            continue
        content = file.file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise too_large()
        name = PurePosixPath(file.filename.replace("\\", "/")).name
        found |= read_zip(content) if name.lower().endswith(".zip") else {name: content}
    if not found:
        raise refused("Expected a BPMN file but nothing was chosen.", "请选择 BPMN 文件；所选压缩包里没有文件。")
    return placed(found)


def _said(visit: Visit, error: InvalidInput) -> str:
    found = [problem.message_zh for problem in error.problems if visit.language == "zh" and problem.message_zh]
    return "".join(found) or error.message


def _model_of(files: Mapping[str, bytes]) -> str:
    return min((path for path in files if path.endswith(_MODELS)), default="")


def _text_of(content: bytes) -> str:
    """The model as text for the viewer; '' if it cannot be read or carries no diagram."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    return text if "BPMNDiagram" in text else ""


def _by_severity(findings: Sequence[Finding]) -> list[Finding]:
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def _may_deploy(visit: Visit) -> bool:
    return visit.by.has("designer", "administrator")
