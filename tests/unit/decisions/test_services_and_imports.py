"""Requirement graphs: scopes, decision services, imports with and without a name, references."""

from __future__ import annotations

import pytest

from engine.decisions import DecisionModel, load_decisions
from engine.errors import NotFound
from tests.builders_dmn import DMN_15, bkm, decision, dmn, input_data, item, literal, load, service


def test_a_decision_reads_what_it_requires_and_nothing_else() -> None:
    model = load(
        input_data("a"),
        decision("one", literal("a + 1"), inputs=["a"]),
        decision("two", literal("one * 10"), requires=["one"]),
        decision("blind", literal("a"), requires=["one"]),
    )

    results = {name: model.evaluate(name, {"a": 1}).value for name in ("two", "blind")}

    assert results == {"two": 20, "blind": None}


def test_each_decision_is_evaluated_once_and_told_in_order() -> None:
    model = load(
        decision("base", literal("1")),
        decision("left", literal("base"), requires=["base"]),
        decision("right", literal("base"), requires=["base"]),
        decision("top", literal("left + right"), requires=["left", "right"]),
    )

    result = model.evaluate("top", {})

    assert [(step["name"], step["value"]) for step in result.trace] == [
        ("base", 1),
        ("left", 1),
        ("right", 1),
        ("top", 2),
    ]
    assert result.trace[-1]["inputs"] == {"left": 1, "right": 1}


def test_decisions_that_require_each_other_are_null_not_endless() -> None:
    model = load(decision("a", literal("b"), requires=["b"]), decision("b", literal("a"), requires=["a"]))

    result = model.evaluate("a", {})

    assert result.value is None
    assert any("requires itself" in warning for warning in result.warnings)


def test_knowledge_models_call_each_other_and_themselves() -> None:
    model = load(
        bkm("even", ["n"], literal("if n = 0 then true else odd(n - 1)"), knows=["odd"]),
        bkm("odd", ["n"], literal("if n = 0 then false else even(n - 1)"), knows=["even"]),
        decision("D", literal("even(10)"), knows=["even"]),
    )

    result = model.evaluate("D", {})

    assert result.value is True


def test_a_knowledge_model_can_be_asked_directly() -> None:
    model = load(bkm("加", ["a: number", "b: number"], literal("a + b")))

    result = model.evaluate("加", {"a": 1, "b": 2})

    assert result.value == 3


SERVED = (
    input_data("年龄", "number"),
    decision("折扣", literal('"不会用到"'), type_ref="string"),
    decision("票价", literal('string(年龄) + " " + 折扣'), inputs=["年龄"], requires=["折扣"]),
    decision("说明", literal("票价"), requires=["票价"]),
    service("售票", outputs=["票价"], decisions=["折扣"], data=["年龄"]),
    service("全套", outputs=["票价", "说明"], decisions=["折扣"], data=["年龄"]),
)


def test_a_service_of_one_decision_gives_its_value_and_of_several_a_context() -> None:
    model = load(*SERVED)

    one = model.evaluate("售票", {"年龄": 8, "折扣": "半价"})
    several = model.evaluate("全套", {"年龄": 8, "折扣": "半价"})

    assert one.value == "8 半价"
    assert several.value == {"票价": "8 半价", "说明": "8 半价"}
    assert [step["name"] for step in one.trace] == ["票价", "售票"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('售票(8, "半价")', "8 半价"),
        ('售票(折扣: "半价", 年龄: 8)', "8 半价"),
        ('售票("半价")', None),
        ('售票(8, "半价", 3)', None),
        ('售票(年龄: 8, 打折: "半价")', None),
        ("售票(8, 5)", None),
    ],
)
def test_a_service_is_a_function_of_input_data_then_input_decisions(text: str, expected: object) -> None:
    model = load(*SERVED, decision("D", literal(text), knows=["售票"]))

    result = model.evaluate("D", {})

    assert result.value == expected


