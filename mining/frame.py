"""An `EventLog` as polars frames: one scan that derives durations and what led to what.

Derived per activity instance, in microseconds:

    enabled   as recorded; else when its last predecessor was completed
    queue     (claimed, else started) − enabled
    service   completed − (started, else claimed)
    sojourn   completed − enabled
    outside   the sojourn of an instance with a `waiting_for`; it has neither queue nor service
    again     the same work was completed before in its case, in the same iteration of what is around it
    taken     an offer that was completed; an offer has none of the durations, and is neither done nor open

An instance that is not completed lasts until `now`, or until its case ended. Order within a
case is (completed_at, seq) throughout, so that ties never depend on the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from engine.contracts.eventlog import Columns, EventLog, LogFilter
from mining.element_types import CONTAINER_TYPES, NO_TIME_TYPES, OUTSIDE_TYPES, SCOPE_TYPES

_TEXT = ("activity_id", "case_id", "element_id", "name", "element_type", "state", "waiting_for", "group", "iteration")
_WHOLE = ("seq", "enabled_at", "claimed_at", "started_at", "completed_at", "due_at")
_MAX_GATEWAYS_IN_A_ROW = 50


@dataclass(frozen=True, kw_only=True)
class LogFrame:
    """The scanned log.

    Attributes:
        cases: one row a case of the period: case_id, started_at, ended_at, end_state, due_at; `busy` and
            `busy_late`, the time (in all, and after due_at) in which something else than offers was open;
            null where the case had no offer.
        activities: one row an activity instance of the period, with the derived columns.
        whole: the same columns, all instances of the cases of the period, whenever they were completed.
        edges: one row a step between elements that take time: from_id, to_id, wait (microseconds or null).
            Offers that nobody took are no step.
        causal: whether the log itself knew what led to what.
        enabled_known, claimed_known, started_known: whether the log records these moments (anywhere).
        negatives: durations below zero, counted as 0.
    """

    cases: pl.DataFrame
    activities: pl.DataFrame
    whole: pl.DataFrame
    edges: pl.DataFrame
    causal: bool
    enabled_known: bool
    claimed_known: bool
    started_known: bool
    negatives: int


def scan(log: EventLog, where: LogFilter, *, now: int) -> LogFrame:
    """Read a log and derive what the reports need.

    In: the log; the part of it; `now`, UTC microseconds, up to which open work is counted. The log is read
    without the period, because what led to an activity, and whether it was rework, may lie before it.
    """
    everything = replace(where, since=None, until=None, human_and_bot_only=False)
    cases = _cases(log.cases(everything))
    rows = _activities(log.activities(everything))
    known = {name: rows[f"{name}_at"].null_count() < rows.height for name in ("enabled", "claimed", "started")}
    rows = rows.with_columns(timed=~pl.col("element_type").is_in(list(NO_TIME_TYPES)), again=_again())
    causal = bool((rows["predecessors"].list.len() > 0).any())
    links = _causal_links(rows) if causal else _order_links(rows)
    rows = _derive(rows, links, cases, now)
    negatives = int(rows["negative"].sum())
    edges = _edges(rows, links).filter(_in_period(where))
    busy = _busy(rows, cases)
    if where.human_and_bot_only:
        rows = rows.filter("timed")
    within = rows.filter(_in_period(where))
    touched = within.select("case_id").unique()
    return LogFrame(
        cases=cases.join(touched, on="case_id", how="semi").join(busy, on="case_id", how="left", maintain_order="left"),
        activities=within,
        whole=rows.join(touched, on="case_id", how="semi", maintain_order="left"),
        edges=edges,
        causal=causal,
        enabled_known=known["enabled"],
        claimed_known=known["claimed"],
        started_known=known["started"],
        negatives=negatives,
    )


def _cases(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame(
        {name: columns[name] for name in ("case_id", "started_at", "ended_at", "end_state", "due_at")},
        schema={
            "case_id": pl.String,
            "started_at": pl.Int64,
            "ended_at": pl.Int64,
            "end_state": pl.String,
            "due_at": pl.Int64,
        },
    )


def _activities(columns: Columns) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = dict.fromkeys(_TEXT, pl.String)
    schema |= dict.fromkeys(_WHOLE, pl.Int64)
    schema |= {"predecessors": pl.List(pl.String), "offered": pl.Boolean}
    frame = pl.DataFrame({name: columns[name] for name in schema}, schema=schema)
    return frame.sort("case_id", "completed_at", "seq", nulls_last=True, maintain_order=True).with_row_index("row")


def _again() -> pl.Expr:
    """Whether the same work was completed before this instance began.

    The same work: the same element in the same iteration of every multi-instance activity around it. So the items
    of one multi-instance run are no repetition of each other, and a second run repeats those of the first.
    """
    began = pl.coalesce("enabled_at", "started_at", "claimed_at", "completed_at")
    completed = pl.when((pl.col("state") == "completed") & ~pl.col("offered")).then(pl.col("completed_at"))
    before = completed.cum_min().forward_fill().shift(1).over("case_id", "element_id", "iteration", order_by="seq")
    return ~pl.col("offered") & (before <= began).fill_null(value=False)


def _causal_links(rows: pl.DataFrame) -> pl.DataFrame:
    """(row, pred): each row that takes time and those that led to it, through gateways and the like."""
    ids = rows.select("row", "activity_id", "timed")
    pairs = (
        rows.select("row", pred_id="predecessors")
        .explode("pred_id")
        .drop_nulls()
        .join(ids.rename({"row": "pred", "timed": "pred_timed"}), left_on="pred_id", right_on="activity_id")
        .select("row", "pred", "pred_timed")
    )
    links = pairs
    for _ in range(_MAX_GATEWAYS_IN_A_ROW):
        if bool(links["pred_timed"].all()):
            break
        through = links.filter(~pl.col("pred_timed")).select("row", via="pred")
        onward = through.join(pairs.rename({"row": "via"}), on="via").select("row", "pred", "pred_timed")
        links = pl.concat([links.filter("pred_timed"), onward]).unique(maintain_order=True)
    return links.filter("pred_timed").select("row", "pred").sort("row", "pred")


def _order_links(rows: pl.DataFrame) -> pl.DataFrame:
    """(row, pred) where the log knows no causes: the instance completed last before this one began.

    Without a start (or with none before its own completion) that is the previous one in the case.
    """
    done = rows.filter(pl.col("timed")).select(
        "row", "case_id", "completed_at", began=pl.coalesce("started_at", "claimed_at", "completed_at")
    )
    previous = done.with_columns(pred=pl.col("row").shift(1).over("case_id"))
    at_once = previous.filter(pl.col("began") >= pl.col("completed_at")).select("row", "pred")
    lasting = previous.filter(pl.col("completed_at").is_null() | (pl.col("began") < pl.col("completed_at"))).sort(
        "began", maintain_order=True
    )
    completed = (
        done.drop_nulls("completed_at")
        .select("case_id", began="completed_at", pred="row")
        .sort("began", "pred", maintain_order=True)
    )
    before = (
        lasting.drop("pred", "completed_at")
        .drop_nulls("began")
        .join_asof(completed, on="began", by="case_id", strategy="backward", check_sortedness=False)
        .select("row", "pred")
    )
    return pl.concat([at_once, before]).drop_nulls("pred").sort("row")


def _derive(rows: pl.DataFrame, links: pl.DataFrame, cases: pl.DataFrame, now: int) -> pl.DataFrame:
    completed = rows.select(pred="row", pred_completed="completed_at")
    handed_over = links.join(completed, on="pred").group_by("row").agg(pl.col("pred_completed").max())
    outside = pl.coalesce(
        "waiting_for",
        pl.when(pl.col("claimed_at").is_null() & pl.col("started_at").is_null()).then(
            pl.col("element_type").replace_strict(OUTSIDE_TYPES, default=None, return_dtype=pl.String)
        ),
    )
    taken = pl.coalesce("claimed_at", "started_at")
    begun = pl.coalesce("started_at", "claimed_at")
    real = ~pl.col("offered")
    inside = real & pl.col("waiting_for").is_null()
    return (
        rows.join(handed_over, on="row", how="left", maintain_order="left")
        .join(cases.select("case_id", case_ended="ended_at"), on="case_id", how="left", maintain_order="left")
        .with_columns(
            waiting_for=pl.when(real).then(outside),
            enabled_at=pl.coalesce("enabled_at", "pred_completed"),
            done=real & (pl.col("state") == "completed"),
            is_open=real & (pl.col("state") == "open"),
            taken=pl.col("offered") & (pl.col("state") == "completed"),
            until=pl.coalesce("completed_at", pl.min_horizontal(pl.lit(now), pl.coalesce("case_ended", pl.lit(now)))),
        )
        .with_columns(
            queue=pl.when(inside).then(pl.coalesce(taken, _open_until()) - pl.col("enabled_at")),
            service=pl.when(inside).then(pl.col("until") - begun),
            sojourn=pl.when(real).then(pl.col("until") - pl.coalesce("enabled_at", begun)),
            began=pl.coalesce(begun, "completed_at"),
            is_container=pl.col("element_type").is_in(list(CONTAINER_TYPES)),
        )
        .with_columns(negative=pl.any_horizontal(pl.col("queue", "service", "sojourn") < 0).fill_null(value=False))
        .with_columns(pl.col("queue", "service", "sojourn").clip(lower_bound=0))
    )


def _busy(rows: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """(case_id, busy, busy_late) of cases with offers: how long their other work covers, each moment once."""
    offering = rows.filter("offered").select("case_id").unique()
    begin = pl.coalesce("enabled_at", "began")
    return (
        rows.filter(~pl.col("offered") & ~pl.col("element_type").is_in(list(SCOPE_TYPES)))
        .join(offering, on="case_id", how="semi")
        .join(cases.select("case_id", case_due="due_at"), on="case_id")
        .with_columns(begin=begin)
        .sort("case_id", "begin", "seq")
        .with_columns(covered=pl.col("until").cum_max().shift(1).over("case_id"))
        .with_columns(since=pl.max_horizontal("begin", "covered"))
        .group_by("case_id")
        .agg(
            busy=(pl.col("until") - pl.col("since")).clip(lower_bound=0).sum(),
            busy_late=(pl.col("until") - pl.max_horizontal("since", "case_due")).clip(lower_bound=0).sum(),
        )
    )


def _open_until() -> pl.Expr:
    """An execution that nobody took queues until it ends; of a completed one no queue is known."""
    return pl.when(pl.col("state") != "completed").then(pl.col("until"))


def _edges(rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    ends = rows.filter(pl.col("timed") & (~pl.col("offered") | pl.col("taken")))
    return (
        links.join(
            ends.select("row", "element_id", "completed_at", "enabled_at", "state", "began", "offered"), on="row"
        )
        .join(rows.select(pred="row", from_id="element_id", from_completed="completed_at"), on="pred")
        .select(
            "from_id",
            "completed_at",
            "enabled_at",
            "state",
            to_id="element_id",
            wait=pl.when(~pl.col("offered")).then((pl.col("began") - pl.col("from_completed")).clip(lower_bound=0)),
        )
    )


def _in_period(where: LogFilter) -> pl.Expr:
    """Completed in the period; or open, and enabled before its end."""
    since = pl.lit(value=True) if where.since is None else pl.col("completed_at") >= where.since
    until = pl.lit(value=True) if where.until is None else pl.col("completed_at") < where.until
    still = pl.lit(value=True) if where.until is None else pl.col("enabled_at").fill_null(0) < where.until
    return pl.when(pl.col("state") == "open").then(still).otherwise(since & until)
