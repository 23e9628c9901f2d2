"""Checks of tasks, loops and event-based gateways."""

from __future__ import annotations

from typing import Final

from engine.errors import ScriptFailed
from engine.models.findings import Report, Subject
from engine.models.labels import Words
from engine.models.model import EventKind, Node, Process
from engine.scripts import check_python

_TOPIC: Final = Words("Give it a topic (job type) that a bot works on.", "请设置主题（作业类型），由机器人处理。")


def check_activity(report: Report, node: Node, subject: Subject) -> None:
    """Check that a task says what is to be done, and a loop how often."""
    _check_task(report, node, subject)
    _check_loop(report, node, subject)


def _check_task(report: Report, node: Node, subject: Subject) -> None:
    has_topic = node.service_task is not None and node.service_task.topic is not None
    if node.type == "serviceTask" and not has_topic:
        report.error(
            "task-without-topic", subject, Words("has no topic, so nobody would do it.", "没有主题，无人处理。"), _TOPIC
        )
    if node.type == "businessRuleTask" and not has_topic and node.decision is None:
        says = Words("names neither a decision nor a topic.", "既没有指定决策，也没有主题。")
        report.error("task-without-decision", subject, says, Words("Choose a decision (DMN).", "请选择决策(DMN)。"))
    if node.type == "sendTask" and not has_topic and (node.event is None or node.event.kind is not EventKind.MESSAGE):
        says = Words("has neither a topic nor a message.", "既没有主题也没有消息。")
        report.error("task-without-topic", subject, says, _TOPIC)
    if node.type == "receiveTask" and (node.event is None or node.event.kind is not EventKind.MESSAGE):
        says = Words("names no message.", "没有指定消息。")
        report.error("event-incomplete", subject, says, Words("Choose its message.", "请选择消息。"))
    if node.type == "scriptTask" and node.script is None and not has_topic:
        says = Words("has no script.", "没有脚本。")
        report.error("task-without-script", subject, says, Words("Write a FEEL expression.", "请编写 FEEL 表达式。"))
    if node.script is not None and node.script.language == "python":
        try:
            check_python(node.script.text)
        except ScriptFailed as error:
            says = Words(f"has a script that cannot be read: {error.message}", f"的脚本无法读取：{error.message}")
            report.error("script-syntax", subject, says, Words("Correct the script.", "请修改脚本。"))
    if node.instantiate and (node.type != "receiveTask" or node.incoming or node.inputs or node.parent or node.loop):
        says = Words(
            "starts instances, which only a plain receive task without way in at process level can.",
            "用于启动实例，但只有流程层没有进入流的普通接收任务可以。",
        )
        report.error("unsupported-start", subject, says, Words("Use a message start event.", "请使用消息开始事件。"))


def _check_loop(report: Report, node: Node, subject: Subject) -> None:
    loop = node.loop
    if loop is None:
        return
    if loop.kind == "standard" and loop.condition is None and loop.maximum is None:
        says = Words("loops without a condition and without a maximum.", "循环既没有条件也没有次数上限。")
        report.error("loop-without-end", subject, says, Words("Give it one of them.", "请设置其中之一。"))
    if loop.kind != "standard" and loop.cardinality is None and loop.collection is None:
        says = Words("is multi-instance but says not how often.", "是多实例活动，但没有说明实例数。")
        report.error(
            "loop-without-end", subject, says, Words("Give it a collection or a number.", "请设置集合或数量。")
        )
    if bool(loop.output_collection) != (loop.output_element is not None):
        says = Words("gathers results but says not which, or not where.", "要汇集结果，但没有说明汇集什么或存到哪里。")
        mend = Words("Give it an output collection and an output element.", "请同时设置输出集合和输出元素。")
        report.error("loop-output", subject, says, mend)


def check_event_gateway(report: Report, process: Process, node: Node, subject: Subject) -> None:
    """Check that an event-based gateway leads to events."""
    if node.type != "eventBasedGateway":
        return
    if node.instantiate:
        says = Words("starts instances, which it cannot.", "用于启动实例，目前不支持。")
        report.error("unsupported-start", subject, says, Words("Use start events.", "请使用开始事件。"))
    for id_ in node.outgoing:
        flow = process.flows.get(id_)
        target = process.nodes.get(flow.target) if flow else None
        if target is not None and not _may_follow_event_gateway(process, target):
            says = Words(
                f"leads to {target.id}; expected a timer, message, signal or conditional catch event, or a receive "
                "task, without input mappings, loop and boundary events.",
                f"指向 {target.id}；应为定时、消息、信号或条件捕获事件，或接收任务，且没有输入映射、循环和边界事件。",
            )
            report.error(
                "event-gateway-target", subject, says, Words("Put such an event after it.", "请在其后放置此类事件。")
            )


def _may_follow_event_gateway(process: Process, target: Node) -> bool:
    kinds = (EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL)
    catches = target.type == "intermediateCatchEvent" and target.event is not None and target.event.kind in kinds
    if not (catches or target.type == "receiveTask") or target.inputs or target.loop:
        return False
    return not any(node.attached_to == target.id for node in process.nodes.values())
