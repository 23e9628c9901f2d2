"""What a decision has to be given is told with types and allowed values, over the whole requirement graph."""

from __future__ import annotations

import pytest

from engine.decisions import DecisionModel, load_decisions
from engine.decisions.inputs import InputField
from tests.builders_dmn import CAMUNDA, DMN_13, bkm, decision, dmn, input_data, item, literal, load, service, table


def fields(model: DecisionModel, name: str) -> dict[str, InputField]:
    return {one.name: one for one in model.fields(name)}


def test_inputs_of_all_that_is_required_are_told_with_their_types() -> None:
    model = load(
        *(input_data("a", "number"), input_data("b", "date"), input_data("c", "boolean"), input_data("far", "string")),
        decision("low", literal("far"), inputs=["far"]),
        bkm("f", ["x"], literal("x")),
        decision("top", literal("if c then a else f(low)"), inputs=["a", "c"], requires=["low"], knows=["f"]),
        decision("other", literal("b"), inputs=["b"]),
    )

    found = fields(model, "top")

    assert {name: one.type for name, one in found.items()} == {"a": "number", "c": "boolean", "far": "string"}


def test_structures_lists_and_allowed_values_are_taken_apart() -> None:
    model = load(
        item("tZone", "string", allowed='"甲", "乙"'),
        item("tZones", "tZone", collection=True),
        item("tAge", "number", allowed="[0..120]"),
        item("tPerson", parts=item("age", "tAge", tag="itemComponent") + item("zone", "tZone", tag="itemComponent")),
        *(input_data("zones", "tZones"), input_data("person", "tPerson")),
        decision("d", literal("person.age"), inputs=["zones", "person"]),
    )

    found = fields(model, "d")

    assert (found["zones"].type, found["zones"].choices) == ("list", ("甲", "乙"))
    age, zone = found["person"].parts
    assert (age.path, age.type, age.allowed, age.choices) == (("person", "age"), "number", "[0..120]", ())
    assert zone.choices == ("甲", "乙")
    assert found["person"].takes({"age": 3, "zone": "甲"})
    assert not found["person"].takes({"age": 300, "zone": "甲"})
    assert not found["zones"].takes(["丙"])


def test_a_type_that_holds_itself_ends() -> None:
    model = load(
        item("tTree", parts=item("value", "number", tag="itemComponent") + item("left", "tTree", tag="itemComponent")),
        input_data("tree", "tTree"),
        decision("d", literal("tree.value"), inputs=["tree"]),
    )

    (tree,) = model.fields("d")

    depth = 0
    while tree.parts:
        tree, depth = tree.parts[1], depth + 1
    assert 0 < depth < 10


def test_columns_tell_types_and_values_where_input_data_does_not() -> None:
    logic = table(["n", "kind"], ["out"], '> 5 | "x" | 1', '[1..3] | "y", "z" | 2', input_types=["number", "string"])
    model = load(*(input_data("n"), input_data("kind")), decision("d", logic, inputs=["n", "kind"]))

    found = fields(model, "d")

    assert (found["n"].type, found["n"].examples, found["n"].label) == ("number", (5, 1, 3), "")
    assert (found["kind"].type, found["kind"].examples) == ("string", ("x", "y", "z"))


def test_a_field_is_called_as_the_column_that_reads_it() -> None:
    logic = table(["person.age", "n"], ["out"], "> 5 | - | 1").replace('label="person.age"', 'label="年龄"')
    model = load(
        item("tPerson", parts=item("age", "number", tag="itemComponent")),
        *(input_data("person", "tPerson"), input_data("n", "number")),
        decision("d", logic, inputs=["person", "n"]),
    )

    found = fields(model, "d")

    assert (found["person"].parts[0].label, found["person"].label, found["n"].label) == ("年龄", "", "")


def test_names_that_nothing_declares_are_told_too() -> None:
    model = load(decision("d", literal("given + count(other[x > 1])")))
    camunda = load_decisions(
        dmn(decision("c", table(["面积"], ["out"], "> 5 | 1")), spec=DMN_13, attributes=f'xmlns:camunda="{CAMUNDA}"')
    )

    assert {name: one.is_declared for name, one in fields(model, "d").items()} == {"given": False, "other": False}
    assert "面积" in fields(camunda, "c")


def test_services_need_what_they_declare_and_imports_go_by_their_names() -> None:
    library = dmn(
        *(input_data("Age", "number"), decision("adult", literal("Age >= 18"), inputs=["Age"])), namespace="urn:lib"
    )
    main = dmn(
        '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        input_data("n", "number"),
        decision("inner", literal("n + 1"), inputs=["n"]),
        decision("outer", literal("inner * 2"), requires=["inner"]),
        service("offered", outputs=["outer"], decisions=["inner"]),
        decision("d", literal("lib.adult"), requires=["urn:lib#_adult"]),
    )
    model = load_decisions({"main.dmn": main, "lib.dmn": library})

    assert list(fields(model, "offered")) == ["inner"]
    assert [one.path for one in model.fields("d")] == [("lib", "Age")]


@pytest.mark.parametrize(
    ("policy", "value", "misses"),
    [("UNIQUE", 5, {1: 0, 3: 1}), ("FIRST", 5, {1: 0}), ("COLLECT", 0, {1: 0, 2: 0, 3: 0})],
)
def test_why_rules_do_not_match_is_told_where_it_is_asked(policy: str, value: int, misses: dict[int, int]) -> None:
    logic = table(["n", "m"], ["out"], "> 9 | - | 1", "> 1 | 2 | 2", "> 1 | 3 | 3", policy=policy)
    model = load(*(input_data("n", "number"), input_data("m", "number")), decision("d", logic, inputs=["n", "m"]))

    asked = model.evaluate("d", {"n": value, "m": 2}, explains=True)
    plain = model.evaluate("d", {"n": value, "m": 2})

    (record,) = asked.steps[0].tables
    assert record.misses == misses
    assert plain.steps[0].tables[0].misses is None
    assert (asked.value, asked.warnings, asked.trace) == (plain.value, plain.warnings, plain.trace)
