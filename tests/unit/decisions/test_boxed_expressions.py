"""Boxed expressions: contexts, invocations, functions, relations, lists, conditionals, filters, iterations."""

from __future__ import annotations

import pytest

from engine.decisions import DecisionResult
from tests.builders_dmn import bkm, context, decision, formal, input_data, literal, load


def value_of(logic: str, *others: str, **inputs: object) -> DecisionResult:
    data = [input_data(name) for name in inputs]
    model = load(*data, *others, decision("D", logic, inputs=list(inputs)))
    return model.evaluate("D", inputs)


def branch(tag: str, text: str) -> str:
    return f"<{tag}>{literal(text)}</{tag}>"


def test_entries_of_a_context_see_those_before_them() -> None:
    logic = context(("单价", literal("3")), ("应付 金额", literal("单价 * 数量")), ("含税", literal("应付 金额 * 1.1")))

    result = value_of(logic, 数量=2)

    assert result.value == {"单价": 3, "应付 金额": 6, "含税": 6.6}


def test_the_final_result_cell_is_the_value_of_a_context() -> None:
    logic = context(("a", literal("1")), ("b", literal("a + 1")), result=literal("a + b"))

    result = value_of(logic)

    assert result.value == 3


def test_a_typed_entry_that_does_not_conform_is_null_and_the_rest_stays() -> None:
    logic = context(("a: number", literal('"x"')), ("b", literal("2")))

    result = value_of(logic)

    assert result.value == {"a": None, "b": 2}
    assert any("entry 'a'" in warning for warning in result.warnings)


def test_a_function_in_a_context_may_call_itself() -> None:
    body = literal("if n <= 1 then 1 else n * fact(n - 1)")
    logic = context(
        ("fact", f"<functionDefinition>{formal(['n: number'])}{body}</functionDefinition>"), result=literal("fact(5)")
    )

    result = value_of(logic)

    assert result.value == 120


def test_a_function_keeps_the_names_of_where_it_was_made() -> None:
    made = f"<functionDefinition>{formal(['b'])}{literal('a * b')}</functionDefinition>"
    model = load(
        bkm("times", ["a: number"], made),
        decision("D", context(("a", literal("10")), result=literal("times(100)(2)")), knows=["times"]),
    )

    result = model.evaluate("D", {})

    assert result.value == 200


def test_an_invocation_binds_by_name_and_coerces() -> None:
    logic = (
        f"<invocation>{literal('减')}"
        f'<binding><parameter name="b" typeRef="number"/>{literal("[3]")}</binding>'
        f'<binding><parameter name="a"/>{literal("10")}</binding></invocation>'
    )
    model = load(bkm("减", ["a", "b"], literal("a - b")), decision("D", logic, knows=["减"]))

    result = model.evaluate("D", {})

    assert result.value == 7


def test_an_invocation_of_nothing_is_null_with_the_reason() -> None:
    logic = f"<invocation>{literal('nobody')}</invocation>"

    result = value_of(logic)

    assert result.value is None
    assert any("function to invoke" in warning for warning in result.warnings)


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_functions_in_other_languages_are_null_and_refused_by_name(kind: str) -> None:
    model = load(
        bkm("cos", ["x"], context(("class", literal('"C"'))), kind=kind),
        decision("D", literal("cos(1)"), knows=["cos"]),
    )

    result = model.evaluate("D", {})

    assert result.value is None
    assert any(kind in refusal for refusal in result.refusals)


def test_a_relation_is_a_list_of_contexts() -> None:
    cells = "".join(f"<row>{literal(a)}{literal(b)}</row>" for a, b in (('"路灯"', "1"), ('"井盖"', '"二"')))
    logic = f'<relation><column name="类别"/><column name="天数" typeRef="number"/>{cells}</relation>'

    result = value_of(logic)

    assert result.value == [{"类别": "路灯", "天数": 1}, {"类别": "井盖", "天数": None}]


