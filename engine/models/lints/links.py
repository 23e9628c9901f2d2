"""Link events come in pairs: throws by name to one catch in the same scope (BPMN 2.0, 10.5.5)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from engine.models.findings import Report, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind, scopes
from engine.models.model import EventKind, Node, Process

_THROW: Final = "intermediateThrowEvent"
_CATCH: Final = "intermediateCatchEvent"


def check(process: Process, report: Report) -> None:
    """Report links without a name, without a partner, and doubled targets."""
    for _, nodes in scopes(process):
        links = [node for node in nodes if kind(node) is EventKind.LINK]
        ends = Counter((node.type, link_name(node)) for node in links)
        for node in links:
            _check_one(process, node, ends, report)


def link_name(node: Node) -> str:
    """The name that a link's two ends share; '' where it has none."""
    return node.event.name.text if node.event and node.event.name else ""


def _check_one(process: Process, node: Node, ends: Counter[tuple[str, str]], report: Report) -> None:
    name, subject = link_name(node), describe_node(node, process)
    if not name:
        says = Words("is a link without a name", "是没有名称的链接事件")
        report.error("link-without-name", subject, says, Words("Name the link on both ends.", "请为链接的两端命名。"))
        return
    throws = node.type == _THROW
    if node.outgoing if throws else node.incoming:
        report.error(
            "link-with-flow",
            subject,
            Words("is a link but also has a sequence flow there", "是链接事件，却又连有顺序流"),
            Words("Remove the flow: the link itself leads on.", "请删除该顺序流：链接本身即表示跳转。"),
        )
    if not ends[(_CATCH if throws else _THROW, name)]:
        wanted = "catches" if throws else "throws"
        report.error(
            "link-without-partner",
            subject,
            Words(f"is a link «{name}» that nothing {wanted} in the same scope", f"的链接“{name}”在同一层没有另一端"),
            Words("Draw the other end with the same name.", "请用相同名称画出另一端。"),
        )
    if not throws and ends[(_CATCH, name)] > 1:
        report.error(
            "link-twice",
            subject,
            Words(f"is one of several targets of the link «{name}»", f"是链接“{name}”的多个目标之一"),
            Words("Keep one target per name.", "每个名称只能有一个目标。"),
        )
