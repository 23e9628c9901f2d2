"""Syntax tree to text that parses back to the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import ast
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.lexer import is_word
from engine.feel.names import STOP_WORDS
from engine.feel.numbers import format_number

__all__ = ["print_expression"]

_RESERVED = STOP_WORDS | {
    "if",
    "for",
    "some",
    "every",
    "true",
    "false",
    "null",
    "not",
    "function",
    "instance",
    "external",
}
_CONTROL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]')


def print_expression(node: ast.Node) -> str:
    """FEEL text for a tree; `parse_expression` (or `parse_unary_tests`) gives an equal tree back.

    Every operand that is not a literal, name, path, list, context or call stands in brackets.
    """
    if isinstance(node, ast.UnaryTests):
        tests = ", ".join(map(print_expression, node.tests))
        return f"not({tests})" if node.negated else tests or "-"
    return _PRINTERS[type(node)](node)


def _operand(node: ast.Node) -> str:
    """As part of a larger expression: in brackets unless it stands by itself anyway."""
    text = print_expression(node)
    return text if isinstance(node, _ATOMS) else f"({text})"


def _literal(node: ast.Literal) -> str:
    value = node.value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return format_number(value) if isinstance(value, int | Decimal) else _string(value)


def _string(text: str) -> str:
    return '"' + _CONTROL.sub(_escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '\\"' else f"\\u{ord(character):04x}"


def _name(name: str) -> str:
    plain = name not in _RESERVED and is_word(name)
    return name if plain or name in BUILTIN_NAMES - {"date and time", "years and months duration"} else f"`{name}`"


def _function_name(node: ast.Node) -> str:
    if isinstance(node, ast.Name) and node.name in BUILTIN_NAMES:
        return node.name
    return _operand(node)


def _key(name: str) -> str:
    return name if is_word(name) else _string(name)


def _parameter_name(name: str) -> str:
    return name if all(map(is_word, name.split(" "))) else f"`{name}`"


def _iterators(iterators: tuple[ast.Iterator, ...]) -> str:
    return ", ".join(
        f"{_name(one.name)} in {print_expression(one.source)}"
        + (f" .. {print_expression(one.end)}" if one.end is not None else "")
        for one in iterators
    )


def _parameter(parameter: ast.Parameter) -> str:
    if parameter.type is None:
        return _name(parameter.name)
    return f"{_parameter_name(parameter.name)}: {_type(parameter.type)}"


def _type(type_: ast.Type) -> str:
    if isinstance(type_, ast.NamedType | ast.HostType):
        return type_.name
    if isinstance(type_, ast.ListType | ast.RangeType):
        kind = "list" if isinstance(type_, ast.ListType) else "range"
        return f"{kind}<{_type(type_.element)}>"
    if isinstance(type_, ast.ContextType):
        return "context<" + ", ".join(f"{_key(key)}: {_type(entry)}" for key, entry in type_.entries) + ">"
    return f"function<{', '.join(map(_type, type_.parameters))}> -> {_type(type_.result)}"


def _interval(node: ast.Interval) -> str:
    left, right = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{left}{_end(node.start)}..{_end(node.end)}{right}"


def _end(node: ast.Node) -> str:
    """As an end of an interval, where the `[` of a filter could be taken for the closing one."""
    plain = isinstance(node, ast.Literal | ast.AtLiteral | ast.Name)
    return print_expression(node) if plain else f"({print_expression(node)})"


def _membership(node: ast.Membership) -> str:
    tests = ", ".join(map(print_expression, node.tests))
    return f"{_operand(node.value)} in ({tests})"


def _function(node: ast.Function) -> str:
    parameters = ", ".join(map(_parameter, node.parameters))
    return f"function({parameters}) {'external ' if node.external else ''}{print_expression(node.body)}"


def _infix(node: ast.Arithmetic | ast.Comparison) -> str:
    return f"{_operand(node.left)} {node.op} {_operand(node.right)}"


_ATOMS = (
    ast.Literal,
    ast.AtLiteral,
    ast.Name,
    ast.ListLiteral,
    ast.ContextLiteral,
    ast.Interval,
    ast.Path,
    ast.Filter,
    ast.Call,
    ast.NamedCall,
)

_PRINTERS: dict[type[ast.Node], Callable[[Any], str]] = {
    ast.Literal: _literal,
    ast.AtLiteral: lambda node: "@" + _string(node.text),
    ast.Name: lambda node: _name(node.name),
    ast.ListLiteral: lambda node: "[" + ", ".join(map(print_expression, node.items)) + "]",
    ast.ContextLiteral: lambda node: (
        "{" + ", ".join(f"{_key(key)}: {print_expression(value)}" for key, value in node.entries) + "}"
    ),
    ast.Interval: _interval,
    ast.UnaryComparison: lambda node: f"{node.op} {_operand(node.operand)}",
    ast.Negation: lambda node: f"-{_operand(node.operand)}",
    ast.Arithmetic: _infix,
    ast.Comparison: _infix,
    ast.Between: lambda node: f"{_operand(node.value)} between {_operand(node.low)} and {_operand(node.high)}",
    ast.Membership: _membership,
    ast.Logical: lambda node: f" {node.op} ".join(map(_operand, node.operands)),
    ast.If: lambda node: (
        f"if {print_expression(node.condition)} then {print_expression(node.then)}"
        f" else {print_expression(node.otherwise)}"
    ),
    ast.For: lambda node: f"for {_iterators(node.iterators)} return {print_expression(node.body)}",
    ast.Quantified: lambda node: (
        f"{node.kind} {_iterators(node.iterators)} satisfies {print_expression(node.condition)}"
    ),
    ast.InstanceOf: lambda node: f"{_operand(node.value)} instance of {_type(node.type)}",
    ast.Path: lambda node: f"{_operand(node.base)}.{_name(node.name)}",
    ast.Filter: lambda node: f"{_operand(node.base)}[{print_expression(node.condition)}]",
    ast.Call: lambda node: f"{_function_name(node.function)}({', '.join(map(print_expression, node.arguments))})",
    ast.NamedCall: lambda node: (
        f"{_function_name(node.function)}("
        + ", ".join(f"{_parameter_name(name)}: {print_expression(value)}" for name, value in node.arguments)
        + ")"
    ),
    ast.Function: _function,
}
