"""One file through the whole pipeline, intake to compiled, and what came of it: `civiflow check`.

Every flow node of the XML is counted here by a plain walk over the tree, apart from the code that reads models, and
compared with the nodes that were compiled: what is missing is named.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.decisions import DecisionLibrary, is_decision_file
from engine.findings import Finding, Severity
from engine.handlers import functions
from engine.handlers.asking import DECIDE
from engine.handlers.checking import bad_forms, executable, model_findings
from engine.models import read_model
from engine.models.bpmn_xml import BPMN, DRAFT_BPMN, FLOW_NODES, Element, attribute, local, namespace
from engine.models.findings import describe, describe_file, make_finding
from engine.models.intake import parse_xml
from engine.models.labels import Words
from engine.models.model import Model, Process
from engine.models.rules import KINDS, Kind, kind_of
from engine.spiff import check, compiled_nodes

log = logging.getLogger(__name__)


class Status(StrEnum):
    """What becomes of a file: it starts as it is, is kept to be finished, or is no BPMN that could be kept."""

    RUNNABLE = "runnable"
    DRAFT = "draft"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class ProcessCount:
    """The flow nodes of one process: events, activities and gateways, in sub-processes too.

    Args:
        id: of the process; '' for flow nodes that stand in no process.
        flow_nodes_xml: how many the file holds.
        flow_nodes_compiled: how many of them the runtime has a task for.
        lost: ids of those that are not compiled; each is named by a finding.
    """

    id: str
    flow_nodes_xml: int
    flow_nodes_compiled: int
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What is to be said of one file.

    Args:
        file: as it was called.
        status: see `Status`.
        processes: in document order.
        findings: errors first.
    """

    file: str
    status: Status
    processes: tuple[ProcessCount, ...] = ()
    findings: tuple[Finding, ...] = ()


_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_FORMS = (".form", ".json")
_KNOWN = (*functions.NAMES, DECIDE)


def inspect_file(
    file: str, content: bytes, companions: Mapping[str, bytes] | None = None, decisions: DecisionLibrary | None = None
) -> Inspection:
    """Take one file through the pipeline; bad content never raises.

    Args:
        file: its path; `.dmn`, `.form` and `.json` are read as decisions and forms, all else as BPMN.
        content: its bytes.
        companions: path → content of forms and decisions that it may name.
        decisions: those among the companions, where many files share them.
    """
    try:
        beside = companions or {}
        return _inspect(file, content, beside, library(beside) if decisions is None else decisions)
    except MemoryError:
        return failed(file, "too-much-memory", Words("needs more memory than it may have", "需要的内存超过限制"))
    except Exception as error:
        # A fault of ours: it is said of this file, and the next one is checked.
        log.debug("checking %s failed", file, exc_info=True)
        what = type(error).__name__
        return failed(
            file, "internal", Words(f"could not be checked: an internal fault ({what})", f"无法检查：内部错误({what})")
        )


def library(companions: Mapping[str, bytes]) -> DecisionLibrary:
    """The decisions among some files."""
    return DecisionLibrary(companions, functions=functions.NAMES)


def failed(file: str, code: str, says: Words) -> Inspection:
    """A file that could not be checked, with the one finding that says why."""
    mend = {
        "internal": Words(
            "Please report it, with the file if you may share it.", "请报告此问题；如可公开，请附上文件。"
        ),
        "file-missing": Words("Check the path.", "请检查路径。"),
        "zip-not-taken": Words("Unpack it and check the files inside.", "请解压后检查其中的文件。"),
    }.get(code, Words("Split the model into several files that call each other.", "请把模型拆成几个相互调用的文件。"))
    finding = make_finding(Severity.ERROR, code, describe_file(file), says, mend)
    return Inspection(file=file, status=Status.REJECTED, findings=(finding,))


def _inspect(file: str, content: bytes, companions: Mapping[str, bytes], decisions: DecisionLibrary) -> Inspection:
    if is_decision_file(file):
        others = {path: beside for path, beside in companions.items() if beside != content}
        alone, together = library(others).findings, library({**others, file: content}).findings
        return _without_processes(file, [finding for finding in together if finding not in alone])
    if file.lower().endswith(_FORMS):
        form = {file if file.endswith(".form") else f"forms/{file}": content}
        return _without_processes(file, list(bad_forms(form, decisions, _KNOWN)))
    model = read_model(content, filename=file, functions=_KNOWN)
    if not model.processes and any(kind_of(found.code) is Kind.UNREADABLE for found in model.errors):
        return Inspection(file=file, status=Status.REJECTED, findings=model.findings)
    findings = list(model_findings(model, content, companions, decisions, _KNOWN))
    findings += _of_drawings(model, findings)
    processes = tuple(_count(content, model))
    findings += _unnamed(model, processes, findings)
    found = tuple(sorted(dict.fromkeys(findings), key=lambda finding: _ORDER[finding.severity]))
    return Inspection(file=file, status=_status(model, found), processes=processes, findings=found)


