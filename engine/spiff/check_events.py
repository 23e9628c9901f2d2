"""Checks of events: whether they can be run, and whether they say what they wait for."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from engine.models.findings import Report, Subject
from engine.models.labels import Words
from engine.models.model import Event, EventKind, Node, Process
from engine.spiff.supported import (
    EVENT_SUB_PROCESS_STARTS,
    EVENTS,
    HOSTS,
    PASSES_AT_ONCE,
    SUB_PROCESS_STARTS,
    UNSUPPORTED_EVENTS,
)
from engine.spiff.timers import DEFAULT_ZONE, parse_duration, parse_instant, parse_repetition

_OTHER: Final = Words("Choose another kind of event.", "请选择其他类型的事件。")


def check_event(report: Report, process: Process, node: Node, subject: Subject) -> None:
    """Check the event definition of an event, a receive task or a send task."""
    if node.type not in EVENTS:
        if node.type == "receiveTask" and node.event is not None:
            _check_definition(report, node, node.event, subject)
        return
    event = node.event or Event()
    if event.kind not in _allowed(process, node):
        says = Words(f"is a {event.kind} event, which is not run here.", f"是 {event.kind} 事件，此处不能运行。")
        report.error("unsupported-event", subject, says, UNSUPPORTED_EVENTS.get(event.kind, _OTHER))
        return
    has_job = node.service_task is not None and node.service_task.topic is not None
    if not has_job:
        _check_definition(report, node, event, subject)
    if node.type == "boundaryEvent":
        _check_boundary(report, process, node, event, subject)


def check_event_sub_process(report: Report, process: Process, node: Node, subject: Subject) -> None:
    """Check what an event sub-process may not have."""
    if node.loop is not None:
        says = Words("is an event sub-process with a loop.", "是带循环的事件子流程。")
        report.error("event-sub-process", subject, says, Words("Put the loop inside.", "请将循环放在其中。"))
    if node.inputs:
        says = Words("is an event sub-process with input mappings.", "是带输入映射的事件子流程。")
        mend = Words("Use output mappings of its start event.", "请使用其开始事件的输出映射。")
        report.error("event-sub-process", subject, says, mend)
    for start in process.nodes.values():
        is_error = start.event is not None and start.event.kind is EventKind.ERROR
        if start.parent == node.id and start.type == "startEvent" and is_error and not start.interrupting:
            says = Words("starts by an error without interrupting.", "由错误启动但不中断。")
            mend = Words("Make its start event interrupting.", "请将其开始事件设为中断。")
            report.error("error-must-interrupt", subject, says, mend)


def _allowed(process: Process, node: Node) -> frozenset[EventKind]:
    parent = process.nodes.get(node.parent)
    if node.type == "startEvent" and parent is not None:
        return EVENT_SUB_PROCESS_STARTS if parent.triggered_by_event else SUB_PROCESS_STARTS
    return EVENTS[node.type]


def _check_definition(report: Report, node: Node, event: Event, subject: Subject) -> None:
    if event.kind is EventKind.TIMER:
        _check_timer(report, event, subject)
    elif event.kind in (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.LINK) and (
        event.name is None or not event.name.text
    ):
        says = Words(f"names no {event.kind}.", "没有指定名称。")
        report.error("event-incomplete", subject, says, Words("Give the event a name.", "请为该事件指定名称。"))
    elif event.kind is EventKind.CONDITIONAL and event.condition is None:
        says = Words("has no condition.", "没有条件。")
        report.error("event-incomplete", subject, says, Words("Write its condition.", "请编写条件。"))


def _check_timer(report: Report, event: Event, subject: Subject) -> None:
    if event.timer is None or event.timer_kind is None:
        says = Words("says no time.", "没有设置时间。")
        report.error(
            "event-incomplete", subject, says, Words("Give it a date, duration or cycle.", "请设置日期、时长或周期。")
        )
        return
    if event.timer.is_feel:
        return
    try:
        if event.timer_kind == "date":
            parse_instant(event.timer.text, ZoneInfo(DEFAULT_ZONE))
        elif event.timer_kind == "duration":
            parse_duration(event.timer.text)
        else:
            parse_repetition(event.timer.text, ZoneInfo(DEFAULT_ZONE))
    except ValueError as error:
        says = Words(f"has a time that cannot be read: {error}", f"的时间无法读取：{error}")
        mend = Words(
            "Use ISO 8601: 2026-01-31T08:00:00+08:00, PT15M, R3/PT10M. Cron expressions are not read.",
            "请使用 ISO 8601:2026-01-31T08:00:00+08:00、PT15M、R3/PT10M。不支持 cron 表达式。",
        )
        report.error("bad-timer", subject, says, mend)


def _check_boundary(report: Report, process: Process, node: Node, event: Event, subject: Subject) -> None:
    host = process.nodes.get(node.attached_to)
    if host is None or host.type not in HOSTS or host.triggered_by_event or host.parent != node.parent:
        says = Words("is attached to no activity.", "没有附着在活动上。")
        report.error(
            "boundary-unattached", subject, says, Words("Attach it to a task or sub-process.", "请附着到任务或子流程。")
        )
        return
    if event.kind is EventKind.ERROR and not node.interrupting:
        says = Words("catches an error without interrupting.", "捕获错误但不中断。")
        report.error("error-must-interrupt", subject, says, Words("Make it interrupting.", "请设为中断。"))
    has_job = host.service_task is not None and host.service_task.topic is not None
    if host.type in PASSES_AT_ONCE and not has_job and host.loop is None:
        says = Words(f"can never happen: {host.id} passes at once.", f"永远不会发生：{host.id} 会立即通过。")
        mend = Words("Attach it to an activity that waits.", "请附着到会等待的活动。")
        report.warning("boundary-never-happens", subject, says, mend)
