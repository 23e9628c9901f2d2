"""Compiling access to parts: paths and filters (DMN 1.5, 10.3.2.5 and Tables 64 and 68)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel import ast
from engine.feel.compile_values import read_name
from engine.feel.compiler import Compiler, Handler
from engine.feel.numbers import is_number, whole
from engine.feel.properties import NO_PROPERTY, get_property
from engine.feel.runtime import Code, Frame, Run
from engine.feel.values import kind_of

__all__ = ["HANDLERS"]

_BOOLEAN_NODES = (ast.Comparison, ast.Logical, ast.Between, ast.Membership, ast.Quantified, ast.InstanceOf)


def _path(node: ast.Path, compiler: Compiler) -> Code:
    raw = _raw(node, compiler)
    root: ast.Node = node
    while isinstance(root, ast.Path):
        root = root.base
    if not isinstance(root, ast.Name):
        return raw
    return lambda frame: frame.run.to_feel(raw(frame))


def _raw(node: ast.Node, compiler: Compiler) -> Code:
    """Like `compiler.code`, but the caller's data is not converted, so that a path costs its length only."""
    if isinstance(node, ast.Name):
        name = node.name
        return lambda frame: read_name(frame, name)
    if not isinstance(node, ast.Path):
        return compiler.code(node)
    base, key = _raw(node.base, compiler), node.name
    return lambda frame: _part(frame.run, base(frame), key)


def _part(run: Run, value: object, key: str) -> object:
    """One step of a path: an entry, the same entry of each item, or a property."""
    if isinstance(value, Mapping):
        if key not in value:
            run.null(f"There is no entry {key!r} in the context")
        return value.get(key)
    if isinstance(value, list | tuple):
        run.step(len(value))
        run.grow(len(value))
        return [run.to_feel(_part(run, item, key)) for item in value]
    found = get_property(run.to_feel(value), key)
    if found is NO_PROPERTY:
        run.null(f"Expected a context before .{key}, but found {kind_of(run.to_feel(value))}")
        return None
    return found


def _filter(node: ast.Filter, compiler: Compiler) -> Code:
    base, condition = compiler.code(node.base), compiler.code(node.condition)
    always_boolean = isinstance(node.condition, _BOOLEAN_NODES)

    def select(frame: Frame) -> object:
        value = base(frame)
        if value is None:
            frame.run.null("Expected a list before the filter, but it is null")
            return None
        items = value if isinstance(value, list) else [value]
        if not items:
            return None if not always_boolean and is_number(condition(frame)) else []
        first = condition(_item_scope(frame, items[0]))
        if is_number(first):
            return _at(frame, items, first)
        frame.run.step(len(items))
        kept = [items[0]] if first is True else []
        kept += [item for item in items[1:] if condition(_item_scope(frame, item)) is True]
        frame.run.grow(len(kept))
        return kept

    return select


def _item_scope(frame: Frame, item: object) -> Frame:
    """`item`, and in front of it the entries of an item that is a context."""
    scope = Frame({"item": item}, frame, frame.run)
    return Frame(item, scope, frame.run) if isinstance(item, dict) else scope


def _at(frame: Frame, items: list[object], position: object) -> object:
    at = whole(position)
    if not at or abs(at) > len(items):
        frame.run.null(f"Expected a position within the {len(items)} items, but found {position}")
        return None
    return items[at - 1 if at > 0 else at]


HANDLERS: dict[type[ast.Node], Handler] = {ast.Path: _path, ast.Filter: _filter}
