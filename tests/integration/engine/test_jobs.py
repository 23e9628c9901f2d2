"""Jobs are leased and fenced; failures are counted, paused, and end in an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import FakeClock
from engine import commands as c
from engine.contracts.principal import Principal
from engine.errors import Forbidden, NotFound, StaleLease
from tests.builders import ADMIN, BOSS, LI, node, process, service, user
from tests.desk import Desk

ONE_JOB = process("p", "start -> work -> end", service("work", "print"))


def test_a_completed_job_moves_the_process_on_with_its_variables(desk: Desk) -> None:
    desk.deploy(ONE_JOB)
    case = desk.start("p", 份数=2)

    (job,) = desk.take("print")
    desk.finish(job, 页码="1–4")

    assert job.variables == {"份数": 2}
    assert desk.state(case.instance_id) == "completed"
    assert desk.see(case.instance_id).variables == {"份数": 2, "页码": "1–4"}
    desk.assert_sound()


def test_a_leased_job_is_given_to_nobody_else(desk: Desk) -> None:
    desk.deploy(ONE_JOB)
    desk.start("p")

    first, second = desk.take("print"), desk.take("print")

    assert len(first) == 1
    assert second == []


def test_a_result_after_the_lease_has_passed_on_is_refused(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(ONE_JOB)
    case = desk.start("p")
    (slow,) = desk.take("print")

    clock.advance(timedelta(seconds=61))
    desk.engine.sweep()
    (fast,) = desk.take("print")

    with pytest.raises(StaleLease):
        desk.finish(slow, who="slow")
    desk.finish(fast, who="fast")
    with pytest.raises(StaleLease):
        desk.finish(fast, who="fast again")
    assert fast.attempt == 2
    assert fast.idempotency_key == slow.idempotency_key
    assert desk.see(case.instance_id).variables == {"who": "fast"}
    desk.assert_sound()


def test_an_extended_lease_is_kept(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(ONE_JOB)
    desk.start("p")
    (job,) = desk.take("print")

    clock.advance(timedelta(seconds=50))
    until = desk.engine.jobs(ADMIN).extend(job.id, job.lease_token, timedelta(seconds=60))
    clock.advance(timedelta(seconds=50))
    desk.engine.sweep()

    assert until == clock.now() + timedelta(seconds=10)
    assert desk.take("print") == []
    desk.finish(job)


def test_a_failed_job_comes_back_after_a_growing_pause(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(ONE_JOB)
    desk.start("p")
    (job,) = desk.take("print")

    desk.fail(job)
    at_once = desk.take("print")
    clock.advance(timedelta(seconds=7))
    (second,) = desk.take("print")
    desk.fail(second)
    clock.advance(timedelta(seconds=7))
    too_early = desk.take("print")
    clock.advance(timedelta(seconds=6))
    (third,) = desk.take("print")

    assert at_once == [] and too_early == []
    assert (second.retries_left, third.retries_left, third.attempt) == (1, 0, 3)


def test_the_last_failure_becomes_an_incident_that_an_operator_retries(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print", retries=1)))
    case = desk.start("p", 打印机="A")
    (job,) = desk.take("print")
    desk.fail(job, "打印机 A 不存在", details="Traceback …")

    (incident,) = desk.incidents(case.instance_id)
    desk.assert_sound()
    command = c.RetryIncident(incident_id=incident.id, variables={"打印机": "B"})
    desk.engine.execute(command, by=BOSS)
    (again,) = desk.take("print")
    desk.finish(again)

    assert (incident.kind, incident.message, incident.details) == ("job", "打印机 A 不存在", "Traceback …")
    assert incident.element_name == "work"
    assert again.variables == {"打印机": "B"}
    assert desk.state(case.instance_id) == "completed"
    assert desk.incidents() == []
    desk.assert_sound()


def test_a_worker_that_dies_again_and_again_ends_in_an_incident(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print", retries=2)))
    desk.start("p")

    for _ in range(2):
        assert len(desk.take("print")) == 1
        clock.advance(timedelta(seconds=61))
        desk.engine.sweep()

    assert desk.take("print") == []
    (incident,) = desk.incidents()
    assert "lease" in incident.message


def test_a_business_error_goes_to_the_boundary_event_that_catches_it(desk: Desk) -> None:
    error = '<bpmn:error id="e" name="no paper" errorCode="NO_PAPER"/>'
    catch = node("boundaryEvent", "empty", '<bpmn:errorEventDefinition errorRef="e"/>', attachedToRef="work")
    model = process(
        "p", "start -> work -> end; empty -> refill -> end2", service("work", "print"), catch, user("refill"), top=error
    )
    desk.deploy(model)
    case = desk.start("p")
    (job,) = desk.take("print")

    desk.engine.jobs(ADMIN).throw_error(job.id, job.lease_token, code="NO_PAPER", message="缺纸")

    assert desk.task(case.instance_id).element_id == "refill"
    desk.assert_sound()


def test_an_uncaught_business_error_is_an_incident_never_success(desk: Desk) -> None:
    desk.deploy(ONE_JOB)
    case = desk.start("p")
    (job,) = desk.take("print")
    desk.engine.jobs(ADMIN).throw_error(job.id, job.lease_token, code="NO_PAPER", message="缺纸")

    (incident,) = desk.incidents(case.instance_id)
    desk.assert_sound()
    desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)
    (again,) = desk.take("print")
    desk.finish(again)

    assert incident.kind == "uncaught-error"
    assert "NO_PAPER" in incident.message
    assert desk.state(case.instance_id) == "completed"
    desk.assert_sound()


def test_the_more_important_job_goes_first(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(ONE_JOB)
    first = desk.start("p")
    clock.advance(timedelta(seconds=1))
    desk.start("p")

    (job,) = desk.take("print", limit=1)

    assert job.instance_id == first.instance_id


def test_a_bot_gets_jobs_of_its_topics_only(desk: Desk) -> None:
    desk.deploy(ONE_JOB)
    desk.start("p")
    mailer = Principal(id="mailer", kind="bot", roles=frozenset({"bot"}), topics=frozenset({"mail"}))
    (job,) = desk.take("print")

    none = desk.engine.execute(c.ActivateJobs(worker="m", topics=("print", "mail"), limit=5), by=mailer)

    assert none == ()
    with pytest.raises(NotFound):
        desk.engine.jobs(mailer).extend(job.id, job.lease_token, timedelta(seconds=5))
    with pytest.raises(Forbidden):
        desk.engine.execute(c.ActivateJobs(worker="m", topics=("print",)), by=LI)
