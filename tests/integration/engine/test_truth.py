"""What is stored is true: odd values, planted corruption, poisoned cases, schema steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from engine import Engine, FakeClock
from engine import commands as c
from engine.errors import InvalidInput, InvalidModel
from engine.store import migrate
from engine.store import tables as t
from engine.store.database import Database
from engine.store.types import metadata
from tests.builders import ADMIN, BOSS, DESIGNER, LI, node, process, service, timer, user
from tests.databases import Databases
from tests.desk import Desk

WAITING = process(
    "p",
    "start -> fork -> review -> end; fork -> work -> end; fork -> wait -> end",
    node("parallelGateway", "fork"),
    user("review"),
    service("work", "print"),
    node("intermediateCatchEvent", "wait", timer("PT1H")),
)


@pytest.mark.parametrize(
    "value",
    [
        {"typename": "x", "__builtins__": [1], "len": None},
        {"": 1, "a b": 2, "中文 键": {"嵌套": [[], {}]}},
        "\u0000 and \U0001f600",
        [0, -1, 1.5, 2**53, 9223372036854775807, True, None],
        "x" * 70_000,
    ],
)
def test_any_json_value_comes_back_as_it_was(desk: Desk, value: object) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))

    case = desk.start("p", v=value)
    desk.complete(desk.task(case.instance_id).id)

    assert desk.see(case.instance_id).variables == {"v": value}
    desk.assert_sound()


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 256])
def test_a_name_that_cannot_be_a_variable_is_refused(desk: Desk, name: str) -> None:
    desk.deploy(process("p", "start -> end"))

    with pytest.raises(InvalidInput, match="variable name"):
        desk.start("p", **{name: 1})

    assert desk.engine.verify().instances == 0


def test_variables_of_each_multi_instance_child_are_its_own(desk: Desk) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=units" inputElement="unit" outputCollection="opinions" outputElement="=opinion"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    ask = user("ask").replace("</bpmn:userTask>", f"{loop}</bpmn:userTask>")
    desk.deploy(process("p", "start -> ask -> end", ask))
    case = desk.start("p", units=["水务", "市政", "绿化"])

    for task in reversed(desk.tasks(case.instance_id)):
        unit = desk.engine.read(ADMIN).task(task.id).variables["unit"]
        desk.complete(task.id, opinion=f"{unit}同意")
        desk.assert_sound()

    expected = {"units": ["水务", "市政", "绿化"], "opinions": ["水务同意", "市政同意", "绿化同意"]}
    assert desk.see(case.instance_id).variables == expected
    assert desk.state(case.instance_id) == "completed"


Plant = Callable[[sa.Connection], object]

PLANTED: dict[str, Plant] = {
    "state is not readable": lambda x: x.execute(t.process_instance.update().values(token_state=b"{")),
    "a user task row is gone": lambda x: (
        x.execute(t.task_candidate.delete()),
        x.execute(t.user_task.delete()),
    ),
    "a timer row is gone": lambda x: x.execute(t.timer.delete()),
    "a job row is gone": lambda x: x.execute(t.job.delete()),
    "a value was changed in the log": lambda x: x.execute(t.variable_change.update().values(value=b'"x"')),
    "a variable was changed past the log": lambda x: x.execute(
        t.process_instance.update().values(variables={"place": "elsewhere"})
    ),
    "an event was changed": lambda x: x.execute(
        t.lifecycle_event.update().where(t.lifecycle_event.c.number == 3).values(actor="somebody")
    ),
    "the last event was cut off": lambda x: x.execute(
        t.lifecycle_event.delete().where(
            t.lifecycle_event.c.number == sa.select(sa.func.max(t.lifecycle_event.c.number)).scalar_subquery()
        )
    ),
    "an event in the middle is gone": lambda x: x.execute(
        t.lifecycle_event.delete().where(t.lifecycle_event.c.number == 2)
    ),
    "an activity's time was changed": lambda x: x.execute(
        sa.text("update activity_instance set enabled_at = enabled_at + 1")
    ),
    "a timer sleeps": lambda x: x.execute(t.timer.update().values(suspended=True)),
    "a job sleeps": lambda x: x.execute(t.job.update().values(suspended=True)),
    "a task is in no queue": lambda x: x.execute(t.task_candidate.update().values(claimable=False)),
    "a failed job has no incident": lambda x: x.execute(t.job.update().values(state="failed")),
    "an event has another time": lambda x: x.execute(
        sa.text("update lifecycle_event set at = at - 1 where number = 3")
    ),
    "an incident is not counted": lambda x: x.execute(t.process_instance.update().values(incidents=1)),
}


@pytest.mark.parametrize("what", PLANTED)
def test_verify_names_what_was_planted(desk: Desk, what: str) -> None:
    desk.deploy(WAITING)
    case = desk.start("p", place="枫林路")
    desk.assert_sound()

    with desk.engine._database.write() as connection:
        PLANTED[what](connection)
    report = desk.engine.verify()

    assert not report.clean
    assert {p.instance_id for p in report.problems} == {case.instance_id}


def test_verify_sees_what_was_changed_in_an_inner_scope(desk: Desk) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=units" inputElement="unit"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    ask = user("ask").replace("</bpmn:userTask>", f"{loop}</bpmn:userTask>")
    desk.deploy(process("p", "start -> ask -> end", ask))
    case = desk.start("p", units=["水务", "市政"])
    desk.assert_sound()

    with desk.engine._database.write() as connection:
        connection.execute(t.variable_scope.update().values(variables={"unit": "绿化"}))

    assert {(p.check, p.instance_id) for p in desk.engine.verify().problems} == {("variables", case.instance_id)}


def test_a_case_whose_tokens_only_wait_for_each_other_is_an_incident_or_named(desk: Desk) -> None:
    gate, join = node("exclusiveGateway", "gate"), node("parallelGateway", "join")
    flows = "start -> gate; gate -> a [=x > 1]; gate -> b []; a -> join; b -> join; join -> end"
    desk.deploy(process("p", flows, gate, join, user("a"), user("b")))
    case = desk.start("p", x=2)

    desk.complete(desk.task(case.instance_id).id)
    incidents = desk.incidents(case.instance_id)
    with desk.engine._database.write() as connection:
        connection.execute(t.incident.delete())
        connection.execute(t.process_instance.update().values(incidents=0))

    assert [i.instance_id for i in incidents] == [case.instance_id]
    assert {(p.check, p.instance_id) for p in desk.engine.verify().problems} == {("tokens", case.instance_id)}


def test_erasing_a_value_leaves_the_chain_provable(desk: Desk) -> None:
    desk.deploy(process("p", "start -> review -> end", user("review")))
    case = desk.start("p", phone="555-0101")
    desk.complete(desk.task(case.instance_id).id)

    with desk.engine._database.write() as connection:
        connection.execute(t.variable_change.update().values(value=None, salt=b""))
        connection.execute(t.process_instance.update().values(variables={"phone": None}))

    assert desk.engine.verify().clean


def test_a_poisoned_case_becomes_one_incident_and_disturbs_nobody(desk: Desk, clock: FakeClock) -> None:
    desk.deploy(WAITING)
    bad, good = desk.start("p"), desk.start("p")
    table = t.process_instance
    with desk.engine._database.write() as connection:
        healthy = connection.execute(sa.select(table.c.token_state).where(table.c.id == bad.instance_id)).scalar_one()
        connection.execute(table.update().where(table.c.id == bad.instance_id).values(token_state=b"\x00"))

    clock.advance(timedelta(hours=1))
    desk.engine.fire_due_timers()
    desk.engine.fire_due_timers()
    (incident,) = desk.incidents()
    with desk.engine._database.write() as connection:
        connection.execute(table.update().where(table.c.id == bad.instance_id).values(token_state=healthy))
    desk.engine.execute(c.RetryIncident(incident_id=incident.id), by=BOSS)
    fired = desk.engine.fire_due_timers()

    assert (incident.kind, incident.instance_id) == ("quarantine", bad.instance_id)
    assert "wait" in desk.trace(good.instance_id)
    assert fired == 1
    assert desk.state(bad.instance_id) == "running"
    desk.assert_sound()


def test_a_new_version_takes_new_cases_and_old_ones_go_on(desk: Desk) -> None:
    first = desk.deploy(process("p", "start -> review -> end", user("review")))
    old = desk.start("p")
    second = desk.deploy(process("p", "start -> check -> end", user("check")))

    new = desk.start("p")
    desk.complete(desk.task(old.instance_id).id)

    assert first.split(":")[:2] == ["p", "1"] and second.split(":")[:2] == ["p", "2"]
    assert desk.state(old.instance_id) == "completed"
    assert desk.task(new.instance_id).element_id == "check"
    assert [d.version for d in desk.engine.read(LI).definitions()] == [2]


def test_deploying_the_same_files_again_changes_nothing(desk: Desk) -> None:
    model = process("p", "start -> end")
    command = c.DeployDefinition(files={"p.bpmn": model}, name="p")

    first = desk.engine.execute(command, by=DESIGNER)
    second = desk.engine.execute(command, by=DESIGNER)

    assert second.unchanged
    assert second.definitions[0].id == first.definitions[0].id


def test_a_model_with_errors_is_refused_by_name_and_nothing_is_stored(desk: Desk) -> None:
    broken = process("p", "start -> gate; gate -> a; gate -> b", node("exclusiveGateway", "gate"), user("a"), user("b"))

    with pytest.raises(InvalidModel) as refused:
        desk.engine.execute(c.DeployDefinition(files={"p.bpmn": broken}), by=DESIGNER)

    assert any(f.severity == "error" and "gate" in f.message for f in refused.value.findings)
    assert desk.engine.read(LI).definitions() == ()


def test_schema_steps_make_what_the_tables_say(databases: Databases) -> None:
    stepwise = Database(databases.empty())

    with stepwise.write() as connection:
        migrate.upgrade(connection)
    with stepwise.read() as connection:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        kind = connection.dialect.name
        mine = {"include_object": lambda thing, *_: getattr(thing, "info", {}).get("dialect", kind) == kind}
        differences = compare_metadata(MigrationContext.configure(connection, opts=mine), metadata)
    stepwise.close()

    assert differences == []


def test_the_engine_asks_for_the_newest_schema_step() -> None:
    folder = Path(migrate.__file__).parent / "migrations"

    newest = ScriptDirectory(str(folder)).get_current_head()

    assert newest == migrate.HEAD


@pytest.mark.parametrize("step", ["0001", "0002", "0003", "0004", "0005", "0006", migrate.HEAD])
def test_an_engine_brings_an_older_database_up_to_date(databases: Databases, clock: FakeClock, step: str) -> None:
    url = databases.empty()
    stepwise = Database(url)
    with stepwise.write() as connection:
        migrate.upgrade(connection, step)
    stepwise.close()

    with Engine.open(url, clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(process("p", "start -> end"))
        case = desk.start("p")
        desk.assert_sound()

    assert case.ended


@pytest.mark.parametrize("made", ["at once", "by steps"])
def test_postgres_notes_the_transaction_of_each_event(databases: Databases, clock: FakeClock, made: str) -> None:
    url = databases.empty()
    if not url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has transactions that commit out of order")
    database = Database(url)
    if made == "by steps":
        with database.write() as connection:
            migrate.upgrade(connection)

    with Engine.open(url, clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(process("p", "start -> end"))
        desk.start("p")

    with database.read() as connection:
        noted = connection.execute(sa.select(t.lifecycle_event.c.tx)).scalars().all()
    database.close()
    assert noted and None not in noted


def test_a_form_that_did_not_come_with_the_model_is_named(desk: Desk) -> None:
    model = process("p", "start -> review -> end", user("review", form="opinion"))

    findings = desk.engine.check({"p.bpmn": model})

    (missing,) = (f for f in findings if f.code == "form-not-found")
    assert missing.element == "review"
    assert "opinion" in missing.message and "opinion" in missing.message_zh
