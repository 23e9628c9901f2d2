"""Expressions of a form see who fills it in, as `user`; nobody can be somebody else by what they enter."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contracts.principal import Principal
from engine.errors import InvalidForm, InvalidInput
from engine.models.forms import read_form, seen_by

CITIZEN = Principal(id="chen", roles=frozenset({"citizen"}))
INSPECTOR = Principal(id="he", roles=frozenset({"staff"}), groups=frozenset({"inspectors"}), department="centre")
IS_INSPECTOR = 'list contains(user.groups, "inspectors")'
CHANNEL = {
    "type": "radio",
    "key": "channel",
    "valuesExpression": f'=if {IS_INSPECTOR} then ["public", "inspector"] else ["public"]',
    "validate": {"required": True},
}
SECRET = {"type": "textfield", "key": "secret", "conditional": {"hide": f"=not({IS_INSPECTOR})"}}


def form(*components: dict[str, Any]) -> Any:
    return read_form({"type": "default", "components": list(components)})


def test_the_choices_of_a_form_depend_on_who_fills_it_in() -> None:
    channels = form(CHANNEL)

    taken = channels.validate({"channel": "inspector"}, context=seen_by(INSPECTOR, {}))
    with pytest.raises(InvalidForm) as refused:
        channels.validate({"channel": "inspector"}, context=seen_by(CITIZEN, {}))

    assert taken == {"channel": "inspector"}
    assert [(p.field, p.code) for p in refused.value.problems] == [("channel", "not_an_option")]


def test_a_form_sees_id_roles_groups_and_department() -> None:
    made = form({"type": "expression", "key": "seen", "expression": "=user"})

    seen = made.validate({}, context=seen_by(INSPECTOR, {}))

    assert seen == {"seen": {"id": "he", "roles": ["staff"], "groups": ["inspectors"], "department": "centre"}}


@pytest.mark.parametrize(
    "context",
    [{"user": {"id": "he", "roles": ["staff"], "groups": ["inspectors"]}}, {"user": "he"}, {"user.groups": ["x"]}],
)
def test_a_stored_variable_makes_nobody_somebody_else(context: dict[str, object]) -> None:
    channels = form(CHANNEL, SECRET)

    with pytest.raises(InvalidForm):
        channels.validate({"channel": "inspector"}, context=seen_by(CITIZEN, context))

    clean = channels.validate({"channel": "public", "secret": "x"}, context=seen_by(CITIZEN, context))
    assert clean == {"channel": "public"}


@pytest.mark.parametrize("inside", [False, True], ids=["level", "list"])
def test_an_entered_value_makes_nobody_somebody_else(inside: bool) -> None:
    entered = {"channel": "inspector", "user": {"groups": ["inspectors"]}, "parent": {"user": 1}, "this": {"user": 1}}
    rows = form({"type": "dynamiclist", "path": "rows", "components": [CHANNEL]})

    with pytest.raises(InvalidForm) as refused:
        if inside:
            rows.validate({"rows": [entered], "user": entered["user"]}, context=seen_by(CITIZEN, {}))
        else:
            form(CHANNEL).validate(entered, context=seen_by(CITIZEN, {}))

    codes = {(p.field, p.code) for p in refused.value.problems}
    assert ("rows[0].channel" if inside else "channel", "not_an_option") in codes
    assert ("user", "unknown_field") in codes


@pytest.mark.parametrize("key", ["user", "user.name"])
def test_a_field_of_that_name_is_refused_where_expressions_mean_the_person(key: str) -> None:
    field = {"type": "textfield", "key": key}

    with pytest.raises(InvalidInput, match="key 'user'"):
        form(CHANNEL, field)

    assert form(field).validate({"user": "a"} if key == "user" else {"user": {"name": "a"}})
