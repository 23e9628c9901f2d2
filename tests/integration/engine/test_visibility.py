"""Nobody sees or changes what is not theirs, by whichever door; and what is not theirs does not exist for them."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.contracts.principal import Principal
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.filters import IncidentFilter, InstanceFilter, JobFilter, TaskFilter
from tests.builders import ADMIN, BOSS, CITIZEN, LI, WANG, ZHAO, node, process, service, user
from tests.desk import Desk

MANAGER = Principal(id="ma", roles=frozenset({"manager"}))
BOT = Principal(id="bot", kind="bot", roles=frozenset({"bot"}), topics=frozenset({"print"}))
OTHER = Principal(id="he", roles=frozenset({"citizen"}))
MODEL = process(
    "p",
    "start -> fork -> review -> end; fork -> work -> end; fork -> rate -> end",
    node("parallelGateway", "fork"),
    user("review"),
    service("work", "print", retries=1),
    user("rate", groups="", assignee="=instance.startedBy"),
    properties={"civiflow:startableBy": "citizen,staff"},
)


def case_of(desk: Desk, by: Principal) -> str:
    """A citizen's or clerk's case with a task of each kind and a failed job."""
    desk.deploy(MODEL)
    case = desk.start("p", by=by).instance_id
    (job,) = desk.take("print")
    desk.fail(job, "secret inside", details="Traceback")
    return case


def test_strangers_find_nothing_of_a_case_by_any_read(desk: Desk) -> None:
    case = case_of(desk, CITIZEN)
    task, incident = desk.tasks(case)[0], desk.incidents(case)[0]
    file = desk.engine.execute(c.AddAttachment(name="a.txt", content=b"x", instance_id=case), by=ADMIN)

    for by in (OTHER, ZHAO, BOT):
        reader = desk.engine.read(by)
        for look in (
            lambda r=reader: r.instance(case),
            lambda r=reader: r.events(case),
            lambda r=reader: r.task(task.id),
            lambda r=reader: r.incident(incident.id),
            lambda r=reader: r.attachment(file.id),
            lambda r=reader: r.attachment_info(file.id),
            lambda r=reader: r.case_by_number(desk.see(case).row.business_key),
        ):
            with pytest.raises(NotFound):
                look()
        for page in (
            reader.tasks(TaskFilter(scope="all", instance_id=case)),
            reader.tasks(TaskFilter(scope="groups", group="clerks")),
            reader.tasks(TaskFilter(scope="groups", group="clerks", sort="created")),
            reader.instances(InstanceFilter()),
            reader.jobs(JobFilter()),
            reader.incidents(IncidentFilter(state="")),
        ):
            assert page.items == ()


def test_strangers_cannot_change_a_case_and_hear_the_same_as_of_one_that_does_not_exist(desk: Desk) -> None:
    case = case_of(desk, CITIZEN)
    (review, rate) = sorted(desk.tasks(case), key=lambda t: t.element_id, reverse=True)
    nowhere = "019a9c2e-6b1c-7d0e-8c3a-2f9d0c8e4b11"

    for by in (OTHER, ZHAO):
        for task in (review.id, rate.id):
            for make in (
                lambda x: c.ClaimTask(task_id=x),
                lambda x: c.UnclaimTask(task_id=x),
                lambda x: c.CompleteTask(task_id=x),
                lambda x: c.DelegateTask(task_id=x, to="he"),
                lambda x: c.SaveTaskDraft(task_id=x, values={}),
            ):
                answers = []
                for about in (task, nowhere):
                    with pytest.raises(NotFound) as refused:
                        desk.engine.execute(make(about), by=by)
                    answers.append(refused.value.message.replace(about, ""))
                assert answers[0] == answers[1]
        for command in (
            c.SetVariables(instance_id=case, variables={"x": 1}),
            c.CancelInstance(instance_id=case, reason="r"),
            c.SuspendInstance(instance_id=case),
            c.PublishMessage(name="m"),
            c.BroadcastSignal(name="s"),
            c.RetryIncident(incident_id=desk.incidents()[0].id),
            c.Notify(key="k", recipient="li", subject="s", body="b", instance_id=case),
            c.AddAttachment(name="a", content=b"x", instance_id=case),
        ):
            with pytest.raises(Forbidden):
                desk.engine.execute(command, by=by)
    desk.assert_sound()


def test_citizens_see_their_case_but_neither_its_jobs_and_incidents_nor_others_tasks(desk: Desk) -> None:
    case = case_of(desk, CITIZEN)

    seen = desk.engine.read(CITIZEN).instance(case)
    listed = desk.engine.read(CITIZEN).tasks(TaskFilter(scope="all"))

    assert [t.element_id for t in seen.tasks] == [t.element_id for t in listed.items] == ["rate"]
    assert seen.jobs == () and seen.incidents == ()
    assert desk.engine.read(CITIZEN).incidents(IncidentFilter()).items == ()
    assert len(desk.engine.read(LI).instance(case).incidents) == 1


@pytest.mark.parametrize("most", [2_000, 0])
def test_who_has_a_task_of_one_case_sees_nothing_of_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("engine.store.queries.base._FEW", most)  # both ways of looking
    case = case_of(desk, CITIZEN)
    roads = user("a", groups="roads")
    desk.deploy(
        process("q", "start -> a -> b -> end", roads, user("b"), properties={"civiflow:startableBy": "citizen"})
    )
    other = desk.start("q", by=OTHER).instance_id

    def seen(by: Principal) -> tuple[set[str], set[str]]:
        tasks = desk.engine.read(by).tasks(TaskFilter(scope="all")).items
        return {t.instance_id for t in tasks}, {x.id for x in desk.engine.read(by).instances(InstanceFilter()).items}

    assert seen(CITIZEN) == ({case}, {case})
    assert seen(LI) == ({case}, {case})
    assert seen(ZHAO) == ({other}, {other})
    assert seen(OTHER) == (set(), {other})
    assert seen(BOSS) == ({case, other}, {case, other})


def test_a_task_for_nobody_in_particular_stands_in_every_clerks_queue(desk: Desk) -> None:
    desk.deploy(process("p", "start -> a -> end", user("a", groups="")))
    case = desk.start("p").instance_id
    queue = TaskFilter(scope="groups")

    (task,) = desk.engine.read(ZHAO).tasks(queue).items
    desk.engine.execute(c.ClaimTask(task_id=task.id), by=ZHAO)
    taken = desk.engine.read(WANG).tasks(queue).items
    desk.engine.execute(c.UnclaimTask(task_id=task.id), by=ZHAO)

    assert desk.engine.read(CITIZEN).tasks(queue).items == () == taken
    assert (task.candidate_groups, task.candidate_users) == ((), ())
    assert desk.engine.read(WANG).inbox_counts().groups == 1
    desk.complete(task.id, by=WANG)
    assert desk.state(case) == "completed"
    desk.assert_sound()


def test_a_task_given_to_one_person_is_nobody_elses(desk: Desk) -> None:
    case = case_of(desk, LI)
    rate = next(t for t in desk.tasks(case) if t.element_id == "rate")

    with pytest.raises(NotFound):
        desk.engine.execute(c.ClaimTask(task_id=rate.id), by=ZHAO)
    with pytest.raises(NotFound):
        desk.engine.read(ZHAO).task(rate.id)

    desk.complete(rate.id, by=LI)
    desk.assert_sound()


def test_who_may_not_do_a_task_may_not_leave_a_draft_in_it(desk: Desk) -> None:
    four_eyes = (
        '<zeebe:properties><zeebe:property name="civiflow:excludedUsers" value="=[performers.handle]"/>'
        "</zeebe:properties>"
    )
    desk.deploy(process("p", "start -> handle -> check -> end", user("handle"), user("check", more=four_eyes)))
    case = desk.start("p").instance_id
    desk.complete(desk.task(case).id, by=LI)
    check = desk.task(case).id

    for by in (LI, MANAGER):
        with pytest.raises(Forbidden):
            desk.engine.execute(c.SaveTaskDraft(task_id=check, values={"意见": "同意"}), by=by)
    desk.engine.execute(c.SaveTaskDraft(task_id=check, values={"意见": "再看"}), by=WANG)

    assert desk.engine.read(WANG).task(check).draft == {"意见": "再看"}


def test_a_managers_eyes_do_not_make_hands(desk: Desk) -> None:
    case = case_of(desk, CITIZEN)
    review = next(t for t in desk.tasks(case) if t.element_id == "review")

    for command in (c.ClaimTask(task_id=review.id), c.CompleteTask(task_id=review.id)):
        with pytest.raises(Forbidden):
            desk.engine.execute(command, by=MANAGER)

    assert desk.engine.read(MANAGER).task(review.id).may_claim is False


def test_a_queue_shows_what_is_not_taken_however_it_is_sorted(desk: Desk) -> None:
    desk.deploy(process("p", "start -> a -> end", user("a")))
    taken, free = (desk.task(desk.start("p").instance_id) for _ in range(2))
    desk.engine.execute(c.ClaimTask(task_id=taken.id), by=WANG)

    for sort in ("due", "created"):
        for group in ("", "clerks"):
            page = desk.engine.read(LI).tasks(TaskFilter(scope="groups", sort=sort, group=group))
            assert [t.id for t in page.items] == [free.id]
        assert desk.engine.read(LI).tasks(TaskFilter(scope="groups", sort=sort, group="roads")).items == ()


def test_a_citizen_cannot_pass_the_start_form_by_another_start_event(desk: Desk) -> None:
    top = '<bpmn:message id="n" name="order"/>'
    other = node("startEvent", "other", '<bpmn:messageEventDefinition messageRef="n"/>')
    open_to_all = {"civiflow:startableBy": "citizen,supervisor"}
    desk.deploy(
        process("p", "start -> a -> end; other -> a", user("a"), other, top=top, properties=open_to_all),
    )

    with pytest.raises(Forbidden):
        desk.engine.execute(c.StartInstance(definition="p", start_node="other"), by=CITIZEN)
    desk.engine.execute(c.StartInstance(definition="p", start_node="other"), by=BOSS)

    assert len(desk.tasks()) == 1


def test_a_bot_sees_the_files_of_a_case_only_while_it_has_a_job_there_and_never_the_case(desk: Desk) -> None:
    desk.deploy(MODEL)
    case = desk.start("p", by=LI).instance_id
    file = desk.engine.execute(c.AddAttachment(name="a.txt", content=b"x", instance_id=case), by=LI)
    (job,) = desk.engine.execute(c.ActivateJobs(worker="w", topics=("print",)), by=BOT)

    while_leased = desk.engine.jobs(BOT).files(job).read(file.id)
    with pytest.raises(NotFound):
        desk.engine.read(BOT).instance(case)
    desk.finish(job)

    assert while_leased == b"x"
    with pytest.raises(NotFound):
        desk.engine.jobs(BOT).files(job).read(file.id)


def test_a_form_cannot_refer_to_anothers_upload_or_lie_about_its_own(desk: Desk) -> None:
    desk.deploy(process("p", "start -> a -> end", user("a")))
    case = desk.start("p").instance_id
    task = desk.task(case).id
    foreign = desk.engine.execute(c.AddAttachment(name="a.txt", content=b"hers"), by=WANG).as_variable()
    own = desk.engine.execute(c.AddAttachment(name="b.txt", content=b"mine"), by=LI).as_variable()

    for value in (foreign, {**own, "size": 1}, {**own, "sha256": "0" * 64}):
        with pytest.raises(InvalidInput):
            desk.complete(task, by=LI, file=[value])
    desk.complete(task, by=LI, file=[own])

    (bound,) = desk.see(case).attachments
    assert bound.ref.id == own["id"]


def test_messages_of_others_cannot_be_read_or_marked(desk: Desk) -> None:
    note = desk.engine.execute(c.Notify(key="k", recipient="li", subject="s", body="b"), by=BOT)

    with pytest.raises(NotFound):
        desk.engine.execute(c.ReadNotification(notification_id=note), by=WANG)

    assert desk.engine.read(WANG).notifications().items == ()
    assert desk.engine.read(LI).unread_count() == 1
