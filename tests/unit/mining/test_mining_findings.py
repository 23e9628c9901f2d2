"""What a report says in words: whose wait it is, why, and how sure that is."""

from __future__ import annotations

from reports import hours, report_of, stat

from engine.contracts.eventlog import LogFilter
from mining.reports import bottleneck_report
from mining.words import Sentence
from tests.table_log import HOUR, TableLog


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
