"""Whatever is typed or sent is stored as it is, or refused by name: no raw database error reaches anybody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from engine import commands as c
from engine.errors import CiviflowError, InvalidInput
from engine.filters import IncidentFilter, InstanceFilter, JobFilter, TaskFilter
from engine.reader import Reader
from tests.builders import ADMIN, BOSS, DESIGNER, LI, node, process, script, service, user
from tests.desk import Desk

ODD = ["\x00", "a\x00b", "\ud800", "x" * 100_000, "'; drop table job; --", "\U0001f600" * 50]
NAMES = ["nul", "inner nul", "surrogate", "long", "sql", "emoji"]
NOWHERE = "019a9c2e-6b1c-7d0e-8c3a-2f9d0c8e4b11"
DEEP: Any = 0
for _ in range(2_000):
    DEEP = [DEEP]

COMMANDS: dict[str, Callable[[str], c.Command]] = {
    "deployment name": lambda x: c.DeployDefinition(files={"a.bpmn": process("p", "start -> end")}, name=x),
    "application": lambda x: c.DeployDefinition(files={"a.bpmn": process("p", "start -> end")}, application=x),
    "path": lambda x: c.DeployDefinition(files={"a.bpmn": process("p", "start -> end"), x: b"1"}),
    "definition": lambda x: c.StartInstance(definition=x),
    "business key": lambda x: c.StartInstance(definition="p", business_key=x),
    "start node": lambda x: c.StartInstance(definition="p", start_node=x),
    "task id": lambda x: c.ClaimTask(task_id=x),
    "worker": lambda x: c.ActivateJobs(worker=x, topics=("print",)),
    "topic": lambda x: c.ActivateJobs(worker="w", topics=(x,)),
    "job id": lambda x: c.CompleteJob(job_id=x, lease_token="x"),
    "timer id": lambda x: c.FireTimer(timer_id=x),
    "message name": lambda x: c.PublishMessage(name=x, ttl=timedelta(hours=1)),
    "message key": lambda x: c.PublishMessage(name="paid", correlation_key=x, ttl=timedelta(hours=1)),
    "message id": lambda x: c.PublishMessage(name="paid", message_id=x, ttl=timedelta(hours=1)),
    "signal": lambda x: c.BroadcastSignal(name=x),
    "incident id": lambda x: c.RetryIncident(incident_id=x),
    "instance id": lambda x: c.CancelInstance(instance_id=x, reason="r"),
    "recipient": lambda x: c.Notify(key="k", recipient=x, subject="s", body="b"),
    "notification key": lambda x: c.Notify(key=x, recipient="li", subject="s", body="b"),
    "subject": lambda x: c.Notify(key="k", recipient="li", subject=x, body="b"),
    "notified instance": lambda x: c.Notify(key="k", recipient="li", subject="s", body="b", instance_id=x),
    "notification id": lambda x: c.ReadNotification(notification_id=x),
    "file name": lambda x: c.AddAttachment(name=x, content=b"hello"),
    "file's instance": lambda x: c.AddAttachment(name="a", content=b"hello", instance_id=x),
}


def test_odd_text_is_taken_or_refused_by_name(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))

    for number, (make, odd) in enumerate(product(COMMANDS.values(), ODD)):
        with_refusal(desk, make(odd))
        with_refusal(desk, make(odd), key=f"k{number}")

    desk.assert_sound()


@pytest.mark.parametrize("key", ["", "\x00", "\ud800", "x" * 256])
def test_an_odd_idempotency_key_is_refused(desk: Desk, key: str) -> None:
    desk.deploy(process("p", "start -> end"))

    with pytest.raises(InvalidInput, match="idempotency key"):
        desk.engine.execute(c.StartInstance(definition="p"), by=ADMIN, key=key)

    assert desk.engine.verify().instances == 0


@pytest.mark.parametrize("odd", ODD, ids=NAMES)
def test_odd_text_about_an_open_task_or_job_is_taken_or_refused_by_name(desk: Desk, odd: str) -> None:
    desk.deploy(process("p", "start -> work -> review -> end", service("work", "print"), user("review")))
    case = desk.start("p")
    (job,) = desk.take("print")
    about_job = {"job_id": job.id, "lease_token": job.lease_token}
    attempts = [
        c.CompleteJob(job_id=job.id, lease_token=odd),
        c.ExtendJob(job_id=job.id, lease_token=odd, lease=timedelta(seconds=5)),
        c.CompleteJob(**about_job, variables={odd: odd}),
        c.CompleteJob(**about_job),
    ]
    for command in attempts:
        with_refusal(desk, command)
    task = desk.tasks(case.instance_id)[0]
    for command in (
        c.DelegateTask(task_id=task.id, to=odd),
        c.DelegateTask(task_id=task.id, to="li", reason=odd),
        c.SaveTaskDraft(task_id=task.id, values={odd: odd}),
        c.CompleteTask(task_id=task.id, variables={"v": [odd]}),
        c.SetVariables(instance_id=case.instance_id, variables={"v": odd}, scope_id=odd),
        c.SuspendInstance(instance_id=case.instance_id, reason=odd),
        c.CancelInstance(instance_id=case.instance_id, reason=odd),
    ):
        with_refusal(desk, command)

    desk.assert_sound()


@pytest.mark.parametrize("odd", ODD, ids=NAMES)
def test_a_failed_jobs_message_is_kept_or_refused_by_name(desk: Desk, odd: str) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print", retries=1)))
    for command in (
        lambda j: c.FailJob(job_id=j.id, lease_token=j.lease_token, message=odd, details=odd),
        lambda j: c.ThrowJobError(job_id=j.id, lease_token=j.lease_token, code=odd, message=odd),
    ):
        desk.start("p")
        (job,) = desk.take("print", limit=1)
        with_refusal(desk, command(job))

    desk.assert_sound()


@pytest.mark.parametrize("value", [2**64, -(2**70), float("nan"), [float("inf")], DEEP, {"a": b"x"}, {1: 2}])
def test_a_value_that_json_cannot_hold_is_refused_by_name(desk: Desk, value: object) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    task = desk.task(desk.start("p").instance_id)

    for command in (
        c.StartInstance(definition="p", variables={"v": value}),
        c.CompleteTask(task_id=task.id, variables={"v": value}),
        c.SaveTaskDraft(task_id=task.id, values={"v": value}),
        c.PublishMessage(name="m", variables={"v": value}, ttl=timedelta(hours=1)),
        c.BroadcastSignal(name="s", variables={"v": value}),
    ):
        for key in (None, "k"):
            with pytest.raises(InvalidInput):
                desk.engine.execute(command, by=ADMIN, key=key)

    desk.assert_sound()


@pytest.mark.parametrize(
    "command",
    [
        c.ActivateJobs(worker="w", topics=("print",), limit=10**30),
        c.ActivateJobs(worker="w", topics=("print",), lease=timedelta.max),
        c.PublishMessage(name="m", ttl=timedelta.max),
        c.ClaimTask(task_id=NOWHERE, revision=10**30),
        c.RetryIncident(incident_id=NOWHERE, retries=10**30),
    ],
)
def test_odd_numbers_are_taken_or_refused_by_name(desk: Desk, command: c.Command) -> None:
    with_refusal(desk, command)

    desk.assert_sound()


@pytest.mark.parametrize(
    ("retries", "pause"), [(10**12, None), (-5, None), (1, timedelta.max), (2, timedelta(days=-400_000))]
)
def test_odd_numbers_about_a_failed_job_are_taken_or_refused_by_name(
    desk: Desk, retries: int, pause: timedelta | None
) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))
    desk.start("p")
    (job,) = desk.take("print")

    command = c.FailJob(job_id=job.id, lease_token=job.lease_token, message="m", retries=retries, retry_after=pause)
    with_refusal(desk, command)

    desk.assert_sound()


READS: dict[str, Callable[[Reader, str], object]] = {
    "definition": lambda r, x: r.definition(x),
    "start form": lambda r, x: r.start_form(x),
    "resource": lambda r, x: r.definition_resource("p", x),
    "texts": lambda r, x: r.texts("p", x),
    "task": lambda r, x: r.task(x),
    "tasks": lambda r, x: r.tasks(TaskFilter(scope="all", search=x)),
    "tasks of a definition": lambda r, x: r.tasks(TaskFilter(scope="groups", definition_key=x)),
    "tasks of an element": lambda r, x: r.tasks(TaskFilter(scope="mine", element_id=x, instance_id=x)),
    "tasks of a group": lambda r, x: r.tasks(TaskFilter(scope="groups", group=x)),
    "all tasks of a group": lambda r, x: r.tasks(TaskFilter(scope="all", group=x)),
    "task cursor": lambda r, x: r.tasks(TaskFilter(), cursor=x),
    "instance": lambda r, x: r.instance(x),
    "events": lambda r, x: r.events(x),
    "instances": lambda r, x: r.instances(InstanceFilter(search=x, business_key=x, started_by=x)),
    "instance cursor": lambda r, x: r.instances(InstanceFilter(), cursor=x),
    "incidents": lambda r, x: r.incidents(IncidentFilter(definition_key=x, instance_id=x)),
    "incident": lambda r, x: r.incident(x),
    "jobs": lambda r, x: r.jobs(JobFilter(topic=x, instance_id=x)),
    "job state": lambda r, x: r.jobs(JobFilter(state=x)),
    "attachment": lambda r, x: r.attachment(x),
    "notifications": lambda r, x: r.notifications(cursor=x),
    "case number": lambda r, x: r.case_by_number(x),
}
CURSORS = [
    "WzEsMl0",
    "W251bGwsbnVsbF0",
    "WyJ4IiwieCJd",
    "WzFlNDAsIngiXQ",
    "bnVsbA",
    "e30",
    "WzEsIngiXQ",
    "not base64 é",
]


def test_odd_questions_are_answered_or_refused_by_name(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    desk.start("p")

    for look, odd, by in product(READS.values(), [*ODD, *CURSORS], (ADMIN, LI)):
        with suppress(CiviflowError):
            look(desk.engine.read(by), odd)

    assert len(desk.tasks()) == 1


@pytest.mark.parametrize("limit", [-(10**30), 0, 10**30])
def test_odd_page_sizes_give_a_page(desk: Desk, limit: int) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    case = desk.start("p")

    page = desk.engine.read(ADMIN).tasks(TaskFilter(scope="all"), limit=limit)
    events = desk.engine.read(ADMIN).events(case.instance_id, limit=limit)

    assert len(page.items) == 1
    assert events


@pytest.mark.parametrize("expression", ["10 ** 30", "10 ** 15", "-10 ** 12"])
@pytest.mark.parametrize("place", ["script", "priority", "retries", "job priority"])
def test_an_odd_number_from_a_model_is_kept_or_becomes_an_incident(desk: Desk, place: str, expression: str) -> None:
    ranked = user("a", more=f'<zeebe:priorityDefinition priority="={expression}"/>')
    tried = service("a", "print").replace('type="print"', f'type="print" retries="={expression}"')
    first = service("a", "print", more=f'<zeebe:priorityDefinition priority="={expression}"/>')
    element = {
        "script": script("a", expression, "v"),
        "priority": ranked,
        "retries": tried,
        "job priority": first,
    }[place]
    desk.deploy(process("p", "start -> first -> a -> end", user("first"), element))
    case = desk.start("p")

    desk.complete(desk.task(case.instance_id).id)

    row = desk.see(case.instance_id).row
    assert row.incidents == len(desk.incidents(case.instance_id))
    desk.assert_sound()


def test_a_number_beyond_dates_in_working_time_is_an_incident(desk: Desk) -> None:
    late = 'add working time(@"9999-12-31T09:00:00Z", 1000)'
    wide = 'working hours between(@"0001-01-02T00:00:00Z", @"9999-12-30T00:00:00Z")'
    desk.deploy(
        process("p", "start -> first -> a -> end", user("first"), script("a", late, "v")),
        process("q", "start -> first -> a -> end", user("first"), script("a", wide, "v")),
    )

    for key in ("p", "q"):
        case = desk.start(key)
        desk.complete(desk.task(case.instance_id).id)

    assert len(desk.incidents()) == 2
    desk.assert_sound()


def test_a_form_file_that_is_not_unicode_or_json_is_refused(desk: Desk) -> None:
    model = process("p", "start -> review -> end", user("review", form="f"))

    for content in (b"\xff\xfe", b"{", b"[" * 5_000, b"\x00", b"null"):
        with pytest.raises(InvalidInput):
            desk.engine.execute(c.DeployDefinition(files={"a.bpmn": model, "forms/f.json": content}), by=DESIGNER)

    assert desk.engine.read(LI).definitions() == ()


def test_an_operators_reason_may_be_any_text(desk: Desk) -> None:
    desk.deploy(process("p", "start -> wait -> end", node("userTask", "wait")))
    case = desk.start("p")

    desk.engine.execute(c.SuspendInstance(instance_id=case.instance_id, reason="多行\n“理由” 😀"), by=BOSS)

    assert desk.engine.read(ADMIN).events(case.instance_id)[-1].data == {"reason": "多行\n“理由” 😀"}


def with_refusal(desk: Desk, command: c.Command, key: str | None = None) -> None:
    """Carry out a command that may be refused, but only on purpose."""
    with suppress(CiviflowError):
        desk.engine.execute(command, by=ADMIN, key=key)


def test_a_deadline_that_cannot_be_computed_is_named(desk: Desk) -> None:
    due = {"civiflow:dueDate": "=add working time(now(), hours)"}
    desk.deploy(process("p", "start -> review -> end", user("review"), properties=due))

    with pytest.raises(InvalidInput, match=r"deadline of a p case \(civiflow:dueDate\)"):
        desk.start("p")

    assert desk.tasks() == []
    assert desk.see(desk.start("p", hours=8).instance_id).row.due_at is not None
