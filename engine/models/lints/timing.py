"""Timers without a time, or with one that cannot be read (ISO 8601; BPMN 2.0, 10.5.5)."""

from __future__ import annotations

from engine.models.findings import Report, Subject, describe_node, shorten
from engine.models.labels import Words
from engine.models.model import Event, EventKind, Process
from engine.models.timers import TimerKind, is_cron, valid

_EXAMPLES: dict[TimerKind, Words] = {
    "date": Words("a date and time such as 2026-01-31T08:00:00+08:00", "日期和时间，例如 2026-01-31T08:00:00+08:00"),
    "duration": Words("a duration such as PT15M, PT4H or P3D", "时长，例如 PT15M、PT4H 或 P3D"),
    "cycle": Words("a cycle such as R3/PT10M or R/P1D", "周期，例如 R3/PT10M 或 R/P1D"),
}


def check(process: Process, report: Report) -> None:
    """Report every timer event whose time is missing or no ISO 8601."""
    for node in process.nodes.values():
        if node.event is not None and node.event.kind is EventKind.TIMER:
            _timer(node.event, describe_node(node, process), report)


def _timer(event: Event, subject: Subject, report: Report) -> None:
    if event.timer is None or event.timer_kind is None or not event.timer.text:
        report.error(
            "timer-without-time",
            subject,
            Words("does not say when", "没有设置时间"),
            Words("Give it a date, a duration (PT4H) or a cycle (R/P1D).", "请设置日期、时长(PT4H)或周期(R/P1D)。"),
        )
        return
    text = event.timer.text
    if event.timer.is_feel or valid(event.timer_kind, text):
        return
    example = _EXAMPLES[event.timer_kind]
    if event.timer_kind == "cycle" and is_cron(text):
        report.error(
            "timer-cron",
            subject,
            Words(
                f"repeats by a cron expression, which is not run: `{shorten(text)}`",
                f"使用了不支持的 cron 表达式：`{shorten(text)}`",
            ),
            Words(f"Write {example.en}.", f"请改用{example.zh}。"),
        )
        return
    report.error(
        "timer-invalid",
        subject,
        Words(
            f"has the time '{shorten(text)}'; expected {example.en}", f"的时间“{shorten(text)}”无效，应为{example.zh}"
        ),
        Words(
            "Write it in ISO 8601, or as FEEL with '=' in front: `= deadline`.",
            "请使用 ISO 8601 格式，或以“=”开头的 FEEL 表达式，例如 `= 截止时间`。",
        ),
    )