def test_a_service_does_not_touch_what_is_decided_outside() -> None:
    model = load(*SERVED, decision("D", literal('[折扣, 售票(8, "半价"), 折扣]'), requires=["折扣"], knows=["售票"]))

    result = model.evaluate("D", {})

    assert result.value == ["不会用到", "8 半价", "不会用到"]


def test_functions_and_services_can_be_handed_on() -> None:
    model = load(
        input_data("n", "number"),
        decision("tenfold", literal("n * 10"), inputs=["n"]),
        service("ten", outputs=["tenfold"], data=["n"]),
        bkm("twice", ["f", "x"], literal("f(f(x))")),
        decision("D", literal("twice(ten, 2)"), knows=["twice", "ten"]),
    )

    result = model.evaluate("D", {})

    assert result.value == 200


def test_references_may_name_their_own_namespace() -> None:
    model = load(
        decision("a", literal("1")),
        decision("b", literal("a + 1"), requires=["urn:test#_a"]),
    )

    result = model.evaluate("b", {})

    assert result.value == 2


def test_a_decision_without_logic_takes_what_is_given() -> None:
    model = load(decision("评价", ""), decision("D", literal('"评价:" + 评价'), requires=["评价"]))

    result = model.evaluate("D", {"评价": "优"})

    assert result.value == "评价:优"


