"""Business rule tasks decide by the DMN files that came with their process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
import pytest
import sqlalchemy as sa

from engine import commands as c
from engine.errors import Forbidden, InvalidModel, NotFound
from engine.feel.budget import allowance, allowed
from engine.store import tables as t
from engine.store.decision_tables import decision_evaluation
from tests.builders import ADMIN, BOSS, CITIZEN, DESIGNER, LI, ZHAO, node, process, rule, script, service, user
from tests.builders_dmn import decision, dmn, input_data, literal, table
from tests.desk import Desk

RULES = ("> 50 | 4", "<= 50 | 2.5")
MODEL = process("fee", "start -> rate -> look -> end", rule("rate", "_rate", "price"), user("look"))


def rates(*rules: str) -> bytes:
    """A file with one table."""
    area = input_data("area", "number")
    return dmn(area, decision("rate", table(["area"], ["rate"], *rules), inputs=["area"]))


def test_a_business_rule_task_writes_what_its_table_says(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})

    case = desk.start("fee", area=80).instance_id

    assert desk.see(case).variables == {"area": 80, "price": 4}
    assert desk.task(case).element_id == "look"
    desk.assert_sound()


def test_a_new_version_of_a_table_takes_effect_with_its_deployment_and_for_new_cases_alone(desk: Desk) -> None:
    wait = process(
        "fee", "start -> look -> rate -> look2 -> end", rule("rate", "_rate", "price"), *map(user, ("look", "look2"))
    )
    desk.deploy(wait, **{"rates.dmn": rates(*RULES)})
    old = desk.start("fee", area=80).instance_id
    desk.deploy(wait, **{"rates.dmn": rates("> 50 | 9", "<= 50 | 1")})
    new = desk.start("fee", area=80).instance_id

    for case in (old, new):
        desk.complete(desk.task(case).id)

    assert [desk.see(case).variables["price"] for case in (old, new)] == [4, 9]


def test_tables_may_ask_functions_of_the_site(desk: Desk) -> None:
    due = decision("due", literal('string(add working days(@"2026-11-16", 5))'))
    model = process("p", "start -> a -> look -> end", rule("a", "_due", "due"), user("look"))
    desk.deploy(model, **{"due.dmn": dmn(due)})

    case = desk.start("p").instance_id

    assert str(desk.see(case).variables["due"]).startswith("2026-11-23")


def test_a_decision_that_gives_no_result_is_an_incident_that_can_be_mended(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area="large").instance_id
    (incident,) = desk.incidents(case)

    desk.engine.execute(c.RetryIncident(incident_id=incident.id, variables={"area": 20}), by=BOSS)

    assert (incident.kind, incident.element_id) == ("decision", "rate")
    assert all(part in incident.message for part in ("'_rate'", "businessRuleTask rate", "«rate»", "table t", "area"))
    assert desk.see(case).variables["price"] == 2.5
    desk.assert_sound()


def test_a_decision_that_did_not_come_with_the_process_refuses_it_by_name(desk: Desk) -> None:
    files = {"fee.bpmn": MODEL, "other.dmn": dmn(decision("other", literal("1")))}

    with pytest.raises(InvalidModel) as refused:
        desk.engine.execute(c.DeployDefinition(files=files), by=DESIGNER)

    (found,) = [finding for finding in refused.value.findings if finding.severity == "error"]
    assert (found.code, found.element) == ("decision-not-found", "rate")
    assert "'_rate'" in found.message and "_other" in found.message
    assert "DMN" in found.mend and "DMN" in found.mend_zh


def test_a_table_with_errors_refuses_the_whole_upload(desk: Desk) -> None:
    files = {"fee.bpmn": MODEL, "rates.dmn": rates("> 50 | 4 +", "<= 50 | 2.5")}

    with pytest.raises(InvalidModel) as refused:
        desk.engine.execute(c.DeployDefinition(files=files), by=DESIGNER)

    assert {finding.code for finding in refused.value.findings if finding.severity == "error"} == {
        "expression-not-readable"
    }


def test_what_is_doubtful_in_a_table_is_said_and_lets_it_through(desk: Desk) -> None:
    made = desk.engine.execute(
        c.DeployDefinition(files={"fee.bpmn": MODEL, "rates.dmn": rates("> 50 | 4")}), by=DESIGNER
    )

    assert "table-has-gap" in {finding.code for finding in made.findings}


def test_a_topic_leaves_the_decision_to_a_bot(desk: Desk) -> None:
    job = service("rate", "decide").replace("serviceTask", "businessRuleTask")
    desk.deploy(process("fee", "start -> rate -> end", job))

    case = desk.start("fee", area=80).instance_id

    assert [each.instance_id for each in desk.take("decide")] == [case]


def test_what_was_decided_is_kept_with_the_rule_that_decided(desk: Desk) -> None:
    file = rates(*RULES)
    desk.deploy(MODEL, **{"rates.dmn": file})
    case = desk.start("fee", area=80, phone="555-0101").instance_id

    (found,) = desk.engine.read(LI).evaluations(case).items

    ((step,),) = [found.trace]
    ((table_,),) = [step["tables"]]
    assert (found.element_id, found.decision_id, found.decision_name, found.path) == (
        "rate",
        "_rate",
        "rate",
        "rates.dmn",
    )
    assert found.file_digest == hashlib.sha256(file).hexdigest()
    assert (found.inputs, found.outputs, found.failure, found.is_cut) == ({"area": 80}, 4, "", False)
    assert [(hit["number"], hit["conditions"], hit["outputs"]) for hit in table_["rules"]] == [
        (1, ["> 50"], {"rate": 4})
    ]
    assert found.activity_id == next(a.id for a in desk.see(case).activities if a.element_id == "rate")


def test_the_log_tells_of_a_decision_by_its_digest_alone(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area=80).instance_id
    (found,) = desk.engine.read(ADMIN).evaluations(case).items

    (event,) = [each for each in desk.engine.read(ADMIN).events(case) if each.kind == "decision-evaluated"]

    assert (event.element_id, event.activity_id) == ("rate", found.activity_id)
    assert event.data.keys() == {"decision", "evaluation", "file", "digest"}
    assert (event.data["evaluation"], event.data["file"]) == (found.id, found.file_digest)


def test_why_there_was_no_result_is_kept_beside_what_the_retry_gave(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area="large").instance_id
    (incident,) = desk.incidents(case)
    desk.engine.execute(c.RetryIncident(incident_id=incident.id, variables={"area": 20}), by=BOSS)

    newest, first = desk.engine.read(BOSS).evaluations(case).items

    assert (newest.outputs, newest.failure) == (2.5, "")
    assert first.outputs is None and "area" in first.failure and first.warnings
    desk.assert_sound()


def test_decisions_of_a_case_are_seen_by_those_who_see_the_case(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area=80).instance_id

    seen = [len(desk.engine.read(by).evaluations(case).items) for by in (LI, BOSS, ADMIN)]

    assert seen == [1, 1, 1]
    for stranger in (ZHAO, CITIZEN):
        with pytest.raises(NotFound):
            desk.engine.read(stranger).evaluations(case)


def test_what_was_decided_is_read_in_pages(desk: Desk) -> None:
    names = [f"rate{n}" for n in range(3)]
    model = process(
        "p", f"start -> {' -> '.join(names)} -> look -> end", *(rule(n, "_rate", n) for n in names), user("look")
    )
    desk.deploy(model, **{"rates.dmn": rates(*RULES)})
    case = desk.start("p", area=80).instance_id
    read = desk.engine.read(LI).evaluations

    first = read(case, limit=2)
    second = read(case, limit=2, cursor=first.next_cursor)

    assert [each.element_id for each in (*first.items, *second.items)] == ["rate2", "rate1", "rate0"]
    assert second.next_cursor == ""


def test_an_evaluation_that_is_very_long_is_cut_and_says_so(desk: Desk) -> None:
    long = decision("long", literal('for i in 1..400 return string join(for j in 1..100 return "某路", "")'))
    desk.deploy(
        process("p", "start -> a -> look -> end", rule("a", "_long", "x"), user("look")), **{"l.dmn": dmn(long)}
    )
    case = desk.start("p").instance_id

    (found,) = desk.engine.read(LI).evaluations(case).items

    assert found.is_cut and found.outputs is None
    assert len(desk.see(case).variables["x"]) == 400
    desk.assert_sound()


Plant = Callable[[sa.Connection], object]
PLANTED: dict[str, Plant] = {
    "its content was changed": lambda x: x.execute(decision_evaluation.update().values(body=b"{}")),
    "it was changed with its digest": lambda x: x.execute(decision_evaluation.update().values(body=b"{}", digest=b"0")),
    "it is gone": lambda x: x.execute(decision_evaluation.delete()),
    "one was added": lambda x: x.execute(
        decision_evaluation.insert().from_select(
            [column.name for column in decision_evaluation.c],
            sa.select(
                *(t.process_instance.c.id if column.name == "id" else column for column in decision_evaluation.c)
            ).join(t.process_instance, t.process_instance.c.id == decision_evaluation.c.instance_id),
        )
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_verify_names_an_evaluation_that_is_not_what_was_recorded(desk: Desk, what: str) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area=80).instance_id
    desk.assert_sound()

    with desk.engine._database.write() as connection:
        PLANTED[what](connection)

    assert {(p.check, p.instance_id) for p in desk.engine.verify().problems} == {("decisions", case)}


def test_erasing_what_was_decided_leaves_the_chain_provable(desk: Desk) -> None:
    desk.deploy(MODEL, **{"rates.dmn": rates(*RULES)})
    case = desk.start("fee", area=80).instance_id

    with desk.engine._database.write() as connection:
        connection.execute(decision_evaluation.update().values(body=None, salt=b""))

    (found,) = desk.engine.read(LI).evaluations(case).items
    assert found.is_erased and found.inputs == {} and found.outputs is None
    desk.assert_sound()


LOOP = process(
    "fee",
    "start -> merge -> rate -> step -> more; more -> merge [=i < 40]; more -> end []",
    node("exclusiveGateway", "merge"),
    rule("rate", "_rate", "price"),
    script("step", "i + 1", "i"),
    node("exclusiveGateway", "more"),
)


def count(desk: Desk) -> int:
    with desk.engine._database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(decision_evaluation)).scalar_one())


def test_a_loop_of_decisions_is_cut_into_commands_that_each_keep_to_their_budget(desk: Desk) -> None:
    desk.engine._step_budget = 200
    desk.deploy(LOOP, **{"rates.dmn": rates(*RULES)})

    case = desk.start("fee", area=80, i=0).instance_id
    at_once, running = count(desk), desk.state(case)
    for _ in range(20):
        desk.engine.sweep()

    assert (at_once, running) == (9, "running"), "a decision counts as twenty steps more than another node"
    assert (count(desk), desk.state(case)) == (40, "completed")
    assert desk.incidents() == []
    desk.assert_sound()


def test_a_loop_goes_on_in_another_command_where_the_time_for_expressions_runs_short(desk: Desk) -> None:
    desk.deploy(LOOP, **{"rates.dmn": rates(*RULES)})
    with allowance(10):
        granted = allowed()
        assert granted is not None
        granted.left = 4.9
        case = desk.start("fee", area=80, i=0).instance_id
    waiting = count(desk)

    for _ in range(5):
        desk.engine.sweep()

    assert waiting < 2
    assert (count(desk), desk.state(case)) == (40, "completed")
    assert desk.incidents() == []


def test_decisions_are_deployed_without_a_process_and_numbered(desk: Desk) -> None:
    for rules in (RULES, ("> 50 | 9", "<= 50 | 1")):
        made = desk.engine.execute(c.DeployDefinition(files={"rates.dmn": rates(*rules)}, name="rates"), by=DESIGNER)

    rows = desk.engine.read(LI).decisions(latest_only=False)

    assert (made.definitions, [(row.key, row.version) for row in made.decisions]) == ((), [("_rate", 2)])
    assert [(row.key, row.version, row.name, row.is_latest) for row in rows] == [
        ("_rate", 2, "rate", True),
        ("_rate", 1, "rate", False),
    ]
    assert [row.version for row in desk.engine.read(LI).decisions()] == [2]


def test_a_deployed_decision_can_be_asked_in_any_version(desk: Desk) -> None:
    for rules in (RULES, ("> 50 | 9", "<= 50 | 1")):
        desk.engine.execute(c.DeployDefinition(files={"rates.dmn": rates(*rules)}, name="rates"), by=DESIGNER)
    ask = desk.engine.read(LI).evaluate_decision

    answers = [ask("_rate", {"area": 80}, version=version) for version in (None, 1)]
    failed = ask("_rate", {"area": "large"})

    assert [(answer.row.version, answer.value) for answer in answers] == [(2, 9), (1, 4)]
    assert answers[0].trace[0]["tables"][0]["rules"][0]["number"] == 1
    assert failed.value is None and "area" in failed.failure
    assert orjson.dumps(answers[0].trace)
    for key, version in (("_rate", 3), ("none", None)):
        with pytest.raises(NotFound):
            ask(key, {}, version=version)
    with pytest.raises(Forbidden):
        desk.engine.read(CITIZEN).evaluate_decision("_rate", {"area": 80})
