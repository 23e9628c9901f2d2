"""Standard loops and multi-instance activities (BPMN 2.0, 13.3.6 and 13.3.7)."""

from __future__ import annotations

import pytest

from engine.spiff.effects import Entered, IncidentOpened, Left, UserTaskOpened
from tests.builders_model import (
    boundary,
    each,
    end,
    error,
    feel,
    flow,
    process,
    script,
    service,
    signal,
    sub,
    times,
    user,
    while_,
)
from tests.host import Running


def _each(loop: object, **fields: object) -> object:
    return process(flow("start -> ask -> after"), user("ask", loop=loop, **fields), user("after"))


def test_parallel_instances_are_open_at_once_each_with_its_item_and_counter() -> None:
    running = Running(_each(each("people"), assignee=feel("item")), people=["Ana", "Bo"])

    opened = running.effects(UserTaskOpened)
    entered = [e for e in running.effects(Entered) if e.node == "ask"]

    assert [e.assignee for e in opened] == ["Ana", "Bo"]
    assert [e.loop_index for e in entered] == [0, 1]
    assert [running.host.context(e.scope)["loopCounter"] for e in opened] == [1, 2]
    assert "item" not in running.variables


def test_results_are_gathered_in_the_order_of_the_items_whatever_the_order_of_finishing() -> None:
    loop = each("people", output_collection="votes", output_element="vote")
    running = Running(_each(loop), people=["a", "b", "c"])

    running.complete("ask", 2, vote="third")
    running.complete("ask", 0, vote="first")
    between = "votes" in running.variables
    running.complete("ask", 0, vote="second")

    assert not between
    assert running.variables == {"people": ["a", "b", "c"], "votes": ["first", "second", "third"]}
    assert running.at() == ["after"]
    assert set(running.host.scopes) == {"instance"}


def test_without_an_output_collection_results_are_written_outwards() -> None:
    running = Running(_each(times("2")))

    running.complete("ask", a=1)
    running.complete("ask", b=2)

    assert running.variables == {"a": 1, "b": 2}


def test_sequential_instances_run_one_after_the_other() -> None:
    loop = each("people", sequential=True, output_collection="votes", output_element="item + vote")
    running = Running(_each(loop), people=["a", "b", "c"])
    seen = []

    for vote in ("1", "2", "3"):
        (waiting,) = running.waits("ask", "user-task")
        seen.append(running.host.context(waiting.id)["item"])
        running.complete("ask", vote=vote)

    entered = [e for e in running.effects(Entered) if e.node == "ask"]
    after = next(e for e in running.effects(Entered) if e.node == "after")
    assert seen == ["a", "b", "c"]
    assert after.predecessors == (entered[2].activity,)
    assert running.variables["votes"] == ["a1", "b2", "c3"]
    assert entered[1].predecessors == (entered[0].activity,)


def test_a_list_that_changes_meanwhile_does_not_disturb_sequential_instances() -> None:
    running = Running(_each(each("people", sequential=True)), people=["a", "b"])

    running.complete("ask", people=["x"])
    item = running.host.context(running.one("ask", "user-task"))["item"]
    running.complete("ask")

    assert item == "b"
    assert running.at() == ["after"]


@pytest.mark.parametrize("sequential", [False, True])
def test_an_empty_collection_passes_at_once_and_gathers_an_empty_list(sequential: bool) -> None:
    loop = each("people", sequential=sequential, output_collection="votes", output_element="vote")
    running = Running(_each(loop), people=[])

    assert running.at() == ["after"]
    assert running.variables["votes"] == []
    assert "ask" not in running.entered()


