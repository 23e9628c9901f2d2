"""Every failure is one open incident while it can be mended, and none once it cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import FakeClock
from engine import commands as c
from engine.errors import InvalidInput, StaleLease, WrongState
from engine.store import tables as t
from tests.builders import ADMIN, BOSS, node, process, script, service, timer, user
from tests.desk import Desk

GATE = node("exclusiveGateway", "gate")
UNDECIDED = "gate -> a [=x > 1]; gate -> b [=x <= 1]; a -> end; b -> end"


def fail_for_good(desk: Desk, case: str) -> None:
    """Fail a case's one job until an incident asks for help."""
    (job,) = [j for j in desk.take("print") if j.instance_id == case]
    desk.fail(job, retries=0)


def corrupt(desk: Desk, case: str) -> None:
    """Make a case's tokens unreadable."""
    with desk.engine._database.write() as connection:
        table = t.process_instance
        connection.execute(table.update().where(table.c.id == case).values(token_state=b"{"))


def test_a_deadline_that_ends_a_failed_job_resolves_its_incident(desk: Desk, clock: FakeClock) -> None:
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="work")
    desk.deploy(process("p", "start -> work -> end; late -> a -> end2", service("work", "print"), late, user("a")))
    case = desk.start("p").instance_id
    fail_for_good(desk, case)
    (incident,) = desk.incidents(case)

    clock.advance(timedelta(hours=1))
    desk.engine.fire_due_timers()

    assert desk.incidents(case) == []
    assert desk.see(case).row.incidents == 0
    with pytest.raises(WrongState):
        desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)
    desk.assert_sound()


def test_a_terminated_case_leaves_no_incident_open(desk: Desk) -> None:
    stop = node("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    fork = node("parallelGateway", "fork")
    flows = f"start -> fork -> gate; {UNDECIDED}; fork -> work -> stop2; fork -> last -> stop"
    elements = (fork, GATE, user("a"), user("b"), service("work", "print"), user("last"), stop)
    desk.deploy(process("p", flows.replace("stop2", "end2"), *elements))
    case = desk.start("p", x="?").instance_id
    fail_for_good(desk, case)
    before = len(desk.incidents(case))

    desk.complete(desk.task(case).id)

    assert before == 2
    assert desk.incidents(case) == []
    assert desk.see(case).row.incidents == 0
    desk.assert_sound()


def test_an_incident_that_opens_and_ends_in_one_command_is_not_left_open(desk: Desk) -> None:
    stop = node("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    fork = node("parallelGateway", "fork")
    flows = f"start -> first -> fork -> gate; {UNDECIDED}; fork -> step -> stop"
    desk.deploy(process("p", flows, user("first"), fork, GATE, user("a"), user("b"), script("step", "1", "y"), stop))
    case = desk.start("p", x="?").instance_id

    desk.complete(desk.task(case).id)

    assert desk.state(case) == "terminated"
    assert desk.incidents(case) == []
    desk.assert_sound()


def test_a_cancelled_case_with_incidents_of_each_kind_is_over(desk: Desk) -> None:
    fork = node("parallelGateway", "fork")
    flows = f"start -> fork -> gate; {UNDECIDED}; fork -> work -> end2"
    desk.deploy(process("p", flows, fork, GATE, user("a"), user("b"), service("work", "print")))
    case = desk.start("p", x="?").instance_id
    fail_for_good(desk, case)

    row = desk.engine.execute(c.CancelInstance(instance_id=case, reason="r"), by=BOSS)

    assert (row.state, row.incidents) == ("cancelled", 0)
    assert desk.incidents(case) == []
    desk.assert_sound()


def test_a_case_that_cannot_be_read_can_be_cancelled(desk: Desk, clock: FakeClock) -> None:
    wait = node("intermediateCatchEvent", "wait", timer("PT1H"))
    fork = node("parallelGateway", "fork")
    desk.deploy(process("p", "start -> fork -> wait -> end; fork -> a -> end", fork, wait, user("a")))
    case = desk.start("p").instance_id
    corrupt(desk, case)
    clock.advance(timedelta(hours=1))
    desk.engine.fire_due_timers()

    with pytest.raises(WrongState, match="set aside"):
        desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)
    desk.engine.execute(c.CancelInstance(instance_id=case, reason="无法恢复"), by=BOSS)

    assert desk.state(case) == "cancelled"
    assert desk.incidents() == [] and desk.tasks() == []
    assert {a.state for a in desk.see(case).activities} == {"completed", "cancelled"}
    desk.assert_sound()


def test_a_long_run_that_is_cancelled_between_two_commits_stays_cancelled(desk: Desk) -> None:
    desk.engine._step_budget = 100
    merge, more = node("exclusiveGateway", "merge"), node("exclusiveGateway", "more")
    flows = "start -> merge -> step -> more; more -> merge [=i < 1000]; more -> end []"
    desk.deploy(process("p", flows, merge, script("step", "i + 1", "i"), more))
    case = desk.start("p", i=0).instance_id

    desk.engine.execute(c.CancelInstance(instance_id=case, reason="r"), by=BOSS)
    at_once = desk.engine.verify().problems
    desk.engine.sweep()

    assert at_once == ()
    assert desk.state(case) == "cancelled"
    assert desk.incidents() == [] and not [j for j in desk.see(case).jobs if j.state == "available"]
    desk.assert_sound()


def test_a_worker_cannot_take_the_engines_own_continuations(desk: Desk) -> None:
    desk.engine._step_budget = 100
    merge, more = node("exclusiveGateway", "merge"), node("exclusiveGateway", "more")
    flows = "start -> merge -> step -> more; more -> merge [=i < 100]; more -> end []"
    desk.deploy(process("p", flows, merge, script("step", "i + 1", "i"), more))
    case = desk.start("p", i=0).instance_id

    taken = desk.take("civiflow.continue")
    for _ in range(10):
        desk.engine.sweep()

    assert taken == []
    assert desk.state(case) == "completed"


def test_a_job_finished_while_its_case_is_suspended_is_taken_and_the_case_goes_on_later(desk: Desk) -> None:
    step = script("step", "n + 1", "n")
    desk.deploy(process("p", "start -> work -> step -> a -> end", service("work", "print"), step, user("a")))
    case = desk.start("p", n=1).instance_id
    (job,) = desk.take("print")
    desk.engine.execute(c.SuspendInstance(instance_id=case), by=BOSS)

    desk.finish(job, page=1)
    stopped = desk.see(case)
    desk.assert_sound()
    desk.engine.execute(c.SetVariables(instance_id=case, variables={"n": 5}), by=BOSS)
    desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)

    assert stopped.row.state == "suspended" and stopped.tasks == ()
    assert stopped.variables == {"n": 1, "page": 1}
    assert desk.task(case).element_id == "a"
    assert desk.see(case).variables == {"n": 6, "page": 1}
    desk.assert_sound()


