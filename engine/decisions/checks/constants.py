"""Which constants a cell compares its column with; cells that do anything else cannot be analysed."""

from __future__ import annotations

from engine.errors import CiviflowError
from engine.feel import ast
from engine.feel.budget import Budget
from engine.feel.compiler import Compiler
from engine.feel.runtime import Frame, Run
from engine.feel.unary import SUBJECT
from engine.feel.values import FeelFunction, Range

__all__ = ["constants", "is_cheap", "value_of"]

_BUDGET = Budget(steps=10_000, seconds=0.5)
_CONSTRUCTORS = frozenset({"date", "time", "date and time", "duration", "number", "years and months duration"})


def constants(node: ast.Node) -> list[object] | None:
    """The constants of one test; None if the test is more than a comparison with constants."""
    if isinstance(node, ast.UnaryTests):
        return _all(node.tests)
    if isinstance(node, ast.UnaryComparison):
        return _closed(node.operand)
    if isinstance(node, ast.Logical):
        return _all(node.operands)
    if isinstance(node, ast.Comparison) and _is_subject(node.left):
        return _closed(node.right)
    if isinstance(node, ast.Comparison) and _is_subject(node.right):
        return _closed(node.left)
    if isinstance(node, ast.Between) and _is_subject(node.value):
        return _all((node.low, node.high))
    if isinstance(node, ast.Membership) and _is_subject(node.value):
        return _all(node.tests)
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.name == "not":
        return _all(node.arguments)
    return _closed(node)


def _all(nodes: tuple[ast.Node, ...]) -> list[object] | None:
    found: list[object] = []
    for node in nodes:
        one = constants(node)
        if one is None:
            return None
        found += one
    return found


def _is_subject(node: ast.Node) -> bool:
    return isinstance(node, ast.Name) and node.name == SUBJECT


def _closed(node: ast.Node) -> list[object] | None:
    """The value of an expression that reads no names, taken apart."""
    if not is_cheap(node):
        return None
    try:
        value = value_of(node)
    except CiviflowError:
        return None
    return _parts(value)


def is_cheap(node: ast.Node) -> bool:
    """Whether it is made of literals only, so that thousands of cells can be evaluated at no cost."""
    if isinstance(node, ast.Literal | ast.AtLiteral):
        return True
    if isinstance(node, ast.Negation | ast.UnaryComparison):
        return is_cheap(node.operand)
    if isinstance(node, ast.Interval):
        return is_cheap(node.start) and is_cheap(node.end)
    if isinstance(node, ast.ListLiteral):
        return all(map(is_cheap, node.items))
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name):
        return node.function.name in _CONSTRUCTORS and all(map(is_cheap, node.arguments))
    return False


def value_of(node: ast.Node) -> object:
    """The value of an expression that reads no names."""
    run = Run(_BUDGET, None, None)
    return Compiler().code(node)(Frame({}, None, run))


def _parts(value: object) -> list[object] | None:
    if isinstance(value, Range):
        return [end for end in (value.start, value.end) if end is not None]
    if isinstance(value, list):
        found: list[object] = []
        for item in value:
            parts = _parts(item)
            if parts is None:
                return None
            found += parts
        return found
    return None if isinstance(value, dict | FeelFunction) else [value]
