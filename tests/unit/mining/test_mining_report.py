"""Reports on a log as the engine writes it: claims, causes, gateways, open work, deadlines, waiting."""

from __future__ import annotations

import json

import pytest

from engine.contracts.eventlog import LogFilter
from mining.reports import bottleneck_report
from mining.results import ActivityStat, BottleneckReport
from mining.words import Sentence
from tests.table_log import HOUR, TableLog


def report_of(log: TableLog, *, now: float = 100, **where: object) -> BottleneckReport:
    return bottleneck_report(log, LogFilter(**where), now=round(now * HOUR))  # type: ignore[arg-type]


def stat(report: BottleneckReport, element_id: str) -> ActivityStat:
    return next(a for a in report.activities if a.element_id == element_id)


def hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600


def test_queue_ends_at_the_claim_and_service_begins_at_the_start() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=0, claimed_at=2, started_at=3, completed_at=7)

    check = stat(report_of(log), "check")

    assert hours(check.queue.median) == 2
    assert hours(check.service.median) == 4
    assert hours(check.sojourn.median) == 7


def test_without_a_claim_the_queue_ends_at_the_start() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=1, started_at=4, completed_at=6)

    report = report_of(log)

    assert hours(stat(report, "check").queue.median) == 3
    assert hours(stat(report, "check").service.median) == 2
    assert "until the activity is started" in report.meta.queue_definition.en


def test_without_a_start_service_begins_at_the_claim() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=1, claimed_at=4, completed_at=9)

    check = stat(report_of(log), "check")

    assert hours(check.queue.median) == 3
    assert hours(check.service.median) == 5


def test_percentiles_interpolate_between_order_statistics() -> None:
    log = TableLog()
    for n, length in enumerate((1, 2, 3, 10)):
        log.case(f"c{n}", ended_at=20)
        log.activity(f"c{n}", "check", enabled_at=0, claimed_at=length, completed_at=length)

    queue = stat(report_of(log), "check").queue

    assert hours(queue.median) == pytest.approx(2.5)
    assert hours(queue.p90) == pytest.approx(3 + 0.7 * (10 - 3))
    assert hours(queue.total) == 16
    assert queue.tail == pytest.approx(10 / 16)


def test_open_work_counts_in_the_hours_but_in_no_median() -> None:
    log = TableLog().case("done", ended_at=5).case("stuck")
    log.activity("done", "check", enabled_at=0, claimed_at=1, completed_at=2)
    log.activity("stuck", "check", enabled_at=10)

    report = report_of(log, now=100)
    check = stat(report, "check")

    assert (check.count, check.open) == (1, 1)
    assert (check.queue.n, hours(check.queue.median)) == (1, 1)
    assert hours(check.queue.unfinished) == 90
    assert hours(check.oldest_open) == 90
    assert (report.meta.cases.running, report.meta.cases.completed) == (1, 1)
    assert report.findings[0].hours == 91
    assert "not completed" in report.findings[0].text_en
    assert any("1 execution not completed" in s.en for s in report.meta.assumptions)


def test_claimed_open_work_is_in_service_up_to_now() -> None:
    log = TableLog().case("c1")
    log.activity("c1", "check", enabled_at=10, claimed_at=30)

    check = stat(report_of(log, now=100), "check")

    assert hours(check.queue.unfinished) == 20
    assert hours(check.service.unfinished) == 70


def test_cancelled_work_keeps_its_hours_and_is_not_completed() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=0, completed_at=6, state="cancelled")

    check = stat(report_of(log), "check")

    assert (check.count, check.cancelled, check.open) == (0, 1, 0)
    assert (check.queue.n, hours(check.queue.unfinished)) == (0, 6)


def test_waiting_outside_is_neither_queue_nor_service() -> None:
    log = TableLog().case("c1", ended_at=50)
    log.activity("c1", "supplement", enabled_at=0, claimed_at=1, completed_at=40, waiting_for="applicant")
    log.activity("c1", "answer", element_type="receiveTask", enabled_at=40, completed_at=50)

    report = report_of(log)
    supplement, answer = stat(report, "supplement"), stat(report, "answer")

    assert supplement.queue.n == supplement.service.n == 0
    assert [(w.cause, w.n, hours(w.seconds)) for w in supplement.waiting_for] == [("applicant", 1, 40)]
    assert [w.cause for w in answer.waiting_for] == ["message"]
    assert [(f.kind, f.element_id) for f in report.findings] == [
        ("waiting_outside", "supplement"),
        ("waiting_outside", "answer"),
    ]
    assert "the applicant" in report.findings[0].text_en
    assert "申请人" in report.findings[0].text_zh


