"""What is finished leaves the indexes of what is to do, and lists find these indexes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine import Engine, FakeClock
from engine import commands as c
from engine.filters import InstanceFilter, JobFilter, TaskFilter
from engine.store import migrate
from engine.store import tables as t
from engine.store.conditions import in_state, is_leased, is_open, was_assigned_to
from engine.store.database import Database
from engine.store.types import Json, metadata
from tests.builders import ADMIN, BOSS, LI, WANG, node, process, service, timer, user
from tests.databases import Databases
from tests.desk import Desk

WORK = process(
    "p",
    "start -> fork -> review -> end; fork -> work -> end; fork -> wait -> end; fork -> ask -> end",
    node("parallelGateway", "fork"),
    user("review"),
    service("work", "print"),
    node("intermediateCatchEvent", "wait", timer("PT1H")),
    user("ask").replace(
        "</bpmn:userTask>",
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=units" inputElement="unit"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>",
    ),
)
UNITS = ["水务", "市政"]

OPEN_WORK = (t.user_task, t.task_candidate, t.process_instance, t.job)

_task, _queue, _instance, _job = t.user_task.alias(), t.task_candidate, t.process_instance, t.job
ASKED: dict[str, sa.Select[Any]] = {
    "ix_user_task_due": sa.select(_task.c.id)
    .where(_task.c.tenant_id == 0, is_open(_task))
    .order_by(_task.c.due_sort, _task.c.id),
    "ix_user_task_created": sa.select(_task.c.id)
    .where(_task.c.tenant_id == 0, is_open(_task))
    .order_by(_task.c.created_at.desc(), _task.c.id.desc()),
    "ix_user_task_assignee": sa.select(_task.c.id).where(_task.c.assignee == "li", is_open(_task)),
    "ix_user_task_assigned_before": sa.select(_task.c.id).where(was_assigned_to(_task, "li")),
    "ix_task_candidate_queue": sa.select(_queue.c.task_id)
    .where(_queue.c.kind == "group", _queue.c.name == "clerks", _queue.c.claimable)
    .order_by(_queue.c.due_sort, _queue.c.task_id),
    "ix_task_candidate_kind_name": sa.select(_queue.c.task_id).where(_queue.c.kind == "group", _queue.c.name == "x"),
    "ix_process_instance_state": sa.select(_instance.c.id)
    .where(_instance.c.tenant_id == 0, in_state(_instance, "running"))
    .order_by(_instance.c.started_at.desc(), _instance.c.id.desc()),
    "ix_process_instance_completed": sa.select(_instance.c.id)
    .where(_instance.c.tenant_id == 0, in_state(_instance, "completed"))
    .order_by(_instance.c.started_at.desc(), _instance.c.id.desc()),
    "ix_job_due": sa.select(_job.c.id).where(in_state(_job, "available"), ~_job.c.suspended, _job.c.topic == "print"),
    "ix_job_lease": sa.select(_job.c.id).where(is_leased(_job)).order_by(_job.c.lease_until),
}
"""What queries ask, by the index that should answer."""


@pytest.mark.parametrize("index", ASKED)
def test_a_question_about_open_work_is_answered_from_its_index(desk: Desk, index: str) -> None:
    with desk.engine._database.write() as connection:
        on_postgres = connection.dialect.name == "postgresql"
        for other in (other for table in OPEN_WORK for other in table.indexes if other.name != index):
            other.drop(connection)  # of an empty table, one would be as good as another
        for way in ("seqscan", "bitmapscan", "sort") if on_postgres else ():
            connection.exec_driver_sql(f"set local enable_{way} = off")
        asked = ASKED[index].compile(connection.engine, compile_kwargs={"literal_binds": True})

        rows = connection.execute(sa.text(f"explain {'' if on_postgres else 'query plan'} {asked}"))

        plan = "\n".join(str(row[-1]) for row in rows)
    assert index in plan, f"{asked}\n{plan}"


def test_no_state_from_outside_is_written_into_a_statement() -> None:
    with pytest.raises(ValueError, match="name of a state"):
        in_state(_instance, "x' or 'x' = 'x")


def test_who_had_a_task_sees_it_whatever_became_of_it(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    open_, done, by_boss, cancelled, _ = (desk.start("p", by=LI).instance_id for _ in range(5))
    for case in (open_, done, by_boss, cancelled):
        desk.engine.execute(c.ClaimTask(task_id=desk.task(case).id), by=WANG)
    desk.complete(desk.task(done).id, by=WANG)
    desk.complete(desk.task(by_boss).id, by=BOSS)
    desk.engine.execute(c.CancelInstance(instance_id=cancelled, reason="withdrawn"), by=BOSS)
    with desk.engine._database.write() as connection:
        connection.execute(t.task_candidate.delete())  # no queue shows them any more

    seen = desk.engine.read(WANG).instances(InstanceFilter()).items

    assert {row.id for row in seen} == {open_, done, by_boss, cancelled}


def test_a_filled_database_of_the_step_before_goes_on(databases: Databases, clock: FakeClock) -> None:
    here, there = databases.fresh(), databases.empty()
    with Engine.open(here, clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(WORK)
        cases = [desk.start("p", units=UNITS, place="枫林路").instance_id for _ in range(3)]
        for task in desk.tasks(cases[0]):
            desk.complete(task.id)
        desk.engine.execute(c.ClaimTask(task_id=desk.tasks(cases[1])[0].id), by=LI)
        desk.engine.execute(c.CancelInstance(instance_id=cases[2], reason="withdrawn"), by=BOSS)
        desk.finish(desk.take("print", limit=1)[0])
        rows, seen = _rows(engine), _seen(engine, cases)
    _fill_as_0006(there, rows)

    with Engine.open(there, clock=clock) as engine:
        desk = Desk(engine)
        moved = _rows(engine)
        assert {name: moved[name] for name in rows} == rows
        assert _seen(engine, cases) == seen
        desk.assert_sound()
        desk.complete(desk.tasks(cases[1])[0].id)
        desk.start("p", units=UNITS)
        desk.assert_sound()

    inner = {row["scope_id"] for row in rows["activity_instance"]}
    assert None in inner and len(inner) > 1


def _rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in order."""
    with engine._database.read() as connection:
        return {
            table.name: sorted((dict(row) for row in connection.execute(table.select()).mappings()), key=repr)
            for table in metadata.sorted_tables
        }


