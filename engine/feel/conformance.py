"""Types at run time: `instance of`, and arguments against declared parameters (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.feel import ast
from engine.feel.static_types import ALIASES, function_conforms
from engine.feel.temporal import FeelDate, FeelDateTime, FeelTime
from engine.feel.values import FeelFunction, Range, kind_of

__all__ = ["MISMATCH", "coerce", "instance_of"]

MISMATCH: Final = object()
"""What `coerce` gives for a value that cannot become an instance of the type; null is a value."""

_SIMPLE = frozenset(
    [
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    ]
)


def instance_of(
    value: object, type_: ast.Type, types: Mapping[str, ast.Type], charge: Callable[[], object] | None = None
) -> bool | None:
    """`value instance of type` (Table 61).

    Args:
        types: named types (item definitions) besides the built-in ones.
        charge: called for every part of the value that is looked at, so that a budget can stop it.

    Returns:
        None if the type is unknown, or is `list`, `range`, `context` or `function` without parameters.
    """
    if charge is not None:
        charge()
    if isinstance(type_, ast.NamedType):
        return _named(value, type_.name, types, charge)
    if isinstance(type_, ast.HostType):
        return value is not None and type_.conforms(value)
    if not _known(type_, types):
        return None
    if isinstance(type_, ast.ListType):
        return isinstance(value, list) and all(_fits(item, type_.element, types, charge) for item in value)
    if isinstance(type_, ast.RangeType):
        ends = [end for end in (value.start, value.end) if end is not None] if isinstance(value, Range) else []
        return bool(ends) and all(_fits(end, type_.element, types, charge) for end in ends)
    if isinstance(type_, ast.ContextType):
        return isinstance(value, dict) and all(
            key in value and _fits(value[key], entry, types, charge) for key, entry in type_.entries
        )
    if not isinstance(value, FeelFunction) or len(value.parameters) != len(type_.parameters):
        return False
    return value.types is None or function_conforms(value.types, value.result, type_, types)


def coerce(
    value: object,
    type_: ast.Type | None,
    types: Mapping[str, ast.Type],
    charge: Callable[[], object] | None = None,
) -> object:
    """The value as an instance of the type, after the implicit conversions of 10.3.2.9.4, or `MISMATCH`.

    Null conforms to every type. A list of one becomes its item, an item a list of one, a date its midnight
    in UTC.
    """
    if type_ is None or value is None or instance_of(value, type_, types, charge):
        return value
    if isinstance(value, list) and len(value) == 1:
        item = value[0]
        return item if instance_of(item, type_, types, charge) else MISMATCH
    if isinstance(value, FeelDate):
        midnight = FeelDateTime(value, FeelTime(0, 0, 0, 0, 0))
        if instance_of(midnight, type_, types, charge):
            return midnight
    if not isinstance(value, list) and instance_of([value], type_, types, charge):
        return [value]
    return MISMATCH


def _resolve(type_: ast.Type) -> str:
    return ALIASES.get(type_.name, type_.name) if isinstance(type_, ast.NamedType) else ""


def _named(value: object, name: str, types: Mapping[str, ast.Type], charge: Callable[[], object] | None) -> bool | None:
    if name in types:
        return instance_of(value, types[name], types, charge)
    if name == "Any":
        return value is not None
    if name == "Null":
        return value is None
    name = ALIASES.get(name, name)
    return kind_of(value) == name if name in _SIMPLE else None


def _fits(value: object, type_: ast.Type, types: Mapping[str, ast.Type], charge: Callable[[], object] | None) -> bool:
    """Whether a part of a value conforms: null conforms to every type."""
    return value is None or instance_of(value, type_, types, charge) is True


def _known(type_: ast.Type, types: Mapping[str, ast.Type]) -> bool:
    """Whether the type and all its parameters have a meaning."""
    if isinstance(type_, ast.NamedType):
        return type_.name in types or type_.name in ("Any", "Null") or _resolve(type_) in _SIMPLE
    if isinstance(type_, ast.HostType):
        return True
    if isinstance(type_, ast.ListType | ast.RangeType):
        return _known(type_.element, types)
    if isinstance(type_, ast.ContextType):
        return all(_known(entry, types) for _, entry in type_.entries)
    return all(_known(parameter, types) for parameter in (*type_.parameters, type_.result))
