"""Tasks, and the variables they read and write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import NotFound, WrongState
from engine.spiff.effects import IncidentOpened, JobOpened, Left, UserTaskOpened, WaitClosed
from tests.builders_model import (
    catch,
    feel,
    flow,
    message,
    node,
    parallel,
    process,
    receive,
    script,
    service,
    sub,
    throw,
    timer,
    user,
)
from tests.host import NOON, Running


def test_a_user_task_is_opened_with_everything_evaluated() -> None:
    model = process(
        flow("start -> a -> end"),
        user(
            "a",
            assignee=feel("owner"),
            candidate_users="ana, bo",
            candidate_groups=feel('["clerks", unit]'),
            excluded_users=feel("[applicant]"),
            due="P3D",
            follow_up=feel('"2026-03-10"'),
            priority=feel("level * 10"),
            form_key="form:repair",
        ),
    )
    running = Running(model, owner=None, unit="u7", applicant="cy", level=8)

    (task,) = running.effects(UserTaskOpened)

    assert (task.assignee, task.candidate_users) == (None, ("ana", "bo"))
    assert (task.candidate_groups, task.excluded_users) == (("clerks", "u7"), ("cy",))
    assert task.due_at == NOON + timedelta(days=3)
    assert task.follow_up_at == datetime(2026, 3, 9, 16, tzinfo=UTC), "midnight in Shanghai"
    assert (task.priority, task.form_key, task.scope) == (80, "form:repair", "instance")


@pytest.mark.parametrize(
    ("field", "expression", "says"),
    [
        ("assignee", "[1, {}]", "assignee of a"),
        ("candidate_groups", "[true]", "candidate groups of a"),
        ("due", '"soon"', "due of a"),
        ("priority", "missing", "no variable missing"),
        ("priority", '"high"', "whole number"),
    ],
)
def test_what_cannot_be_evaluated_parks_the_task_and_names_the_field(field: str, expression: str, says: str) -> None:
    running = Running(process(flow("start -> a -> end"), user("a", **{field: feel(expression)})))

    (incident,) = running.effects(IncidentOpened)

    assert incident.kind == "expression"
    assert says in incident.message
    assert running.effects(UserTaskOpened) == []
    assert running.entered() == ["start", "a"]


def test_a_job_is_opened_with_topic_retries_priority_and_headers() -> None:
    model = process(
        flow("start -> a -> end"),
        service("a", feel('"print-" + kind'), retries="5", priority=feel("1 + 1"), headers={"paper": "A4"}),
    )
    running = Running(model, kind="notice")

    (job,) = running.effects(JobOpened)

    assert (job.topic, job.retries, job.priority, dict(job.headers)) == ("print-notice", 5, 2, {"paper": "A4"})


@pytest.mark.parametrize("type_", ["sendTask", "businessRuleTask", "scriptTask"])
def test_other_tasks_with_a_topic_are_jobs_too(type_: str) -> None:
    running = Running(process(flow("start -> a -> end"), service("a", type=type_)))

    assert running.at("job") == ["a"]


def test_abstract_and_manual_tasks_pass_at_once() -> None:
    running = Running(process(flow("start -> a -> b -> end"), node("a", "task"), node("b", "manualTask")))

    assert running.left() == ["start", "a", "b", "end"]
    assert running.ended


def test_a_receive_task_waits_for_its_message_or_is_completed_by_hand() -> None:
    model = process(flow("start -> a -> b -> end"), receive("a", message("m", "1")), receive("b", message("m")))
    running = Running(model)

    running.deliver("a", x=1)
    running.complete("b", y=2)

    assert running.variables == {"x": 1, "y": 2}
    assert running.ended


def test_input_mappings_are_local_and_seen_by_later_ones() -> None:
    model = process(flow("start -> a -> b"), service("a", inputs={"net": "sum", "gross": "net * 2"}), user("b"))
    running = Running(model, sum=10)

    (job,) = running.effects(JobOpened)
    seen = dict(running.host.context(job.scope))
    running.complete("a")

    assert job.scope == job.activity
    assert seen == {"sum": 10, "net": 10, "gross": 20}
    assert running.variables == {"sum": 10}
    assert set(running.host.scopes) == {"instance"}


def test_output_mappings_write_what_they_say_and_drop_the_rest() -> None:
    model = process(
        flow("start -> a -> end"),
        service("a", inputs={"rate": "2"}, outputs={"total": "sum * rate", "next": "total + 1"}),
    )
    running = Running(model)

    running.complete("a", sum=21, debris="x")

    assert running.variables == {"total": 42, "next": 43}


def test_an_output_mapping_that_fails_parks_the_token_without_losing_the_results() -> None:
    costly = "count(for i in 1..10**9 return i)"
    model = process(flow("start -> a -> end"), service("a", outputs={"total": f"if cheap then sum + 1 else {costly}"}))
    running = Running(model, cheap=False)

    running.complete("a", sum=21)
    (incident,) = running.effects(IncidentOpened)
    running.variables["cheap"] = True
    running.execution.retry(incident.activity)
    running.run()

    assert (incident.kind, incident.node) == ("expression", "a")
    assert running.variables == {"cheap": True, "total": 22}
    assert running.ended


def test_a_retry_after_a_failed_output_mapping_does_not_open_the_job_again() -> None:
    model = process(flow("start -> a -> gate"), service("a"), flow("a -> x", when="ok"), user("x"), user("gate"))
    running = Running(model)

    running.complete("a", sum=21)
    (incident,) = running.effects(IncidentOpened)
    running.variables["ok"] = True
    running.execution.retry(incident.activity)
    running.run()

    assert len(running.effects(JobOpened)) == 1
    assert running.at() == ["gate", "x"]


def test_output_mappings_are_not_made_twice_when_the_way_out_is_retried() -> None:
    model = process(flow("start -> a"), service("a", outputs={"n": "n + 1"}), flow("a -> x", when="ok"), user("x"))
    running = Running(model, n=0)

    running.complete("a")
    running.variables["ok"] = True
    running.execution.retry(running.one("a"))
    running.run()

    assert running.variables["n"] == 1
    assert running.at() == ["x"]


def test_a_token_that_was_parked_before_its_turn_and_retried_runs_once() -> None:
    running = Running(process(flow("start -> a -> b"), user("a"), script("b", "n + 1", "n")), forget=False, n=0)
    token = running.one("a")

    running.execution.complete(token, {})
    running.execution.park(token, "model", "wait")
    running.execution.retry(token)
    running.run()

    assert running.variables["n"] == 1
    assert running.ended


def test_without_output_mappings_results_shadowed_by_an_input_mapping_stay_local() -> None:
    running = Running(process(flow("start -> a -> end"), service("a", inputs={"sum": "1"})), sum=0)

    running.complete("a", sum=5, other=6)

    assert running.variables == {"sum": 0, "other": 6}


def test_a_feel_script_writes_its_result_variable() -> None:
    running = Running(process(flow("start -> a -> end"), script("a", "amount + 1", "next")), amount=1)

    assert running.variables == {"amount": 1, "next": 2}


def test_a_python_script_writes_the_variables_it_sets() -> None:
    model = process(
        flow("start -> a -> end"), script("a", "total = sum(amounts)\nlabel = f'{total}'", language="python")
    )
    running = Running(model, amounts=[1, 2, 3])

    assert running.variables == {"amounts": [1, 2, 3], "total": 6, "label": "6"}


def test_a_failing_script_is_an_incident_that_names_the_line() -> None:
    model = process(flow("start -> a -> b"), script("a", "x = 1\ny = 1 / divisor", language="python"), user("b"))
    running = Running(model, divisor=0)

    (incident,) = running.effects(IncidentOpened)
    running.variables["divisor"] = 2
    running.execution.retry(incident.activity)
    running.run()

    assert incident.kind == "script"
    assert "line 2" in incident.message
    assert "scriptTask a" in incident.message
    assert running.variables == {"divisor": 2, "x": 1, "y": 0.5}


def test_a_token_can_be_completed_once() -> None:
    running = Running(process(flow("start -> a -> b"), user("a"), user("b")), forget=False)
    task = running.one("a")

    running.execution.complete(task, {"x": 1})
    with pytest.raises(WrongState, match="ready"):
        running.execution.complete(task, {"x": 2})
    running.run()
    with pytest.raises(NotFound):
        running.execution.complete(task, {"x": 3})

    assert running.variables == {"x": 1}
    assert running.entered().count("b") == 1


def test_a_sub_process_or_a_timer_cannot_be_completed() -> None:
    running = Running(
        process(flow("start -> s"), sub("s", flow("startS -> a"), catch("a", timer("PT1H")))),
    )

    with pytest.raises(WrongState, match="sub-process"):
        running.execution.complete(running.one("s"), {})
    with pytest.raises(WrongState, match="timer"):
        running.execution.complete(running.one("a"), {})
    with pytest.raises(WrongState, match="timer"):
        running.execution.throw_error(running.one("a"), "E", "", {})


def test_a_parked_job_is_opened_again_by_a_retry_with_its_inputs_mapped_anew() -> None:
    model = process(flow("start -> a -> b"), service("a", inputs={"where": "address"}), user("b"))
    running = Running(model, address="old")
    job = running.one("a")

    running.execution.park(job, "job-failed", "printer on fire")
    running.reload()
    parked = running.at("incident")
    running.variables["address"] = "new"
    running.execution.retry(job)
    running.run()

    assert parked == ["a"]
    assert [e.activity for e in running.effects(JobOpened)] == [job, job]
    assert running.host.context(job)["where"] == "new"
    assert running.effects(IncidentOpened) == [
        IncidentOpened(activity=job, node="a", kind="job-failed", message="printer on fire")
    ]


def test_only_what_can_fail_can_be_parked_and_only_what_is_parked_can_be_retried() -> None:
    model = process(
        flow("start -> fork -> s"),
        flow("fork -> join"),
        flow("s -> join"),
        parallel("fork", "join"),
        sub("s", flow("startS -> a"), user("a")),
    )
    running = Running(model)

    with pytest.raises(WrongState):
        running.execution.park(running.one("s"), "x", "y")
    with pytest.raises(WrongState):
        running.execution.park(running.one("join"), "x", "y")
    with pytest.raises(WrongState):
        running.execution.retry(running.one("a"))


def test_cancelling_closes_everything_and_ends_the_instance() -> None:
    model = process(
        flow("start -> fork -> s -> end"),
        flow("fork -> broken"),
        flow("fork -> join"),
        flow("b -> join"),
        parallel("fork", "join"),
        sub("s", flow("startS -> a"), user("a", inputs={"x": "1"})),
        user("broken", priority=feel("missing")),
        node("b", "task"),
        throw("unused"),
    )
    running = Running(model)
    task, broken = running.one("a"), running.one("broken")

    running.execution.cancel("instance")
    happened = running.reload()

    assert running.ended
    assert running.execution.waiting() == ()
    assert {e.wait for e in happened if isinstance(e, WaitClosed)} == {task, broken}
    assert sorted(e.node for e in happened if isinstance(e, Left)) == ["a", "broken", "s"]
    assert set(running.host.scopes) == {"instance"}
    assert running.execution.run()