def _seen(engine: Engine, cases: list[str]) -> list[object]:
    """What people see of it."""
    all_ = TaskFilter(scope="all")
    return [
        *(engine.read(ADMIN).instance(case) for case in cases),
        *(engine.read(who).tasks(where) for who in (ADMIN, LI, WANG) for where in (TaskFilter(), all_)),
        *(engine.read(BOSS).jobs(JobFilter(state=state)) for state in ("available", "completed", "cancelled")),
        *(engine.read(LI).instances(InstanceFilter(state=state)) for state in ("running", "cancelled")),
    ]


def _fill_as_0006(url: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Make a database of that step, and put the rows into it as that release wrote them."""
    database = Database(url)
    with database.write() as connection:
        migrate.upgrade(connection, "0006")
        there = sa.inspect(connection)
        for table in (table for table in metadata.sorted_tables if there.has_table(table.name)):
            known = {column["name"] for column in there.get_columns(table.name)}
            columns = [sa.column(x.name, Json() if x.name == "predecessors" else x.type) for x in table.c]
            then = sa.table(table.name, *(column for column in columns if column.name in known))
            written = [
                {name: value for name, value in _as_0006(table.name, row).items() if name in known}
                for row in rows[table.name]
            ]
            if written:
                connection.execute(then.insert(), written)
            if database.is_postgres and (serial := table.autoincrement_column) is not None:
                _count_on(connection, table, serial)
    database.close()


def _as_0006(table: str, row: dict[str, Any]) -> dict[str, Any]:
    if table in {"activity_instance", "variable_change"} and row["scope_id"] is None:
        return {**row, "scope_id": row["instance_id"]}
    return row


def _count_on(connection: sa.Connection, table: sa.Table, serial: sa.Column[int]) -> None:
    if connection.execute(sa.select(sa.func.max(serial))).scalar_one() is not None:
        sequence = sa.func.pg_get_serial_sequence(table.name, serial.name)
        connection.execute(sa.select(sa.func.setval(sequence, sa.select(sa.func.max(serial)).scalar_subquery())))