def test_an_incident_retried_while_its_case_is_suspended_goes_on_when_it_is_resumed(desk: Desk) -> None:
    desk.deploy(process("p", f"start -> gate; {UNDECIDED}", GATE, user("a"), user("b")))
    case = desk.start("p", x="?").instance_id
    (incident,) = desk.incidents(case)
    desk.engine.execute(c.SuspendInstance(instance_id=case), by=BOSS)

    desk.engine.execute(c.RetryIncident(incident_id=incident.id, variables={"x": 2}), by=BOSS)
    stopped = desk.tasks(case)
    desk.assert_sound()
    desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)

    assert stopped == []
    assert desk.task(case).element_id == "a"
    desk.assert_sound()


def test_a_late_worker_is_told_that_its_lease_is_over_though_the_retried_job_waits_for_its_case(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))
    case = desk.start("p").instance_id
    (job,) = desk.take("print")
    desk.engine.jobs(ADMIN).throw_error(job.id, job.lease_token, code="NO_PAPER", message="缺纸")
    (incident,) = desk.incidents(case)
    desk.engine.execute(c.SuspendInstance(instance_id=case), by=BOSS)
    desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)

    with pytest.raises(StaleLease):
        desk.finish(job)
    desk.assert_sound()
    desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)
    with pytest.raises(StaleLease):
        desk.finish(job)
    (again,) = desk.take("print")
    desk.finish(again)

    assert desk.state(case) == "completed"
    desk.assert_sound()


def test_a_subject_that_cannot_be_computed_stops_nobody(desk: Desk) -> None:
    subject = {"civiflow:subject": "=string join(for i in 1..99999 return for j in 1..99999 return x, y)"}
    desk.deploy(process("p", "start -> a -> end", user("a"), properties=subject))

    case = desk.start("p").instance_id
    desk.complete(desk.task(case).id, x="1")

    assert desk.state(case) == "completed"


def test_a_start_timer_that_cannot_start_is_tried_again_later(desk: Desk, clock: FakeClock) -> None:
    begin = node("startEvent", "start", timer("R/PT1H").replace("timeDuration", "timeCycle"))
    desk.deploy(process("p", "start -> a -> end", begin, user("a")))
    with desk.engine._database.write() as connection:
        xml = connection.execute(sa.select(t.resource.c.content)).scalar_one()
        connection.execute(t.resource.update().values(content=b"<not/>"))
    desk.engine._bundles._held.clear()
    clock.advance(timedelta(hours=1))

    failed = desk.engine.fire_due_timers()
    at_once = desk.engine.fire_due_timers()
    with desk.engine._database.write() as connection:
        connection.execute(t.resource.update().values(content=xml))
    clock.advance(timedelta(hours=1))
    fired = desk.engine.fire_due_timers()

    assert (failed, at_once, fired) == (0, 0, 1)
    assert len(desk.tasks()) == 1


def test_a_process_in_two_files_of_a_deployment_is_refused_by_name(desk: Desk) -> None:
    first, second = process("p", "start -> a -> end", user("a")), process("p", "start -> b -> end", user("b"))

    with pytest.raises(InvalidInput, match="several files hold p"):
        desk.deploy(first, second)

    assert desk.engine.read(BOSS).definitions() == ()


def test_a_new_version_takes_over_the_start_events_of_the_old_one(desk: Desk, clock: FakeClock) -> None:
    top = '<bpmn:message id="n" name="order"/>'
    daily = node("startEvent", "start", timer("R/PT24H").replace("timeDuration", "timeCycle"))
    begin = node("startEvent", "start", '<bpmn:messageEventDefinition messageRef="n"/>')
    for task, pause in (("a", 1), ("b", 25)):
        flow = f"start -> {task} -> end"
        desk.deploy(process("p", flow, daily, user(task)), process("q", flow, begin, user(task), top=top))
        clock.advance(timedelta(hours=pause))

    fired = desk.engine.fire_due_timers()
    desk.engine.execute(c.PublishMessage(name="order"), by=BOSS)

    assert fired == 1
    assert [(x.definition_key, x.element_id) for x in sorted(desk.tasks(), key=lambda x: x.definition_key)] == [
        ("p", "b"),
        ("q", "b"),
    ]
