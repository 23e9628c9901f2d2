"""The bottleneck report: any event log in, plain data out.

Importing this module is cheap; polars is loaded on the first report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.contracts.eventlog import EventLog, LogFilter
from mining.results import ActivityStat, BottleneckReport, CaseStat, ReportMeta
from mining.words import HOUR, Naming, Sentence, counted, nameless

if TYPE_CHECKING:
    from mining.frame import LogFrame

__all__ = ["BottleneckReport", "bottleneck_report"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bottleneck_report(
    log: EventLog,
    where: LogFilter,
    *,
    now: int,
    language: str = "en",
    cause_names: Naming = nameless,
    group_names: Naming = nameless,
) -> BottleneckReport:
    """Where the time of a process goes.

    Args:
        log: the engine's log, or an imported one.
        where: the process, version and period; the period picks what was completed in it, and what is
            open and was enabled before its end.
        now: UTC microseconds up to which open work is counted; for an imported log, its `last_at`.
        language: 'en' or 'zh', what texts default to; the report holds both.
        cause_names: how the site calls what its activities wait for (`civiflow:waitingFor`).
        group_names: how it calls its groups.

    Returns:
        Statistics per activity, step and variant, ranked findings, and a drawable map. Of an empty log:
        the same with nothing in it.
    """
    from mining.bottlenecks import activity_stats, case_stats, edge_stats, variant_stats
    from mining.findings import findings
    from mining.frame import scan
    from mining.process_map import process_map

    frame = scan(log, where, now=now)
    activities = activity_stats(frame, now=now)
    cases = case_stats(frame, now=now)
    edges = edge_stats(frame)
    total = sum(a.sojourn.everything for a in activities if not a.contains_others)
    return BottleneckReport(
        meta=_meta(frame, activities, cases, total, now),
        activities=activities,
        edges=edges,
        variants=variant_stats(frame),
        findings=findings(activities, cases, total=total, cause_names=cause_names, group_names=group_names),
        map=process_map(activities, edges),
        language=language,
    )


def _meta(frame: LogFrame, activities: Sequence[ActivityStat], cases: CaseStat, total: float, now: int) -> ReportMeta:
    rows = frame.activities
    begins = rows.select("enabled_at", "claimed_at", "started_at", "completed_at").min().row(0)
    ends = rows.select("enabled_at", "claimed_at", "started_at", "completed_at").max().row(0)
    return ReportMeta(
        cases=cases,
        activities=len(activities),
        executions=sum(a.count for a in activities),
        open=sum(a.open for a in activities),
        period_start=_moment(min((at for at in begins if at is not None), default=None)),
        period_end=_moment(max((at for at in ends if at is not None), default=None)),
        now=_EPOCH + timedelta(microseconds=now),
        hours=total / HOUR,
        queue_definition=_queue_definition(frame),
        assumptions=tuple(_assumptions(frame, activities, cases)),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else _EPOCH + timedelta(microseconds=at)


def _queue_definition(frame: LogFrame) -> Sentence:
    if frame.claimed_known:
        return Sentence(
            en="Queue time runs until the task is claimed (or, unclaimed, started).",
            zh="等待时间截至任务被领取（未领取的截至开始办理）。",
        )
    if frame.started_known:
        return Sentence(en="Queue time runs until the activity is started.", zh="等待时间截至活动开始办理。")
    return Sentence(
        en="The log knows neither claims nor starts: queue and service time cannot be told apart, only the "
        "whole sojourn time is given.",
        zh="日志没有领取或开始时间：无法区分等待与办理，只给出总停留时间。",
    )


def _assumptions(frame: LogFrame, activities: Sequence[ActivityStat], cases: CaseStat) -> list[Sentence]:
    said = []
    if not frame.enabled_known:
        said.append(
            Sentence(
                en="An activity counts as enabled when the one completed last before it in the same case was "
                "completed; for the first of a case nothing is known. Where activities run in parallel this "
                "is a guess.",
                zh="活动的就绪时间取同一案件中在它之前最后完成的活动的完成时间；案件的第一个活动无从得知。"
                "并行活动仅为推测。",
            )
        )
    if not frame.causal:
        said.append(
            Sentence(
                en="The log does not say what led to what: steps on the map are what followed directly.",
                zh="日志没有记录因果关系：流程图上的连线表示直接先后关系。",
            )
        )
    unfinished = sum(a.open + a.cancelled + a.failed for a in activities)
    if unfinished:
        said.append(
            Sentence(
                en=f"Medians and p90 are of completed executions; {counted(unfinished, 'execution')} not "
                "completed (open, cancelled or failed) count only in the hours.",
                zh=f"中位数和 P90 只含已完成的活动；{unfinished:,} 次未完成（进行中、取消或失败）的活动只计入小时数。",
            )
        )
    offered = sum(a.offers.offered for a in activities)
    if offered:
        said.append(
            Sentence(
                en=f"{counted(offered, 'task')} merely offered, which nobody had to take up, count neither as waiting "
                "nor as work, in no deadline, and do not lengthen their case.",
                zh=f"{offered:,} 个仅供选用的任务（无人必须办理）不计入等待和办理，不计超期，也不延长案件时长。",
            )
        )
    if cases.total and not cases.running and not frame.causal:
        said.append(
            Sentence(
                en="The log does not say which cases still run: every case counts as completed at its last event.",
                zh="日志没有说明哪些案件仍在办理：所有案件均视为在最后一个事件时办结。",
            )
        )
    if frame.negatives:
        said.append(
            Sentence(
                en=f"Counted as 0: negative durations of {counted(frame.negatives, 'execution')}.",
                zh=f"{frame.negatives:,} 次活动的时长为负，按 0 计。",
            )
        )
    said.append(
        Sentence(
            en="Hours are clock hours, nights and weekends included. Rework and deadline hours are also part "
            "of the other hours, so shares do not add up to 100%.",
            zh="小时数为自然时间，含夜间和周末。返工与超期的小时数同时包含在其他小时数中，因此占比之和不为 100%。",
        )
    )
    return said
