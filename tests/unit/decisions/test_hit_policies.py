"""Decision tables: every hit policy and aggregation, defaults, priorities, several outputs."""

from __future__ import annotations

import pytest

from tests.builders_dmn import decision, input_data, load, table

GRADES = ('"甲", "乙", "丙"',)


def asked(policy: str, value: object, *, aggregation: str = "", **options: tuple[str, ...]) -> object:
    rules = ('>= 0 | "丙"', '>= 10 | "乙"', '>= 100 | "甲"')
    logic = table(["分"], ["等级"], *rules, policy=policy, aggregation=aggregation, **options)  # type: ignore[arg-type]
    return (
        load(input_data("分", "number"), decision("评级", logic, inputs=["分"])).evaluate("评级", {"分": value}).value
    )


@pytest.mark.parametrize(
    ("policy", "value", "expected"),
    [
        ("UNIQUE", 5, "丙"),
        ("UNIQUE", 50, None),
        ("UNIQUE", -1, None),
        ("ANY", 5, "丙"),
        ("ANY", 50, None),
        ("FIRST", 500, "丙"),
        ("PRIORITY", 500, "甲"),
        ("PRIORITY", 50, "乙"),
        ("RULE ORDER", 500, ["丙", "乙", "甲"]),
        ("OUTPUT ORDER", 500, ["甲", "乙", "丙"]),
        ("COLLECT", 50, ["丙", "乙"]),
        ("COLLECT", -1, []),
        ("RULE ORDER", -1, []),
    ],
)
def test_each_policy_gives_its_value(policy: str, value: int, expected: object) -> None:
    result = asked(policy, value, output_values=GRADES)

    assert result == expected


@pytest.mark.parametrize(
    ("aggregation", "value", "expected"),
    [
        ("SUM", 50, 30),
        ("MIN", 50, 10),
        ("MAX", 50, 20),
        ("COUNT", 50, 2),
        ("COUNT", -1, 0),
        ("SUM", -1, None),
    ],
)
def test_each_aggregation_of_collect(aggregation: str, value: int, expected: object) -> None:
    logic = table(["分"], ["点"], ">= 0 | 10", ">= 10 | 20", ">= 100 | 300", policy="COLLECT", aggregation=aggregation)
    model = load(input_data("分"), decision("点数", logic, inputs=["分"]))

    result = model.evaluate("点数", {"分": value})

    assert result.value == expected


def test_any_takes_rules_that_agree() -> None:
    logic = table(["x"], ["out"], "> 0 | 1 + 1", "> 5 | 2", policy="ANY")
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 9})

    assert result.value == 2
    assert [rule["number"] for rule in result.trace[0]["tables"][0]["rules"]] == [1, 2]


def test_a_default_counts_where_no_rule_matches() -> None:
    result = asked("UNIQUE", -1, defaults=('"无"',))

    assert result == "无"


def test_a_default_of_a_list_policy_is_a_list() -> None:
    result = asked("COLLECT", -1, defaults=('"无"',))

    assert result == ["无"]


def test_several_outputs_make_a_context_and_priority_goes_column_by_column() -> None:
    logic = table(
        ["x"],
        ["level", "note"],
        '- | "low" | "b"',
        '- | "high" | "b"',
        '- | "high" | "a"',
        policy="PRIORITY",
        output_values=('"high", "low"', '"a", "b"'),
    )
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 1})

    assert result.value == {"level": "high", "note": "a"}


def test_more_than_one_unique_rule_is_null_with_the_rows_named() -> None:
    logic = table(["x"], ["out"], "> 0 | 1", "> 5 | 2")
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 9})

    assert result.value is None
    assert any("1 and 2" in warning for warning in result.warnings)


def test_priorities_come_from_the_type_where_the_column_names_none() -> None:
    from tests.builders_dmn import item

    logic = table(["x"], ["out: tGrade"], '- | "乙"', '- | "甲"', policy="PRIORITY")
    model = load(item("tGrade", "string", allowed='"甲", "乙"'), input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 1})

    assert result.value == "甲"


def test_an_input_outside_its_values_counts_as_null() -> None:
    logic = table(["x"], ["out"], '"a" | 1', "null | 2", input_values=('"a", "b"',))
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    results = [model.evaluate("D", {"x": value}).value for value in ("a", "c")]

    assert results == [1, 2]


def test_an_output_outside_its_values_is_null() -> None:
    logic = table(["x"], ["one", "two"], '- | "a" | "c"', output_values=('"a", "b"', '"a", "b"'))
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 1})

    assert result.value == {"one": "a", "two": None}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("123, 456", True),
        ("[1..1000]", True),
        ("not(456)", True),
        ("not(123)", False),
        ("? > 100", True),
        ("?", True),
        ("1 = 1", False),
        ("[345, ? = 123]", False),
        ("1 == 1", False),
    ],
)
def test_input_values_are_tests_of_the_value(values: str, expected: bool) -> None:
    logic = table(["x"], ["out"], "null | false", "123 | true", input_values=(values,))
    model = load(input_data("x"), decision("D", logic, inputs=["x"]))

    result = model.evaluate("D", {"x": 123})

    assert result.value is expected
