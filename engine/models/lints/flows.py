"""Sequence flows that cannot be followed (BPMN 2.0, 7.5.1, table 7.3: who may connect to whom)."""

from __future__ import annotations

from engine.models.findings import Report, Subject, describe_flow
from engine.models.labels import Words
from engine.models.lints.scopes import kind
from engine.models.model import EventKind, Flow, Process

_REDRAW = Words("Draw it anew between two elements.", "请在两个元素之间重新连线。")


def check(process: Process, report: Report) -> None:
    """Report flows with missing ends, across sub-process borders, or where none may be."""
    for flow in process.flows.values():
        subject = describe_flow(flow, process)
        if not _has_both_ends(process, flow, subject, report):
            continue
        source, target = process.nodes[flow.source], process.nodes[flow.target]
        if source.parent != target.parent:
            report.error(
                "flow-crosses-border",
                subject,
                Words("crosses the border of a sub-process", "跨越了子流程的边界"),
                Words(
                    "Connect elements of the same level; leave a sub-process by its end or by boundary events.",
                    "请连接同一层的元素；离开子流程应通过其结束或边界事件。",
                ),
            )
        if source.type == "endEvent":
            says = Words("begins at an end event, where every path ends", "从结束事件出发，而路径在此已结束")
            report.error(
                "flow-not-allowed",
                subject,
                says,
                Words("Use a throw event instead of the end event.", "请将结束事件改为中间抛出事件。"),
            )
        if target.type in ("startEvent", "boundaryEvent"):
            says = Words("leads to an event that is never entered by a flow", "指向不能由顺序流进入的事件")
            report.error(
                "flow-not-allowed",
                subject,
                says,
                Words("Lead it to the activity behind that event.", "请将其指向该事件之后的活动。"),
            )
        if source.type == "boundaryEvent" and kind(source) is EventKind.COMPENSATION:
            says = Words(
                "leaves a compensation event, which only has an association", "从补偿边界事件流出，而它只能连关联线"
            )
            report.error(
                "flow-not-allowed",
                subject,
                says,
                Words("Use an association to the undoing activity.", "请用关联线连到补偿活动。"),
            )
        if target.for_compensation or source.for_compensation:
            says = Words(
                "touches a compensation activity, which has no sequence flows", "连接了补偿活动，而补偿活动不能有顺序流"
            )
            report.error(
                "flow-not-allowed",
                subject,
                says,
                Words("Use an association from the boundary event.", "请用关联线从边界事件连接。"),
            )


def _has_both_ends(process: Process, flow: Flow, subject: Subject, report: Report) -> bool:
    complete = True
    for end, en, zh in ((flow.source, "source", "起点"), (flow.target, "target", "终点")):
        if end in process.nodes:
            continue
        complete = False
        shown = f" '{end}', which is no element of the process" if end else ""
        shown_zh = f"“{end}”不是流程中的元素" if end else "缺失"
        code = "flow-end-unknown" if end else "flow-end-missing"
        says = Words(f"has {'the' if end else 'no'} {en}{shown}", f"的{zh}{shown_zh}")
        report.error(code, subject, says, _REDRAW)
    return complete
