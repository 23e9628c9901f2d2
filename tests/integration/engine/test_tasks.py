"""User tasks: queues, claims, four eyes, stale tasks, one success whoever is first."""

from __future__ import annotations

import threading
from datetime import timedelta

import orjson
import pytest

from engine import Engine, FakeClock
from engine import commands as c
from engine.errors import (
    CiviflowError,
    Forbidden,
    IdempotencyMismatch,
    InvalidForm,
    NotFound,
    StaleTask,
    VersionMismatch,
)
from engine.filters import TaskFilter
from tests.builders import ADMIN, BOSS, CITIZEN, LI, WANG, ZHAO, process, user
from tests.desk import Desk

REVIEW = process("p", "start -> review -> end", user("review"))
TWO_STEPS = process(
    "p",
    "start -> handle -> check -> end",
    user("handle"),
    user(
        "check",
        more='<zeebe:properties><zeebe:property name="civiflow:excludedUsers"'
        ' value="=[performers.handle]"/></zeebe:properties>',
    ),
)


def test_a_task_stands_in_its_groups_queue_until_somebody_takes_it(desk: Desk) -> None:
    desk.deploy(REVIEW)
    desk.start("p")
    queue, mine = TaskFilter(scope="groups"), TaskFilter(scope="mine")
    task = desk.tasks()[0]

    desk.engine.execute(c.ClaimTask(task_id=task.id), by=LI)

    assert desk.engine.read(WANG).tasks(queue).items == ()
    assert [t.id for t in desk.engine.read(LI).tasks(mine).items] == [task.id]
    with pytest.raises(StaleTask, match="taken by li"):
        desk.engine.execute(c.ClaimTask(task_id=task.id), by=WANG)
    desk.engine.execute(c.UnclaimTask(task_id=task.id), by=LI)
    assert [t.id for t in desk.engine.read(WANG).tasks(queue).items] == [task.id]
    desk.assert_sound()


def test_a_task_of_another_group_does_not_exist_for_me(desk: Desk) -> None:
    desk.deploy(REVIEW)
    case = desk.start("p")
    task = desk.task(case.instance_id)

    for by in (ZHAO, CITIZEN):
        with pytest.raises(NotFound):
            desk.engine.read(by).task(task.id)
        with pytest.raises(NotFound):
            desk.complete(task.id, by=by)
        assert desk.engine.read(by).tasks(TaskFilter(scope="all")).items == ()


def test_of_twenty_simultaneous_completions_one_succeeds(desk: Desk) -> None:
    desk.deploy(REVIEW)
    case = desk.start("p")
    task = desk.task(case.instance_id)
    outcomes: list[str] = []
    ready = threading.Barrier(20)

    def attempt(number: int) -> None:
        ready.wait()
        try:
            desk.engine.execute(c.CompleteTask(task_id=task.id, variables={"by": number}), by=LI)
            outcomes.append("done")
        except CiviflowError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["StaleTask"] * 19 + ["done"]
    assert desk.trace(case.instance_id) == ["start", "review", "end"]
    desk.assert_sound()


def test_the_same_key_gives_the_same_result_and_changes_nothing(desk: Desk) -> None:
    desk.deploy(REVIEW)
    command = c.StartInstance(definition="p", variables={"n": 1})

    first = desk.engine.execute(command, by=LI, key="k")
    again = desk.engine.execute(command, by=LI, key="k")
    other_person = desk.engine.execute(command, by=WANG, key="k")

    assert first == again
    assert other_person.instance_id != first.instance_id
    assert len(desk.tasks()) == 2
    with pytest.raises(IdempotencyMismatch):
        desk.engine.execute(c.StartInstance(definition="p", variables={"n": 2}), by=LI, key="k")


def test_one_key_sent_by_many_threads_at_once_starts_one_instance(desk: Desk) -> None:
    desk.deploy(REVIEW)
    command, results, ready = c.StartInstance(definition="p"), [], threading.Barrier(8)

    def send() -> None:
        ready.wait()
        results.append(desk.engine.execute(command, by=LI, key="same"))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({r.instance_id for r in results}) == 1
    assert len(results) == 8
    assert len(desk.tasks()) == 1


def test_whoever_handled_a_case_may_not_check_it(desk: Desk) -> None:
    desk.deploy(TWO_STEPS)
    case = desk.start("p")
    desk.complete(desk.task(case.instance_id).id, by=LI)
    check = desk.task(case.instance_id)

    for command in (c.ClaimTask(task_id=check.id), c.CompleteTask(task_id=check.id)):
        with pytest.raises(Forbidden, match="four eyes"):
            desk.engine.execute(command, by=LI)
    with pytest.raises(Forbidden):
        desk.engine.execute(c.DelegateTask(task_id=check.id, to="li"), by=BOSS)
    done = desk.complete(check.id, by=WANG)

    assert done.ended
    assert not desk.engine.read(LI).task(check.id).may_claim


def test_a_delegated_task_is_anothers_and_keeps_its_owner(desk: Desk) -> None:
    desk.deploy(REVIEW)
    case = desk.start("p")
    task = desk.task(case.instance_id)
    desk.engine.execute(c.ClaimTask(task_id=task.id), by=LI)

    row = desk.engine.execute(c.DelegateTask(task_id=task.id, to="zhao", reason="出差"), by=LI)
    desk.complete(task.id, by=ZHAO)

    assert (row.assignee, row.owner) == ("zhao", "li")
    assert desk.state(case.instance_id) == "completed"
    desk.assert_sound()


