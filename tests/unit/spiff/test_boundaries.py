"""Boundary events (BPMN 2.0, 10.5.4 and 13.5.3)."""

from __future__ import annotations

import pytest

from engine.errors import NotFound
from engine.spiff.effects import Entered, IncidentOpened, Left, SubscriptionOpened, TimerOpened, WaitClosed
from tests.builders_model import (
    boundary,
    catch,
    conditional,
    end,
    error,
    escalation,
    event_gateway,
    flow,
    message,
    parallel,
    process,
    service,
    signal,
    sub,
    throw,
    timer,
    user,
    watched,
)
from tests.host import Running


def test_completing_the_activity_closes_what_its_boundary_events_wait_for() -> None:
    running = Running(watched(timer("PT2H")))
    late = running.one("late")

    running.complete("work")

    assert WaitClosed(wait=late) in running.all
    assert running.ended


def test_a_boundary_event_cannot_interrupt_an_activity_whose_completion_waits_for_its_turn() -> None:
    running = Running(watched(timer("PT2H")), forget=False)
    late = running.one("late")

    running.execution.complete(running.one("work"), {})

    with pytest.raises(NotFound):
        running.execution.fire(late)


def test_a_non_interrupting_message_may_come_again_and_again() -> None:
    running = Running(watched(message("hurry"), interrupting=False))
    subscription = running.one("late")

    for _ in range(3):
        running.deliver("late")

    assert running.one("late") == subscription
    assert running.at("user-task") == ["remind", "remind", "remind", "work"]
    assert [e.subscription for e in running.effects(SubscriptionOpened)] == [subscription] * 4
    assert len({e.activity for e in running.effects(Entered) if e.node == "late"}) == 3


def test_variables_of_a_boundary_message_are_written_or_mapped() -> None:
    plain = Running(watched(message("hurry")))
    mapped = Running(watched(message("hurry"), outputs={"why": "reason"}))

    plain.deliver("late", reason="rain", rest=1)
    mapped.deliver("late", reason="rain", rest=1)

    assert plain.variables == {"reason": "rain", "rest": 1}
    assert mapped.variables == {"why": "rain"}


def test_a_boundary_signal_and_a_boundary_condition_interrupt_too() -> None:
    by_signal = Running(watched(signal("stop")))
    by_condition = Running(
        process(
            flow("start -> fork -> work -> end"),
            flow("fork -> other -> end2"),
            flow("late -> remind"),
            parallel("fork"),
            user("work"),
            user("other"),
            user("remind"),
            boundary("late", "work", conditional("stop")),
        )
    )

    by_signal.deliver("late")
    by_condition.complete("other", stop=True)

    assert by_signal.at() == by_condition.at() == ["remind"]


def test_a_non_interrupting_condition_happens_each_time_it_turns_true() -> None:
    model = process(
        flow("start -> fork -> work"),
        flow("fork -> dial -> dial2 -> dial3 -> dial4"),
        flow("late -> remind"),
        parallel("fork"),
        user("work"),
        *(user(id_) for id_ in ("dial", "dial2", "dial3", "dial4", "remind")),
        boundary("late", "work", conditional("level > 3"), interrupting=False),
    )
    running = Running(model, level=1)
    counts = []

    for node, level in (("dial", 5), ("dial2", 9), ("dial3", 1), ("dial4", 5)):
        running.complete(node, level=level)
        counts.append(len(running.waits("remind")))

    assert counts == [1, 1, 1, 2]


def test_an_error_of_a_job_goes_to_the_boundary_event_of_its_code_before_one_that_takes_any() -> None:
    model = process(
        flow("start -> work -> end"),
        flow("any -> a"),
        flow("wrong -> b"),
        service("work"),
        boundary("any", "work", error()),
        boundary("wrong", "work", error("WRONG")),
        user("a"),
        user("b"),
    )
    exact, other = Running(model), Running(model)
    job = exact.one("work")

    caught = exact.fail("work", "WRONG", why="typo")
    other.fail("work", "OTHER")

    assert caught
    assert (exact.at(), other.at()) == (["b"], ["a"])
    assert exact.variables == {"why": "typo"}
    assert Left(activity=job, node="work", outcome="failed", reason="wrong") in exact.all
    assert WaitClosed(wait=job, reason="wrong") not in exact.all, "who threw the error knows that the job is over"


def test_an_error_that_nothing_catches_is_an_incident_that_can_be_retried() -> None:
    running = Running(
        process(flow("start -> work -> end"), service("work"), flow("x -> a"), boundary("x", "work", error("X")))
    )

    caught = running.fail("work", "Y")
    (incident,) = running.effects(IncidentOpened)
    running.execution.retry(incident.activity)
    running.run()
    running.complete("work")

    assert not caught
    assert (incident.kind, incident.node) == ("uncaught-error", "work")
    assert "went wrong" in incident.message
    assert running.ended


def test_an_error_end_event_is_caught_by_the_activity_around_it_and_ends_it() -> None:
    model = process(
        flow("start -> outer -> end"),
        flow("caught -> repair"),
        sub(
            "outer",
            flow("startOuter -> fork -> inner -> endOuter"),
            flow("fork -> side"),
            parallel("fork"),
            user("side"),
            sub("inner", flow("startInner -> work -> failed"), user("work"), end("failed", error("E"))),
        ),
        boundary("caught", "outer", error("E")),
        user("repair"),
    )
    running = Running(model)

    running.complete("work")

    assert running.at() == ["repair"]
    assert running.left("failed") == ["outer"]
    assert sorted(running.left("cancelled")) == ["inner", "side"]
    assert "failed" in running.left("completed")