def test_deadlines_are_missed_by_late_and_by_overdue_open_work() -> None:
    log = TableLog().case("a", ended_at=9).case("b", ended_at=9).case("c").case("d")
    log.activity("a", "check", enabled_at=0, completed_at=5, due_at=6)
    log.activity("b", "check", enabled_at=0, completed_at=9, due_at=6)
    log.activity("c", "check", enabled_at=0, due_at=80)
    log.activity("d", "check", enabled_at=0)

    check = stat(report_of(log, now=100), "check")

    assert (check.deadline.missed, check.deadline.of, check.deadline.open) == (2, 3, 1)
    assert check.deadline.share == pytest.approx(2 / 3)
    assert hours(check.deadline.overdue) == 3 + 20


def test_case_deadlines_are_a_finding_about_no_single_activity() -> None:
    log = TableLog().case("a", ended_at=30, due_at=10).case("b", due_at=95)
    log.activity("a", "check", enabled_at=0, completed_at=30)
    log.activity("b", "check", enabled_at=60)

    report = report_of(log, now=100)
    deadline = next(f for f in report.findings if f.kind == "deadline")

    assert (report.meta.cases.deadline.missed, report.meta.cases.deadline.of) == (2, 2)
    assert (deadline.element_id, deadline.hours) == ("", 25)


def test_rework_is_what_comes_after_the_first_time_in_a_case() -> None:
    log = TableLog().case("a", ended_at=9).case("b", ended_at=9)
    log.activity("a", "check", enabled_at=0, completed_at=1)
    log.activity("a", "check", enabled_at=2, completed_at=5)
    log.activity("b", "check", enabled_at=0, completed_at=1)

    rework = stat(report_of(log), "check").rework

    assert (rework.executions, rework.cases, rework.share) == (1, 1, 0.5)
    assert hours(rework.seconds) == 3


def test_items_of_one_run_are_no_rework_and_those_of_a_second_run_are() -> None:
    log = TableLog().case("a", ended_at=99)
    for item, (begin, end) in enumerate(((0, 2), (0, 3), (0, 5))):
        log.activity("a", "sign", iteration=f"{item}", enabled_at=begin, completed_at=end)
    for item, (begin, end) in enumerate(((10, 14), (14, 15))):
        log.activity("a", "sign", iteration=f"{item}", enabled_at=begin, completed_at=end)
    log.activity("a", "sign", iteration="3", enabled_at=15, completed_at=16)  # an item the first run did not have

    rework = stat(report_of(log), "sign").rework

    assert (rework.executions, rework.cases, rework.share) == (2, 1, 1)
    assert hours(rework.seconds) == 4 + 1


def test_what_was_not_completed_before_is_not_done_again() -> None:
    log = TableLog().case("a", ended_at=99)
    log.activity("a", "check", enabled_at=0, completed_at=5, state="cancelled")
    log.activity("a", "check", enabled_at=5, completed_at=9)
    log.activity("a", "check", enabled_at=7, completed_at=8)  # beside the one before, not after it
    log.activity("a", "check", enabled_at=20)

    rework = stat(report_of(log, now=30), "check").rework

    assert (rework.executions, hours(rework.seconds)) == (1, 10)


def offering_log() -> TableLog:
    """Five hours of work in a case of twelve, in the rest of which only an offer stood open."""
    log = TableLog().case("a", ended_at=12, due_at=4)
    log.activity("a", "withdraw", offered=True, group="all", enabled_at=0, claimed_at=0, completed_at=12, due_at=1)
    log.activity("a", "phase", element_type="subProcess", enabled_at=0, completed_at=12)
    log.activity("a", "check", group="desk", enabled_at=0, claimed_at=1, completed_at=3)
    log.activity("a", "visit", group="desk", enabled_at=2, claimed_at=2, completed_at=5)
    return log


def test_offers_count_apart_and_in_no_other_figure() -> None:
    report = report_of(offering_log())

    withdraw = stat(report, "withdraw")

    assert (withdraw.offers.offered, withdraw.offers.taken, withdraw.offers.open) == (1, 1, 0)
    assert (withdraw.count, withdraw.cases, withdraw.sojourn.n, withdraw.deadline.of) == (0, 0, 0, 0)
    assert withdraw.groups == () and withdraw.only_offered
    assert report.meta.hours == 3 + 3
    assert "withdraw" not in {f.element_id for f in report.findings}
    assert any("1 task merely offered" in sentence.en for sentence in report.meta.assumptions)


def test_a_case_lasts_as_long_as_something_else_than_offers_is_open() -> None:
    cases = report_of(offering_log()).meta.cases

    assert hours(cases.duration.median) == 5
    assert (cases.deadline.missed, hours(cases.deadline.overdue)) == (1, 1)