@pytest.mark.parametrize(
    "condition",
    [
        "numberOfCompletedInstances >= 2",
        "nrOfCompletedInstances / nrOfInstances > 0.5",
        'vote = "stop"',
        "numberOfActiveInstances = 1 and numberOfInstances = 3",
    ],
)
def test_a_completion_condition_ends_the_other_instances(condition: str) -> None:
    loop = each("people", completion_condition=condition, output_collection="votes", output_element="vote")
    running = Running(_each(loop), people=["a", "b", "c"])

    running.complete("ask", 1, vote="go")
    running.complete("ask", 1, vote="stop")

    assert running.at() == ["after"]
    assert running.variables["votes"] == [None, "go", "stop"]
    assert [e.reason for e in running.effects(Left) if e.outcome == "cancelled"] == ["completion condition"]


def test_a_completion_condition_ends_a_sequence_early() -> None:
    running = Running(_each(times("5", sequential=True, completion_condition="enough")), enough=False)

    running.complete("ask")
    running.complete("ask", enough=True)

    assert running.at() == ["after"]


def test_a_completion_condition_that_cannot_be_evaluated_parks_that_instance() -> None:
    running = Running(_each(times("2", completion_condition="enough")))

    running.complete("ask")
    (incident,) = running.effects(IncidentOpened)
    running.variables["enough"] = True
    running.execution.retry(incident.activity)
    running.run()

    assert incident.kind == "condition"
    assert running.at() == ["after"]


@pytest.mark.parametrize("people", [None, "Ana", {"a": 1}, 3])
def test_what_is_no_list_is_an_incident_of_the_whole_loop(people: object) -> None:
    running = Running(_each(each("people")), people=people)

    (incident,) = running.effects(IncidentOpened)
    running.variables["people"] = ["Ana"]
    running.execution.retry(incident.activity)
    running.run()

    assert "collection of ask" in incident.message
    assert len(running.waits("ask", "user-task")) == 1


@pytest.mark.parametrize(("count", "kind"), [("-1", "expression"), ("10 ** 9", "runaway"), ("1.5", "expression")])
def test_a_number_of_instances_out_of_bounds_is_an_incident(count: str, kind: str) -> None:
    running = Running(_each(times(count)))

    assert [e.kind for e in running.effects(IncidentOpened)] == [kind]


def test_input_and_output_mappings_belong_to_each_instance() -> None:
    model = process(
        flow("start -> ask -> after"),
        service(
            "ask",
            loop=each("people", output_collection="results", output_element="answer"),
            inputs={"who": "upper case(item)"},
            outputs={"answer": "result + loopCounter"},
        ),
        user("after"),
    )
    running = Running(model, people=["a", "b"])

    whos = [running.host.context(w.id)["who"] for w in running.waits("ask", "job")]
    running.complete("ask", 1, result=10)
    running.complete("ask", 0, result=20)

    assert whos == ["A", "B"]
    assert running.variables == {"people": ["a", "b"], "results": [21, 12]}


def test_a_parked_instance_is_opened_again_with_the_inputs_it_had() -> None:
    model = process(flow("start -> ask -> end"), service("ask", loop=each("[1]"), inputs={"item": "item * 2"}))
    running = Running(model)
    job = running.one("ask", "job")

    running.execution.park(job, "job-failed", "")
    running.execution.retry(job)
    running.run()

    assert running.host.context(job)["item"] == 2
    assert running.at("job") == ["ask"]


def test_a_multi_instance_sub_process_keeps_each_instance_to_itself() -> None:
    model = process(
        flow("start -> s -> after"),
        sub(
            "s",
            flow("startS -> ask -> calc -> endS"),
            user("ask"),
            script("calc", "vote * 10", "score"),
            loop=each("people", output_collection="scores", output_element="score"),
        ),
        user("after"),
    )
    running = Running(model, people=["a", "b", "c"])

    for index, vote in ((2, 3), (0, 1), (0, 2)):
        running.complete("ask", index, vote=vote)

    assert running.variables["scores"] == [10, 20, 30]
    assert "score" not in running.variables
    assert running.left().count("s") == 3
    assert running.at() == ["after"]