def _without_processes(file: str, findings: list[Finding]) -> Inspection:
    errors = any(finding.severity is Severity.ERROR for finding in findings)
    return Inspection(file=file, status=Status.DRAFT if errors else Status.RUNNABLE, findings=tuple(findings))


def _of_drawings(model: Model, said: Collection[Finding]) -> Iterator[Finding]:
    """What would keep a process from running that is not marked executable; of a partner's pool, only as a warning."""
    faulty = {finding.element for finding in said if finding.code in KINDS}
    partner = bool(executable(model))
    for process in model.processes:
        if process.executable:
            continue
        for found in check(process, functions=_KNOWN) if process.nodes else ():
            if found.element not in faulty:
                lower = partner and found.severity is Severity.ERROR
                yield replace(found, severity=Severity.WARNING) if lower else found


def _count(content: bytes, model: Model) -> Iterator[ProcessCount]:
    root = parse_xml(content)
    inside: set[Element] = set()
    # Model and file hold their processes in the same order; a `process` that stands elsewhere has none in the model.
    elements = [root] if local(root) == "process" else [e for e in root if _is(e, "process")]
    for element, process in zip(elements, model.processes, strict=True):
        nodes = list(_flow_nodes(element))
        inside.update(nodes)
        compiled = compiled_nodes(process, functions=_KNOWN)
        yield _compare(process, nodes, compiled)
    outside = [node for node in _flow_nodes(root) if node not in inside]
    if outside:
        lost = tuple(_called(node) for node in outside)
        yield ProcessCount(id="", flow_nodes_xml=len(outside), flow_nodes_compiled=0, lost=lost)


def _is(element: Element, *names: str) -> bool:
    return namespace(element) in (BPMN, DRAFT_BPMN) and local(element) in names


def _flow_nodes(root: Element) -> Iterator[Element]:
    """Every flow node in document order, wherever it stands, but for vendors' extensions."""
    stack = [root]
    while stack:
        element = stack.pop()
        if local(element) == "extensionElements":
            continue
        if _is(element, *FLOW_NODES):
            yield element
        stack.extend(reversed(element))


def _called(node: Element) -> str:
    return attribute(node, "id") or f"<{local(node)}> in line {node.sourceline}"


def _compare(process: Process, nodes: list[Element], compiled: frozenset[str]) -> ProcessCount:
    if len(nodes) == len(process.nodes):
        # One to one: ids that were missing or doubled have another name in the model, by which findings call them.
        lost = [id_ for id_ in process.nodes if id_ not in compiled]
    else:
        missing = Counter(_called(node) for node in nodes)
        missing.subtract(compiled)
        lost = list(missing.elements())
    return ProcessCount(
        id=process.key, flow_nodes_xml=len(nodes), flow_nodes_compiled=len(nodes) - len(lost), lost=tuple(lost)
    )


def _unnamed(model: Model, processes: Collection[ProcessCount], said: Collection[Finding]) -> Iterator[Finding]:
    """The last word: a node that is not compiled and that no finding has named yet."""
    named = {finding.element for finding in said if finding.code in KINDS}
    types = {node.id: node for process in model.processes for node in process.nodes.values()}
    for count in processes:
        for id_ in count.lost:
            if id_ in named:
                continue
            node = types.get(id_)
            subject = describe(node.type if node else "", id_, node.name if node else "", process=count.id)
            says = Words("could not be compiled", "无法编译")
            mend = Words(
                "Mend what the other findings name; this one then goes too.", "请先处理其他问题，此问题会随之消失。"
            )
            yield make_finding(Severity.ERROR, "not-compiled", subject, says, mend)


def _status(model: Model, findings: Collection[Finding]) -> Status:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    drawn = {id_ for process in model.processes if not process.executable for id_ in _ids(process)}
    for finding in errors:
        kind = kind_of(finding.code)
        if kind in (Kind.UNREADABLE, Kind.BROKEN):
            return Status.REJECTED
        if kind is Kind.UNFINISHED and finding.element not in drawn and executable(model):
            return Status.REJECTED
    return Status.DRAFT if errors or not executable(model) else Status.RUNNABLE


def _ids(process: Process) -> Iterator[str]:
    yield process.key
    yield from process.nodes
    yield from process.flows
