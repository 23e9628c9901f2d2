"""Where a process and its sub-processes begin (BPMN 2.0, 10.5.2 and 13.5.1)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from engine.models.findings import Report, describe, describe_node
from engine.models.labels import Words, a
from engine.models.lints.scopes import kind, scopes
from engine.models.model import EventKind, Node, Process

_ONLY_IN_EVENT_SUB_PROCESS: Final = frozenset({EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATION})
_DRAW_START: Final = Words("Draw a start event and connect it.", "请添加开始事件并连线。")


def check(process: Process, report: Report) -> None:
    """Report scopes without a start, with several, or with one that may not stand there."""
    if not process.nodes:
        _empty_process(process, report)
        return
    for owner, nodes in scopes(process):
        starts = [node for node in nodes if node.type == "startEvent"]
        if owner is None:
            _process_level(process, nodes, starts, report)
        elif owner.triggered_by_event:
            _event_sub_process(process, owner, starts, report)
        elif owner.type != "adHocSubProcess":
            _sub_process(process, owner, nodes, starts, report)


def _empty_process(process: Process, report: Report) -> None:
    if not process.executable:
        return
    report.error(
        "empty-process",
        describe("process", process.key, process.name, process=process.key),
        Words("is executable but has no elements", "标记为可执行，但没有任何元素"),
        Words("Draw it, or take away the “Executable” mark.", "请绘制流程，或取消“可执行”标记。"),
    )


def _process_level(process: Process, nodes: list[Node], starts: list[Node], report: Report) -> None:
    subject = describe("process", process.key, process.name, process=process.key)
    if not starts and not any(node.instantiate for node in nodes):
        report.error("no-start-event", subject, Words("has no start event", "没有开始事件"), _DRAW_START)
    plain = [node for node in starts if kind(node) is EventKind.NONE]
    if len(plain) > 1:
        ids = ", ".join(node.id for node in plain)
        report.error(
            "several-start-events",
            subject,
            Words(
                f"has {len(plain)} plain start events ({ids}); expected one",
                f"有 {len(plain)} 个普通开始事件({ids})，只能有一个",
            ),
            Words(
                "Keep one; make the others message, timer or signal starts, or put an exclusive gateway behind one.",
                "请只保留一个；其余改为消息、定时或信号开始事件，或在其后用排他网关分流。",
            ),
        )
    for start in starts:
        if kind(start) in _ONLY_IN_EVENT_SUB_PROCESS:
            _not_here(process, start, report)
    _doubled_messages(process, starts, report)


def _doubled_messages(process: Process, starts: list[Node], report: Report) -> None:
    events = [(node, node.event) for node in starts if node.event and kind(node) is EventKind.MESSAGE]
    names = Counter(event.name.text for _, event in events if event.name)
    for node, event in events:
        if event.name and names[event.name.text] > 1:
            report.error(
                "start-message-twice",
                describe_node(node, process),
                Words(
                    f"waits for the message «{event.name.text}», as another start event does",
                    f"与另一个开始事件等待同一消息“{event.name.text}”",
                ),
                Words("Use one message per start event.", "每个开始事件请使用不同的消息。"),
            )


def _sub_process(process: Process, owner: Node, nodes: list[Node], starts: list[Node], report: Report) -> None:
    subject = describe_node(owner, process)
    if not nodes:
        report.error(
            "empty-sub-process",
            subject,
            Words("has nothing inside", "里面没有任何元素"),
            Words("Draw its steps, or make it a task or a call activity.", "请绘制其步骤，或改为任务或调用活动。"),
        )
    elif len(starts) != 1:
        count = "no start event" if not starts else f"{len(starts)} start events"
        count_zh = "没有开始事件" if not starts else f"有 {len(starts)} 个开始事件"
        report.error(
            "no-start-event" if not starts else "several-start-events",
            subject,
            Words(f"has {count}; expected one", f"{count_zh}，应有一个"),
            _DRAW_START if not starts else Words("Keep one of them.", "请只保留一个。"),
        )
    for start in starts:
        if kind(start) is not EventKind.NONE:
            _not_here(process, start, report)


def _event_sub_process(process: Process, owner: Node, starts: list[Node], report: Report) -> None:
    subject = describe_node(owner, process)
    if len(starts) != 1:
        report.error(
            "event-sub-process-start",
            subject,
            Words(
                f"is an event sub-process with {len(starts)} start events; expected one",
                f"是事件子流程，有 {len(starts)} 个开始事件，应有一个",
            ),
            _DRAW_START if not starts else Words("Keep one of them.", "请只保留一个。"),
        )
    for start in starts:
        if kind(start) is EventKind.NONE:
            report.error(
                "event-sub-process-start",
                describe_node(start, process),
                Words("starts an event sub-process but waits for nothing", "位于事件子流程中，却没有等待任何事件"),
                Words(
                    "Make it a message, timer, signal, error or escalation start.",
                    "请改为消息、定时、信号、错误或升级开始事件。",
                ),
            )
    if owner.incoming or owner.outgoing:
        report.error(
            "event-sub-process-flow",
            subject,
            Words("is an event sub-process but has sequence flows", "是事件子流程，却连有顺序流"),
            Words("Remove the flows: its start event starts it.", "请删除这些顺序流：它由其开始事件触发。"),
        )


def _not_here(process: Process, start: Node, report: Report) -> None:
    what = kind(start)
    report.error(
        "start-event-not-allowed",
        describe_node(start, process),
        Words(
            f"waits for {a(what)} event, which is only possible in {_place(start, what).en}",
            f"等待的事件类型({what})只能用于{_place(start, what).zh}",
        ),
        Words("Make it a plain start event, or move it.", "请改为普通开始事件，或移动到合适的位置。"),
    )


def _place(start: Node, what: EventKind) -> Words:
    if start.parent and what not in _ONLY_IN_EVENT_SUB_PROCESS:
        return Words("an event sub-process or at the beginning of the process", "事件子流程或流程的开头")
    return Words("an event sub-process", "事件子流程")
