"""Statistics of a scanned log: per activity, per step, per variant, per case."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl

from mining.element_types import NO_TIME_TYPES
from mining.frame import LogFrame
from mining.results import (
    ActivityStat,
    CaseStat,
    Deadlines,
    Durations,
    EdgeStat,
    GroupStat,
    Offers,
    Rework,
    VariantStat,
    Waiting,
)

_SECOND = 1_000_000
_SEPARATOR = "\x1f"


def activity_stats(frame: LogFrame, *, now: int) -> tuple[ActivityStat, ...]:
    """One entry an activity, in the order of their mean position in the cases.

    In: the scanned log; `now`, UTC microseconds, for deadlines of open work.
    """
    real = ~pl.col("offered")
    rows = frame.activities.with_columns(
        overdue=pl.when(real).then(_overdue(pl.col("completed_at"), pl.col("is_open"), now)),
        position=pl.int_range(pl.len()).over("case_id") / pl.len().over("case_id"),
    )
    table = (
        rows.group_by("element_id")
        .agg(
            name=pl.col("name").last(),
            element_type=pl.col("element_type").last(),
            count=pl.col("done").sum(),
            open=pl.col("is_open").sum(),
            cancelled=(real & (pl.col("state") == "cancelled")).sum(),
            failed=(real & (pl.col("state") == "failed")).sum(),
            cases=pl.col("case_id").filter(real).n_unique(),
            offered=pl.col("offered").sum(),
            offered_open=(pl.col("offered") & (pl.col("state") == "open")).sum(),
            taken=pl.col("taken").sum(),
            oldest_open=(pl.col("until") - pl.col("enabled_at")).filter("is_open").max(),
            rework_executions=pl.col("again").sum(),
            rework_cases=pl.col("case_id").filter("again").n_unique(),
            rework_time=pl.col("sojourn").filter("again").sum(),
            container=pl.col("is_container").any(),
            position=pl.col("position").mean(),
            **_duration_columns("queue"),
            **_duration_columns("service"),
            **_duration_columns("sojourn"),
            **_deadline_columns(),
        )
        .sort("position", "element_id")
    )
    starts, ends = _borders(frame)
    outside, groups = _outside(rows), _groups(rows)
    return tuple(
        ActivityStat(
            element_id=row["element_id"],
            name=row["name"],
            element_type=row["element_type"],
            count=row["count"],
            open=row["open"],
            cancelled=row["cancelled"],
            failed=row["failed"],
            cases=row["cases"],
            starts=starts.get(row["element_id"], 0),
            ends=ends.get(row["element_id"], 0),
            queue=_durations(row, "queue"),
            service=_durations(row, "service"),
            sojourn=_durations(row, "sojourn"),
            oldest_open=_seconds(row["oldest_open"]),
            rework=Rework(
                executions=row["rework_executions"],
                cases=row["rework_cases"],
                share=row["rework_cases"] / max(1, row["cases"]),
                seconds=row["rework_time"] / _SECOND,
            ),
            deadline=_deadlines(row),
            waiting_for=outside.get(row["element_id"], ()),
            contains_others=row["container"],
            offers=Offers(offered=row["offered"], taken=row["taken"], open=row["offered_open"]),
            groups=groups.get(row["element_id"], ()),
        )
        for row in table.iter_rows(named=True)
    )


def edge_stats(frame: LogFrame) -> tuple[EdgeStat, ...]:
    """One entry a step, the most frequent first."""
    table = (
        frame.edges.group_by("from_id", "to_id")
        .agg(count=pl.len(), median=pl.col("wait").median(), total=pl.col("wait").sum())
        .sort(["count", "from_id", "to_id"], descending=[True, False, False])
    )
    return tuple(
        EdgeStat(
            from_id=row["from_id"],
            to_id=row["to_id"],
            count=row["count"],
            median_wait=_seconds(row["median"]),
            total_wait=row["total"] / _SECOND,
        )
        for row in table.iter_rows(named=True)
    )


def variant_stats(frame: LogFrame, *, top: int = 10) -> tuple[VariantStat, ...]:
    """The most frequent variants of finished cases; elements that take no time are not part of them."""
    finished = frame.cases.filter(pl.col("end_state") != "running").select(
        "case_id", duration=pl.col("ended_at") - pl.col("started_at")
    )
    traces = (
        frame.whole.filter((pl.col("done") | pl.col("taken")) & ~pl.col("element_type").is_in(list(NO_TIME_TYPES)))
        .group_by("case_id", maintain_order=True)
        .agg(pl.col("name"))
        .with_columns(trace=pl.col("name").list.join(_SEPARATOR))
        .join(finished, on="case_id")
    )
    table = (
        traces.group_by("trace")
        .agg(count=pl.len(), median=pl.col("duration").median())
        .sort(["count", "trace"], descending=[True, False])
        .head(top)
    )
    return tuple(
        VariantStat(
            trace=tuple(row["trace"].split(_SEPARATOR)),
            count=row["count"],
            share=row["count"] / traces.height,
            median_duration=_seconds(row["median"]),
        )
        for row in table.iter_rows(named=True)
    )


def case_stats(frame: LogFrame, *, now: int) -> CaseStat:
    """The cases of the period, how long they took, and their own deadlines."""
    cases = frame.cases.with_columns(
        running=pl.col("end_state") == "running", done=pl.col("end_state") == "completed"
    ).with_columns(
        duration=pl.coalesce("busy", (pl.coalesce("ended_at", pl.lit(now)) - pl.col("started_at")).clip(lower_bound=0)),
        overdue=pl.when(pl.col("due_at").is_not_null()).then(
            pl.coalesce("busy_late", _overdue(pl.col("ended_at"), pl.col("running"), now))
        ),
        is_open=pl.col("running"),
    )
    row = cases.select(
        total=pl.len(),
        running=pl.col("running").sum(),
        completed=pl.col("done").sum(),
        **_duration_columns("duration"),
        **_deadline_columns(),
    ).row(0, named=True)
    return CaseStat(
        total=row["total"],
        running=row["running"],
        completed=row["completed"],
        other=row["total"] - row["running"] - row["completed"],
        duration=_durations(row, "duration"),
        deadline=_deadlines(row),
    )


def _overdue(ended: pl.Expr, is_open: pl.Expr, now: int) -> pl.Expr:
    """Microseconds past `due_at`; null without a deadline, or if it ended at an unknown time."""
    until = pl.when(is_open).then(pl.lit(now)).otherwise(ended)
    return (until - pl.col("due_at")).clip(lower_bound=0)


def _duration_columns(name: str) -> dict[str, pl.Expr]:
    done = pl.col(name).filter("done")
    p90 = done.quantile(0.9, interpolation="linear")
    return {
        f"{name}_n": done.count(),
        f"{name}_median": done.quantile(0.5, interpolation="linear"),
        f"{name}_p90": p90,
        f"{name}_total": done.sum(),
        f"{name}_tail": done.filter(done > p90).sum(),
        f"{name}_unfinished": pl.col(name).filter(~pl.col("done")).sum(),
    }


def _durations(row: dict[str, Any], name: str) -> Durations:
    total = row[f"{name}_total"]
    return Durations(
        n=row[f"{name}_n"],
        median=_seconds(row[f"{name}_median"]),
        p90=_seconds(row[f"{name}_p90"]),
        total=total / _SECOND,
        unfinished=row[f"{name}_unfinished"] / _SECOND,
        tail=row[f"{name}_tail"] / total if total else 0.0,
    )


def _deadline_columns() -> dict[str, pl.Expr]:
    late = pl.col("overdue") > 0
    return {
        "deadline_missed": late.sum(),
        "deadline_of": pl.col("overdue").count(),
        "deadline_open": (late & pl.col("is_open")).sum(),
        "deadline_overdue": pl.col("overdue").sum(),
    }


def _deadlines(row: dict[str, Any]) -> Deadlines:
    missed, of = row["deadline_missed"], row["deadline_of"]
    return Deadlines(
        missed=missed,
        of=of,
        open=row["deadline_open"],
        share=missed / of if of else 0.0,
        overdue=row["deadline_overdue"] / _SECOND,
    )


def _borders(frame: LogFrame) -> tuple[dict[str, int], dict[str, int]]:
    """How many cases begin with, and how many finished ones end with, each activity."""
    rows = frame.whole.filter(~pl.col("element_type").is_in(list(NO_TIME_TYPES)))
    first = (
        rows.filter(~pl.col("offered"))
        .group_by("case_id")
        .agg(pl.col("element_id").sort_by(pl.coalesce("enabled_at", "began"), "row").first())
    )
    over = frame.cases.filter(pl.col("end_state") != "running").select("case_id")
    last = rows.filter(pl.col("done") | pl.col("taken")).join(over, on="case_id", how="semi")
    last = last.group_by("case_id", maintain_order=True).agg(pl.col("element_id").last())
    return _tally(first), _tally(last)


def _tally(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.group_by("element_id").len().iter_rows())


def _outside(rows: pl.DataFrame) -> dict[str, tuple[Waiting, ...]]:
    table = (
        rows.drop_nulls("waiting_for")
        .group_by("element_id", "waiting_for")
        .agg(n=pl.len(), time=pl.col("sojourn").sum())
        .sort(["time", "waiting_for"], descending=[True, False])
    )
    found: dict[str, list[Waiting]] = defaultdict(list)
    for element_id, cause, n, time in table.iter_rows():
        found[element_id].append(Waiting(cause=cause, n=n, seconds=time / _SECOND))
    return {element_id: tuple(causes) for element_id, causes in found.items()}


def _groups(rows: pl.DataFrame) -> dict[str, tuple[GroupStat, ...]]:
    """Who held an activity, those with the most hours first; nothing for an activity that no group ever held."""
    table = (
        rows.filter(~pl.col("offered"))
        .group_by("element_id", "group")
        .agg(
            count=pl.col("done").sum(),
            open=pl.col("is_open").sum(),
            **_duration_columns("queue"),
            **_duration_columns("service"),
            **_duration_columns("sojourn"),
            **_deadline_columns(),
        )
        .filter(pl.col("group").is_not_null().any().over("element_id"))
        .with_columns(hours=pl.col("sojourn_total") + pl.col("sojourn_unfinished"))
        .sort(["hours", "group"], descending=[True, False], nulls_last=True)
    )
    found: dict[str, list[GroupStat]] = defaultdict(list)
    for row in table.iter_rows(named=True):
        found[row["element_id"]].append(
            GroupStat(
                group=row["group"],
                count=row["count"],
                open=row["open"],
                queue=_durations(row, "queue"),
                service=_durations(row, "service"),
                sojourn=_durations(row, "sojourn"),
                deadline=_deadlines(row),
            )
        )
    return {element_id: tuple(groups) for element_id, groups in found.items()}


def _seconds(value: float | None) -> float | None:
    return None if value is None else value / _SECOND
