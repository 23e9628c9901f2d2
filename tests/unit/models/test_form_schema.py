"""Reading form-js schemas: what pages can show, and what is wrong with a form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.models.forms import read_form


def schema(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "default", "schemaVersion": 18, "components": list(components), **more}


def test_a_form_is_read_from_bytes_and_from_an_object() -> None:
    document = schema({"type": "textfield", "key": "why", "label": "理由"}, id="approve")

    from_bytes = read_form(b"\xef\xbb\xbf" + json.dumps(document).encode())

    assert from_bytes.id == "approve"
    assert from_bytes.components == read_form(document).components
    assert from_bytes.components[0].label == "理由"


def test_all_that_pages_show_is_in_the_tree() -> None:
    form = read_form(
        schema(
            {
                "type": "group",
                "label": "Applicant",
                "path": "applicant",
                "components": [
                    {
                        "type": "textfield",
                        "key": "name",
                        "description": "as in the passport",
                        "validate": {"required": True},
                    },
                    {"type": "dynamiclist", "path": "phones", "components": [{"type": "textfield", "key": "no"}]},
                ],
            },
            {"type": "html", "content": "<p>Read <b>this</b></p><script>x</script>"},
            {"type": "table", "dataSource": "= rows", "columns": [{"key": "a", "label": "A", "label_zh": "甲"}]},
            {"type": "separator"},
        )
    )

    group, html, table, _ = form.components

    assert [c.key for c in group.components] == ["applicant.name", "applicant.phones"]
    assert group.components[0].required and group.components[0].description == "as in the passport"
    assert [c.key for c in group.components[1].components] == ["no"]
    assert "<" not in html.text and "Read this" in html.text
    assert table.rows({}, {"rows": [{"a": 1}, 2]}) == [{"a": 1}]
    assert form.texts("zh-CN").label(table.columns[0]) == "甲"
    assert len({component.id for component in form.walk()}) == len(list(form.walk()))


def test_labels_come_in_both_languages_with_the_plain_one_as_fallback() -> None:
    form = read_form(
        schema(
            {
                "type": "select",
                "key": "kind",
                "label": "类别",
                "description": "请选择",
                "properties": {"label_en": "Category"},
                "values": [{"value": "lamp", "label": "路灯", "label_en": "Street lamp"}],
            }
        )
    )
    select = form.components[0]

    chinese, english = form.texts("zh_Hans_CN"), form.texts("en")

    assert (chinese.label(select), english.label(select)) == ("类别", "Category")
    assert (chinese.label(select.options[0]), english.label(select.options[0])) == ("路灯", "Street lamp")
    assert english.description(select) == "请选择"


def test_a_resolved_component_has_its_computed_settings_filled_in() -> None:
    form = read_form(
        schema(
            {
                "type": "number",
                "key": "amount",
                "label": "{{unit}} for {{= upper case(name)}}",
                "readonly": "= locked",
                "validate": {"min": "= low", "required": True},
            },
            {"type": "select", "key": "to", "valuesKey": "units"},
            {"type": "text", "text": '= "Hello " + name'},
        )
    )

    number, select, text = (
        c.resolved({"name": "wang"}, {"unit": "CNY", "locked": True, "low": 3, "units": ["north"]})
        for c in form.components
    )

    assert number.label == "CNY for WANG"
    assert number.readonly and number.required and number.min == 3
    assert [option.value for option in select.options] == ["north"]
    assert text.text == "Hello wang"


def test_visibility_can_be_asked_for_one_component() -> None:
    form = read_form(schema({"type": "textfield", "key": "a", "conditional": {"hide": "= b > n"}}))
    field = form.components[0]

    assert not field.visible({"b": 3}, {"n": 2})
    assert field.visible({"b": 1}, {"n": 2})
    assert field.visible({}, {})


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "hologram", "key": "a"}, "unknown_type"),
        ({"key": "a"}, "no_type"),
        ({"type": "textfield"}, "bad_key"),
        ({"type": "textfield", "key": "a b"}, "bad_key"),
        ({"type": "textfield", "key": "a..b"}, "bad_key"),
        ({"type": "dynamiclist", "components": []}, "bad_key"),
        ({"type": "group", "components": {}}, "no_components"),
        ({"type": "select", "key": "a"}, "no_options"),
        ({"type": "textfield", "key": "a", "validate": {"pattern": "("}}, "bad_pattern"),
        ({"type": "textfield", "key": "a", "validate": {"pattern": "a" * 2000}}, "bad_pattern"),
        ({"type": "number", "key": "a", "validate": {"min": 3, "max": 2}}, "empty_range"),
        ({"type": "number", "key": "a", "validate": {"min": "three"}}, "bad_setting"),
        ({"type": "textfield", "key": "a", "validate": {"maxLength": -1}}, "bad_setting"),
        ({"type": "textfield", "key": "a", "validate": {"required": "yes"}}, "bad_setting"),
        ({"type": "datetime", "key": "a", "subtype": "century"}, "bad_setting"),
        ({"type": "textfield", "key": "a", "conditional": {"hide": "= b >"}}, "bad_expression"),
        ({"type": "textfield", "key": "a", "readonly": "= ("}, "bad_expression"),
        ({"type": "select", "key": "a", "valuesExpression": "= ["}, "bad_expression"),
        ({"type": "expression", "key": "a"}, "no_expression"),
    ],
)
def test_a_faulty_component_is_named(component: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(schema({"type": "textfield", "key": "fine"}, component))

    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.field == component.get("key", "component 2")
    assert problem.message and problem.message_zh


@pytest.mark.parametrize(
    ("first", "second"),
    [("a", "a"), ("a", "a.b"), ("a.b", "a")],
)
def test_keys_must_not_collide(first: str, second: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(schema({"type": "textfield", "key": first}, {"type": "number", "key": second}))

    assert [problem.code for problem in refused.value.problems] == ["duplicate_key"]


def test_keys_of_a_group_with_a_path_and_of_list_items_are_their_own() -> None:
    form = read_form(
        schema(
            {"type": "textfield", "key": "name"},
            {"type": "group", "path": "firm", "components": [{"type": "textfield", "key": "name"}]},
            {"type": "dynamiclist", "path": "rows", "components": [{"type": "textfield", "key": "name"}]},
        )
    )

    assert [component.key for component in form.walk()] == ["name", "", "firm.name", "rows", "name"]


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "textfield", "key": "a"}
    for _ in range(depth):
        inner = {"type": "group", "components": [inner]}
    return inner


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"components": 3}',
        b'{"components": []' + b" " * 2_000_000 + b"}",
        json.dumps(schema(*({"type": "separator"} for _ in range(600)))).encode(),
        json.dumps(schema(nested(20))).encode(),
    ],
)
def test_what_is_no_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(data)

    assert refused.value.message.startswith("Expected")
