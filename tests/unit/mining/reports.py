"""Reports on logs that tests write by hand."""

from __future__ import annotations

from engine.contracts.eventlog import LogFilter
from mining.reports import bottleneck_report
from mining.results import ActivityStat, BottleneckReport
from tests.table_log import HOUR, TableLog


def report_of(log: TableLog, *, now: float = 100, **where: object) -> BottleneckReport:
    """The report on a log, at an hour since 1970; `where` filters as `LogFilter` does."""
    return bottleneck_report(log, LogFilter(**where), now=round(now * HOUR))  # type: ignore[arg-type]


def stat(report: BottleneckReport, element_id: str) -> ActivityStat:
    """A report's figures of one element."""
    return next(a for a in report.activities if a.element_id == element_id)


def hours(seconds: float | None) -> float | None:
    """Hours of so many seconds."""
    return None if seconds is None else seconds / 3600
