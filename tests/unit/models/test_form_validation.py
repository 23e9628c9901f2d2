"""What people enter becomes clean variables, or a problem by field, in both languages."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidForm
from engine.models.forms import Form, read_form

NOW = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)


def form(*components: dict[str, Any]) -> Form:
    return read_form({"type": "default", "components": list(components)})


def field(type_: str, key: str = "x", **settings: Any) -> dict[str, Any]:
    return {"type": type_, "key": key, **settings}


def problems(schema: Form, values: dict[str, Any], **context: Any) -> dict[str, str]:
    """Field → code of everything that is wrong."""
    with pytest.raises(InvalidForm) as refused:
        schema.validate(values, context=context, now=NOW)
    for found in refused.value.problems:
        assert found.message and found.message_zh
    return {found.field: found.code for found in refused.value.problems}


OPTIONS = [{"value": "lamp", "label": "路灯"}, {"value": 3, "label": "三"}, {"value": True, "label": "是"}]
FILE = {"id": "0190-a", "name": "照片.jpg", "size": 1000, "type": "image/jpeg"}


@pytest.mark.parametrize(
    ("component", "given", "stored"),
    [
        (field("textfield"), "e\u0301", "é"),
        (field("textfield"), "", ""),
        (field("textfield"), None, ""),
        (field("textarea"), "a\r\nb\rc", "a\nb\nc"),
        (field("textfield", validate={"pattern": "[0-9]{3}"}), "no 123", "no 123"),
        (field("textfield", validate={"pattern": "^\\d+$"}), "123", "123"),
        (field("textfield", validate={"minLength": 2, "maxLength": 3}), "审批", "审批"),
        (field("textfield", validate={"validationType": "email"}), "li@example.org", "li@example.org"),
        (field("textfield", validate={"validationType": "phone"}), "+86 10-5555 0100", "+86 10-5555 0100"),
        (field("number"), "12", 12),
        (field("number"), " 12.50 ", 12.5),
        (field("number"), "１２", 12),
        (field("number"), 12.0, 12),
        (field("number"), "1e3", 1000),
        (field("number"), "", None),
        (field("number", serializeToString=True), "0.10000000000000000001", "0.10000000000000000001"),
        (field("number", decimalDigits=2, increment=0.05), "1.15", 1.15),
        (field("number", validate={"min": -1, "max": 1}), "-1", -1),
        (field("datetime", subtype="date"), "2026-01-31", "2026-01-31"),
        (field("datetime", subtype="date"), "", None),
        (field("datetime", subtype="time", timeSerializingFormat="no_timezone"), "13:30", "13:30"),
        (field("datetime", subtype="datetime"), "2026-01-31T13:30", "2026-01-31T13:30+08:00"),
        (
            field("datetime", subtype="datetime", timeSerializingFormat="utc_normalized"),
            "2026-01-31T13:30",
            "2026-01-31T05:30Z",
        ),
        (
            field("datetime", subtype="datetime", timeSerializingFormat="no_timezone"),
            "2026-01-31T05:30:15Z",
            "2026-01-31T13:30:15",
        ),
        (field("datetime", subtype="date", disallowPassedDates=True), "2026-01-31", "2026-01-31"),
        (field("checkbox"), "on", True),
        (field("checkbox"), False, False),
        (field("checkbox"), "false", False),
        (field("select", values=OPTIONS), "lamp", "lamp"),
        (field("select", values=OPTIONS), "3", 3),
        (field("radio", values=OPTIONS), "true", True),
        (field("radio", values=OPTIONS), "", None),
        (field("checklist", values=OPTIONS), ["3", "lamp", "3"], [3, "lamp"]),
        (field("taglist", values=OPTIONS), [], []),
        (field("filepicker"), [FILE], [FILE]),
        (field("filepicker"), [], []),
        (field("filepicker", accept=".pdf, image/*"), [FILE], [FILE]),
        (field("filepicker", properties={"max_size": "1 KB"}), [FILE], [FILE]),
    ],
)
def test_values_are_brought_into_their_type(component: dict[str, Any], given: object, stored: object) -> None:
    clean = form(component).validate({"x": given}, now=NOW)

    assert clean == {"x": stored}
    assert type(clean["x"]) is type(stored)
    assert json.loads(json.dumps(clean)) == clean


@pytest.mark.parametrize(
    ("component", "given", "code"),
    [
        (field("textfield"), 12, "not_text"),
        (field("textfield"), "a\x00b", "control_character"),
        (field("textfield"), "a\x1bb", "control_character"),
        (field("textfield"), "a\ud800b", "control_character"),
        (field("textarea"), "字" * 30_000, "too_large"),
        (field("textfield", validate={"minLength": 3}), "审批", "too_short"),
        (field("textfield", validate={"maxLength": 3}), "四个字了", "too_long"),
        (field("textfield", validate={"pattern": "^\\d+$"}), "12a", "pattern"),
        (field("textfield", validate={"pattern": "^\\d+$"}), "12\n", "pattern"),
        (field("textfield", validate={"pattern": "^\\d+$"}), "１２", "pattern"),
        (field("textfield", validate={"validationType": "email"}), "li at example", "not_an_email"),
        (field("textfield", validate={"validationType": "phone"}), "call me", "not_a_phone"),
        (field("textfield", validate={"required": True}), "   ", "required"),
        (field("number"), "twelve", "not_a_number"),
        (field("number"), True, "not_a_number"),
        (field("number"), "NaN", "not_a_number"),
        (field("number"), float("inf"), "not_a_number"),
        (field("number"), "9" * 100, "not_a_number"),
        (field("number"), "1e99", "number_too_large"),
        (field("number"), 2**63, "number_too_large"),
        (field("number", validate={"min": 5}), "4.99", "below_minimum"),
        (field("number", validate={"max": 5}), 6, "above_maximum"),
        (field("number", decimalDigits=2), "1.234", "too_many_decimals"),
        (field("number", decimalDigits=0), "1.5", "not_a_whole_number"),
        (field("number", increment=0.05), "1.13", "not_a_step"),
        (field("number", validate={"required": True}), "", "required"),
        (field("datetime", subtype="date"), "31.1.2026", "not_a_date"),
        (field("datetime", subtype="date"), "2026-02-30", "not_a_date"),
        (field("datetime", subtype="time"), "25:00", "not_a_time"),
        (field("datetime", subtype="datetime"), "2026-01-31", "not_a_datetime"),
        (field("datetime", subtype="date", disallowPassedDates=True), "2026-01-30", "in_the_past"),
        (field("checkbox"), "maybe", "not_a_boolean"),
        (field("checkbox", validate={"required": True}), False, "unchecked"),
        (field("select", values=OPTIONS), "bench", "not_an_option"),
        (field("select", values=OPTIONS), 1, "not_an_option"),
        (field("select", values=OPTIONS, validate={"required": True}), "", "required"),
        (field("radio", values=OPTIONS), ["lamp"], "not_an_option"),
        (field("checklist", values=OPTIONS), "lamp", "not_a_list"),
        (field("checklist", values=OPTIONS), ["lamp"] * 9, "too_many_items"),
        (field("taglist", values=OPTIONS, validate={"required": True}), [], "required"),
        (field("filepicker"), "a.jpg", "not_a_file"),
        (field("filepicker"), [FILE, FILE], "single_file"),
        (field("filepicker", validate={"required": True}), [], "required"),
    ],
)
def test_values_that_break_a_rule_are_refused(component: dict[str, Any], given: object, code: str) -> None:
    found = problems(form(component), {"x": given})

    assert found == {"x": code}


@pytest.mark.parametrize(
    ("component", "given", "at", "code"),
    [
        (field("checklist", values=OPTIONS), ["lamp", "bench"], "x[1]", "not_an_option"),
        (field("filepicker", multiple=True), [FILE, {"name": "a"}], "x[1]", "not_a_file"),
        (field("filepicker"), [{**FILE, "size": -1}], "x[0]", "not_a_file"),
        (field("filepicker"), [{**FILE, "id": "../../etc"}], "x[0]", "not_a_file"),
        (field("filepicker", accept=".pdf"), [FILE], "x[0]", "file_type"),
        (field("filepicker", properties={"max_size": "500"}), [FILE], "x[0]", "file_too_large"),
    ],
)
def test_the_wrong_entry_of_a_list_is_pointed_at(component: dict[str, Any], given: object, at: str, code: str) -> None:
    assert problems(form(component), {"x": given}) == {at: code}


def test_all_problems_are_told_at_once() -> None:
    schema = form(
        field("textfield", "name", validate={"required": True}),
        field("number", "amount", validate={"max": 10}),
        field("textfield", "fine"),
    )

    found = problems(schema, {"amount": 11, "fine": "x", "smuggled": 1})

    assert found == {"smuggled": "unknown_field", "name": "required", "amount": "above_maximum"}


def test_a_field_that_was_not_sent_is_left_alone_unless_required() -> None:
    schema = form(field("textfield", "a"), field("checkbox", "b"), field("number", "c", validate={"required": True}))

    assert schema.validate({"c": 1}) == {"c": 1}
    assert problems(schema, {"a": "x"}) == {"c": "required"}


def test_keys_with_dots_are_nested_objects() -> None:
    schema = form(field("textfield", "applicant.name"), field("number", "applicant.age"))

    clean = schema.validate({"applicant": {"name": "李雷", "age": "30"}})

    assert clean == {"applicant": {"name": "李雷", "age": 30}}
    assert problems(schema, {"applicant": {"shoe": 43}}) == {"applicant.shoe": "unknown_field"}
    assert problems(schema, {"applicant": "李雷"}) == {"applicant": "not_an_object"}


def test_disabled_read_only_and_hidden_fields_never_come_through() -> None:
    schema = form(
        field("textfield", "disabled", disabled=True),
        field("textfield", "readonly", readonly=True),
        field("textfield", "locked", readonly='= state != "draft"'),
        field("textfield", "hidden", conditional={"hide": '= kind = "a"'}, validate={"required": True}),
        field("textfield", "kind"),
    )
    values = {"disabled": "1", "readonly": "2", "locked": "3", "hidden": "4", "kind": "a"}

    clean = schema.validate(values, context={"state": "closed"})

    assert clean == {"kind": "a"}
    assert schema.validate({**values, "kind": "b"}, context={"state": "draft"}) == {
        "locked": "3",
        "hidden": "4",
        "kind": "b",
    }


def test_what_a_hidden_field_holds_does_not_steer_other_fields() -> None:
    schema = form(
        field("textfield", "c", conditional={"hide": '= b = "x"'}),
        field("textfield", "b", conditional={"hide": "= a"}),
        field("checkbox", "a"),
    )

    assert schema.validate({"a": True, "b": "x", "c": "kept"}) == {"a": True, "c": "kept"}
    assert schema.validate({"a": False, "b": "x", "c": "dropped"}) == {"a": False, "b": "x"}


def test_fields_that_hide_each_other_still_come_to_an_end() -> None:
    schema = form(
        field("textfield", "a", conditional={"hide": "= b = null"}),
        field("textfield", "b", conditional={"hide": "= a != null"}),
    )

    clean = schema.validate({"a": "1", "b": "2"})

    assert set(clean) <= {"a", "b"}


def test_a_hidden_group_hides_what_is_inside() -> None:
    schema = form(
        field("checkbox", "company"),
        {
            "type": "group",
            "path": "firm",
            "conditional": {"hide": "= not(company)"},
            "components": [field("textfield", "name", validate={"required": True})],
        },
    )

    assert schema.validate({"company": False, "firm": {"name": "x"}}) == {"company": False}
    assert schema.validate({"company": True, "firm": {"name": "x"}}) == {"company": True, "firm": {"name": "x"}}
    assert problems(schema, {"company": True}) == {"firm.name": "required"}


def test_items_of_a_dynamic_list_are_checked_each_in_its_own_light() -> None:
    schema = form(
        {
            "type": "dynamiclist",
            "path": "parts",
            "components": [
                field("number", "count", validate={"required": True, "max": "= limit"}),
                field("textfield", "why", conditional={"hide": "= count < 3"}, validate={"required": True}),
                field("number", "place", validate={"max": "= i"}),
            ],
        }
    )

    clean = schema.validate({"parts": [{"count": "1", "why": "gone"}, {"count": 3, "why": "多"}]}, context={"limit": 5})
    found = problems(schema, {"parts": [{"count": 9}, {"why": "x"}, 3, {"count": 4, "odd": 1, "place": 9}]}, limit=5)

    assert clean == {"parts": [{"count": 1}, {"count": 3, "why": "多"}]}
    assert found == {
        "parts[0].count": "above_maximum",
        "parts[0].why": "required",
        "parts[1].count": "required",
        "parts[2]": "not_an_object",
        "parts[3].odd": "unknown_field",
        "parts[3].why": "required",
        "parts[3].place": "above_maximum",
    }


def test_a_list_of_fixed_length_keeps_its_length() -> None:
    items = {"type": "dynamiclist", "path": "rows", "allowAddRemove": False, "components": [field("textfield", "a")]}

    found = problems(form(items), {"rows": [{"a": "1"}]}, rows=[{}, {}])

    assert found == {"rows": "fixed_length"}


@pytest.mark.parametrize(
    "settings",
    [{"valuesKey": "units"}, {"valuesExpression": "= units"}, {"valuesExpression": "=for u in units return u"}],
)
def test_choices_can_come_from_the_variables(settings: dict[str, str]) -> None:
    schema = form(field("select", **settings))
    units = [{"value": "north", "label": "北区"}, "south"]

    assert schema.validate({"x": "south"}, context={"units": units}) == {"x": "south"}
    assert problems(schema, {"x": "west"}, units=units) == {"x": "not_an_option"}
    assert problems(schema, {"x": "north"}) == {"x": "not_an_option"}


def test_computed_fields_are_computed_here_and_not_believed() -> None:
    schema = form(field("number", "a"), {"type": "expression", "key": "double", "expression": "= a * 2"})

    assert schema.validate({"a": 4, "double": 1_000_000}) == {"a": 4, "double": 8}


def test_a_pattern_that_explodes_is_stopped() -> None:
    schema = form(field("textfield", validate={"pattern": "^(a|a)*$"}))
    began = time.process_time()

    found = problems(schema, {"x": "a" * 40 + "!"})

    assert found["x"] in ("pattern", "pattern_timeout")
    assert time.process_time() - began < 1


def test_defaults_prefer_the_variable_to_the_default_of_the_schema() -> None:
    schema = form(
        field("textfield", "a", defaultValue="d"),
        field("textfield", "b.c", defaultValue="d"),
        field("checkbox", "tick"),
        field("taglist", "tags", values=OPTIONS),
        {"type": "dynamiclist", "path": "rows", "defaultRepetitions": 2, "components": [field("number", "n")]},
        {"type": "text", "text": "nothing to fill in"},
    )

    assert schema.defaults({"b": {"c": "v"}, "other": 1}) == {
        "a": "d",
        "b": {"c": "v"},
        "tick": False,
        "tags": [],
        "rows": [{"n": None}, {"n": None}],
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["t", "n", "d", "c", "s", "l", "f", "g", "r", "other"]), json_values))
def test_whatever_is_sent_the_answer_is_clean_json_or_problems(values: dict[str, Any]) -> None:
    schema = form(
        field("textfield", "t"),
        field("number", "n"),
        field("datetime", "d", subtype="datetime"),
        field("checkbox", "c"),
        field("select", "s", values=OPTIONS),
        field("checklist", "l", values=OPTIONS),
        field("filepicker", "f", multiple=True),
        field("textfield", "g.h", conditional={"hide": "= n > 3"}),
        {"type": "dynamiclist", "path": "r", "components": [field("number", "a")]},
    )

    try:
        clean = schema.validate(values, now=NOW)
    except InvalidForm as refused:
        assert refused.problems
    else:
        assert "other" not in clean
        assert json.loads(json.dumps(clean, allow_nan=False)) == clean
