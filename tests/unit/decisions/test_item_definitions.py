"""Types: structures, collections, allowed values, constraints, functions; how values come to conform."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from engine.decisions.kinds import Kind
from engine.decisions.types import Types
from tests.builders_dmn import bkm, context, decision, formal, input_data, item, literal, load

WORD = item("tWord", "string", allowed='"foo", "bar"')
PERSON = item("tPerson", parts=item("name", "string", tag="itemComponent") + item("born", "date", tag="itemComponent"))
TYPES = (
    WORD,
    PERSON,
    item("tCopy", "tWord"),
    item("tWay", "tWord", allowed='"left", "right"'),
    item("tWords", "tWord", collection=True),
    item("tFew", "number", constraint="count(?) <= 2", collection=True),
    item("tTeen", "number", allowed="[13..19]"),
    item("tNumbers", "number", collection=True),
    item("tNames", "string", collection=True),
    item("tHolder", parts=item("word", "tWord", tag="itemComponent")),
    item(
        "tTree",
        parts=item("label", "string", tag="itemComponent")
        + item("below", "tTree", tag="itemComponent", collection=True),
    ),
)


@pytest.mark.parametrize(
    ("type_ref", "text", "expected"),
    [
        ("string", "1 + 1", None),
        ("string", '["foo"]', "foo"),
        ("string", "[1]", None),
        ("tNames", '"foo"', ["foo"]),
        ("tNumbers", '"foo"', None),
        ("tNumbers", '[1, 2, "foo"]', None),
        ("tNumbers", "null", None),
        ("date and time", '@"2000-01-02"', "2000-01-02T00:00:00Z"),
        ("dateTime", '@"2000-01-02T03:04:05"', "2000-01-02T03:04:05"),
        ("tWord", '"foo"', "foo"),
        ("tWord", '"baz"', None),
        ("tCopy", '"foo"', "foo"),
        ("tCopy", '"baz"', None),
        ("tWay", '"left"', "left"),
        ("tWay", '"foo"', None),
        ("tWords", '["foo", "bar"]', ["foo", "bar"]),
        ("tWords", '["foo", "baz"]', None),
        ("tFew", "[1, 2]", [1, 2]),
        ("tFew", "[1, 2, 3]", None),
        ("tTeen", "17", 17),
        ("tTeen", "20", None),
        ("tHolder", '{word: "foo"}', {"word": "foo"}),
        ("tHolder", '{word: "baz"}', None),
        ("tHolder", "{}", None),
        ("tHolder", '{word: "foo", more: 1}', {"word": "foo", "more": 1}),
        (
            "tTree",
            '{label: "a", below: [{label: "b", below: []}]}',
            {"label": "a", "below": [{"label": "b", "below": []}]},
        ),
        ("tTree", '{label: "a", below: [{label: 1, below: []}]}', None),
        ("list<number>", "[1]", [1]),
        ("list<number>", '["a"]', None),
        ("feel:string", '"a"', "a"),
        ("Any", "[1]", [1]),
        ("context", "{a: 1}", {"a": 1}),
    ],
)
def test_a_decision_gives_values_of_its_type(type_ref: str, text: str, expected: object) -> None:
    model = load(*TYPES, decision("D", literal(text), type_ref=type_ref))

    result = model.evaluate("D", {})

    assert result.value == expected
    assert expected is not None or text == "null" or any("type" in warning for warning in result.warnings)


def test_a_literal_expression_has_a_type_of_its_own() -> None:
    model = load(decision("D", literal('"a"', "number")))

    result = model.evaluate("D", {})

    assert result.value is None


def test_inputs_that_do_not_conform_are_null() -> None:
    model = load(*TYPES, input_data("w", "tWord"), decision("D", literal("w"), inputs=["w"]))

    results = [model.evaluate("D", {"w": value}).value for value in ("foo", "baz", ["bar"], 3)]

    assert results == ["foo", None, "bar", None]


def test_text_of_an_input_is_read_as_the_declared_date() -> None:
    model = load(*TYPES, input_data("p", "tPerson"), decision("D", literal("p.born.year + 1"), inputs=["p"]))

    result = model.evaluate("D", {"p": {"name": "林", "born": "2001-05-06"}})

    assert result.value == 2002


def test_parts_of_an_input_that_are_not_given_count_as_null() -> None:
    model = load(*TYPES, input_data("p", "tPerson"), decision("D", literal("p.born = null"), inputs=["p"]))

    result = model.evaluate("D", {"p": {"name": "林"}})

    assert result.value is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [("echo([1])", 1), ('echo("x")', None), ("echo(1, 2)", None), ("echo(a: 5)", 5), ("echo(b: 5)", None)],
)
def test_a_knowledge_model_takes_what_its_parameters_say(text: str, expected: object) -> None:
    model = load(bkm("echo", ["a: number"], literal("a")), decision("D", literal(text), knows=["echo"]))

    result = model.evaluate("D", {})

    assert result.value == expected


@pytest.mark.parametrize("call", ['f("no", 5)', 'f(a: "no", b: 5)', "f([[1]], 5)"])
def test_a_function_is_not_called_with_an_argument_of_another_type(call: str) -> None:
    model = load(
        bkm("f", ["a: number", "b"], literal("if a = null then b else 0")), decision("D", literal(call), knows=["f"])
    )

    result = model.evaluate("D", {})

    assert result.value is None
    assert any("not called" in warning for warning in result.warnings)
    assert model.evaluate("f", {"b": 5}).value == 5


def test_a_boxed_invocation_does_not_call_with_an_argument_of_another_type() -> None:
    binding = f'<binding><parameter name="a" typeRef="number"/>{literal(chr(34) + "no" + chr(34))}</binding>'
    model = load(
        bkm("f", ["a"], literal("a = null")),
        decision("D", f"<invocation>{literal('f')}{binding}</invocation>", knows=["f"]),
    )

    result = model.evaluate("D", {})

    assert result.value is None


FUNCTION = (
    '<itemDefinition name="tFn"><functionItem outputTypeRef="tWord"><parameters name="a"/></functionItem>'
    "</itemDefinition>"
    '<itemDefinition name="tNumbersFn"><functionItem outputTypeRef="tNumbers"/></itemDefinition>'
)


@pytest.mark.parametrize(("text", "expected"), [('f("foo")', "foo"), ('f("baz")', None)])
@pytest.mark.parametrize("how", ["variable", "logic", "definition", "lambda"])
def test_a_function_type_holds_for_what_the_function_gives(how: str, text: str, expected: object) -> None:
    made = {
        "variable": bkm("f", ["a"], literal("a"), type_ref="tFn"),
        "logic": bkm("f", ["a"], literal("a")).replace("<encapsulatedLogic", '<encapsulatedLogic typeRef="tFn"'),
        "definition": decision(
            "f", f'<functionDefinition typeRef="tFn">{formal(["a"])}{literal("a")}</functionDefinition>'
        ),
        "lambda": decision("f", literal("function(a) a", "tFn")),
    }[how]
    needs = {"knows": ["f"]} if how in ("variable", "logic") else {"requires": ["f"]}
    model = load(*TYPES, FUNCTION, made, decision("D", literal(text), **needs))  # type: ignore[arg-type]

    result = model.evaluate("D", {})

    assert result.value == expected


def test_a_function_type_makes_a_list_of_one() -> None:
    model = load(
        *TYPES,
        FUNCTION,
        bkm("f", [], literal("1", "number"), type_ref="tNumbersFn"),
        decision("D", literal("f()"), knows=["f"]),
    )

    result = model.evaluate("D", {})

    assert result.value == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(function(a: tWord) a)("foo")', "foo"),
        ('(function(a: tWord) a)("baz")', None),
        ('"foo" instance of tWord', True),
        ('"baz" instance of tWord', False),
        ("[1] instance of tNumbers", True),
        ("null instance of tWord", False),
    ],
)
def test_item_definitions_are_types_inside_feel(text: str, expected: object) -> None:
    model = load(*TYPES, decision("D", literal(text)))

    result = model.evaluate("D", {})

    assert result.value == expected


def test_old_files_give_a_knowledge_model_the_type_of_its_result() -> None:
    model = load(
        bkm("f", ["a"], literal("a"), type_ref="feel:number"),
        decision("D", context(("x", literal("f(1)")), ("y", literal('f("b")'))), knows=["f"]),
    )

    result = model.evaluate("D", {})

    assert result.value == {"x": 1, "y": None}


def test_names_of_parts_may_hold_operators() -> None:
    parts = item("Approved/Declined", "string", tag="itemComponent")
    model = load(
        item("tAnswer", parts=parts),
        input_data("answer", "tAnswer"),
        decision("D", literal("answer.Approved/Declined"), inputs=["answer"]),
    )

    result = model.evaluate("D", {"answer": {"Approved/Declined": "Approved"}})

    assert result.value == "Approved"


def test_a_type_that_is_being_made_is_not_seen_by_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    find = Types._find

    def slowly(self: Types, ref: str) -> Kind:
        sleep(0.05)  # widens the moment in which the other asks
        return find(self, ref)

    monkeypatch.setattr(Types, "_find", slowly)
    model = load(*TYPES, input_data("n", "tTeen"), decision("d", literal("n + 1", "number"), inputs=["n"]))

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: model.evaluate("d", {"n": 15}).value, range(2)))

    assert found == [16, 16]
