"""Findings about deadlines that are to follow the data."""

from __future__ import annotations

import pytest

from engine.handlers.functions import NAMES
from engine.models import read_model
from tests.builders import node, process, timer, user

RECALCULATE = '<zeebe:properties><zeebe:property name="civiflow:recalculate" value="true"/></zeebe:properties>'
EXTENDED = f"<bpmn:extensionElements>{RECALCULATE}</bpmn:extensionElements>"
DUE = "=add working days(since, 5, stops)"


def found(model: bytes) -> list[tuple[str, str]]:
    """Code and element of the findings about deadlines and properties."""
    findings = read_model(model, filename="m.bpmn", functions=NAMES).findings
    return [(f.code, f.element) for f in findings if f.code.startswith(("recalculate", "feel"))]


def date_timer(text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:timeDate>{text}</bpmn:timeDate></bpmn:timerEventDefinition>"


def with_timer(definition: str) -> bytes:
    return process("p", "start -> wait -> end", node("intermediateCatchEvent", "wait", EXTENDED + definition))


def test_a_deadline_that_names_variables_is_as_it_should_be() -> None:
    model = process(
        "p",
        "start -> review -> wait -> end",
        user("review", due=DUE, more=RECALCULATE),
        node("intermediateCatchEvent", "wait", EXTENDED + date_timer("=until")),
        properties={
            "civiflow:dueDate": DUE,
            "civiflow:recalculate": "true",
            "civiflow:milestones": "=[{name: subject}]",
        },
    )

    assert found(model) == []


@pytest.mark.parametrize(
    ("model", "finding"),
    [
        (process("p", "start -> a -> end", user("a", more=RECALCULATE)), ("recalculate-without-deadline", "a")),
        (with_timer(timer("PT1H")), ("recalculate-without-deadline", "wait")),
        (
            process("p", "begin -> end", node("startEvent", "begin", EXTENDED + date_timer("2027-01-01"))),
            ("recalculate-without-deadline", "begin"),
        ),
        (
            process("p", "start -> a -> end", user("a"), properties={"civiflow:recalculate": "true"}),
            ("recalculate-without-deadline", "p"),
        ),
        (with_timer(date_timer("2027-01-01")), ("recalculate-without-variables", "wait")),
        (with_timer(date_timer("=settings.start")), ("recalculate-without-variables", "wait")),
        (
            process("p", "start -> a -> end", user("a", due="=now() + duration(wait)", more=RECALCULATE)),
            ("recalculate-from-now", "a"),
        ),
        (
            process("p", "start -> a -> end", user("a", due=DUE, more=RECALCULATE.replace('"true"', '"yes"'))),
            ("recalculate-value", "a"),
        ),
        (process("p", "start -> end", properties={"civiflow:dueDate": "=1 +"}), ("feel-syntax", "p")),
        (process("p", "start -> end", properties={"civiflow:milestones": "=[{name: }]"}), ("feel-syntax", "p")),
    ],
)
def test_a_property_that_does_nothing_or_not_what_it_seems_is_named(model: bytes, finding: tuple[str, str]) -> None:
    assert found(model) == [finding]


def test_findings_say_the_same_in_both_languages() -> None:
    model = with_timer(timer("PT1H"))

    (finding,) = (f for f in read_model(model, functions=NAMES, filename="m").findings if f.code.startswith("recalc"))

    assert "civiflow:recalculate" in finding.message
    assert "civiflow:recalculate" in finding.message_zh
    assert finding.mend
    assert finding.mend_zh
