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
            report.error(
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
    if node.instantiate and node.incoming:
        says = Words("starts instances but has a way in", "用于启动实例，却有流入的顺序流")
        mend = Words("Remove the flow, or the mark that it starts instances.", "请删除该顺序流，或取消启动实例的标记。")
        report.error("event-gateway-target", subject, says, mend)
    targets = [process.nodes[t] for flow in node.outgoing if (t := process.flows[flow].target) in process.nodes]
    receives = any(target.type == "receiveTask" for target in targets)
    if receives and any(kind(target) is EventKind.MESSAGE for target in targets if target.type != "receiveTask"):
        says = Words(
            "waits for message events and receive tasks; expected one of the two kinds",
            "同时等待消息事件和接收任务，只能使用其中一种",
        )
        mend = Words("Make the receive tasks message events.", "请将接收任务改为消息事件。")
        report.error("event-gateway-target", subject, says, mend)
    for target in targets:
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
    elif any(other.attached_to == target.id for other in process.nodes.values()):
        report.error(
            "event-gateway-target",
            describe_node(target, process),
            Words("follows an event-based gateway but has boundary events", "位于事件网关之后，却附有边界事件"),
            Words("Let the gateway wait for those events too.", "请让事件网关一并等待这些事件。"),
        )
