"""Checking uploaded files together: models, the forms and decisions they name, the settings beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.contracts.errors import CiviflowError
from engine.decisions import DecisionLibrary
from engine.errors import ExpressionError, FieldProblem, InvalidInput
from engine.feel import compile_expression
from engine.findings import Finding, Severity
from engine.handlers.asking import DECIDE, asked_decisions
from engine.handlers.bundle import form_paths, form_schema
from engine.models import read_model
from engine.models.findings import Subject, describe_flow, describe_node, make_finding
from engine.models.forms import read_form
from engine.models.forms.problems import in_chinese
from engine.models.labels import Words
from engine.models.lints.deadlines import EXPRESSIONS
from engine.models.model import Flow, Model, Process, runs_decision
from engine.settings import read_settings
from engine.spiff import check, schema_findings, unsaid
from engine.spiff.formulas import all_values

MAX_FILES = 200
MAX_BYTES = 30_000_000
_MODELS = (".bpmn", ".bpmn2", ".xml")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was read, and what is to be said of it.

    Args:
        models: path → model of each BPMN file.
        decisions: the DMN files.
        findings: of all of them together.
    """

    models: Mapping[str, Model]
    decisions: DecisionLibrary
    findings: tuple[Finding, ...]


def check_files(files: Mapping[str, bytes], functions: tuple[str, ...]) -> Checked:
    """Read every model, form and decision among the files.

    Args:
        files: path → content.
        functions: names of the host functions that expressions may call.

    Raises:
        InvalidInput: there is neither a BPMN nor a DMN file, or too much of anything.
    """
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        raise InvalidInput(f"Expected at most {MAX_FILES} files of {MAX_BYTES // 1_000_000} MB together.")
    known = (*functions, DECIDE)
    models = {p: read_model(c, filename=p, functions=known) for p, c in files.items() if p.endswith(_MODELS)}
    decisions = DecisionLibrary(files, functions=functions)
    if not models and not decisions:
        message = "Expected at least one .bpmn file (or .dmn file) among the uploaded files but found none."
        message_zh = "上传的文件中没有 .bpmn 文件（或 .dmn 文件），请至少选择一个流程模型。"
        problem = FieldProblem(field="files", code="no_model", message=message, message_zh=message_zh)
        raise InvalidInput(message, problems=[problem])
    findings: list[Finding] = []
    for path, model in models.items():
        findings += model_findings(model, files[path], files, decisions, known)
    findings += bad_forms(files, decisions, known)
    findings += decisions.findings
    read_settings(files)
    return Checked(models=models, decisions=decisions, findings=tuple(dict.fromkeys(findings)))


def model_findings(
    model: Model, content: bytes, files: Mapping[str, bytes], decisions: DecisionLibrary, functions: tuple[str, ...]
) -> Iterator[Finding]:
    """All that is to be said of one model.

    Args:
        model: as it was read from `content`.
        files, decisions: what came with it.
        functions: names of the host functions that expressions may call, `decide` among them.
    """
    yield from model.findings
    said = frozenset((finding.code, finding.element) for finding in model.errors)
    yield from unsaid(schema_findings(content), said)
    faulty = {element for _, element in said}
    for process in executable(model):
        # The runtime would only say again, in other words, what lint has said of these.
        yield from (found for found in check(process, functions=functions) if found.element not in faulty)
        yield from _missing_forms(process, files)
        yield from _missing_decisions(process, decisions)
        yield from _asked_in_process(process, decisions, functions)


def executable(model: Model) -> list[Process]:
    """The processes of a file that can be started."""
    return [p for p in model.processes if p.executable]


