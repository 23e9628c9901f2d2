"""FEEL that cannot be parsed, or calls functions that there are not, wherever it stands in the model."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from engine.errors import ExpressionError
from engine.feel import Expression
from engine.models.findings import Report, Subject, describe_flow, describe_node, shorten
from engine.models.labels import Words, a
from engine.models.model import Node, Process, Value

_PLACES: Final[dict[str, Words]] = {
    "assignee": Words("assignee", "办理人"),
    "candidate_users": Words("candidate users", "候选人"),
    "candidate_groups": Words("candidate groups", "候选组"),
    "excluded_users": Words("excluded users", "回避人员"),
    "due": Words("due date", "截止时间"),
    "follow_up": Words("follow-up date", "跟进时间"),
    "priority": Words("priority", "优先级"),
    "topic": Words("job type", "作业类型"),
    "retries": Words("number of retries", "重试次数"),
    "name": Words("message or signal name", "消息或信号名称"),
    "timer": Words("time", "时间"),
    "correlation_key": Words("correlation key", "关联键"),
    "condition": Words("condition", "条件"),
    "maximum": Words("loop maximum", "循环上限"),
    "cardinality": Words("loop cardinality", "循环次数"),
    "collection": Words("input collection", "输入集合"),
    "output_element": Words("output element", "输出元素"),
    "completion_condition": Words("completion condition", "完成条件"),
    "process": Words("called process", "被调用流程"),
    "decision": Words("decision", "决策"),
    "source": Words("variable mapping", "变量映射"),
}
"""Fields of the normalised model that may hold FEEL, and what people call them."""


def check(process: Process, report: Report, functions: Collection[str] = ()) -> None:
    """Report every expression that FEEL cannot read, with the place where it stumbles, and unknown functions.

    Args:
        functions: names of the functions that the site adds to FEEL; none: which there are is not known.
    """
    for node in process.nodes.values():
        subject = describe_node(node, process)
        for where, value in _values(node):
            _check(value, where, subject, report, functions)
        if node.script is not None and node.script.language == "feel":
            script = Value(text=node.script.text, is_feel=True)
            _check(script, Words("script", "脚本"), subject, report, functions)
    for flow in process.flows.values():
        if flow.condition is not None:
            _check(flow.condition, _PLACES["condition"], describe_flow(flow, process), report, functions)


def _values(node: Node) -> Iterator[tuple[Words, Value]]:
    holders = (node.user_task, node.service_task, node.event, node.loop, node.call, node.decision)
    for holder in (*holders, *node.inputs, *node.outputs):
        for name, where in _PLACES.items():
            value = getattr(holder, name, None)
            if isinstance(value, Value):
                yield where, value


def _check(value: Value, where: Words, subject: Subject, report: Report, functions: Collection[str]) -> None:
    from engine.feel import compile_expression
    from engine.feel.free_names import repeated_keys

    if not value.is_feel:
        return
    shown = shorten(value.source or value.text)
    try:
        expression = compile_expression(value.text, functions=functions)
    except ExpressionError as wrong:
        report.error(
            "feel-syntax",
            subject,
            Words(
                f"has {a(where.en)} that is no FEEL: `{shown}` — {wrong.message}",
                f"的{where.zh}不是有效的 FEEL 表达式：`{shown}` — {wrong.message}",
            ),
            Words("Mend the expression at the place named.", "请在所指位置修改表达式。"),
        )
        return
    for key in repeated_keys(expression.node):
        report.error(
            "entry-twice",
            subject,
            Words(
                f"has {a(where.en)} whose context has «{shorten(key)}» twice, so that it is null: `{shown}`",
                f"的{where.zh}中，上下文的“{shorten(key)}”出现了两次，其值为 null：`{shown}`",
            ),
            Words("Give each entry its own name.", "请使名称各不相同。"),
        )
    report_unknown(expression, where, value.source or value.text, subject, report, functions)


def report_unknown(
    expression: Expression, where: Words, source: str, subject: Subject, report: Report, functions: Collection[str]
) -> None:
    """Report calls of functions that there are not: FEEL makes each null, whatever it is given."""
    for name in sorted(expression.functions.difference(functions)) if functions else ():
        report.error(
            "unknown-function",
            subject,
            Words(
                f"has {a(where.en)} that calls '{name}', a function that there is not: `{shorten(source)}`",
                f"的{where.zh}调用了不存在的函数“{name}”：`{shorten(source)}`",
            ),
            Words(
                "Correct the function's name; docs/feel.md lists all that there are.",
                "请改正函数名称；全部函数见 docs/feel.md。",
            ),
        )
