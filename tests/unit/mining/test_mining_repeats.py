"""What is done again, and what is merely offered."""

from __future__ import annotations

from reports import hours, report_of, stat

from tests.table_log import TableLog


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
