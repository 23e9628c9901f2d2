"""What leaves a case arrives once, or becomes an incident; a failing database loses nothing."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from engine import FakeClock
from engine import commands as c
from engine.errors import CiviflowError, DatabaseAway
from engine.handlers import messages
from engine.handlers.messages import DeliverKept, DeliverSignal
from engine.store import tables as t
from tests.builders import ADMIN, BOSS, CITIZEN, LI, node, process, service, timer, user
from tests.desk import Desk

TOP = (
    '<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order"/>'
    '</bpmn:extensionElements></bpmn:message><bpmn:signal id="s" name="storm over"/>'
)
PAY = node("intermediateCatchEvent", "pay", '<bpmn:messageEventDefinition messageRef="m"/>')
CALM = node("intermediateCatchEvent", "calm", '<bpmn:signalEventDefinition signalRef="s"/>')
TELL = node("endEvent", "tell", '<bpmn:messageEventDefinition messageRef="m"/>')
PAYER = process("payer", "start -> tell", TELL, top=TOP)
SHOP = process("shop", "start -> pay -> end", PAY, top=TOP)


def entries(desk: Desk) -> int:
    """How many outbox entries there are, held back or not."""
    with desk.engine._database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(t.outbox)).scalar_one())


def break_once(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the next publication fail, as if something underneath did."""
    publish = messages.HANDLERS[c.PublishMessage]

    def fail(*_: object) -> object:
        monkeypatch.setitem(messages.HANDLERS, c.PublishMessage, publish)
        raise error

    monkeypatch.setitem(messages.HANDLERS, c.PublishMessage, fail)


def test_a_message_is_not_lost_when_the_database_fails_while_it_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deploy(SHOP, PAYER)
    shop = desk.start("shop", order="A-1").instance_id
    break_once(monkeypatch, OperationalError("insert", {}, Exception("disk full")))

    payer = desk.start("payer", order="A-1")
    unsent = entries(desk)
    desk.engine.sweep()

    assert payer.ended and unsent == 1
    assert desk.state(shop) == "completed"
    assert desk.incidents() == [] and entries(desk) == 0
    desk.assert_sound()


def test_a_thrown_message_that_is_ambiguous_is_an_incident_that_can_be_retried(desk: Desk) -> None:
    desk.deploy(SHOP, PAYER)
    first, second = (desk.start("shop", order="A-1").instance_id for _ in range(2))

    payer = desk.start("payer", order="A-1").instance_id
    (incident,) = desk.incidents()
    desk.assert_sound()
    desk.engine.sweep()
    desk.engine.execute(c.CancelInstance(instance_id=second, reason="重复"), by=BOSS)
    desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)

    assert (incident.kind, incident.instance_id) == ("delivery", payer)
    assert "several" in incident.message
    assert desk.state(first) == "completed"
    assert desk.incidents() == [] and entries(desk) == 0
    desk.assert_sound()


def test_a_signal_to_a_case_that_cannot_be_read_is_an_incident_there_and_reaches_the_others(desk: Desk) -> None:
    desk.deploy(process("p", "start -> calm -> end", CALM, top=TOP))
    bad, good = (desk.start("p").instance_id for _ in range(2))
    table = t.process_instance
    with desk.engine._database.write() as connection:
        connection.execute(table.update().where(table.c.id == bad).values(token_state=b"{"))

    desk.engine.execute(c.BroadcastSignal(name="storm over"), by=BOSS)

    assert [i.instance_id for i in desk.incidents()] == [bad]
    assert desk.state(good) == "completed"


def test_cases_that_answer_each_other_for_ever_keep_nobody_waiting(desk: Desk) -> None:
    top = '<bpmn:message id="a" name="ping"/><bpmn:message id="b" name="pong"/>'

    def player(key: str, hears: str, says: str) -> bytes:
        begin = node("startEvent", "start", f'<bpmn:messageEventDefinition messageRef="{hears}"/>')
        answer = node("endEvent", "say", f'<bpmn:messageEventDefinition messageRef="{says}"/>')
        return process(key, "start -> say", begin, answer, top=top)

    desk.deploy(player("p", "a", "b"), player("q", "b", "a"))

    desk.engine.execute(c.PublishMessage(name="ping"), by=BOSS)

    assert entries(desk) == 1
    assert desk.incidents() == []
    assert 100 < desk.engine.verify().instances < 300


def test_who_listens_for_jobs_cannot_break_a_command(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))

    def fail(_: tuple[str, ...]) -> None:
        raise RuntimeError("the listener is gone")

    desk.engine.on_commit(fail)

    case = desk.start("p")

    assert desk.state(case.instance_id) == "running"


