"""Times in every spelling authors use."""

from __future__ import annotations

import pytest

from tests.unit.models.bpmn import around, codes, only, read_node


def timer(kind: str, text: str) -> bytes:
    definition = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"
    return around(f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>')


@pytest.mark.parametrize(
    ("kind", "text", "time"),
    [
        ("timeDuration", "PT1H", "PT1H"),
        ("timeDuration", '"PT1H"', "PT1H"),
        ("timeDuration", "'PT1H'", "PT1H"),
        ("timeDuration", '= duration("PT1H")', "PT1H"),
        ("timeDuration", '= @"P1DT2H"', "P1DT2H"),
        ("timeDuration", '="PT1H"', "PT1H"),
        ("timeDuration", "${'PT5M'}", "PT5M"),
        ("timeDuration", "\n  P1Y2M3W4DT5H6M7.5S  \n", "P1Y2M3W4DT5H6M7.5S"),
        ("timeDate", "2026-01-31T08:00:00+08:00", "2026-01-31T08:00:00+08:00"),
        ("timeDate", "2026-01-31", "2026-01-31"),
        ("timeDate", '= date and time("2026-01-31T08:00:00Z")', "2026-01-31T08:00:00Z"),
        ("timeCycle", "R3/PT10M", "R3/PT10M"),
        ("timeCycle", "R/2026-01-31T08:00:00Z/P1D", "R/2026-01-31T08:00:00Z/P1D"),
        ("timeCycle", '= cycle(3, duration("PT1H"))', "R3/PT1H"),
        ("timeCycle", '= cycle(duration("PT1H"))', "R/PT1H"),
    ],
)
def test_constant_times_become_plain_iso_8601(kind: str, text: str, time: str) -> None:
    event = read_node(timer(kind, text)).event

    assert event is not None and event.timer is not None
    assert (event.timer.text, event.timer.is_feel) == (time, False)
    assert not codes(timer(kind, text)) & {"timer-invalid", "timer-without-time"}


@pytest.mark.parametrize(
    ("text", "feel"),
    [("= deadline", "deadline"), ("${order.limit}", "order.limit"), ('= duration("PT1H") * n', 'duration("PT1H") * n')],
)
def test_computed_times_stay_feel(text: str, feel: str) -> None:
    event = read_node(timer("timeDuration", text)).event

    assert event is not None and event.timer is not None
    assert (event.timer.text, event.timer.is_feel) == (feel, True)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", "1 hour"),
        ("timeDuration", "PT"),
        ("timeDuration", "P"),
        ("timeDuration", "P1DT"),
        ("timeDuration", "-PT1H"),
        ("timeDuration", "PT1H30"),
        ("timeDuration", "timedelta(hours=1)"),
        ("timeDuration", "R3/PT1H"),
        ("timeDate", "2026-13-01"),
        ("timeDate", "tomorrow"),
        ("timeDate", "PT1H"),
        ("timeCycle", "R/"),
        ("timeCycle", "R-3/PT1H"),
        ("timeCycle", "daily"),
    ],
)
def test_times_that_cannot_be_read_are_refused_with_an_example(kind: str, text: str) -> None:
    finding = only(timer(kind, text), "timer-invalid")

    assert finding.element == "x"
    assert "such as" in finding.message and "例如" in finding.message_zh


@pytest.mark.parametrize("text", ["0 0 9-17 * * MON-FRI", "0/5 0/1 * 1/1 * ?", "@daily"])
def test_cron_is_recognised_and_reported(text: str) -> None:
    finding = only(timer("timeCycle", text), "timer-cron")

    assert "R/P1D" in finding.mend


def test_a_timer_without_a_time_and_one_with_two_are_refused() -> None:
    two = around(
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>2026-01-31</timeDate>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    )

    assert only(timer("timeDuration", ""), "timer-without-time").element == "x"
    assert only(two, "timer-with-several-times").element == "x"
