"""Conditions on sequence flows: missing, pointless, contradictory (BPMN 2.0, 10.6)."""

from __future__ import annotations

from typing import Final

from engine.models.bpmn_xml import ACTIVITIES
from engine.models.findings import Report, describe_flow, describe_node, inline
from engine.models.labels import Words
from engine.models.model import Flow, Node, Process

_DECIDING: Final = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_BLIND: Final = frozenset({"parallelGateway", "eventBasedGateway"})


def check(process: Process, report: Report) -> None:
    """Report gateways that could not decide and conditions nobody asks."""
    for node in process.nodes.values():
        flows = [process.flows[id_] for id_ in node.outgoing]
        if node.type in _DECIDING and len(flows) > 1:
            _decision(process, node, flows, report)
        for flow in flows:
            if flow.condition is not None:
                _conditional(process, node, flow, report)


def _decision(process: Process, node: Node, flows: list[Flow], report: Report) -> None:
    bare = [flow for flow in flows if flow.condition is None and not flow.is_default]
    if node.type != "exclusiveGateway":
        return  # an inclusive gateway takes unconditional flows always
    if len(bare) == 1 and not any(flow.is_default for flow in flows):
        report.warning(
            "flow-without-condition",
            describe_flow(bare[0], process),
            Words(
                "has no condition and is not the default, so it is always taken when asked",
                "没有条件，也不是默认流，一旦判断到它就会被选中",
            ),
            Words("Give it a condition, or make it the default flow.", "请为其设置条件，或设为默认流。"),
        )
    elif bare:
        gateway = inline(describe_node(node, process).words)
        for flow in bare:
            report.error(
                "flow-without-condition",
                describe_flow(flow, process),
                Words(
                    f"has no condition, so {gateway.en} cannot decide",
                    f"没有条件，{gateway.zh}无法判断走向",
                ),
                Words(
                    "Give it a condition such as `= amount > 100`, or make it the default flow.",
                    "请设置条件（例如 `= 金额 > 100`），或设为默认流。",
                ),
            )


def _conditional(process: Process, node: Node, flow: Flow, report: Report) -> None:
    subject = describe_flow(flow, process)
    if flow.is_default:
        report.error(
            "default-with-condition",
            subject,
            Words("is the default flow but has a condition", "是默认流，却带有条件"),
            Words("Remove the condition, or choose another default.", "请删除条件，或另选默认流。"),
        )
    elif node.type in _BLIND:
        kind = "parallel" if node.type == "parallelGateway" else "event-based"
        kind_zh = "并行" if node.type == "parallelGateway" else "事件"
        report.error(
            "condition-not-allowed",
            subject,
            Words(f"has a condition that its {kind} gateway never asks", f"带有条件，但{kind_zh}网关不会判断条件"),
            Words("Remove the condition, or use an inclusive gateway.", "请删除条件，或改用包容网关。"),
        )
    elif node.type in _DECIDING and len(node.outgoing) == 1:
        report.note(
            "condition-on-only-way",
            subject,
            Words("has a condition although it is the only way out", "是唯一出口，却带有条件"),
            Words("Remove it, or draw the other way.", "请删除条件，或画出另一条路径。"),
        )
    elif node.type in ACTIVITIES and len(node.outgoing) == 1:
        report.error(
            "condition-on-only-way",
            subject,
            Words("has a condition although it is the only way out", "是唯一出口，却带有条件"),
            Words("Remove it, or draw the other way.", "请删除条件，或画出另一条路径。"),
        )
    elif node.type in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "intermediateThrowEvent"):
        report.error(
            "condition-not-allowed",
            subject,
            Words("leaves an event but has a condition", "从事件流出，却带有条件"),
            Words("Put an exclusive gateway behind the event.", "请在事件之后放置排他网关。"),
        )
