"""Deadlines that are to follow the data (`civiflow:recalculate`), and the FEEL in properties of a process."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from engine.errors import ExpressionError
from engine.feel import Expression, compile_expression
from engine.feel.free_names import mentions
from engine.models.findings import Report, Subject, describe, describe_node, shorten
from engine.models.labels import Words, a
from engine.models.lints.expressions import report_unknown
from engine.models.model import RECALCULATE, EventKind, Node, Process, Value

_PROPERTIES: Final = {
    "civiflow:subject": Words("subject", "主题"),
    "civiflow:dueDate": Words("due date", "截止时间"),
    "civiflow:milestones": Words("list of milestones", "阶段列表"),
}
EXPRESSIONS: Final = tuple(_PROPERTIES)
"""Properties of a process that hold FEEL."""

_BUILT_IN: Final = frozenset({"instance", "performers", "settings"})
"""Names every expression sees that no command writes."""

_CLOCKS: Final = ("now", "today")


def check(process: Process, report: Report, functions: Collection[str] = ()) -> None:
    """Report where `civiflow:recalculate` does nothing, or would count from another moment each time.

    Args:
        functions: names of the functions that the site adds to FEEL.
    """
    of_process = describe("process", process.key, process.name, process=process.key)
    for name, where in _PROPERTIES.items():
        _check_property(process.properties.get(name, ""), where, of_process, report, functions)
    if _asks(process.properties.get(RECALCULATE), of_process, report):
        source = process.properties.get("civiflow:dueDate", "")
        value = Value(text=source.removeprefix("="), is_feel=True) if source else None
        _check_deadline(value, Words("civiflow:dueDate", "civiflow:dueDate"), of_process, report, functions)
    for node in process.nodes.values():
        subject = describe_node(node, process)
        if _asks(node.properties.get(RECALCULATE), subject, report):
            value, where = _deadline(node, process)
            _check_deadline(value, where, subject, report, functions)


def _asks(value: str | None, subject: Subject, report: Report) -> bool:
    if value is None or value.strip() in {"true", "false"}:
        return (value or "").strip() == "true"
    report.error(
        "recalculate-value",
        subject,
        Words(
            f"has the property {RECALCULATE} with the value '{shorten(value)}'",
            f"的属性 {RECALCULATE} 的值为“{shorten(value)}”",
        ),
        Words("Write true, or remove the property.", "请填写 true，或删除该属性。"),
    )
    return False


def _deadline(node: Node, process: Process) -> tuple[Value | None, Words]:
    """What the property would follow at a node, and how that is called."""
    event, parent = node.event, process.nodes.get(node.parent)
    starts_process = node.type == "startEvent" and not (parent is not None and parent.triggered_by_event)
    if event is not None and event.kind is EventKind.TIMER and event.timer_kind == "date" and not starts_process:
        return event.timer, Words("date", "日期")
    if node.type == "userTask":
        return node.user_task.due if node.user_task else None, Words("due date", "截止时间")
    return None, Words("due date", "截止时间")


def _check_deadline(
    value: Value | None, where: Words, subject: Subject, report: Report, functions: Collection[str]
) -> None:
    if value is None:
        report.warning(
            "recalculate-without-deadline",
            subject,
            Words(
                f"has the property {RECALCULATE}, but no deadline that it could move",
                f"设置了属性 {RECALCULATE}，但没有可以重新计算的期限",
            ),
            Words(
                "It is for user tasks with a due date, intermediate and boundary timers with a date (timeDate), and "
                "processes with civiflow:dueDate; remove it elsewhere.",
                "它只用于设有截止时间的用户任务、带日期(timeDate)的中间或边界定时事件，"
                "以及设有 civiflow:dueDate 的流程；其他位置请删除。",
            ),
        )
        return
    compiled = _compiled(value.text, functions) if value.is_feel else None
    if value.is_feel and compiled is None:
        return  # that it is no FEEL is a finding of its own
    if compiled is None or not compiled.names - _BUILT_IN:
        report.warning(
            "recalculate-without-variables",
            subject,
            Words(
                f"has the property {RECALCULATE}, but its {where.en} names no variable, so it never changes",
                f"设置了属性 {RECALCULATE}，但其{where.zh}没有引用任何变量，因此不会改变",
            ),
            Words(
                "Let the expression name the variables it follows, for example "
                "`= add working days(accepted_at, 5, stops)`; or remove the property.",
                "请在表达式中引用相应变量，例如 `= add working days(受理时间, 5, 停表)`；或删除该属性。",
            ),
        )
        return
    if any(mentions(compiled.node, clock) for clock in _CLOCKS):
        report.warning(
            "recalculate-from-now",
            subject,
            Words(
                f"counts its {where.en} from now, which is another moment each time it is recalculated",
                f"的{where.zh}从当前时刻起算，每次重新计算时都会变化",
            ),
            Words(
                "Count from a variable, or from `instance.startedAt`.",
                "请从变量或 `instance.startedAt` 起算。",
            ),
        )


def _check_property(source: str, where: Words, subject: Subject, report: Report, functions: Collection[str]) -> None:
    try:
        if source.strip():
            expression = compile_expression(source.removeprefix("="), functions=functions)
            report_unknown(expression, where, source, subject, report, functions)
    except ExpressionError as wrong:
        report.error(
            "feel-syntax",
            subject,
            Words(
                f"has {a(where.en)} that is no FEEL: `{shorten(source)}` — {wrong.message}",
                f"的{where.zh}不是有效的 FEEL 表达式：`{shorten(source)}` — {wrong.message}",
            ),
            Words("Mend the expression at the place named.", "请在所指位置修改表达式。"),
        )


def _compiled(source: str, functions: Collection[str]) -> Expression | None:
    try:
        return compile_expression(source, functions=functions)
    except ExpressionError:
        return None
