"""Ranges written as text: `range("[1..10)")`."""

from __future__ import annotations

from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.compiler import Compiler
from engine.feel.errors import FeelError
from engine.feel.parser import parse_expression
from engine.feel.runtime import Frame, Run

__all__ = ["evaluate_interval"]

_CONVERSIONS = frozenset(["date", "time", "date and time", "duration"])


def evaluate_interval(text: str) -> object:
    """The range, or null if its ends are not in order and of one kind.

    Raises:
        FeelError: the text is no interval or comparison of literals.
    """
    node = parse_expression(text)
    if isinstance(node, ast.Interval):
        ends = [node.start, node.end]
    elif isinstance(node, ast.UnaryComparison):
        ends = [node.operand]
    else:
        raise FeelError("Expected a range such as [1..10)", source=text, position=0)
    if not all(map(_is_literal, ends)):
        raise FeelError("Expected literals as ends of the range", source=text, position=0)
    return Compiler().code(node)(Frame({}, None, Run(DEFAULT_BUDGET, None, None)))


def _is_literal(node: ast.Node) -> bool:
    if isinstance(node, ast.Negation):
        return _is_literal(node.operand)
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name):
        return node.function.name in _CONVERSIONS and all(map(_is_literal, node.arguments))
    return isinstance(node, ast.AtLiteral) or (isinstance(node, ast.Literal) and node.value is not None)
