"""Timers, messages, signals, suspended cases, long runs: what waits goes on exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import FakeClock
from engine import commands as c
from engine.errors import Conflict, Forbidden, NotFound, WrongState
from tests.builders import ADMIN, BOSS, CITIZEN, LI, node, process, script, service, timer, user
from tests.desk import Desk

PAID = (
    '<bpmn:message id="m" name="paid"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
)
CATCH = node("intermediateCatchEvent", "pay", '<bpmn:messageEventDefinition messageRef="m"/>')
PAYMENT = process("p", "start -> pay -> end", CATCH, top=PAID)


def test_a_timer_goes_off_when_it_is_due_and_once(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(process("p", "start -> wait -> end", node("intermediateCatchEvent", "wait", timer("PT1H"))))
    case = desk.start("p")

    clock.advance(timedelta(minutes=59, seconds=59))
    early = desk.engine.fire_due_timers()
    clock.advance(timedelta(seconds=1))
    due = desk.engine.fire_due_timers()
    again = desk.engine.fire_due_timers()

    assert (early, due, again) == (0, 1, 0)
    assert desk.state(case.instance_id) == "completed"
    desk.assert_sound()


def test_a_deadline_escalates_without_ending_the_task(desk: Desk, clock: FakeClock) -> None:
    late = node("boundaryEvent", "late", timer("R2/PT1H"), attachedToRef="review", cancelActivity="false")
    late = late.replace("timeDuration", "timeCycle")
    desk.deploy(
        process("p", "start -> review -> end; late -> urge -> end2", user("review"), late, service("urge", "urge"))
    )
    case = desk.start("p")

    for _ in range(4):
        clock.advance(timedelta(hours=1))
        desk.engine.fire_due_timers()
    jobs = desk.take("urge")
    desk.complete(desk.task(case.instance_id).id)
    for job in jobs:
        desk.finish(job)

    assert len(jobs) == 2
    assert desk.state(case.instance_id) == "completed"
    desk.assert_sound()


def test_a_timer_start_event_begins_a_case_each_round(desk: Desk, clock: FakeClock) -> None:
    start = node("startEvent", "start", timer("R/PT24H").replace("timeDuration", "timeCycle"))
    desk.deploy(process("p", "start -> review -> end", start, user("review")))

    for _ in range(3):
        clock.advance(timedelta(hours=24))
        desk.engine.fire_due_timers()

    assert len(desk.tasks()) == 3
    desk.assert_sound()


def test_a_message_reaches_the_case_whose_key_it_has(desk: Desk) -> None:
    desk.deploy(PAYMENT)
    ours, other = desk.start("p", order="A-1"), desk.start("p", order="A-2")

    done = desk.engine.execute(c.PublishMessage(name="paid", correlation_key="A-1", variables={"by": "card"}), by=BOSS)

    assert done.instance_ids == (ours.instance_id,)
    assert desk.see(ours.instance_id).variables == {"order": "A-1", "by": "card"}
    assert desk.state(other.instance_id) == "running"
    desk.assert_sound()


def test_a_message_nobody_waits_for_is_refused_or_kept(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(PAYMENT)
    message = c.PublishMessage(name="paid", correlation_key="A-1", variables={"by": "card"})

    with pytest.raises(NotFound):
        desk.engine.execute(message, by=BOSS)
    with pytest.raises(Forbidden):
        desk.engine.execute(message, by=CITIZEN)
    early = c.PublishMessage(name="paid", correlation_key="A-1", variables={"by": "card"}, ttl=timedelta(hours=1))
    kept = desk.engine.execute(early, by=BOSS)
    clock.advance(timedelta(minutes=30))
    case = desk.start("p", order="A-1")
    second = desk.start("p", order="A-1")

    assert kept.kept
    assert case.ended and not second.ended
    assert desk.see(case.instance_id).variables["by"] == "card"
    desk.assert_sound()


def test_the_same_message_id_counts_once(desk: Desk) -> None:
    desk.deploy(PAYMENT)
    desk.start("p", order="A-1")
    message = c.PublishMessage(name="paid", correlation_key="A-1", message_id="tx-7", ttl=timedelta(hours=1))

    first = desk.engine.execute(message, by=BOSS)
    desk.start("p", order="A-1")
    second = desk.engine.execute(message, by=BOSS)

    assert len(first.instance_ids) == 1
    assert second.duplicate and second.instance_ids == ()


def test_an_ambiguous_message_is_refused(desk: Desk) -> None:
    desk.deploy(PAYMENT)
    cases = [desk.start("p", order="A-1") for _ in range(2)]

    with pytest.raises(Conflict):
        desk.engine.execute(c.PublishMessage(name="paid", correlation_key="A-1"), by=BOSS)

    assert [desk.state(x.instance_id) for x in cases] == ["running", "running"]


def test_a_message_thrown_by_one_process_starts_another(desk: Desk) -> None:
    message = '<bpmn:message id="n" name="new-order"/>'
    throw = node("endEvent", "tell", '<bpmn:messageEventDefinition messageRef="n"/>')
    begin = node("startEvent", "start", '<bpmn:messageEventDefinition messageRef="n"/>')
    desk.deploy(
        process("a", "start -> tell", throw, top=message),
        process("b", "start -> review -> end", begin, user("review"), top=message),
    )

    desk.start("a")

    assert [t.definition_key for t in desk.tasks()] == ["b"]
    desk.assert_sound()


def test_a_signal_reaches_everybody_who_waits(desk: Desk) -> None:
    signal = '<bpmn:signal id="s" name="storm over"/>'
    catch = node("intermediateCatchEvent", "calm", '<bpmn:signalEventDefinition signalRef="s"/>')
    desk.deploy(process("p", "start -> calm -> end", catch, top=signal))
    cases = [desk.start("p") for _ in range(3)]

    reached = desk.engine.execute(c.BroadcastSignal(name="storm over"), by=BOSS)

    assert len(reached.instance_ids) == 3
    assert {desk.state(x.instance_id) for x in cases} == {"completed"}
    desk.assert_sound()


def test_a_suspended_case_waits_with_all_it_has_and_misses_no_message(desk: Desk, clock: FakeClock) -> None:
    fork = node("parallelGateway", "fork")
    model = process(
        "p",
        "start -> fork -> review -> end; fork -> work -> end; fork -> wait -> end; fork -> pay -> end",
        fork,
        user("review"),
        service("work", "print"),
        node("intermediateCatchEvent", "wait", timer("PT1H")),
        CATCH,
        top=PAID,
    )
    desk.deploy(model)
    case = desk.start("p", order="A-1")
    task = desk.task(case.instance_id)

    desk.engine.execute(c.SuspendInstance(instance_id=case.instance_id, reason="诉讼"), by=BOSS)
    clock.advance(timedelta(hours=2))
    fired, jobs = desk.engine.fire_due_timers(), desk.take("print")
    with pytest.raises(WrongState):
        desk.complete(task.id)
    desk.engine.execute(c.PublishMessage(name="paid", correlation_key="A-1"), by=BOSS)
    while_stopped = desk.trace(case.instance_id)
    desk.engine.execute(c.ResumeInstance(instance_id=case.instance_id), by=BOSS)
    desk.engine.fire_due_timers()
    desk.complete(task.id)
    desk.finish(desk.take("print")[0])

    assert (fired, jobs) == (0, [])
    assert "end" not in while_stopped
    assert desk.state(case.instance_id) == "completed"
    assert desk.trace(case.instance_id).count("end") == 4
    desk.assert_sound()


def test_a_cancelled_case_leaves_nothing_open(desk: Desk) -> None:
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="review", cancelActivity="false")
    desk.deploy(process("p", "start -> review -> end; late -> end2", user("review"), late))
    case = desk.start("p")

    row = desk.engine.execute(c.CancelInstance(instance_id=case.instance_id, reason="重复上报"), by=BOSS)

    seen = desk.see(case.instance_id)
    assert row.state == "cancelled"
    assert seen.tasks == () or all(t.state == "cancelled" for t in seen.tasks)
    assert seen.timers == ()
    with pytest.raises(WrongState):
        desk.engine.execute(c.CancelInstance(instance_id=case.instance_id, reason="again"), by=BOSS)
    desk.assert_sound()


def test_a_long_run_is_cut_into_commits_and_goes_on_by_itself(desk: Desk) -> None:
    desk.engine._step_budget = 500
    desk.deploy(
        process(
            "p",
            "start -> merge -> step -> more; more -> merge [=i < 1000]; more -> end []",
            node("exclusiveGateway", "merge"),
            script("step", "i + 1", "i"),
            node("exclusiveGateway", "more"),
        )
    )
    case = desk.start("p", i=0)

    after_start = desk.state(case.instance_id)
    sweeps = 0
    while desk.state(case.instance_id) == "running":
        desk.engine.sweep()
        sweeps += 1
        assert sweeps < 20

    assert after_start == "running"
    assert desk.see(case.instance_id).variables == {"i": 1000}
    assert sweeps >= 5
    desk.assert_sound()


def test_a_case_that_never_waits_becomes_one_incident(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.handlers.advance.RUNAWAY", 2_000)
    desk.engine._step_budget = 500
    loop = process("p", "start -> merge -> step -> merge", node("exclusiveGateway", "merge"), script("step", "1", "i"))
    desk.deploy(loop)
    desk.start("p")

    for _ in range(10):
        desk.engine.sweep()

    (incident,) = desk.incidents()
    assert incident.kind == "runaway"
    desk.assert_sound()


def test_a_failed_expression_is_an_incident_that_corrected_variables_mend(desk: Desk) -> None:
    desk.deploy(
        process(
            "p",
            "start -> gate; gate -> small [=金额 < 100]; gate -> big [=金额 >= 100]",
            node("exclusiveGateway", "gate"),
            user("small"),
            user("big"),
        )
    )
    case = desk.start("p", 金额="很多")
    (incident,) = desk.incidents(case.instance_id)

    desk.engine.execute(c.RetryIncident(incident_id=incident.id, variables={"金额": 150}), by=BOSS)

    assert "金额 < 100" in incident.message
    assert incident.element_id == "gate"
    assert desk.task(case.instance_id).element_id == "big"
    assert desk.incidents() == []
    desk.assert_sound()


def test_working_time_skips_nights_weekends_and_holidays(desk: Desk, clock: FakeClock) -> None:
    clock.move_to(datetime(2026, 12, 31, 9, 0, tzinfo=UTC))  # 17:00 before New Year's Day
    desk.deploy(process("p", "start -> review -> end", user("review", due="=add working time(now(), 2)")))

    case = desk.start("p", by=LI)

    local = desk.task(case.instance_id).due_at.astimezone(desk.engine.zone)  # type: ignore[union-attr]
    assert (local.month, local.day, local.hour, local.minute) == (1, 4, 9, 30)


def test_correcting_variables_is_written_down(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    case = desk.start("p", place="江边")

    desk.engine.execute(c.SetVariables(instance_id=case.instance_id, variables={"place": "枫林路"}), by=BOSS)

    last = desk.engine.read(ADMIN).events(case.instance_id)[-1]
    assert (last.kind, last.actor) == ("variables-set", "su")
    assert desk.see(case.instance_id).variables == {"place": "枫林路"}
    desk.assert_sound()


def test_a_python_script_reads_the_engines_clock(desk: Desk, clock: FakeClock) -> None:
    source = "from datetime import datetime\nstamp = datetime.now().isoformat()"
    task = node("scriptTask", "look", f"<bpmn:script>{source}</bpmn:script>", scriptFormat="python")
    desk.deploy(process("p", "start -> look -> end", task))

    case = desk.start("p")

    stamp = datetime.fromisoformat(str(desk.see(case.instance_id).variables["stamp"]))
    assert stamp.replace(tzinfo=None) == clock.now().replace(tzinfo=None)