def test_only_offers_that_were_taken_are_steps() -> None:
    log = offering_log().case("b")
    log.activity("b", "check", activity_id="first", enabled_at=0, completed_at=1)
    log.activity("b", "withdraw", offered=True, predecessors=["first"], enabled_at=1)
    log.activity("b", "tell", predecessors=["first"], enabled_at=1, completed_at=2)

    report = report_of(log)

    assert [(e.from_id, e.to_id) for e in report.edges] == [("check", "tell")]
    assert stat(report, "withdraw").offers.open == 1
    assert report.variants[0].trace == ("Check", "Visit", "Withdraw", "Phase")


def test_each_group_has_its_own_figures_the_one_with_the_most_hours_first() -> None:
    log = TableLog().case("a", ended_at=99)
    for begin, group, taken, end in ((0, "lamps", 40, 50), (0, "lamps", 20, 21), (5, "roads", 6, 8), (6, None, 6, 7)):
        log.activity("a", "fix", group=group, enabled_at=begin, claimed_at=taken, completed_at=end, due_at=30)
    log.activity("a", "fix", group="roads", enabled_at=98)
    log.activity("a", "close", enabled_at=98, completed_at=99)

    report = report_of(log, now=100)

    groups = {g.group: g for g in stat(report, "fix").groups}
    assert list(groups) == ["lamps", "roads", None]
    assert (groups["lamps"].count, hours(groups["lamps"].queue.median), hours(groups["lamps"].service.median)) == (
        2, 30, 5.5,
    )  # fmt: skip
    assert (groups["roads"].count, groups["roads"].open, hours(groups["roads"].queue.unfinished)) == (1, 1, 1)
    assert (groups["lamps"].deadline.missed, groups["lamps"].deadline.of) == (1, 2)
    assert hours(groups[None].service.median) == 1
    assert stat(report, "close").groups == ()


def test_a_group_with_most_of_a_wait_and_little_of_the_work_is_named() -> None:
    log = TableLog().case("a", ended_at=99)
    for number in range(4):
        begin, taken = number * 10, number * 10 + (9 if number == 0 else 1)
        group = "lamps" if number == 0 else "roads"
        log.activity("a", "fix", group=group, enabled_at=begin, claimed_at=taken, completed_at=taken)

    names = {"lamps": Sentence(en="Street lighting", zh="路灯管理所")}
    report = bottleneck_report(log, LogFilter(), now=100 * HOUR, group_names=names.get)

    queue = next(f for f in report.findings if f.kind == "queue")
    assert "; 75% of it at “Street lighting”, which has 25% of the work" in queue.text_en
    assert "其中 75% 在“路灯管理所”，而其承担的次数占 25%" in queue.text_zh


def test_an_unknown_cause_of_waiting_is_not_shown_as_it_is_written_in_the_model() -> None:
    log = TableLog().case("c1", ended_at=50)
    log.activity("c1", "ask", enabled_at=0, completed_at=40, waiting_for="gremlins")

    (finding,) = report_of(log).findings

    assert "for others" in finding.text_en and "等待他方" in finding.text_zh
    assert "gremlins" not in finding.text_en + finding.text_zh


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


def test_negative_durations_count_as_nothing_and_are_told() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=5, claimed_at=3, completed_at=9)

    report = report_of(log)

    assert stat(report, "check").queue.total == 0
    assert any("negative" in sentence.en for sentence in report.meta.assumptions)


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


def test_small_numbers_are_called_uncertain() -> None:
    log = TableLog()
    for n in range(30):
        log.case(f"c{n}", ended_at=9)
        log.activity(f"c{n}", "often", enabled_at=0, claimed_at=2, completed_at=2)
        if n < 10:
            log.activity(f"c{n}", "sometimes", enabled_at=2, claimed_at=4, completed_at=4)
        if n < 3:
            log.activity(f"c{n}", "rarely", enabled_at=4, claimed_at=9, completed_at=9)

    confidence = {f.element_id: f.confidence for f in report_of(log).findings}

    assert confidence == {"often": "high", "sometimes": "medium", "rarely": "low"}


def test_a_step_that_hardly_ever_waits_is_not_said_to_wait_over_no_time() -> None:
    log = TableLog()
    for number in range(30):
        pause = 500 if number == 0 else 0
        log.case(f"c{number}", started_at=0, ended_at=600)
        log.activity(f"c{number}", "print", enabled_at=0, claimed_at=pause, started_at=pause, completed_at=pause + 1)

    report = bottleneck_report(log, LogFilter(), now=700 * HOUR)

    (queue,) = (f for f in report.findings if f.kind == "queue")
    assert "nine in ten of 30 took less than a second" in queue.text_en
    assert "九成不到 1 秒" in queue.text_zh and "超过 0" not in queue.text_zh
