"""Exclusive, parallel and event-based gateways, and the implicit splits of activities (BPMN 2.0, 13.3.2 and 13.4)."""

from __future__ import annotations

import pytest

from engine.spiff.effects import IncidentOpened, Left, WaitClosed
from tests.builders_model import (
    catch,
    event_gateway,
    exclusive,
    flow,
    message,
    parallel,
    process,
    receive,
    signal,
    timer,
    user,
)
from tests.host import Running

CHOICE = process(
    flow("start -> gate"),
    flow("gate -> big", when="amount > 100"),
    flow("gate -> medium", when="amount > 10"),
    flow("gate -> small", default=True),
    exclusive("gate"),
    user("big"),
    user("medium"),
    user("small"),
)


@pytest.mark.parametrize(("amount", "taken"), [(1000, "big"), (50, "medium"), (5, "small")])
def test_an_exclusive_gateway_takes_the_first_true_flow_in_document_order_or_the_default(
    amount: int, taken: str
) -> None:
    running = Running(CHOICE, amount=amount)

    assert running.at() == [taken]


def test_an_exclusive_gateway_without_a_way_out_is_an_incident_that_a_retry_mends() -> None:
    model = process(
        flow("start -> gate"),
        flow("gate -> a", when="amount > 100"),
        flow("gate -> b", when="amount < 10"),
        exclusive("gate"),
        user("a"),
        user("b"),
    )
    running = Running(model, amount=50)

    (incident,) = running.effects(IncidentOpened)
    running.variables["amount"] = 500
    running.execution.retry(incident.activity)
    running.run()

    assert (incident.kind, incident.node) == ("condition", "gate")
    assert "exclusiveGateway gate" in incident.message
    assert running.at() == ["a"]
    assert running.entered().count("gate") == 1


@pytest.mark.parametrize("given", [{}, {"amount": None}, {"amount": "many"}])
def test_a_condition_that_gives_null_is_an_incident_and_never_the_default(given: dict[str, object]) -> None:
    running = Running(CHOICE, **given)

    (incident,) = running.effects(IncidentOpened)

    assert incident.kind == "condition"
    assert "gate.big" in incident.message
    assert ("no variable amount" in incident.message) == (not given)
    assert running.at() == ["gate"]


def test_other_tokens_go_on_when_one_is_parked() -> None:
    model = process(
        flow("start -> fork -> gate"),
        flow("fork -> other -> end"),
        flow("gate -> a", when="missing > 1"),
        flow("gate -> b", default=True),
        parallel("fork"),
        exclusive("gate"),
        user("other"),
    )
    running = Running(model)

    running.complete("other")

    assert running.at() == ["gate"]
    assert "end" in running.left()
    assert not running.ended


def test_a_parallel_gateway_takes_every_way_out_and_waits_for_every_way_in() -> None:
    model = process(
        flow("start -> fork -> a -> join -> after"),
        flow("fork -> b -> join"),
        parallel("fork", "join"),
        user("a"),
        user("b"),
        user("after"),
    )
    running = Running(model)

    running.complete("b")
    before = running.at()
    running.complete("a")

    assert before == ["a", "join"]
    assert running.at() == ["after"]


def test_a_join_names_all_activities_that_led_to_it() -> None:
    model = process(
        flow("start -> fork -> a -> join -> after"),
        flow("fork -> b -> join"),
        parallel("fork", "join"),
        user("a"),
        user("b"),
        user("after"),
    )
    running = Running(model)
    a, b = running.one("a"), running.one("b")

    running.complete("b")
    running.complete("a")

    joined = next(e for e in running.all if getattr(e, "node", "") == "join")
    assert set(joined.predecessors) == {a, b}


def test_several_flows_out_of_an_activity_are_a_split_and_conditions_on_them_are_asked() -> None:
    model = process(
        flow("start -> work"),
        flow("work -> always"),
        flow("work -> urgent", when="urgent"),
        flow("work -> routine", default=True),
        user("work"),
        user("always"),
        user("urgent"),
        user("routine"),
    )
    urgent, routine = Running(model), Running(model)

    urgent.complete("work", urgent=True)
    routine.complete("work", urgent=False)

    assert urgent.at() == ["always", "urgent"]
    assert routine.at() == ["always", "routine"]


def test_an_activity_whose_conditions_are_all_false_is_an_incident() -> None:
    model = process(flow("start -> work"), flow("work -> a", when="ok"), flow("work -> b", when="ok"), user("work"))
    running = Running(model)

    running.complete("work", ok=False)

    assert running.at("incident") == ["work"]
    assert running.effects(IncidentOpened)[0].kind == "condition"


RACE = process(
    flow("start -> gate -> paid -> ship"),
    flow("gate -> late -> remind"),
    flow("gate -> later -> close"),
    flow("gate -> stop -> close"),
    flow("gate -> fax -> ship"),
    event_gateway("gate"),
    catch("paid", message("paid", "order")),
    catch("late", timer("PT1H")),
    catch("later", timer("PT2H")),
    catch("stop", signal("stop")),
    receive("fax", message("fax")),
    user("ship"),
    user("remind"),
    user("close"),
)


def test_the_first_event_after_an_event_based_gateway_decides_and_the_others_are_forgotten() -> None:
    running = Running(RACE, order="A-7")
    waits = {w.node: w.id for w in running.execution.waiting()}

    happened = running.deliver("paid", sum=12)

    closed = {e.wait for e in happened if isinstance(e, WaitClosed)}
    assert closed == {waits["late"], waits["later"], waits["stop"], waits["fax"]}
    assert running.at() == ["ship"]
    assert running.variables["sum"] == 12
    assert running.left().count("gate") == 1


def test_each_event_after_an_event_based_gateway_has_its_own_wait() -> None:
    running = Running(RACE, order=7)

    assert (running.due("later") - running.due("late")).total_seconds() == 3600
    assert running.subscription("paid").correlation_key == "7"
    assert running.subscription("fax").correlation_key is None


@pytest.mark.parametrize(
    ("event", "follows"), [("late", "remind"), ("later", "close"), ("stop", "close"), ("fax", "ship")]
)
def test_any_event_after_the_gateway_may_be_the_one(event: str, follows: str) -> None:
    running = Running(RACE, order="x")

    running.fire(event) if event.startswith("late") else running.deliver(event)

    assert running.at() == [follows]
    assert [e.node for e in running.effects(Left)] == ["start", "gate", event]
