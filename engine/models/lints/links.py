"""Link events come in pairs: throws by name to one catch in the same scope (BPMN 2.0, 10.5.5)."""

from __future__ import annotations

from engine.models.findings import Report, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind, scopes
from engine.models.model import EventKind, Node, Process


def check(process: Process, report: Report) -> None:
    """Report links without a name, without a partner, and doubled targets."""
    for _, nodes in scopes(process):
        links = [node for node in nodes if kind(node) is EventKind.LINK]
        throws = [node for node in links if node.type == "intermediateThrowEvent"]
        catches = [node for node in links if node.type == "intermediateCatchEvent"]
        for node in links:
            _check_one(process, node, throws, catches, report)


def _check_one(process: Process, node: Node, throws: list[Node], catches: list[Node], report: Report) -> None:
    name, subject = _name(node), describe_node(node, process)
    if not name:
        says = Words("is a link without a name", "是没有名称的链接事件")
        report.error("link-without-name", subject, says, Words("Name the link on both ends.", "请为链接的两端命名。"))
        return
    partners = [other for other in (catches if node in throws else throws) if _name(other) == name]
    if not partners:
        wanted = "catches" if node in throws else "throws"
        report.error(
            "link-without-partner",
            subject,
            Words(
                f"is a link «{name}» that nothing {wanted} in the same scope", f"的链接“{name}”在同一层没有对应的另一端"
            ),
            Words("Draw the other end with the same name.", "请用相同名称画出另一端。"),
        )
    if node in catches and sum(_name(other) == name for other in catches) > 1:
        report.error(
            "link-twice",
            subject,
            Words(f"is one of several targets of the link «{name}»", f"是链接“{name}”的多个目标之一"),
            Words("Keep one target per name.", "每个名称只能有一个目标。"),
        )


def _name(node: Node) -> str:
    return node.event.name.text if node.event and node.event.name else ""
