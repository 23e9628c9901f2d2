"""Wherever an expression may stand in a process it is FEEL, or `${…}` of Camunda 7 translated into it: it works, what
is no FEEL is found at upload, a name that is not there is never passed over in silence, and it keeps within its
budget. `tests/feel_positions.py` lists the positions; docs/feel.md shows them to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import Engine, FakeClock
from engine.errors import InvalidModel
from engine.findings import Finding
from engine.handlers import asking
from tests.builders import node, process, script, timer, user
from tests.builders_dmn import decision, dmn, input_data, literal, table
from tests.desk import Desk
from tests.feel_positions import POSITIONS, VARIABLES, Position
from tests.integration.engine.conftest import MONDAY

HEAVY = 'for i in 1..60 return if i = 1 then "x" else partial[-1] + partial[-1]'
"""2⁵⁹ characters, if anybody let it."""
ANYTHING = {"input mapping", "output mapping", "script", "multi-instance output element"}
"""Positions where a value of any type may stand."""
AROUND = ("g", "t")
"""Elements whose incident it is: the gateway of a flow, the task of a boundary event."""
JUEL = {name: position for name, position in POSITIONS.items() if position.juel}


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    """A Monday morning."""
    return FakeClock(MONDAY)


@pytest.fixture(scope="module")
def everybody(clock: FakeClock) -> Iterator[Engine]:
    """One engine for all: no position has to do with the database."""
    with Engine.open(clock=clock) as engine:
        yield engine


@pytest.fixture
def desk(everybody: Engine) -> Desk:
    """Somebody at the desk."""
    return Desk(everybody)


def positions(names: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("position", [pytest.param(POSITIONS[n], id=n) for n in names])  # type: ignore[attr-defined]


def deploy(desk: Desk, model: bytes, position: Position) -> None:
    desk.deploy(model, **position.files)


def expected(position: Position, written: str) -> object:
    return position.expected[written] if isinstance(position.expected, dict) else position.expected


@positions(POSITIONS)
def test_feel_works(desk: Desk, position: Position) -> None:
    deploy(desk, position.build(f"={position.feel}"), position)

    case = desk.start("p", **VARIABLES).instance_id

    assert position.sees(desk, case) == expected(position, "feel")
    desk.assert_sound()


@positions(JUEL)
def test_what_camunda_7_writes_works(desk: Desk, position: Position) -> None:
    build = position.juel_build or position.build
    deploy(desk, build(position.juel if "${" in position.juel else f"${{{position.juel}}}"), position)

    case = desk.start("p", **VARIABLES).instance_id

    assert position.sees(desk, case) == expected(position, "juel")


@positions(POSITIONS)
@pytest.mark.parametrize("wrong", ["= n +* 2", "=no such thing(n)"], ids=["no FEEL", "no such function"])
def test_what_cannot_be_meant_is_found_at_upload(desk: Desk, position: Position, wrong: str) -> None:
    with pytest.raises(InvalidModel) as refused:
        deploy(desk, position.build(wrong), position)

    assert_named(refused.value, position, wrong.removeprefix("=").strip())


@positions(JUEL)
@pytest.mark.parametrize("wrong", ["${n +* 2}", "${orders.check(n)}"], ids=["no expression", "a bean"])
def test_what_cannot_be_translated_is_found_at_upload(desk: Desk, position: Position, wrong: str) -> None:
    with pytest.raises(InvalidModel) as refused:
        deploy(desk, (position.juel_build or position.build)(wrong), position)

    assert_named(refused.value, position, wrong)


def assert_named(refused: InvalidModel, position: Position, wrong: str) -> None:
    """The element, the position and the expression, in both languages, with the way out."""
    errors = [f for f in refused.findings if isinstance(f, Finding) and f.severity.value == "error"]
    found = next(f for f in errors if wrong in f.message)
    assert {f.element for f in errors} <= {position.element, "m"}, "nothing else is wrong"
    assert wrong in found.message_zh
    if wrong.startswith("$"):
        assert (position.juel_place or position.place).split()[-1] in found.message
    else:
        assert position.place in found.message
    assert found.mend and found.mend_zh


@positions(POSITIONS)
def test_a_name_that_is_not_there_is_no_silent_answer(desk: Desk, position: Position) -> None:
    deploy(desk, position.build("=nowhere.to be found"), position)
    case = desk.start("p", **VARIABLES).instance_id

    seen = position.sees(desk, case)
    incidents = desk.incidents(case)

    assert seen != expected(position, "feel")
    if position.unknown == "incident":
        assert incidents
        assert {incident.element_id for incident in incidents} <= {position.element, *AROUND}
        for incident in incidents:
            assert f" {position.element}" in incident.message and "nowhere" in incident.message, incident.message
    else:  # the standard's null: no variable, nobody named; and an event that has not happened yet
        assert incidents == []


@positions([name for name in POSITIONS if name not in ANYTHING])
def test_a_value_of_another_type_is_an_incident(desk: Desk, position: Position) -> None:
    deploy(desk, position.build('={kind: "context"}'), position)
    case = desk.start("p", **VARIABLES).instance_id

    position.sees(desk, case)

    assert desk.incidents(case)
    for incident in desk.incidents(case):
        assert f" {position.element}" in incident.message and "context" in incident.message, incident.message


@positions(POSITIONS)
def test_no_expression_takes_more_than_its_budget(desk: Desk, position: Position) -> None:
    deploy(desk, position.build(f"={HEAVY}"), position)
    case = desk.start("p", **VARIABLES).instance_id

    position.sees(desk, case)

    assert desk.incidents(case)
    for incident in desk.incidents(case):
        assert "5,000,000 characters" in incident.message and f" {position.element}" in incident.message
    desk.assert_sound()


PROPERTIES = ("civiflow:subject", "civiflow:dueDate", "civiflow:milestones")


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("wrong", ["n +* 2", "no such thing(n)", 'decide("nowhere", {})'])
def test_properties_of_a_process_are_checked_at_upload(desk: Desk, name: str, wrong: str) -> None:
    model = process("q", "start -> a -> end", user("a"), properties={name: f"={wrong}"})

    with pytest.raises(InvalidModel) as refused:
        desk.deploy(model)

    (found,) = (f for f in refused.value.findings if isinstance(f, Finding) and f.severity.value == "error")
    assert found.element == "q" and found.mend and found.mend_zh
    assert found.code in ("feel-syntax", "unknown-function", "decision-not-found")


def test_properties_of_a_process_ask_its_tables_and_the_calendar(desk: Desk) -> None:
    days = dmn(input_data("n", "number"), decision("days", literal("n * 2"), inputs=["n"]))
    properties = {
        "civiflow:subject": '="期限 " + string(decide("_days", {n: n})) + " 天"',
        "civiflow:dueDate": '=add working days(instance.startedAt, decide("_days", {n: n}))',
        "civiflow:milestones": '=[{name: "到期", due: add working days(now(), decide("_days", {n: n}))}]',
    }
    desk.deploy(process("q", "start -> a -> end", user("a"), properties=properties), **{"days.dmn": days})

    case = desk.see(desk.start("q", n=2).instance_id)

    friday = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert case.row.subject == "期限 4 天"
    assert case.row.due_at == friday and [stage.due_at for stage in case.milestones] == [friday]


def test_a_decision_asked_by_an_expression_that_gives_no_result_is_an_incident(desk: Desk) -> None:
    logic = table(["n"], ["fee"], "< 3 | 1", "> 9 | 2")
    strict = dmn(input_data("n", "number"), decision("fee", logic, inputs=["n"]))
    model = process("q", "start -> a -> b -> end", script("a", 'decide("_fee", {n: n})', "fee"), user("b"))
    desk.deploy(model, **{"strict.dmn": strict})

    seen = {n: desk.start("q", n=n).instance_id for n in (1, 5, "many")}

    assert [desk.see(seen[n]).variables.get("fee") for n in (1, 5)] == [1, None], "no rule for 5: null, as ever"
    assert desk.incidents(seen[1]) == desk.incidents(seen[5]) == []
    (incident,) = desk.incidents(seen["many"])
    assert all(part in incident.message for part in ("script of a", "decide(", "'_fee'", "table t"))


def test_a_decision_is_asked_again_for_what_python_takes_for_equal(desk: Desk) -> None:
    kind = dmn(input_data("n"), decision("kind", literal("if n = true then 1 else 2"), inputs=["n"]))
    both = 'for each in [1, true, 1] return decide("_kind", {n: each})'
    desk.deploy(process("q", "start -> a -> b -> end", script("a", both, "kinds"), user("b")), **{"kind.dmn": kind})

    assert desk.see(desk.start("q").instance_id).variables["kinds"] == [2, 1, 2]


def test_a_decision_is_asked_again_for_functions_that_read_alike(desk: Desk) -> None:
    applied = dmn(input_data("f"), decision("applied", literal("f(1)"), inputs=["f"]))
    each = 'for i in [1, 2, 3] return decide("_applied", {f: function(a) a + i})'
    desk.deploy(process("q", "start -> a -> b -> end", script("a", each, "sums"), user("b")), **{"f.dmn": applied})

    assert desk.see(desk.start("q").instance_id).variables["sums"] == [2, 3, 4]


def test_decisions_that_expressions_ask_have_a_budget_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_SECONDS", 0.0)
    kind = dmn(input_data("n"), decision("kind", literal("n"), inputs=["n"]))
    many = 'for i in 1..3 return decide("_kind", {n: i})'
    desk.deploy(process("q", "start -> a -> b -> end", script("a", many, "kinds"), user("b")), **{"kind.dmn": kind})

    (incident,) = desk.incidents(desk.start("q").instance_id)

    assert "script of a" in incident.message and "business rule task" in incident.message


def test_expressions_live_in_the_sites_day_and_zone() -> None:
    early = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)  # half past seven on Monday in Shanghai
    model = process("q", "start -> a -> b -> end", script("a", "[string(now()), string(today())]", "seen"), user("b"))

    with Engine.open(clock=FakeClock(early)) as engine:
        desk = Desk(engine)
        desk.deploy(model)
        case = desk.start("q").instance_id

        assert desk.see(case).variables["seen"] == ["2026-11-16T07:30:00+08:00", "2026-11-16"]


def test_a_timer_start_event_may_be_feel(desk: Desk, clock: FakeClock) -> None:
    begin = node("startEvent", "start", timer('=now() + duration("PT3H")').replace("timeDuration", "timeDate"))
    desk.deploy(process("nightly", "start -> a -> end", begin, user("a")))

    clock.advance(timedelta(hours=3))
    desk.engine.fire_due_timers()

    assert [task.element_id for task in desk.tasks() if task.definition_key == "nightly"] == ["a"]


def test_the_page_shows_every_position_with_the_expressions_tried_here() -> None:
    page = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")
    shown = {"incident": "incident", "null": "null", "later": "not yet"}

    for name, position in POSITIONS.items():
        (row,) = re.findall(rf"^\| {re.escape(name)} [^|,a-z]*\| `=(.*)` \| (.*) \| (.*) \|$", page, re.MULTILINE)
        juel = position.juel if "${" in position.juel else f"${{{position.juel}}}"
        assert row == (position.feel, f"`{juel}`" if position.juel else "–", shown[position.unknown]), name