def imported(name: str, namespace: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'


LIB = dmn(
    item("tPct", "number", allowed="[0..100]"),
    input_data("rate", "tPct"),
    decision("share", literal("rate / 100"), inputs=["rate"]),
    bkm("half of", ["x: number"], literal("x / 2")),
    namespace="urn:lib",
)


def importing(*parts: str, name: str = "lib") -> DecisionModel:
    files = {"main.dmn": dmn(imported(name, "urn:lib"), *parts), "lib.dmn": LIB}
    return load_decisions(files)


def test_an_import_is_read_under_its_name() -> None:
    model = importing(
        decision(
            "D",
            literal("my lib.half of(my lib.share) + my lib.rate"),
            requires=["urn:lib#_share"],
            inputs=["urn:lib#_rate"],
            knows=["urn:lib#_half_of"],
        ),
        name="my lib",
    )

    result = model.evaluate("D", {"my lib": {"rate": 50}})

    assert result.value == 50.25
    assert [step["name"] for step in result.trace] == ["my lib.share", "D"]
    assert model.inputs("D") == (("my lib.rate", "tPct"),)


@pytest.mark.parametrize("given", [{"lib": {"rate": 50}}, {"{urn:lib}rate": 50}, {"rate": 50}])
def test_an_imported_input_is_given_under_the_import_or_its_namespace(given: dict[str, object]) -> None:
    model = importing(decision("D", literal("lib.share"), requires=["urn:lib#_share"]))

    result = model.evaluate("D", given)

    assert result.value == 0.5


@pytest.mark.parametrize("type_ref", ["lib.tPct", "l:tPct"])
def test_types_of_an_import_are_named_with_it(type_ref: str) -> None:
    head = dmn(
        imported("lib", "urn:lib"), decision("D", literal("101"), type_ref=type_ref), attributes='xmlns:l="urn:lib"'
    )
    model = load_decisions({"main.dmn": head, "lib.dmn": LIB})

    result = model.evaluate("D", {})

    assert result.value is None


def test_one_model_imported_twice_has_inputs_of_its_own_each_time() -> None:
    inner = dmn(input_data("n"), decision("m", literal("n"), inputs=["n"]), namespace="urn:c")
    middle = dmn(imported("i", "urn:c"), decision("k", literal("i.m"), requires=["urn:c#_m"]), namespace="urn:b")
    outer = dmn(
        imported("i", "urn:b"),
        imported("x", "urn:c"),
        decision("D", literal("[i.k, x.m]"), requires=["urn:b#_k", "urn:c#_m"]),
    )
    model = load_decisions({"a.dmn": outer, "b.dmn": middle, "c.dmn": inner})

    result = model.evaluate("D", {"i": {"i": {"n": 1}}, "x": {"n": 2}})

    assert result.value == [1, 2]


def test_an_import_without_a_name_adds_to_the_model_and_the_models_own_come_first() -> None:
    other = dmn(
        decision("first", literal('"b" + second'), requires=["second"]),
        decision("second", literal('"b2"')),
        item("tT", "number"),
        namespace="urn:b",
    )
    main = dmn(
        imported("", "urn:b"),
        decision("second", literal('"a2"')),
        decision("D", literal("first"), requires=["first"]),
        decision("E", literal('"text"'), type_ref="tT"),
    )
    model = load_decisions({"a.dmn": main, "b.dmn": other})

    results = [model.evaluate(name, {}).value for name in ("D", "E")]

    assert results == ["ba2", None]


def test_files_that_import_each_other_do_not_go_round() -> None:
    a = dmn(imported("", "urn:b"), decision("D", literal("e"), requires=["e"]), namespace="urn:a")
    b = dmn(imported("", "urn:a"), decision("e", literal('"b"')), namespace="urn:b")
    c = dmn(imported("self", "urn:c"), decision("D", literal("1")), namespace="urn:c")

    results = [load_decisions(files).evaluate("D", {}).value for files in ({"a": a, "b": b}, {"c": c})]

    assert results == ["b", 1]


def test_files_of_one_namespace_are_told_apart_by_their_location() -> None:
    made = {f"{at}/lib.dmn": dmn(decision("v", literal(f"{at}")), namespace="urn:lib") for at in (1, 2)}
    main = dmn(
        '<import name="l" namespace="urn:lib" locationURI="2/lib.dmn" importType=""/>',
        decision("D", literal("l.v"), requires=["urn:lib#_v"]),
    )
    model = load_decisions({"main.dmn": main, **made})

    result = model.evaluate("D", {})

    assert result.value == 2


def test_a_location_counts_from_the_folder_of_the_file_that_imports() -> None:
    def lib(at: int, *more: str) -> bytes:
        return dmn(*more, decision("v", literal(f"{at}")), namespace="urn:lib")

    inner = '<import name="l" namespace="urn:lib" locationURI="lib.dmn" importType=""/>'
    middle = dmn(inner, decision("m", literal("l.v"), requires=["urn:lib#_v"]), namespace="urn:middle")
    main = dmn(
        '<import name="two" namespace="urn:middle" locationURI="2/middle.dmn" importType=""/>',
        decision("D", literal("two.m"), requires=["urn:middle#_m"]),
    )
    files = {"main.dmn": main, "1/lib.dmn": lib(1), "2/lib.dmn": lib(2), "2/middle.dmn": middle}
    model = load_decisions(files)

    result = model.evaluate("D", {})

    assert result.value == 2


def test_names_are_the_same_however_they_are_typed() -> None:
    composed, split = "Café fee", "Cafe\u0301  fee"
    model = load(input_data(split), decision("D", literal(f"{composed} + 1"), inputs=[split]))

    results = [model.evaluate("D", {name: 1}).value for name in (composed, split)]

    assert results == [2, 2]


def test_what_is_not_there_is_said_with_what_is() -> None:
    model = load(*SERVED)

    with pytest.raises(NotFound, match="售票"):
        model.evaluate("没有", {})


@pytest.mark.parametrize("name", ["lib", "my lib", "my-lib", "lib and more", "v1.0", "数据 字典"])
def test_a_type_of_an_import_is_known_inside_feel_whatever_the_imports_name(name: str) -> None:
    model = load_decisions(
        [
            dmn(
                f'<import name="{name}" namespace="urn:lib" importType="{DMN_15}"/>',
                item("t-own", "string"),
                decision("D", literal(f'[7 instance of {name}.t N, 1 instance of {name}.t N, "a" instance of t-own]')),
            ),
            dmn(item("t N", "number", allowed="> 5"), namespace="urn:lib"),
        ]
    )

    result = model.evaluate("D", {})

    assert result.value == [True, False, True]
