"""The bottleneck report as text for a terminal, aligned for Chinese names too."""

from __future__ import annotations

from collections.abc import Sequence

from mining.results import ActivityStat, BottleneckReport, Deadlines
from mining.words import (
    HOUR,
    Sentence,
    clip_to_width,
    counted,
    display_width,
    hours_text,
    is_chinese,
    pad_to_width,
    share_text,
    short_duration,
)

_NAME_WIDTH = 40
_HEADS = {
    "activity": Sentence(en="Activity", zh="活动"),
    "count": Sentence(en="Done", zh="完成"),
    "open": Sentence(en="Open", zh="未完"),
    "queue": Sentence(en="Queue p50", zh="等待中位"),
    "queue90": Sentence(en="p90", zh="P90"),
    "service": Sentence(en="Service p50", zh="办理中位"),
    "service90": Sentence(en="p90", zh="P90"),
    "sojourn": Sentence(en="Sojourn p50", zh="停留中位"),
    "sojourn90": Sentence(en="p90", zh="P90"),
    "hours": Sentence(en="Hours", zh="小时"),
    "rework": Sentence(en="Again", zh="返工"),
    "late": Sentence(en="Late", zh="超期"),
}


def render_text(report: BottleneckReport, language: str | None = None, *, most: int = 40) -> str:
    """The report as plain text: key figures, findings, a table of activities, variants, assumptions.

    Args:
        report: the report.
        language: 'en' or 'zh'; None takes the report's.
        most: how many activities the table lists, those with the most hours first.

    Returns:
        Lines without colour codes, ended by a line feed. Columns are aligned by display width.
    """
    language = language or report.language
    chinese = is_chinese(language)
    parts = ["\n".join(_overview(report, language))]
    if report.findings:
        title = "时间花在哪里（按小时排序）" if chinese else "Where the time goes, by hours"
        parts.append("\n".join([title, *(f"{f.rank:>3}. {f.text(language)}" for f in report.findings)]))
    if report.activities:
        parts.append("活动" if chinese else "Activities")
        parts[-1] += "\n" + "\n".join(_table(report, language, most))
    if offered := [a for a in report.activities if a.offers.offered]:
        parts.append("\n".join(_offers(offered, language)))
    if report.variants:
        parts.append("\n".join(_variants(report, language)))
    title = "说明" if chinese else "How to read this"
    notes = [report.meta.queue_definition, *report.meta.assumptions]
    parts.append("\n".join([title, *(f"  - {note.in_language(language)}" for note in notes)]))
    return "\n\n".join(parts) + "\n"


def _overview(report: BottleneckReport, language: str) -> list[str]:
    meta, cases = report.meta, report.meta.cases
    period = " – ".join(at.strftime("%Y-%m-%d") for at in (meta.period_start, meta.period_end) if at)
    median = short_duration(cases.duration.median, language)
    p90 = short_duration(cases.duration.p90, language)
    if is_chinese(language):
        lines = [
            f"案件 {cases.total:,}（办结 {cases.completed:,}，在办 {cases.running:,}），"
            f"活动 {meta.activities:,} 种，完成 {meta.executions:,} 次，未完成 {meta.open:,} 次",
            f"期间 {period or '–'}；案件时长中位数 {median}，P90 {p90}；环节用时合计 {hours_text(meta.hours)} 小时",
        ]
        if cases.deadline.of:
            lines.append(f"案件期限：{_late(cases.deadline)} 超期")
        return lines
    lines = [
        f"{counted(cases.total, 'case')} ({cases.completed:,} completed, {cases.running:,} running), "
        f"{meta.activities:,} activities, {counted(meta.executions, 'execution')} completed, "
        f"{meta.open:,} open",
        f"Period {period or '–'}; case duration median {median}, p90 {p90}; "
        f"{hours_text(meta.hours)} hours in all activities",
    ]
    if cases.deadline.of:
        lines.append(f"Case deadlines: {_late(cases.deadline)} missed")
    return lines


def _table(report: BottleneckReport, language: str, most: int) -> list[str]:
    columns = ["activity", "count", "open"]
    split = any(a.queue.n or a.service.n for a in report.activities)
    columns += ["queue", "queue90", "service", "service90"] if split else ["sojourn", "sojourn90"]
    columns += ["hours", "rework"]
    if any(a.deadline.of for a in report.activities):
        columns.append("late")
    rows = [[_HEADS[name].in_language(language) for name in columns]]
    done = [a for a in report.activities if not a.only_offered]
    for activity in sorted(done, key=lambda a: -a.sojourn.everything)[:most]:
        cells = _cells(activity, language)
        rows.append([cells[name] for name in columns])
    lines = _aligned(rows)
    if (left := len(done) - most) > 0:
        lines.append(f"  … 另有 {left:,} 种活动" if is_chinese(language) else f"  … and {left:,} more")
    return lines


def _cells(activity: ActivityStat, language: str) -> dict[str, str]:
    def short(seconds: float | None) -> str:
        return short_duration(seconds, language)

    rework, spent = activity.rework, activity.sojourn
    return {
        "activity": clip_to_width(activity.name, _NAME_WIDTH),
        "count": f"{activity.count:,}",
        "open": f"{activity.open:,}" if activity.open else "",
        "queue": short(activity.queue.median),
        "queue90": short(activity.queue.p90),
        "service": short(activity.service.median),
        "service90": short(activity.service.p90),
        "sojourn": short(activity.sojourn.median),
        "sojourn90": short(activity.sojourn.p90),
        "hours": hours_text(spent.everything / HOUR) if spent.n or spent.unfinished else "–",
        "rework": f"{rework.executions:,}" if rework.executions else "",
        "late": _late(activity.deadline) if activity.deadline.of else "",
    }


def _offers(activities: Sequence[ActivityStat], language: str) -> list[str]:
    chinese = is_chinese(language)
    lines = ["仅供选用" if chinese else "Merely offered"]
    for activity in activities:
        name, of = clip_to_width(activity.name, _NAME_WIDTH), activity.offers
        english = f"offered {counted(of.offered, 'time')}, taken {counted(of.taken, 'time')}"
        lines.append(f"  {name}  " + (f"提供 {of.offered:,} 次，被采用 {of.taken:,} 次" if chinese else english))
    return lines


def _late(deadline: Deadlines) -> str:
    return f"{deadline.missed:,}/{deadline.of:,} ({share_text(deadline.share)})"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, the others to the right, a rule below the heads."""
    widths = [max(display_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  " + "  ".join(pad_to_width(c, w, right=i > 0) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    lines.insert(1, "  " + "  ".join("─" * width for width in widths))
    return [line.rstrip() for line in lines]


def _variants(report: BottleneckReport, language: str) -> list[str]:
    chinese = is_chinese(language)
    lines = ["最常见的路径" if chinese else "Most frequent variants"]
    for variant in report.variants[:5]:
        median = short_duration(variant.median_duration, language)
        head = f"{variant.count:,} ({share_text(variant.share)}, {median})"
        lines.append(f"  {head}  {clip_to_width(' → '.join(variant.trace), 100)}")
    return lines
