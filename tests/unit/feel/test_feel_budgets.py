"""Hostile expressions end within their budget, never with a hang or a RecursionError."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BudgetExceeded
from engine.feel import Budget, FeelError, allowance, compile_expression, compile_unary_tests


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "[" * 10_000,
        "{a:" * 10_000,
        "-" * 10_000 + "1",
        "f(" * 10_000,
        "x in (" * 10_000,
        "if a then b else " * 5_000 + "1",
        "1 instance of " + "list<" * 5_000,
        "a" + ".b" * 30_000,
        "a" + "[1]" * 30_000,
        "1" + "=1" * 30_000,
        "function() " * 5_000 + "1",
        "a " * 60_000,
    ],
    ids=lambda source: source[:12],
)
def test_deep_text_is_refused(source: str) -> None:
    with pytest.raises(FeelError):
        compile_expression(source)

    with pytest.raises(FeelError):
        compile_unary_tests(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [("1" + " + 1" * 20_000, 20_001), ("true" + " and true" * 10_000, True), ("1" + " * 1" * 20_000, 1)],
    ids=["sum", "and", "product"],
)
def test_long_chains_are_no_deep_ones(source: str, expected: object) -> None:
    expression = compile_expression(source)

    result = expression.evaluate({})

    assert result == expected


@pytest.mark.parametrize("source", ["9 ** (9 ** 9)", "10 ** 6145", "exp(10 ** 9)", "9 ** 9 ** 9 ** 9 ** 9 ** 9 ** 9"])
def test_giant_powers_are_null_at_once(source: str) -> None:
    start = time.process_time()

    result = compile_expression(source).evaluate({})

    assert result is None
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "source",
    [
        "count(for i in 1..10000000 return i)",
        "for i in 1..10**30 return i",
        "some i in 1..10000000 satisfies i < 0",
        "every i in 1..10000, j in 1..10000 satisfies i > 0",
        "{f: function(n) f(n + 1), r: f(0)}.r",
        '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("xxxxxxxxxx", 60)}.r',
        'string join(for i in 1..900000 return "abcdefghij", "")',
        f'replace("{"a" * 10_000}", "a", "{"b" * 10_000}")',
        "for i in 1..60 return [partial[-1], partial[-1]]",
        "string((for i in 1..60 return [partial[-1], partial[-1]])[-1])",
        "flatten((for i in 1..60 return [partial[-1], partial[-1]])[-1])",
        "{a: for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]],"
        " b: for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]], r: a = b}.r",
        "string((for i in 1..100000 return [partial[-1]])[-1])",
        "(for i in 1..90000 return [partial[-1]])[-1] = (for i in 1..90000 return [partial[-1]])[-1]",
        "for i in 1..100000 return partial",
        "for i in 1..1000 return concatenate(partial, partial)",
        '{s: string join(for i in 1..100000 return "0123456789", ""), r: for i in 1..100000 return s}.r',
        '{k: string join(for i in 1..100000 return "0123456789", ""), r: for i in 1..999 return context put({}, k, i)}',
        '{s: string join(for i in 1..100000 return "0123456789", ""), r: string(for i in 1..100000 return s)}.r',
        "for i in 1..5000 return context put(if i = 1 then {} else partial[-1], string(i), i)",
        "{f: function(g, n) if n = 0 then 1 else f(g, n - 1) + f(g, n - 1), r: f(1, 60)}.r",
        "some a in 1..1000, b in 1..1000, c in 1..1000 satisfies a + b + c < 0",
        'for i in 1..1000000 return range("[1..10]")',
        "distinct values(for i in 1..20000 return [i])",
        "sort(for i in 1..200000 return modulo(i * 7919, 200003), function(x, y) x < y)",
    ],
)
def test_growth_is_stopped(source: str) -> None:
    start = time.process_time()

    with pytest.raises(BudgetExceeded, match="Expected"):
        compile_expression(source).evaluate({})

    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    "source",
    [
        f'matches("{"a" * 60}b", "^(a|aa)+$")',
        f'split("{"a" * 60}b", "(a|aa)+$")',
        f'extract("{"a" * 60}b", "(a|aa)+$")',
        f'replace("{"a" * 60}b", "(a|aa)+$", "x")',
    ],
    ids=["matches", "split", "extract", "replace"],
)
def test_exploding_patterns_are_stopped_by_time(source: str) -> None:
    start = time.monotonic()

    with pytest.raises(BudgetExceeded):
        compile_expression(source).evaluate({}, budget=Budget(seconds=0.3))

    assert time.monotonic() - start < 5


def test_a_text_too_long_to_search_is_refused() -> None:
    expression = compile_expression('matches(text, "b$")')

    with pytest.raises(BudgetExceeded, match="search a part"):
        expression.evaluate({"text": "a" * 1_000_001})


def test_nested_repetitions_are_refused_before_they_are_written_out() -> None:
    expression = compile_expression('matches("aaaa", "((((a{1000}){1000}){1000}){1000})")')

    result = expression.evaluate({})

    assert result is None


@pytest.mark.parametrize(
    ("source", "budget", "words"),
    [
        ("count(for i in 1..100 return i)", Budget(steps=50), "50 steps"),
        ('"aaaaaaaaaa" + "bbbbbbbbbb"', Budget(size=15), "15 characters"),
        ("{f: function(n) if n = 0 then 0 else f(n - 1), r: f(20)}.r", Budget(depth=10), "10 function calls"),
        ("count(for i in 1..100000 return i)", Budget(seconds=0), "0 seconds"),
    ],
    ids=["steps", "size", "depth", "seconds"],
)
def test_each_limit_names_itself(source: str, budget: Budget, words: str) -> None:
    expression = compile_expression(source)

    with pytest.raises(BudgetExceeded, match=words):
        expression.evaluate({}, budget=budget)


def test_an_index_into_a_long_list_costs_one_step() -> None:
    expression = compile_expression("for i in 1..20000 return if i < 3 then 1 else partial[-1] + partial[-2] * 0")

    result = expression.evaluate({})

    assert isinstance(result, list)
    assert result[-1] == 1


def test_shared_parts_of_data_are_converted_once() -> None:
    data: list[object] = [1.5]
    for _ in range(60):
        data = [data, data]

    result = compile_expression("count(x)").evaluate({"x": data})

    assert result == 2


PATTERNS = st.lists(st.sampled_from(list("ab()[]{}|?*+^$.\\-,123dpLwiZ&~# ")), max_size=14).map("".join)


@settings(deadline=None)
@given(PATTERNS, PATTERNS, st.sampled_from(["", "i", "sm", "x", "q"]))
def test_any_pattern_is_searched_or_gives_null(pattern: str, replacement: str, flags: str) -> None:
    expression = compile_expression("[matches(t, p, f), replace(t, p, r, f), split(t, p), extract(t, p)]")

    found, replaced, pieces, parts = expression.evaluate(  # type: ignore[misc]
        {"t": "aab 12\nab", "p": pattern, "r": replacement, "f": flags}
    )

    assert found in (True, False, None)
    assert replaced is None or isinstance(replaced, str)
    assert pieces is None or len(pieces) >= 1
    assert parts is None or all(isinstance(part, str) for part in parts)


def test_many_expressions_of_one_piece_of_work_share_an_allowance() -> None:
    slow = compile_expression("count(for i in 1..900000 return i)")

    with (
        allowance(0.3),
        allowance(60),
        pytest.raises(BudgetExceeded, match="seconds together"),
    ):
        for _ in range(100):
            slow.evaluate({})

    assert slow.evaluate({}) == 900_000


def test_waiting_between_expressions_costs_nothing_of_the_allowance() -> None:
    expression = compile_expression("count(for i in 1..3000 return i)")

    with allowance(0.5):
        for _ in range(3):
            time.sleep(0.3)
            assert expression.evaluate({}) == 3000
