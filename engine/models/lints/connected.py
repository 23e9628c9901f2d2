"""Elements that nothing leads to or from, where the standard asks for it (BPMN 2.0, 10.5.2, 10.5.3 and 10.6).

A level with a start event begins there alone, so each other element needs a way in; a level with an end event
ends there alone, so each other element needs a way out. Without start and end events, paths begin and end
wherever they are open.
"""

from __future__ import annotations

from typing import Final

from engine.models.findings import Report, describe, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind, scopes
from engine.models.model import EventKind, Node, Process

_CONNECT: Final = Words("Draw the missing sequence flow, or remove the element.", "请补画顺序流，或删除该元素。")
_CATCH: Final = "intermediateCatchEvent"
_THROW: Final = "intermediateThrowEvent"


def check(process: Process, report: Report) -> None:
    """Report elements without a way in or out on levels that have start or end events."""
    for owner, nodes in scopes(process):
        if owner is not None and owner.type == "adHocSubProcess":
            continue
        types = {node.type for node in nodes}
        starts, ends = "startEvent" in types, "endEvent" in types
        if ends and not starts and not any(node.instantiate for node in nodes):
            _end_without_start(process, owner, report)
        for node in nodes:
            if len(nodes) > 1:
                _ways(process, node, report, starts=starts, ends=ends)


def _end_without_start(process: Process, owner: Node | None, report: Report) -> None:
    subject = describe("process", process.key, process.name, process=process.key)
    report.error(
        "end-without-start",
        subject if owner is None else describe_node(owner, process),
        Words("has an end event but no start event", "有结束事件，却没有开始事件"),
        Words("Draw a start event and connect it.", "请添加开始事件并连线。"),
    )


def _ways(process: Process, node: Node, report: Report, *, starts: bool, ends: bool) -> None:
    subject = describe_node(node, process)
    if not node.incoming and _needs_way_in(node, starts):
        says = Words(
            "has no way in, although a start event begins this level", "没有流入的顺序流，而该层由开始事件启动"
        )
        report.error("no-way-in", subject, says, _CONNECT)
    if not node.outgoing and _needs_way_out(node, ends):
        says = Words("has no way out, although an end event ends this level", "没有流出的顺序流，而该层以结束事件结束")
        if node.type in ("startEvent", _CATCH, _THROW):
            says = Words("has no way out", "没有流出的顺序流")
        report.error("no-way-out", subject, says, _CONNECT)


def _needs_way_in(node: Node, starts: bool) -> bool:
    if node.type in ("startEvent", "boundaryEvent") or _apart(node) or node.instantiate:
        return False
    if kind(node) is EventKind.LINK and node.type == _CATCH:
        return False
    return starts or node.type in ("endEvent", _CATCH, _THROW)


def _needs_way_out(node: Node, ends: bool) -> bool:
    if node.type in ("endEvent", "boundaryEvent") or _apart(node):
        return False  # boundary events are spoken of where paths end
    if kind(node) is EventKind.LINK and node.type == _THROW:
        return False
    return ends or node.type in ("startEvent", _CATCH)


def _apart(node: Node) -> bool:
    """Whether it stands beside the flow: event sub-processes and compensation handlers."""
    return node.triggered_by_event or node.for_compensation
