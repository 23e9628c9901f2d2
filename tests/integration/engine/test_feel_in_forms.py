"""Wherever an expression may stand in a form it is FEEL, in start forms and in those of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from engine import Engine, FakeClock
from engine.errors import BudgetExceeded, InvalidForm, InvalidModel
from engine.findings import Finding
from engine.models import read_model
from engine.models.forms import Form, Host, read_form, seen_by
from engine.models.forms.component import Component
from tests.builders import LI, node, process, user
from tests.builders_dmn import decision, dmn, input_data, literal, table
from tests.desk import Desk
from tests.integration.engine.test_feel_everywhere import HEAVY
from tests.unit.models import bpmn

EARLY = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
"""Monday 16 November, 07:00 in Shanghai, and still Sunday in UTC."""


@pytest.fixture
def desk() -> Any:
    with Engine.open(clock=FakeClock(EARLY)) as engine:
        yield Desk(engine)


def field(**settings: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "x", "label": "X", **settings}


POSITIONS: Mapping[str, dict[str, Any]] = {
    "conditional.hide": field(conditional={"hide": "=%s"}),
    "required": field(validate={"required": "=%s"}),
    "readonly": field(readonly="=%s"),
    "disabled": field(disabled="=%s"),
    "maxLength": field(validate={"maxLength": "=%s"}),
    "max": {"type": "number", "key": "x", "validate": {"max": "=%s"}},
    "check": field(properties={"check": "=%s"}),
    "expression": {"type": "expression", "key": "x", "expression": "=%s"},
    "valuesExpression": {"type": "select", "key": "x", "valuesExpression": "=%s"},
    "valuesExpression of a list": {
        "type": "dynamiclist",
        "path": "rows",
        "components": [{"type": "select", "key": "x", "valuesExpression": "=%s"}],
    },
    "description": field(description="=%s"),
    "label": field(label="=%s"),
}
"""Where an expression is asked when the form is handed in; `%s` is the expression."""
SHOWN: Mapping[str, dict[str, Any]] = {
    "defaultValue": field(defaultValue="=%s"),
    "dataSource": {"type": "table", "dataSource": "=%s", "columns": [{"key": "a", "label": "A"}]},
    "template in a label": field(label="N: {{= %s}}"),
    "text": {"type": "text", "id": "x", "text": "N: {{= %s}}"},
    "text_en": {"type": "text", "id": "x", "text": "N", "properties": {"text_en": "N: {{= %s}}"}},
    "check_message": field(properties={"check": "=true", "check_message": "{{= %s}}"}),
}
"""Where an expression is asked when the form is shown."""


def form(component: dict[str, Any], feel: str) -> bytes:
    text = orjson.dumps({"components": [{"type": "number", "key": "n"}, component]}).decode()
    return text.replace("%s", feel.replace("\\", "\\\\").replace('"', '\\"')).encode()


def deploy(desk: Desk, schema: bytes, **files: bytes) -> str:
    """A process with a task that has the form; gives the task of a case."""
    model = process("p", "start -> t -> after -> end", user("t", form="f"), user("after"))
    desk.deploy(model, **{"forms/f.json": schema}, **files)
    return desk.task(desk.start("p", limit=3).instance_id).id


def hand_in(desk: Desk, component: dict[str, Any], feel: str, **values: object) -> Mapping[str, object]:
    task = deploy(desk, form(component, feel))
    instance = desk.engine.read(LI).task(task).row.instance_id
    desk.complete(task, **values)
    return {name: value for name, value in desk.see(instance).variables.items() if name not in ("limit", "n")}


def codes(refused: InvalidForm) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refused.problems]


@pytest.mark.parametrize("component", {**POSITIONS, **SHOWN}.values(), ids=[*POSITIONS, *SHOWN])
@pytest.mark.parametrize("wrong", ["n +* 2", "no such thing(n)"], ids=["no FEEL", "no such function"])
def test_what_cannot_be_meant_is_found_at_upload(desk: Desk, component: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidModel) as refused:
        deploy(desk, form(component, wrong))

    (found,) = (f for f in refused.value.findings if isinstance(f, Finding) and f.code == "form-not-readable")
    assert "forms/f.json" in found.message and found.mend and found.mend_zh
    assert any(name in found.message for name in ("x:", "X:", "component 2:", "N: {{")), found.message
    assert ("cannot be read" if "*" in wrong else "no such thing") in found.message


@pytest.mark.parametrize("component", POSITIONS.values(), ids=list(POSITIONS))
def test_no_expression_takes_more_than_its_budget(desk: Desk, component: dict[str, Any]) -> None:
    task = deploy(desk, form(component, HEAVY))

    with pytest.raises(BudgetExceeded, match=r"form field 'x'.*5,000,000 characters"):
        desk.complete(task, **({"rows": [{"x": 1}]} if "components" in component else {"x": "1"}))


@pytest.mark.parametrize(
    ("position", "feel", "values", "problems"),
    [
        ("required", "n > limit", {"n": 5}, [("x", "required")]),
        ("maxLength", "n", {"n": 2, "x": "abc"}, [("x", "too_long")]),
        ("max", "limit", {"x": 4}, [("x", "above_maximum")]),
        ("valuesExpression", 'for i in 1..limit return "v" + string(i)', {"x": "v4"}, [("x", "not_an_option")]),
        ("valuesExpression of a list", "[i]", {"rows": [{"x": 1}, {"x": 9}]}, [("rows[1].x", "not_an_option")]),
        ("check", "string length(x) > n", {"n": 5, "x": "abc"}, [("x", "rule")]),
        ("check", "string length(x) > nowhere", {"n": 5, "x": "abc"}, [("x", "rule_undecided")]),
    ],
)  # fmt: skip
def test_rules_refuse_by_name(
    desk: Desk, position: str, feel: str, values: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    task = deploy(desk, form(POSITIONS[position], feel))

    with pytest.raises(InvalidForm) as refused:
        desk.complete(task, **values)

    assert codes(refused.value) == problems
    assert all(problem.message and problem.message_zh for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("position", "feel", "values", "stored"),
    [
        ("conditional.hide", "n > limit", {"n": 5, "x": "gone"}, {}),
        ("conditional.hide", "n > limit", {"n": 1, "x": "kept"}, {"x": "kept"}),
        ("conditional.hide", "nowhere", {"n": 1, "x": "kept"}, {"x": "kept"}),
        ("readonly", "n > limit", {"n": 5, "x": "gone"}, {}),
        ("disabled", "n > limit", {"n": 5, "x": "gone"}, {}),
        ("required", "nowhere", {"n": 5, "x": ""}, {"x": ""}),
        ("expression", "n * limit", {"n": 5}, {"x": 15}),
        ("expression", "nowhere", {"n": 5}, {"x": None}),
        ("valuesExpression", '[{label: "一", value: limit}]', {"x": 3}, {"x": 3}),
        ("check", "string length(x) > n", {"n": 2, "x": "abc"}, {"x": "abc"}),
        ("check", "nowhere", {"n": 2, "x": ""}, {"x": ""}),
        ("expression", "today()", {}, {"x": "2026-11-16"}),
        ("expression", "date(add working days(today(), 5))", {}, {"x": "2026-11-23"}),
        ("expression", "instance.startedBy", {}, {"x": "li"}),
    ],
)  # fmt: skip
def test_expressions_decide_what_is_stored(
    desk: Desk, position: str, feel: str, values: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert hand_in(desk, POSITIONS[position], feel, **values) == stored


def test_a_rule_says_in_its_own_words_what_is_wrong(desk: Desk) -> None:
    said = {"check": "=n >= limit", "check_message": "不少于 {{limit}}", "check_message_en": "At least {{limit}}"}
    task = deploy(desk, orjson.dumps({"components": [{"type": "number", "key": "n", "properties": said}]}))

    with pytest.raises(InvalidForm) as refused:
        desk.complete(task, n=1)

    (problem,) = refused.value.problems
    assert (problem.message, problem.message_zh) == ("At least 3", "不少于 3")


def test_a_rule_sees_the_other_fields_and_in_a_list_those_of_its_row() -> None:
    ends = {"type": "datetime", "key": "end", "properties": {"check": "=end >= begin"}}
    rows = {"type": "dynamiclist", "path": "rows", "components": [{"type": "datetime", "key": "begin"}, ends]}
    form = read_form({"components": [rows]}, functions=())
    given = {"begin": "2026-03-02", "end": "2026-03-01"}

    with pytest.raises(InvalidForm) as refused:
        form.validate({"rows": [{"begin": "2026-03-01", "end": "2026-03-02"}, given]})

    assert codes(refused.value) == [("rows[1].end", "rule")]


def test_computed_values_show_and_hide_fields() -> None:
    total = {"type": "expression", "key": "total", "expression": "=price * amount"}
    note = {"type": "textfield", "key": "note", "conditional": {"hide": "=total < 100"}, "validate": {"required": True}}
    form = read_form({"components": [*({"type": "number", "key": k} for k in ("price", "amount")), total, note]})

    assert form.validate({"price": 5, "amount": 2}) == {"price": 5, "amount": 2, "total": 10}
    with pytest.raises(InvalidForm) as refused:
        form.validate({"price": 50, "amount": 2})
    assert codes(refused.value) == [("note", "required")]
    assert form.computed({"price": "50", "amount": "2"}, {}) == {"price": "50", "amount": "2", "total": 100}


def test_defaults_may_be_computed_from_variables_and_earlier_fields() -> None:
    form = read_form(
        {
            "components": [
                {"type": "datetime", "key": "begin", "defaultValue": "=today()"},
                {"type": "datetime", "key": "end", "defaultValue": '=date(begin) + duration("P1D") * days'},
                {"type": "checkbox", "key": "urgent", "defaultValue": "=days < 5"},
                {"type": "textfield", "key": "name", "defaultValue": "=user.id"},
                {"type": "textfield", "key": "known", "defaultValue": "=1 + 1"},
                {"type": "textfield", "key": "none", "defaultValue": "=nowhere"},
            ]
        },
        functions=(),
    )
    host = Host(now=datetime(2026, 11, 16, 7, 0, tzinfo=UTC))

    found = form.defaults(seen_by(LI, {"days": 3, "known": "是"}), host)

    expected = {"begin": "2026-11-16", "end": "2026-11-19", "urgent": True, "name": "li", "known": "是", "none": ""}
    assert found == expected


def shown(form: Form, key: str) -> Component:
    (component,) = (each for each in form.walk() if key in (each.key, each.id))
    return component


@pytest.mark.parametrize("feel", ["n + limit", 'decide("_fee", {n: n}) + 2'])
def test_texts_are_filled_in(desk: Desk, feel: str) -> None:
    fees = dmn(input_data("n", "number"), decision("fee", literal("n + 1"), inputs=["n"]))
    task = deploy(desk, form(SHOWN["text"], feel), **{"fees.dmn": fees})
    host = desk.engine.read(LI).form_host(desk.engine.read(LI).task(task).row.definition_id)
    schema: Any = desk.engine.read(LI).task(task).form

    text = shown(read_form(schema), "x").resolved({"n": 5}, {"limit": 3}, host).text

    assert text == "N: 8"


def test_a_start_form_asks_the_tables_of_its_process(desk: Desk) -> None:
    papers = table(["kind"], ["paper"], '"car" | "licence"', '- | "identity"', policy="COLLECT")
    needs = dmn(input_data("kind", "string"), decision("needs", papers, inputs=["kind"]))
    asked = '=not(list contains(decide("_needs", {kind: kind}), "licence"))'
    paper = {"type": "textfield", "key": "licence", "conditional": {"hide": asked}, "validate": {"required": True}}
    kinds = {"type": "select", "key": "kind", "valuesExpression": '=for k in ["car", "bike"] return k'}
    named = '<bpmn:extensionElements><zeebe:formDefinition formId="f"/></bpmn:extensionElements>'
    start = node("startEvent", "start", named)
    files = {"forms/f.json": orjson.dumps({"components": [kinds, paper]}), "needs.dmn": needs}
    desk.deploy(process("p", "start -> after -> end", start, user("after")), **files)

    assert desk.start("p", kind="bike").instance_id
    with pytest.raises(InvalidForm) as refused:
        desk.start("p", kind="car")
    assert codes(refused.value) == [("licence", "required")]


def test_a_form_that_asks_a_decision_which_is_not_there_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(InvalidModel) as refused:
        deploy(desk, form(POSITIONS["conditional.hide"], 'decide("nowhere", {})'))

    (found,) = (f for f in refused.value.findings if isinstance(f, Finding) and f.code == "decision-not-found")
    assert all(part in found.message for part in ("forms/f.json", "'x'", "'nowhere'"))
    assert found.mend and found.message_zh


def test_template_blocks_are_refused_by_name(desk: Desk) -> None:
    with pytest.raises(InvalidModel) as refused:
        deploy(desk, orjson.dumps({"components": [{"type": "text", "text": "{{#if n}}yes{{/if}}"}]}))

    (found,) = (f for f in refused.value.findings if isinstance(f, Finding) and f.code == "form-not-readable")
    assert "template block" in found.message and "模板块" in found.message_zh


FIELDS = """<extensionElements><camunda:formData>
  <camunda:formField id="name" label="Name" type="string" defaultValue="%s">
    <camunda:validation><camunda:constraint name="%s" config="3"/></camunda:validation>
  </camunda:formField>
</camunda:formData></extensionElements>"""


def camunda_task(default: str, constraint: str) -> bytes:
    fields = FIELDS.replace("%s", default, 1).replace("%s", constraint)
    return bpmn.process(bpmn.START, f'<userTask id="x">{fields}</userTask>', bpmn.END, bpmn.path("start", "x", "end"))


def test_form_fields_of_camunda_7_have_juel_for_defaults(desk: Desk) -> None:
    desk.deploy(camunda_task("${customer.name.toUpperCase()}", "minlength"))
    task = desk.task(desk.start("p", customer={"name": "ada"}).instance_id).id
    schema: Any = desk.engine.read(LI).task(task).form

    assert read_form(schema).defaults({"customer": {"name": "ada"}}) == {"name": "ADA"}
    with pytest.raises(InvalidForm):
        desk.complete(task, name="ab")


def test_defaults_and_rules_that_only_java_knows_are_named(desk: Desk) -> None:
    with pytest.raises(InvalidModel) as refused:
        desk.deploy(camunda_task("${names.first()}", "minlength"))
    assert any("default value" in f.message for f in refused.value.findings if isinstance(f, Finding))

    found = read_model(camunda_task("", "validator")).findings

    assert any("constraint validator (name)" in each.message for each in found)
