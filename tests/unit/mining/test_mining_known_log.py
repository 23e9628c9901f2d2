"""The textbook log of six cases: every number here was worked out by hand from the file."""

from __future__ import annotations

import pytest

from engine.contracts.eventlog import LogFilter
from mining.readers import ImportedLog, read_log
from mining.reports import bottleneck_report
from mining.results import ActivityStat, BottleneckReport
from tests.shared_data import shared

MINUTE = 60.0


@pytest.fixture(scope="module")
def log() -> ImportedLog:
    return read_log(shared("logs/running-example.xes"))


@pytest.fixture(scope="module")
def report(log: ImportedLog) -> BottleneckReport:
    return bottleneck_report(log, LogFilter(), now=log.last_at)


def activity(report: BottleneckReport, name: str) -> ActivityStat:
    return next(a for a in report.activities if a.name == name)


def test_counts_cases_and_activities(report: BottleneckReport) -> None:
    counts = {a.name: (a.count, a.cases) for a in report.activities}

    assert (report.meta.cases.total, report.meta.executions, report.meta.activities) == (6, 42, 8)
    assert counts == {
        "register request": (6, 6),
        "examine casually": (6, 4),
        "examine thoroughly": (3, 3),
        "check ticket": (9, 6),
        "decide": (9, 6),
        "reinitiate request": (3, 2),
        "pay compensation": (3, 3),
        "reject request": (3, 3),
    }


def test_counts_steps_from_one_activity_to_the_next(report: BottleneckReport) -> None:
    edges = {(e.from_id, e.to_id): e.count for e in report.edges}

    assert edges == {
        ("register request", "examine casually"): 3,
        ("register request", "check ticket"): 2,
        ("register request", "examine thoroughly"): 1,
        ("examine casually", "check ticket"): 4,
        ("examine casually", "decide"): 2,
        ("examine thoroughly", "check ticket"): 2,
        ("examine thoroughly", "decide"): 1,
        ("check ticket", "decide"): 6,
        ("check ticket", "examine casually"): 2,
        ("check ticket", "examine thoroughly"): 1,
        ("decide", "reinitiate request"): 3,
        ("decide", "pay compensation"): 3,
        ("decide", "reject request"): 3,
        ("reinitiate request", "examine thoroughly"): 1,
        ("reinitiate request", "examine casually"): 1,
        ("reinitiate request", "check ticket"): 1,
    }


def test_counts_what_is_done_again_in_the_same_case(report: BottleneckReport) -> None:
    again = {a.name: (a.rework.executions, a.rework.cases) for a in report.activities if a.rework.executions}

    assert again == {
        "decide": (3, 2),
        "check ticket": (3, 2),
        "examine casually": (2, 1),
        "reinitiate request": (1, 1),
    }
    assert activity(report, "decide").rework.share == pytest.approx(2 / 6)


def test_measures_from_the_step_before_to_completion(report: BottleneckReport) -> None:
    pay = activity(report, "pay compensation").sojourn  # 4363, 8690 and 12655 minutes
    decide = activity(report, "decide").sojourn  # 30 1206 1279 1332 2978 3006 4048 8466 9644 minutes

    assert (pay.n, decide.n) == (3, 9)
    assert pay.median == pytest.approx(8690 * MINUTE, abs=90)
    assert pay.p90 == pytest.approx((8690 + 0.8 * (12655 - 8690)) * MINUTE, abs=90)
    assert pay.total == pytest.approx(428.4667 * 3600, abs=1)
    assert decide.median == pytest.approx(2978 * MINUTE, abs=90)
    assert decide.p90 == pytest.approx((8466 + 0.2 * (9644 - 8466)) * MINUTE, abs=90)


def test_the_first_activity_of_a_case_has_no_known_duration(report: BottleneckReport) -> None:
    register = activity(report, "register request")

    assert register.sojourn.n == 0
    assert register.sojourn.median is None
    assert (register.starts, register.ends) == (6, 0)


def test_no_queue_is_claimed_where_the_log_knows_no_start(report: BottleneckReport) -> None:
    assert all(a.queue.n == a.service.n == 0 for a in report.activities)
    assert "cannot be told apart" in report.meta.queue_definition.en
    assert any("parallel" in sentence.en for sentence in report.meta.assumptions)


def test_every_case_is_a_variant_of_its_own(report: BottleneckReport) -> None:
    traces = {" ".join(word[0] + word[-1] for word in v.trace): v.count for v in report.variants}

    assert [v.count for v in report.variants] == [1] * 6
    assert len(traces) == 6
    assert report.variants[0].share == pytest.approx(1 / 6)


def test_findings_are_ranked_by_hours(report: BottleneckReport) -> None:
    hours = [finding.hours for finding in report.findings]

    assert hours == sorted(hours, reverse=True)
    assert [f.rank for f in report.findings] == list(range(1, len(hours) + 1))
    assert (report.findings[0].element_id, report.findings[0].kind) == ("decide", "sojourn")
    assert report.findings[0].hours == pytest.approx(533.15, abs=0.1)
    assert "533 hours" in report.findings[0].text_en
    assert "533 小时" in report.findings[0].text_zh
    assert report.findings[0].confidence == "low"


def test_the_map_shows_the_whole_process(report: BottleneckReport) -> None:
    drawn = report.map

    assert drawn.shown == 1.0
    assert {n.kind for n in drawn.nodes} == {"start", "activity", "end"}
    assert len(drawn.nodes) == 10
    assert len(drawn.edges) == 16 + 1 + 2  # one way in, and two activities that end cases


def test_a_period_picks_what_was_completed_in_it(log: ImportedLog) -> None:
    year_2011 = 1_293_836_400_000_000  # 2011-01-01T00:00+01:00

    report = bottleneck_report(log, LogFilter(until=year_2011), now=log.last_at)

    assert report.meta.cases.total == 3
    assert report.meta.executions == 3 + 3 + 2  # of cases 3, 2 and 1 before the new year


def test_what_lies_before_the_period_is_still_known_as_cause(log: ImportedLog) -> None:
    year_2011 = 1_293_836_400_000_000

    report = bottleneck_report(log, LogFilter(since=year_2011), now=log.last_at)

    assert activity(report, "check ticket").sojourn.n == 7
    assert {a.name: a.rework.executions for a in report.activities}["check ticket"] == 3
