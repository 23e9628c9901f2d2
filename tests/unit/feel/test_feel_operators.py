"""What operators, conditionals, loops, filters and paths give. Tables name the standard's rules."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import compile_expression, format_value

CONTEXT = {
    "n": 5,
    "rate": 0.1,
    "name": "王小明",
    "nothing": None,
    "yes": True,
    "items": [{"id": 1, "price": 10}, {"id": 2, "price": 20.5}, {"id": 3}],
    "order": {"lines": [{"sku": "a", "tags": ["x", "y"]}, {"sku": "b", "tags": []}]},
}


def evaluate(source: str) -> str | None:
    return format_value(compile_expression(source).evaluate(CONTEXT))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (".25 + .2", "0.45"),
        (".10 * 30.00", "3.0000"),
        ("1 + 3/2*2 - 2**3", "-4.0"),
        ("1/3", "0.3333333333333333333333333333333333"),
        ("1.0*10**3", "1000.0"),
        ("0.1 + 0.2", "0.3"),
        ("rate + 0.2", "0.3"),
        ("10 / 4", "2.5"),
        ("9 / 3", "3"),
        ("1 / 0", None),
        ("3 ** 4 ** 5", "3486784401"),
        ("-3 ** 2", "9"),
        ("2 ** -2", "0.25"),
        ("0 ** 0", "1"),
        ("-10--5", "-5"),
        ("10 - 2 - 3", "5"),
        ("-n", "-5"),
        ("-0.0", "0.0"),
        ("9999999999999999999999999999999999 + 1", "10000000000000000000000000000000000"),
        ("99999999999999999999999999999999999", "100000000000000000000000000000000000"),
        ("1234567890123456789012345678901234 * 10 + 1", "12345678901234567890123456789012340"),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ("1 + nothing", None),
        ("-name", None),
    ],
)
def test_arithmetic(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40), st.sampled_from("+-*/"))
def test_integers_reckon_as_decimals_do(left: int, right: int, op: str) -> None:
    expression = compile_expression(f"a {op} b")

    result = expression.evaluate({"a": left, "b": right})

    assert result == in_decimal128(left, op, right)


@given(st.integers(-30, 30), st.integers(0, 60))
def test_integer_powers_are_decimal_powers(base: int, exponent: int) -> None:
    expression = compile_expression("a ** b")

    result = expression.evaluate({"a": base, "b": exponent})

    assert result == (DECIMAL128.power(base, exponent) if base or exponent else 1)


DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)


def in_decimal128(left: int, op: str, right: int) -> Decimal | None:
    """What the standard says: both numbers have 34 digits, and so has the result."""
    first, second = DECIMAL128.create_decimal(left), DECIMAL128.create_decimal(right)
    if op == "/":
        return DECIMAL128.divide(first, second) if second else None
    return {"+": DECIMAL128.add, "-": DECIMAL128.subtract, "*": DECIMAL128.multiply}[op](first, second)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 = 1.000", "true"),
        ('1 = "1"', None),
        ("nothing = null", "true"),
        ("1 = null", "false"),
        ("1 != null", "true"),
        ("[1, 2] = [1, 2.0]", "true"),
        ("[1] = [1, 2]", "false"),
        ('[1, 2] = [1, "2"]', None),
        ("{a: 1, b: [2]} = {b: [2], a: 1}", "true"),
        ("{a: 1} = {b: 1}", "false"),
        ("[1..3] = [1..3]", "true"),
        ("[1..3] = [1..3)", "false"),
        ("is = is", "true"),
        ("1 < 2", "true"),
        ('"a" < "b"', "true"),
        ('"B" < "a"', "true"),
        ("2 >= 2", "true"),
        ("2 <= 1.9", "false"),
        ('1 < "2"', None),
        ("null < 1", None),
        ("true < false", None),
        ("5 between 1 and 5", "true"),
        ("0 between 1 and 5", "false"),
        ("null between 1 and 5", None),
        ("n in (1, 5)", "true"),
        ("n in [1..5)", "false"),
        ("n in ]4..6[", "true"),
        ("n in (> 4)", "true"),
        ("n in > 4", "true"),
        ("n in (<5, >5)", "false"),
        ("n in [[1..2], [4..6]]", "true"),
        ("n in [1, 5]", "true"),
        ("n in (n)", "true"),
        ('"x" in (1, "x")', "true"),
        ('"x" in (1)', None),
        ("null in (1, null)", "true"),
        ("n in (1 + 4) and true", "true"),
        ("[1, 2] in ([1, 2])", "true"),
    ],
)
def test_comparison(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize("left", ["true", "false", "null", '"text"'])
@pytest.mark.parametrize("right", ["true", "false", "null", "1"])
def test_and_and_or_know_three_values(left: str, right: str) -> None:
    both = {left, right}

    conjunction, disjunction = evaluate(f"{left} and {right}"), evaluate(f"{left} or {right}")

    assert conjunction == ("false" if "false" in both else "true" if both == {"true"} else None)
    assert disjunction == ("true" if "true" in both else "false" if both == {"false"} else None)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if n > 3 then 1 else 2", "1"),
        ("if null then 1 else 2", "2"),
        ('if "true" then 1 else 2', "2"),
        ("if false then 1 else if true then 2 else 3", "2"),
        ("some x in [1, 2] satisfies x > 1", "true"),
        ("some x in [] satisfies x > 1", "false"),
        ("some x in [1, null] satisfies x > 1", None),
        ("every x in [1, 2] satisfies x > 0", "true"),
        ("every x in [] satisfies x > 0", "true"),
        ("every x in [1, null] satisfies x > 1", "false"),
        ("some x in 1..3, y in [x] satisfies x + y = 6", "true"),
        ("for x in [1, 2], y in [3, 4] return x * y", "[3, 4, 6, 8]"),
        ("for x in 1..3, y in 1..x return y", "[1, 1, 2, 1, 2, 3]"),
        ("for x in 3..1 return x", "[3, 2, 1]"),
        ("for x in [1..3] return x", "[1, 2, 3]"),
        ("for x in (1..4) return x", "[2, 3]"),
        ('for d in @"2026-02-27"..@"2026-03-01" return d.day', "[27, 28, 1]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
        ("for i in 1..3 return count(partial)", "[0, 1, 2]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for x in null return x", None),
        ("for x in 1.5..3 return x", None),
        ("{a: 1, b: a + 1}.b", "2"),
        ("{f: function(n) if n = 0 then 1 else n * f(n - 1), r: f(5)}.r", "120"),
        ("(function(a, b) a - b)(5, 3)", "2"),
        ("(function(a, b) a - b)(b: 5, a: 3)", "-2"),
        ("(function(a, b) b)(a: 1)", None),
        ("(function(a) a)(1, 2)", None),
        ('(function(a: number) a)("x")', None),
        ("(function(a: number) a)([1])", "1"),
        ("(function(f) f(2))(function(x) x + 1)", "3"),
        ("function(a, b) a", "function(a, b)"),
        ('(function(x) external {java: {class: "a", method signature: "b"}})(1)', None),
    ],
)
def test_conditionals_loops_and_functions(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("items[1].id", "1"),
        ("items[-1].id", "3"),
        ("items[4]", None),
        ("items[0]", None),
        ("items[price > 15].id", "[2]"),
        ("items[item.price > 5].price", "[10, 20.5]"),
        ("items.id", "[1, 2, 3]"),
        ("items.price", "[10, 20.5, null]"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("[1, 2, 3][n - 3]", "2"),
        ("[{x: 1, y: 2}, {x: null, y: 3}][x < 2]", "[{x: 1, y: 2}]"),
        ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"),
        ("3[item > 2]", "[3]"),
        ("3[1]", "3"),
        ("3[2]", None),
        ("null[1]", None),
        ("[][1]", None),
        ("[][item > 1]", "[]"),
        ("order.lines.tags", '[["x", "y"], []]'),
        ('order.lines[sku = "a"][1].tags[2]', "y"),
        ("name.first", None),
        ("nothing.x", None),
        ("[1..10].start", "1"),
        ("(1..10].start included", "false"),
        ("(>= 3).end", None),
        ("(>= 3).start included", "true"),
        ("[10..1]", None),
        ('[1.."a"]', None),
        ("]1..n[.end", "5"),
        ("[[1, 2], [3]][1][2]", "2"),
    ],
)
def test_paths_and_filters(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 instance of number", "true"),
        ("null instance of number", "false"),
        ("null instance of Null", "true"),
        ("null instance of Any", "false"),
        ("1 instance of Any", "true"),
        ("[123] instance of list<number>", "true"),
        ('[1, "a"] instance of list<number>', "false"),
        ("[1, null] instance of list<number>", "true"),
        ("123 instance of list", None),
        ("123 instance of unknown type", None),
        ('{age: 1, name: "x"} instance of context<age: number>', "true"),
        ("{age: 1} instance of context<age: number, name: string>", "false"),
        ("[1..10] instance of range<number>", "true"),
        ("[1..10] instance of range<string>", "false"),
        ("(function(a) a) instance of function<number> -> number", "true"),
        ('@"2026-01-01" instance of date', "true"),
        ('@"2026-01-01T00:00:00" instance of date and time', "true"),
        ('@"P1D" instance of days and time duration', "true"),
        ('@"P1M" instance of years and months duration', "true"),
    ],
)
def test_instance_of(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r'"a\nb\t\"c\"\\"', 'a\nb\t"c"\\'),
        (r'"\u4e2d\U01F40E"', "中🐎"),
        (r'"\uD83D\uDC0E"', "🐎"),
        (r'"\d+"', r"\d+"),
        ("1 // one\n + /* two */ 2", "3"),
        ('"// no comment"', "// no comment"),
        ('{"a b": 1, 中: 2}', '{"a b": 1, 中: 2}'),
        ("[1, [2], {a: null}]", "[1, [2], {a: null}]"),
        ('@"not a date"', None),
    ],
)
def test_literals(source: str, expected: str | None) -> None:
    result = evaluate(source)

    assert result == expected


def test_reasons_for_null_are_kept_in_order() -> None:
    expression = compile_expression('amount > "1000" and 期限 < 3')

    value, reasons = expression.evaluate_with_warnings({"amount": 3})

    assert value is None
    assert reasons[0] == "Expected two values of one ordered kind, but found number > string"
    assert reasons[1] == "There is no variable '期限' in scope"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "a divisor that is not 0 for /"),
        ("10 ** 7000", "numbers whose result is a number in range for **"),
        ("1 * true", "number * boolean"),
    ],
)
def test_arithmetic_says_why_it_is_null(source: str, reason: str) -> None:
    value, reasons = compile_expression(source).evaluate_with_warnings({})

    assert value is None
    assert reason in reasons[0]
