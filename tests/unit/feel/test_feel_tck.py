"""The literal expressions of the DMN technology compatibility kit, level 2, give the expected results."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from engine.feel import compile_expression, to_feel
from tests.shared_data import shared

MODELS = [
    "0001-input-data-string",
    "0002-input-data-number",
    "0003-input-data-string-allowed-values",
    "0008-LX-arithmetic",
    "0100-feel-constants",
    "0101-feel-constants",
    "0102-feel-constants",
    "0105-feel-math",
    "0106-feel-ternary-logic",
    "0107-feel-ternary-logic-not",
]
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@pytest.mark.parametrize("model", MODELS)
def test_literal_expressions_of_the_kit(model: str) -> None:
    folder = shared(f"corpora/dmn-tck-level-2/TestCases/compliance-level-2/{model}")
    decisions = read_decisions(folder / f"{model}.dmn")
    expected = read_cases(folder / f"{model}-test-01.xml")

    results = [compile_expression(decisions[name], names=inputs).evaluate(inputs) for inputs, name, _ in expected]

    assert expected
    assert [rounded(result) for result in results] == [rounded(value) for _, _, value in expected]


def read_decisions(path: Path) -> dict[str, str]:
    root = etree.parse(str(path)).getroot()
    texts = {
        decision.get("name"): decision.findtext("{*}literalExpression/{*}text") for decision in root.iter("{*}decision")
    }
    return {str(name): text for name, text in texts.items() if text is not None}


def read_cases(path: Path) -> list[tuple[dict[str, object], str, object]]:
    root = etree.parse(str(path)).getroot()
    return [
        (
            {str(node.get("name")): read_value(node) for node in case.iterfind("{*}inputNode")},
            str(result.get("name")),
            read_value(result.find("{*}expected")),
        )
        for case in root.iter("{*}testCase")
        for result in case.iterfind("{*}resultNode")
    ]


def read_value(node: etree._Element | None) -> object:
    assert node is not None
    components = node.findall("{*}component")
    if components:
        return {str(part.get("name")): read_value(part) for part in components}
    value = node.find("{*}value")
    assert value is not None
    if value.get(NIL) == "true":
        return None
    kind, text = value.get(TYPE, "").rpartition(":")[2], value.text or ""
    if kind in ("decimal", "double", "integer"):
        return to_feel(Decimal(text))
    return text == "true" if kind == "boolean" else text


def rounded(value: object) -> object:
    """The kit's numbers come from engines with other precisions."""
    return round(value, 8) if isinstance(value, Decimal) else value
