"""Decision table cells: which values pass."""

from __future__ import annotations

import pytest

from engine.feel import FeelError, compile_unary_tests


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", 5, True),
        ("", None, True),
        ("> 5", 6, True),
        ("> 5", 5, False),
        ("<= limit", 10, True),
        ("[1..10)", 10, False),
        ("]1..10[", 1, False),
        ("(1..10]", 10, True),
        ("1, 2, 5", 5, True),
        ("1, 2, 5", 4, False),
        ("not(3)", 4, True),
        ("not(3)", 3, False),
        ("not(1, 2)", 2, False),
        ("not(> 5)", None, None),
        ('"市政", "环卫"', "环卫", True),
        ('not("市政")', "环卫", True),
        ("? > 3", 4, True),
        ("? > 3 and ? < limit", 12, False),
        ('starts with(?, "王")', "王小明", True),
        ('not(contains(?, "x"))', "abc", True),
        ("? in [1, 2]", 2, True),
        ("null", None, True),
        ("null", 1, False),
        ("true", True, True),
        ("false", True, False),
        ("true", None, False),
        ("false", None, False),
        ("not(true)", None, True),
        ("true", "text", None),
        ("limit > 5", 1, True),
        ("limit > 50", 1, False),
        ("allowed", "b", True),
        ("allowed", "z", False),
        ("limit + 1", 11, True),
        ("= 3", 3, True),
        ("!= 3", 3, False),
        ("!= 3", 4, True),
        ("> 5", "text", None),
        ("< 3, > 8", 9, True),
        ('@"2026-01-01"', "2026-01-01", None),
        ('date(?) >= @"2026-01-01"', "2026-05-01", True),
        ("[1, 2]", [1, 2], True),
        ("list contains(?, 2)", [1, 2], True),
        ("?.amount > 3", {"amount": 4}, True),
        ("-5", -5, True),
    ],
)
def test_a_value_passes_or_not(tests: str, value: object, expected: bool | None) -> None:
    cell = compile_unary_tests(tests)

    result = cell.matches(value, {"limit": 10, "allowed": ["a", "b"]})

    assert result is expected


@pytest.mark.parametrize("tests", ["1,", "not(1", "> ", "[1..2", "1 2", "- 1 -"])
def test_a_broken_cell_is_refused(tests: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_unary_tests(tests)

    assert caught.value.position is not None


def test_reasons_are_kept() -> None:
    cell = compile_unary_tests("? > 上限")

    result, reasons = cell.matches_with_warnings(3, {})

    assert result is None
    assert "'上限'" in reasons[0]
