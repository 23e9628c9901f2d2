"""Deploy: check the files, number a new version, and let its start events wait."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict

from engine.access import require
from engine.commands import DeployDefinition
from engine.contracts.errors import CiviflowError
from engine.errors import InvalidInput, InvalidModel
from engine.handlers.bundle import form_schema
from engine.handlers.context import Context
from engine.handlers.starting import open_start_events
from engine.ids import new_id
from engine.models import read_model
from engine.models.forms import read_form
from engine.models.model import EventKind, Finding, Model, Process, Severity
from engine.settings import read_settings
from engine.spiff import Program, check, compile_process
from engine.store import definitions as stored
from engine.store.queries.definitions import definition_row
from engine.views import DefinitionRow, Deployment

_MODELS = (".bpmn", ".bpmn2", ".bpmn20.xml", ".xml")
MAX_FILES = 200
MAX_BYTES = 30_000_000


def check_files(
    files: Mapping[str, bytes], functions: tuple[str, ...]
) -> tuple[dict[str, Model], tuple[Finding, ...]]:
    """Read every model and form among the files.

    Args:
        files: path → content.
        functions: names of the host functions that expressions may call.

    Returns:
        Path → model, and what was found in all of them together.

    Raises:
        InvalidInput: there is no BPMN file, or too much of anything.
    """
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        raise InvalidInput(f"Expected at most {MAX_FILES} files of {MAX_BYTES // 1_000_000} MB together.")
    models = {
        p: read_model(c, filename=p) for p, c in files.items() if p.endswith((".bpmn", ".bpmn2", ".xml"))
    }
    if not models:
        raise InvalidInput("Expected at least one .bpmn file among the uploaded files but found none.")
    findings: list[Finding] = []
    for model in models.values():
        findings += model.findings
        for process in _executable(model):
            findings += check(process, functions=functions)
    for path, content in files.items():
        if path.startswith("forms/") or path.endswith(".form"):
            findings += _form_findings(path, content)
    read_settings(files)
    return models, tuple(dict.fromkeys(findings))


def deploy(command: DeployDefinition, context: Context) -> Deployment:
    """Store a new version of every executable process among the files."""
    require(context.by, "designer", "administrator", to="deploy a process")
    uow = context.uow
    name = command.name or next(iter(command.files), "deployment")
    digest = _digest(command.files)
    last = stored.last_deployment(uow.connection, command.application, name)
    if last is not None and command.only_if_changed and bytes(last.digest) == digest:
        rows = _rows(context, last.id)
        return Deployment(id=last.id, name=name, definitions=rows, findings=(), unchanged=True)

    models, findings = check_files(command.files, context.bundles.functions)
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if errors:
        raise InvalidModel(_summary(errors), findings=findings)
    processes = [(path, p) for path, model in models.items() for p in _executable(model)]
    if not processes:
        raise InvalidModel(
            'Expected a process marked isExecutable="true" but every process is a draft. '
            "Mark the process as executable in your modeler, then upload it again.",
            findings=findings,
        )

    deployment_id = new_id()
    values = {
        "id": deployment_id,
        "name": name,
        "application": command.application,
        "digest": digest,
        "deployed_at": context.now,
        "deployed_by": context.by.id,
    }
    stored.insert_deployment(uow, values, command.files)
    for path, process in processes:
        _deploy_process(context, deployment_id, path, process, command.files, findings)
    rows = _rows(context, deployment_id)
    return Deployment(id=deployment_id, name=name, definitions=rows, findings=findings)


def _deploy_process(
    context: Context,
    deployment_id: str,
    path: str,
    process: Process,
    files: Mapping[str, bytes],
    findings: tuple[Finding, ...],
) -> None:
    program = compile_process(process, functions=context.bundles.functions, zone=context.zone.key)
    properties = _properties(process, program, files)
    if program.flow_nodes != frozenset(process.nodes):
        lost = ", ".join(sorted(frozenset(process.nodes) - program.flow_nodes))
        raise InvalidModel(f"Expected every element of {process.key} to be compiled but lost: {lost}.")
    uow = context.uow
    version = stored.latest_version(uow.connection, process.key) + 1
    own = [asdict(f) for f in findings if f.element in process.nodes or f.element in process.flows]
    no = stored.insert_definition(
        uow,
        {
            "id": f"{process.key}:{version}:{new_id()}",
            "key": process.key,
            "version": version,
            "name": process.name or process.key,
            "deployment_id": deployment_id,
            "path": path,
            "properties": properties,
            "findings": own,
        },
    )
    open_start_events(context, no, program)


def _properties(process: Process, program: Program, files: Mapping[str, bytes]) -> dict[str, object]:
    """What lists need to know of a process without compiling it."""
    plain = [n for n in program.start_events if n.event is None or n.event.kind is EventKind.NONE]
    return {
        **process.properties,
        "documentation": process.documentation,
        "has_plain_start": bool(plain),
        "has_start_form": any(form_schema(files, node) is not None for node in plain),
    }


def _executable(model: Model) -> list[Process]:
    return [p for p in model.processes if p.executable]


def _rows(context: Context, deployment_id: str) -> tuple[DefinitionRow, ...]:
    found = stored.of_deployment(context.uow.connection, deployment_id)
    return tuple(definition_row(context.uow.connection, row) for row in found)


def _form_findings(path: str, content: bytes) -> list[Finding]:
    try:
        read_form(content)
    except CiviflowError as error:
        return [
            Finding(
                severity=Severity.ERROR,
                code="form-not-readable",
                element="",
                message=f"Form {path}: {error.message}",
                message_zh=f"表单 {path}：{error.message}",
                mend="Open the file in the form editor, mend it and upload it again.",
                mend_zh="请在表单编辑器中打开并修正该文件，然后重新上传。",
            )
        ]
    return []


def _summary(errors: list[Finding]) -> str:
    first = errors[0].message
    return first if len(errors) == 1 else f"{first} ({len(errors) - 1} more errors)"


def _digest(files: Mapping[str, bytes]) -> bytes:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path)}:{path}:{len(files[path])}:".encode())
        digest.update(files[path])
    return digest.digest()


HANDLERS = {DeployDefinition: deploy}
