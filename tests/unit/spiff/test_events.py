"""Start, end and intermediate events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import InvalidInput, NotFound, WrongState
from engine.spiff import Execution, compile_process
from engine.spiff.effects import EventThrown, IncidentOpened, ProcessEnded, TimerOpened
from tests.builders_model import (
    catch,
    conditional,
    end,
    escalation,
    feel,
    flow,
    link,
    message,
    parallel,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
)
from tests.host import NOON, MemoryHost, Running


def test_a_process_ends_when_its_last_token_does() -> None:
    running = Running(process(flow("start -> fork -> a"), flow("fork -> b"), parallel("fork"), user("a"), user("b")))

    running.complete("a")
    between = running.effects(ProcessEnded)
    running.complete("b")

    assert between == []
    assert running.effects(ProcessEnded) == [ProcessEnded(outcome="completed")]
    assert running.ended


def test_the_kernel_names_the_start_event_unless_there_is_one_none_start_event() -> None:
    model = process(
        flow("startPlain -> a"),
        flow("startMail -> b"),
        flow("startDaily -> c"),
        start("startMail", message("report")),
        start("startDaily", timer("R/P1D", "cycle")),
        user("a"),
        user("b"),
        user("c"),
    )
    program = compile_process(model)

    plain, by_mail = Running(program), Running(program, start_node="startMail")

    assert [node.id for node in program.start_events] == ["startMail", "startDaily", "startPlain"]
    assert (plain.at(), by_mail.at()) == (["a"], ["b"])
    with pytest.raises(InvalidInput, match="'a' is none"):
        Execution.start(program, MemoryHost(), instance="instance", start_node="a")


def test_a_process_without_a_none_start_event_needs_to_be_told_which() -> None:
    program = compile_process(process(flow("startMail -> a"), start("startMail", message("report")), user("a")))

    with pytest.raises(InvalidInput, match="Name the start event: startMail"):
        Execution.start(program, MemoryHost(), instance="instance")


def test_a_receive_task_may_start_an_instance_by_its_message() -> None:
    model = process(flow("mail -> a -> end"), receive("mail", message("report"), instantiate=True), user("a"))

    running = Running(model, start_node="mail")

    assert running.at() == ["a"]
    assert running.left() == ["mail"]


def test_an_intermediate_timer_is_due_by_the_injected_clock() -> None:
    running = Running(process(flow("start -> wait -> a"), catch("wait", timer("P1DT2H")), user("a")))

    due = running.due("wait")
    running.fire("wait")

    assert due == NOON + timedelta(days=1, hours=2)
    assert running.at() == ["a"]


def test_a_message_reaches_its_event_with_its_variables() -> None:
    model = process(flow("start -> wait -> a"), catch("wait", message(feel('"paid " + city'), "order.id")), user("a"))
    running = Running(model, city="Linzhou", order={"id": 42})

    subscription = running.subscription("wait")
    running.deliver("wait", sum=7)

    assert (subscription.kind, subscription.name, subscription.correlation_key) == ("message", "paid Linzhou", "42")
    assert running.variables["sum"] == 7
    assert running.at() == ["a"]


@pytest.mark.parametrize("order", [None, {"id": None}])
def test_a_null_correlation_key_is_an_incident_since_it_would_take_every_message(order: object) -> None:
    model = process(flow("start -> wait -> a"), catch("wait", message("paid", "order.id")), user("a"))
    running = Running(model, order=order)

    (incident,) = running.effects(IncidentOpened)
    running.variables["order"] = {"id": 1}
    running.execution.retry(incident.activity)
    running.run()

    assert "correlation key of wait" in incident.message
    assert running.subscription("wait").correlation_key == "1"


def test_output_mappings_of_an_event_keep_the_rest_of_the_message_out() -> None:
    model = process(flow("start -> wait -> a"), catch("wait", message("paid"), outputs={"total": "sum * 2"}), user("a"))
    running = Running(model)

    running.deliver("wait", sum=7, secret="x")

    assert running.variables == {"total": 14}


def test_thrown_messages_and_signals_leave_the_instance_with_name_key_and_mapped_variables() -> None:
    model = process(
        flow("start -> tell -> shout -> end"),
        throw("tell", message("paid", "order"), inputs={"sum": "amount * 2"}),
        throw("shout", signal(feel('"all " + city'))),
        end("end", message("done", "order")),
    )
    running = Running(model, order="A", amount=4, city="clear")

    assert running.effects(EventThrown) == [
        EventThrown(kind="message", node="tell", name="paid", correlation_key="A", variables={"sum": 8}),
        EventThrown(kind="signal", node="shout", name="all clear"),
        EventThrown(kind="message", node="end", name="done", correlation_key="A"),
    ]
    assert running.ended
    assert running.variables == {"order": "A", "amount": 4, "city": "clear"}


def test_a_message_event_with_a_topic_is_done_by_a_worker() -> None:
    model = process(flow("start -> tell -> end"), service("tell", type="intermediateThrowEvent", event=message("paid")))
    running = Running(model)

    waits = [w.kind for w in running.waits("tell")]
    running.complete("tell")

    assert waits == ["job"]
    assert running.ended
    assert running.effects(EventThrown) == []


def test_an_uncaught_escalation_leaves_the_instance_and_the_token_goes_on() -> None:
    running = Running(process(flow("start -> tell -> a"), throw("tell", escalation("late")), user("a")))

    assert running.effects(EventThrown) == [EventThrown(kind="escalation", node="tell", name="late")]
    assert running.at() == ["a"]


def test_a_link_goes_on_at_its_other_end() -> None:
    model = process(
        flow("start -> over"),
        flow("there -> a -> end"),
        throw("over", link("L")),
        catch("there", link("L")),
        user("a"),
    )
    running = Running(model)

    assert running.left() == ["start", "over", "there"]
    assert running.at() == ["a"]


def test_a_terminate_end_event_ends_everything_in_the_process() -> None:
    model = process(
        flow("start -> fork -> a -> stop"),
        flow("fork -> b -> end"),
        flow("fork -> s -> end2"),
        parallel("fork"),
        end("stop", terminate()),
        sub("s", flow("startS -> inner"), user("inner")),
        user("a"),
        user("b"),
    )
    running = Running(model)

    running.complete("a")

    assert running.effects(ProcessEnded) == [ProcessEnded(outcome="terminated")]
    assert sorted(running.left("cancelled")) == ["b", "inner", "s"]
    assert running.execution.waiting() == ()


def test_a_terminate_end_event_in_a_sub_process_ends_that_alone() -> None:
    model = process(
        flow("start -> s -> after"),
        sub(
            "s",
            flow("startS -> fork -> a -> stop"),
            flow("fork -> b"),
            parallel("fork"),
            end("stop", terminate()),
            user("a"),
            user("b"),
        ),
        user("after"),
    )
    running = Running(model)

    running.complete("a")
    beyond = running.at()
    running.complete("after")

    assert beyond == ["after"]
    assert running.left("cancelled") == ["b"]
    assert "s" in running.left("completed")
    assert running.effects(ProcessEnded) == [ProcessEnded(outcome="completed")]


def test_a_terminate_end_event_ends_tokens_that_wait_for_their_turn_too() -> None:
    model = process(
        flow("start -> fork -> stop"),
        flow("fork -> b -> c"),
        parallel("fork"),
        end("stop", terminate()),
        script("b", "1", "x"),
        user("c"),
    )
    running = Running(model)

    assert running.entered() == ["start", "fork", "stop"]
    assert running.variables == {}
    assert running.ended


def test_a_terminate_end_event_that_was_parked_still_terminates() -> None:
    costly = "if cheap then 1 else count(for i in 1..10**9 return i)"
    running = Running(process(flow("start -> stop"), end("stop", terminate(), outputs={"x": costly})), cheap=False)

    running.variables["cheap"] = True
    running.execution.retry(running.one("stop"))
    running.run()

    assert running.effects(ProcessEnded) == [ProcessEnded(outcome="terminated")]


def test_a_conditional_event_waits_until_its_condition_is_true() -> None:
    model = process(
        flow("start -> fork -> wait -> a"),
        flow("fork -> b -> c"),
        parallel("fork"),
        catch("wait", conditional("level > 3")),
        user("a"),
        user("b"),
        user("c"),
    )
    running = Running(model)

    before = running.at()
    running.complete("b", level=5)

    assert before == ["b", "wait"]
    assert running.at() == ["a", "c"]


def test_a_conditional_event_sees_variables_that_were_changed_from_outside() -> None:
    model = process(flow("start -> wait -> a"), catch("wait", conditional("level > 3")), user("a"))
    running = Running(model, forget=False, level=1)

    running.variables["level"] = 9
    running.run()

    assert running.at() == ["a"]


def test_a_conditional_event_whose_condition_is_true_already_passes_at_once() -> None:
    model = process(flow("start -> wait -> a"), catch("wait", conditional("level > 3")), user("a"))
    running = Running(model, level=4)

    assert running.at() == ["a"]


def test_a_conditional_event_sees_what_a_script_in_the_same_run_wrote() -> None:
    model = process(
        flow("start -> fork -> wait -> a"),
        flow("fork -> raise -> b"),
        parallel("fork"),
        catch("wait", conditional("level > 3")),
        script("raise", "9", "level"),
        user("a"),
        user("b"),
    )
    running = Running(model)

    assert running.at() == ["a", "b"]


def test_a_conditional_event_that_cannot_be_evaluated_is_an_incident_of_its_own() -> None:
    model = process(
        flow("start -> fork -> wait -> a"),
        flow("fork -> b"),
        parallel("fork"),
        catch("wait", conditional("level")),
        user("a"),
        user("b"),
    )
    running = Running(model, level="high")

    (incident,) = running.effects(IncidentOpened)
    running.variables["level"] = True
    running.execution.retry(incident.activity)
    running.run()

    assert incident.node == "wait"
    assert running.at() == ["a", "b"]


def test_a_fired_timer_cannot_be_fired_again() -> None:
    running = Running(process(flow("start -> wait -> a"), catch("wait", timer("PT1H")), user("a")))
    timer_id = running.one("wait")

    running.fire("wait")

    with pytest.raises(NotFound):
        running.execution.fire(timer_id)
    assert len(running.effects(TimerOpened)) == 1


def test_what_is_no_timer_cannot_be_fired_and_what_is_no_subscription_gets_no_message() -> None:
    running = Running(process(flow("start -> a -> end"), user("a")))

    with pytest.raises(WrongState, match="user-task"):
        running.execution.fire(running.one("a"))
    with pytest.raises(WrongState):
        running.execution.deliver(running.one("a"), {})
