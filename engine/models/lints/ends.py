"""Where paths end: end events, and places where they just stop."""

from __future__ import annotations

from engine.models.bpmn_xml import GATEWAYS
from engine.models.findings import Report, describe, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind
from engine.models.model import EventKind, Node, Process

_DRAW_END = Words("Connect it, or draw an end event behind it.", "请继续连线，或在其后添加结束事件。")


def check(process: Process, report: Report) -> None:
    """Report processes without an end event, and dead ends."""
    if process.nodes and not any(n.type == "endEvent" and not n.parent for n in process.nodes.values()):
        report.warning(
            "no-end-event",
            describe("process", process.key, process.name, process=process.key),
            Words("has no end event; it ends when nothing is left to do", "没有结束事件；所有工作完成后自动结束"),
            Words("Draw an end event where the work is done.", "请在工作完成处添加结束事件。"),
        )
    for node in process.nodes.values():
        if not node.outgoing:
            _dead_end(process, node, report)


def _dead_end(process: Process, node: Node, report: Report) -> None:
    subject = describe_node(node, process)
    if node.type in GATEWAYS:
        if node.incoming:
            says = Words("leads nowhere", "没有流出的顺序流")
            report.warning("dead-end", subject, says, _DRAW_END)
    elif node.type == "boundaryEvent":
        if kind(node) is not EventKind.COMPENSATION:
            says = Words("leads nowhere: what it catches has no effect", "没有流出的顺序流：捕获后没有后续处理")
            report.error("boundary-without-way", subject, says, _DRAW_END)
    elif _may_stop(node) and not report.has("no-way-out", node.id):
        says = Words("has nothing behind it, so its path ends there", "之后没有元素，路径在此结束")
        report.note("implicit-end", subject, says, Words("Draw an end event behind it.", "请在其后添加结束事件。"))


def _may_stop(node: Node) -> bool:
    if node.type == "endEvent" or node.triggered_by_event or node.for_compensation:
        return False
    return not (node.type == "intermediateThrowEvent" and kind(node) is EventKind.LINK)
