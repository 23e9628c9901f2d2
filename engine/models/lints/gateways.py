"""Gateways that do nothing, and event-based gateways with the wrong neighbours (BPMN 2.0, 10.6)."""

from __future__ import annotations

from typing import Final

from engine.models.bpmn_xml import GATEWAYS
from engine.models.findings import Report, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind
from engine.models.model import EventKind, Node, Process

_AWAITED: Final = frozenset(
    {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL, EventKind.MULTIPLE}
)


def check(process: Process, report: Report) -> None:
    """Report gateways without a purpose and event gateways that could not wait."""
    for node in process.nodes.values():
        if node.type not in GATEWAYS:
            continue
        if node.type == "eventBasedGateway":
            _event_gateway(process, node, report)
        elif len(node.incoming) == 1 and len(node.outgoing) == 1:
            report.note(
                "gateway-without-effect",
                describe_node(node, process),
                Words("has one way in and one way out, so it decides nothing", "只有一进一出，没有作用"),
                Words("Remove it, or draw the missing flow.", "请将其删除，或补上缺少的顺序流。"),
            )


def _event_gateway(process: Process, node: Node, report: Report) -> None:
    subject = describe_node(node, process)
    if len(node.outgoing) < 2:
        report.error(
            "event-gateway-ways",
            subject,
            Words(
                f"has {len(node.outgoing)} ways out; expected at least two events to wait for",
                f"有 {len(node.outgoing)} 个出口，应至少等待两个事件",
            ),
            Words(
                "Draw the events it waits for, or use a single catch event.",
                "请画出它等待的事件，或改用单个中间捕获事件。",
            ),
        )
    for flow in node.outgoing:
        target = process.nodes.get(process.flows[flow].target)
        if target is not None:
            _target(process, target, report)


def _target(process: Process, target: Node, report: Report) -> None:
    waits = target.type == "receiveTask" or (target.type == "intermediateCatchEvent" and kind(target) in _AWAITED)
    if not waits:
        report.error(
            "event-gateway-target",
            describe_node(target, process),
            Words("follows an event-based gateway but waits for no event", "位于事件网关之后，却不等待事件"),
            Words(
                "Put a message, timer, signal or conditional catch event in between.",
                "请在中间放置消息、定时、信号或条件捕获事件。",
            ),
        )
    elif len(target.incoming) > 1:
        report.error(
            "event-gateway-target",
            describe_node(target, process),
            Words("follows an event-based gateway but has further ways in", "位于事件网关之后，却还有其他流入的顺序流"),
            Words("Draw an event of its own for the other way.", "请为另一路径单独画一个事件。"),
        )
