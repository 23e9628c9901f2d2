"""A report as a whole, on a log as the engine writes it: steps by their causes, gateways, periods, variants, JSON."""

from __future__ import annotations

import json

import pytest
from reports import report_of, stat

from tests.table_log import HOUR, TableLog


def parallel_log() -> TableLog:
    """split -> (a | b) -> join -> end, with b finished before a, and the causes recorded."""
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "register", enabled_at=0, completed_at=1, activity_id="r")
    gateway = {"element_type": "parallelGateway", "enabled_at": 1, "completed_at": 1}
    log.activity("c1", "split", activity_id="s", predecessors=["r"], **gateway)
    log.activity("c1", "b", enabled_at=1, completed_at=2, activity_id="b", predecessors=["s"])
    log.activity("c1", "a", enabled_at=1, completed_at=5, activity_id="a", predecessors=["s"])
    gateway |= {"enabled_at": 5, "completed_at": 5}
    log.activity("c1", "join", activity_id="j", predecessors=["a", "b"], **gateway)
    log.activity("c1", "decide", enabled_at=5, completed_at=9, activity_id="d", predecessors=["j"])
    return log


def test_steps_follow_the_recorded_causes_not_the_order_in_time() -> None:
    report = report_of(parallel_log())

    edges = {(e.from_id, e.to_id): e.median_wait for e in report.edges}

    assert edges == {
        ("register", "a"): pytest.approx(4 * 3600),
        ("register", "b"): pytest.approx(1 * 3600),
        ("a", "decide"): pytest.approx(4 * 3600),
        ("b", "decide"): pytest.approx(7 * 3600),
    }


def test_gateways_can_be_left_out_of_the_activities() -> None:
    everything, people_and_bots = (
        report_of(parallel_log()),
        report_of(parallel_log(), human_and_bot_only=True),
    )

    assert {a.element_id for a in everything.activities} >= {"split", "join"}
    assert {a.element_id for a in people_and_bots.activities} == {"register", "a", "b", "decide"}
    assert everything.edges == people_and_bots.edges


def test_gateways_are_in_no_variant_and_on_no_map() -> None:
    report = report_of(parallel_log())

    assert report.variants[0].trace == ("Register", "B", "A", "Decide")
    assert {n.element_id for n in report.map.nodes if n.kind == "activity"} == {
        "register",
        "a",
        "b",
        "decide",
    }


def test_a_sub_process_is_not_counted_on_top_of_what_is_in_it() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "inspect", element_type="subProcess", enabled_at=0, completed_at=10)
    log.activity("c1", "visit", enabled_at=0, completed_at=10)

    report = report_of(log)

    assert report.meta.hours == 10
    assert stat(report, "inspect").contains_others
    assert {f.element_id for f in report.findings} == {"visit"}


def test_a_period_counts_what_was_completed_in_it_and_what_is_open() -> None:
    log = TableLog().case("old", ended_at=5).case("new", ended_at=50).case("running")
    log.activity("old", "check", enabled_at=0, completed_at=5)
    log.activity("new", "check", enabled_at=20, completed_at=50)
    log.activity("running", "check", enabled_at=30)

    report = report_of(log, since=10 * HOUR, until=60 * HOUR)

    assert (report.meta.cases.total, report.meta.executions, report.meta.open) == (2, 1, 1)


def test_variants_of_a_period_are_whole_cases() -> None:
    log = TableLog().case("c1", ended_at=50)
    log.activity("c1", "register", enabled_at=0, completed_at=5)
    log.activity("c1", "decide", enabled_at=5, completed_at=50)

    report = report_of(log, since=10 * HOUR)

    assert report.variants[0].trace == ("Register", "Decide")
    assert [(e.from_id, e.to_id) for e in report.edges] == [("register", "decide")]


def test_an_empty_log_gives_an_empty_report() -> None:
    report = report_of(TableLog())

    assert report.meta.cases.total == 0
    assert report.meta.period_start is None
    assert report.activities == report.edges == report.findings == report.variants == ()


def test_a_report_becomes_json_and_back() -> None:
    report = report_of(parallel_log())

    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))

    assert data["meta"]["cases"]["total"] == 1
    assert data["meta"]["now"] == "1970-01-05T04:00:00+00:00"
    assert data["meta"]["queue_definition"].keys() == {"en", "zh"}
    assert len(data["activities"]) == 6
    assert all(activity.keys() >= {"offers", "groups", "rework", "waiting_for"} for activity in data["activities"])
    assert data["map"]["nodes"]
