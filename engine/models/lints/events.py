"""Events that cannot happen where they stand, or do not say what they wait for (BPMN 2.0, table 10.93)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from engine.models.bpmn_xml import ACTIVITIES, EVENTS, THROW_EVENTS
from engine.models.findings import Report, Subject, describe_node
from engine.models.labels import Words
from engine.models.lints.scopes import kind
from engine.models.model import Event, EventKind, Node, Process

_K = EventKind
ALLOWED: Final[Mapping[str, frozenset[EventKind]]] = {
    "intermediateCatchEvent": frozenset({_K.TIMER, _K.MESSAGE, _K.SIGNAL, _K.CONDITIONAL, _K.LINK, _K.MULTIPLE}),
    "intermediateThrowEvent": frozenset(
        {_K.NONE, _K.MESSAGE, _K.SIGNAL, _K.ESCALATION, _K.COMPENSATION, _K.LINK, _K.MULTIPLE}
    ),
    "endEvent": frozenset(
        {_K.NONE, _K.MESSAGE, _K.SIGNAL, _K.ERROR, _K.ESCALATION, _K.COMPENSATION, _K.CANCEL, _K.TERMINATE, _K.MULTIPLE}
    ),
    "boundaryEvent": frozenset(set(_K) - {_K.NONE, _K.LINK, _K.TERMINATE}),
    "startEvent": frozenset(set(_K) - {_K.LINK, _K.TERMINATE, _K.CANCEL}),
}
"""What each event may be: table 10.93."""

_ALWAYS_INTERRUPTS: Final = frozenset({_K.ERROR, _K.COMPENSATION, _K.CANCEL})


def check(process: Process, report: Report) -> None:
    """Report events of the wrong kind for their place, incomplete ones, and unattached boundary events."""
    for node in process.nodes.values():
        if node.type not in EVENTS:
            continue
        subject, event = describe_node(node, process), node.event or Event()
        if event.kind not in ALLOWED[node.type]:
            _wrong_kind(node, event, subject, report)
            continue
        if node.service_task is None:
            _complete(node, event, subject, report)
        if node.type == "endEvent" and event.kind is _K.CANCEL:
            _cancel_end(process, node, subject, report)
        if node.type == "boundaryEvent":
            _boundary(process, node, event, subject, report)
        elif event.kind is _K.ERROR and node.type == "startEvent" and not node.interrupting:
            _must_interrupt(subject, report)
    _caught_twice(process, report)


def _wrong_kind(node: Node, event: Event, subject: Subject, report: Report) -> None:
    if event.kind is _K.NONE:
        says = Words("does not say what it waits for", "没有说明等待什么")
        mend = Words("Make it a timer, message, signal or other event.", "请改为定时、消息、信号等事件。")
        report.error("event-waits-for-nothing", subject, says, mend)
    else:
        says = Words(f"is of kind '{event.kind}', which cannot stand there", f"的类型“{event.kind}”不能用在此处")
        mend = Words("Choose another kind of event.", "请选择其他类型的事件。")
        report.error("event-not-allowed", subject, says, mend)


def _complete(node: Node, event: Event, subject: Subject, report: Report) -> None:
    if event.kind in (_K.MESSAGE, _K.SIGNAL) and event.name is None:
        if report.has(f"{event.kind}-without-name", node.id):
            return
        what = Words("message", "消息") if event.kind is _K.MESSAGE else Words("signal", "信号")
        report.error(
            f"{event.kind}-without-name",
            subject,
            Words(f"names no {what.en}", f"没有指定{what.zh}"),
            Words(f"Choose or create a {what.en} and give it a name.", f"请选择或新建{what.zh}并命名。"),
        )
    elif event.kind is _K.CONDITIONAL and event.condition is None:
        report.error(
            "event-without-condition",
            subject,
            Words("has no condition", "没有条件"),
            Words("Write the condition, such as `= amount > 100`.", "请填写条件，例如 `= 金额 > 100`。"),
        )
    elif node.type in THROW_EVENTS and event.kind in (_K.ERROR, _K.ESCALATION) and not event.code:
        what = Words("error", "错误") if event.kind is _K.ERROR else Words("escalation", "升级")
        report.error(
            f"{event.kind}-without-code",
            subject,
            Words(f"throws an {what.en} but names none", f"抛出{what.zh}，却没有指定"),
            Words(f"Choose or create an {what.en} with a code.", f"请选择或新建带代码的{what.zh}。"),
        )


def _boundary(process: Process, node: Node, event: Event, subject: Subject, report: Report) -> None:
    host = process.nodes.get(node.attached_to)
    if host is None or host.type not in ACTIVITIES or host.parent != node.parent:
        shown = f"'{node.attached_to}', which is no activity beside it" if node.attached_to else "no activity"
        shown_zh = f"附着的“{node.attached_to}”不是同层的活动" if node.attached_to else "没有附着在活动上"
        report.error(
            "boundary-unattached",
            subject,
            Words(f"is attached to {shown}", shown_zh),
            Words("Drag it onto the border of a task or sub-process.", "请把它拖到任务或子流程的边框上。"),
        )
    elif event.kind is _K.CANCEL and host.type != "transaction":
        says = Words("catches a cancel event, which only a transaction throws", "捕获取消事件，只能附着在事务子流程上")
        report.error("event-not-allowed", subject, says, Words("Use an error boundary event.", "请改用错误边界事件。"))
    if event.kind in _ALWAYS_INTERRUPTS and not node.interrupting and event.kind is not _K.COMPENSATION:
        _must_interrupt(subject, report)


def _cancel_end(process: Process, node: Node, subject: Subject, report: Report) -> None:
    parent = process.nodes.get(node.parent)
    if parent is None or parent.type != "transaction":
        says = Words("cancels a transaction but stands in none", "要取消事务，却不在事务子流程中")
        report.error("event-not-allowed", subject, says, Words("Use an error end event.", "请改用错误结束事件。"))


def _must_interrupt(subject: Subject, report: Report) -> None:
    report.error(
        "error-must-interrupt",
        subject,
        Words("is non-interrupting, but an error always ends the activity", "设为不中断，但错误总会结束活动"),
        Words("Make it interrupting, or use an escalation instead.", "请设为中断，或改用升级事件。"),
    )


def _caught_twice(process: Process, report: Report) -> None:
    """Two boundary events on one activity for the same error or escalation: which one, nobody can say."""
    caught: Counter[tuple[str, EventKind, str]] = Counter()
    for node in process.nodes.values():
        if node.type == "boundaryEvent" and kind(node) in (_K.ERROR, _K.ESCALATION) and node.event:
            caught[(node.attached_to, node.event.kind, node.event.code)] += 1
    for node in process.nodes.values():
        if node.type != "boundaryEvent" or node.event is None:
            continue
        if caught[(node.attached_to, node.event.kind, node.event.code)] > 1:
            shown = f"'{node.event.code}'" if node.event.code else "every code"
            report.error(
                "caught-twice",
                describe_node(node, process),
                Words(
                    f"catches {shown}, as another event on the same activity does",
                    f"与同一活动上的另一事件捕获相同的代码({node.event.code or '全部'})",
                ),
                Words("Keep one of them, or give them different codes.", "请只保留一个，或使用不同的代码。"),
            )
