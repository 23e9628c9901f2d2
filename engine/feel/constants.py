"""Ranges written as text: `range("[1..10)")` (DMN 1.5, Table 72)."""

from __future__ import annotations

from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.comparison import less_or_equal
from engine.feel.compiler import Compiler
from engine.feel.errors import FeelError
from engine.feel.lexer import tokenize
from engine.feel.parser import parse_expression
from engine.feel.runtime import Frame, Run
from engine.feel.values import Range

__all__ = ["evaluate_interval"]

_CONVERSIONS = frozenset(["date", "time", "date and time", "duration"])
_OPEN_STARTS = ("(", "]")
_OPEN_ENDS = (")", "[")


def evaluate_interval(text: str) -> object:
    """The range, or null if its ends are not in order and of one kind.

    Args:
        text: an interval; where a bracket is open, its end may be missing: `[1..)`.

    Raises:
        FeelError: the text is no interval of literals.
    """
    tokens = tokenize(text)[:-1]
    if len(tokens) < 4:
        raise FeelError("Expected a range such as [1..10)", source=text, position=0)
    first, last = tokens[0], tokens[-1]
    inner = tokens[1:-1]
    if inner[0].text == ".." and inner[0].kind == "op" and first.text in _OPEN_STARTS:
        end = _literal(text[inner[1].pos : last.pos])
        return None if end is None else _half(None, end, end_included=last.text == "]")
    if inner[-1].text == ".." and inner[-1].kind == "op" and last.text in _OPEN_ENDS:
        start = _literal(text[inner[0].pos : inner[-1].pos])
        return None if start is None else _half(start, None, start_included=first.text == "[")
    node = parse_expression(text)
    if not isinstance(node, ast.Interval):
        raise FeelError("Expected a range such as [1..10)", source=text, position=0)
    if not all(map(_is_literal, [node.start, node.end])):
        raise FeelError("Expected literals as ends of the range", source=text, position=0)
    return _value(node)


def _half(start: object, end: object, *, start_included: bool = False, end_included: bool = False) -> Range | None:
    known = end if start is None else start
    if less_or_equal(known, known) is None:
        return None
    return Range(start=start, end=end, start_included=start_included, end_included=end_included)


def _literal(text: str) -> object:
    node = parse_expression(text)
    if not _is_literal(node):
        raise FeelError("Expected a literal as the end of the range", source=text, position=0)
    return _value(node)


def _value(node: ast.Node) -> object:
    return Compiler().code(node)(Frame({}, None, Run(DEFAULT_BUDGET, None, None)))


def _is_literal(node: ast.Node) -> bool:
    if isinstance(node, ast.Negation):
        return _is_literal(node.operand)
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name):
        return node.function.name in _CONVERSIONS and all(map(_is_literal, node.arguments))
    return isinstance(node, ast.AtLiteral) or (isinstance(node, ast.Literal) and node.value is not None)