def test_a_stale_revision_is_refused_and_names_who_was_faster(desk: Desk) -> None:
    desk.deploy(REVIEW)
    case = desk.start("p")
    task = desk.task(case.instance_id)
    desk.engine.execute(c.ClaimTask(task_id=task.id), by=LI)
    desk.engine.execute(c.SaveTaskDraft(task_id=task.id, values={"意见": "同意"}), by=LI)

    with pytest.raises(VersionMismatch):
        desk.engine.execute(c.CompleteTask(task_id=task.id, revision=task.revision), by=LI)
    with pytest.raises(StaleTask, match="li"):
        desk.engine.execute(c.ClaimTask(task_id=task.id, revision=task.revision), by=WANG)
    assert desk.engine.read(LI).task(task.id).draft == {"意见": "同意"}


def test_who_kept_a_draft_may_hand_in_what_they_had_open(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    case = desk.start("p")
    taken = desk.engine.execute(c.ClaimTask(task_id=desk.task(case.instance_id).id), by=LI)

    desk.engine.execute(c.SaveTaskDraft(task_id=taken.id, values={"意见": "同意"}), by=LI)
    done = desk.engine.execute(c.CompleteTask(task_id=taken.id, revision=taken.revision), by=LI)

    assert done.ended


def test_a_form_that_breaks_its_rules_changes_nothing(desk: Desk) -> None:
    field = {"type": "textfield", "key": "opinion", "label": "意见", "validate": {"required": True}}
    form = orjson.dumps({"id": "opinion", "type": "default", "components": [field]})
    desk.deploy(process("p", "start -> review -> end", user("review", form="opinion")), **{"forms/opinion.json": form})
    case = desk.start("p")
    task = desk.task(case.instance_id)

    with pytest.raises(InvalidForm) as refused:
        desk.complete(task.id)
    with pytest.raises(InvalidForm):
        desk.complete(task.id, opinion="ok", approved_by_mayor=True)
    done = desk.complete(task.id, opinion="同意")

    assert [p.field for p in refused.value.problems] == ["opinion"]
    assert done.ended
    assert desk.see(case.instance_id).variables == {"opinion": "同意"}


def test_a_form_asks_the_engines_clock_what_has_passed(desk: Desk, clock: FakeClock) -> None:
    field = {"type": "datetime", "subtype": "date", "key": "visit", "label": "上门日期", "disallowPassedDates": True}
    form = orjson.dumps({"id": "visit", "type": "default", "components": [field]})
    desk.deploy(process("p", "start -> review -> end", user("review", form="visit")), **{"forms/visit.json": form})
    task = desk.task(desk.start("p").instance_id)
    today = clock.now().astimezone(desk.engine.zone).date()

    with pytest.raises(InvalidForm):
        desk.complete(task.id, visit=(today - timedelta(days=1)).isoformat())
    done = desk.complete(task.id, visit=today.isoformat())

    assert done.ended


def test_pages_of_a_queue_give_every_task_once_the_most_urgent_first(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review", due="=now() + duration(pause)")))
    for number in range(25):
        desk.start("p", pause=f"PT{(number * 7) % 25 + 1}H")

    for by, scope in ((LI, "groups"), (ADMIN, "all")):
        seen, cursor = [], ""
        while True:
            page = desk.engine.read(by).tasks(TaskFilter(scope=scope), cursor=cursor, limit=7)
            seen += page.items
            cursor = page.next_cursor
            if not cursor:
                break

        assert len({t.id for t in seen}) == 25
        assert [t.due_at for t in seen] == sorted(t.due_at for t in seen)
    clock.advance(timedelta(hours=5, minutes=1))
    overdue = desk.engine.read(LI).tasks(TaskFilter(scope="groups", overdue=True)).items
    assert len(overdue) == 5


def test_lists_are_searched_by_number_subject_and_name(desk: Desk) -> None:
    desk.deploy(
        process("p", "start -> review -> end", user("review"), properties={"civiflow:subject": '="坑洞：" + place'})
    )
    desk.start("p", place="枫林路 100% 处")
    desk.start("p", place="江边")

    def found(text: str) -> list[str]:
        return [t.subject for t in desk.engine.read(LI).tasks(TaskFilter(scope="groups", search=text)).items]

    assert found("枫林路") == ["坑洞：枫林路 100% 处"]
    assert found("100%") == ["坑洞：枫林路 100% 处"]
    assert len(found("p-20261116")) == 2
    assert found("%%%") == []


def test_counts_tell_what_is_mine_open_to_me_and_late(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review", due="=now() + duration(pause)")))
    for pause in ("PT1H", "PT2H", "PT30H"):
        desk.start("p", pause=pause)
    for task in desk.tasks()[:2]:
        desk.engine.execute(c.ClaimTask(task_id=task.id), by=LI)

    clock.advance(timedelta(hours=1, minutes=30))
    counts = desk.engine.read(LI).inbox_counts()

    assert (counts.mine, counts.groups, counts.overdue, counts.due_today) == (2, 1, 1, 1)


def test_work_survives_a_new_engine_after_every_step(database_url: str, clock: FakeClock) -> None:
    with Engine.open(database_url, clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(TWO_STEPS)
        case = desk.start("p")
    for who in (LI, WANG):
        with Engine.open(database_url, clock=clock) as engine:
            desk = Desk(engine)
            desk.complete(desk.task(case.instance_id).id, by=who)
            desk.assert_sound()

    with Engine.open(database_url, clock=clock) as engine:
        assert Desk(engine).state(case.instance_id) == "completed"