def test_a_timer_waits_when_the_database_fails_and_its_case_is_left_alone(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deploy(process("p", "start -> wait -> end", node("intermediateCatchEvent", "wait", timer("PT1H"))))
    case = desk.start("p").instance_id
    clock.advance(timedelta(hours=1))

    with monkeypatch.context() as broken:
        error = OperationalError("update", {}, Exception("connection lost"))
        broken.setattr("engine.handlers.timers.advance", lambda *_: (_ for _ in ()).throw(error))
        with suppress(DatabaseAway):
            desk.engine.fire_due_timers()
    fired = desk.engine.fire_due_timers()

    assert fired == 1
    assert desk.state(case) == "completed"
    assert desk.incidents() == []


def test_a_message_is_kept_for_a_wait_that_closes_in_the_same_command(desk: Desk) -> None:
    late = node("boundaryEvent", "late", '<bpmn:messageEventDefinition messageRef="m"/>', attachedToRef="sub")
    flow = '<bpmn:sequenceFlow id="g" sourceRef="in" targetRef="out"/>'
    sub = node("subProcess", "sub", f'<bpmn:startEvent id="in"/><bpmn:endEvent id="out"/>{flow}')
    desk.deploy(process("p", "start -> sub -> end; late -> end2", sub, late, top=TOP), SHOP)
    early = c.PublishMessage(name="paid", correlation_key="A-1", ttl=timedelta(hours=1))
    desk.engine.execute(early, by=BOSS)

    passed = desk.start("p", order="A-1")
    taker = desk.start("shop", order="A-1")

    assert passed.ended and taker.ended
    assert "late" not in desk.trace(passed.instance_id)
    desk.assert_sound()


def test_several_kept_messages_reach_a_wait_that_stays(desk: Desk) -> None:
    note = '<bpmn:messageEventDefinition messageRef="m"/>'
    more = node("boundaryEvent", "more", note, attachedToRef="review", cancelActivity="false")
    flows = "start -> review -> end; more -> file -> end2"
    desk.deploy(process("p", flows, user("review"), more, user("file"), top=TOP))
    for number in range(3):
        command = c.PublishMessage(name="paid", correlation_key="A-1", variables={"n": number}, ttl=timedelta(hours=1))
        desk.engine.execute(command, by=BOSS)

    case = desk.start("p", order="A-1").instance_id

    assert [t.element_id for t in desk.tasks(case)].count("file") == 3
    desk.assert_sound()


def test_a_signal_that_came_while_a_case_was_suspended_is_caught_when_it_is_resumed(desk: Desk) -> None:
    desk.deploy(process("p", "start -> calm -> end", CALM, top=TOP))
    stopped, other = (desk.start("p").instance_id for _ in range(2))
    desk.engine.execute(c.SuspendInstance(instance_id=stopped), by=BOSS)

    desk.engine.execute(c.BroadcastSignal(name="storm over", variables={"level": 2}), by=BOSS)
    desk.engine.sweep()
    while_stopped = (desk.state(stopped), desk.state(other))
    desk.engine.execute(c.ResumeInstance(instance_id=stopped), by=BOSS)

    assert while_stopped == ("suspended", "completed")
    assert desk.state(stopped) == "completed"
    assert desk.see(stopped).variables == {"level": 2}
    desk.assert_sound()


def test_of_two_events_that_came_while_a_case_was_suspended_the_first_decides(desk: Desk) -> None:
    gate = node("eventBasedGateway", "gate")
    desk.deploy(process("p", "start -> gate -> pay -> end; gate -> calm -> end", gate, PAY, CALM, top=TOP))
    case = desk.start("p", order="A-1").instance_id
    desk.engine.execute(c.SuspendInstance(instance_id=case), by=BOSS)
    desk.engine.execute(c.PublishMessage(name="paid", correlation_key="A-1"), by=BOSS)
    desk.engine.execute(c.BroadcastSignal(name="storm over"), by=BOSS)

    desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)

    assert desk.state(case) == "completed"
    assert len({"pay", "calm"} & set(desk.trace(case))) == 1
    desk.assert_sound()


def test_the_system_alone_fires_timers_delivers_signals_and_continues_cases(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))
    case = desk.start("p").instance_id
    job = desk.see(case).jobs[0].id

    for command in (
        c.ContinueInstance(job_id=job),
        c.FireTimer(timer_id=job),
        DeliverSignal(subscription_id=job, variables={}),
        DeliverKept(subscription_id=job),
    ):
        for by in (CITIZEN, LI):
            with pytest.raises(CiviflowError, match="role"):
                desk.engine.execute(command, by=by)
    with suppress(CiviflowError):
        desk.engine.execute(c.ContinueInstance(job_id=job), by=ADMIN)

    assert len(desk.take("print")) == 1
    desk.assert_sound()


def test_each_of_the_same_messages_thrown_one_after_the_other_arrives(desk: Desk) -> None:
    top = '<bpmn:message id="n" name="order"/>'
    throw = node("endEvent", "tell", '<bpmn:messageEventDefinition messageRef="n"/>')
    begin = node("startEvent", "start", '<bpmn:messageEventDefinition messageRef="n"/>')
    desk.deploy(
        process("a", "start -> tell", throw, top=top), process("b", "start -> a -> end", begin, user("a"), top=top)
    )

    for _ in range(3):
        desk.start("a")

    assert len(desk.tasks()) == 3


@pytest.mark.parametrize(
    ("planted", "check"),
    [
        (t.outbox.delete(), "outbox"),
        (t.outbox.update().values(payload={"name": "paid", "correlation_key": "A-2", "variables": {}}), "orphan"),
        (t.outbox.update().values(topic="signal"), "orphan"),
    ],
    ids=["an entry is gone", "an entry is for somebody else", "an entry is of another kind"],
)
def test_verify_names_what_was_done_to_the_outbox(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, planted: sa.UpdateBase, check: str
) -> None:
    desk.deploy(SHOP, PAYER)
    desk.start("shop", order="A-1")
    break_once(monkeypatch, OperationalError("insert", {}, Exception("disk full")))
    payer = desk.start("payer", order="A-1").instance_id
    desk.assert_sound()

    with desk.engine._database.write() as connection:
        connection.execute(planted)
    (problem,) = desk.engine.verify().problems

    assert problem.check == check and problem.subject.startswith("outbox")
    assert problem.instance_id == (payer if check == "outbox" else "")


def test_what_was_sent_is_known_for_a_month_and_not_missed_later(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(SHOP, PAYER)
    desk.start("shop", order="A-1")
    desk.start("payer", order="A-1")

    clock.advance(timedelta(days=70))
    desk.engine.tidy()

    assert entries(desk) == 0
    desk.assert_sound()
