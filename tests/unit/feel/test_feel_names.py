"""Names with spaces, operators and keywords, in any script."""

from __future__ import annotations

import pytest

from engine.feel import FeelError, compile_expression, compile_unary_tests


def test_a_name_with_a_space_is_read_without_being_known() -> None:
    expression = compile_expression("申请 金额 > 1000")

    result = expression.evaluate({"申请 金额": 1200})

    assert result is True
    assert expression.names == {"申请 金额"}


def test_white_space_inside_a_name_does_not_count() -> None:
    expression = compile_expression("Phone \n  Number = 3")

    result = expression.evaluate({"Phone Number": 3})

    assert result is True


@pytest.mark.parametrize(
    ("source", "names", "context", "expected"),
    [
        ("a-b", ["a-b"], {"a-b": 7, "a": 1, "b": 2}, 7),
        ("a - b", ["a-b"], {"a-b": 7, "a": 1, "b": 2}, 7),
        ("(a)-(b)", ["a-b"], {"a-b": 7, "a": 1, "b": 2}, -1),
        ("a-b", [], {"a-b": 7, "a": 1, "b": 2}, -1),
        ("profit and loss > 0", ["profit and loss"], {"profit and loss": 5}, True),
        ("if valid + 1", ["if valid"], {"if valid": 2}, 3),
        ("in stock + 1", ["in stock"], {"in stock": 4}, 5),
        ("收入+支出 * 2", ["收入+支出"], {"收入+支出": 3}, 6),
        ("Form 1040 = 1", [], {"Form 1040": 1}, True),
        ("附件 1", [], {"附件 1": "图"}, "图"),
        ("`a-b` + `令 人`", [], {"a-b": 1, "令 人": 2}, 3),
        ("order.unit price * 2", [], {"order": {"unit price": 4}}, 8),
        ("order.`net-price`", [], {"order": {"net-price": 4}}, 4),
        ("order.net-price", ["net-price"], {"order": {"net-price": 4}}, 4),
        ("instance.started by.姓名", [], {"instance": {"started by": {"姓名": "王小明"}}}, "王小明"),
        ("{a-b: 1}.a-b", [], {}, 1),
        ('{"a b": 1, c: a b + 1}.c', [], {}, 2),
        ("date and time", [], {"date": True, "time": True}, True),
        ("(function(运 费: number) 运 费 + 1)(2)", [], {}, 3),
        ("for 订 单 in [1, 2] return 订 单 + 1", [], {}, [2, 3]),
        ("🐎.👨‍👩‍👧", [], {"🐎": {"👨‍👩‍👧": 3}}, 3),
    ],
)
def test_names_end_where_the_scope_says(
    source: str, names: list[str], context: dict[str, object], expected: object
) -> None:
    expression = compile_expression(source, names=names)

    result = expression.evaluate(context)

    assert result == expected


def test_a_keyword_ends_a_name_that_is_not_known() -> None:
    expression = compile_expression("要 求 and 期 限 in (1, 2) or x instance of number")

    names = expression.names

    assert names == {"要 求", "期 限", "x"}


def test_instance_is_a_name_unless_of_follows() -> None:
    expression = compile_expression("instance.id instance of string")

    result = expression.evaluate({"instance": {"id": "i-1"}})

    assert result is True


def test_an_unknown_variable_is_null_and_the_reason_names_it() -> None:
    expression = compile_expression("申请 金额 + 1")

    value, warnings = expression.evaluate_with_warnings({"金额": 3})

    assert value is None
    assert warnings[0] == "There is no variable '申请 金额' in scope"


def test_full_width_punctuation_is_pointed_out() -> None:
    expression = compile_expression("金额＞3")

    _, warnings = expression.evaluate_with_warnings({"金额": 5})

    assert "full-width '＞'" in warnings[0]
    assert "'>'" in warnings[0]


def test_names_in_another_unicode_form_are_the_same() -> None:
    decomposed = "cafe\u0301 = 1"

    result = compile_expression(decomposed).evaluate({"caf\u00e9": 1})

    assert result is True


def test_free_names_leave_out_what_the_expression_binds() -> None:
    expression = compile_expression(
        "{a: b, c: a, f: function(x) x + y + f(1), d: for z in xs return z + partial[-1] + g(w)}"
    )

    names, functions = expression.names, expression.functions

    assert names == {"b", "y", "xs", "w"}
    assert functions == {"g"}


def test_names_read_only_in_filters_are_told_apart() -> None:
    expression = compile_expression("orders[status = wanted and item.n > limit].id + limit")

    names = expression.names

    assert names == {"orders", "status", "wanted", "limit"}
    assert expression.filter_names == {"status", "wanted"}


def test_the_value_under_test_is_no_free_name() -> None:
    tests = compile_unary_tests("? > limit, starts with(?, prefix)")

    names = tests.names

    assert names == {"limit", "prefix"}


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("1 +", 3, "Expected a value"),
        ("(1", 2, "Expected ')'"),
        ("a ==  b", 3, "single ="),
        ("a && b", 2, "write not"),
        ('"abc', 0, 'closing "'),
        ("/* abc", 0, "Expected */"),
        ("if a then b", 11, "'else'"),
        ("for x in y", 10, "'return'"),
        ("f(a: 1, 2)", 8, "named"),
        ("]1, 2[", 2, "`..`"),
        ("[1..2", 5, "close the interval"),
        ("not 金额", 4, "not("),
        ('"\\ud800"', 0, "surrogate"),
        ("5 元", 2, "operator or the end"),
        ("", 0, "Expected a value"),
    ],
)
def test_an_error_tells_what_was_expected_and_where(source: str, position: int, words: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(source)

    error = caught.value

    assert words in error.message
    assert f"(character {position + 1}:" in error.message
    assert (error.source, error.position) == (source, position)


def test_compiling_the_same_text_again_gives_the_same_object() -> None:
    first = compile_expression("金额 > 1", names=["金额", "b c"])

    again = compile_expression("金额 > 1", names=("b c", "金额"))

    assert again is first
