"""Models of Camunda 7 mean here what they mean there, or are refused by name."""

from __future__ import annotations

import pytest

from engine.decisions import DecisionModel, load_decisions
from engine.errors import InvalidModel
from tests.builders_dmn import CAMUNDA, DMN_11, decision, dmn, input_data, literal, table
from tests.shared_data import shared


def camunda(*parts: str, strict: bool = False, more: str = "") -> DecisionModel:
    head = f'xmlns:camunda="{CAMUNDA}" {more}'
    return load_decisions(dmn(*parts, namespace=CAMUNDA, spec=DMN_11, attributes=head), strict=strict)


@pytest.mark.parametrize(
    ("season", "guests", "children", "expected"),
    [
        ("Winter", 8, True, ["Bordeaux", "Apple Juice", "Water"]),
        ("Summer", 3, False, ["Water"]),
    ],
)
def test_results_are_handed_on_under_the_names_of_their_columns(
    season: str, guests: int, children: bool, expected: list[str]
) -> None:
    (path,) = shared("corpora/camunda-bpm-examples").rglob("dinnerDecisions.dmn")
    model = load_decisions(path)

    result = model.evaluate("beverages", {"season": season, "guestCount": guests, "guestsWithChildren": children})

    assert set(expected) <= set(result.value)
    assert [step["id"] for step in result.trace] == ["dish", "beverages"]


def test_columns_read_variables_that_nobody_draws() -> None:
    model = camunda(decision("d", table(["status"], ["result"], '"gold" | "A"')), strict=True)

    result = model.evaluate("d", {"status": "gold"})

    assert result.value == "A"


def test_input_data_that_is_drawn_need_not_be_connected_there() -> None:
    model = camunda(input_data("status"), decision("d", table(["status"], ["r"], '"a" | status + "!"')), strict=True)

    result = model.evaluate("d", {"status": "a"})

    assert result.value == "a!"


def test_a_file_in_juel_throughout_is_read_so() -> None:
    logic = table(["a + 1"], ["r"], "cellInput == 3 | 'three'", "- | 'other'", policy="FIRST")
    model = camunda(decision("d", logic), more='expressionLanguage="juel"', strict=True)

    results = [model.evaluate("d", {"a": value}).value for value in (2, 3)]

    assert results == ["three", "other"]


def test_juel_is_translated_in_every_place() -> None:
    logic = table(["${input}"], ["out"], "${input > 5 && cellInput < 9} | ${input * 2}", "3 | '三'").replace(
        "<inputExpression>", '<inputExpression expressionLanguage="juel">'
    )
    model = camunda(decision("d", logic))

    results = [model.evaluate("d", {"input": value}).value for value in (7, 3, 10)]

    assert results == [14, "三", None]


def test_a_column_has_a_name_inside_cells() -> None:
    logic = table(["amount"], ["out"], "x + 1 = 3 | 1", "> 5 | 2").replace(
        '<input id="in1"', '<input id="in1" camunda:inputVariable="x"'
    )
    model = camunda(decision("d", logic))

    results = [model.evaluate("d", {"amount": value}).value for value in (2, 7)]

    assert results == [1, 2]


@pytest.mark.parametrize("language", ["javascript", "groovy", "python"])
def test_scripts_are_refused_by_name_with_the_way_out(language: str) -> None:
    logic = literal("a + b").replace("<literalExpression", f'<literalExpression expressionLanguage="{language}"')

    with pytest.raises(InvalidModel) as refused:
        camunda(decision("d", logic), strict=True)

    (finding,) = refused.value.findings
    assert finding.code == "expression-language-not-supported"
    assert language.lower() in finding.message.lower()
    assert "FEEL" in finding.mend and "FEEL" in finding.mend_zh


def test_a_bean_in_juel_is_refused_and_null_in_a_draft() -> None:
    model = camunda(decision("d", literal("${bean.load(1).name}")))

    result = model.evaluate("d", {})

    assert result.value is None and result.refusals
    assert [error.code for error in model.errors] == ["expression-not-translatable"]


@pytest.mark.parametrize(
    ("type_ref", "value", "expected"),
    [
        ("integer", 5, 5),
        ("double", 1.5, 1.5),
        ("long", "5", None),
        ("date", "2026-01-02T03:04:05", "2026-01-02T03:04:05"),
        ("custom", [1], [1]),
    ],
)
def test_types_have_camundas_names(type_ref: str, value: object, expected: object) -> None:
    logic = table(["v"], ["out"], "- | v", input_types=(type_ref,))
    typed = logic.replace('name="out"', f'name="out" typeRef="{type_ref}"')
    model = camunda(input_data("v", type_ref), decision("d", typed, inputs=["v"]))

    result = model.evaluate("d", {"v": value})

    assert result.value == expected


def test_input_values_only_advise_there() -> None:
    logic = table(["v"], ["out"], '"c" | 1', input_values=('"a", "b"',))
    model = camunda(decision("d", logic))

    result = model.evaluate("d", {"v": "c"})

    assert result.value == 1


def test_results_are_handed_on_under_the_decisions_id_as_camunda_8_does() -> None:
    model = camunda(
        decision("Base fee", literal("10")).replace('id="_Base_fee"', 'id="baseFee"'),
        decision("d", literal("baseFee + 1"), requires=["#baseFee"]),
    )

    result = model.evaluate("d", {})

    assert result.value == 11