def _missing_forms(process: Process, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Tasks and start events that name a form which did not come with the model."""
    there = sorted({path for path in form_paths(files).values() if path.startswith("forms/")})
    for node in process.nodes.values():
        key = node.user_task.form_key if node.user_task else ""
        if not key or form_schema(files, node) is not None:
            continue
        listed = ", ".join(there)
        yield make_finding(
            Severity.WARNING,
            "form-not-found",
            describe_node(node, process),
            Words(
                f"names form '{key}', which is not among the files (forms there: {listed or 'none'})",
                f"引用了表单“{key}”，但上传的文件中没有它（现有表单：{listed or '无'}）",
            ),
            Words(
                f"Upload the model together with forms/{key}.json, or as a ZIP of the whole application. "
                "Without its form the task can only be completed as it is.",
                f"请将模型与 forms/{key}.json 一起上传，或上传整个应用的 ZIP 包。"
                "缺少表单时，任务只能直接完成，不能填写内容。",
            ),
        )


def _missing_decisions(process: Process, decisions: DecisionLibrary) -> Iterator[Finding]:
    """Business rule tasks that ask a decision which did not come with the model."""
    for node in process.nodes.values():
        asked = node.decision.decision if node.decision and runs_decision(node) else None
        if asked is None or asked.is_feel or asked.text in decisions.keys:
            continue
        yield _not_there(asked.text, describe_node(node, process), decisions)


def _asked_in_process(process: Process, decisions: DecisionLibrary, functions: Collection[str]) -> Iterator[Finding]:
    """Expressions of a process that ask, by `decide`, a decision which did not come with it."""
    for element, _, value in all_values(process):
        if value.is_feel and (missing := _missing(value.text, decisions, functions)):
            subject = describe_flow(element, process) if isinstance(element, Flow) else describe_node(element, process)
            yield _not_there(missing, subject, decisions)
    words = Words(f"Process {process.key}", f"流程 {process.key}")
    whole = Subject(id=process.key, name=process.name, words=words)
    for name in EXPRESSIONS:
        if missing := _missing(process.properties.get(name, "").removeprefix("="), decisions, functions):
            yield _not_there(missing, whole, decisions)


def _missing(feel: str, decisions: DecisionLibrary, functions: Collection[str]) -> str:
    """The first decision that an expression asks by its id and that is not there; ''."""
    if DECIDE not in feel:
        return ""
    try:
        asked = asked_decisions(compile_expression(feel, functions=functions))
    except ExpressionError:
        return ""  # that it is no FEEL is a finding of its own
    return next((key for key in asked if key not in decisions.keys), "")


def _not_there(key: str, subject: Subject, decisions: DecisionLibrary) -> Finding:
    listed, zh = ", ".join(decisions.keys[:20]), "、".join(decisions.keys[:20])
    return make_finding(
        Severity.ERROR,
        "decision-not-found",
        subject,
        Words(
            f"asks decision '{key}', which is in none of the DMN files (decisions there: {listed or 'none'})",
            f"引用了决策“{key}”，但上传的 DMN 文件中没有它（现有决策：{zh or '无'}）",
        ),
        Words(
            "Upload the model together with the DMN file that holds a decision of this id, "
            "or as a ZIP of the whole application.",
            "请将模型与包含该编号决策的 DMN 文件一起上传，或上传整个应用的 ZIP 包。",
        ),
    )


def bad_forms(files: Mapping[str, bytes], decisions: DecisionLibrary, functions: Collection[str]) -> Iterator[Finding]:
    """Form files that cannot be read, or that ask decisions which are not there."""
    for path, content in files.items():
        if not (path.startswith("forms/") or path.endswith(".form")):
            continue
        try:
            form = read_form(content, functions=functions)
        except CiviflowError as error:
            yield Finding(
                severity=Severity.ERROR,
                code="form-not-readable",
                element="",
                message=f"Form {path}: {error.message}",
                message_zh=f"表单 {path}：{in_chinese(error)}",
                mend="Open the file in the form editor, mend it and upload it again.",
                mend_zh="请在表单编辑器中打开并修正该文件，然后重新上传。",
            )
            continue
        for component in form.walk():
            missing = (_missing(feel, decisions, functions) for feel in component.formulas.values())
            if key := next(filter(None, missing), ""):
                where = component.key or component.id
                words = Words(f"Form {path}, component '{where}',", f"表单 {path} 的组件“{where}”")
                yield _not_there(key, Subject(words=words), decisions)
