"""Two at once: each pair is held at the moment where one has not committed what the other looks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from engine import Engine, FakeClock
from engine import commands as c
from engine.clock import Clock
from engine.contracts.principal import Principal
from engine.errors import CiviflowError, DatabaseAway, StaleLease
from engine.handlers.registry import HANDLERS
from engine.store import tables as t
from engine.store.cases import load_instance
from tests.builders import ADMIN, BOSS, DESIGNER, LI, WANG, node, process, service, timer, user
from tests.desk import Desk

PAID = (
    '<bpmn:message id="m" name="paid"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
)
PAYMENT = process(
    "p",
    "start -> pay -> end",
    node("intermediateCatchEvent", "pay", '<bpmn:messageEventDefinition messageRef="m"/>'),
    top=PAID,
)
FORK = process(
    "p", "start -> fork -> a -> end; fork -> b -> end", node("parallelGateway", "fork"), user("a"), user("b")
)


@contextmanager
def uncommitted(engine: Engine, command: c.Command, by: Principal = ADMIN) -> Iterator[None]:
    """Carry a command out, and commit only when the block ends."""
    with engine._database.write() as connection:
        HANDLERS[type(command)](command, engine._context(connection, by))
        yield


def together(*works: Callable[[], object]) -> list[object]:
    """Do works in threads that start at the same moment; gives results, or the errors refused with."""
    ready, results = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        ready.wait()
        try:
            results[number] = works[number]()
        except CiviflowError as refused:
            results[number] = refused

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_a_message_and_the_case_it_is_for_find_each_other_though_neither_saw_the_other(desk: Desk) -> None:
    desk.deploy(PAYMENT)
    started: list[str] = []
    early = c.PublishMessage(name="paid", correlation_key="A-1", variables={"by": "card"}, ttl=timedelta(hours=1))
    worker = threading.Thread(target=lambda: started.append(desk.start("p", order="A-1").instance_id))

    with uncommitted(desk.engine, early, BOSS):
        worker.start()
        worker.join(timeout=1)
    worker.join()
    desk.engine.sweep()

    assert desk.state(started[0]) == "completed"
    assert desk.see(started[0]).variables["by"] == "card"
    desk.assert_sound()


def test_of_two_messages_with_one_id_one_counts(desk: Desk) -> None:
    desk.deploy(PAYMENT)
    desk.start("p", order="A-1")
    message = c.PublishMessage(name="paid", correlation_key="A-1", message_id="tx", ttl=timedelta(hours=1))

    done = together(*[lambda: desk.engine.execute(message, by=BOSS)] * 6)

    assert sorted(len(d.instance_ids) for d in done) == [0, 0, 0, 0, 0, 1]
    assert sum(d.duplicate for d in done) == 5
    desk.assert_sound()


def test_a_start_message_with_one_id_starts_one_case(desk: Desk) -> None:
    begin = node("startEvent", "start", '<bpmn:messageEventDefinition messageRef="n"/>')
    top = '<bpmn:message id="n" name="order"/>'
    desk.deploy(process("p", "start -> a -> end", begin, user("a"), top=top))
    message = c.PublishMessage(name="order", message_id="tx", ttl=timedelta(hours=1))

    together(*[lambda: desk.engine.execute(message, by=BOSS)] * 6)

    assert len(desk.tasks()) == 1


def test_deployments_at_once_get_versions_of_their_own_and_one_is_the_latest(desk: Desk) -> None:
    def deploy(number: int) -> Callable[[], object]:
        files = {"p.bpmn": process("p", f"start -> a{number} -> end", user(f"a{number}"))}
        return lambda: desk.engine.execute(c.DeployDefinition(files=files, name="p"), by=DESIGNER)

    made = together(*[deploy(number) for number in range(5)])

    versions = sorted(d.definitions[0].version for d in made)
    assert versions == [1, 2, 3, 4, 5]
    assert [d.version for d in desk.engine.read(LI).definitions()] == [5]


def test_branches_completed_at_once_both_count(desk: Desk) -> None:
    desk.deploy(FORK)
    cases = [desk.start("p").instance_id for _ in range(5)]
    tasks = [task.id for case in cases for task in desk.tasks(case)]

    done = together(*[lambda task=task: desk.complete(task) for task in tasks])

    assert not [d for d in done if isinstance(d, Exception)]
    assert {desk.state(case) for case in cases} == {"completed"}
    desk.assert_sound()


def test_a_task_completed_and_its_case_cancelled_at_once_end_one_way(desk: Desk) -> None:
    desk.deploy(FORK)
    cases = [desk.start("p").instance_id for _ in range(4)]

    for case in cases:
        task = desk.tasks(case)[0].id
        cancel = c.CancelInstance(instance_id=case, reason="r")
        together(lambda task=task: desk.complete(task), lambda cancel=cancel: desk.engine.execute(cancel, by=BOSS))

    assert {desk.state(case) for case in cases} == {"cancelled"}
    desk.assert_sound()


def test_workers_that_ask_at_once_share_the_jobs_and_a_cancelled_case_takes_no_result(desk: Desk) -> None:
    desk.deploy(process("p", "start -> work -> end", service("work", "print")))
    cases = [desk.start("p").instance_id for _ in range(12)]

    leased = [job for jobs in together(*[lambda: desk.take("print", limit=3)] * 4) for job in jobs]
    rest = desk.take("print", limit=12)
    desk.engine.execute(c.CancelInstance(instance_id=leased[0].instance_id, reason="r"), by=BOSS)
    results = together(*[lambda job=job: desk.finish(job) for job in (*leased, *rest)])

    assert len({job.id for job in (*leased, *rest)}) == len(leased) + len(rest) == 12
    assert [type(r) for r in results].count(StaleLease) == 1
    assert sorted(desk.state(case) for case in cases) == ["cancelled"] + ["completed"] * 11
    desk.assert_sound()


def test_timers_fired_by_several_schedulers_go_off_once(desk: Desk, clock: FakeClock) -> None:
    again = node("startEvent", "start", timer("R/PT1H").replace("timeDuration", "timeCycle"))
    desk.deploy(
        process("p", "start -> wait -> end", node("intermediateCatchEvent", "wait", timer("PT1H"))),
        process("q", "start -> a -> end", again, user("a")),
    )
    for _ in range(10):
        desk.start("p")
    clock.advance(timedelta(hours=1))

    fired = together(*[lambda: desk.engine.fire_due_timers()] * 4)

    assert sum(fired) == 11
    assert len(desk.tasks()) == 1
    desk.assert_sound()


def test_relays_at_once_send_each_message_once(desk: Desk) -> None:
    top = '<bpmn:message id="n" name="order"/>'
    throw = node("endEvent", "tell", '<bpmn:messageEventDefinition messageRef="n"/>')
    begin = node("startEvent", "start", '<bpmn:messageEventDefinition messageRef="n"/>')
    desk.deploy(
        process("a", "start -> tell", throw, top=top), process("b", "start -> a -> end", begin, user("a"), top=top)
    )

    together(*[lambda: desk.start("a")] * 8)
    together(*[desk.engine.sweep] * 4)

    assert len(desk.tasks()) == 8
    with desk.engine._database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.outbox)).scalar_one() == 0
    desk.assert_sound()


def test_no_event_lies_before_the_one_it_waited_for(database_url: str) -> None:
    with Engine.open(database_url) as engine:
        desk = Desk(engine)
        desk.deploy(FORK)
        case = desk.start("p").instance_id
        first, second = desk.tasks(case)
        late = threading.Thread(target=lambda: desk.complete(second.id, by=WANG))

        with engine._database.write() as connection:
            load_instance(engine._context(connection, LI).uow, case)  # holds the lock
            late.start()
            late.join(timeout=0.5)
            HANDLERS[c.CompleteTask](c.CompleteTask(task_id=first.id), engine._context(connection, LI))
        late.join()

        times = [event.at for event in engine.read(ADMIN).events(case)]
        assert times == sorted(times)
        desk.assert_sound()


def test_a_case_is_verified_and_shown_as_of_one_moment_while_others_work_on_it(desk: Desk) -> None:
    desk.deploy(FORK)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            case = desk.start("p").instance_id
            for task in desk.tasks(case):
                desk.complete(task.id)

    worker = threading.Thread(target=work)
    worker.start()
    problems = [p for _ in range(8) for p in desk.engine.verify().problems]
    stop.set()
    worker.join()

    assert problems == []


def test_the_databases_clock_never_needs_a_second_connection(postgres_engine: Engine) -> None:
    clock: Clock = postgres_engine.clock
    clock._known = (clock._known[0], -1_000.0)  # type: ignore[attr-defined]
    held = [postgres_engine._database.engine.connect() for _ in range(40)]
    asking = threading.Thread(target=clock.now)
    asking.start()
    asking.join(timeout=0.3)

    others = together(*[clock.now] * 3)
    for connection in held:
        connection.close()
    asking.join()

    assert all(isinstance(instant, datetime) for instant in others)


def test_a_process_that_stands_still_in_a_command_holds_its_case_up_for_a_while_only(
    postgres_engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.database.STANDSTILL_SECONDS", 1)
    desk = Desk(postgres_engine)
    desk.deploy(FORK)
    case = desk.start("p").instance_id
    first, second = desk.tasks(case)

    with (
        Engine.open(database_url) as standing_still,
        pytest.raises(DatabaseAway),
        uncommitted(standing_still, c.CompleteTask(task_id=first.id)),
    ):
        done = desk.complete(second.id)  # waits for the lock until the database takes it away

    assert not done.ended
    assert [task.id for task in desk.tasks(case)] == [first.id]
    desk.assert_sound()


def test_a_connection_that_is_lost_between_two_looks_means_that_the_database_is_away(postgres_engine: Engine) -> None:
    database = postgres_engine._database

    with pytest.raises(DatabaseAway) as raised, database.read() as connection:
        connection.invalidate()  # what the wrapper does once the driver finds the line dead
        connection.execute(sa.select(1))

    assert isinstance(raised.value.__cause__, sa.exc.PendingRollbackError)
    assert postgres_engine.verify().clean


@pytest.fixture
def postgres_engine(database_url: str) -> Iterator[Engine]:
    """An engine on PostgreSQL, by the database's own clock."""
    if not database_url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has a clock of its own")
    with Engine.open(database_url) as engine:
        yield engine
