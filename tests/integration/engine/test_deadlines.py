"""Deadlines that follow the data: due dates, timers and the case's own, in the transaction of the change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import Engine, FakeClock
from engine import commands as c
from engine.errors import CiviflowError
from engine.filters import TaskFilter
from engine.views import EventRow
from tests.builders import ADMIN, BOSS, LI, node, process, script, service, user
from tests.desk import Desk

FOLLOWS = '<zeebe:properties><zeebe:property name="civiflow:recalculate" value="true"/></zeebe:properties>'
DUE = "=add working days(since, 5, stops)"
CASE = {"civiflow:dueDate": DUE, "civiflow:recalculate": "true"}
MONDAY_MORNING = "2026-11-16T09:00:00"
STOPPED = [{"reason": "补正材料", "key": "a", "from": "2026-11-17T10:00:00", "to": None}]
RESUMED = [{**STOPPED[0], "to": "2026-11-19T10:00:00"}]


def at(day: int, hour: int = 18) -> datetime:
    """A local hour in November 2026."""
    return datetime(2026, 11, day, hour - 8, tzinfo=UTC)


def date_timer(expression: str) -> str:
    """A timer event definition with a date."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDate>{expression}</bpmn:timeDate></bpmn:timerEventDefinition>"


def extended(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


WATCHED = process(
    "p",
    "start -> review -> end; late -> warned",
    user("review", due=DUE, more=FOLLOWS),
    node("boundaryEvent", "late", extended(FOLLOWS) + date_timer(DUE), attachedToRef="review"),
    node("endEvent", "warned"),
    properties=CASE,
)


def set_(desk: Desk, case: str, **variables: object) -> None:
    desk.engine.execute(c.SetVariables(instance_id=case, variables=variables), by=BOSS)


def dues(desk: Desk, case: str) -> tuple[datetime | None, ...]:
    """When the case, its tasks and its timers are due."""
    seen = desk.see(case)
    return (seen.row.due_at, *(t.due_at for t in seen.tasks if t.state == "open"), *(t.due_at for t in seen.timers))


def changes(desk: Desk, case: str) -> list[EventRow]:
    return [event for event in desk.engine.read(ADMIN).events(case) if event.kind == "deadline-changed"]


def test_deadlines_stand_still_while_the_clock_does_and_move_when_it_runs_again(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    before = dues(desk, case)

    clock.advance(timedelta(days=1))
    set_(desk, case, stops=STOPPED)
    stopped = dues(desk, case)
    clock.advance(timedelta(days=30))
    desk.engine.fire_due_timers()
    still = dues(desk, case)
    set_(desk, case, stops=RESUMED)

    assert before == (at(23),) * 3
    assert stopped == still == (None,) * 3
    assert dues(desk, case) == (at(25),) * 3
    told = [
        (e.element_id, e.data.get("old") is None, e.data.get("new") is None, e.data.get("reason"))
        for e in changes(desk, case)
    ]
    assert sorted(told) == sorted(
        [(element, False, True, "补正材料") for element in ("", "review", "late")]
        + [(element, True, False, None) for element in ("", "review", "late")]
    )
    seen = [(change.element_id, change.old, change.new, change.reason) for change in desk.see(case).deadline_changes]
    assert (("late", at(23), None, "补正材料") in seen, ("", None, at(25), "") in seen, len(seen)) == (True, True, 6)
    desk.assert_sound()
    desk.engine.fire_due_timers()  # it is 17 December by now
    assert desk.state(case) == "completed"
    assert desk.trace(case)[-1] == "warned"
    desk.assert_sound()


def test_lists_sort_a_deadline_that_stands_still_last(desk: Desk) -> None:
    desk.deploy(WATCHED)
    first = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    second = desk.start("p", since="2026-11-17T09:00:00", stops=[]).instance_id
    queue = TaskFilter(scope="groups")
    before = [task.instance_id for task in desk.engine.read(LI).tasks(queue).items]

    set_(desk, first, stops=STOPPED)

    assert before == [first, second]
    assert [task.instance_id for task in desk.engine.read(LI).tasks(queue).items] == [second, first]
    desk.assert_sound()


def test_a_form_that_is_open_while_the_deadline_moves_can_still_be_handed_in(desk: Desk) -> None:
    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    opened = desk.task(case)

    set_(desk, case, stops=STOPPED)
    desk.engine.execute(c.CompleteTask(task_id=opened.id, revision=opened.revision), by=LI)

    assert desk.state(case) == "completed"
    desk.assert_sound()


@pytest.mark.parametrize("way", ["task", "job", "message", "script"])
def test_whatever_writes_the_variable_moves_the_deadline(desk: Desk, way: str) -> None:
    message = '<bpmn:message id="m" name="stopped"><bpmn:extensionElements><zeebe:subscription correlationKey="=1"/></bpmn:extensionElements></bpmn:message>'  # noqa: E501
    writer = {
        "task": user("write"),
        "job": service("write", "stop.clock"),
        "message": node("receiveTask", "write", messageRef="m"),
        "script": script("write", 'stop clock(stops, "x", "2026-11-17T10:00:00")', "stops"),
    }[way]
    before_script = "fork -> hold -> write" if way == "script" else "fork -> write"
    desk.deploy(
        process(
            "p",
            f"start -> fork; fork -> review -> join; {before_script}; write -> join; join -> end",
            node("parallelGateway", "fork"),
            node("parallelGateway", "join"),
            user("review", due=DUE, more=FOLLOWS),
            user("hold") if way == "script" else "",
            writer,
            top=message if way == "message" else "",
        )
    )
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

    if way == "job":
        desk.finish(desk.take("stop.clock")[0], stops=STOPPED)
    elif way == "message":
        desk.engine.execute(
            c.PublishMessage(name="stopped", correlation_key="1", variables={"stops": STOPPED}), by=ADMIN
        )
    else:
        other = next(task for task in desk.tasks(case) if task.element_id != "review")
        desk.complete(other.id, **({"stops": STOPPED} if way == "task" else {}))

    assert desk.task(case).due_at is None
    assert len(changes(desk, case)) == 1
    desk.assert_sound()


def test_a_task_that_opens_in_the_same_command_tells_its_right_deadline_at_once(desk: Desk) -> None:
    desk.deploy(
        process(
            "p",
            "start -> fork; fork -> review -> join; fork -> write -> join; join -> end",
            node("parallelGateway", "fork"),
            node("parallelGateway", "join"),
            user("review", due=DUE, more=FOLLOWS),
            script("write", '"2026-11-18T09:00:00"', "since"),
        )
    )

    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

    (review,) = (a for a in desk.see(case).activities if a.element_id == "review")
    assert desk.task(case).due_at == review.due_at == at(25)
    assert changes(desk, case) == []
    desk.assert_sound()


def test_each_child_of_a_multi_instance_follows_its_own_variables(desk: Desk) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=people" inputElement="person"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    answer = user("answer", due="=add working days(since, days * person)", more=FOLLOWS)
    desk.deploy(process("p", "start -> answer -> end", answer.replace("</bpmn:userTask>", loop + "</bpmn:userTask>")))
    case = desk.start("p", since=MONDAY_MORNING, days=1, people=[1, 2]).instance_id
    before = {task.due_at for task in desk.tasks(case)}

    set_(desk, case, days=2)

    assert before == {at(17), at(18)}
    assert {task.due_at for task in desk.tasks(case)} == {at(18), at(20)}
    desk.assert_sound()


def test_an_intermediate_timer_waits_without_a_date_until_there_is_one(desk: Desk, clock: FakeClock) -> None:
    catch = node("intermediateCatchEvent", "wait", extended(FOLLOWS) + date_timer("=until"))
    desk.deploy(process("p", "start -> wait -> end", catch))
    case = desk.start("p", until=None).instance_id

    clock.advance(timedelta(days=400))
    desk.engine.fire_due_timers()
    waiting = desk.state(case)
    set_(desk, case, until="2026-11-17")
    desk.engine.fire_due_timers()

    assert waiting == "running"
    assert desk.state(case) == "completed"
    desk.assert_sound()


def test_a_suspended_case_keeps_its_deadlines_right(desk: Desk) -> None:
    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    desk.engine.execute(c.SuspendInstance(instance_id=case), by=BOSS)

    set_(desk, case, stops=STOPPED)
    stopped = dues(desk, case)
    set_(desk, case, stops=RESUMED)
    desk.engine.execute(c.ResumeInstance(instance_id=case), by=BOSS)

    assert stopped == (None,) * 3
    assert dues(desk, case) == (at(25),) * 3
    desk.assert_sound()


def test_without_the_property_a_deadline_stays_as_it_was_when_it_began(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review", due=DUE), properties={"civiflow:dueDate": DUE}))
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

    set_(desk, case, stops=STOPPED)

    assert dues(desk, case) == (at(23),) * 2
    assert changes(desk, case) == []


def test_what_is_written_without_change_moves_nothing(desk: Desk) -> None:
    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

    set_(desk, case, stops=[], other=1)
    set_(desk, case, stops=None)

    assert changes(desk, case) == []
    desk.assert_sound()


def test_a_deadline_that_cannot_be_computed_any_more_keeps_its_date_behind_an_incident(desk: Desk) -> None:
    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id

    set_(desk, case, stops=["oops"])
    set_(desk, case, stops=["oops again"])
    opened = desk.incidents(case)
    kept = dues(desk, case)
    with_errors = [(incident.kind, incident.element_id) for incident in opened]
    desk.assert_sound()
    set_(desk, case, stops=STOPPED)

    assert sorted(with_errors) == [("deadline", ""), ("deadline", "late"), ("deadline", "review")]
    assert all("entry 1 of 'stops'" in incident.message for incident in opened)
    assert kept == (at(23),) * 3
    assert desk.incidents(case) == []
    assert dues(desk, case) == (None,) * 3
    desk.assert_sound()


def test_retrying_such_an_incident_evaluates_the_deadline_again(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review", due=DUE, more=FOLLOWS)))
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    set_(desk, case, stops=["oops"])
    (incident,) = desk.incidents(case)

    desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)
    (again,) = desk.incidents(case)
    desk.engine.execute(c.RetryIncident(incident_id=again.id, variables={"stops": RESUMED}), by=BOSS)

    assert again.id != incident.id
    assert desk.incidents(case) == []
    assert dues(desk, case) == (None, at(25))
    desk.assert_sound()


def test_an_incident_of_a_deadline_ends_with_its_task(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> next -> end", user("review", due=DUE, more=FOLLOWS), user("next")))
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    set_(desk, case, stops=["oops"])

    desk.complete(desk.task(case).id)

    assert desk.incidents(case) == []
    desk.assert_sound()


def test_deadlines_follow_in_an_engine_that_was_started_anew(database_url: str, clock: FakeClock) -> None:
    with Engine.open(database_url, clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(WATCHED)
        case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    if database_url == "sqlite://":
        pytest.skip("a database in memory ends with its engine")

    with Engine.open(database_url, clock=clock) as engine:
        desk = Desk(engine)
        set_(desk, case, stops=STOPPED)

        assert dues(desk, case) == (None,) * 3
        desk.assert_sound()


def test_verify_finds_a_deadline_that_the_log_does_not_tell_of(desk: Desk, engine: Engine) -> None:
    import sqlalchemy as sa

    from engine.store import tables as t

    desk.deploy(WATCHED)
    case = desk.start("p", since=MONDAY_MORNING, stops=[]).instance_id
    set_(desk, case, stops=STOPPED)
    with engine._database.write() as connection:
        connection.execute(sa.update(t.timer).values(due_at=at(1)))
        connection.execute(sa.update(t.user_task).values(due_sort=1))

    found = engine.verify().problems

    assert [(p.check, p.message[:30]) for p in found] == [
        ("deadlines", "It is 2026-11-01 10:00:00+00:0"),
        ("deadlines", "Lists do not sort it by its du"),
    ]


def test_a_case_is_not_started_with_a_deadline_that_is_no_date(desk: Desk) -> None:
    desk.deploy(process("p", "start -> end", properties={"civiflow:dueDate": "=until"}))

    with pytest.raises(CiviflowError) as refused:
        desk.start("p", until="soon")

    assert "civiflow:dueDate" in refused.value.message
    assert "'soon', which is no date" in refused.value.message