def test_an_error_end_event_that_nothing_catches_is_an_incident_and_never_a_success() -> None:
    running = Running(process(flow("start -> failed"), end("failed", error("E"))))

    (incident,) = running.effects(IncidentOpened)
    running.execution.retry(incident.activity)
    running.run()

    assert incident.kind == "uncaught-error"
    assert not running.ended
    assert running.at("incident") == ["failed"]
    assert running.entered().count("failed") == 1


ESCALATING = (
    sub("s", flow("startS -> tell -> rest -> endS"), throw("tell", escalation("late")), user("rest")),
    user("after"),
    user("told"),
)


def test_a_non_interrupting_escalation_boundary_event_starts_its_flow_and_the_thrower_goes_on() -> None:
    model = process(
        flow("start -> s -> after"),
        flow("up -> told"),
        *ESCALATING,
        boundary("up", "s", escalation(), interrupting=False),
    )
    running = Running(model)

    before = running.at()
    running.complete("rest")

    assert before == ["rest", "s", "told"]
    assert running.at() == ["after", "told"]


def test_an_interrupting_escalation_boundary_event_ends_the_sub_process_before_its_next_task() -> None:
    model = process(
        flow("start -> s -> after"), flow("up -> told"), *ESCALATING, boundary("up", "s", escalation("late"))
    )
    running = Running(model)

    assert running.at() == ["told"]
    assert "rest" not in running.entered()
    assert running.left("cancelled") == ["s"]


def test_an_interrupting_signal_on_a_sub_process_lets_none_of_its_tasks_run_on() -> None:
    model = process(
        flow("start -> s -> end"),
        flow("stop -> told"),
        sub("s", flow("startS -> a -> b"), user("a"), user("b")),
        boundary("stop", "s", signal("stop")),
        user("told"),
    )
    running = Running(model)

    running.deliver("stop")

    assert running.at() == ["told"]
    assert "b" not in running.entered()


def test_boundary_events_listen_for_as_long_as_the_sub_process_runs() -> None:
    model = process(
        flow("start -> s -> after"),
        flow("late -> remind"),
        sub("s", flow("startS -> a -> b"), user("a"), user("b")),
        boundary("late", "s", timer("PT1H"), interrupting=False),
        user("remind"),
        user("after"),
    )
    running = Running(model)

    running.complete("a")
    running.fire("late")
    running.complete("b")

    assert running.at() == ["after", "remind"]


def test_a_boundary_event_that_cannot_be_evaluated_parks_the_activity_before_anything_is_opened() -> None:
    running = Running(watched(message("hurry", "order")))

    (incident,) = running.effects(IncidentOpened)
    running.variables["order"] = "A"
    running.execution.retry(incident.activity)
    running.run()

    assert incident.node == "work"
    assert running.at() == ["late", "work"]
    assert running.subscription("late").correlation_key == "A"


def test_boundary_events_listen_on_while_their_activity_is_parked_and_are_not_opened_twice() -> None:
    running = Running(watched(timer("PT1H"), interrupting=False))
    work = running.one("work")

    running.execution.park(work, "job-failed", "")
    running.reload()
    running.fire("late")
    running.execution.retry(work)
    running.run()

    assert len(running.effects(TimerOpened)) == 1
    assert running.at() == ["remind", "work"]


def test_a_listener_that_cannot_listen_on_is_an_incident_of_its_own_and_the_activity_goes_on() -> None:
    running = Running(watched(message("hurry", "order"), interrupting=False), order="A")
    listener = running.one("late")

    running.deliver("late", order=None)
    (incident,) = running.effects(IncidentOpened)
    running.execution.retry(listener)
    still_wrong = running.at("incident")
    running.run()
    running.variables["order"] = "B"
    running.execution.retry(listener)
    running.run()

    assert incident.activity == listener
    assert still_wrong == ["late"]
    assert running.subscription("late").correlation_key == "B"
    assert running.at() == ["late", "remind", "work"]


def test_a_parked_listener_goes_with_its_activity() -> None:
    running = Running(watched(message("hurry"), interrupting=False))
    listener = running.one("late")

    running.execution.park(listener, "expression", "too long a name")
    running.reload()
    happened = running.complete("work")

    assert WaitClosed(wait=listener) in happened
    assert running.ended


def test_a_parked_event_of_an_event_based_gateway_can_be_retried() -> None:
    model = process(
        flow("start -> gate -> paid -> a"),
        flow("gate -> late -> b"),
        event_gateway("gate"),
        catch("paid", message("paid")),
        catch("late", timer("PT1H")),
        user("a"),
        user("b"),
    )
    running = Running(model)
    event = running.one("paid")

    running.execution.park(event, "expression", "too long a name")
    running.reload()
    running.execution.retry(event)
    running.run()
    running.deliver("paid")

    assert [e.subscription for e in running.effects(SubscriptionOpened)] == [event, event]
    assert running.at() == ["a"]
