"""Loops without a measure, and bounds below zero (BPMN 2.0, 13.3.6 and 13.3.7)."""

from __future__ import annotations

import re
from typing import Final

from engine.models.findings import Report, Subject, describe_node
from engine.models.labels import Words
from engine.models.model import Loop, Process, Value

_WHOLE: Final = re.compile(r"[+-]?\d+")


def check(process: Process, report: Report) -> None:
    """Report multi-instance and standard loops that could not be counted."""
    for node in process.nodes.values():
        if node.loop is not None:
            _loop(node.loop, describe_node(node, process), report)


def _loop(loop: Loop, subject: Subject, report: Report) -> None:
    if loop.kind != "standard" and loop.collection is None and loop.cardinality is None:
        report.error(
            "multi-instance-without-measure",
            subject,
            Words("repeats but names neither a collection nor a number", "是多实例，却没有指定集合或次数"),
            Words(
                "Enter an input collection such as `= items`, or a loop cardinality.",
                "请填写输入集合（例如 `= 清单`）或循环次数。",
            ),
        )
    if loop.kind == "standard" and loop.condition is None and loop.maximum is None:
        report.error(
            "loop-without-condition",
            subject,
            Words("loops but names neither a condition nor a maximum", "是循环活动，却没有条件和上限"),
            Words("Enter a loop condition or a maximum.", "请填写循环条件或上限。"),
        )
    _bound(loop.cardinality, Words("loop cardinality", "循环次数"), subject, report, least=0)
    _bound(loop.maximum, Words("loop maximum", "循环上限"), subject, report, least=1)
    if loop.output_element is not None and not loop.output_collection:
        says = Words("has an output element but no output collection", "有输出元素，却没有输出集合")
        report.error(
            "output-collection-missing", subject, says, Words("Name the output collection.", "请填写输出集合。")
        )
    elif loop.output_collection and loop.output_element is None:
        says = Words("has an output collection but no output element", "有输出集合，却没有输出元素")
        report.error("output-element-missing", subject, says, Words("Name the output element.", "请填写输出元素。"))


def _bound(value: Value | None, what: Words, subject: Subject, report: Report, *, least: int) -> None:
    if value is None or not (_WHOLE.fullmatch(value.text) or not value.is_feel):
        return
    if _WHOLE.fullmatch(value.text) and int(value.text[:20]) >= least:
        return
    report.error(
        "loop-bound",
        subject,
        Words(
            f"has the {what.en} '{value.text[:40]}'; expected a whole number from {least}",
            f"的{what.zh}为“{value.text[:40]}”，应为不小于 {least} 的整数",
        ),
        Words("Enter such a number, or FEEL with '=' in front.", "请填写整数，或以“=”开头的 FEEL 表达式。"),
    )
