"""Event sub-processes (BPMN 2.0, 10.3.5 and 13.5.4)."""

from __future__ import annotations

import pytest

from engine.spiff.effects import Entered, IncidentOpened, ProcessEnded, SubscriptionOpened, WaitClosed
from tests.builders_model import (
    boundary,
    conditional,
    end,
    error,
    escalation,
    flow,
    message,
    on_event,
    parallel,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.host import Running


def _with_handler(event: object, *, interrupting: bool = True, **fields: object) -> object:
    return process(
        flow("start -> fork -> a -> end"),
        flow("fork -> b -> end"),
        parallel("fork"),
        user("a"),
        user("b"),
        on_event(
            "handler",
            start("begin", event, interrupting=interrupting, **fields),
            flow("begin -> handle -> done"),
            user("handle"),
        ),
    )


@pytest.mark.parametrize(
    "event", [message("m"), signal("s"), timer("PT1H"), error("E"), escalation("U"), conditional("x")]
)
@pytest.mark.parametrize("interrupting", [True, False])
def test_a_process_completes_without_its_event_sub_processes_ever_starting(event: object, interrupting: bool) -> None:
    running = Running(_with_handler(event, interrupting=interrupting or getattr(event, "kind", "") == "error"))

    assert "handler" not in running.entered()
    running.complete("a")
    running.complete("b")

    assert running.effects(ProcessEnded) == [ProcessEnded(outcome="completed")]
    assert running.execution.waiting() == ()


def test_an_interrupting_event_sub_process_ends_everything_else_in_its_scope() -> None:
    running = Running(_with_handler(message("m")))

    running.deliver("begin", why="x")
    during = running.at()
    running.complete("handle")

    assert during == ["handle", "handler"]
    assert sorted(running.left("cancelled")) == ["a", "b"]
    assert running.variables == {"why": "x"}
    assert running.ended


def test_a_non_interrupting_event_sub_process_runs_beside_the_rest_as_often_as_its_event_comes() -> None:
    running = Running(_with_handler(signal("s"), interrupting=False))

    running.deliver("begin")
    running.deliver("begin")
    beside = running.at("user-task")
    running.complete("a")
    running.complete("b")
    running.complete("handle")
    open_still = running.ended
    running.complete("handle")

    assert beside == ["a", "b", "handle", "handle"]
    assert not open_still
    assert running.ended


def test_a_repeating_timer_starts_an_event_sub_process_again_and_again() -> None:
    running = Running(_with_handler(timer("R2/PT1H", "cycle"), interrupting=False))

    running.advance(hours=1)
    running.fire("begin")
    running.advance(hours=1)
    running.fire("begin")

    assert running.at("user-task", "timer") == ["a", "b", "handle", "handle"]


def test_a_condition_starts_an_event_sub_process_when_it_turns_true() -> None:
    running = Running(_with_handler(conditional("alarm")))

    running.complete("a", alarm=True)

    assert running.at() == ["handle", "handler"]


def test_when_the_last_token_ends_the_event_sub_process_no_longer_listens() -> None:
    running = Running(_with_handler(message("m")))
    listener = running.one("begin")

    running.complete("a")
    running.complete("b")

    assert WaitClosed(wait=listener) in running.all


def test_an_error_starts_the_event_sub_process_of_the_scope_it_arose_in() -> None:
    model = process(
        flow("start -> s -> after"),
        sub(
            "s",
            flow("startS -> fork -> work"),
            flow("fork -> side"),
            parallel("fork"),
            service("work"),
            user("side"),
            on_event("handler", start("begin", error("E")), flow("begin -> handle -> done"), user("handle")),
        ),
        boundary("outside", "s", error("E")),
        user("after"),
    )
    running = Running(model)
    work = running.one("work")

    caught = running.fail("work", "E", why="x")
    during = running.at()
    running.complete("handle")

    assert caught
    assert during == ["handle", "handler", "s"]
    assert running.left("failed") == ["work"]
    assert running.left("cancelled") == ["side"]
    assert next(e for e in running.effects(Entered) if e.node == "handler").predecessors == (work,)
    assert running.at() == ["after"]


def test_an_error_inside_an_event_sub_process_goes_outwards_and_not_to_its_neighbours() -> None:
    model = process(
        flow("start -> s -> after"),
        flow("caught -> repair"),
        sub(
            "s",
            flow("startS -> a"),
            user("a"),
            on_event("first", start("begin", message("m")), flow("begin -> failed"), end("failed", error("E"))),
            on_event("second", start("oops", error("E")), flow("oops -> wrong"), user("wrong")),
        ),
        boundary("caught", "s", error("E")),
        user("repair"),
        user("after"),
    )
    running = Running(model)

    running.deliver("begin")

    assert running.at() == ["repair"]
    assert "wrong" not in running.entered()


def test_an_escalation_starts_a_non_interrupting_event_sub_process_and_the_thrower_goes_on() -> None:
    model = process(
        flow("start -> tell -> rest"),
        throw("tell", escalation("late")),
        user("rest"),
        on_event("handler", start("begin", escalation(), interrupting=False), flow("begin -> handle"), user("handle")),
    )
    running = Running(model)

    assert running.at("user-task") == ["handle", "rest"]


def test_an_escalation_end_event_starts_an_interrupting_event_sub_process() -> None:
    model = process(
        flow("start -> fork -> b"),
        flow("fork -> tell"),
        parallel("fork"),
        end("tell", escalation("late")),
        user("b"),
        on_event("handler", start("begin", escalation("late")), flow("begin -> handle"), user("handle")),
    )
    running = Running(model)

    assert running.at() == ["handle", "handler"]
    assert running.left("cancelled") == ["b"]
    assert "tell" in running.left("completed")


def test_an_event_sub_process_in_a_sub_process_listens_only_while_that_runs() -> None:
    model = process(
        flow("start -> first -> s -> after"),
        user("first"),
        sub(
            "s",
            flow("startS -> a"),
            user("a"),
            on_event(
                "handler", start("begin", message("m"), interrupting=False), flow("begin -> handle"), user("handle")
            ),
        ),
        user("after"),
    )
    running = Running(model)

    early = running.effects(SubscriptionOpened)
    running.complete("first")
    running.deliver("begin")
    running.complete("a")
    waiting_for_handler = running.at("user-task")
    running.complete("handle")

    assert early == []
    assert waiting_for_handler == ["handle"]
    assert running.at() == ["after"]


def test_an_event_sub_process_whose_event_cannot_be_evaluated_parks_the_start_of_its_scope() -> None:
    running = Running(_with_handler(message("m", "order")))

    (incident,) = running.effects(IncidentOpened)
    running.variables["order"] = "A"
    running.execution.retry(incident.activity)
    running.run()

    assert incident.node == "start"
    assert running.at("user-task", "message") == ["a", "b", "begin"]


def test_variables_of_the_start_event_may_be_mapped() -> None:
    running = Running(_with_handler(message("m"), outputs={"why": "reason"}))

    running.deliver("begin", reason="rain", rest=1)

    assert running.variables == {"why": "rain"}