def test_an_error_in_one_instance_of_a_sub_process_ends_all_of_them_by_the_boundary_event() -> None:
    model = process(
        flow("start -> s -> after"),
        flow("caught -> repair"),
        sub("s", flow("startS -> work -> endS"), service("work"), loop=times("3")),
        boundary("caught", "s", error()),
        user("repair"),
        user("after"),
    )
    running = Running(model)

    running.fail("work", "E")

    assert running.at() == ["repair"]
    assert running.left("failed") == ["work"]
    assert sorted(running.left("cancelled")) == ["s", "s", "s", "work", "work"]
    assert set(running.host.scopes) == {"instance"}


def test_a_boundary_event_belongs_to_the_whole_multi_instance_activity() -> None:
    model = process(
        flow("start -> ask -> after"),
        flow("stop -> told"),
        user("ask", loop=times("3")),
        boundary("stop", "ask", signal("stop")),
        user("told"),
        user("after"),
    )
    running = Running(model)

    listeners = len(running.waits("stop"))
    running.complete("ask")
    running.deliver("stop")

    assert listeners == 1
    assert running.at() == ["told"]
    assert running.left("cancelled") == ["ask", "ask"]


def test_what_follows_names_the_instances_that_led_to_it() -> None:
    running = Running(_each(times("3")))

    ids = {w.id for w in running.waits("ask", "user-task")}
    for _ in range(3):
        running.complete("ask")

    assert set(next(e for e in running.effects(Entered) if e.node == "after").predecessors) == ids


def test_a_standard_loop_runs_while_its_condition_is_true() -> None:
    running = Running(_each(while_("again")), again=True)

    running.complete("ask")
    running.complete("ask")
    running.complete("ask", again=False)

    assert running.at() == ["after"]
    assert [e.loop_index for e in running.effects(Entered) if e.node == "ask"] == [0, 1, 2]


def test_a_standard_loop_that_tests_first_may_not_run_at_all() -> None:
    running = Running(_each(while_("again", test_before=True)), again=False)

    assert running.at() == ["after"]


def test_a_standard_loop_stops_at_its_maximum_and_knows_its_round() -> None:
    model = process(
        flow("start -> add -> after"),
        script("add", "append(seen, loopCounter)", "seen", loop=while_(None, maximum="3")),
        user("after"),
    )
    running = Running(model, seen=[])

    assert running.variables["seen"] == [1, 2, 3]


def test_ten_thousand_parallel_instances_complete_one_by_one() -> None:
    running = Running(_each(each("people")), forget=False, people=list(range(10_000)))

    for waiting in running.waits("ask", "user-task"):
        running.execution.complete(waiting.id, {})
        running.execution.run()

    assert [(w.node, w.kind) for w in running.execution.waiting()] == [("after", "user-task")]


def test_a_loop_of_5000_rounds_keeps_its_state_flat() -> None:
    running = Running(_each(while_("loopCounter < 5000")), forget=False)
    sizes, rounds = set(), 0

    while running.at() != ["after"]:
        if rounds % 500 == 499:
            running.reload()
            sizes.add(len(running.execution.dump()))
        running.execution.complete(running.one("ask", "user-task"), {})
        running.execution.run()
        rounds += 1

    assert rounds == 5000
    assert max(sizes) - min(sizes) <= 8
    assert max(sizes) < 500


def test_an_error_end_event_inside_a_looped_sub_process_is_caught_on_any_round() -> None:
    model = process(
        flow("start -> s -> after"),
        flow("caught -> repair"),
        sub(
            "s",
            flow("startS -> ask -> gate"),
            flow("gate -> failed", when="bad"),
            flow("gate -> endS", default=True),
            user("ask"),
            end("failed", error("E")),
            loop=while_("true"),
        ),
        boundary("caught", "s", error("E")),
        user("repair"),
        user("after"),
    )
    running = Running(model)

    running.complete("ask", bad=False)
    running.complete("ask", bad=True)

    assert running.at() == ["repair"]
