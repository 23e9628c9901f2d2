"""The cells that most tables are made of, without detours: a text, a number, a comparison, an interval.

They decide for values of the constant's own type in one step, and leave every other value to FEEL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from engine.feel import ast
from engine.feel.runtime import Frame
from engine.feel.unary import Test

__all__ = ["quicken"]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def quicken(tests: ast.UnaryTests, general: Test) -> Test:
    """The cell's test, quicker where it is simple enough.

    Args:
        general: FEEL's test of the same cell.
    """
    if tests.negated or len(tests.tests) != 1:
        return _one_of(tests, general)
    node = tests.tests[0]
    if isinstance(node, ast.UnaryComparison) and node.op in _COMPARE:
        bound = _number(node.operand)
        return general if bound is None else _compared(_COMPARE[node.op], bound, general)
    if isinstance(node, ast.Interval):
        low, high = _number(node.start), _number(node.end)
        if low is None or high is None or low > high:
            return general
        return _between(node, low, high, general)
    return _one_of(tests, general)


def _number(node: ast.Node) -> int | Decimal | None:
    """A number written as such, perhaps with a minus."""
    if isinstance(node, ast.Negation):
        inner = _number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Literal) and type(node.value) in (int, Decimal):
        return node.value  # type: ignore[return-value]
    return None


def _compared(compare: Callable[[Any, Any], bool], bound: int | Decimal, general: Test) -> Test:
    def check(frame: Frame, value: object) -> bool | None:
        kind = type(value)
        return compare(value, bound) if kind is int or kind is Decimal else general(frame, value)

    return check


def _between(node: ast.Interval, low: Any, high: Any, general: Test) -> Test:
    after = operator.le if node.start_included else operator.lt
    before = operator.le if node.end_included else operator.lt

    def check(frame: Frame, value: Any) -> bool | None:
        kind = type(value)
        if kind is int or kind is Decimal:
            return bool(after(low, value) and before(value, high))
        return general(frame, value)

    return check


def _one_of(tests: ast.UnaryTests, general: Test) -> Test:
    """Texts only, or numbers only: whether the value is among them."""
    values = [node.value for node in tests.tests if isinstance(node, ast.Literal)]
    if len(values) != len(tests.tests):
        return general
    kinds = {type(value) for value in values}
    inside = not tests.negated
    if kinds == {str} or kinds == {int}:
        kind, listed = kinds.pop(), frozenset(values)
        return lambda frame, value: (value in listed) is inside if type(value) is kind else general(frame, value)
    return general
