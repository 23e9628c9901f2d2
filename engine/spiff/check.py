"""What the runtime cannot run, said by name before anything is started.

`engine.models` lints what a file says; these checks hold for any model that reaches the compiler, so that nothing
is dropped in silence. Findings of severity error keep `compile_process` from compiling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from engine.findings import Finding
from engine.models.findings import Report, Subject, describe, describe_flow, describe_node
from engine.models.labels import Words
from engine.models.model import EventKind, Flow, Node, Process
from engine.spiff.check_activities import check_activity, check_event_gateway
from engine.spiff.check_events import check_event, check_event_sub_process
from engine.spiff.formulas import PLACES, all_values, expression_error
from engine.spiff.supported import ACTIVITIES, CONTAINERS, GATEWAYS, SUPPORTED, UNSUPPORTED


def check(process: Process, *, functions: Collection[str] = ()) -> tuple[Finding, ...]:
    """Everything about a process that cannot be run, or probably does not do what its author meant.

    Args:
        process: the normalised model.
        functions: names of the host's functions that expressions may call.

    Returns:
        Findings in both languages: structure first, then elements in document order, then expressions.
    """
    report = Report()
    _check_flows(report, process)
    _check_starts(report, process)
    _check_links(report, process)
    for node in process.nodes.values():
        _check_node(report, process, node)
    for element, place, value in all_values(process):
        if place in ("condition", "completion condition", "collection") and not value.is_feel:
            _bad_expression(report, process, element, place, f"'{value.text}' is plain text.")
        if (error := expression_error(value, functions)) is not None:
            _bad_expression(report, process, element, place, error.message)
    return tuple(finding for finding, _ in report.found())


def is_process_start(node: Node) -> bool:
    """Whether an instance can begin at this node."""
    return not node.parent and (node.type == "startEvent" or (node.type == "receiveTask" and node.instantiate))


def is_link(node: Node, type_: str) -> bool:
    """Whether a node of this type is a link event."""
    return node.type == type_ and node.event is not None and node.event.kind is EventKind.LINK


def link_key(node: Node) -> tuple[str, str]:
    """What a link event's throw and catch share: the scope and the name."""
    return node.parent, node.event.name.text if node.event and node.event.name else ""


def _check_flows(report: Report, process: Process) -> None:
    nodes = process.nodes
    for flow in process.flows.values():
        subject = describe_flow(flow, process)
        source, target = nodes.get(flow.source), nodes.get(flow.target)
        if source is None or target is None or flow.id not in source.outgoing or flow.id not in target.incoming:
            report.error(
                "flow-broken",
                subject,
                Words("does not join two flow nodes of the process.", "没有连接流程中的两个节点。"),
                Words("Draw it again from element to element.", "请重新从一个元素画到另一个元素。"),
            )
        elif source.parent != target.parent:
            report.error(
                "flow-crosses-scope",
                subject,
                Words("crosses the border of a sub-process.", "跨越了子流程的边界。"),
                Words("End it inside and go on from the sub-process itself.", "请在子流程内结束，再从子流程本身继续。"),
            )
        else:
            _check_flow_ends(report, subject, flow, source, target)
    for node in nodes.values():
        for id_ in (*node.incoming, *node.outgoing):
            if id_ not in process.flows:
                report.error(
                    "flow-broken",
                    describe_node(node, process),
                    Words(f"names the sequence flow {id_}, which does not exist.", f"引用了不存在的顺序流 {id_}。"),
                    Words("Remove the reference or draw the flow.", "请删除引用或补画顺序流。"),
                )


