"""Types told from text alone: what a function gives, and which type stands in for which (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel import ast
from engine.feel.temporal_text import parse_temporal
from engine.feel.values import kind_of

__all__ = ["ALIASES", "ANY", "conforms", "function_conforms", "function_type", "infer"]

ALIASES = {
    "day and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "year and month duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "dateTime": "date and time",
}
ANY = ast.NamedType(name="Any")
_BOOLEAN = ast.NamedType(name="boolean")
_TRUTH = (ast.Comparison, ast.Between, ast.Membership, ast.Logical, ast.Quantified, ast.InstanceOf)

_Types = Mapping[str, ast.Type]


def infer(node: ast.Node, known: _Types) -> ast.Type | None:
    """The type of what a node evaluates to; None where only a run can tell.

    Args:
        known: types of the variables in scope.
    """
    if isinstance(node, ast.Literal):
        return ast.NamedType(name="Null" if node.value is None else kind_of(node.value))
    if isinstance(node, ast.AtLiteral):
        value = parse_temporal(node.text)
        return None if value is None else ast.NamedType(name=kind_of(value))
    if isinstance(node, _TRUTH):
        return _BOOLEAN
    if isinstance(node, ast.Name):
        return known.get(node.name)
    if isinstance(node, ast.ListLiteral):
        element = _common([infer(item, known) for item in node.items])
        return None if element is None else ast.ListType(element=element)
    if isinstance(node, ast.ContextLiteral):
        entries = tuple((key, infer(value, known) or ANY) for key, value in node.entries)
        return ast.ContextType(entries=entries)
    if isinstance(node, ast.If):
        return _common([infer(node.then, known), infer(node.otherwise, known)])
    if isinstance(node, ast.Negation):
        return infer(node.operand, known)
    if isinstance(node, ast.Arithmetic):
        return _sum(node, known)
    return function_type(node, known) if isinstance(node, ast.Function) else None


def function_type(node: ast.Function, known: _Types) -> ast.FunctionType:
    """The type of a function definition; `Any` for what is not written and cannot be told."""
    parameters = tuple(one.type or ANY for one in node.parameters)
    inner = {**known, **dict(zip((one.name for one in node.parameters), parameters, strict=True))}
    return ast.FunctionType(parameters=parameters, result=infer(node.body, inner) or ANY)


def _sum(node: ast.Node, known: _Types) -> ast.Type | None:
    """Numbers reckoned with give a number, texts a text; a long chain is walked, not descended."""
    operands = []
    while isinstance(node, ast.Arithmetic):
        operands.append(infer(node.right, known))
        node = node.left
    common = _common([infer(node, known), *operands])
    return common if common in (ast.NamedType(name="number"), ast.NamedType(name="string")) else None


def _common(types: list[ast.Type | None]) -> ast.Type | None:
    return types[0] if types and all(one == types[0] for one in types) else None


def conforms(type_: ast.Type, target: ast.Type, named: _Types) -> bool:
    """Whether every value of the type is one of the target (10.3.2.9.3).

    Args:
        named: item definitions by name.
    """
    type_, target = _plain(type_, named), _plain(target, named)
    if type_ == target or target == ANY or type_ == ast.NamedType(name="Null"):
        return True
    if isinstance(type_, ast.ListType) and isinstance(target, ast.ListType):
        return conforms(type_.element, target.element, named)
    if isinstance(type_, ast.RangeType) and isinstance(target, ast.RangeType):
        return conforms(type_.element, target.element, named)
    if isinstance(type_, ast.ContextType) and isinstance(target, ast.ContextType):
        has = dict(type_.entries)
        return all(key in has and conforms(has[key], entry, named) for key, entry in target.entries)
    if isinstance(type_, ast.FunctionType) and isinstance(target, ast.FunctionType):
        return function_conforms(type_.parameters, type_.result, target, named)
    return False


def function_conforms(
    parameters: tuple[ast.Type, ...], result: ast.Type | None, target: ast.FunctionType, named: _Types
) -> bool:
    """Whether a function may stand for one of the target's type: it takes at least what that takes, and gives
    at most what that gives; a result that only a run can tell is believed."""
    return (
        len(parameters) == len(target.parameters)
        and all(conforms(given, taken, named) for given, taken in zip(target.parameters, parameters, strict=True))
        and (result is None or conforms(result, target.result, named))
    )


def _plain(type_: ast.Type, named: _Types) -> ast.Type:
    """The type without a name of its own, as far as it has been given one."""
    seen: set[str] = set()
    while isinstance(type_, ast.NamedType) and type_.name in named and type_.name not in seen:
        seen.add(type_.name)
        type_ = named[type_.name]
    if isinstance(type_, ast.NamedType):
        return ast.NamedType(name=ALIASES.get(type_.name, type_.name))
    return type_
