"""The event log as reports read it: what was done again, what was merely offered, who held it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.reports import own_report
from engine import SYSTEM, Engine, FakeClock
from engine import commands as c
from engine.contracts.eventlog import ACTIVITY_COLUMNS, CASE_COLUMNS, LogFilter
from engine.filters import TaskFilter
from mining.results import ActivityStat
from tests.builders import node, process, user
from tests.desk import Desk

AGAIN = "judge -> route; route -> work [=again]; route -> end []"
OFFER = '<zeebe:priorityDefinition priority="=if true then 0 else 50"/>'


def many(count: int, *, sequential: bool = False) -> str:
    """Multi-instance characteristics."""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )


def looped(element: str, loop: str) -> str:
    """An element with loop characteristics."""
    head, end = element.rsplit("</", 1)
    return f"{head}{loop}</{end}"


def sub_process(id: str, inner: str, loop: str = "") -> str:
    """A sub-process around one element."""
    flow = '<bpmn:sequenceFlow id="{0}_{1}" sourceRef="{0}" targetRef="{1}"/>'
    name = inner.split('id="')[1].split('"', maxsplit=1)[0]
    begin, end = f"{id}_begin", f"{id}_end"
    return node(
        "subProcess",
        id,
        f'<bpmn:startEvent id="{begin}"/>{inner}<bpmn:endEvent id="{end}"/>'
        f"{flow.format(begin, name)}{flow.format(name, end)}{loop}",
    )


def play(desk: Desk, clock: FakeClock, model: bytes, *rounds: bool) -> None:
    """Do every task as it comes; `judge` sends the case back as often as told."""
    verdicts = iter(rounds)
    desk.deploy(model)
    desk.start("p")
    while tasks := desk.engine.read(SYSTEM).tasks(TaskFilter(scope="all")).items:
        clock.advance(timedelta(minutes=10))
        variables = {"again": next(verdicts)} if tasks[0].element_id == "judge" else {}
        desk.engine.execute(c.CompleteTask(task_id=tasks[0].id, variables=variables), by=SYSTEM)


def iterations(engine: Engine, element: str) -> list[str]:
    """The iterations of an element, in the order of the log."""
    log = engine.event_log(SYSTEM).activities(LogFilter())
    return [i for e, i in zip(log["element_id"], log["iteration"], strict=True) if e == element]


def stat(engine: Engine, element: str) -> ActivityStat:
    """What the report says of an element."""
    report = own_report(engine, SYSTEM, LogFilter(definition_key="p", human_and_bot_only=True), language="zh")
    return next(a for a in report.activities if a.element_id == element)


@pytest.mark.parametrize("sequential", [False, True])
def test_the_items_of_one_run_are_no_repetitions_of_each_other(desk: Desk, clock: FakeClock, sequential: bool) -> None:
    model = process("p", "start -> work -> end", looped(user("work"), many(3, sequential=sequential)))

    play(desk, clock, model)

    assert iterations(desk.engine, "work") == ["0", "1", "2"]
    assert (stat(desk.engine, "work").count, stat(desk.engine, "work").rework.executions) == (3, 0)


@pytest.mark.parametrize("sequential", [False, True])
def test_a_second_run_does_each_item_again(desk: Desk, clock: FakeClock, sequential: bool) -> None:
    work = looped(user("work"), many(2, sequential=sequential))
    model = process("p", f"start -> work -> {AGAIN}", work, user("judge"), node("exclusiveGateway", "route"))

    play(desk, clock, model, True, False)

    work_rework, judge_rework = stat(desk.engine, "work").rework, stat(desk.engine, "judge").rework
    assert iterations(desk.engine, "work") == ["0", "1", "0", "1"]
    assert (work_rework.executions, work_rework.cases) == (2, 1)
    assert (judge_rework.executions, judge_rework.cases) == (1, 1)


def test_items_within_items_are_told_apart_and_done_again_with_what_is_around_them(
    desk: Desk, clock: FakeClock
) -> None:
    inner = looped(user("ask"), many(2))
    work = sub_process("work", inner, many(2))
    model = process("p", f"start -> work -> {AGAIN}", work, user("judge"), node("exclusiveGateway", "route"))

    play(desk, clock, model, True, False)

    assert sorted(iterations(desk.engine, "ask")) == sorted(["0.0", "0.1", "1.0", "1.1"] * 2)
    assert stat(desk.engine, "ask").rework.executions == 4
    assert stat(desk.engine, "work").rework.executions == 2


def test_what_is_in_a_sub_process_that_runs_again_is_done_again(desk: Desk, clock: FakeClock) -> None:
    work = sub_process("work", user("ask"))
    model = process("p", f"start -> work -> {AGAIN}", work, user("judge"), node("exclusiveGateway", "route"))

    play(desk, clock, model, True, True, False)

    assert iterations(desk.engine, "ask") == ["", "", ""]
    assert stat(desk.engine, "ask").rework.executions == 2


def test_the_rounds_of_a_standard_loop_are_the_same_work_again(desk: Desk, clock: FakeClock) -> None:
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    model = process("p", "start -> work -> end", looped(user("work"), loop))

    play(desk, clock, model)

    assert iterations(desk.engine, "work") == ["", "", ""]
    assert stat(desk.engine, "work").rework.executions == 2


def test_which_iteration_a_row_is_of_does_not_depend_on_what_is_asked_for(desk: Desk, clock: FakeClock) -> None:
    inner = looped(user("ask"), many(2))
    play(desk, clock, process("p", "start -> work -> end", sub_process("work", inner, many(2))))

    log = desk.engine.event_log(SYSTEM).activities(LogFilter(human_and_bot_only=True, since=0))

    rows = {(e, i) for e, i in zip(log["element_id"], log["iteration"], strict=True)}
    assert rows == {("ask", "0.0"), ("ask", "0.1"), ("ask", "1.0"), ("ask", "1.1"), ("work", "0"), ("work", "1")}


def test_an_offer_is_neither_waiting_nor_work_and_is_counted_apart(desk: Desk, clock: FakeClock) -> None:
    flows = "start -> fork; fork -> work -> closed; fork -> withdraw -> gone"
    withdraw = user("withdraw", due='=now() + duration("PT1H")', more=OFFER)
    parts = (user("work"), withdraw, node("parallelGateway", "fork"), node("endEvent", "closed"))
    desk.deploy(process("p", flows, *parts, node("endEvent", "gone")))
    taken, _left = desk.start("p"), desk.start("p")
    clock.advance(timedelta(hours=2))
    for task in [task for task in desk.tasks() if task.element_id == "work"]:
        desk.complete(task.id)
    clock.advance(timedelta(hours=5))
    desk.complete(desk.task(taken.instance_id).id)

    report = own_report(desk.engine, SYSTEM, LogFilter(definition_key="p", human_and_bot_only=True), language="en")

    offer = next(a for a in report.activities if a.element_id == "withdraw")
    assert (offer.offers.offered, offer.offers.taken, offer.offers.open) == (2, 1, 1)
    assert (offer.count, offer.open, offer.sojourn.n, offer.deadline.of) == (0, 0, 0, 0)
    assert report.meta.hours == pytest.approx(4)
    assert report.meta.cases.duration.median == pytest.approx(2 * 3600)
    assert {f.element_id for f in report.findings} == {"work"}


def test_the_log_has_every_column_of_its_contract(desk: Desk, clock: FakeClock) -> None:
    play(desk, clock, process("p", "start -> work -> end", user("work")))

    log = desk.engine.event_log(SYSTEM)

    assert set(log.cases(LogFilter())) == set(CASE_COLUMNS)
    assert set(log.activities(LogFilter())) == set(ACTIVITY_COLUMNS)


def test_the_texts_of_a_process_say_what_it_waits_for(desk: Desk, clock: FakeClock) -> None:
    waiting = '<zeebe:properties><zeebe:property name="civiflow:waitingFor" value="{}"/></zeebe:properties>'
    tasks = [user(f"t{i}", more=waiting.format(cause)) for i, cause in enumerate(("lab", "experts", "gremlins"))]
    model = process("p", "start -> t0 -> t1 -> t2 -> end", *tasks)
    files = {"p.bpmn": model, "texts/zh.yaml": "lab: 检验机构\n".encode(), "texts/en.yaml": b"lab: the laboratory\n"}
    desk.engine.execute(c.DeployDefinition(files=files), by=SYSTEM)
    desk.start("p")
    for _ in tasks:
        clock.advance(timedelta(hours=1))
        desk.complete(desk.tasks()[0].id)

    report = own_report(desk.engine, SYSTEM, LogFilter(definition_key="p"), language="zh")

    said = {f.element_id: (f.text_zh, f.text_en) for f in report.findings}
    assert "等待检验机构" in said["t0"][0] and "for the laboratory" in said["t0"][1]
    assert "等待专家" in said["t1"][0] and "for experts" in said["t1"][1]
    assert "等待他方" in said["t2"][0] and "gremlins" not in "".join(said["t2"])