def _check_flow_ends(report: Report, subject: Subject, flow: Flow, source: Node, target: Node) -> None:
    handler = next((node for node in (source, target) if node.triggered_by_event), None)
    if source.type == "endEvent" or target.type in ("startEvent", "boundaryEvent") or handler:
        report.error(
            "flow-not-allowed",
            subject,
            Words(
                "leaves an end event, or leads to a start event, a boundary event or an event sub-process.",
                "从结束事件出发，或指向开始事件、边界事件或事件子流程。",
            ),
            Words("Connect it to another element, or delete it.", "请改接其他元素，或删除它。"),
        )
    if flow.condition is not None and source.type in ("parallelGateway", "eventBasedGateway"):
        report.error(
            "condition-not-allowed",
            subject,
            Words("has a condition, which its gateway never asks.", "带有条件，但其网关不会判断条件。"),
            Words("Use an inclusive or exclusive gateway.", "请使用包容网关或排他网关。"),
        )
    if (
        source.type == "exclusiveGateway"
        and len(source.outgoing) > 1
        and flow.condition is None
        and not flow.is_default
    ):
        report.error(
            "flow-without-condition",
            subject,
            Words("has no condition and is not the default flow.", "没有条件，也不是默认流。"),
            Words("Give it a condition or make it the default flow.", "请设置条件，或设为默认流。"),
        )


def _check_starts(report: Report, process: Process) -> None:
    if not any(is_process_start(node) for node in process.nodes.values()):
        report.error(
            "no-start-event",
            describe("process", process.key, process.name, process=process.key),
            Words("has no start event.", "没有开始事件。"),
            Words("Add a start event.", "请添加开始事件。"),
        )
    starts = Counter(node.parent for node in process.nodes.values() if node.type == "startEvent")
    for node in process.nodes.values():
        if node.type == "subProcess" and starts[node.id] != 1:
            report.error(
                "sub-process-start",
                describe_node(node, process),
                Words(
                    f"has {starts[node.id]} start events; expected one.", f"有 {starts[node.id]} 个开始事件，应为一个。"
                ),
                Words("Leave exactly one start event inside.", "请在其中只保留一个开始事件。"),
            )


def _check_links(report: Report, process: Process) -> None:
    catches = Counter(link_key(n) for n in process.nodes.values() if is_link(n, "intermediateCatchEvent"))
    for node in process.nodes.values():
        if is_link(node, "intermediateThrowEvent") and catches[link_key(node)] != 1:
            count = catches[link_key(node)]
            report.error(
                "link-without-target",
                describe_node(node, process),
                Words(
                    f"has {count} link catch events of its name beside it; expected one.",
                    f"在同一层有 {count} 个同名的链接捕获事件，应为一个。",
                ),
                Words("Give exactly one link catch event the same name.", "请让恰好一个链接捕获事件使用相同名称。"),
            )
        if node.event and node.event.kind is EventKind.LINK and node.event.name and node.event.name.is_feel:
            report.error(
                "link-name-expression",
                describe_node(node, process),
                Words("computes its link name.", "的链接名称是表达式。"),
                Words("Write the name as plain text.", "请直接写出名称。"),
            )


def _check_node(report: Report, process: Process, node: Node) -> None:
    subject = describe_node(node, process)
    if node.type not in SUPPORTED:
        report.error("unsupported-element", subject, *UNSUPPORTED.get(node.type, UNSUPPORTED[""]))
        return
    parent = process.nodes.get(node.parent)
    if node.parent and (parent is None or parent.type not in CONTAINERS):
        says = Words(f"stands in {node.parent}, which is no sub-process.", f"位于 {node.parent} 中，但它不是子流程。")
        report.error("scope-unknown", subject, says, Words("Move it into a sub-process.", "请将它移入子流程。"))
    check_event(report, process, node, subject)
    if node.type == "subProcess" and node.triggered_by_event:
        check_event_sub_process(report, process, node, subject)
    if node.type in ACTIVITIES:
        check_activity(report, node, subject)
    if node.type in GATEWAYS:
        check_event_gateway(report, process, node, subject)


def _bad_expression(report: Report, process: Process, element: Node | Flow, place: str, message: str) -> None:
    subject = describe_node(element, process) if isinstance(element, Node) else describe_flow(element, process)
    says = Words(
        f"has a {place} that is not FEEL: {message}", f"的{PLACES.get(place, place)}不是 FEEL 表达式：{message}"
    )
    report.error("bad-expression", subject, says, Words("Correct the expression.", "请修改表达式。"))
