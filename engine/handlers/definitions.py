"""Deploy: check the files, number a new version, and let its start events wait."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from engine.access import require
from engine.commands import DeployDefinition
from engine.decisions import DecisionLibrary
from engine.errors import InvalidModel
from engine.findings import Finding, Severity
from engine.handlers.bundle import form_schema
from engine.handlers.checking import Checked, check_files, executable
from engine.handlers.context import Context
from engine.handlers.starting import open_start_events
from engine.ids import new_id
from engine.models.model import EventKind, Process
from engine.spiff import Program, compile_process
from engine.store import decisions
from engine.store import definitions as stored
from engine.store.queries.decisions import decision_row
from engine.store.queries.definitions import definition_row
from engine.views import Deployment


def deploy(command: DeployDefinition, context: Context) -> Deployment:
    """Store a new version of every executable process, and of every decision, among the files."""
    require(context.by, "designer", "administrator", to="deploy a process")
    uow = context.uow
    name = command.name or next(iter(command.files), "deployment")
    digest = _digest(command.files)
    uow.lock("deploy")  # one at a time, so that versions are numbered without gaps or doubles
    last = stored.last_deployment(uow.connection, command.application, name)
    if last is not None and command.only_if_changed and bytes(last.digest) == digest:
        return _made(context, last.id, name, unchanged=True)

    checked = check_files(command.files, context.bundles.functions)
    findings = checked.findings
    processes = _deployable(checked)
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
    decisions.insert_definitions(
        uow, [{"deployment_id": deployment_id, **row} for row in _decisions(checked.decisions)]
    )
    for path, process in processes:
        _deploy_process(context, deployment_id, path, process, command.files, findings)
    return _made(context, deployment_id, name, findings=findings)


def _decisions(library: DecisionLibrary) -> Iterator[dict[str, object]]:
    for path, model in library.models.items():
        for key, name in model.keys.items():
            yield {"key": key, "name": name, "path": path, "digest": bytes.fromhex(model.digest)}


def _deployable(checked: Checked) -> list[tuple[str, Process]]:
    """The processes to be deployed, with the paths of their files; none for decisions alone.

    Raises:
        InvalidModel: something is wrong with them.
    """
    findings = checked.findings
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if errors:
        raise InvalidModel(_summary(errors), findings=findings)
    processes = [(path, p) for path, model in checked.models.items() for p in executable(model)]
    if not processes and (checked.models or not checked.decisions.keys):
        raise InvalidModel(
            'Expected a process marked isExecutable="true" but every process is a draft. '
            "Mark the process as executable in your modeler, then upload it again.",
            findings=findings,
        )
    keys = [process.key for _, process in processes]
    double = sorted({key for key in keys if keys.count(key) > 1})
    if double:
        raise InvalidModel(
            f"Expected each process once but several files hold {', '.join(double)}. Upload one of them.",
            findings=findings,
        )
    return processes


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


def _made(
    context: Context, deployment_id: str, name: str, *, findings: tuple[Finding, ...] = (), unchanged: bool = False
) -> Deployment:
    connection = context.uow.connection
    return Deployment(
        id=deployment_id,
        name=name,
        definitions=tuple(definition_row(connection, row) for row in stored.of_deployment(connection, deployment_id)),
        decisions=tuple(decision_row(row) for row in decisions.of_deployment(connection, deployment_id)),
        findings=findings,
        unchanged=unchanged,
    )


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
