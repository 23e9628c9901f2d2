"""How long an activity waits and takes: claims, open and cancelled work, waiting outside, deadlines."""

from __future__ import annotations

import pytest
from reports import hours, report_of, stat

from tests.table_log import TableLog


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


def test_negative_durations_count_as_nothing_and_are_told() -> None:
    log = TableLog().case("c1", ended_at=10)
    log.activity("c1", "check", enabled_at=5, claimed_at=3, completed_at=9)

    report = report_of(log)

    assert stat(report, "check").queue.total == 0
    assert any("negative" in sentence.en for sentence in report.meta.assumptions)