def test_a_boxed_list_holds_its_items() -> None:
    logic = f"<list>{literal('1')}{context(('a', literal('2')))}</list>"

    result = value_of(logic)

    assert result.value == [1, {"a": 2}]


@pytest.mark.parametrize(
    ("condition", "expected"), [("x > 1", "yes"), ("x > 5", "no"), ("null", "no"), ('"text"', None)]
)
def test_a_conditional_wants_true_or_false(condition: str, expected: str | None) -> None:
    parts = (("if", condition), ("then", '"yes"'), ("else", '"no"'))
    logic = f"<conditional>{''.join(branch(tag, text) for tag, text in parts)}</conditional>"

    result = value_of(logic, x=3)

    assert result.value == expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("item.days > 1", [{"days": 2}]),
        ("days > 1", [{"days": 2}]),
        ("false", []),
        ("null", []),
        ('"text"', None),
    ],
)
def test_a_filter_keeps_what_matches(match: str, expected: object) -> None:
    logic = f"<filter>{branch('in', '[{days: 1}, {days: 2}]')}{branch('match', match)}</filter>"

    result = value_of(logic)

    assert result.value == expected


@pytest.mark.parametrize(
    ("source", "body", "expected"),
    [
        ("[1, 2, 3]", "each * 2", [2, 4, 6]),
        ("[]", "each", []),
        ("2..4", "each", None),
        ("[2..4]", "each", [2, 3, 4]),
        ("[1, 1, 1]", "count(partial)", [0, 1, 2]),
        ("null", "each", None),
    ],
)
def test_for_collects(source: str, body: str, expected: object) -> None:
    logic = f'<for iteratorVariable="each">{branch("in", source)}{branch("return", body)}</for>'

    result = value_of(logic)

    assert result.value == expected


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("some", "each = 2", True),
        ("some", "each = 9", False),
        ("every", "each > 0", True),
        ("every", "each > 1", False),
        ("some", "null", None),
        ("every", "null", None),
        ("some", 'if each = 3 then true else "text"', None),
    ],
)
def test_some_and_every_decide(kind: str, body: str, expected: object) -> None:
    logic = f'<{kind} iteratorVariable="each">{branch("in", "[1, 2, 3]")}{branch("satisfies", body)}</{kind}>'

    result = value_of(logic)

    assert result.value is expected


def test_a_text_that_cannot_be_read_is_null_and_said() -> None:
    result = value_of(literal("1 == 2"))

    assert result.value is None
    assert any("1 == 2" in refusal for refusal in result.refusals)


def test_an_element_that_is_no_expression_is_named() -> None:
    model = load(decision("D", "<spreadsheet/>"))

    result = model.evaluate("D", {})

    assert result.value is None
    assert [finding.code for finding in model.findings] == ["unknown-expression"]


@pytest.mark.parametrize(
    ("entry", "of_definition", "call", "expected"),
    [
        ("f", "number", "f(1)", 1),
        ("f", "number", 'f("a")', None),
        ("f: number", "", "f([1])", 1),
        ("f: tF", "", "f(1)", "1"),
        ("f: tF", "", 'f("a")', None),
        ("f", "tF", "f(1)", "1"),
        ("f: number", "", "f instance of function<Any> -> Any", True),
    ],
)
def test_the_type_of_a_boxed_function_is_a_function_type_or_that_of_its_result(
    entry: str, of_definition: str, call: str, expected: object
) -> None:
    function_type = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="string"><parameters name="x" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    body = literal("string(x)" if "tF" in entry + of_definition else "x")
    typed = f' typeRef="{of_definition}"' if of_definition else ""
    definition = f'<functionDefinition{typed}><formalParameter name="x"/>{body}</functionDefinition>'

    result = load(function_type, decision("D", context((entry, definition), result=literal(call)))).evaluate("D", {})

    assert result.value == expected
